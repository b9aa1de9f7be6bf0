"""What the base holds of a person: given whole, forgotten when they leave."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from uuid import UUID

from reseau.core.letters import Letter
from reseau.core.letters import Site as Sender
from reseau.members import export, leaving
from reseau.members.models import Person
from resources.base import services
from resources.base.content import Block, FileRef
from resources.base.models import (
    Collection,
    FileUse,
    Opinion,
    Resource,
    ResourceAuthor,
    ResourceReport,
    ResourceRequest,
    StoredFile,
)
from resources.base.shapes import BlockKind
from tests.resources.conftest import Base, a_tutorial

SITE = Sender("Réseau", "http://localhost:6543", "Réseau <non@reseau.example>")


def leave(base: Base, id_: UUID) -> None:
    with base.site.sessions() as session:
        person = session.get_one(Person, id_)
        assert leaving.leave(session, person, Letter("x", "fr", "x", ("x",)), site=SITE, now=base.site.clock.now)
        session.commit()


def test_a_person_who_leaves_takes_what_is_theirs_alone(base: Base) -> None:
    someone = base.person()
    base.people["partante"] = someone.id
    shared, alone = base.published(by="partante"), base.draft(by="partante", place=None)
    with_others = base.draft(by="partante", place=None)
    with base.site.sessions() as session:
        session.add_all([
            ResourceAuthor(resource_id=with_others.id, person_id=base.people["membre"]),
            Opinion(resource_id=shared.id, person_id=someone.id, grade=4, comment="Très clair", version=1),
            Collection(title="Mes ateliers", person_id=someone.id, secret="s" * 32),
            ResourceReport(resource_id=shared.id, reason="wrong", text="x", contact=someone.email, version=1),
            ResourceRequest(words="loupe", author_id=someone.id, contact=someone.email),
        ])  # fmt: skip
        session.commit()
    with base.site.sessions() as session:
        given = export.everything(session, someone.id, base.site.clock.now)
        assert [row["comment"] for row in given["avis"]] == ["Très clair"]
        assert {len(given[name]) for name in ("signalements", "ressources_demandees", "collections")} == {1}
        assert len(given["ressources_creees"]) == 3
        assert "s" * 32 not in json.dumps(given)
    leave(base, someone.id)
    assert base.resource(shared.id) is not None
    assert base.resource(with_others.id) is not None
    assert base.resource(alone.id) is None
    assert base.rows(Opinion, Opinion.resource_id == shared.id) == []
    assert base.rows(Collection, Collection.person_id == someone.id) == []
    assert [one.contact for one in base.rows(ResourceReport, ResourceReport.resource_id == shared.id)] == [None]
    assert [one.contact for one in base.rows(ResourceRequest, ResourceRequest.words == "loupe")] == [None]


def test_an_export_names_drafts_files_and_verifications_without_their_contents(base: Base) -> None:
    someone = base.person()
    base.people["autrice"] = someone.id
    made, sha = base.published(a_tutorial("Publié"), by="autrice"), "ab" * 32
    block = Block("f", "avant-de-commencer", BlockKind.FICHIER, file=FileRef(sha, "notice à moi.pdf"))
    with base.site.sessions() as session:
        row = session.get_one(Resource, made.id)
        services.verify(session, row, by=someone.id, now=base.site.clock.now)
        content = replace(a_tutorial("Titre en cours"), summary="Phrase secrète", blocks=(block,))
        services.save_draft(session, row, content, seen_rev=None, by=someone.id, now=base.site.clock.now)
        session.add(StoredFile(sha=sha, size=3, media_type="application/pdf"))
        session.flush()
        session.add(FileUse(resource_id=made.id, sha=sha, added_by=someone.id))
        session.commit()
    with base.site.sessions() as session:
        given = export.everything(session, someone.id, base.site.clock.now)
        session.rollback()
    path = f"/tutoriels/{made.slug}"
    [draft], [file] = given["brouillons_de_ressources"], given["fichiers_ajoutes"]
    assert (draft["titre"], draft["adresse"]) == ("Titre en cours", path)
    assert (file["nom"], file["ressource"]) == ("notice à moi.pdf", path)
    assert [row["adresse"] for row in given["ressources_verifiees"]] == [path]
    assert "Phrase secrète" not in json.dumps(given, ensure_ascii=False)


def test_what_nobody_can_write_any_more_stays_and_is_listed(base: Base) -> None:
    someone = base.person()
    base.people["seule"] = someone.id
    alone, of_a_place = base.published(by="seule", place=None), base.published(by="seule")
    with base.site.sessions() as session:
        assert alone.id not in {one.id for one in services.orphans(session)}
    leave(base, someone.id)
    with base.site.sessions() as session:
        found = {one.id for one in services.orphans(session)}
    assert alone.id in found
    assert of_a_place.id not in found
    base.browser().get(base.at(alone.id))
    assert base.browser("coordination").get(base.at(alone.id)).html.select(f"a[href='{base.at(alone.id)}/modifier']")


def test_whoever_imports_a_part_of_the_base_says_what_it_holds() -> None:
    """In a process of its own: another test has imported everything in this one."""
    said = "import reseau.members.leaving; from reseau.core import personal; print(len(list(personal.holders())))"
    for first, holders in (("", "0"), ("import resources.base.models; ", "1"), ("import resources.files.jobs; ", "1")):
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", first + said], capture_output=True, text=True, check=True)  # fmt: skip
        assert done.stdout.strip() == holders, first
