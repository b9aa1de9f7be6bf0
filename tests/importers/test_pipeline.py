"""Real files enter the directory: counted, again without effect, one changed row at a time. Both engines."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers import sentences
from importers.models import ImportReject, ImportRun
from importers.pipeline import Summary
from importers.pipeline import running as pipeline
from reseau.core.changes import Change
from reseau.core.hours import Hours
from reseau.directory.models import SourcePart, SourceRecord, Structure
from tests.directory.site import DATA, ROUBAIX_CSV, csv_of, dump, row

Import = Callable[..., Summary]
SHOWN = ("structure", "change", "field_change", "source_part", "override", "service")
COUNTS = ("read", "created", "updated", "unchanged", "merged", "rejected", "outside")


def counts(summary: Summary, *names: str) -> dict[str, int]:
    """What is not zero."""
    return {name: getattr(summary, name) for name in names or COUNTS if getattr(summary, name)}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as a CSV of schema 1.0.2."""

    def write(*rows: dict[str, str], name: str = "f.csv") -> Path:
        path = tmp_path / name
        path.write_text(csv_of(rows), encoding="utf-8", newline="")
        return path

    return write


def count(session: Session, model: Any) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def test_csv_then_json_of_roubaix(do_import: Import, session: Session, engine: sa.Engine) -> None:
    first = do_import(ROUBAIX_CSV, match=True)
    assert (first.read, first.created + first.linked) == (39, 39), "some places are there twice"
    session.commit()
    before = {name: dump(engine)[name] for name in SHOWN}
    assert counts(do_import(DATA / "roubaix-lieux_schema-1.0.json")) == {"read": 39, "unchanged": 39}
    assert counts(do_import(ROUBAIX_CSV)) == {"read": 39, "unchanged": 39}
    assert {name: dump(engine)[name] for name in SHOWN} == before
    assert [row.op for row in session.scalars(sa.select(Change)) if row.op == "publish"] == ["publish"] * first.created


def test_the_region_and_the_advisers(do_import: Import, session: Session) -> None:
    region = do_import(DATA / "hdf-lieux_schema-1.0.csv.gz", match=True)
    assert counts(region)["read"] == 1741 == region.created + region.linked
    assert region.facts["format"] == "csv"
    assert region.values["courriel-fictif"] == 275, "each masked address is said"
    assert set(region.values) <= set(sentences.REASONS)
    advisers = do_import(DATA / "cnfs-2022_hauts-de-france_schema-0.1.json", match=True)
    assert counts(advisers)["read"] == 421
    assert advisers.created + advisers.linked + advisers.updated + advisers.unchanged == 421
    assert count(session, Structure) == region.created + advisers.created
    run = session.scalars(sa.select(ImportRun).order_by(ImportRun.id)).all()[-1]
    assert (run.state, run.summary["read"]) == ("done", 421)
    # 92 % of the rows have no INSEE code: nearly all of them get one from their name and postcode.
    without = session.scalars(sa.select(Structure.commune).where(Structure.code_insee.is_(None))).all()
    assert len(without) < 0.03 * (region.created + advisers.created)
    session.commit()
    assert counts(do_import(DATA / "hdf-lieux_schema-1.0.csv.gz")) == {"read": 1741, "unchanged": 1741}


def test_a_changed_row_changes_only_its_place(do_import: Import, session: Session, file: Any) -> None:
    rows = [row(name) for name in "ABC"]
    do_import(file(*rows))
    rows[1] |= {"telephone": "0320815757", "date_maj": "2025-01-02"}
    assert counts(do_import(file(*rows))) == {"read": 3, "updated": 1, "unchanged": 2}
    found = {s.nom: s for s in session.scalars(sa.select(Structure))}
    assert {name: s.rev for name, s in found.items()} == {"Lieu A": 1, "Lieu B": 2, "Lieu C": 1}
    assert found["Lieu B"].telephone == "+33320815757"
    assert found["Lieu B"].provenance["telephone"]["date"] == "2025-01-02"
    last = session.scalars(sa.select(Change).order_by(Change.seq.desc())).first()
    assert (last.seq, last.object_id, last.op, last.rev) == (4, found["Lieu B"].id, "update", 2)


def test_what_does_not_change_what_is_shown_makes_no_news(do_import: Import, session: Session, file: Any) -> None:
    """A register that writes the same thing otherwise: the record is kept up to date, nobody is told."""
    do_import(file(row("A", telephone="0320815757", commune="ROUBAIX")))
    summary = do_import(file(row("A", telephone="+33 3 20 81 57 57", commune="Roubaix")))
    assert counts(summary) == {"read": 1, "unchanged": 1}
    assert count(session, Change) == 1


