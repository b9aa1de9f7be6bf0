""" "Signaler une erreur": stored once, never lost, never a way in. Both engines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.directory.models import Structure, Suggestion
from tests.directory.site import Page, dump
from tests.editing.conftest import Keepers

NAME = "Centre social ECHO"


@pytest.fixture
def path(keepers: Keepers) -> str:
    keepers.app = keepers.client()
    return keepers.path(NAME) + "/signaler"


def reports(keepers: Keepers) -> list[Any]:
    with keepers.sessions() as session:
        return list(session.scalars(sa.select(Suggestion).order_by(Suggestion.id)))


def report_form(response: Any) -> Any:
    (form,) = (form for form in response.forms.values() if form.method.lower() == "post")
    return form


def fill(keepers: Keepers, path: str, **cells: str) -> Any:
    form = report_form(keepers.app.get(path))
    for name, value in {"raison": "horaires", "message": "Fermé le mardi matin depuis peu", **cells}.items():
        form[name] = value
    return form


def test_a_report_is_stored_with_what_was_said(keepers: Keepers, path: str) -> None:
    before = len(reports(keepers))
    message = "Fermé le mardi.\r\nEt 'le' <jeudi> \N{WHITE SMILING FACE} ‏مغلق"
    response = fill(keepers, path, message=f"  {message}  ", contact=" nadia@exemple.fr ").submit()
    assert response.status_int == 303
    thanks = response.follow()
    assert Page(thanks.text).text_of(".notice-success")
    assert "form" not in {tag for tag, a in Page(thanks.text).elements if a.get("method") == "post"}
    report = reports(keepers)[-1]
    assert len(reports(keepers)) == before + 1
    assert (report.reason, report.contact, report.language) == ("horaires", "nadia@exemple.fr", "fr")
    assert report.message.replace("\r\n", "\n") == message.replace("\r\n", "\n")
    assert report.structure_id == keepers.named(NAME)["id"]
    assert report.created_at == keepers.clock.now


def test_the_same_form_sent_twice_is_one_report(keepers: Keepers, path: str) -> None:
    before = len(reports(keepers))
    form = fill(keepers, path)
    assert form.submit().status_int == 303
    assert form.submit().status_int == 303, "the second click is thanked too"
    form["message"] = "Fermé le mardi, en fait le jeudi"
    assert form.submit().status_int == 303
    assert len(reports(keepers)) == before + 1
    assert fill(keepers, path).submit().status_int == 303
    assert len(reports(keepers)) == before + 2, "a new form is a new report"


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
def test_what_is_wrong_is_said_and_nothing_is_lost(
    keepers: Keepers, path: str, cells: dict[str, str], field: str
) -> None:
    before = len(reports(keepers))
    typed = {"raison": "adresse", "message": 'Le 2e <numéro> est "faux"', "contact": "nadia@exemple.fr", **cells}
    response = fill(keepers, path, **typed).submit(status=422)
    page = Page(response.text)
    assert page.errors == []
    wrong = [a["name"] for tag, a in page.elements if a.get("aria-invalid") == "true"]
    assert wrong == [field]
    assert any(a["href"] == f"#{field}" for a in page.all("a")), "the summary leads to it"
    form = report_form(response)
    for name, value in typed.items():
        assert form[name].value.replace("\r\n", "\n") == value.replace("\r\n", "\n"), name
    assert len(reports(keepers)) == before
    form["message"], form["contact"] = "Corrigé", ""
    assert form.submit().status_int == 303
    assert len(reports(keepers)) == before + 1


def test_a_reason_is_needed_and_must_be_one_of_ours(keepers: Keepers, path: str) -> None:
    before = len(reports(keepers))
    form = report_form(keepers.app.get(path))
    form["message"] = "Fermé"
    assert "Fermé" in form.submit(status=422).text
    form["raison"].force_value("piratage")
    form.submit(status=422)
    assert len(reports(keepers)) == before


def test_two_thousand_characters_are_welcome(keepers: Keepers, path: str) -> None:
    assert fill(keepers, path, message="x" * 2000).submit().status_int == 303
    assert len(reports(keepers)[-1].message) == 2000


def test_who_fills_in_the_hidden_field_is_thanked_and_not_stored(keepers: Keepers, path: str) -> None:
    before = len(reports(keepers))
    assert fill(keepers, path, adresse_du_site="https://spam.example").submit().status_int == 303
    assert len(reports(keepers)) == before


def test_without_the_token_nothing_is_stored(keepers: Keepers, path: str) -> None:
    before = dump(keepers.engine)
    data = {"raison": "horaires", "message": "x", "numero": str(new_id())}
    keepers.client().post(path, data, status=400)
    keepers.client().post(path, {**data, "csrf_token": "made up"}, status=400)
    form = fill(keepers, path)
    keepers.client().post(path, {**data, "csrf_token": form["csrf_token"].value}, status=400)
    keepers.app.get(path + "?raison=horaires&message=x&merci=1")
    assert dump(keepers.engine) == before


def test_a_made_up_number_is_no_way_to_lose_a_report(keepers: Keepers, path: str) -> None:
    before = len(reports(keepers))
    for number in ("", "x", "'; --", "0" * 40):
        form = fill(keepers, path)
        form["numero"].force_value(number)
        assert form.submit().status_int == 303
    assert len(reports(keepers)) == before + 4
    assert all(isinstance(report.nonce, UUID) for report in reports(keepers))


def test_bytes_that_a_database_cannot_hold(keepers: Keepers, path: str) -> None:
    form = fill(keepers, path, message="Fermé\x00 le mardi", contact="a\x00@exemple.fr")
    assert form.submit().status_int == 303
    assert (reports(keepers)[-1].message, reports(keepers)[-1].contact) == ("Fermé le mardi", "a@exemple.fr")
    data = [(name, value) for name, value in fill(keepers, path).submit_fields() if name != "message"]
    body = "&".join(f"{name}={value}" for name, value in data) + "&message=%ff%fe"
    answer = keepers.app.post(path, body, content_type="application/x-www-form-urlencoded", expect_errors=True)
    assert answer.status_int in (303, 400)


def test_the_form_is_not_kept_by_anyone(keepers: Keepers, path: str) -> None:
    response = keepers.app.get(path)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in response.headers


def test_no_form_asks_about_the_person_who_was_helped(keepers: Keepers, path: str) -> None:
    page = Page(keepers.app.get(path).text)
    asked = {
        field["name"]
        for tag in ("input", "textarea", "select")
        for field in page.all(tag)
        if field.get("type") != "search"
    }
    assert asked == {"csrf_token", "adresse_du_site", "numero", "raison", "message", "contact"}
    assert page.text_of(".notice-warning"), "and it says so"


def test_a_place_renamed_or_merged_while_the_form_is_open_loses_no_report(keepers: Keepers, path: str) -> None:
    form = fill(keepers, path, message="Le nom a changé pendant ce temps")
    before = len(reports(keepers))
    with keepers.sessions() as session:
        session.execute(sa.update(Structure).where(Structure.nom == NAME).values(slug="un-autre-nom"))
        session.commit()
    response = form.submit()
    assert response.status_int == 303
    assert "/annuaire/un-autre-nom-" in response.location
    assert len(reports(keepers)) == before + 1


def test_a_forged_post_does_not_reach_the_database(keepers: Keepers, path: str) -> None:
    statements: list[str] = []
    engine = keepers.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    sa.event.listen(engine, "begin", lambda _connection: statements.append("BEGIN"))
    keepers.app.post(path, {"raison": "autre", "message": "x"}, status=400)
    assert statements == []
