"""data·inclusion: what concerns us is kept, cleaned, put on sheets; what people wrote stands. Rows are made up."""

from __future__ import annotations

import csv
import gzip
import io
import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers.inclusion import formats, mapping, selecting
from importers.inclusion.source import Inclusion
from importers.pipeline import Held, Options, Pipeline, Refused, Summary
from importers.pipeline.contract import How, Where
from importers.targets.inclusion import PlacesAndOffers
from reseau.core.actors import Actor, Side
from reseau.directory import offers
from reseau.directory.imported_offers import OfferApplier
from reseau.directory.models import Cause, FieldChange, Service, Structure
from reseau.directory.reproject import Because

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PLACE: dict[str, Any] = {
    "source": "dora", "id": "dora--1", "nom": "Atelier fictif", "date_maj": "2026-03-01", "description": "Un lieu inventé.",
    "siret": None, "commune": "ROUBAIX", "code_postal": "59100", "code_insee": "59512", "adresse": "1 rue Inventée",
    "complement_adresse": None, "longitude": 3.17, "latitude": 50.69, "telephone": "03 20 81 57 57",
    "courriel": "contact@atelier.fr", "site_web": None, "horaires_accueil": "Mo-Fr 09:00-12:00",
    "accessibilite_lieu": None, "reseaux_porteurs": ["france-service", "aidants-connect"], "lien_source": None,
}  # fmt: skip
OFFER: dict[str, Any] = {
    "source": "dora", "id": "dora--s1", "structure_id": "dora--1", "nom": "Permanence Ameli",
    "description": "On vous aide avec votre compte.", "date_maj": "2026-03-02", "type": "accompagnement",
    "thematiques": ["sante--acces-aux-soins", "logement-hebergement--etre-accompagne"], "frais": "gratuit",
    "publics": ["seniors", "demandeurs-emploi"], "modes_accueil": ["en-presentiel"], "telephone": "+33320815757",
    "courriel": "camille.exemple@atelier.fr", "contact_nom_prenom": "Camille Exemple",
    "conditions_acces": "Venir avec sa carte Vitale.", "lien_mobilisation": "https://atelier.fr/rdv",
    "horaires_accueil": None,
}  # fmt: skip


def place(**changes: Any) -> dict[str, Any]:
    return {**PLACE, **changes}


def offer(**changes: Any) -> dict[str, Any]:
    return {**OFFER, **changes}


@pytest.fixture
def run(sessions: sessionmaker[Any], session: Session, tmp_path: Path) -> Callable[..., Summary]:
    """Writes both files, makes the bundle as a fetch does, imports it."""

    def go(structures: list[Any], services: list[Any], now: datetime = NOW, **options: Any) -> Summary:
        session.commit()  # a writing session keeps others out
        files = {"structures": structures, "services": services}
        for name, rows in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
        territory = frozenset({"59512"})
        where = Where(
            str(tmp_path / "structures.json"), {"services": str(tmp_path / "services.json")}, territory=territory
        )
        folder = tmp_path / f"fetch-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        source = Inclusion()
        path = source.fetch(where, None, folder).path  # type: ignore[arg-type] # files of this machine: nothing is asked
        assert path is not None
        pipeline = Pipeline(sessions, source, ("cartographie", "inclusion"), clock=lambda: now)
        return pipeline.run(path, "data·inclusion", Options(territory=territory, **options))

    return go


def everything(session: Session) -> str:
    """All that the database holds, as text."""
    found = []
    for table in sa.inspect(session.connection()).get_table_names():
        found += [str(row) for row in session.execute(sa.text(f'SELECT * FROM "{table}"'))]
    return "\n".join(found)


