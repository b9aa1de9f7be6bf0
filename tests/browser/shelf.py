"""Resources for the browser: some of the starter content, and what people have begun, said and asked around it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session

from reseau.core.files import FileStore
from reseau.demonstration.people import MEMBER_OF
from reseau.directory.models import Structure
from reseau.members.models import Person
from resources.base import services
from resources.base.content import Block, Content
from resources.base.models import Resource, StoredFile, Visibility
from resources.base.routes import path_of
from resources.base.shapes import BlockKind, Kind
from resources.commands import STARTER, load_folder
from resources.files.extraction import SMALL, WIDE
from resources.finding import asking
from resources.saying import collecting, opinions, reports, uses
from resources.saying.collecting import Shared
from resources.translating import glossary
from resources.writing import adapting, reviewing
from tests.conftest import TUESDAY

KIT, TUTORIAL = "mon-espace-sante", "activer-mon-espace-sante"
#: Its French changes after the load: its translations are stale, and its copy has something to take or to keep.
CHANGED = "choisir-un-bon-mot-de-passe"
STARTS = {
    "kit": f"kits/{KIT}",
    "tutorial": f"tutoriels/{TUTORIAL}",
    "changed": f"tutoriels/{CHANGED}",
    "experience": "experiences/scalaa-entraide-et-repit-des-aidants",
    "tool": "outils/santebd-la-sante-en-images",
    "link": "liens/ma-boussole-aidants",
}
#: What the kit hands over.
HANDED = ("lire-ses-messages-et-documents-mon-espace-sante", "ajouter-un-document-mon-espace-sante",
          "regler-qui-voit-mon-espace-sante", "se-connecter-avec-franceconnect")  # fmt: skip


@dataclass(frozen=True, slots=True)
class People:
    """Who acts, and the place in whose name."""

    author: UUID
    referent: UUID
    place: UUID


def stock(session: Session, store: FileStore) -> dict[str, str]:
    """Fill the shelf. :return: name in the patterns of the tests → what stands there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in (*STARTS.values(), *(f"tutoriels/{one}" for one in HANDED)):
            shutil.copytree(STARTER / path, folder / path)
        loaded = load_folder(session, store, folder, TUESDAY)
    assert not loaded.refused, loaded.refused
    glossary.load_glossary(session, STARTER / "glossaire.toml", TUESDAY)

    def person(who: str) -> UUID:
        return session.scalars(sa.select(Person.id).where(Person.email == f"{who}@demo.example")).one()

    place = session.scalars(sa.select(Structure.id).where(Structure.nom == MEMBER_OF).order_by(Structure.id)).first()
    assert place is not None
    pictures(session, store)
    people = People(person("mediatrice"), person("referent"), place)
    copy = copied(session, people, TUESDAY)
    return {**{name: f"/{path}" for name, path in STARTS.items()}, **drafts(session, people, TUESDAY),
            **around(session, copy, people, TUESDAY)}  # fmt: skip


def pictures(session: Session, store: FileStore) -> None:
    """The pictures that the worker makes of images, here without a process for each."""
    for row in session.scalars(sa.select(StoredFile)):
        if row.media_type.startswith("image/"):
            with Image.open(store.path(row.sha)) as image:
                row.width, row.height = image.size
                for suffix in (SMALL, WIDE):
                    image.save(store.beside(row.sha, suffix), "WEBP")
            row.preview, row.text_state = True, "none"


