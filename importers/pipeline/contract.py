"""What a source, a target and a run are, for the pipeline and for those who write a source. No database here.

``fetch → keep raw → parse → clean → validate → guard → match → apply → report``: a *source* fetches, parses, cleans and
validates (pure, but for fetching); a *target* matches and applies, through the services of the room that keeps the
objects; the pipeline does the rest, for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from importers.pipeline.raws import RawStore


class Refused(Exception):
    """The file as a whole is refused and nothing has changed. ``code`` (of ``sentences.REFUSALS``) and ``details`` make
    the sentence."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code, self.details = code, details


class Held(Exception):
    """The guard stops the run: a person has to look. ``run_id``: where; ``code`` and ``details`` make the sentence."""

    def __init__(self, run_id: UUID | None, code: str, **details: object) -> None:
        super().__init__(code)
        self.run_id, self.code, self.details = run_id, code, details


@dataclass(frozen=True, slots=True)
class Problem:
    """A row, or a value of it, that could not be used. ``field`` None: the whole row."""

    row: int
    source_id: str | None
    field: str | None
    reason: str
    value: str


class Record(Protocol):
    """What a source makes of a row: at least the parts of its id. Each kind of target has its own.

    Optional: ``repairs``, what the cleaning changed (``{"rule": …}`` each), counted in the report.
    """

    @property
    def source_id(self) -> str:
        """Its id at the source."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The ids that its id joins."""


