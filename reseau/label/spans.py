"""From when to when a place holds the label, out of the decisions about it. Pure.

A label is a row with its first and last day; it may end before, by a withdrawal. One that follows another without a day
between them continues it: to readers, the place held the label all the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple, Protocol

_DAY = timedelta(days=1)


class Decided(Protocol):
    """What is read of a label (``models.Label``)."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def withdrawn_on(self) -> date | None: ...


class Span(NamedTuple):
    """Days, the first and the last, on which a place holds the label."""

    since: date
    until: date


def last_day(label: Decided) -> date:
    """The last day on which a label is held: before its first day when it was withdrawn before it began."""
    return label.ends_on if label.withdrawn_on is None else min(label.ends_on, label.withdrawn_on - _DAY)


def spans(labels: Iterable[Decided]) -> list[Span]:
    """All that the labels of one place make together, the oldest first; what touches or overlaps is one."""
    found: list[Span] = []
    for since, until in sorted((one.starts_on, last_day(one)) for one in labels):
        if until < since:
            continue
        if found and since <= found[-1].until + _DAY:
            found[-1] = Span(found[-1].since, max(found[-1].until, until))
        else:
            found.append(Span(since, until))
    return found


def held(labels: Iterable[Decided], day: date) -> Span | None:
    """The span in which a day is, or None."""
    return next((one for one in spans(labels) if one.since <= day <= one.until), None)


def in_the_way(labels: Iterable[Decided], starts_on: date, ends_on: date) -> Span | None:
    """The days of labels of the place that a new one, from ``starts_on`` to ``ends_on``, would give a second time."""
    return next(
        (
            Span(one.starts_on, last_day(one))
            for one in labels
            if one.starts_on <= min(ends_on, last_day(one)) and starts_on <= last_day(one)
        ),
        None,
    )
