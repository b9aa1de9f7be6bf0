"""Where the values of a sheet come from: as they came, what rules did, what is shown and why."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from importers.models import ImportRun
from importers.records.reading import records
from reseau.directory.models import SourceRecord
from tests.directory.site import row
from tests.editing.conftest import Keepers, _keepers, keepers, keepers_lite  # noqa: F401 (fixtures)
from tests.editing.keeping import save, well_formed

NAME = "Tiers-lieu des essais"
DIRTY = {
    "nom": NAME, "adresse": "null Grande Rue", "telephone": "+33(0)320815757", "courriels": "Accueil[a]essais.fr",
    "site_web": "http://https://essais.fr", "horaires": "n’importe quoi", "presentation_resume": "Voir jean.dupont@x.fr",
}  # fmt: skip


def place(site: Keepers, tmp_path: Path, id_: str, **cells: str) -> UUID:
    """A dirty place of the cartography."""
    site.add(row(id_, **{**DIRTY, **cells}), path=tmp_path / "one.csv")
    return UUID(str(site.named(cells.get("nom", NAME))["id"]))


def test_it_says_what_came_what_was_mended_and_what_is_shown(keepers: Keepers, tmp_path: Path) -> None:  # noqa: F811
    id_ = place(keepers, tmp_path, "A_1__B_2")
    save(keepers, id_, {"telephone": "+33320000001"})
    page = well_formed(keepers.as_(keepers.coordinator).get(keepers.sheet_path(id_) + "/sources"))
    text = page.text
    assert "A_1" in page.text_of("li")
    assert "B_2" in page.text_of("li")
    for said in (
        "null Grande Rue", "Mot « null » devant l’adresse : retiré.", "+33(0)320815757", "Zéro entre parenthèses : retiré.",
        "Arobase cachée ([a], [at]…) : remise.", "« http:// » écrit deux fois : une fois suffit.",
        "Montré sur la fiche.", "Pas montré : une personne du réseau a écrit autre chose, sa valeur passe avant.",
        "24 novembre 2026", "Mise à jour, selon la source", "Registre d’où vient le lieu",
    ):  # fmt: skip
        assert said in text, said
    assert "jean.dupont" not in text
    (run,) = [a["href"] for a in page.all("a") if "/gestion/imports/" in (a["href"] or "")]
    with keepers.sessions() as session:
        assert session.get(ImportRun, UUID((run or "").rsplit("/", 1)[1])) is not None


def test_the_better_source_is_named(keepers_lite: Keepers) -> None:  # noqa: F811
    site, name = keepers_lite, "Lieu de deux registres"
    site.put({"nom": name, "commune": "Roubaix", "code_insee": "59512", "telephone": "+33320000002"})
    id_ = site.named(name)["id"]
    site.put({"nom": "chez l’autre", "telephone": "+33320000003", "presentation_resume": "Rien d’autre"}, source="zeta")
    with site.sessions.begin() as session:
        session.execute(
            sa.update(SourceRecord)
            .where(SourceRecord.source == "zeta")
            .values(structure_id=id_, joined={"how": "score", "score": 91.6}, not_seen_since=site.clock.now)
        )
    text = well_formed(site.as_(site.coordinator).get(site.sheet_path(id_) + "/sources")).text
    assert "Pas montré : « Cartographie nationale » passe avant." in text
    assert "Rapproché par l’import : même lieu à 92 sur 100." in text
    assert "depuis le 24 novembre 2026" in text


def test_who_may_read_it(keepers_lite: Keepers) -> None:  # noqa: F811
    site = keepers_lite
    path = site.sheet_path() + "/sources"
    for who in (site.referent, site.member):
        page = site.as_(who).get(path)
        assert "/gestion/imports/" not in page.text
        assert path in site.as_(who).get(site.sheet_path()).text
    for other in (site.elsewhere, site.stranger, None):
        assert site.as_(other).get(path, status="*").status_int in (302, 303, 401, 403)
        assert path not in site.as_(other).get(site.sheet_path()).text


def test_in_arabic_and_at_an_old_address(keepers_lite: Keepers) -> None:  # noqa: F811
    site = keepers_lite
    page = well_formed(site.as_(site.coordinator, "ar").get(site.sheet_path() + "/sources"))
    assert page.all("html")[0]["dir"] == "rtl"
    old = f"/annuaire/ancien-nom-{site.place['id']}/sources"
    assert site.as_(site.coordinator).get(old, status=301).location.endswith(site.sheet_path() + "/sources")


def test_a_place_of_no_register(keepers_lite: Keepers) -> None:  # noqa: F811
    site = keepers_lite
    site.put({"nom": "Lieu sans registre", "commune": "Roubaix", "code_insee": "59512"}, source="passing")
    id_ = site.named("Lieu sans registre")["id"]
    with site.sessions.begin() as session:
        session.execute(sa.delete(SourceRecord).where(SourceRecord.source == "passing"))
    assert (
        "Aucun registre ne parle de ce lieu" in site.as_(site.coordinator).get(site.sheet_path(id_) + "/sources").text
    )


def test_many_records_and_hostile_ones(keepers_lite: Keepers) -> None:  # noqa: F811
    site, name = keepers_lite, "Lieu de beaucoup de registres"
    long = "<script>alert(1)</script> & " * 2_000
    site.put({"nom": name, "commune": "Roubaix", "code_insee": "59512"})
    id_ = site.named(name)["id"]
    for number in range(7):
        site.put(
            {"nom": f"autre {number}", "presentation_detail": long, "horaires_texte": long}, source=f"source-{number}"
        )
    with site.sessions.begin() as session:
        theirs = sa.update(SourceRecord).where(SourceRecord.source.like("source-%"))
        repairs = [{"rule": "regle-inconnue", "field": "nom", "before": long[:200], "after": "x"}] * 40
        session.execute(theirs.values(structure_id=id_, raw={"nom": long, "n": 1, "rien": None}, repairs=repairs))
    app, path = site.as_(site.coordinator), site.sheet_path(id_) + "/sources"
    with site.statements() as seen:
        first = app.get(path)
    assert len(seen) <= 10, seen
    assert len(first.body) < 60_000
    assert "<script>alert" not in first.text
    well_formed(first)
    assert "Lieu de beaucoup" in app.get(path + "?page=99").text
    for odd in ("-1", "x", "%00", "9" * 30):
        assert app.get(f"{path}?page={odd}").status_int == 200


def test_records_in_order(keepers: Keepers, tmp_path: Path) -> None:  # noqa: F811
    site, now = keepers, keepers.clock.now
    id_ = place(keepers, tmp_path, "C_9", nom="Lieu à l’ordre")
    for number, days in (("vieux", 30), ("neuf", 1), ("parti", 0)):
        site.put({"nom": f"o {number}"}, source=number)
        gone = now if number == "parti" else None
        with site.sessions.begin() as session:
            session.execute(
                sa.update(SourceRecord)
                .where(SourceRecord.source == number)
                .values(structure_id=id_, changed_at=now - timedelta(days=days), not_seen_since=gone)
            )
    with site.sessions() as session:
        found, rest = records(session, id_), records(session, id_, 3)
    assert [one["source"] for one in found.rows] == ["cartographie", "neuf", "vieux"]
    assert [one["source"] for one in rest.rows] == ["parti"]
    assert found.total == rest.total == 4
    assert found.rows[2]["run"] is None  # older than all runs


def test_of_one_source_it_says_which_record_goes_before(keepers_lite: Keepers) -> None:  # noqa: F811
    site, name = keepers_lite, "Hinaura_77"
    site.put({"nom": name, "commune": "Roubaix", "code_insee": "59512", "telephone": "+33320000002",
              "date_maj": "2024-05-06", "latitude": 50.69, "longitude": 3.18})  # fmt: skip
    id_ = site.named(name)["id"]
    site.put({"nom": "Coop_1", "telephone": "+33320000003", "date_maj": "2023-01-02", "latitude": 50.70,
              "longitude": 3.18})  # fmt: skip
    site.put({"nom": "Hinaura_9", "telephone": "+33320000004", "date_maj": "2022-01-02"})
    with site.sessions.begin() as session:
        other = SourceRecord.source_id.in_(("Coop_1", "Hinaura_9"))
        session.execute(sa.update(SourceRecord).where(other).values(structure_id=id_))
    text = well_formed(site.as_(site.coordinator).get(site.sheet_path(id_) + "/sources")).text
    before = "Pas montré : un autre enregistrement de la même source passe avant : "
    assert f"{before}« Hinaura », mis à jour le 6 mai 2024." in text
    assert f"{before}« Hinaura_77 », mis à jour le 6 mai 2024." in text  # both are of Hinaura: the whole id tells
    assert "« Cartographie nationale » passe avant" not in text


def test_two_records_far_from_each_other_are_told(keepers_lite: Keepers) -> None:  # noqa: F811
    site, name = keepers_lite, "Lieu en deux points"
    site.put({"nom": name, "commune": "Roubaix", "code_insee": "59512", "latitude": 50.69, "longitude": 3.18})
    id_ = site.named(name)["id"]
    site.put({"nom": "b", "latitude": 50.6925, "longitude": 3.18}, source="zeta")  # 278 m north
    records_of = sa.update(SourceRecord).where(SourceRecord.source == "zeta")
    with site.sessions.begin() as session:
        session.execute(records_of.values(structure_id=id_))
    path = site.sheet_path(id_) + "/sources"
    words = "l’un de l’autre"
    assert words not in site.as_(site.coordinator).get(path).text
    with site.sessions.begin() as session:
        session.execute(records_of.values(mapped={"nom": "b", "latitude": 50.70, "longitude": 3.18}))
    page = well_formed(site.as_(site.coordinator).get(path))
    # A degree of latitude is 111.32 km: 0.01 is 1,113 m.
    assert "Deux enregistrements placent ce lieu à 1,1 km l’un de l’autre" in page.text
    assert "zeta (b)" in page.text
    with site.sessions.begin() as session:
        session.execute(records_of.values(not_seen_since=site.clock.now))
    assert words not in site.as_(site.coordinator).get(path).text
    with site.sessions.begin() as session:
        session.execute(records_of.values(not_seen_since=None, mapped={"latitude": "abc", "longitude": None}))
    assert words not in site.as_(site.coordinator).get(path).text


def test_odd_addresses_of_people_are_not_shown(keepers_lite: Keepers) -> None:  # noqa: F811
    site = keepers_lite
    id_ = site.place["id"]
    for cell in ("jean.dupont[a]gmail.com", "jean.dupont@@gmail.com", "jean dupont@gmail.com", "Jean.Dupont @gmail.com",
                 ["jean.dupont@gmail.com", "accueil@x.fr"]):  # fmt: skip
        with site.sessions.begin() as session:
            session.execute(
                sa.update(SourceRecord)
                .where(SourceRecord.structure_id == id_)
                .values(raw={"courriels": cell, "presentation_resume": cell})
            )
        page = site.as_(site.coordinator).get(site.sheet_path() + "/sources").text
        assert "dupont" not in page.lower(), cell
        assert "@gmail.com" in page
