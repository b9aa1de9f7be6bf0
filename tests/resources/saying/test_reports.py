"""Reports: anyone says what is wrong; authors and the coordination are told, and answer once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.members.models import Person
from resources.base.models import Resource, ResourceReport
from resources.saying import reports
from resources.saying.reports_views import LIMIT
from tests.directory.site import Page
from tests.resources.conftest import Base, post_form
from tests.resources.saying.conftest import ONE_ENGINE


def form_of(base: Base, made: Any, who: Any = None, language: str = "fr", **cells: str) -> Any:
    form = post_form(base.browser(who, language).get(base.at(made.id) + "/signaler"), "/signaler")
    for name, value in {"raison": "outdated", "message": "Le bouton a changé.", **cells}.items():
        form[name] = value
    return form


def given(base: Base, made: Any) -> list[Any]:
    return base.rows(ResourceReport, ResourceReport.resource_id == made.id)


def sent(base: Base, who: str) -> list[Any]:
    return [mail for mail in base.mails(f"{who}@reseau.example") if mail.kind == "ressource-signalement"]


def test_anyone_reports_once_and_is_thanked(base: Base) -> None:
    made = base.published()
    form = form_of(base, made, contact="ali@exemple.fr", language="ar")
    assert "notice-success" in form.submit(status=303).follow().text
    form.submit(status=303)
    (one,) = given(base, made)
    assert (one.reason, one.text, one.contact, one.lang) == ("outdated", "Le bouton a changé.", "ali@exemple.fr", "ar")
    assert (one.state, one.version, one.author_id) == ("open", 1, None)


def test_authors_and_the_coordination_are_told_once_an_hour(base: Base) -> None:
    base.site.clock.now += timedelta(hours=5)
    made = base.published()
    before = {who: len(sent(base, who)) for who in ("membre", "coordination", "voisin")}
    form_of(base, made).submit(status=303)
    form_of(base, made).submit(status=303)
    after = {who: len(sent(base, who)) - number for who, number in before.items()}
    assert after == {"membre": 1, "coordination": 1, "voisin": 0}
    assert str(given(base, made)[0].id) in sent(base, "membre")[-1].text


@ONE_ENGINE
@pytest.mark.parametrize(("kind", "told"), [("ressources", {"author": 0, "lead": 1}),
                                            ("suggestions", {"author": 1, "lead": 0})])  # fmt: skip
def test_authors_and_the_coordination_choose_their_mails(base: Base, kind: str, told: dict[str, int]) -> None:
    people = {"author": base.person(), "lead": base.person(roles=["coordinator"])}
    with base.site.sessions() as session:
        for one in people.values():
            session.get_one(Person, one.id).mails = {kind: False}
        session.commit()
    base.people[people["author"].name] = people["author"].id
    made = base.published(by=people["author"].name)
    form_of(base, made).submit(status=303)
    found = {who: [mail for mail in base.mails(one.email or "") if mail.kind == "ressource-signalement"]
             for who, one in people.items()}  # fmt: skip
    assert {who: len(some) for who, some in found.items()} == told


@ONE_ENGINE
@pytest.mark.parametrize(("cells", "field"), [
    ({"message": ""}, "message"), ({"message": "x" * 2001}, "message"), ({"contact": "pas une adresse"}, "contact"),
    ({"raison": "duplicate"}, "autre"), ({"raison": "duplicate", "autre": "/kits/nulle-part"}, "autre"),
    ({"raison": "duplicate", "autre": "https://[exemple"}, "autre"), ({"raison": "duplicate", "autre": "/annuaire"}, "autre"),
])  # fmt: skip
def test_what_cannot_be_kept_is_said(base: Base, cells: dict[str, str], field: str) -> None:
    made = base.published()
    answer = form_of(base, made, **cells).submit(status=422)
    assert f'href="#{field}"' in answer.text
    assert all(value in answer.text for value in cells.values())
    assert given(base, made) == []


def test_a_duplicate_names_the_other_one(base: Base) -> None:
    made, other = base.published(), base.published()
    form_of(base, made, raison="duplicate", autre=base.at(made.id)).submit(status=422)
    form_of(
        base, made, raison="duplicate", message="", autre=f"http://localhost:6543{base.at(other.id)}?langue=ar#x"
    ).submit(status=303)
    (one,) = given(base, made)
    assert (one.other_id, one.text) == (other.id, "")
    shown = base.browser("membre").get(f"{base.at(made.id)}/signalements/{one.id}")
    assert f'href="{base.at(other.id)}"' in shown.text


@ONE_ENGINE
def test_an_address_with_a_slash_or_below_another_path_is_found(base: Base) -> None:
    other = base.published()
    path = base.at(other.id)
    with base.site.sessions() as session:
        for address in (f"{path}/", f"https://exemple.fr/reseau{path}?langue=ar", path[1:]):
            found = reports.other_of(session, address)
            assert found is not None
            assert found.id == other.id
        for address in ("", "/", "kits", f"{path}/avis", "/annuaire/x"):
            assert reports.other_of(session, address) is None


def test_the_other_one_may_go(base: Base) -> None:
    made, other = base.published(), base.published()
    form_of(base, made, raison="duplicate", autre=base.at(other.id), message="Le même.").submit(status=303)
    (one,) = given(base, made)
    with base.site.sessions() as session:
        session.execute(sa.delete(Resource).where(Resource.id == other.id))
        session.commit()
    shown = base.browser("membre").get(f"{base.at(made.id)}/signalements/{one.id}")
    assert "Le même." in shown
    assert "L’autre ressource" not in shown
    assert "Le même." in base.browser("membre").get(f"{base.at(made.id)}/signalements")


@ONE_ENGINE
def test_machines_and_floods_store_nothing(base: Base) -> None:
    made = base.published()
    form = form_of(base, made, adresse_du_site="x")
    form.submit(status=303)
    assert given(base, made) == []
    browser = base.browser()
    for _ in range(LIMIT.times):
        form = post_form(browser.get(base.at(made.id) + "/signaler"), "/signaler")
        form["raison"], form["message"] = "wrong", "Faux."
        form.submit(status=303)
    form = post_form(browser.get(base.at(made.id) + "/signaler"), "/signaler")
    form["raison"], form["message"] = "wrong", "Un de trop."
    assert "Un de trop." in form.submit(status=429).text
    assert len(given(base, made)) == LIMIT.times


def answer(base: Base, made: Any, report: Any, who: str, decision: str, words: str = "", status: int = 303) -> Any:
    form = post_form(base.browser(who).get(f"{base.at(made.id)}/signalements/{report.id}"), str(report.id))
    form["mot"] = words
    return form.submit("decision", value=decision, status=status)


@ONE_ENGINE
@pytest.mark.parametrize(("decision", "words"), [("resolved", "Merci à vous."), ("refused", "Achetez mes pilules.")])
@pytest.mark.parametrize("who", [None, "voisine"])
def test_an_address_that_anybody_typed_is_sent_a_link_and_no_words(
    base: Base, decision: str, words: str, who: str | None
) -> None:
    made, address = base.published(), base.stranger()
    form_of(base, made, who, contact=address).submit(status=303)
    (one,) = given(base, made)
    link = f"{base.at(made.id)}/signalements/{one.id}/reponse"
    assert "Personne n’a encore répondu." in base.browser().get(link)
    answer(base, made, one, "membre", decision, words)
    (mail,) = base.mails(address)
    assert words not in mail.text + mail.html + mail.subject
    assert made.title not in mail.subject
    assert made.title in mail.text
    assert link in mail.text
    shown = base.browser().get(link).text
    assert words in shown
    assert "Le bouton a changé." not in shown, "only what was answered"
    assert f"{base.people['membre']}" not in shown
    (one,) = given(base, made)
    assert (one.state, one.answer, one.decided_by) == (decision, words, base.people["membre"])
    assert post_forms(base, made, one) == [], "an answered report has no form"


@ONE_ENGINE
@pytest.mark.parametrize(("decision", "subject"), [("resolved", "a servi"), ("refused", "Lisez la réponse")])
def test_who_is_signed_in_is_answered_in_words(base: Base, decision: str, subject: str) -> None:
    made = base.published()
    form_of(base, made, "voisine", contact="voisine@reseau.example").submit(status=303)
    answer(base, made, given(base, made)[0], "membre", decision, f"Dit {decision}.")
    (mail,) = [one for one in base.mails("voisine@reseau.example") if f"Dit {decision}." in one.text]
    assert subject in mail.subject


@ONE_ENGINE
def test_who_reported_is_read_by_the_coordination_alone(base: Base) -> None:
    made, person = base.published(), base.person()
    base.people[person.name] = person.id
    form_of(base, made, person.name).submit(status=303)
    path = f"{base.at(made.id)}/signalements/{given(base, made)[0].id}"
    assert person.name in base.browser("coordination").get(path)
    for who in ("membre", "referent"):
        assert person.name not in base.browser(who).get(path)


def post_forms(base: Base, made: Any, report: Any) -> list[Any]:
    page = base.browser("membre").get(f"{base.at(made.id)}/signalements/{report.id}")
    return [form for form in page.forms.values() if form.method.upper() == "POST"]


@ONE_ENGINE
def test_a_refusal_says_why_and_only_the_first_answer_counts(base: Base) -> None:
    made = base.published()
    form_of(base, made).submit(status=303)
    (one,) = given(base, made)
    answer(base, made, one, "membre", "refused", "", status=422)
    answer(base, made, one, "membre", "autre", "Bien", status=422)
    form = post_form(base.browser("coordination").get(f"{base.at(made.id)}/signalements/{one.id}"), str(one.id))
    answer(base, made, one, "membre", "resolved")
    late = form.submit("decision", value="resolved", status=303).follow()
    assert "répondu avant vous" in late.text
    assert given(base, made)[0].decided_by == base.people["membre"]


@ONE_ENGINE
def test_who_reads_reports(base: Base) -> None:
    made = base.published()
    form_of(base, made).submit(status=303)
    path = base.at(made.id) + "/signalements"
    for who, status in {
        "membre": 200,
        "referent": 200,
        "coordination": 200,
        "voisin": 403,
        "personne": 403,
        None: 403,
    }.items():
        base.browser(who).get(path, status=status)
        base.browser(who).get(f"{path}/{given(base, made)[0].id}", status=status)
    base.browser("membre").get(f"{base.at(base.published().id)}/signalements/{given(base, made)[0].id}", status=404)
    base.browser("membre").get("/gestion/ressources/signalements", status=403)


def test_the_list_of_the_coordination_is_few_statements(base: Base) -> None:
    made = base.published()
    with base.site.sessions() as session:
        session.add_all([ResourceReport(resource_id=made.id, reason="wrong", text=f"Faux {n}", version=1,
                                        at=base.site.clock.now) for n in range(40)])  # fmt: skip
        session.commit()
    for path in ("/gestion/ressources/signalements", base.at(made.id) + "/signalements"):
        browser = base.browser("coordination")
        with base.site.statements() as seen:
            shown = browser.get(path)
        assert len([one for one in seen if one.startswith("SELECT")]) <= 10, "\n".join(seen)
        assert Page(shown.text).text.count("Reçu le") == reports.PAGE_SIZE


def test_addresses_are_forgotten_30_days_after_the_answer(base: Base) -> None:
    made = base.published()
    form_of(base, made, contact="ali@exemple.fr").submit(status=303)
    (one,) = given(base, made)
    answer(base, made, one, "membre", "resolved")
    with base.site.sessions() as session:
        reports.forget_contacts(session, base.site.clock.now + timedelta(days=29))
        assert session.get_one(ResourceReport, one.id).contact
        reports.forget_contacts(session, base.site.clock.now + timedelta(days=31))
        session.commit()
    assert given(base, made)[0].contact is None


def test_addresses_are_forgotten_after_a_year_even_when_nobody_answered(base: Base) -> None:
    made = base.published()
    form_of(base, made, contact="ali@exemple.fr").submit(status=303)
    with base.site.sessions() as session:
        reports.forget_contacts(session, base.site.clock.now + timedelta(days=364))
        assert session.scalars(sa.select(ResourceReport.contact).where(ResourceReport.resource_id == made.id)).one()
        reports.forget_contacts(session, base.site.clock.now + timedelta(days=366))
        session.commit()
    assert given(base, made)[0].contact is None
