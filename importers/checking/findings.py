"""What is wrong in a file: grouped by reason, with the rows of each. No words here: see ``words``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, Final, Literal

from reseau.core.contacts import without_people

Level = Literal["error", "warning"]
MAX_GROUPS: Final = 200
MAX_RANGES: Final = 30_000  # of all groups together; the counts are of all rows
MAX_EXAMPLE: Final = 80
_FIRST: Final = frozenset(("personnes", "nir"))
MAX_DETAIL: Final = 2_000


@dataclass(slots=True)
class Finding:
    """One thing that is wrong, as often as it is. ``field``: "" for a whole row. ``reason``: of ``words.REASONS``.

    ``example``: the first value, shortened; ``after``: what the import makes of it. ``ranges``: rows, first and last of
    each run (``Row.number``: from 1, without the header); none: the titles of the columns, or the whole file.
    ``count``: rows in all; ``values``: how often in all. ``detail``: what the reason's sentence names (the limit, the
    right spelling).
    """

    level: Level
    field: str
    reason: str
    example: str = ""
    detail: str = ""
    after: str = ""
    values: int = 0
    count: int = 0
    ranges: list[list[int]] = made(default_factory=list)
    _last: int = 0

    def add(self, row: int, room: bool = True) -> int:
        """One more value; rows come in order. :param room: for one more run. :return: how many runs more."""
        if not row:
            return 0
        self.values += 1
        if row == self._last:
            return 0
        self.count += 1
        follows, self._last = self._last == row - 1, row
        if follows and self.ranges and self.ranges[-1][1] == row - 1:
            self.ranges[-1][1] = row
        elif room:
            self.ranges.append([row, row])
            return 1
        return 0


@dataclass(slots=True)
class Report:
    """What was found out of a file.

    :param schema: ``national``, ``structures`` or ``services``; "": none that we know. :param format: ``csv``,
        ``json``, ``geojson``, ``xlsx``, ``ods``. :param refused: why it could not be read, of ``words.REFUSALS``, with
        ``details``. :param rows: records read. :param more: groups that are not listed.
    """

    schema: str = ""
    format: str = ""
    refused: str = ""
    details: dict[str, str] = made(default_factory=dict)
    rows: int = 0
    more: int = 0
    findings: list[Finding] = made(default_factory=list)
    _groups: dict[tuple[str, ...], Finding] = made(default_factory=dict)
    _runs: int = 0

    def note(
        self, level: Level, row: int, reason: str, field: str = "", value: object = "", detail: str = "",
        after: object = "",
    ) -> None:  # fmt: skip
        """Something is wrong in a row (0: in none). Mail addresses of people are masked: nobody needs them."""
        key = (level, field, reason, detail)
        found = self._groups.get(key)
        if found is None:
            if len(self._groups) >= MAX_GROUPS:
                self.more += 1
                return
            found = self._groups[key] = Finding(level, field, reason, shown(value), detail, shown(after))
            self.findings.append(found)
        self._runs += found.add(row, self._runs < MAX_RANGES)

    @property
    def errors(self) -> list[Finding]:
        """What must be corrected: people first, then the titles of columns, then the most frequent."""
        return self._of("error")

    @property
    def warnings(self) -> list[Finding]:
        """What should be looked at, most frequent first."""
        return self._of("warning")

    def _of(self, level: Level) -> list[Finding]:
        found = (one for one in self.findings if one.level == level)
        return sorted(found, key=lambda one: (one.reason not in _FIRST, one.count > 0, -one.count, one.field))

    def as_dict(self) -> dict[str, Any]:
        """JSON of the report."""
        plain = {name: getattr(self, name) for name in ("schema", "format", "refused", "details", "rows", "more")}
        columns = ("level", "field", "reason", "example", "detail", "after", "values", "count", "ranges")
        return {**plain, "findings": [{name: getattr(one, name) for name in columns} for one in self.findings]}


def read_report(raw: Mapping[str, Any]) -> Report:
    """The report of another process, believed no further than its shape. :raises ValueError: it has not that shape."""
    try:
        found = [
            Finding(
                "error" if one["level"] == "error" else "warning", str(one["field"])[:80], str(one["reason"])[:40],
                str(one["example"])[: MAX_EXAMPLE + 1], str(one["detail"])[:200],
                str(one["after"])[: MAX_EXAMPLE + 1], int(one["values"]), int(one["count"]),
                [[int(first), int(last)] for first, last in one["ranges"][:MAX_RANGES]],
            )
            for one in raw["findings"][:MAX_GROUPS]
        ]  # fmt: skip
        details = {str(name): str(value)[:MAX_DETAIL] for name, value in raw["details"].items()}
        return Report(str(raw["schema"]), str(raw["format"]), str(raw["refused"]), details, int(raw["rows"]),
                      int(raw["more"]), found)  # fmt: skip
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a report") from error


def shown(value: object) -> str:
    """A value as an example: one line, short, without mail addresses of people."""
    text = " ".join(str(value)[:2_000].split()) if isinstance(value, str | int | float) else type(value).__name__
    text = without_people(text)[0]
    return text if len(text) <= MAX_EXAMPLE else f"{text[:MAX_EXAMPLE]}…"


def joined(ranges: Iterable[Iterable[int]], first: int) -> list[tuple[int, int]]:
    """Ranges as people count. :param first: number of the first record (2 below a header)."""
    return [(low + first - 1, high + first - 1) for low, high in ranges]
