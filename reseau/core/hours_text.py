"""Reading what registers write in *standard-mediation-num* 1.0.2 ``horaires``: OSM, or French sentences.

**Never a wrong hour**: either the OSM expression says exactly what the text says, or there is none and the
text is shown as it is. Hence a grammar in which every character must be understood, and not the search of
something that looks like hours: mednum-cli searches, and so loses "sauf le mercredi", "1 semaine sur 2",
"jusqu'en juin 2022". What can be read two ways is not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from reseau.core.hours import MAX_LENGTH
from reseau.core.hours_fixes import CHARACTER_FIXES, OSM_FIXES, apply, is_plausible
from reseau.core.hours_french import OSM_DAYS, Parser, Segment, Spans, Week, WeekParser, rank_list
from reseau.core.hours_tokens import FRENCH_FIXES, Unreadable, is_always, tokens

_Opening = tuple[int, int, str]
_ALWAYS_OPEN = "24/7"


@dataclass(frozen=True, slots=True)
class Reading:
    """``osm``: the expression, or None if the text cannot be read for sure. ``raw``: the text, untouched.
    ``rules``: names of the clean-up rules that changed it, in order; the last is ``french`` if it was
    French."""

    osm: str | None
    raw: str
    rules: tuple[str, ...]


def read(raw: str) -> Reading:
    """The hours of a whole week. Never raises; more than 1,000 characters are kept as text unread."""
    return Reading(None, raw, ()) if len(raw) > MAX_LENGTH else _read(raw)


@lru_cache(4_096)  # thousands of places share a few hundred timetables
def _read(raw: str) -> Reading:
    text, rules = apply(CHARACTER_FIXES, raw)
    osm, osm_rules = apply(OSM_FIXES, text)
    if is_plausible(osm):
        return Reading(osm, raw, rules + osm_rules)
    french, french_rules = apply(FRENCH_FIXES, text)
    try:
        found = _ALWAYS_OPEN if is_always(french) else _expression(WeekParser(tokens(french)).week())
    except Unreadable:
        return Reading(None, raw, rules)
    # Belt and braces: what is written must pass what is asked of a register's own OSM.
    if not is_plausible(found):
        return Reading(None, raw, rules)
    return Reading(found, raw, (*rules, *french_rules, "french"))


def read_day(raw: str) -> str | None:
    """The hours of one day, to be written after the name of that day in an OSM rule; None if not read for
    sure.

    "9h-12h / 14h-17h30" gives ``09:00-12:00,14:00-17:30``. Where all those hours are on appointment (or
    expressly without), a modifier and a comment follow: ``14:00-18:00 open "sur rendez-vous"``. "Fermé"
    gives None.
    """
    if len(raw) > MAX_LENGTH:
        return None
    text, _ = apply(CHARACTER_FIXES, raw)
    text, _ = apply(FRENCH_FIXES, text)
    try:
        spans, comment = Parser(tokens(text)).day()
    except Unreadable:
        return None
    return _times([(opens, closes, comment) for opens, closes in spans], comment)


def _times(openings: list[_Opening], comment: str) -> str:
    spans = [f"{_clock(opens)}-{_clock(closes)}" for opens, closes, said in openings if said == comment]
    return ",".join(spans) + (f' open "{comment}"' if comment else "")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _disjoint(first: Spans, second: Spans) -> bool:
    return all(a[1] <= b[0] or b[1] <= a[0] for a in first for b in second)


def _within(inner: Spans, outer: Spans) -> bool:
    return all(any(a[0] <= b[0] and b[1] <= a[1] for a in outer) for b in inner)


def _add(week: dict[int, list[_Opening]], before: list[Segment], new: Segment) -> None:
    """Put ``new`` in the week. A day said twice adds up if the text joins the two ("et") or repeats the very
    same days; one day out of three or more, with shorter hours, is an exception; anything else is
    refused."""
    openings = [(opens, closes, new.comment) for opens, closes in new.spans]
    for day in new.days:
        already: Spans = [(opens, closes) for opens, closes, _ in week.get(day, [])]
        general = [segment for segment in before if day in segment.days]
        if not already:
            week[day] = openings
        elif _disjoint(already, new.spans):
            same = all(segment.days == new.days for segment in general)
            told_apart = all(segment.comment not in {"", new.comment} for segment in general) and new.comment
            if not (same or new.joined or told_apart):
                raise Unreadable("two hours for one day")
            week[day] = sorted(week[day] + openings)
        elif len(new.days) == 1 and len(general) == 1 and len(general[0].days) >= 3:
            if not _within(new.spans, already) or general[0].comment != new.comment:
                raise Unreadable("two hours for one day")
            week[day] = openings
        else:
            raise Unreadable("two hours for one day")


def _expression(week: Week) -> str:
    """The OSM expression of a week understood. Days of the same hours are put together, in the order of the
    week, so that no rule replaces another; closures come last, for they replace."""
    plain: dict[int, list[_Opening]] = {}
    ranked: list[str] = []
    done: list[Segment] = []
    for segment in week.segments:
        if segment.ranks:
            name = OSM_DAYS[min(segment.days)]
            openings = [(opens, closes, segment.comment) for opens, closes in segment.spans]
            ranked.append(f"{name}[{rank_list(segment.ranks)}] {_times(openings, segment.comment)}")
        else:
            _add(plain, done, segment)
            done.append(segment)
    ranked_days = [day for segment in week.segments if segment.ranks for day in segment.days]
    if len(set(ranked_days)) < len(ranked_days) or set(ranked_days) & (plain.keys() | week.closed_days):
        raise Unreadable("one day, by the week and by the month")
    for day in week.closed_days:
        plain.pop(day, None)
    rules = [*_plain_rules(plain), *ranked]
    if not rules:
        raise Unreadable("never open")
    if week.closed_days:
        rules.append(f"{_day_list(sorted(week.closed_days))} off")
    return "; ".join([*rules, *(f"{closure} off" for closure in dict.fromkeys(week.closures))])


def _plain_rules(week: dict[int, list[_Opening]]) -> list[str]:
    groups: dict[tuple[_Opening, ...], list[int]] = {}
    for day in sorted(week):
        groups.setdefault(tuple(week[day]), []).append(day)
    rules = []
    for openings, days in groups.items():
        name = _day_list(days)
        comments = dict.fromkeys(comment for _, _, comment in openings)
        # ", " makes an additional rule: hours on and without appointment on one day.
        rules.append(", ".join(f"{name} {_times(list(openings), comment)}" for comment in comments))
    return rules


def _day_list(days: list[int]) -> str:
    """``Mo-We,Fr``: three days or more in a row as a range."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = []
    for run in runs:
        if len(run) > 2:
            names.append(f"{OSM_DAYS[run[0]]}-{OSM_DAYS[run[-1]]}")
        else:
            names += [OSM_DAYS[day] for day in run]
    return ",".join(names)
