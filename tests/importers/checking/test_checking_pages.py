"""``/valider`` as a visitor sends a file to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from webtest import TestResponse

from importers.checking import views
from reseau.core.limits import RateCount
from resources.files.admission import FROM_ANYBODY, MOST_FROM_ANYBODY, TAKES_FILES, Admission, Parser
from tests.directory.site import Page, Site, dump
from tests.importers.checking.test_checking import table

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    made = Site(database_url, tmp_path)
    yield made
    made.engine.dispose()


def send(site: Site, content: bytes, name: str = "lieux.csv", token: str | None = None, **more: int) -> TestResponse:
    form = site.app.get("/valider").forms[1]
    fields = [("csrf_token", form["csrf_token"].value if token is None else token)]
    return site.app.post(
        "/valider",
        fields,
        upload_files=[("fichier", name, content)],
        extra_environ={"REMOTE_ADDR": "192.0.2.7"},
        **more,
    )


def left(site: Site) -> list[Path]:
    return [path for path in (site.settings.files_dir / "tmp").rglob("*") if path.is_file()]


def test_the_empty_page_says_that_nothing_is_kept(site: Site) -> None:
    page = Page(site.app.get("/valider").text)
    assert not page.errors
    assert "Rien n’est gardé" in page.text
    assert "Résultat" not in page.text


def test_a_good_file(site: Site) -> None:
    before = dump(site.engine)
    answer = send(site, table({}, {}))
    page = Page(answer.text)
    assert not page.errors
    assert "Aucune erreur" in page.text
    assert "2 lignes lues" in page.text
    assert left(site) == []
    after = dump(site.engine)
    assert {name for name in after if after[name] != before[name]} == {"rate_count"}, "nothing is kept but how often"


def test_a_bad_file_and_its_table(site: Site) -> None:
    answer = send(site, table(*({"telephone": "<b>03</b>"} for _ in range(5))))
    page = Page(answer.text)
    assert not page.errors
    assert "Téléphone illisible – telephone" in page.text
    assert "lignes 2 à 6" in page.text
    assert "<b>03" not in answer.text
    assert re.search(r"lieux\.csv ?, vérifié le 24 novembre 2026", page.text)
    given = answer.forms[1].submit()
    assert given.content_disposition == 'attachment; filename="verification.csv"'
    assert given.content_type == "text/csv"
    assert '"Erreur";"telephone";"Téléphone illisible";"lignes 2 à 6"' in given.text
    assert given.headers["Cache-Control"] == "private, no-store"


def test_a_large_file_of_a_visitor_is_taken(site: Site) -> None:
    content = table(*({"presentation_detail": "x" * 900} for _ in range(1_500)))
    assert len(content) > 1_000_000
    assert "Aucune erreur" in send(site, content).text
    assert left(site) == []


def test_what_is_refused_is_said_and_nothing_stays(site: Site) -> None:
    assert "trop lourd" in send(site, b"x" * (views.MAX_FILE + 1), status=422).text
    assert "page web" in send(site, b"<!doctype html>", status=422).text
    assert "vide" in send(site, b"", status=422).text
    form = site.app.get("/valider").forms[1]
    assert "Choisissez un fichier." in form.submit(status=422).text
    assert left(site) == []


@pytest.mark.parametrize("size", [10, 400_000])
def test_without_the_token_nothing_is_read(site: Site, size: int) -> None:
    site.app.get("/valider")
    send(site, b"x" * size, token="0" * 32, status=400)
    with site.sessions() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(RateCount)).scalar_one() == 0


def test_a_network_that_asks_too_often_waits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "LIMIT", views.Limit("check-file", 1, views.LIMIT.window))
    assert "Aucune erreur" in send(site, table({})).text
    assert "1 fichiers en une heure" in send(site, table({}), status=429).text


def test_the_limit_and_the_template_are_on_the_page(site: Site) -> None:
    page = site.app.get("/valider")
    assert "120 fichiers par heure" in page.text
    csv_ = page.click(href="modele.csv")
    assert csv_.text.startswith("\ufeffid,nom,")
    assert csv_.content_type == "text/csv"
    assert page.click(href="modele.xlsx").body.startswith(b"PK")


def test_columns_of_ones_own_are_told_with_what_is_expected(site: Site) -> None:
    answer = send(site, b"nom,ville,date_naissance\nx,y,z\n", status=422)
    page = Page(answer.text)
    assert not page.errors
    for said in ("Colonnes trouvées", "ville", "Ne publiez jamais", "qui sait lire un tableur", "modele.xlsx"):
        assert said in answer.text
    shown = send(site, table({"services": "foo"}))
    assert not Page(shown.text).errors
    assert 'href="#valeurs-services"' in shown.text
    assert 'id="valeurs-services"' in shown.text


def test_the_table_is_not_given_back_to_another_site(site: Site) -> None:
    site.app.post("/valider/tableau.csv", {"tableau": "x"}, status=400)
    token = site.app.get("/valider").forms[1]["csrf_token"].value
    site.app.post("/valider/tableau.csv", {"csrf_token": token}, status=400)


class Adjustments:
    max_request_body_size = 1_000_000
    max_request_header_size = 100_000
    inbuf_overflow = 1_000_000
    url_scheme = "http"
    trusted_proxy = None


@pytest.mark.parametrize(("line", "length", "taken"), [
    ("POST /valider", 5_200_000, True), ("POST /valider", 5_400_000, False), ("POST /valider/autre", 2_000_000, False),
    ("GET /valider", 2_000_000, False), ("POST /annuaire", 2_000_000, False),
])  # fmt: skip
def test_the_server_takes_5_mb_there_and_nowhere_else(database_url: str, line: str, length: int, taken: bool) -> None:
    strangers = Admission(MOST_FROM_ANYBODY)
    parser = Parser(Adjustments(), Admission(200_000_000), "192.0.2.7", strangers)
    parser.received(f"{line} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode())
    assert (parser.error is None) is taken
    assert parser.admission is strangers or not FROM_ANYBODY.search(line.split()[1]) or line.startswith("GET")
    assert not TAKES_FILES.search("/valider")
    assert ("5 Mo au plus" in str(parser.error and parser.error.to_response())) is (length > 5_300_000)
    assert database_url


def test_in_three_languages(site: Site) -> None:
    for lang in ("en", "ar"):
        answer = site.app.get(f"/valider?langue={lang}")
        assert re.search(rf'<html[^>]* lang="{lang}"', answer.text)
        assert not Page(answer.text).errors