def test_a_place_and_its_offer(run: Callable[..., Summary], session: Session) -> None:
    done = run([PLACE], [OFFER])
    assert (done.read, done.created, done.rejected) == (2, 2, 0)
    found = session.scalars(sa.select(Structure)).one()
    assert (found.nom, found.commune, found.code_insee, found.horaires) == (
        "Atelier fictif", "Roubaix", "59512", "Mo-Fr 09:00-12:00",
    )  # fmt: skip
    assert (found.telephone, found.courriels) == ("+33320815757", ["contact@atelier.fr"])
    assert found.typologie == ["RFS"]
    assert found.dispositif_programmes_nationaux == ["aidants-connect", "france-services"]
    one = session.scalars(sa.select(Service)).one()
    assert (one.nom, one.type, one.frais, one.publics) == ("Permanence Ameli", "accompagnement", "gratuit", ["seniors"])
    assert one.thematiques == ["sante--acces-aux-soins"], "what is not looked for is not shown"
    assert one.description == "On vous aide avec votre compte.\n\nConditions : Venir avec sa carte Vitale."
    assert (one.telephone, one.lien_mobilisation) == ("+33320815757", "https://atelier.fr/rdv")
    assert one.courriel is None, "a person's address is not shown"
    assert done.values["courriel-nominatif"] == 1


def test_nobody_is_named_in_any_table(run: Callable[..., Summary], session: Session) -> None:
    run([PLACE], [OFFER])
    assert "Camille" not in everything(session)
    assert "camille.exemple" not in everything(session)


def test_the_second_run_writes_nothing(run: Callable[..., Summary], session: Session) -> None:
    run([PLACE], [OFFER])
    before = session.scalars(sa.select(Structure)).one().rev
    done = run([PLACE], [OFFER])
    assert (done.created, done.updated, done.unchanged) == (0, 0, 2)
    assert session.scalars(sa.select(Structure)).one().rev == before
    assert session.scalars(sa.select(Service)).one().rev == 1


def test_what_does_not_concern_us_stays_out(run: Callable[..., Summary], session: Session) -> None:
    places = [
        place(), place(id="dora--2", code_insee="59350", commune="Lille", code_postal="59000"),
        place(id="dora--3", nom="Sans service"), place(id="mn--4", source="mediation-numerique", nom="De la carte"),
    ]  # fmt: skip
    services = [
        offer(), offer(id="s2", structure_id="dora--2"), offer(id="s3", thematiques=["mobilite--x"]),
        offer(id="s4", structure_id="mn--4"), offer(id="s5", structure_id="nowhere"),
    ]  # fmt: skip
    run(places, services)
    assert [one.nom for one in session.scalars(sa.select(Structure))] == ["Atelier fictif"]
    assert [one.source_id for one in session.scalars(sa.select(Service))] == ["dora--s1"]


def test_a_page_that_shifted_gives_an_id_twice(run: Callable[..., Summary], session: Session) -> None:
    done = run([PLACE, PLACE], [OFFER, offer(nom="Une autre page")])
    assert (done.read, done.created, done.rejected) == (2, 2, 0)
    assert session.scalars(sa.select(Service)).one().nom == "Permanence Ameli"


def test_a_changed_offer_is_told(run: Callable[..., Summary], session: Session) -> None:
    run([PLACE], [OFFER])
    done = run([PLACE], [offer(nom="Permanence du mardi")])
    assert (done.updated, done.unchanged) == (1, 1)
    one = session.scalars(sa.select(Service)).one()
    assert (one.nom, one.rev) == ("Permanence du mardi", 2)
    told = session.scalars(sa.select(FieldChange).order_by(FieldChange.id)).all()[-1]
    assert (told.before["v"]["nom"], told.after["v"]["nom"]) == ("Permanence Ameli", "Permanence du mardi")
    assert (told.cause, told.source) == (Cause.IMPORT.value, "inclusion")


