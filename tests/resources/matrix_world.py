"""Resources for the matrix of ``tests/test_matrix.py``: one that everyone reads, one for the network, a draft, and what
hangs on the first, so that every address of the knowledge base becomes a real one."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy.orm import Session

from reseau.core.files import FileStore, Stored
from reseau.members.models import Person
from resources.base import services
from resources.base.content import Block, Content, FileRef
from resources.base.models import Resource, ResourceAuthor, ResourceRequest, StoredFile, Visibility
from resources.base.routes import path_of
from resources.base.shapes import BlockKind
from resources.files import services as files
from resources.files.extraction import SMALL, WIDE
from resources.saying import collecting, opinions, reports, uses
from resources.saying.collecting import Shared
from resources.translating import glossary
from resources.translating.services import Work, save, token
from resources.writing import adapting
from tests.resources.conftest import a_kit
from tests.resources.routes_writing import FIELDS

PICTURE, LANG, SECTION = "vue.png", "ar", "accueil"


@dataclass(frozen=True, slots=True)
class Made:
    """A resource of the matrix, as its addresses name it. ``picture``: SHA-256 of a file that it alone has."""

    id: UUID
    slug: str
    path: str
    picture: str


@dataclass(frozen=True, slots=True)
class Hung:
    """What hangs on the resource that everyone reads. ``ids``: as ``World.ids``. ``fields``: of the forms."""

    ids: dict[str, UUID]
    fields: dict[str, dict[str, str]]


def picture(store: FileStore, colour: str) -> str:
    """A picture in the storage, with those made of it. :return: its SHA-256."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    sha = store.put([out.getvalue()]).sha
    for suffix in (SMALL, WIDE):
        store.beside(sha, suffix).write_bytes(out.getvalue())
    return sha


def content(title: str, sha: str) -> Content:
    """A kit with a picture."""
    made = a_kit(title)
    image = Block("vue", "deroule", BlockKind.ETAPE, title="Voir", text="Regarder.", minutes=5, alt="Un carré",
                  image=FileRef(sha, PICTURE))  # fmt: skip
    return replace(made, blocks=(*made.blocks, image))


def resources(
    session: Session, store: FileStore, here: UUID, author: UUID, everybody: list[Person], now: datetime
) -> dict[str, Made]:
    """``public``: a copy, of ``here``, of what ``everybody`` has written (each has then published on its theme);
    ``network`` and ``draft``: of ``here`` too, who reads them is in their name. ``author`` wrote these three."""
    first = services.create(session, a_kit("Modèle"), by=None, structure_id=None, now=now)
    session.add_all(ResourceAuthor(resource_id=first.id, person_id=one.id) for one in everybody)
    services.publish(session, first, by=None, now=now)
    found = services.current(session, first)
    assert found is not None
    how: dict[str, Any] = {"by": author, "structure_id": here, "now": now}
    copied = adapting.adapt(session, found, credits="Adapté du modèle", **how)
    made = {}
    for name, colour in (("public", "navy"), ("network", "teal"), ("draft", "olive")):
        sha = picture(store, colour)
        said = content(f"Kit {name}", sha)
        row = copied if name == "public" else services.create(session, said, **how)
        if name == "public":
            services.save_draft(session, row, said, seen_rev=None, by=author, now=now)
        size = store.path(sha).stat().st_size
        files.add(session, store, row, Stored(sha, size), PICTURE, author, here, now)
        session.get_one(StoredFile, sha).preview = True
        if name != "draft":
            row.visibility = (Visibility.NETWORK if name == "network" else Visibility.PUBLIC).value
            services.publish(session, row, by=author, now=now)
        made[name] = Made(row.id, row.slug, path_of(row), sha)
    session.flush()
    return made


def hang(session: Session, made: Made, commenter: UUID, asking: UUID, now: datetime) -> Hung:
    """One of each thing that an address about the knowledge base can name."""
    row = session.get_one(Resource, made.id)
    opinions.save(session, row, commenter, 3, "Utile.", now)
    number, wish = UUID(int=1), UUID(int=2)
    said = reports.Said("wrong", "L’adresse a changé.")
    reports.send(session, number, row, said, lang="fr", author_id=asking, now=now)
    session.add(ResourceRequest(id=wish, words="carte", theme=row.themes[0], author_id=asking, at=now, answer=""))
    term = glossary.propose(session, "mot de passe", LANG, "كلمة السر", by=asking, now=now)
    found = services.current(session, row)
    assert found is not None
    work = Work(session, row, found.content, row.version, LANG, commenter, now)
    words, of = {"title": "الاستقبال", "text": "مرحبا."}, work.source(SECTION)[2]
    unit = save(work, SECTION, words, seen="new", of=of, send=True)
    session.flush()
    ids = {"report": number, "term": term.id, "commenter": commenter,
           "/gestion/demandes-ressources": wish, "/compte/demandes-ressources": wish}  # fmt: skip
    answer, why = {"adresse": made.path}, {"motif": "Autre chose."}
    fields = {
        **FIELDS,
        "finding.ask": {"mots": "carte vitale"},
        "finding.desk.answer": answer, "finding.own.answer": answer, "finding.desk.decline": why,
        "glossary": {"mot": "pièce jointe", "vers": LANG, "traduction": "مرفق"},
        "saying.collections": {"titre": "À lire", "visibilite": Shared.PRIVATE.value},
        "saying.collect": {"titre": "À lire"},
        "saying.opinions": {"utile": "4"}, "saying.opinion.hide": why,
        "saying.report": {"raison": "wrong", "message": "Le lien est mort."},
        "saying.report.answer": {"decision": reports.RESOLVED},
        "translating.ask": {"vers": "uk"}, "translating.falc": {"text": "Bonjour."},
        "translating.unit": {**words, "vu": token(unit), "source": of},
    }  # fmt: skip
    return Hung(ids, fields)


def own(session: Session, made: Made, person: UUID, place: UUID, now: datetime) -> dict[str, str]:
    """What is of one person: a collection that everyone reads, a use of their place (of ``place`` if they have none).

    Beside what addresses name, ``jour``, ``lieu`` and ``vu``: of the form of the use.
    """
    row = session.get_one(Resource, made.id)
    collection = collecting.create(session, "Ma sélection", person_id=person, visibility=Shared.PUBLIC, now=now)
    collecting.add(session, collection, row, now)
    said, use = uses.Said(place, date(2026, 3, 2), 8), UUID(int=person.int ^ 1)
    uses.add(session, use, row, said, by=person, now=now)
    return {"secret": collection.secret, "use": str(use), "lieu": str(place), "jour": said.on_day.isoformat(),
            "vu": said.digest}  # fmt: skip


def fill(pattern: str, made: Made, ids: dict[str, UUID]) -> str:
    """A pattern with the names of a resource and of what hangs on the first."""
    known: dict[str, Any] = {
        "plural": "kits", "slug": made.slug, "key": "affiche", "part": "avant", "kind": "document", "lang": LANG,
        "section": SECTION, "verb": "enregistrer", "sha": made.picture, "name": PICTURE, "report": ids["report"],
        "term": ids["term"],
    }  # fmt: skip
    if "/avis/{person}" in pattern:
        known["person"] = ids["commenter"]
    for name, value in known.items():
        pattern = pattern.replace(f"{{{name}}}", str(value))
    return pattern
