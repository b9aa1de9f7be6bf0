"""What the text engine knows of a structure: its words, and how much each of them weighs.

Vocabulary terms are indexed in the three languages with the words that people type for them (``mots``): "smartphone"
finds the places that teach daily digital tools, and an Arabic query finds the same places as a French one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.vocabularies import vocabulary
from reseau.directory.fields import FIELDS
from reseau.directory.models import KIND, Service
from reseau.directory.services import structures
from reseau.search.protocol import Document

TITLE, LABEL, BODY = 8.0, 3.0, 1.0
_BODY = ("adresse", "presentation_resume", "presentation_detail", "structure_parente", "horaires_texte")
#: Not ``modalites_acces``: nearly all can be telephoned, which says nothing to who seeks help with a phone.
_LISTS = tuple((f.name, f.vocabulary) for f in FIELDS if f.vocabulary and f.name != "modalites_acces")


def documents(session: Session, ids: Sequence[UUID] | None = None) -> Iterable[Document]:
    """Documents of active structures (``ids``, or all of them)."""
    offers = _offers(session, ids)
    for row in structures(session, ids):
        yield document(row, offers.get(row["id"], ()))


def document(row: Mapping[str, Any], offers: Sequence[Service] = ()) -> Document:
    """The document of one structure."""
    fields = [(row["nom"], TITLE)]
    for name, vocabulary_name in _LISTS:
        fields += _terms(vocabulary_name or "", row[name])
    fields += [(text, LABEL) for text in row["autres_formations_labels"]]
    if row["commune"]:
        fields.append((f"{row['commune']} {row['code_postal'] or ''}", LABEL))
    fields += [(row[name], BODY) for name in _BODY if row[name]]
    if (phone := row["telephone"] or "").startswith("+33"):
        fields.append((f"0{phone[3:]}", BODY))  # as people write it
    if row["demarches_sante"]:
        fields.append(("démarches de santé", LABEL))
    for offer in offers:
        fields += [(offer.nom, LABEL), (offer.description or "", BODY)]
        fields += _terms("demarches", offer.demarches) + _terms("publics", offer.publics)
    return Document(id=row["id"], kind=KIND, fields=tuple(fields))


def _terms(vocabulary_name: str, codes: Iterable[str]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for code in codes:
        term = vocabulary(vocabulary_name).get(code)
        if term is None:
            found.append((code, LABEL))
            continue
        found += [(text, LABEL) for text in dict.fromkeys((term.national, *term.labels.values()))]
        found += [(word, BODY) for word in term.mots]
    return found


def _offers(session: Session, ids: Sequence[UUID] | None) -> dict[UUID, list[Service]]:
    found: dict[UUID, list[Service]] = {}
    query = session.query(Service) if ids is None else session.query(Service).where(Service.structure_id.in_(ids))
    for offer in query.order_by(Service.structure_id, Service.nom):
        found.setdefault(offer.structure_id, []).append(offer)
    return found
