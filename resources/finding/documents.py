"""What the text engine knows of a resource: its words in every language, and how much each of them weighs.

What only the network may read is indexed as another kind: suggestions and corrections are words of documents, and must
not tell a visitor what those hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.vocabularies import LANGUAGES, vocabulary
from reseau.core.wording import Wording
from reseau.search.protocol import Document
from resources.base import translations
from resources.base.content import HEADER, Content, from_json
from resources.base.models import KIND, Resource, ResourceVersion, State, StoredFile, TranslationUnit, Visibility
from resources.base.shapes import KIND_LABELS, NIVEAUX

NETWORK_KIND = "resource-network"
"""Kind, in the index, of what only the network reads."""
TITLE, LABEL, BODY = 8.0, 3.0, 1.0
MAX_FILE, MAX_FILES = 50_000, 200_000
"""Characters of one attached file, and of all those of a resource, that are indexed: what follows is ignored."""
_BATCH = 100
_LISTS = (("themes", "themes"), ("demarches", "demarches"), ("publics", "publics_ressources"), ("supports", "supports"))

Fields = list[tuple[str, float]]


def documents(session: Session, ids: Sequence[UUID] | None = None) -> Iterator[Document]:
    """Documents of the published resources (of ``ids``, or all); three statements for each hundred."""
    published = sa.select(Resource.id).where(Resource.state == State.PUBLISHED.value)
    if ids is not None:
        published = published.where(Resource.id.in_(list(ids)))
    found = session.scalars(published.order_by(Resource.id)).all()
    for start in range(0, len(found), _BATCH):
        yield from _some(session, found[start : start + _BATCH])


def reread(session: Session, ids: Sequence[UUID] | None = None) -> Iterator[Document]:
    """Source of ``WORDS_KIND``, changes that only the index reads: the same documents, which all are there already."""
    return documents(session, ids) if ids is not None else iter(())


def _some(session: Session, ids: Sequence[UUID]) -> Iterator[Document]:
    found = sa.select(Resource.id, Resource.visibility, ResourceVersion.content).join(
        ResourceVersion,
        sa.and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.version),
    )
    rows = [(id_, seen, from_json(raw)) for id_, seen, raw in session.execute(found.where(Resource.id.in_(ids)))]
    units = translations.rows(session, ids)
    texts = _texts(session, {sha for _, _, content in rows for sha in attached(content)})
    for id_, visibility, content in rows:
        kind = NETWORK_KIND if visibility == Visibility.NETWORK.value else KIND
        yield Document(id_, kind, tuple(fields(content, units[id_], texts)))


def attached(content: Content) -> dict[str, str]:
    """The files that a content names: digest → name."""
    return {ref.sha: ref.name for block in content.blocks for ref in (block.file, block.image) if ref}


def _texts(session: Session, shas: set[str]) -> dict[str, str]:
    if not shas:
        return {}
    wanted = sa.select(StoredFile.sha, sa.func.substr(StoredFile.text, 1, MAX_FILE))
    return {sha: text for sha, text in session.execute(wanted.where(StoredFile.sha.in_(shas))) if text}


def fields(content: Content, units: Sequence[TranslationUnit], texts: Mapping[str, str]) -> Fields:
    """(text, weight) of one resource. :param units: its translations. :param texts: digest of a file → its words."""
    found: Fields = [(content.title, TITLE), (content.summary, LABEL), *_labels(content)]
    for block in content.blocks:
        found += [(text, BODY) for text in (block.title, block.text, block.alt, block.note)]
    found += [(text, BODY) for text in (content.credits, content.territoire, content.periode)]
    keys = content.units()
    for unit in units:
        if unit.words and unit.section in keys:
            found += _unit(unit)
    left = MAX_FILES
    for sha, name in attached(content).items():
        text = texts.get(sha, "")[:left]
        left -= len(text)
        found += [(name.rsplit(".", 1)[0].replace("-", " ").replace("_", " "), BODY), (text, BODY)]
    return [(text, weight) for text, weight in found if text]


def _unit(unit: TranslationUnit) -> Iterator[tuple[str, float]]:
    header = unit.section == HEADER
    weights = {"title": TITLE, "text": LABEL} if header else {}
    for name, text in (unit.words or {}).items():
        yield str(text), weights.get(name, BODY)


def _labels(content: Content) -> Fields:
    found: Fields = []
    for field, name in _LISTS:
        known = vocabulary(name)
        for term in filter(None, map(known.get, getattr(content, field))):
            found += [(text, LABEL) for text in dict.fromkeys((*term.labels.values(), *term.mots))]
    words: Iterable[str] = (KIND_LABELS[content.kind], NIVEAUX.get(content.niveau, ""))
    found += [(Wording(lang).gettext(text), BODY) for text in words if text for lang in LANGUAGES]
    return found