@dataclass(frozen=True, slots=True)
class Read:
    """A row once read and cleaned: a record (``incoming``) or not, what was wrong, the parts of its id if it has one.

    ``raw``: the row as it came, kept with a reject; None: there is nothing to show. ``same``: a row that is known and
    has not changed: it was not cleaned, there is no record, only the parts.
    """

    row: int
    incoming: Any
    problems: tuple[Problem, ...] = ()
    parts: tuple[str, ...] = ()
    raw: Mapping[str, Any] | None = None
    same: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """What a source needs to fetch: the row of ``import_source``, without the database.

    :param etag: and ``last_modified``: of the last good answer, for a conditional request. :param known: of sources
        that fetch item by item (Les Bases): id → what was known of it; empty elsewhere. :param territory: INSEE codes,
        for those that keep only what concerns it; None: everywhere. :param raws: the kept raw files; None: in tests of
        sources that do not ask for them.
    """

    location: str
    options: Mapping[str, Any] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    territory: frozenset[str] | None = None
    raws: RawStore | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The raw file at ``path``, or None: the source says that nothing has changed (304)."""

    path: Path | None
    etag: str | None = None
    last_modified: str | None = None


class Source(Protocol):
    """One register, feed or file. ``name``: what records, provenance and locks say; ``target``: who takes the records.

    Optional:

    - ``fetch(where: Where, asker: fetch.Asker, folder: Path) -> Fetched`` (raises Refused); without it, the asker
      downloads ``where.location``. ``pace``: seconds between two requests.
    - ``rules``: version of what reads and cleans (``rules.version``); the same file is read again when it changed.
    - ``local``: whether it makes its raw file of files of this machine: then ``fetch`` is asked for a path too.
    - ``options``: its own, for ``Where.options`` when no row says others.
    - ``reread(path: Path, known: Set[bytes]) -> Iterator[Read]``: as ``read``, but a row whose digest
      (``rules.row_digest``, as bytes) is known is not cleaned: ``Read(row, None, parts=…, same=True)``. The target
      must have ``digests``, and keep that of each record.
    """

    @property
    def name(self) -> str:
        """As the settings, the records and the locks call it."""

    @property
    def target(self) -> Target:
        """Who takes its records."""

    def check(self, path: Path) -> Mapping[str, Any]:
        """Read the whole file, write nothing; facts for the report (``format``, ``columns``: sorted names of its
        schema, ``unknown_columns``, ``warnings``). :raises Refused:"""

    def read(self, path: Path) -> Iterator[Read]:
        """Rows in the order of the file. The same file gives the same rows."""


@dataclass(frozen=True, slots=True)
class How:
    """With what a target applies. ``sources``: best first; ``now``: aware; ``run``: None in a trial of the command.

    ``witness``: this run counts as one more that does not name what is absent (``Runs.witness``): what it newly misses
    is marked in any case, the number of runs without it grows only then.
    """

    source: str
    sources: tuple[str, ...]
    now: datetime
    run: UUID | None = None
    match: bool = True
    witness: bool = True


class Target(Protocol):
    """Where records of one kind go: the services of a room. All in the caller's transaction; never commits.

    ``kind``: what the report calls them: ``structure``, ``offer``, ``resource``, ``watch``, ``event``. Optional:

    - ``known(session, source: str) -> Mapping[str, Any]``: for ``Where.known``.
    - ``digests(session, how, territory) -> Set[bytes]``: of rows that made the records that are there, see ``reread``.
    - ``changes(session, how, since: UUID, limit: int) -> list[dict]``: what ``apply`` has just done in this transaction
      (ids made after ``since`` are new): ``{"id", "name", "op": "create" | "update", "fields": [[field, before,
      after]]}``; for a held run.
    - ``again(session, how, territory) -> Counter``: the source was asked again and has nothing new (``How.witness``):
      one more run for what is absent already. :return: archived.
    - ``going(session, how, named, territory, limit) -> list[dict]``: ``{"id", "name"}`` of what ``absent`` would newly
      mark.
    """

    @property
    def kind(self) -> str:
        """One of the words above."""

    def inside(self, incoming: Any, territory: frozenset[str] | None) -> bool:
        """Whether a record concerns the territory (INSEE codes; None: everywhere)."""

    def kept_outside(self, session: Session, how: How, parts: Set[str], territory: frozenset[str]) -> frozenset[str]:
        """Those of ``parts`` that we know inside the territory: they have moved out, and are still to be updated."""

    def count(self, session: Session, how: How, territory: frozenset[str] | None) -> int:
        """How many records of the source are there that its last complete run still had."""

    def apply(self, session: Session, how: How, batch: Sequence[Any]) -> Counter[str]:
        """Match, create, update, log. :return: created, updated, unchanged, merged, linked, queued…"""

    def absent(self, session: Session, how: How, named: Set[str], territory: frozenset[str] | None) -> Counter[str]:
        """After a complete run: what it did not name. :return: absent, archived."""


@dataclass(slots=True)
class Summary:
    """The end of a run, in figures. ``linked``: new records of a known place; ``queued``: pairs for a person to look
    at; ``archived``: of the absent, those that left the lists; ``seconds``: step → duration."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    linked: int = 0
    queued: int = 0
    rejected: int = 0
    outside: int = 0
    absent: int = 0
    archived: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    same: bool = False
    run_id: UUID | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON of the summary, for the table of runs."""
        counts = {name: getattr(self, name) for name in COUNTS}
        counters = {name: dict(getattr(self, name)) for name in ("reasons", "values", "repairs")}
        return {**counts, **counters, "facts": self.facts, "seconds": self.seconds}


COUNTS = (
    "read", "created", "updated", "unchanged", "merged", "linked", "queued", "rejected", "outside", "absent",
    "archived",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. ``territory``: INSEE codes, None: everywhere. ``complete``: the file stands for all of the source.

    ``accepted``: a person has seen what the guard says, and goes on. ``force``: read although the file is the one that
    was read last. ``match``: look for the same place under another id.
    """

    territory: frozenset[str] | None = None
    complete: bool = False
    dry_run: bool = False
    accepted: bool = False
    force: bool = False
    match: bool = True


@dataclass(frozen=True, slots=True)
class Adapter:
    """A way of reading, as ``/gestion/sources`` offers it.

    :param code: column ``adapter`` of ``import_source``. :param title: for people (gettext). :param make: (name of the
        source, its options) → source. :param every: between two runs, by default. :param complete: whether a
        scheduled run stands for all of the source, by default. :param address: whether it has one to fetch.
    :param kind: that of the target of its sources.
    """

    code: str
    title: str
    make: Any
    every: timedelta = timedelta(days=1)
    complete: bool = False
    address: bool = True
    kind: str = "structure"
