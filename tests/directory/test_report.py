""" "Signaler une erreur": stored once, never lost, never a way in. Both engines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.directory.models import Structure, Suggestion
from tests.directory.site import Page, Site, dump

NAME = "Centre social ECHO"


@pytest.fixture
def path(site: Site) -> str:
    return site.path(NAME) + "/signaler"


def reports(site: Site) -> list[Any]:
    with site.sessions() as session:
        return list(session.scalars(sa.select(Suggestion).order_by(Suggestion.id)))


def report_form(response: Any) -> Any:
    (form,) = (form for form in response.forms.values() if form.method.lower() == "post")
    return form


def fill(site: Site, path: str, **cells: str) -> Any:
    form = report_form(site.app.get(path))
    for name, value in {"raison": "horaires", "message": "Fermé le mardi", **cells}.items():
        form[name] = value
    return form


def test_a_report_is_stored_with_what_was_said(site: Site, path: str) -> None:
    before = len(reports(site))
    message = "Fermé le mardi.\r\nEt 'le' <jeudi> \N{WHITE SMILING FACE} ‏مغلق"
    response = fill(site, path, message=f"  {message}  ", contact=" nadia@exemple.fr ").submit()
    assert response.status_int == 303
    thanks = response.follow()
    assert Page(thanks.text).text_of(".notice-success")
    assert "form" not in {tag for tag, a in Page(thanks.text).elements if a.get("method") == "post"}
    report = reports(site)[-1]
    assert len(reports(site)) == before + 1
    assert (report.reason, report.contact, report.language) == ("horaires", "nadia@exemple.fr", "fr")
    assert report.message.replace("\r\n", "\n") == message.replace("\r\n", "\n")
    assert report.structure_id == site.named(NAME)["id"]
    assert report.created_at == site.clock.now


def test_the_same_form_sent_twice_is_one_report(site: Site, path: str) -> None:
    before = len(reports(site))
    form = fill(site, path)
    assert form.submit().status_int == 303
    assert form.submit().status_int == 303, "the second click is thanked too"
    form["message"] = "Fermé le mardi, en fait le jeudi"
    assert form.submit().status_int == 303
    assert len(reports(site)) == before + 1
    assert fill(site, path).submit().status_int == 303
    assert len(reports(site)) == before + 2, "a new form is a new report"


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": " \r\n\t "}, "message"),
        ({"message": "x" * 2001}, "message"),
        ({"contact": "pas une adresse"}, "contact"),
        ({"contact": "a@b." + "c" * 300}, "contact"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_nothing_is_lost(site: Site, path: str, cells: dict[str, str], field: str) -> None:
    before = len(reports(site))
    typed = {"raison": "contact", "message": 'Le 2e <numéro> est "faux"', "contact": "nadia@exemple.fr", **cells}
    response = fill(site, path, **typed).submit(status=422)
    page = Page(response.text)
    assert page.errors == []
    wrong = [a["name"] for tag, a in page.elements if a.get("aria-invalid") == "true"]
    assert wrong == [field]
    assert any(a["href"] == f"#{field}" for a in page.all("a")), "the summary leads to it"
    form = report_form(response)
    for name, value in typed.items():
        assert form[name].value.replace("\r\n", "\n") == value.replace("\r\n", "\n"), name
    assert len(reports(site)) == before
    form["message"], form["contact"] = "Corrigé", ""
    assert form.submit().status_int == 303
    assert len(reports(site)) == before + 1


def test_a_reason_is_needed_and_must_be_one_of_ours(site: Site, path: str) -> None:
    before = len(reports(site))
    form = report_form(site.app.get(path))
    form["message"] = "Fermé"
    assert "Fermé" in form.submit(status=422).text
    form["raison"].force_value("piratage")
    form.submit(status=422)
    assert len(reports(site)) == before


def test_two_thousand_characters_are_welcome(site: Site, path: str) -> None:
    assert fill(site, path, message="x" * 2000).submit().status_int == 303
    assert len(reports(site)[-1].message) == 2000


def test_who_fills_in_the_hidden_field_is_thanked_and_not_stored(site: Site, path: str) -> None:
    before = len(reports(site))
    assert fill(site, path, adresse_du_site="https://spam.example").submit().status_int == 303
    assert len(reports(site)) == before


def test_without_the_token_nothing_is_stored(site: Site, path: str) -> None:
    before = dump(site.engine)
    data = {"raison": "horaires", "message": "x", "numero": str(new_id())}
    site.client().post(path, data, status=400)
    site.client().post(path, {**data, "csrf_token": "made up"}, status=400)
    form = fill(site, path)
    site.client().post(path, {**data, "csrf_token": form["csrf_token"].value}, status=400)
    site.app.get(path + "?raison=horaires&message=x&merci=1")
    assert dump(site.engine) == before


def test_a_made_up_number_is_no_way_to_lose_a_report(site: Site, path: str) -> None:
    before = len(reports(site))
    for number in ("", "x", "'; --", "0" * 40):
        form = fill(site, path)
        form["numero"].force_value(number)
        assert form.submit().status_int == 303
    assert len(reports(site)) == before + 4
    assert all(isinstance(report.nonce, UUID) for report in reports(site))


def test_bytes_that_a_database_cannot_hold(site: Site, path: str) -> None:
    form = fill(site, path, message="Fermé\x00 le mardi", contact="a\x00@exemple.fr")
    assert form.submit().status_int == 303
    assert (reports(site)[-1].message, reports(site)[-1].contact) == ("Fermé le mardi", "a@exemple.fr")
    data = [(name, value) for name, value in fill(site, path).submit_fields() if name != "message"]
    body = "&".join(f"{name}={value}" for name, value in data) + "&message=%ff%fe"
    answer = site.app.post(path, body, content_type="application/x-www-form-urlencoded", expect_errors=True)
    assert answer.status_int in (303, 400)


def test_the_form_is_not_kept_by_anyone(site: Site, path: str) -> None:
    response = site.app.get(path)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in response.headers


def test_no_form_asks_about_the_person_who_was_helped(site: Site, path: str) -> None:
    page = Page(site.app.get(path).text)
    asked = {
        field["name"]
        for tag in ("input", "textarea", "select")
        for field in page.all(tag)
        if field.get("type") != "search"
    }
    assert asked == {"csrf_token", "adresse_du_site", "numero", "raison", "message", "contact"}
    assert page.text_of(".notice-warning"), "and it says so"


def test_a_place_renamed_or_merged_while_the_form_is_open_loses_no_report(site: Site, path: str) -> None:
    form = fill(site, path, message="Le nom a changé pendant ce temps")
    before = len(reports(site))
    with site.sessions() as session:
        session.execute(sa.update(Structure).where(Structure.nom == NAME).values(slug="un-autre-nom"))
        session.commit()
    response = form.submit()
    assert response.status_int == 303
    assert "/annuaire/un-autre-nom-" in response.location
    assert len(reports(site)) == before + 1


def test_a_forged_post_does_not_reach_the_database(site: Site, path: str) -> None:
    statements: list[str] = []
    engine = site.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    sa.event.listen(engine, "begin", lambda _connection: statements.append("BEGIN"))
    site.app.post(path, {"raison": "autre", "message": "x"}, status=400)
    assert statements == []