def test_what_a_person_wrote_stands(run: Callable[..., Summary], session: Session) -> None:
    run([PLACE], [OFFER])
    one = session.scalars(sa.select(Service)).one()
    because = Because(Cause.OFFER, Actor(Side.PLACE, one.id, ""))
    offers.change(session, one.structure_id, one.id, {"nom": "Chez nous, le jeudi"}, 1, because, (), NOW)
    session.commit()
    run([PLACE], [offer(nom="Permanence du mardi")])
    assert session.scalars(sa.select(Service)).one().nom == "Chez nous, le jeudi"


def test_an_offer_that_a_person_took_off_stays_off(run: Callable[..., Summary], session: Session) -> None:
    run([PLACE], [OFFER])
    one = session.scalars(sa.select(Service)).one()
    offers.remove(session, one.structure_id, one.id, Because(Cause.OFFER, Actor(Side.PLACE, one.id, "")), (), NOW)
    session.commit()
    done = run([PLACE], [OFFER])
    assert (done.created, done.unchanged) == (0, 2)
    assert session.scalars(sa.select(Service)).all() == []


def test_an_offer_leaves_after_three_runs_and_seven_days(run: Callable[..., Summary], session: Session) -> None:
    others = [offer(id=f"dora--s{rank}", nom=f"Atelier {rank}") for rank in range(2, 6)]
    run([PLACE], [OFFER, *others], complete=True)
    for day, there in ((1, 5), (2, 5), (3, 5), (9, 4)):
        done = run([PLACE], others, now=NOW + timedelta(days=day), complete=True)
        assert len(session.scalars(sa.select(Service)).all()) == there, day
    assert done.archived == 1
    told = session.scalars(sa.select(FieldChange).order_by(FieldChange.id)).all()[-1]
    assert (told.before["v"]["nom"], told.after["v"]) == ("Permanence Ameli", None)
    run([PLACE], [OFFER, *others], now=NOW + timedelta(days=10), complete=True)
    assert len(session.scalars(sa.select(Service)).all()) == 5, "back when it returns"


def test_a_source_that_has_nothing_new_says_it_again(run: Callable[..., Summary], session: Session) -> None:
    others = [offer(id=f"dora--s{rank}", nom=f"Atelier {rank}") for rank in range(2, 6)]
    run([PLACE], [OFFER, *others], complete=True)
    run([PLACE], others, now=NOW + timedelta(days=1), complete=True)
    session.commit()
    for day, there in ((2, 5), (9, 4)):
        how = How("inclusion", ("inclusion",), NOW + timedelta(days=day))
        PlacesAndOffers().again(session, how, frozenset({"59512"}))
        session.commit()
        assert len(session.scalars(sa.select(Service)).all()) == there, day


def test_a_service_without_its_structure_is_refused(tmp_path: Path) -> None:
    found = selecting.Selection(services={"s1": (OFFER, ["sante--acces-aux-soins"])})
    selecting.write(found, tmp_path / "b.jsonl")
    (read,) = Inclusion().read(tmp_path / "b.jsonl")
    assert read.incoming is None
    assert [problem.reason for problem in read.problems] == ["structure-inconnue"]


