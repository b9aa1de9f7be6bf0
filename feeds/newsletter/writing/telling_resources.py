"""What the letter tells of resources: new ones, new languages, new versions of which their author said what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.writing.sources import Found, Limited, Window, changed, register, said, short
from reseau.core.changes import Op
from reseau.core.wording import Wording
from reseau.settings import LANGUAGES
from resources.base import langs, translations
from resources.base.addresses import NOWHERE, path_of
from resources.base.content import HEADER, Content, from_json
from resources.base.models import KIND, Resource, ResourceSource, ResourceVersion, State, TranslationUnit, Visibility
from resources.base.shapes import Kind
from resources.base.translations import Reading, Shown

SECTION = "ressources"
MOST = 5
"""Resources that are named, of the new ones and of those that changed; the others are counted."""
#: What serves tomorrow morning comes before what others did some years ago.
ORDER = (Kind.KIT, Kind.TUTORIEL, Kind.OUTIL, Kind.LIEN, Kind.EXPERIENCE)
_CHUNK = 500


def resources(session: Session, window: Window) -> list[Found]:
    """New resources first, then those that changed; kits and tutorials before the rest; at most ``MOST`` of each."""
    ops = changed(session, window, KIND)
    rows = _rows(session, ops)
    units = _headers(session, [row.id for row, *_rest in rows])
    fresh, again = [], []
    for row, content, note, minor, at in rows:
        header = units.get(row.id, [])
        if Op.PUBLISH.value in ops[row.id]:
            fresh.append(_line(row, from_json(content), header, ""))
        elif new := _new_langs(header, row.lang, window):
            again.append(_line(row, from_json(content), header, ", ".join(langs.own_name(one) for one in new)))
        elif at > window.since and not minor and note:
            again.append(_line(row, from_json(content), header, note))
    return [*_with_others("new", fresh), *_with_others("changed", again)]


def _rows(session: Session, ids: Any) -> list[Any]:
    """The published resources that everybody reads, by kind (``ORDER``), the newest first. What an import brought is
    not news until a person has made it theirs: a thousand cards of another base would be no letter."""
    brought = sa.exists().where(ResourceSource.resource_id == Resource.id, ResourceSource.adopted_at.is_(None))
    wanted = (
        sa.select(Resource, ResourceVersion.content, ResourceVersion.note, ResourceVersion.minor, ResourceVersion.at)
        .join(
            ResourceVersion,
            sa.and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.version),
        )
        .where(Resource.state == State.PUBLISHED.value, Resource.visibility == Visibility.PUBLIC.value, ~brought)
    )
    wished = sorted(ids)
    found: list[Any] = []
    for at in range(0, len(wished), _CHUNK):
        found += session.execute(wanted.where(Resource.id.in_(wished[at : at + _CHUNK]))).all()
    newest = sorted(found, key=lambda one: (one[0].published_at or one[0].created_at, str(one[0].id)), reverse=True)
    return sorted(newest, key=lambda one: ORDER.index(Kind(one[0].kind)))


def _headers(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[TranslationUnit]]:
    found: dict[UUID, list[TranslationUnit]] = {}
    for at in range(0, len(ids), _CHUNK):
        wanted = sa.select(TranslationUnit).where(
            TranslationUnit.resource_id.in_(ids[at : at + _CHUNK]), TranslationUnit.section == HEADER
        )
        for unit in session.scalars(wanted):
            found.setdefault(unit.resource_id, []).append(unit)
    return found


def _new_langs(units: Sequence[TranslationUnit], source: str, window: Window) -> list[str]:
    """Languages whose title was published since."""
    return sorted(
        unit.lang
        for unit in units
        if unit.lang != source and unit.words and unit.state == translations.UnitState.PUBLISHED.value
        and unit.updated_at and unit.updated_at > window.since
    )  # fmt: skip


def _line(row: Resource, content: Content, units: Sequence[TranslationUnit], note: str) -> Found:
    return Found(SECTION, KIND, row.id, words_of(content, units), url=path_of(row), note=note)


def words_of(content: Content, units: Sequence[TranslationUnit]) -> dict[str, dict[str, str]]:
    """Title and summary of a resource in its language and in those of the letter that it has."""
    texts = {}
    for lang in dict.fromkeys((content.lang, *LANGUAGES)):
        read = translations.read_in(content, units, lang)
        state = _state(read)
        if state:
            text = read.content.summary
            texts[lang] = {"title": read.content.title, "text": short(text), "state": state}
    return texts


def _state(read: Reading) -> str:
    """How far words can be trusted; "": they are not of this language."""
    mark = read.mark(HEADER)
    if mark.stale or mark.lang("title") != read.lang:
        return ""
    return {Shown.SOURCE: "source", Shown.PUBLISHED: "unit", Shown.MACHINE: "machine"}.get(mark.shown, "")


def _with_others(what: str, lines: list[Found]) -> list[Found]:
    cut = Limited.of(lines, MOST)
    if not cut.others:
        return cut.lines

    def words(say: Wording) -> tuple[str, str]:
        return say.ngettext("et %(num)s autre ressource", "et %(num)s autres ressources", cut.others), ""

    rest = Found(
        SECTION, "resources-more", uuid5(NOWHERE, f"resources:{what}"), said(words), url="/ressources?tri=date"
    )
    return [*cut.lines, rest]


register(SECTION, resources)
