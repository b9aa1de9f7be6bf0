"""``/gestion/imports``: what a run did, what it refused, what it would change; decisions and replays, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from importers.conducting import Conducting
from importers.models import ImportReject, ImportRun
from importers.pipeline.raws import RawStore
from importers.schedule import working
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.desk import emails
from reseau.desk.services import Count
from reseau.directory.models import FieldChange
from tests.directory.site import Page, csv_of, row
from tests.importers.schedule.conftest import Sources
from tests.people import at_once

ECHO = "Centre social ECHO"


def conducting_of(house: Sources) -> Conducting:
    return Conducting(house.site.engine, house.site.sessions, house.site.settings, house.site.clock)


def held(house: Sources, folder: Path) -> tuple[str, UUID]:
    """A source of thirty places of which the next file has ten."""
    name = house.source(complete=True, location=str(folder / "lieux.csv"))
    ids = [f"{name}-{n}" for n in range(30)]
    for some in (ids, ids[:10]):
        rows = [row(id_, nom=f"Lieu {id_}", telephone="0320000000" if some is ids else "0320111111") for id_ in some]
        (folder / "lieux.csv").write_text(csv_of(rows), encoding="utf-8")
        list(working.work(conducting_of(house), only=[name]))
    (run,) = house.rows(ImportRun, ImportRun.source == name, ImportRun.state == "held")
    return name, run.id


def state(house: Sources, id_: UUID) -> str:
    return str(house.get(ImportRun, id_).state)


def reject(house: Sources, run: UUID, number: int, **more: Any) -> None:
    given = {"reason": "nom-absent", "value": "", "field": None, "raw": {"nom": "<b>x</b>", "vide": ""}}
    with house.site.sessions.begin() as session:
        for n in range(number):
            session.add(ImportReject(**{"run_id": run, "row_number": n + 1, **given, **more}))


def test_a_held_run_shows_what_it_would_change_and_is_accepted_once(house: Sources, tmp_path: Path) -> None:
    name, id_ = held(house, tmp_path)
    app = house.app
    page = app.get(f"/gestion/imports/{id_}")
    assert "attend votre décision" in page.text.lower()
    assert "moins de 80 %" in page.text
    would = app.get(f"/gestion/imports/{id_}/changements")
    assert "Ce qui changerait" in would.text
    assert "03 20 00 00 00" in would.text
    assert "03 20 11 11 11" in would.text
    assert "20 lieux que la source ne donne plus" in would.text
    assert Page(would.text).errors == Page(page.text).errors == []
    forms = [post_form_of(house, id_, "accepter") for _ in range(2)]
    answers = at_once(*(lambda f=f: f[0].submit("choix", value=f[1]).location for f in forms))
    assert sorted(answer.partition("fait=")[2] for answer in answers) == ["accepter", "trop-tard"]
    assert "se fait dès que possible" in app.get(f"/gestion/imports/{id_}").text
    assert [end.code for end in working.work(conducting_of(house)) if end.name == name] == [0]
    assert state(house, id_) == "done"
    changed = app.get(f"/gestion/imports/{id_}/changements")
    assert "Ce qui a changé" in changed.text
    assert "03 20 11 11 11" in changed.text


def post_form_of(house: Sources, id_: UUID, choice: str) -> tuple[Any, str]:
    page = house.app.get(f"/gestion/imports/{id_}")
    return next(f for f in page.forms.values() if f.action.endswith("/decision")), choice


def test_a_held_run_is_refused(house: Sources, tmp_path: Path) -> None:
    name, id_ = held(house, tmp_path)
    form, _choice = post_form_of(house, id_, "refuser")
    assert form.submit("choix", value="refuser").location.endswith("fait=refuser")
    assert state(house, id_) == "dropped"
    assert form.submit("choix", value="accepter").location.endswith("fait=trop-tard")
    assert name not in {end.name for end in working.work(conducting_of(house))}


def test_a_decision_that_is_none_is_refused(house: Sources) -> None:
    id_ = house.run(house.source(), state="held")
    form, _choice = post_form_of(house, id_, "")
    form.submit("choix", value="peut-être", status=400)


def test_the_kept_file_is_given_as_a_file_and_replayed(house: Sources, tmp_path: Path) -> None:
    text = csv_of([row("rejoue-1", nom="Lieu rejoué")])
    (tmp_path / "lieux.csv").write_text(text, encoding="utf-8", newline="")
    name, app = house.source(location=str(tmp_path / "lieux.csv")), house.app
    list(working.work(conducting_of(house), only=[name]))
    (run,) = house.rows(ImportRun, ImportRun.source == name)
    url = f"/gestion/imports/{run.id}"
    file = app.get(f"{url}/fichier")
    assert file.body == text.encode()
    assert file.headers["Content-Disposition"] == f'attachment; filename="{name}-2026-11-24.csv"'
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.content_type == "application/octet-stream"
    form = next(
        f for f in app.get(url).forms.values() if f.action.endswith("/rejouer")
    )  # fmt: skip
    assert form.submit("faire", value="essayer").location.endswith("fait=rejoue")
    assert form.submit("faire", value="essayer").location.endswith("fait=deja")
    asked = app.get(url)
    assert "Une relecture est demandée" in asked.text
    assert asked.headers["Refresh"]
    list(working.work(conducting_of(house)))
    assert "Essai, sans rien changer" in app.get(url).text
    RawStore.of(house.site.settings).sweep(set(), grace_s=-1)
    app.get(f"{url}/fichier", status=404)
    form.submit("faire", value="rejouer", status=404)
    assert "plus gardé" in app.get(url).text


def test_a_running_one_asks_again_by_itself_and_says_how_far_it_is(house: Sources) -> None:
    id_ = house.run(house.source(), state="running", cursor=1500)
    page = house.app.get(f"/gestion/imports/{id_}")
    assert page.headers["Refresh"] == "15"
    assert "1\u202f500 lignes faites" in page.text
    done = house.run(house.source())
    assert "Refresh" not in house.app.get(f"/gestion/imports/{done}").headers


def test_a_refusal_is_said_without_what_is_secret(house: Sources) -> None:
    detail = {"error": "401 pour amina@exemple.fr"}
    id_ = house.run(house.source(), state="refused", error="telechargement", error_detail=detail)
    page = house.app.get(f"/gestion/imports/{id_}")
    assert "amina" not in page.text
    house.app.get(f"/gestion/imports/{new_id()}", status=404)


def test_a_code_that_nobody_knows_is_no_error(house: Sources) -> None:
    id_ = house.run("source-disparue", state="refused", error="du-futur", trigger="?", summary={"read": 3})
    assert "du-futur" in house.app.get(f"/gestion/imports/{id_}").text


def test_rejects_are_grouped_paged_and_folded(house: Sources) -> None:
    id_, app = house.run(house.source()), house.app
    reject(house, id_, 5000)
    reject(house, id_, 3, field="telephone", reason="telephone-illisible", value="zéro trois")
    page = app.get(f"/gestion/imports/{id_}")
    assert "5\u202f000" in page.text
    with house.site.statements() as seen:
        found = app.get(f"/gestion/imports/{id_}/refus?page=3")
    assert len(seen) <= 10, seen
    assert len(found.body) < 60_000
    assert found.text.count("<details>") == 20
    assert "&lt;b&gt;x&lt;/b&gt;" in found.text
    assert Page(found.text).errors == []
    few = app.get(f"/gestion/imports/{id_}/refus?motif=telephone-illisible")
    assert few.text.count("zéro trois") == 3


def test_changes_are_by_place_and_paged(house: Sources) -> None:
    id_, app = house.run(house.source()), house.app
    places = [row["id"] for row in house.site.rows()][:25]
    with house.site.sessions.begin() as session:
        for n in range(1250):
            session.add(
                FieldChange(
                    structure_id=places[n % len(places)], field="nom", before={"v": f"Avant {n}"},
                    after={"v": f"Après {n}"}, cause="import", side="import", source="x", ref=id_,
                )
            )  # fmt: skip
    with house.site.statements() as seen:
        page = app.get(f"/gestion/imports/{id_}/changements")
    assert len(seen) <= 10, seen
    assert page.text.count("<h2><a ") == 20
    assert len(places) == 25
    assert "et 20 autres changements" in page.text
    assert Page(page.text).errors == []


def test_five_thousand_runs_cost_no_more(house: Sources) -> None:
    name, app = house.source(), house.app
    with house.site.sessions.begin() as session:
        session.add_all(
            ImportRun(source=name, location="x", started_at=house.site.clock.now, state="done", summary={"read": n})
            for n in range(5000)
        )
    for path in ("/gestion/imports?etat=finis&page=7", f"/gestion/sources/{name}?page=100", "/gestion/sources"):
        with house.site.statements() as seen:
            page = app.get(path)
        assert len(seen) <= 10, (path, seen)
        assert len(page.body) < 60_000, path
        assert Page(page.text).errors == []


def test_the_desk_says_what_imports_wait_for(house: Sources) -> None:
    house.run(house.source(enabled=True, failures=3), state="held")
    text = " ".join(house.app.get("/gestion").text.split())
    assert "à décider" in text
    assert "/gestion/imports?etat=a-decider" in text
    assert "ne répond" in text
    letter = emails.weekly("fr", [Count("imports-a-decider", 2, ""), Count("questions", 1, "")], "http://x")
    assert letter.facts == (("Imports à décider", "2"), ("Questions sans réponse", "1"))


def test_the_job_says_nothing_when_nothing_is_due(house: Sources) -> None:
    from importers.schedule.jobs import order

    assert order(Tools(house.site.sessions, house.site.settings, house.site.clock)) is None


@pytest.mark.parametrize("path", ["/gestion/imports", "/gestion/sources"])
def test_wrong_pages_are_no_error(house: Sources, path: str) -> None:
    for query in ("page=0", "page=999999", "page=x", "etat=zzz", "page=%FF"):
        house.app.get(f"{path}?{query}", status="2*")