def test_what_a_person_writes_meanwhile_stands(
    run: Callable[..., Summary], session: Session, sessions: sessionmaker[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person's change waits for the import, or is seen by it: it is never written over."""
    run([PLACE], [OFFER])
    one = session.scalars(sa.select(Service)).one()
    structure_id, offer_id = one.structure_id, one.id
    session.commit()
    started, done = threading.Event(), threading.Event()
    refused: list[BaseException] = []

    def person() -> None:
        started.wait(20)
        because = Because(Cause.OFFER, Actor(Side.PLACE, offer_id, ""))
        try:
            with sessions.begin() as other:
                offers.change(other, structure_id, offer_id, {"description": "Chez nous"}, 1, because, (), NOW)
        except offers.Stale as error:  # the import was first: the person is shown what it wrote
            refused.append(error)
        done.set()

    writer, real = threading.Thread(target=person), OfferApplier._write

    def write(self: OfferApplier, *some: Any) -> None:
        started.set()
        done.wait(1)  # time enough to slip in, if nothing kept the person out
        real(self, *some)

    monkeypatch.setattr(OfferApplier, "_write", write)
    writer.start()
    run([PLACE], [offer(description="La source change.")])
    writer.join(30)
    session.expire_all()
    found = session.scalars(sa.select(Service)).one()
    assert refused
    assert found.updated_by is None
    assert found.description == "La source change.\n\nConditions : Venir avec sa carte Vitale."


def test_half_of_the_places_and_offers_is_held(run: Callable[..., Summary]) -> None:
    places = [place(id=f"dora--{rank}", nom=f"Atelier fictif {rank}") for rank in range(10)]
    services = [offer(id=f"s{rank}", structure_id=f"dora--{rank}") for rank in range(10)]
    run(places, services, match=False)
    with pytest.raises(Held) as held:
        run(places[:5], services[:5], complete=True, match=False)
    assert held.value.code == "trop-peu"


def test_an_offer_that_moves_is_told_on_both_sheets(run: Callable[..., Summary], session: Session) -> None:
    both = [PLACE, place(id="dora--2", nom="Maison inventée", adresse="80 rue Imaginaire", latitude=50.7)]
    services = [OFFER, offer(id="s2", structure_id="dora--2")]
    run(both, services, match=False)
    before = {one.nom: one.rev for one in session.scalars(sa.select(Structure))}
    run(both, [offer(structure_id="dora--2"), services[1]], match=False)
    session.expire_all()
    after = {one.nom: one.rev for one in session.scalars(sa.select(Structure))}
    assert {name: after[name] - rev for name, rev in before.items()} == {"Atelier fictif": 1, "Maison inventée": 1}


ODD = [
    ("modes_accueil", 5), ("modes_accueil", [{"a": 1}]), ("publics", 5), ("nom", {"a": 1}), ("date_maj", 5),
    ("description", "\ud800 x"), ("telephone", ["x"]), ("type", ["a"]), ("frais", {"a": 1}), ("id", ["x"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), ODD, ids=str)
def test_an_odd_value_does_not_cost_the_run(tmp_path: Path, name: str, value: Any) -> None:
    path = tmp_path / "b.jsonl"
    structures = [PLACE, place(id="x2", reseaux_porteurs=[["x"], {"a": 1}])]
    found = selecting.select(structures, [OFFER, offer(id="s2", **{name: value} if name != "id" else {}),
                                          offer(id=value if name == "id" else "s3")], mapping.DEFAULT_THEMES, None)  # fmt: skip
    selecting.write(found, path)
    assert any(read.incoming for read in Inclusion().read(path))


# --- The files -------------------------------------------------------------------------------------------------------


def as_csv(rows: list[dict[str, Any]], lists: Callable[[list[str]], str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: lists(value) if isinstance(value, list) else value for name, value in row.items()})
    return out.getvalue().encode()


@pytest.mark.parametrize("lists", [json.dumps, lambda some: "{" + ",".join(some) + "}"], ids=["json", "postgres"])
def test_csv_reads_as_json(tmp_path: Path, lists: Callable[[list[str]], str]) -> None:
    path = tmp_path / "services.csv"
    path.write_bytes(b"\xef\xbb\xbf" + as_csv([OFFER, offer(id="s2", description="Une ligne\nune autre")], lists))
    one, two = formats.rows(path, "services")
    assert one["thematiques"] == OFFER["thematiques"]
    assert two["description"] == "Une ligne\nune autre"
    assert "contact_nom_prenom" not in one


def test_parquet_and_an_api_page_read_as_json(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([OFFER]), tmp_path / "s.parquet")
    (tmp_path / "page.json").write_text(json.dumps({"items": [OFFER], "total": 1}), encoding="utf-8")
    without = {name: value for name, value in OFFER.items() if name != "contact_nom_prenom"}
    assert list(formats.rows(tmp_path / "s.parquet", "services")) == [without]
    assert list(formats.rows(tmp_path / "page.json", "services")) == [without]


BAD = {
    "empty": (b"", "vide"),
    "an empty list": (b"[]", "vide"),
    "a page": (b"<html>", "html"),
    "another schema": (b'[{"name": "x"}]', "hors-schema"),
    "cut": (json.dumps([OFFER, OFFER]).encode()[:-30], "tronque"),
    "a cut csv": (as_csv([OFFER, OFFER], json.dumps)[:-40], "tronque"),
    "not utf-8": (as_csv([OFFER], json.dumps).replace(b"Permanence", b"\xe9\xe8"), "illisible"),
    "bottomless": (b"[" * 100_000, "illisible"),
    "no parquet": (b"PAR1 and nothing more", "illisible"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    content, code = BAD[name]
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        list(formats.rows(path, "services"))
    assert refused.value.code == code


def test_a_small_file_that_means_gigabytes_is_refused(tmp_path: Path) -> None:
    """A value of 1 MB that is written once and meant by 2,000 rows: 8 kB on the disk, 5 GB as rows."""
    path = tmp_path / "bomb.parquet"
    rows = {"id": [str(n) for n in range(2_000)], "structure_id": ["x"] * 2_000, "nom": ["a" * 1_000_000] * 2_000}
    pyarrow.parquet.write_table(pyarrow.table(rows), path, compression="zstd")
    assert path.stat().st_size < 100_000
    with pytest.raises(Refused) as refused:
        list(formats.rows(path, "services"))
    assert refused.value.code == "illisible"


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "line.csv.gz"
    path.write_bytes(gzip.compress(b"id,structure_id,nom\n" + b"x" * 50_000_000))
    with pytest.raises(Refused) as refused:
        list(formats.rows(path, "services"))
    assert refused.value.code == "illisible"


def test_a_bundle_that_is_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    selecting.write(selecting.select([PLACE], [OFFER], mapping.DEFAULT_THEMES, None), path)
    whole = path.read_text(encoding="utf-8")
    assert Inclusion().check(path)["seen"] == {"structures": 1, "services": 1}
    for cut in (whole[: len(whole) // 2], whole[: whole.rstrip().rindex("\n") + 1]):
        path.write_text(cut, encoding="utf-8")
        with pytest.raises(Refused) as refused:
            Inclusion().check(path)
        assert refused.value.code == "tronque"


def test_themes_are_chosen_by_pattern() -> None:
    themes = ["numerique--acquerir-un-equipement", "sante--addictions", "mobilite--x"]
    assert mapping.wanted(themes, ["numerique--*"]) == ["numerique--acquerir-un-equipement"]
    assert mapping.wanted(themes, mapping.DEFAULT_THEMES) == ["numerique--acquerir-un-equipement"]
    assert mapping.wanted("numerique--x", ["*"]) == [], "a text is not a list"


def test_every_theme_that_is_looked_for_has_words() -> None:
    from data_inclusion.schema import v1

    official = [theme.value for theme in v1.Thematique]
    looked_for = mapping.wanted(official, mapping.DEFAULT_THEMES)
    assert len(looked_for) == 15, "4 of the digital, 2 of health, 1 of carers, 6 of papers, 2 of reading"
    assert set(looked_for) <= set(offers.THEMES)
    assert set(mapping.SERVICES) <= set(official)


def test_a_wrong_value_costs_only_itself() -> None:
    said, issues = mapping.offer(
        offer(type="magie", frais="cher", telephone="12", publics="tous", lien_mobilisation="javascript:x"),
        ["sante--acces-aux-soins"], date(2026, 11, 24),
    )  # fmt: skip
    assert (said["type"], said["frais"], said["telephone"], said["lien_mobilisation"]) == (None, None, None, None)
    assert {field for field, _reason, _value in issues} == {
        "type", "frais", "telephone", "courriel", "lien_mobilisation",
    }  # fmt: skip
