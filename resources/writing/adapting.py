"""A copy that credits its original and follows it: what changed there since, field by field, to take or to keep.

``Resource.origin_seen``: section of the original → mark of what the authors of the copy have seen of it ("": they know
that it is gone). A section is a field of the header (``entete.title``) or the key of a block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.vocabularies import vocabulary
from reseau.core.wording import Wording, _
from resources.base import services, translations
from resources.base.content import Block, Content, from_json
from resources.base.models import Resource, ResourceVersion, State, TranslationUnit, Visibility
from resources.base.services import Published
from resources.base.shapes import MAX_ALT
from resources.files import services as files
from resources.writing import drafting, room

#: Those whose authors keep all rights: they may be linked to, not copied.
CLOSED = "tous-droits-reserves"
#: Licences that a copy must have too ("share alike"); the others let it have any.
SAME = frozenset({"cc-by-sa-4.0", "cc-by-nc-sa-4.0"})
_LICENCE = _("L’original demande que ses copies aient la même licence que lui : « %(licence)s ».")
_OTHER = _(
    "L’original a maintenant une autre licence, « %(licence)s » : gardez votre texte, ou changez d’abord la vôtre."
)
_NETWORK = _("L’original est réservé au réseau : sa copie l’est aussi.")
#: Fields of the header that a copy follows; licence and credits are its own.
FOLLOWED = (
    "title", "summary", "themes", "demarches", "publics", "supports", "niveau", "duree", "groupe", "territoire",
    "periode", "url", "verifier_tous_les",
)  # fmt: skip
_HEAD = "entete."


class NotAllowed(Exception):
    """The licence of a resource lets nobody copy it."""


class NotThisWay(Exception):
    """The original of a copy does not allow it. ``field``: of the form of publication that says otherwise;
    ``sentence``: why, in French, to be said with ``values``."""

    def __init__(self, field: str, sentence: str, **values: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence, self.values = field, sentence, values

    def said(self, wording: Wording) -> str:
        """In the language of whoever tries."""
        values = {**self.values}
        if term := vocabulary("licences").get(values.get("licence", "")):
            values["licence"] = term.label(wording.lang)
        return wording.gettext(self.sentence, **values)


def may_adapt(content: Content) -> bool:
    """Whether its licence lets others copy and change it."""
    return content.licence != CLOSED


def sections(content: Content) -> dict[str, str]:
    """Section → mark of what it says."""
    head = {f"{_HEAD}{name}": drafting.header_mark(_only(content, name)) for name in FOLLOWED}
    return head | {block.key: drafting.mark(block) for block in content.blocks}


def _only(content: Content, name: str) -> Content:
    return replace(Content(content.kind, ""), **{name: getattr(content, name)})


def credit(title: str, structure: str, version: int, url: str, former: str) -> str:
    """The credits of a copy: those of the original, whole, then a line for the original itself, as long as there is
    room for it. Whoever reads the copy has a link to the original in any case."""
    whose = f", {structure}" if structure else ""
    start = f"{former} ; " if former else ""
    room = MAX_ALT - len(start)
    rest = f" (version {version}), {url}"
    short = title[: max(room - len(f"Adapté de « … »{rest}"), 0)].rstrip()
    lines = [f"Adapté de « {title} »{whose}{rest}", f"Adapté de « {title} »{rest}"]
    lines += [f"Adapté de « {short}… »{rest}"] if short else []
    line = next((line for line in [*lines, f"Adapté de {url}"] if len(line) <= room), "")
    return f"{start}{line}" if line else former


def licence_kept(session: Session, copy: Resource) -> str | None:
    """The licence that a copy must have: that of the version of the original that it was made from. None: any."""
    if copy.origin_id is None:
        return None
    wanted = sa.select(ResourceVersion.content["licence"].as_string()).where(
        ResourceVersion.resource_id == copy.origin_id, ResourceVersion.number == copy.origin_version
    )
    licence = session.execute(wanted).scalar()
    return licence if licence in SAME else None


def network_only(session: Session, copy: Resource) -> bool:
    """Whether only the network reads the original of a copy."""
    wanted = sa.select(Resource.visibility).where(Resource.id == copy.origin_id)
    return copy.origin_id is not None and session.execute(wanted).scalar() == Visibility.NETWORK.value


def check(session: Session, copy: Resource, licence: str, visibility: Visibility) -> None:
    """Whether the original of a copy lets it be published so. :raises NotThisWay: it does not."""
    kept = licence_kept(session, copy)
    if kept and licence != kept:
        raise NotThisWay("licence", _LICENCE, licence=kept)
    if visibility is Visibility.PUBLIC and network_only(session, copy):
        raise NotThisWay("visibilite", _NETWORK)


def adapt(
    session: Session,
    found: Published,
    *,
    credits: str,
    by: UUID,
    structure_id: UUID | None,
    now: datetime,
    quota: int | None = None,
) -> Resource:
    """A draft with all of a published resource: its licence, its files, its translations with their state.

    :param quota: bytes of a place; None: of a program, which is not counted. :raises NotAllowed: its licence says no.
    :raises UploadError: there is no room for its files.
    """
    if not may_adapt(found.content):
        raise NotAllowed
    with room.kept(session, found.content.title, structure_id, [by], quota):
        return _copied(session, found, credits, by, structure_id, now)


def _copied(
    session: Session, found: Published, credits: str, by: UUID, structure_id: UUID | None, now: datetime
) -> Resource:
    original = found.resource
    content = replace(found.content, credits=credits)
    copy = services.create(session, content, by=by, structure_id=structure_id, now=now)
    copy.origin_id, copy.origin_version = original.id, found.version.number
    copy.origin_seen, copy.visibility = sections(found.content), original.visibility
    session.flush()
    for ref in content.files():
        files.use(session, copy.id, ref.sha, by, structure_id, now)
    for row in translations.rows(session, [original.id])[original.id]:
        if row.words:
            _copy_unit(session, copy.id, row)
    session.flush()
    services.refresh_languages(session, copy, content)
    return copy


def _copy_unit(session: Session, resource_id: UUID, row: TranslationUnit) -> None:
    same = (
        "section",
        "lang",
        "words",
        "state",
        "source_digest",
        "source_words",
        "author_id",
        "reviewer_id",
        "updated_at",
    )
    session.add(TranslationUnit(resource_id=resource_id, **{name: getattr(row, name) for name in same}))


# --- What changed in the original ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A section of the original that changed. Each side is a field's value or a block; None: it is not there."""

    section: str
    then: Any
    theirs: Any
    mine: Any

    @property
    def is_block(self) -> bool:
        """Or a field of the header."""
        return not self.section.startswith(_HEAD)

    @property
    def name(self) -> str:
        """Of the field."""
        return self.section.removeprefix(_HEAD)