def test_a_regrouped_id_alone_makes_no_news(do_import: Import, session: Session, file: Any) -> None:
    do_import(file(row("A")))
    assert counts(do_import(file(row("A__B", nom="Lieu A")))) == {"read": 1, "updated": 1}
    assert (session.scalars(sa.select(Structure.rev)).one(), count(session, Change)) == (1, 1)


def test_the_order_of_rows_and_columns_and_the_dialect_mean_nothing(do_import: Import, tmp_path: Path) -> None:
    do_import(ROUBAIX_CSV)
    rows = list(csv.DictReader(ROUBAIX_CSV.read_text(encoding="utf-8").splitlines()))
    random.Random(1).shuffle(rows)
    path = tmp_path / "other.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, [*reversed(rows[0]), "couleur"], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    summary = do_import(path)
    assert counts(summary) == {"read": 39, "unchanged": 39}
    assert summary.facts["unknown_columns"] == {"couleur": 39}


def test_rejects_say_row_reason_and_value(do_import: Import, session: Session, file: Any) -> None:
    rows = [row("A"), row(""), row("B", nom=""), row("C", commune="", code_postal=""), row("D", services="Inconnu au bataillon"),
            row("E", horaires="quand on peut"), row("A")]  # fmt: skip
    summary = do_import(file(*rows))
    assert counts(summary) == {"read": 7, "created": 3, "rejected": 4}
    assert summary.reasons == {"id-manquant": 1, "nom-manquant": 1, "sans-lieu": 1, "identifiant-deja-lu": 1}
    assert summary.values == {"valeur-inconnue": 1, "horaires-non-lus": 1}
    found = {(r.row_number, r.field, r.reason) for r in session.scalars(sa.select(ImportReject))}
    assert found == {
        (2, None, "id-manquant"), (3, None, "nom-manquant"), (4, None, "sans-lieu"), (5, "services", "valeur-inconnue"),
        (6, "horaires", "horaires-non-lus"), (7, None, "identifiant-deja-lu"),
    }  # fmt: skip
    duplicate = session.scalars(sa.select(ImportReject).where(ImportReject.row_number == 7)).one()
    assert (duplicate.source_id, duplicate.value) == ("A", "ligne 1")
    kept = session.scalars(sa.select(Structure).where(Structure.nom == "Lieu D")).one()
    assert kept.services == ["Inconnu au bataillon"]
    assert (
        session.scalars(sa.select(Structure.horaires_texte).where(Structure.nom == "Lieu E")).one() == "quand on peut"
    )


def test_unknown_means_unknown(do_import: Import, session: Session, file: Any) -> None:
    nothing = {"pivot": "00000000000000", "date_maj": "1970-01-01", "latitude": "0", "longitude": "0"}
    summary = do_import(file(row("A", **nothing)))
    found = session.scalars(sa.select(Structure)).one()
    assert (found.pivot, found.date_maj, found.latitude, found.longitude) == (None, None, None, None)
    assert not summary.values, "and is not an error"


