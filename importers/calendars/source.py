"""A calendar as a source of the pipeline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from importers.calendars.expanding import Expanded, expand
from importers.pipeline.contract import Fetched, Problem, Read, Refused, Where
from importers.targets.events import Events
from importers.targets.texts import clean_url, extract, plain
from reseau.agenda.bringing import NAMELESS, Brought
from reseau.core.clock import Clock, local_day, utcnow
from reseau.core.db import TIMEZONE
from resources.base import langs

if TYPE_CHECKING:
    from importers.fetch import Asker

AHEAD = timedelta(days=183)
MOST = 500
"""Occurrences of one calendar."""
MAX_BYTES = 5_000_000
MAX_TITLE, MAX_PLACE, MAX_DESCRIPTION = 300, 300, 1_000


class Agenda:
    """Reads an iCalendar file; see :class:`importers.pipeline.contract.Source`. Options: ``structure`` (id of the place
    that organises), ``lang``, ``timezone`` (IANA; of times without one). What a file says depends on the day, so the
    day is part of ``rules``: tomorrow the same file is read again."""

    def __init__(
        self, name: str = "agenda", options: Mapping[str, Any] | None = None, *, clock: Clock = utcnow
    ) -> None:
        said = dict(options or {})
        self.name, self.options, self.target, self.clock = name, said, Events(), clock
        self.structure, self.zone = str(said.get("structure") or ""), _zone(str(said.get("timezone") or ""))
        self.lang = langs.tag(str(said.get("lang") or "")) or ""
        self._read: tuple[tuple[Path, int, int], datetime, Expanded] | None = None

    @property
    def rules(self) -> str:
        """Other rules, or another day, read the same file again."""
        day = local_day(self.clock(), self.zone).isoformat()
        return f"agenda-1 {self.structure} {self.lang} {self.zone} {day}"

    def fetch(self, where: Where, asker: Asker, folder: Path) -> Fetched:
        """The whole calendar each time: it may be the same and say other dates, for another day. ``webcal`` is the name
        that calendars give to http(s)."""
        url = where.location
        if url.lower().startswith("webcal"):
            url = "https" + url[url.index(":") :]
        answer = asker.get(url, max_bytes=MAX_BYTES)
        if answer.status != 200:
            raise Refused("telechargement", error=f"le serveur répond {answer.status}")
        path = folder / "agenda.ics"
        path.write_bytes(answer.content)
        return Fetched(path)

    def check(self, path: Path) -> Mapping[str, Any]:
        """Read it whole."""
        found = self._expanded(path)
        return {"format": "ics", "title": plain(found.title), "occurrences": len(found.occurrences), "cut": found.cut}

    def read(self, path: Path) -> Iterator[Read]:
        """Its occurrences from today to ``AHEAD``, in order; what cannot be read comes last."""
        found = self._expanded(path)
        self.target.unread = frozenset(_uid(uid) for _, _, uid in found.refused)
        if found.cut:  # what comes after the last one that was read is not gone
            self.target.until = datetime.fromisoformat(found.occurrences[-1]["start"])
        row = 0
        for row, said in enumerate(found.occurrences, 1):
            brought = self._brought(said)
            if not brought.title:
                problem = Problem(
                    row, brought.source_id[:200], None, "evenement-sans-titre", brought.starts_at.isoformat()
                )
                yield Read(row, None, (problem,), brought.parts)
            else:
                yield Read(row, brought, parts=brought.parts)
        for more, (reason, title, _) in enumerate(found.refused, row + 1):
            yield Read(more, None, (Problem(more, None, None, reason, plain(title)),))

    def _brought(self, said: Mapping[str, Any]) -> Brought:
        uid = _uid(said["uid"])
        title, place = extract(plain(said["title"]), MAX_TITLE), extract(plain(said["place"]), MAX_PLACE)
        if not uid:
            uid = NAMELESS + hashlib.sha256(f"{title}\x1f{place}\x1f{said['start']}".encode()).hexdigest()[:40]
        return Brought(
            uid=uid, occurrence=said["occurrence"][:32], title=title, place=place, url=clean_url(said["url"]),
            description=extract(plain(said["description"]), MAX_DESCRIPTION),
            lang=self.lang or langs.tag(said["lang"]) or "fr", timezone=said["zone"], all_day=bool(said["all_day"]),
            starts_at=datetime.fromisoformat(said["start"]), ends_at=datetime.fromisoformat(said["end"]),
            structure=self.structure,
        )  # fmt: skip

    def _expanded(self, path: Path) -> Expanded:
        """Read once for each file and day: it takes a program of its own."""
        about = path.stat()
        if about.st_size > MAX_BYTES:
            raise Refused("trop-gros")
        zone = ZoneInfo(self.zone)
        first = datetime.combine(local_day(self.clock(), zone), time(), zone).astimezone(UTC)
        key = (path, about.st_size, about.st_mtime_ns)
        if self._read is None or self._read[:2] != (key, first):
            if not path.read_bytes().strip():
                raise Refused("vide")
            self._read = (key, first, expand(path, first, first + AHEAD, self.zone, MOST))
        return self._read[2]


def _uid(said: str) -> str:
    """As we keep it; "" for none."""
    uid = plain(said)
    return uid if len(uid) <= 200 else "long-" + hashlib.sha256(uid.encode()).hexdigest()


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name or TIMEZONE).key
    except (ValueError, OSError, KeyError):
        return TIMEZONE
