"""The French of opening hours: a strict grammar over the tokens of ``hours_tokens``.

Every token must find its place and every text must have one reading, else ``Unreadable``. Refused: guessing
from what is usual ("fermé le mercredi" in a library, say), for the text then says more than the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from reseau.core.hours_tokens import Token, Unreadable

Spans = list[tuple[int, int]]
"""Openings of one day: minutes from midnight, start and end."""

OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_OSM_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOON = 12 * 60
_MORNING_END = 13 * 60 + 30
_EARLIEST = 6 * 60  # "2h-5h" is an afternoon badly written, not a night
_PAIR_MARKS = {"-", "a", "/", ",", ""}
_BETWEEN_MARKS = {"/", "-", "&", ",", ";", "|", "_"}


@dataclass(slots=True)
class Segment:
    """Some days and their hours (none: closed). ``place`` tells where the comment stood: prefix, infix,
    suffix."""

    days: frozenset[int]
    ranks: tuple[int, ...]
    spans: Spans
    comment: str = ""
    place: str = ""
    joined: bool = False
    hours_first: bool = False


@dataclass(slots=True)
class Week:
    """The whole text understood. ``closures``: OSM selectors of what is closed, as ``PH`` or ``Aug``."""

    segments: list[Segment] = field(default_factory=list)
    closures: list[str] = field(default_factory=list)
    closed_days: frozenset[int] = frozenset()


class Parser:
    """Recursive descent over the tokens; raises ``Unreadable`` at the first doubt."""

    def __init__(self, items: list[Token]) -> None:
        self.items = items
        self.at = 0

    def kind(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.items[place].kind if place < len(self.items) else "END"

    def take(self) -> Token:
        self.at += 1
        return self.items[self.at - 1]

    def skip(self, kinds: set[str]) -> str:
        """Pass over tokens of ``kinds``; their kinds, articles apart, joined."""
        passed = ""
        while self.kind() in kinds:
            kind = self.take().kind
            passed += "" if kind in {"article", "open"} else kind
        return passed

    # days

    def starts_days(self) -> bool:
        ahead = 0
        while self.kind(ahead) == "article":
            ahead += 1
        return self.kind(ahead) in {"day", "days", "rank"}

    def days(self) -> tuple[frozenset[int], tuple[int, ...]]:
        """Days and their ranks in the month (empty: each week)."""
        self.skip({"article"})
        if self.kind() == "rank":
            return self._ranked()
        found = frozenset(self.take().days) if self.kind() == "days" else self._day_list()
        return self._except_days(found), ()

    def _ranked(self) -> tuple[frozenset[int], tuple[int, ...]]:
        ranks = [self.take().value]
        while self.kind() in {"&", ",", "article"}:
            self.skip({"&", ",", "article"})
            if self.kind() != "rank":
                raise Unreadable("rank")
            ranks.append(self.take().value)
        if self.kind() != "day" or self.kind(1) != "of_month":
            raise Unreadable("rank without its month")
        day = self.take().value
        self.take()
        return frozenset({day}), tuple(ranks)

    def _day_list(self) -> frozenset[int]:
        groups: list[list[int]] = [[self.take().value]]
        marks: list[str] = [""]
        while True:
            start = self.at
            mark = self.skip({",", "&", "/", "-", "a", "article"})
            if self.kind() != "day":
                self.at = start
                break
            if mark in {"a", "-"}:
                groups[-1].append(self.take().value)
                marks[-1] += mark
            elif mark in {",", "&", ",&", "/&"}:
                groups.append([self.take().value])
                marks.append("")
            else:  # "lundi / mardi 9h-12h": are Monday's hours missing?
                raise Unreadable("days side by side")
        found: set[int] = set()
        for group, mark in zip(groups, marks, strict=True):
            found |= self._day_range(group, mark)
        return frozenset(found)

    @staticmethod
    def _day_range(group: list[int], mark: str) -> set[int]:
        """``lundi au jeudi`` is a range; ``lundi-vendredi`` too; ``lundi-mardi-jeudi`` a list;
        ``mardi-jeudi`` may be either."""
        first, last = group[0], group[-1]
        if len(group) == 1:
            return {first}
        if any(later <= earlier for earlier, later in pairwise(group)):
            raise Unreadable("days backwards")
        if mark == "a" or (mark == "-" and (last - first >= 4 or last - first == 1)):
            return set(range(first, last + 1))
        if len(group) > 2 and set(mark) == {"-"}:
            return set(group)
        raise Unreadable("range or list of days")

    def _except_days(self, found: frozenset[int]) -> frozenset[int]:
        ahead = 1 if self.kind() == "," else 0
        if self.kind(ahead) != "except":
            return found
        start = self.at
        self.at += ahead + 1
        self.skip({"article"})
        if self.kind() != "day":
            self.at = start
            return found
        removed = self._day_list()
        if not removed < found:
            raise Unreadable("exception outside the days")
        return found - removed

    # hours

    def starts_hours(self) -> bool:
        ahead = 0
        while self.kind(ahead) in {"article", "between", "morning", "afternoon"}:
            ahead += 1
        return self.kind(ahead) == "time" or (self.kind() == "closed" and self._half_closed() is not None)

    def _half_closed(self) -> str | None:
        ahead = 1
        while self.kind(ahead) == "article":
            ahead += 1
        return self.kind(ahead) if self.kind(ahead) in {"morning", "afternoon"} else None

    def hours(self) -> Spans:
        """Pairs of times. Marks between them may be anything usual, as long as only one pairing is
        possible."""
        closed = self._half_closed() if self.kind() == "closed" else None
        if closed:
            self.skip({"closed", "article", "morning", "afternoon"})
            self.skip({"-", ",", "/", "."})
        halves: list[str] = []
        times: list[Token] = []
        marks: list[str] = []
        end, mark = self.at, ""
        while True:
            kind = self.kind()
            if kind in {"morning", "afternoon"}:
                halves.append(self.take().kind)
                end = self.at if mark == "" else end
            elif kind == "time":
                if times:
                    marks.append(mark)
                times.append(self.take())
                end, mark = self.at, ""
            elif kind == "between" and len(times) % 2 == 0:
                self._between()
            elif kind in {"a", "-", "/", ",", "&", ";", "|", "_", "article", ":"}:
                mark += "" if self.take().kind == "article" else kind
            else:
                break
        self.at = end
        spans = _pair(times, marks)
        if closed:
            halves = ["afternoon" if closed == "morning" else "morning"]
        _check_halves(spans, halves)
        return spans

    def _between(self) -> None:
        """``entre 10h et 12h``: rewrite the *et* as a mark of pair."""
        self.take()
        if self.kind() != "time" or self.kind(1) != "&" or self.kind(2) != "time":
            raise Unreadable("between")
        self.items[self.at + 1] = Token("a")

    def comment(self) -> str:
        return self.take().text if self.kind() == "comment" else ""

    def day(self) -> tuple[Spans, str]:
        """The hours of one day, as one field of a register gives them."""
        self.skip({"open", ":"})
        prefix = self.comment()
        self.skip({":", "open"})
        if not self.starts_hours():
            raise Unreadable("no hours")
        spans = self.hours()
        self.skip({",", "-"})
        suffix = self.comment()
        self.skip({"."})
        if self.kind() != "END" or (prefix and suffix) or (suffix and len(spans) > 1):
            raise Unreadable("not only hours")
        return spans, prefix or suffix


_GLUE = {",", ";", "/", ".", "\n", "|", "+", "&", "-", ">", "open"}


class WeekParser(Parser):
    """Segments and closures, one after the other, up to the last token."""

    def week(self) -> Week:
        found = Week()
        self.skip({"open", ":", ">", "-"})
        glue = ""
        while self.kind() != "END":
            if not self._closure(found):
                segment = self._segment(prefixed=bool(found.segments and found.segments[0].place == "prefix"))
                segment.joined = glue == "&"
                if segment.spans:
                    _check_scope(found.segments, segment)
                    found.segments.append(segment)
                elif segment.ranks:
                    raise Unreadable("closed on a rank")
                else:
                    found.closed_days |= segment.days
            glue = self.skip(_GLUE)
        _check_last_comment(found.segments)
        return found

    def _segment(self, *, prefixed: bool) -> Segment:
        comment = self.comment()
        place = "prefix" if comment else ""
        if comment:
            self.skip({":", ",", "-"})
        if self.starts_hours():
            hours_first = True
            spans = self.hours()
            self.skip({",", ":"})
            days, ranks = self._days_or_refuse()
            if self.starts_hours():  # "... sauf le mercredi 9h-12h": of Wednesday, or of what follows?
                raise Unreadable("hours around days")
        else:
            hours_first = False
            days, ranks = self._days_or_refuse()
            self.skip({":", ",", "-", "\n", "open"})
            if self.kind() == "comment":
                comment, place = self._once(comment), "infix"
                self.skip({":", ","})
            if self.kind() == "closed" and self._half_closed() is None:
                self.take()
                return Segment(days, ranks, [], comment, place)
            if not self.starts_hours():
                raise Unreadable("days without hours")
            spans = self.hours()
        if not prefixed:
            ahead = 1 if self.kind() == "," and self.kind(2) in {"END"} else 0
            if self.kind(ahead) == "comment":
                self.at += ahead
                comment, place = self._once(comment), "suffix"
        return Segment(days, ranks, spans, comment, place, hours_first=hours_first)

    def _once(self, already: str) -> str:
        if already:
            raise Unreadable("two comments")
        return self.comment()

    def _days_or_refuse(self) -> tuple[frozenset[int], tuple[int, ...]]:
        if not self.starts_days():
            raise Unreadable("hours without days")
        return self.days()

    def _closure(self, found: Week) -> bool:
        """``sauf``, ``fermé``: True if one was read. An exception followed by hours may be read two ways
        ("sauf le mercredi, de 9h à 12h": closed, or open, then?); _segment refuses those hours, which have
        no day."""
        kind = self.kind()
        if kind not in {"except", "closed"} or not (kind == "closed" or found.segments):
            return False
        start = self.at
        self.take()
        self.skip({"article", ":"} if kind == "closed" else {"article"})
        if self.kind() == "holidays":
            self.take()
            found.closures.append("PH")
        elif kind == "closed" and self.kind() in {"in", "month"}:
            found.closures.append(self._months())
        elif self.kind() == "rank":
            days, ranks = self._ranked()
            found.closures += [f"{OSM_DAYS[day]}[{rank_list(ranks)}]" for day in days]
        elif self.kind() in {"day", "days"}:
            removed = self._day_list() if self.kind() == "day" else frozenset(self.take().days)
            opened = frozenset().union(*(segment.days for segment in found.segments))
            if kind == "except" and not removed < opened:
                raise Unreadable("exception outside the days")
            found.closed_days |= removed
        else:
            self.at = start
            raise Unreadable("what is closed")
        if self.starts_hours():
            raise Unreadable("hours of an exception")
        return True

    def _months(self) -> str:
        self.skip({"in", "article"})
        if self.kind() != "month":
            raise Unreadable("month")
        months = [self.take().value]
        while self.kind() in {"&", ",", "-", "/"} and self.kind(1) == "month":
            mark = self.take().kind
            months.append(self.take().value)
            if mark in {"-", "/"} and months[-1] != months[-2] + 1:
                raise Unreadable("range or list of months")
        return ",".join(_OSM_MONTHS[month] for month in months)


def _pair(times: list[Token], marks: list[str]) -> Spans:
    """Times two by two. The marks must not allow another pairing, the whole must go forward in the day."""
    if not times or len(times) % 2:
        raise Unreadable("times do not pair")
    inner, outer = marks[::2], marks[1::2]
    if outer and len(set(marks)) == 1 and marks[0] != "-":
        raise Unreadable("one mark for all")
    if all(mark == "," for mark in inner):
        raise Unreadable("a comma may separate two openings")
    if any(not set(mark) <= _BETWEEN_MARKS for mark in outer):
        raise Unreadable("mark between pairs")
    for mark, first, second in zip(inner, times[::2], times[1::2], strict=True):
        _check_mark(mark, first, second)
    flat = [time.value for time in times]
    if flat != sorted(flat) or flat[0] < _EARLIEST or flat[-1] > 24 * 60:
        raise Unreadable("times go back, or into the night")
    spans = list(zip(flat[::2], flat[1::2], strict=True))
    if any(opens == closes for opens, closes in spans):
        raise Unreadable("empty")
    return spans


def _check_mark(mark: str, first: Token, second: Token) -> None:
    """What may stand between an opening and its closing time."""
    if mark not in _PAIR_MARKS and set(mark) != {"-"}:
        raise Unreadable("mark inside a pair")
    if first.bare and second.bare and mark in {"/", ","}:
        raise Unreadable("may be a date")
    if mark == "" and second.bare and not first.bare:
        raise Unreadable("hour or minutes")


def _check_halves(spans: Spans, halves: list[str]) -> None:
    """``matin`` and ``après-midi`` must agree with the times: they add nothing, or the text is refused."""
    if len(halves) > 2 or halves in (["afternoon", "morning"], ["morning"] * 2, ["afternoon"] * 2):
        raise Unreadable("halves of the day")
    if len(halves) == 2 and len(spans) != 2:
        raise Unreadable("halves of the day")
    expected = halves if len(halves) == 2 else halves * len(spans)
    for half, (opens, closes) in zip(expected, spans, strict=False):
        if closes > _MORNING_END if half == "morning" else opens < _NOON:
            raise Unreadable("halves of the day")


def _check_scope(before: list[Segment], new: Segment) -> None:
    if before and before[0].hours_first != new.hours_first:
        raise Unreadable("hours of the days before, or of the days after?")
    if new.place == "suffix" and len(new.spans) > 1:
        raise Unreadable("comment on the last hours, or on all?")
    if before and (before[0].place == "prefix") != (new.place == "prefix"):
        raise Unreadable("comment on the first days, or on all?")


def _check_last_comment(segments: list[Segment]) -> None:
    if len(segments) > 1 and segments[-1].place == "suffix":
        raise Unreadable("comment on the last days, or on all?")


def rank_list(ranks: tuple[int, ...]) -> str:
    return ",".join(str(rank) for rank in ranks)
