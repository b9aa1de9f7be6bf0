"""Telephone, mail addresses, links and hours: read by ``core.contacts`` and ``core.hours_text``, kept as this pipeline
keeps repairs.

A person's mail address is kept apart and is in no report: those who read them have no business with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from importers.cleaning.texts import paragraphs, text
from reseau.core.contacts import Cleaned, clean_emails, clean_phone, clean_urls, unreadable_mail
from reseau.core.hours_text import read as read_hours
from reseau.core.mending import Step

__all__ = ["Hours", "Reached", "hours", "links", "mails", "phone"]


class Reached(NamedTuple):
    """``values``: what may be shown; ``people``: addresses of persons, never shown; ``problems``: (reason, as written);
    ``steps``: what rules did to the values that are kept."""

    values: list[str]
    people: list[str]
    problems: list[tuple[str, str]]
    steps: list[Step]


def phone(raw: str | None, region: str | None = None) -> Reached:
    """The first usable number; the others are problems (``telephone-autre``): a sheet has one."""
    cleaned = clean_phone(raw, region)
    problems = [(cleaned.reason, cleaned.raw)] if cleaned.reason else []
    problems += [("telephone-autre", other) for other in cleaned.others]
    return Reached([cleaned.value] if cleaned.value else [], [], problems, list(cleaned.steps) if cleaned.value else [])


def mails(raw: str | None) -> Reached:
    """All usable addresses, those of persons apart."""
    return _all(clean_emails(raw))


def links(raw: str | None) -> Reached:
    """All usable links."""
    return _all(clean_urls(raw))


def _all(parts: Sequence[Cleaned]) -> Reached:
    found = Reached([], [], [], [])
    for part in parts:
        if part.value is None:
            # Of what cannot be read, nobody knows whose it is: what stands before the @ may be a name.
            raw = unreadable_mail(part.raw) if part.reason == "courriel-illisible" else part.raw
            found.problems.extend([(part.reason, raw)] if part.reason else [])
        elif part.reason:
            masked = f"…@{part.value.split('@')[1]}"
            found.people.append(part.value)
            found.problems.append((part.reason, masked))
            found.steps.extend((rule, "…", masked) for rule in part.rules)
        else:
            found.values.append(part.value)
            found.steps.extend(part.steps)
    return found


class Hours(NamedTuple):
    """``osm``: the expression; ``words``: what people are shown beside it, or instead; ``problem``: (reason, text)."""

    osm: str | None
    words: str | None
    problem: tuple[str, str] | None
    steps: tuple[Step, ...]


def hours(raw: object) -> Hours:
    """Hours, in OSM or in French; what cannot be read for sure stays as text."""
    written = text(raw)
    if written is None:
        return Hours(None, None, None, ())
    reading = read_hours(written)
    if reading.osm is None:
        return Hours(None, paragraphs(written).value, ("horaires-non-lus", written), ())
    steps = tuple((f"horaires-{rule}", written, reading.osm) for rule in reading.rules)
    # Beside what was understood from a sentence, the sentence; beside OSM, nothing: nobody wrote it to be read.
    return Hours(reading.osm, paragraphs(written).value if "french" in reading.rules else None, None, steps)
