"""What an attacker and a coordinator met: keys that travel, sources that are off, runs that die, sources to delete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from importers.conducting import Conducting
from importers.fetch import Asker, private_host
from importers.fetch.guarding import PrivateAddress, check_ip
from importers.models import ImportRun, ImportSource
from importers.pipeline.contract import Refused
from importers.pipeline.raws import RawStore
from importers.schedule import working
from tests.directory.site import csv_of, row
from tests.importers.schedule.conftest import Sources

TOKEN = "jeton-tres-secret"


def conducting_of(house: Sources) -> Conducting:
    return Conducting(house.site.engine, house.site.sessions, house.site.settings, house.site.clock)


def edited(house: Sources, name: str, **fields: str) -> Any:
    form = next(f for f in house.app.get(f"/gestion/sources/{name}/modifier").forms.values() if "titre" in f.fields)
    for field, value in fields.items():
        form[field] = value
    return form


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://api.exemple.fr/v2/structures", True),
        ("https://API.exemple.fr:443/v2", True),
        ("http://api.exemple.fr/v1", False),
        ("https://api.exemple.fr:8443/v1", False),
        ("https://voleur.example/v1", False),
    ],
)
def test_a_key_goes_to_no_other_site(house: Sources, address: str, kept: bool) -> None:
    name = house.source(adapter="inclusion", location="https://api.exemple.fr/v1", options={"token": TOKEN})
    said = edited(house, name, adresse=address).submit(status=303).follow()
    assert house.row(name).options.get("token") == (TOKEN if kept else None)
    assert ("Sa clé d’accès est effacée" in said) is not kept


def test_a_key_that_is_written_anew_goes_to_the_new_site(house: Sources) -> None:
    name = house.source(adapter="inclusion", location="https://api.exemple.fr/v1", options={"token": TOKEN})
    edited(house, name, adresse="https://autre.exemple.fr/v1", option_token="nouvelle").submit(status=303)
    assert house.row(name).options["token"] == "nouvelle"


def test_a_source_that_is_off_is_read_only_when_somebody_asks(house: Sources) -> None:
    name = house.source(next_at=house.site.clock.now)
    with house.site.sessions() as session:
        assert name not in working.due(session, house.site.clock.now)
    with house.site.sessions.begin() as session:
        session.execute(sa.update(ImportSource).where(ImportSource.name == name).values(next_at=None))
    form = next(f for f in house.app.get(f"/gestion/sources/{name}").forms.values() if f.action.endswith("/lancer"))
    form.submit(status=303)
    with house.site.sessions() as session:
        assert name in working.due(session, house.site.clock.now)


def test_a_run_that_dies_three_times_in_one_place_is_left(house: Sources, tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "lieux.csv"
    path.write_text(csv_of([row("mort-1")]), encoding="utf-8")
    raw = RawStore.of(house.site.settings).keep(path)
    name = house.source(location="https://exemple.fr/lieux.csv", enabled=True)
    asked = {"territory": None, "complete": False, "match": True, "rules": ""}
    id_ = house.run(name, state="running", raw=raw.digest, size=raw.size, options=asked)
    tools = conducting_of(house)
    tried = []

    def die(*_given: Any, **_more: Any) -> None:
        tried.append(1)
        raise KeyboardInterrupt  # nothing is written down, as of a process that is killed

    monkeypatch.setattr("importers.conducting._Run._through", die)
    monkeypatch.setattr("importers.conducting.Runs.fail", lambda *_given: None)
    for _time in range(2):
        with pytest.raises(KeyboardInterrupt):
            list(working.work(tools))
    assert (len(tried), house.get(ImportRun, id_).state) == (2, "running")
    monkeypatch.undo()
    (end,) = [one for one in working.work(tools) if one.name == name]
    run = house.get(ImportRun, id_)
    assert (end.code, run.state, run.error) == (1, "failed", "echec")
    assert "trois arrêts au même endroit" in house.app.get(f"/gestion/imports/{id_}").text


def test_a_source_from_which_nothing_came_is_deleted_with_its_failures(house: Sources) -> None:
    name = house.source()
    run = house.run(name, state="refused", error="html")
    form = next(f for f in house.app.get(f"/gestion/sources/{name}").forms.values() if f.action.endswith("/supprimer"))
    assert form.submit(status=303).location.endswith("fait=supprime")
    assert house.rows(ImportSource, ImportSource.name == name) == house.rows(ImportRun, ImportRun.id == run) == []


@pytest.mark.parametrize("more", [{"state": "done"}, {"state": "held"}, {"state": "failed", "cursor": 500}])
def test_a_source_that_gave_something_stays(house: Sources, more: dict[str, Any]) -> None:
    name = house.source()
    house.run(name, **more)
    assert "/supprimer" not in house.app.get(f"/gestion/sources/{name}").text


def test_two_sources_of_one_title_are_refused(house: Sources) -> None:
    title = house.row(house.source()).title
    name = house.source()
    assert "Une source porte déjà ce nom" in edited(house, name, titre=title.upper()).submit(status=422)


@pytest.mark.parametrize("host", ["localhost", "10.0.0.3", "[::1]", "serveur.local", "169.254.169.254", "192.0.0.10"])
def test_an_address_of_a_private_network_is_refused_by_the_form(house: Sources, host: str) -> None:
    said = edited(house, house.source(), adresse=f"http://{host}/lieux.csv").submit(status=422)
    assert "d’un réseau privé" in said
    assert "RESEAU_" not in said


def test_public_hosts_are_no_private_ones() -> None:
    assert not any(map(private_host, ("exemple.fr", "local.exemple.fr", "8.8.8.8", "[2001:4860:4860::8888]")))


@pytest.mark.parametrize("address", ["192.0.0.1", "192.0.0.200", "192.88.99.1", "3fff::1", "3fff:fff::2"])
def test_addresses_that_are_nobodys_are_refused(address: str) -> None:
    with pytest.raises(PrivateAddress):
        check_ip(address)


def test_what_came_is_listed_with_its_sheets(house: Sources, tmp_path: Path) -> None:
    joined, asked = {"nom": "Atelier des Orties", "adresse": "3 rue des Orties"}, {"nom": "Halte du Moulin Gris"}
    first = [row("alpha_1", **joined, telephone="0320111213"), row("beta_1", **asked, adresse="8 rue du Moulin Gris")]
    second = [row("liste-1", nom="Lieu tout neuf"), row("gamma_1", **joined, telephone="0320111213"),
              row("beta_2", **asked, adresse="8 rue du Moulin Gris")]  # fmt: skip
    for rows in (first, second):
        (tmp_path / "lieux.csv").write_text(csv_of(rows), encoding="utf-8")
        name = house.source(location=str(tmp_path / "lieux.csv"))
        list(working.work(conducting_of(house), only=[name]))
    (run,) = house.rows(ImportRun, ImportRun.source == name)
    page = house.app.get(f"/gestion/imports/{run.id}")

    def listed(what: str) -> list[list[str]]:
        """Of each line, the places that it names."""
        shown = page.click(href=f"liste={what}$").lxml
        return [one.xpath("a/bdi/text()") for one in shown.xpath('//ul[@class="run-places"]/li')]

    assert sorted(listed("nouvelles")) == [["Halte du Moulin Gris"], ["Lieu tout neuf"]]
    assert listed("rattachees") == [["Atelier des Orties"]]
    assert listed("paires") == [["Halte du Moulin Gris", "Halte du Moulin Gris"]], "one issuer says that they are two"
    house.app.get(f"/gestion/imports/{run.id}/fiches?liste=autre-chose")


def test_a_reading_without_a_file_says_so_once(house: Sources) -> None:
    id_ = house.run(house.source(), state="refused", error="telechargement", error_detail={"error": "le serveur dort"})
    page = house.app.get(f"/gestion/imports/{id_}").text
    assert "Lecture échouée" in page
    assert "le serveur dort" in page
    assert page.count("ien n’a été changé") == 1


def test_a_held_run_that_was_replaced_says_by_which(house: Sources) -> None:
    name = house.source()
    old = house.run(name, state="dropped")
    new = house.run(name)
    assert f"/gestion/imports/{new}" in house.app.get(f"/gestion/imports/{old}").text


def test_a_run_keeps_no_key_of_its_address(house: Sources) -> None:
    name = house.source(location=f"http://localhost:1/lieux.csv?token={TOKEN}")
    list(working.work(conducting_of(house), only=[name]))
    (run,) = house.rows(ImportRun, ImportRun.source == name)
    assert TOKEN not in run.location
    assert "Réglage" not in house.app.get(f"/gestion/sources/{name}").text


def test_a_process_that_ends_lets_the_reading_begin_again(house: Sources) -> None:
    name = house.source(location="https://exemple.fr/lieux.csv", enabled=True, next_at=house.site.clock.now)
    asked = iter([False])  # it is told to stop after the reading has begun
    tools = replace(conducting_of(house), stopping=lambda: next(asked, True))
    (end,) = working.work(tools, only=[name])
    assert (end.why, house.row(name).failures, house.row(name).next_at) == ("arret", 0, house.site.clock.now)


def test_all_questions_of_a_run_have_one_end() -> None:
    now = iter(range(0, 100_000, 4_000))
    with Asker(True, monotonic=lambda: float(next(now))) as asker, pytest.raises(Refused, match="telechargement") as no:
        asker.get("http://localhost:1/", max_bytes=10)
    assert "2 heures en tout" in no.value.details["error"]
