"""The committee's pages: look for a place, give, renew, withdraw, write criteria."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from reseau.core.audit import Audit
from reseau.label.models import Criteria, Label
from tests.directory.site import Page
from tests.label.conftest import Committee, post_form

GRANT = "/gestion/label/donner"


def filled(form: Any, **values: str) -> Any:
    """The form with values."""
    for name, value in values.items():
        form[name] = value
    return form


def journal(committee: Committee, action: str, place: Any) -> list[Any]:
    return [one for one in committee.rows(Audit, Audit.action == action) if one.object_id == place]


def test_a_place_is_found_by_its_name_and_given_the_label_without_a_script(committee: Committee) -> None:
    place, browser = committee.place(None), committee.browser("comite")
    name = committee.row(place)["nom"]
    found = browser.get(GRANT, {"lieu": name})
    form = next(one for one in found.forms.values() if one.method.upper() == "GET" and "lieu" in one.fields)
    assert str(place) in found.text
    form["lieu-choix"] = str(place)
    form = post_form(form.submit(), GRANT)
    assert form["criteres"].value == "2026"
    assert (form["debut"].value, form["fin"].value) == ("2026-11-24", "2028-11-23")
    answer = filled(form, fin="23/11/2027", note="Vu le 12").submit().follow()
    assert "le label est donné" in answer.text
    (label,) = committee.labels(place)
    assert (label.starts_on, label.ends_on) == (date(2026, 11, 24), date(2027, 11, 23))
    assert (label.note, label.decided_by) == ("Vu le 12", committee.people["comite"])
    assert len(journal(committee, "label.grant", place)) == 1
    assert "Label local jusqu’au 23 novembre 2027" in committee.site.app.get(committee.at(place)).text
    assert "Vu le 12" not in committee.site.app.get("/label").text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"fin": "2026-11-23"}, "Ce jour est passé"), ({"fin": "2033-01-01"}, "5 ans au plus"), ({"fin": "?"}, "31/12/2026"),
        ({"debut": "2028-11-24"}, "douze mois"), ({"debut": "2025-12-31"}, "commence plus tard que le label"),
        ({"debut": "2027-06-01", "fin": "2027-05-31"}, "finirait avant de commencer"),
        ({"decide": "2026-11-25"}, "un jour passé"), ({"note": "x" * 2001}, "trop long"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_and_nothing_typed_is_lost(
    committee: Committee, values: dict[str, str], said: str
) -> None:
    place = committee.place(None)
    form = post_form(committee.browser("comite").get(GRANT, {"lieu": str(place)}), GRANT)
    answer = filled(form, **{"note": "à garder", **values}).submit(status=422)
    assert said in answer.text
    assert not Page(answer.text).errors
    again = post_form(answer, GRANT)
    assert again["note"].value == values.get("note", "à garder")
    assert committee.labels(place) == []


@pytest.mark.parametrize("field", ["criteres", "lieu"])
def test_a_form_that_was_tampered_with(committee: Committee, field: str) -> None:
    place = committee.place(None)
    form = post_form(committee.browser("comite").get(GRANT, {"lieu": str(place)}), GRANT)
    form[field].force_value("2019\x00' OR 1=1")
    form.submit(status=422)
    assert committee.labels(place) == []


def test_days_given_twice_are_refused_with_the_days(committee: Committee) -> None:
    form = post_form(committee.browser("comite").get(GRANT, {"lieu": str(committee.places["echo"])}), GRANT)
    answer = form.submit(status=422)
    assert "Ce lieu a déjà le label du 13 mars 2026 au 12 mars 2027" in answer.text


def test_renewed_it_begins_the_day_after(committee: Committee) -> None:
    place = committee.place(None)
    label = committee.give(place, "2026-01-01", "2026-12-31")
    browser = committee.browser("coordination")
    assert committee.row(place)["nom"] in browser.get("/gestion/label?etat=bientot").text
    form = post_form(browser.get(f"/gestion/label/{label.id}/renouveler"))
    assert form["fin"].value == "2028-12-31"
    form.submit(status=303)
    first, second = committee.labels(place)
    assert (second.starts_on, second.ends_on) == (date(2027, 1, 1), date(2028, 12, 31))
    assert committee.row(place)["label_until"] == date(2028, 12, 31)
    assert committee.row(place)["nom"] not in browser.get("/gestion/label?etat=bientot").text
    assert committee.row(place)["nom"] in browser.get("/gestion/label?etat=a-venir").text
    page = browser.get(f"/gestion/label/{first.id}")
    assert f"/gestion/label/{second.id}" in page.text
    post_form(browser.get(f"/gestion/label/{label.id}/renouveler")).submit(status=422)


def test_withdrawn_with_a_reason(committee: Committee) -> None:
    place = committee.place(None)
    label = committee.give(place, "2026-01-01", "2027-12-31")
    browser, path = committee.browser("comite"), f"/gestion/label/{label.id}/retirer"
    refused = filled(post_form(browser.get(path)), raison=" ").submit(status=422)
    assert "Écrivez en quelques mots pourquoi" in refused.text
    refused = filled(post_form(browser.get(path)), raison="Oui", le="2026-11-25").submit(status=422)
    assert "entre le début du label et aujourd’hui" in refused.text
    filled(post_form(browser.get(path)), raison="N’ouvre plus").submit(status=303)
    (kept,) = committee.labels(place)
    assert (kept.withdrawn_reason, kept.withdrawn_by) == ("N’ouvre plus", committee.people["comite"])
    assert "N’ouvre plus" in browser.get(f"/gestion/label/{label.id}").text
    assert committee.row(place)["nom"] in browser.get("/gestion/label?etat=retires").text
    assert "Label local jusqu’au" not in committee.site.app.get(committee.at(place)).text
    assert len(journal(committee, "label.withdraw", place)) == 1
    again = filled(post_form(browser.get(path)), raison="Encore").submit(status=422)
    assert "déjà terminé" in again.text


def test_criteria_are_written_corrected_then_fixed(committee: Committee) -> None:
    browser = committee.browser("comite")
    form = post_form(browser.get("/gestion/label/criteres"))
    assert "ouvert au moins deux jours" in form["fr"].value, "a new version begins as a copy of the last one"
    filled(form, version="2026.b", fr="- Un", debut="2026-11-24").submit(status=303)
    path = "/gestion/label/criteres/2026.b"
    filled(post_form(browser.get(path)), fr="- Deux", en="- Two").submit(status=303)
    (one,) = committee.rows(Criteria, Criteria.version == "2026.b")
    assert (one.texts["fr"], one.texts["en"], one.texts["fr-x-falc"]) == (
        "- Deux",
        "- Two",
        "- Le lieu est **ouvert**.",
    )
    refused = filled(post_form(browser.get("/gestion/label/criteres")), version="2026.b").submit(status=422)
    assert "Une version a déjà ce nom" in refused.text
    refused = filled(post_form(browser.get("/gestion/label/criteres")), version="Éh là").submit(status=422)
    assert "Ce nom ne convient pas" in refused.text
    place = committee.place(None)
    filled(post_form(browser.get(GRANT, {"lieu": str(place)}), GRANT), criteres="2026.b").submit(status=303)
    refused = filled(post_form(browser.get(path)), fr="- Trois").submit(status=422)
    assert "ces critères ne changent plus" in refused.text or "ils ne changent plus" in refused.text
    browser.get("/gestion/label/criteres/1999", status=404)


def test_markdown_of_criteria_runs_nothing(committee: Committee) -> None:
    browser = committee.browser("comite")
    form = post_form(browser.get("/gestion/label/criteres"))
    filled(form, version="danger", debut="2027-01-01", fr="<script>alert(1)</script> [x](javascript:alert(1))").submit()
    assert "<script>alert" not in committee.site.app.get("/label/criteres/danger").text
    assert 'href="javascript' not in committee.site.app.get("/label/criteres/danger").text


@pytest.mark.parametrize("who", [None, "personne", "referent"])
@pytest.mark.parametrize("path", ["/gestion/label", GRANT, "/gestion/label/criteres"])
def test_others_decide_nothing(committee: Committee, who: str | None, path: str) -> None:
    assert committee.browser(who).get(path, status="*").status_int in (303, 403)


def test_a_decision_that_is_not_there(committee: Committee) -> None:
    committee.browser("comite").get("/gestion/label/01a202df-485c-767e-9b9b-a1df681094d3", status=404)


def test_who_leaves_signs_no_more(committee: Committee) -> None:
    from reseau.core import personal

    someone, place = committee.person(roles=["label-committee"]), committee.place(None)
    label = committee.give(place, "2026-01-01", "2027-12-31")
    with committee.site.sessions.begin() as session:
        session.get(Label, label.id).decided_by = someone.id  # type: ignore[union-attr]
    with committee.site.sessions.begin() as session:
        given = [
            rows
            for one in personal.holders()
            for rows in one.rows_of(session, someone.id, None).get("labels_donnes", [])
        ]
        assert [row["lieu"] for row in given] == [place]
        for holder in personal.holders():
            holder.forget(session, someone.id, someone.email)
    (kept,) = committee.labels(place)
    assert kept.decided_by is None
