"""The pages of a resource and of those that it names, read together: as many statements for one as for sixty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core.db import dicts
from reseau.core.wording import Wording
from reseau.directory.models import Structure
from resources.base import services, translations
from resources.base.content import HEADER, Content, from_json
from resources.base.models import Resource, ResourceVersion, TranslationUnit
from resources.base.services import Published
from resources.reading.page import Linked, Page, interface_language

MAX_LINKED = 60  # resources that come along; the others are named only


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be taken. ``langs``: at least one, in order. ``may_read``: which other resources may be named."""

    published: Published
    langs: Sequence[str]
    timezone: str
    may_read: Callable[[Resource], bool]


def named_by(session: Session, asked: Asked) -> list[Published]:
    """The resources that come along, in the order in which they are named; two statements."""
    refs = dict.fromkeys(_refs(asked.published.content))
    found = services.by_refs(session, list(refs)[:MAX_LINKED])
    rows = [row for ref in refs if (row := found.get(ref)) and asked.may_read(row)
            and row.id != asked.published.resource.id]  # fmt: skip
    table = ResourceVersion
    wanted = sa.tuple_(table.resource_id, table.number).in_([(row.id, row.version) for row in rows])
    versions = {one.resource_id: one for one in session.scalars(sa.select(table).where(wanted))} if rows else {}
    return [Published(row, from_json(versions[row.id].content), versions[row.id]) for row in rows if row.id in versions]


def _refs(content: Content) -> list[str]:
    return [ref for block in content.blocks if (ref := block.data.get("ressource"))]


class Pages:
    """Makes the pages of resources, all in the language of their content; five statements for any number.

    The place that shares a resource is the one that it is today: that which it was merged into.
    """

    def __init__(self, session: Session, asked: Asked, published: Sequence[Published]) -> None:
        self._timezone = asked.timezone
        self._units = translations.rows(session, [one.resource.id for one in published])
        self._places = _places(session, {one.resource.structure_id for one in published} - {None})
        origins = {one.resource.origin_id for one in published} - {None}
        known = services.by_ids(session, [id_ for id_ in origins if id_])
        self._origins = {id_: row for id_, row in known.items() if asked.may_read(row)}
        refs = {ref for one in published for ref in _refs(one.content)}
        self._linked = {ref: row for ref, row in services.by_refs(session, refs).items() if asked.may_read(row)}
        self._titles = _titles(session, [row.id for row in self._linked.values()], asked.langs)

    def page(self, one: Published, lang: str, around: str) -> Page:
        """The page of one of them. :param around: language of the words of the interface, or of a content."""
        rows, row = self._units[one.resource.id], one.resource
        return Page(
            one, translations.read_in(one.content, rows, lang), translations.languages(one.content, rows),
            Wording(interface_language(around)), self._timezone,
            self._places.get(row.structure_id) if row.structure_id else None,
            {ref: self._link(self._linked[ref], lang) for ref in _refs(one.content) if ref in self._linked},
            self._origins.get(row.origin_id) if row.origin_id else None,
        )  # fmt: skip

    def _link(self, row: Resource, lang: str) -> Linked:
        title = self._titles.get((row.id, lang)) if lang != row.lang else None
        return Linked(row, title or row.title, lang if title else row.lang)


def _places(session: Session, ids: set[UUID | None]) -> dict[UUID, Mapping[str, Any]]:
    """Structure → what a page says of the place that it is today; one statement, none for no structure."""
    was, now = aliased(Structure), aliased(Structure)
    columns = (was.id.label("was"), now.id, now.slug, now.nom, now.commune, now.status)
    wanted = sa.select(*columns).join(now, now.id == sa.func.coalesce(was.merged_into, was.id)).where(was.id.in_(ids))
    return {row["was"]: row for row in dicts(session.execute(wanted))} if ids else {}


def _titles(session: Session, ids: Sequence[UUID], langs: Sequence[str]) -> dict[tuple[UUID, str], str]:
    """(resource, language) → its title there; one statement, none for no resource."""
    unit = TranslationUnit
    wanted = sa.select(unit.resource_id, unit.lang, unit.words).where(
        unit.resource_id.in_(ids), unit.lang.in_(set(langs)), unit.section == HEADER
    )
    return {(id_, lang): str(words["title"]) for id_, lang, words in session.execute(wanted)
            if words and words.get("title")} if ids else {}  # fmt: skip