def origin_of(session: Session, copy: Resource) -> Published | None:
    """The original as its readers see it; None: there is none, or they see it no more."""
    if copy.origin_id is None:
        return None
    row = session.get(Resource, copy.origin_id)
    return services.current(session, row) if row is not None and row.state == State.PUBLISHED.value else None


def changes(session: Session, copy: Resource, mine: Content, theirs: Content) -> list[Change]:
    """The sections of the original that are not as the authors of the copy have seen them, nor as they write
    themselves."""
    seen, now = copy.origin_seen, sections(theirs)
    own = sections(mine)
    order = [*now, *(key for key in seen if key not in now)]
    changed = [key for key in order if now.get(key, "") != seen.get(key, "") and now.get(key, "") != own.get(key, "")]
    then = _then(session, copy, changed)
    return [Change(key, then.get(key), _value(theirs, key), _value(mine, key)) for key in changed]


def _value(content: Content, section: str) -> Any:
    if section.startswith(_HEAD):
        return getattr(content, section.removeprefix(_HEAD))
    return content.block(section)


def _then(session: Session, copy: Resource, changed: Iterable[str]) -> dict[str, Any]:
    """What the sections said when they were seen: in the newest version in which they have that mark."""
    wanted = {key: mark for key in changed if (mark := copy.origin_seen.get(key))}
    found: dict[str, Any] = {}
    versions = sa.select(ResourceVersion.content).where(ResourceVersion.resource_id == copy.origin_id)
    for raw in session.scalars(versions.order_by(ResourceVersion.number.desc()).limit(50)):
        if len(found) == len(wanted):
            break
        content = from_json(raw)
        marks = sections(content)
        found |= {key: _value(content, key) for key, mark in wanted.items()
                  if key not in found and marks.get(key) == mark}  # fmt: skip
    return found


def decide(
    session: Session, copy: Resource, original: Published, answers: Mapping[str, str], *, by: UUID | None, now: datetime
) -> int:
    """Take (``prendre``) or keep (``garder``) sections. What is taken is written into the draft.

    :return: how many sections were decided. :raises ContentError: the whole would be too long.
    :raises NotThisWay: the licence of the original has changed, and that of the copy does not let it take this.
    """
    services.lock(session, copy)
    before = services.working(session, copy)
    waiting = {one.section: one for one in changes(session, copy, before, original.content)}
    decided = {key: answer for key, answer in answers.items() if key in waiting and answer in ("prendre", "garder")}
    taken = [waiting[key] for key, answer in decided.items() if answer == "prendre"]
    if taken:
        _may_take(before, original.content)
        drafting.change(session, copy, lambda content: _taken(content, original.content, taken), by=by, now=now)
        for one in taken:
            for ref in (one.theirs.image, one.theirs.file) if isinstance(one.theirs, Block) else ():
                if ref:
                    files.use(session, copy.id, ref.sha, by, copy.structure_id, now)
    marks = sections(original.content)
    mine = services.working(session, copy)
    seen = {**copy.origin_seen, **{key: marks.get(key, "") for key in decided}}
    copy.origin_seen = seen
    if not changes(session, copy, mine, original.content):
        copy.origin_seen, copy.origin_version = marks, original.version.number
    session.flush()
    return len(decided)


def _may_take(mine: Content, theirs: Content) -> None:
    if theirs.licence == CLOSED or (theirs.licence in SAME and mine.licence != theirs.licence):
        raise NotThisWay("licence", _OTHER, licence=theirs.licence)


def _taken(content: Content, theirs: Content, taken: Iterable[Change]) -> Content:
    for one in taken:
        if not one.is_block:
            content = replace(content, **{one.name: one.theirs})
        elif one.theirs is None:
            content = replace(content, blocks=tuple(block for block in content.blocks if block.key != one.section))
        else:
            content = _with_block(content, theirs, one.theirs)
    return content


def _with_block(content: Content, theirs: Content, block: Block) -> Content:
    """With a block of the original: in its place if it is there, else after the one that stands before it there."""
    if mine := content.block(block.key):
        kept = replace(block, part=mine.part)
        return replace(content, blocks=tuple(kept if one.key == block.key else one for one in content.blocks))
    mates = [one.key for one in theirs.part(block.part)]
    before = mates[mates.index(block.key) - 1] if mates.index(block.key) else ""
    blocks = list(content.blocks)
    at = next((rank + 1 for rank, one in enumerate(blocks) if one.key == before), len(blocks) if before else 0)
    blocks.insert(at, block)
    return replace(content, blocks=tuple(blocks))