def test_rows_that_share_a_part_of_their_id_are_not_guessed_about(
    do_import: Import, session: Session, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH", 2)
    rows = [row("A__B"), row("C"), row("D"), row("B__E"), row("E")]
    summary = do_import(file(*rows))
    assert counts(summary) == {"read": 5, "created": 4, "rejected": 1}
    assert sorted(session.scalars(sa.select(SourceRecord.source_id))) == ["A__B", "C", "D", "E"]


@pytest.mark.parametrize("seed", range(4))
def test_ids_regrouped_at_random_never_break_anything(
    do_import: Import, session: Session, file: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A register that groups its ids otherwise at each publication: each row is one record, each part in one."""
    monkeypatch.setattr(pipeline, "BATCH", 3)
    chance = random.Random(seed)
    for _ in range(6):
        parts = chance.sample("ABCDEFGHIJ", 8)
        groups: list[list[str]] = []
        while parts:
            size = chance.randint(1, 3)
            groups.append(parts[:size])
            parts = parts[size:]
        rows = [row("__".join(group)) for group in groups]
        do_import(file(*rows))
        assert counts(do_import(file(*rows))) == {"read": len(rows), "unchanged": len(rows)}
        owners: dict[Any, set[str]] = {}
        for part in session.scalars(sa.select(SourcePart)):
            owners.setdefault(part.record_id, set()).add(part.part)
        by_id = {r.source_id: owners.get(r.id) for r in session.scalars(sa.select(SourceRecord))}
        session.commit()
        session.expire_all()
        for group in groups:
            assert by_id["__".join(group)] == set(group)
        assert all(by_id.values()), "no record without an id"


def test_the_dirt_of_the_national_converter_passes(do_import: Import, session: Session, file: Any) -> None:
    with (DATA / "dirt-hours-contact.csv").open(encoding="utf-8", newline="") as handle:
        dirty = [(r["champ"], r["valeur_sale"]) for r in csv.DictReader(handle)]
    columns = {"horaires_jour": "horaires", "horaires_semaine": "horaires", "courriel": "courriels"}
    rows = [row(f"H{n}", **{columns.get(field, field): value}) for n, (field, value) in enumerate(dirty)]
    with (DATA / "dirt-adresses.csv").open(encoding="utf-8", newline="") as handle:
        rows += [
            row(
                f"A{n}",
                adresse=r["voie_sale"],
                code_postal=r["code_postal_sale"],
                commune=r["commune_sale"],
                code_insee="",
            )
            for n, r in enumerate(csv.DictReader(handle))
        ]
    summary = do_import(file(*rows))
    assert summary.read == len(rows) > 230
    assert summary.created + summary.linked + summary.rejected == len(rows)
    assert summary.rejected < 10
    by_name = {s.nom: s for s in session.scalars(sa.select(Structure))}
    for number, (field, value) in enumerate(dirty):
        found = by_name[f"Lieu H{number}"]
        if field.startswith("horaires") and any(map(str.isalnum, value)):
            assert found.horaires or found.horaires_texte, f"{value!r} is lost"
            assert found.horaires is None or Hours(found.horaires)
        if found.telephone:
            assert found.telephone.removeprefix("+").isdigit()
        assert all(mail.count("@") == 1 for mail in found.courriels)
        assert all(url.startswith(("http://", "https://")) for url in found.site_web)


def test_json_of_any_shape_does_no_harm(do_import: Import, session: Session, tmp_path: Path) -> None:
    good = {"id": "A", "nom": "Bon", "commune": "Roubaix", "services": "x"}
    path = tmp_path / "f.json"
    path.write_text(
        json.dumps([
            good, {**good, "id": "B\x00C"}, {**good, "id": "D", "cl\x00ef": 1}, {**good, "id": "E", "nom": ["une", "liste"]},
            {**good, "id": "F", "services": {"a": 1}}, "texte \x00 nul", 12, None, [], {**good, "id": "G", "nom": "\ud800 nom"},
            {**good, "id": "H", "telephone": "\ud800\x00"}, {**good, "id": "I", "clé\ud800": "x"}, {**good, "id": 12},
            {**good, "id": "J", "latitude": "1e400", "longitude": "NaN"}, {**good, "id": "K", "horaires": True}, {},
        ])
    )  # fmt: skip
    summary = do_import(path)
    assert summary.read == 16
    assert summary.created + summary.rejected == 16
    assert {"Bon"} <= set(session.scalars(sa.select(Structure.nom)))
    assert session.scalars(sa.select(ImportRun.state)).one() == "done"


def test_a_reader_sees_only_whole_batches(
    do_import: Import, sessions: sessionmaker[Any], engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, file: Any
) -> None:
    monkeypatch.setattr(pipeline, "BATCH", 10)
    seen: list[tuple[int, int, int]] = []

    def look() -> None:
        with engine.connect().execution_options(read_only=True) as reader:
            seen.append(
                tuple(
                    reader.scalar(sa.select(sa.func.count()).select_from(m)) for m in (Structure, SourceRecord, Change)
                )
            )

    real = pipeline._close

    def close(session: Session, dry_run: bool) -> None:
        session.flush()
        look()
        real(session, dry_run)
        look()

    monkeypatch.setattr(pipeline, "_close", close)
    do_import(file(*(row(f"R{n:02}") for n in range(25))))
    assert all(len(set(one)) == 1 for one in seen), "places, records and log go together"
    assert [one[0] for one in seen] == [0, 10, 10, 20, 20, 25, 25, 25], "before and after each commit"


def test_a_place_that_moves_out_of_the_territory_gives_its_new_address(
    do_import: Import, session: Session, file: Callable[..., Path]
) -> None:
    here = frozenset({"59512"})
    do_import(file(row("A"), row("B")), territory=here)
    tourcoing = {"commune": "Tourcoing", "code_postal": "59200", "code_insee": "59599"}
    summary = do_import(file(row("A", **tourcoing), row("B"), row("C", **tourcoing)), territory=here)
    assert counts(summary) == {"read": 3, "updated": 1, "unchanged": 1, "outside": 1}
    communes = session.scalars(sa.select(Structure.commune).order_by(Structure.nom)).all()
    session.commit()
    assert communes == ["Tourcoing", "Roubaix"]