def copied(session: Session, people: People, now: datetime) -> Resource:
    """A published copy whose original has changed since, and whose next version waits for a review."""
    original = services.find(session, Kind.TUTORIEL, CHANGED)
    assert original is not None
    found = services.current(session, original)
    assert found is not None
    how = {"by": people.author, "now": now}
    copy = adapting.adapt(session, found, credits="D’après le contenu de départ", structure_id=people.place, **how)
    services.publish(session, copy, by=people.author, now=now)
    first, *others = found.content.part("etapes")
    changed = replace(first, text=f"{first.text}\n\nPrenez votre temps.")
    blocks = tuple(changed if one.key == first.key else one for one in found.content.blocks)
    services.save_draft(session, original, replace(found.content, blocks=blocks), seen_rev=None, by=None, now=now)
    services.publish(session, original, by=None, note="Une phrase de plus.", now=now)
    mine = services.working(session, copy)
    services.save_draft(session, copy, replace(mine, title="Choisir son mot de passe"), seen_rev=None, **how)
    reviewing.ask(session, copy, reviewing.Said("Un titre plus court.", visibility=Visibility.PUBLIC), **how)
    assert others
    return copy


def drafts(session: Session, people: People, now: datetime) -> dict[str, str]:
    """Drafts of the mediator, with blocks of several kinds: one of a kit, one of an experience sheet."""
    kit = Content(Kind.KIT, "Brouillon d’atelier", blocks=(
        Block("but", "objectifs", title="Savoir écouter", text="- poser une question"),
        Block("accueil", "deroule", BlockKind.ETAPE, title="Accueil", text="Dire bonjour.", minutes=10),
        Block("jeu", "deroule", BlockKind.ETAPE, title="Jeu", text="Jouer ensemble.", minutes=20),
        Block("fin", "deroule", BlockKind.ETAPE, title="Fin", text="Dire au revoir.", minutes=5),
        Block("affiche", "avant", BlockKind.DOCUMENT, title="Affiche", text="**Venez !**", data={"layout": "affiche"}),
        Block("fiche", "remettre", BlockKind.RESSOURCE, data={"ressource": f"tutoriel/{TUTORIAL}"}),
    ))  # fmt: skip
    sheet = Content(Kind.EXPERIENCE, "Brouillon d’expérience", blocks=(
        Block("ville", "partenaires", BlockKind.PARTENAIRE, title="La ville", data={"role": "financeur"}),
        Block("video", "description", BlockKind.VIDEO, title="Le film", data={"url": "https://exemple.fr/film"}),
    ))  # fmt: skip
    how = {"by": people.author, "structure_id": people.place, "now": now}
    return {name: path_of(services.create(session, content, **how))
            for name, content in (("draft", kit), ("sheet_draft", sheet))}  # fmt: skip


def around(session: Session, copy: Resource, people: People, now: datetime) -> dict[str, str]:
    """What people say of the copy, collections, and a request that nobody has answered."""
    opinions.save(session, copy, people.referent, 3, "Très clair, merci.", now)
    use, report, wish = UUID(int=1), UUID(int=2), UUID(int=3)
    uses.add(session, use, copy, uses.Said(people.place, date(2026, 3, 2), 8), by=people.author, now=now)
    said = reports.Said("wrong", "Le dessin de l’étape 2 n’est plus le bon.")
    reports.send(session, report, copy, said, lang="fr", author_id=people.referent, now=now)
    theme = copy.themes[0]
    asking.ask(session, asking.Wish("carte vitale perdue", "Que faire ?", theme), id_=wish, by=people.referent, now=now)
    owned = collecting.create(session, "À lire cet hiver", person_id=people.author, visibility=Shared.PUBLIC, now=now)
    for slug in (CHANGED, TUTORIAL, *HANDED):
        found = services.find(session, Kind.TUTORIEL, slug)
        assert found is not None
        collecting.add(session, owned, found, now)
    collecting.add(session, owned, copy, now)
    return {"copy": path_of(copy), "use": str(use), "report": str(report), "wish": str(wish),
            "collection": f"/collections/{owned.secret}", "commenter": str(people.referent),
            "step": copy_step(session, copy)}  # fmt: skip


def copy_step(session: Session, copy: Resource) -> str:
    """Key of a step with a picture."""
    return next(one.key for one in services.working(session, copy).part("etapes") if one.image)
