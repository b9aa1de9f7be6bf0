"""Runs of Les Bases: what comes, again without effect, renamed, edited unpublished, withdrawn, back. Both engines."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers import sentences
from importers.lesbases import LesBases
from importers.pipeline.contract import Refused
from reseau.core.changes import Change
from resources.base.models import Resource, ResourceSource, ResourceVersion, State
from tests.importers.lesbases.conftest import Visits
from tests.importers.lesbases.standin import (
    AUTHOR,
    BY_SA,
    HEALTH,
    NO_LICENCE,
    PRIVATE_SLUGS,
    TEENS,
    many,
    small,
)  # fmt: skip

PAGE = "https://lesbases.anct.gouv.fr/ressources/activer-mon-espace-sante-le-pas-a-pas"


def some(counts: Any) -> dict[str, int]:
    """What is not zero."""
    return {name: count for name, count in counts.items() if count}


def ops(session: Session) -> list[str]:
    """The log, oldest first."""
    return [row.op for row in session.scalars(sa.select(Change).where(Change.kind == "resource").order_by(Change.seq))]


def test_the_stand_in_of_the_research(visit: Visits, everything: Callable[[], str]) -> None:
    run = visit(small())
    assert some(run.counts) == {"created": 2}
    row, resource, content = visit.of(HEALTH)
    assert (resource.kind, resource.state, resource.slug) == (
        "lien",
        "published",
        "activer-mon-espace-sante-le-pas-a-pas",
    )
    assert (content.title, content.url, content.lang) == ("Activer Mon espace santé : le pas à pas", PAGE, "fr")
    assert content.summary == "Support d'atelier d'une heure.\nÀ imprimer recto-verso."
    assert content.themes == ("numerique_en_sante", "aides_aux_demarches_administratives")
    assert content.supports == ("resource_pedagogique", "boite_outils")
    assert content.publics == ("seniors_personnes_agees", "personne_allophone_ou_refugies_demandeurs_asile")
    assert content.licence == "cc-by-sa-4.0"
    assert content.credits == ("Résumé : Les Bases du numérique d’intérêt général, base « Numérique en santé "
                               "Hauts-de-France », Creative Commons BY-SA 4.0.")  # fmt: skip
    (link,) = content.blocks
    assert (link.title, link.part) == ("Fiche participant (été 2025).pdf", "a-savoir")
    assert link.data == {"url": "https://storage.lesbases.anct.gouv.fr/main/user/22222222-2222-4222-8222-222222222222/"
                                "V1StGXR8_Z5jdHi6B-myT_Fiche%20participant%20%28%C3%A9t%C3%A9%202025%29.pdf"}  # fmt: skip
    assert (row.source, row.url, row.licence, row.licence_text) == (
        "lesbases",
        PAGE,
        "cc-by-sa-4.0",
        "Licence CC BY-SA 4.0",
    )
    assert row.base == "Numérique en santé Hauts-de-France"
    assert row.base_url == "https://lesbases.anct.gouv.fr/bases/numerique-en-sante-hauts-de-france"
    assert row.source_updated_at == datetime(2026, 3, 5, 10, 11, 12, 345000, tzinfo=UTC)
    assert row.said["facettes"]["secteurs"] == ["Aidants et médiateurs numériques"]
    assert resource.created_by is None
    assert resource.structure_id is None
    kept = everything() + run.raw.read_text()
    for never in (AUTHOR, "Camille", "camille-exemple", "Munissez-vous", *PRIVATE_SLUGS):
        assert never not in kept
    assert "..." in visit.of(TEENS)[2].url, "a slug may hold dots"


def test_again_writes_nothing(visit: Visits, everything: Callable[[], str]) -> None:
    bases = small()
    first = visit(bases)
    before, asked = everything(), len(bases.asked)
    assert some(visit(bases).counts) == {"unchanged": 2}
    assert everything() == before
    third = visit(bases)
    assert some(third.counts) == {"unchanged": 2}
    paths = bases.asked[asked:]
    assert not [path for path in paths if path.startswith("/ressources/")], "nothing has changed: nothing is asked for"
    assert paths.count("/api/v1/resources") == 2
    second = visit.fetch(bases)
    assert second.read_bytes() == third.raw.read_bytes() != first.raw.read_bytes()


def test_a_run_is_replayed_offline(visit: Visits, everything: Callable[[], str]) -> None:
    raw = visit(small()).raw
    before = everything()
    assert some(visit.apply(raw).counts) == {"unchanged": 2}
    assert everything() == before


def test_a_new_slug_is_the_same_resource(visit: Visits, session: Session) -> None:
    bases = small()
    visit(bases)
    id_ = visit.of(HEALTH)[1].id
    bases.change(HEALTH, slug="activer-mes")
    assert some(visit(bases).counts) == {"updated": 1, "unchanged": 1}
    row, resource, content = visit.of(HEALTH)
    assert (resource.id, resource.slug) == (id_, "activer-mon-espace-sante-le-pas-a-pas")
    assert row.url == content.url == "https://lesbases.anct.gouv.fr/ressources/activer-mes"
    assert session.scalar(sa.select(sa.func.count()).select_from(Resource)) == 2


def test_an_edit_that_is_not_published_changes_nothing(visit: Visits, session: Session) -> None:
    bases = small()
    visit(bases)
    before = ops(session)
    bases.change(HEALTH, updated="2026-11-24T08:00:00.000Z")
    assert some(visit(bases).counts) == {"unchanged": 2}
    assert ops(session) == before
    assert visit.of(HEALTH)[0].source_updated_at == datetime(2026, 11, 24, 8, tzinfo=UTC)
    asked = len(bases.asked)
    visit(bases)
    assert not [path for path in bases.asked[asked:] if path.startswith("/ressources/")], "it is known by now"


def test_what_changed_there_changes_here(visit: Visits, session: Session) -> None:
    bases = many(3)
    visit(bases)
    bases.change("id-0001", description="Autre chose.", updated="2026-11-24T08:00:00.000Z")
    bases.change("id-0002", body="Un autre long texte.", updated="2026-11-24T08:00:00.000Z")
    assert some(visit(bases).counts) == {"updated": 1, "unchanged": 2}, "of the text, nothing is here"
    assert visit.of("id-0001")[2].summary == "Autre chose."
    versions = sa.select(ResourceVersion.number, ResourceVersion.by, ResourceVersion.note)
    found = session.execute(versions.where(ResourceVersion.resource_id == visit.of("id-0001")[1].id)).all()
    assert [tuple(row) for row in sorted(found)] == [
        (1, None, ""), (2, None, "Mise à jour : la ressource d’origine a changé.")]  # fmt: skip
    bases.change(
        "id-0001", licence=NO_LICENCE, files=("https://storage.example.fr/a.pdf",), updated="2026-11-24T09:00:00.000Z"
    )
    visit(bases)
    row, _, content = visit.of("id-0001")
    assert (row.licence, content.licence, content.credits, content.blocks) == ("", "tous-droits-reserves", "", ())
    assert content.summary == ("Ressource partagée sur Les Bases du numérique d’intérêt général, publiée en février 2024. "
                               "Type\u00a0: Article. Thèmes\u00a0: Numérique en santé.")  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"public": False}, {"deleted": "2026-11-20T00:00:00.000Z"}, {"title": None},
        {"no_page": True, "updated": "2026-11-24T08:00:00.000Z"},
    ],
    ids=["private", "deleted", "untitled", "in a deleted base"],
)  # fmt: skip
def test_withdrawn_there_withdrawn_here_and_back(visit: Visits, session: Session, change: dict[str, Any]) -> None:
    bases = many(5)
    visit(bases)
    bases.change("id-0003", **change)
    assert some(visit(bases).counts) == {"unchanged": 4, "absent": 1, "archived": 1}
    row, resource, _ = visit.of("id-0003")
    assert resource.state == State.WITHDRAWN.value
    assert row.withdrawn_at is not None
    before = ops(session)
    assert some(visit(bases).counts) == {"unchanged": 4}
    assert ops(session) == before, "withdrawn once"
    assert before[-1] == "withdraw"
    bases.change("id-0003", public=True, deleted=None, title="Ressource 3", no_page=False)
    assert some(visit(bases).counts) == {"unchanged": 4, "updated": 1}
    row, resource, _ = visit.of("id-0003")
    assert (resource.state, row.withdrawn_at) == (State.PUBLISHED.value, None)
    assert ops(session)[-1] == "publish"


def test_what_is_not_in_the_list_any_more(visit: Visits) -> None:
    bases = many(5)
    visit(bases)
    bases.items = [item for item in bases.items if item.id != "id-0003"]
    assert some(visit(bases).counts) == {"unchanged": 4, "absent": 1, "archived": 1}
    assert visit.of("id-0003")[1].state == State.WITHDRAWN.value


def test_what_lost_its_theme_stays_and_is_followed(visit: Visits) -> None:
    bases = many(3)
    visit(bases)
    bases.change("id-0001", themes=(("JeuxVideos", "Jeux vidéos"),), updated="2026-11-24T08:00:00.000Z")
    assert some(visit(bases).counts) == {"updated": 1, "unchanged": 2}
    assert visit.of("id-0001")[2].themes == ("jeux_videos",)


def test_one_that_cannot_be_read_waits_for_the_next_run(visit: Visits, session: Session) -> None:
    bases = many(3)
    visit(bases)
    bases.change("id-0001", description="Autre.", updated="2026-11-24T08:00:00.000Z")
    bases.broken = {"/ressources/ressource-1"}
    run = visit(bases)
    assert [(one.source_id, one.reason) for one in run.problems] == [("id-0001", "telechargement")]
    assert some(run.counts) == {"unchanged": 2}, "it stays as it is"
    bases.broken = set()
    assert some(visit(bases).counts) == {"updated": 1, "unchanged": 2}


def test_a_site_that_is_down_changes_nothing(visit: Visits) -> None:
    bases = many(9)
    bases.broken = {f"/ressources/ressource-{n}/markdown" for n in range(9)}
    with pytest.raises(Refused) as error:
        visit(bases)
    assert error.value.code == "telechargement"
    assert len(bases.asked) < 10, "after three failures in a row it is left alone"


def test_values_that_we_have_no_word_for_are_kept_and_said(visit: Visits) -> None:
    bases = many(1)
    bases.change("id-0000", types="Podcast, Article", publics="Chats", licence=BY_SA)
    run = visit(bases)
    assert [(one.field, one.reason, one.value) for one in run.problems] == [
        ("supports", "valeur-inconnue", "Podcast"), ("publics", "valeur-inconnue", "Chats")]  # fmt: skip
    row, _, content = visit.of("id-0000")
    assert (content.supports, content.publics) == (("article",), ())
    assert row.said["facettes"]["supports"] == ["Podcast", "Article"]


def test_every_reason_has_words(visit: Visits) -> None:
    for code in ("texte-absent", "texte-illisible", "page-absente", "telechargement", "sans-theme", "fiche-impossible"):
        assert code in sentences.REASONS
    assert "forme" in sentences.refusal(Refused("forme-inattendue", what="x"))


def test_a_raw_file_that_is_cut_is_refused(visit: Visits, tmp_path: Path) -> None:
    raw = visit(many(3)).raw
    lines = raw.read_bytes().splitlines(keepends=True)
    for content, code in (
        (b"".join(lines[:-1]), "tronque"), (raw.read_bytes()[:-40], "tronque"), (b"", "forme-inattendue"),
        (b"<html>", "forme-inattendue"), (json.dumps([1]).encode(), "forme-inattendue"),
        (gzip.compress(raw.read_bytes()), "forme-inattendue"),
    ):  # fmt: skip
        path = tmp_path / "cut.jsonl"
        path.write_bytes(content)
        with pytest.raises(Refused) as error:
            LesBases().check(path)
        assert error.value.code == code


def test_provenance_is_unique(visit: Visits, session: Session) -> None:
    visit(many(3))
    assert session.scalar(sa.select(sa.func.count(ResourceSource.source_id.distinct()))) == 3
