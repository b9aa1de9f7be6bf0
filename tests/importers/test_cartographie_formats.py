"""Files of every dialect are read, and what is not such a file is refused by name, never by a crash."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.cartographie.formats import BadRow, NotThisSchema, Row, Rows, open_rows

DATA = Path(__file__).parents[1] / "data"
CSV = (DATA / "roubaix-lieux_schema-1.0.csv").read_bytes()
JSON = (DATA / "roubaix-lieux_schema-1.0.json").read_bytes()
HEAD = "id,nom,commune,services\n"


def read(data: bytes | str, **options: int) -> tuple[Rows, list[Row | BadRow]]:
    """The whole of a file given as bytes."""
    rows = open_rows(io.BytesIO(data.encode() if isinstance(data, str) else data), **options)
    return rows, list(rows)


def refusal(data: bytes | str, **options: int) -> NotThisSchema:
    """The refusal of a file."""
    with pytest.raises(NotThisSchema) as caught:
        read(data, **options)
    return caught.value


def filled(values: Any) -> dict[str, str]:
    """Cells that say something, as text: CSV has empty ones, JSON omits them and has numbers."""
    return {name: str(value) for name, value in values.items() if value != ""}


def test_csv_and_json_of_roubaix_say_the_same() -> None:
    rows, from_csv = read(CSV)
    _, from_json = read(JSON)
    assert (rows.format, rows.delimiter, rows.read, rows.warnings) == ("csv", ",", 39, [])
    assert [row.number for row in from_csv] == list(range(1, 40))
    for left, right in zip(from_csv, from_json, strict=True):
        assert isinstance(left, Row)
        assert isinstance(right, Row)
        assert filled(left.values) == filled(right.values)


@pytest.mark.parametrize("name", ["hdf-lieux_schema-1.0.csv.gz", "cnfs-2022_hauts-de-france_schema-0.1.json"])
def test_whole_files_have_no_bad_row(name: str) -> None:
    with open_rows(DATA / name) as rows:
        assert all(isinstance(row, Row) for row in rows)
    assert rows.read in (1741, 421)
    assert not rows.unknown
    assert not rows.warnings


def rewritten(delimiter: str, quoting: int, encoding: str, ending: str) -> bytes:
    """The file of Roubaix in another dialect."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ending)
    writer.writerows(csv.reader(io.StringIO(CSV.decode(), newline="")))
    return text.getvalue().encode(encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("zipped", [False, True])
def test_every_dialect_reads_alike(delimiter: str, quoting: int, encoding: str, ending: str, zipped: bool) -> None:
    data = rewritten(delimiter, quoting, encoding, ending)
    rows, found = read(gzip.compress(data) if zipped else data)
    assert found == read(CSV)[1]
    assert rows.delimiter == delimiter
    assert rows.warnings == (["encodage-cp1252"] if encoding == "cp1252" else [])


def test_a_mix_of_encodings_keeps_the_good_accents() -> None:
    data = HEAD.encode() + "1,Médiathèque,Lille,\n".encode() + "2,Médiathèque,Lille,\n".encode("cp1252")
    rows, found = read(data)
    assert [row.values["nom"] for row in found if isinstance(row, Row)] == ["Médiathèque"] * 2
    assert rows.warnings == ["encodage-cp1252"]


def test_json_in_cp1252_is_read_too() -> None:
    record = {"id": "1", "nom": "Médiathèque " * 9_000, "commune": "Lille", "pivot": "0"}
    data = json.dumps([record, {**record, "id": "2"}], ensure_ascii=False).encode("cp1252")
    rows, found = read(data)
    assert [row.values["nom"] for row in found if isinstance(row, Row)] == [record["nom"]] * 2
    assert rows.warnings == ["encodage-cp1252"]


def test_columns_in_any_order_old_names_and_unknown_ones() -> None:
    rows, found = read(
        '\ufeffCommune;"couleur" ; ID;structureId;Nom;cle_ban;conditions_access;pivot\nLille;bleu;7;x;A;y;Gratuit;0\n'
    )
    assert found == [Row(1, {"commune": "Lille", "id": "7", "nom": "A", "conditions_access": "Gratuit", "pivot": "0"})]
    assert rows.unknown == {"couleur": 1}
    rows, found = read(
        '[{"id": 7, "nom": "A", "commune": "B", "pivot": "0", "structure_coop_id": 1, "Couleur": "bleu"}]'
    )
    assert found == [Row(1, {"id": 7, "nom": "A", "commune": "B", "pivot": "0"})]
    assert rows.unknown == {"couleur": 1}


def test_a_column_twice_is_the_first_one_and_a_warning() -> None:
    rows, found = read("id,nom,nom,commune,pivot\n1,A,B,C,0\n")
    assert isinstance(found[0], Row)
    assert found[0].values["nom"] == "A"
    assert rows.warnings == ["colonne-en-double"]


@pytest.mark.parametrize(
    "data, code",
    [
        (b"", "vide"),
        (b"  \n\n", "vide"),
        (b"\xef\xbb\xbf", "vide"),
        (gzip.compress(b"", mtime=0), "vide"),
        (HEAD, "vide"),
        ("[]", "vide"),
        ("<!DOCTYPE html><html><body>404</body></html>", "html"),
        ("\n  <html>", "html"),
        ("\ufeff<?xml version='1.0'?>", "html"),
        (gzip.compress(b"<html>", mtime=0), "html"),
        ('{"type": "FeatureCollection", "features": []}', "vide"),
        ('{"message": "Not found"}', "hors-schema"),
        ("[1, 2]", "hors-schema"),
        ('["a"]', "hors-schema"),
        ("[[[[[[]]]]]]", "hors-schema"),
        ('[{"a": 1}]', "hors-schema"),
        ("a,b,c\n1,2,3\n", "hors-schema"),
        ("nom,commune,services\nA,B,\n", "hors-schema"),
        ("id,nom,commune\n1,A,B\n", "hors-schema"),
        ("bonjour", "hors-schema"),
        (b"PK\x03\x04\x14\x00\x00\x00", "illisible"),
        (b"\x00\x01\x02", "illisible"),
        ("[{'id': 1}]", "illisible"),
        ('[{"id": 1, "nom": NaN}]', "illisible"),
        ('[{"id": 1, "nom": "A", "commune": "B", "pivot": "0"}] trailing', "illisible"),
        ("[{" + '"id": ' + "9" * 5000 + "}]", "illisible"),
        (b"\x1f\x8b\x08\x00garbage-that-is-no-deflate-stream", "illisible"),
        ('[{"id": 1, "nom": "A", "commune": "B", "pivot": "0"}', "tronque"),
        ("[", "tronque"),
        ('[{"id": "1', "tronque"),
        (HEAD + "1,A,B,C\n2,A", "tronque"),
        (HEAD + '1,A,B,C\n2,"A,B,C\n', "tronque"),
        (HEAD + '1,A,B,"C\n2,A,B,C\n', "tronque"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_refused_files(data: bytes | str, code: str) -> None:
    error = refusal(data)
    assert error.code == code
    if code == "hors-schema":
        assert error.details["missing"]
    if code == "tronque":
        assert error.details["row"] >= 1


def test_what_is_missing_is_said() -> None:
    assert refusal("id,commune\n1,A\n").details == {"missing": "nom, services ou pivot"}


def test_a_truncated_file_says_where_and_gives_the_rows_before() -> None:
    rows = open_rows(io.BytesIO(CSV[: len(CSV) * 2 // 3]))
    found: list[Row | BadRow] = []
    with pytest.raises(NotThisSchema) as caught:
        found.extend(rows)
    assert caught.value.code == "tronque"
    assert caught.value.details["row"] == len(found) + 1
    assert all(isinstance(row, Row) for row in found)


@pytest.mark.parametrize("data", [CSV, JSON], ids=["csv", "json"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_truncation_is_seen(data: bytes, share: float) -> None:
    cut = data[: int(len(data) * share)]
    assert refusal(cut).code == "tronque"
    assert refusal(gzip.compress(data)[: int(len(gzip.compress(data)) * share)]).code == "tronque"


def test_a_last_line_without_newline_is_whole_if_it_has_its_columns() -> None:
    assert len(read(HEAD + "1,A,B,C")[1]) == 1
    assert len(read(CSV.rstrip(b"\n"))[1]) == 39


@pytest.mark.parametrize(
    "line, reason",
    [
        ("2,A\0,B,C", "octet-nul"),
        ("2,A,B,C,D", "trop-de-colonnes"),
        ("2,A,B", "colonnes-manquantes"),
        ("2,A,B," + "x" * 200_000, "champ-trop-long"),
        ('2,A,"' + "x" * 10_000_000 + '",C', "champ-trop-long"),
        ("2,A,B," + "x" * 10_000_000, "champ-trop-long"),
        ('2,A,B,"' + "x" * 9_000_000 + "\n" + "y" * 9_000_000 + '"', "champ-trop-long"),
    ],
    ids=lambda value: value[:30],
)
def test_a_bad_row_does_not_stop_the_others(line: str, reason: str) -> None:
    _, found = read(f"{HEAD}1,A,B,C\n{line}\n3,A,B,C\n")
    assert [row.number for row in found] == [1, 2, 3]
    assert [type(row) for row in found] == [Row, BadRow, Row]
    bad = found[1]
    assert isinstance(bad, BadRow)
    assert bad.reason == reason
    assert len(bad.raw) <= 2_000


@pytest.mark.parametrize("hostile", ["[" * 100_000, '{"nom": [' + "[]," * 3_000_000 + "[]]}"], ids=["deep", "wide"])
def test_what_would_take_all_memory_is_refused_whole(hostile: str) -> None:
    with pytest.raises(NotThisSchema) as caught:
        read(f'[{{"id": "1", "nom": "A", "commune": "B", "services": "C"}}, {hostile}]')
    assert caught.value.code == "illisible"


@pytest.mark.parametrize(
    "item, reason",
    [
        ("7", "pas-un-objet"),
        ('["a"]', "pas-un-objet"),
        ('{"id": "2", "nom": ' + "[" * 2_000 + "]" * 2_000 + "}", "ligne-illisible"),
        ('{"id": "2", "nom": "a\\u0000"}', "octet-nul"),
        ('{"id": "2", "nom": "' + "x" * 200_000 + '"}', "champ-trop-long"),
    ],
    ids=lambda value: value[:30],
)
def test_a_bad_item_does_not_stop_the_others(item: str, reason: str) -> None:
    good = '{"id": "1", "nom": "A", "commune": "B", "pivot": "0"}'
    _, found = read(f"[{good}, {item}, {good}]")
    assert [type(row) for row in found] == [Row, BadRow, Row]
    assert isinstance(found[1], BadRow)
    assert found[1].reason == reason


def test_empty_lines_and_a_delimiter_at_the_end_are_nothing() -> None:
    rows, found = read("id;nom;commune;pivot;\n\n1;A;B;0;\n\n2;A;B;0;\n\n")
    assert ([row.number for row in found], rows.read) == ([2, 4], 2), "but counted, as a spreadsheet does"
    assert all(isinstance(row, Row) for row in found)


def test_a_field_may_hold_lines_and_quotes() -> None:
    _, found = read(HEAD + '1,"A\n""B"", C",D,E\n')
    assert found == [Row(1, {"id": "1", "nom": 'A\n"B", C', "commune": "D", "services": "E"})]


def test_size_is_capped_after_decompression() -> None:
    bomb = gzip.compress(HEAD.encode() + b"1,A,B,C\n" * 500_000)
    assert len(bomb) < 20_000
    error = refusal(bomb, max_bytes=1_000_000)
    assert (error.code, error.details) == ("trop-gros", {"limit": 1_000_000})
    assert refusal(JSON, max_bytes=1_000).code == "trop-gros"


class Endless(io.RawIOBase):
    """Six megabytes of rows, made as they are read."""

    def __init__(self) -> None:
        self.pieces = chain([HEAD.encode()], repeat(b"1,A,B," + b"x" * 93 + b"\n", 60_000))
        self.rest = b""

    def read(self, size: int = -1) -> bytes:
        self.rest = self.rest or next(self.pieces, b"")
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece


def test_memory_stays_flat() -> None:
    tracemalloc.start()
    try:
        count = sum(1 for _ in open_rows(Endless()))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 60_000
    assert peak < 1_000_000


def test_a_path_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_rows(tmp_path / "absent.csv")


def test_the_file_is_closed_at_the_end_and_on_refusal(tmp_path: Path) -> None:
    good, html = tmp_path / "a.csv", tmp_path / "b.csv"
    good.write_bytes(CSV)
    html.write_bytes(b"<html>")
    for _ in range(2):
        assert len(list(open_rows(good))) == 39
    with pytest.raises(NotThisSchema):
        open_rows(html)
    with open_rows(good) as rows:
        next(rows)
    assert list(rows) == []


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: (HEAD + text).encode())))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        rows, found = read(data)
    except NotThisSchema:
        return
    assert rows.read == len(found) == found[-1].number


CELLS = st.text(st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\0\r"), max_size=20)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=5))
def test_what_csv_writes_is_what_is_read(records: list[tuple[str, str, str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["id", "nom", "commune", "services"])
    writer.writerows(records)
    _, found = read(text.getvalue())
    assert [tuple(row.values.values()) for row in found if isinstance(row, Row)] == records
