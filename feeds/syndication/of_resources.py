"""Resources as feeds tell them, in the language of the feed where somebody translated them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication.publishers import Item, Items, Place, Publisher, each, register
from feeds.syndication.said import facts, paragraph
from reseau.core.vocabularies import vocabulary
from reseau.core.wording import Wording, _
from reseau.directory.models import Structure
from resources.base import langs
from resources.base.addresses import path_of
from resources.base.content import HEADER
from resources.base.models import KIND, Resource, ResourceVersion, State, TranslationUnit, Visibility
from resources.base.shapes import KIND_LABELS, Kind

_NETWORK = Visibility.NETWORK.value
READ_IN, NEW = _("À lire en :"), _("Ce qui change :")


def entries(session: Session, ids: Collection[UUID], place: Place) -> Items:
    """Published resources that the reader may read; two statements at most. Of those of the network, nothing is said to
    others."""
    number = sa.and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.version)
    wanted = (
        sa.select(Resource, ResourceVersion.note, Structure.nom)
        .outerjoin(ResourceVersion, number)
        .outerjoin(Structure, Structure.id == Resource.structure_id)
        .where(Resource.id.in_(list(ids)))
    )
    found = {row[0].id: row for row in session.execute(wanted)}
    silent = {} if place.network else {id_: None for id_, row in found.items() if row[0].visibility == _NETWORK}
    rows = {id_: row for id_, row in found.items() if row[0].state == State.PUBLISHED.value and id_ not in silent}
    words = _words(session, [id_ for id_, row in rows.items() if place.lang in row[0].langs], place.lang)
    say = Wording.of(place.lang)
    return {**silent, **each(rows, lambda row: _item(row[0], row[1], row[2], words.get(row[0].id), place, say))}


def hidden(place: Place, id_: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether a resource is the network's, and the reader is not of it."""
    return sa.false() if place.network else sa.exists().where(Resource.id == id_, Resource.visibility == _NETWORK)


def _words(session: Session, ids: list[UUID], lang: str) -> dict[UUID, dict[str, Any]]:
    """Titles and summaries in another language that somebody read over."""
    wanted = sa.select(TranslationUnit.resource_id, TranslationUnit.words).where(
        TranslationUnit.resource_id.in_(ids), TranslationUnit.section == HEADER, TranslationUnit.lang == lang,
        TranslationUnit.state == "published", TranslationUnit.words.is_not(None),
    )  # fmt: skip
    return {id_: words for id_, words in session.execute(wanted)} if ids else {}  # noqa: C416 (rows are no pairs)


def _item(
    row: Resource, note: str | None, by: str | None, words: dict[str, Any] | None, place: Place, say: Wording
) -> Item:
    translated = words if words and words.get("title") else None
    title, summary = (
        (str(translated["title"]), str(translated.get("text") or "")) if translated else (row.title, row.summary)
    )
    spoken = ", ".join(langs.name(lang, place.lang) for lang in row.langs)
    html = paragraph(summary) + facts(
        [(say.gettext(NEW), (note or "") if row.version > 1 else ""), (say.gettext(READ_IN), spoken)]
    )
    public = row.visibility == Visibility.PUBLIC.value
    return Item(
        row.id, KIND, title, place.url + path_of(row), html, by or place.site_name, row.published_at or row.created_at,
        row.updated_at, place.lang if translated else row.lang, _categories(row, place.lang, say),
        "public" if public else "network",
    )  # fmt: skip


def _categories(row: Resource, lang: str, say: Wording) -> tuple[tuple[str, str], ...]:
    found = [(f"type:{row.kind}", say.gettext(KIND_LABELS[Kind(row.kind)]))]
    for name, codes, words in (("theme", row.themes, "themes"), ("demarche", row.demarches, "demarches")):
        terms = ((code, vocabulary(words).get(code)) for code in codes)
        found += [(f"{name}:{code}", term.label(lang) if term else code) for code, term in terms]
    return tuple(found)


register(Publisher(KIND, entries, hidden=hidden))
