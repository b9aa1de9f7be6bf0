"""One's own account: profile, sessions, mail address, data. Both engines."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from reseau.core import audit, tokens
from reseau.core.actors import Actor, Side
from reseau.core.mail import Mail
from reseau.directory.models import Cause, FieldChange, Suggestion
from reseau.members import drafts, invitations, profile
from reseau.members.models import Invitation, JoinRequest, Person, PersonSession, SignIn
from reseau.web.security import SESSION_COOKIE
from tests.directory.site import Page
from tests.members.conftest import ECHO, EPEULE, House, csrf, last_link, post_form, turned_away
from tests.members.test_signin import ask, link_for
from tests.people import at_once

OWN = ("/compte", "/compte/adresse", "/compte/supprimer", "/compte/mes-donnees.json", "/connexion/reprendre")


def test_one_s_own_pages_are_for_who_is_signed_in_and_kept_by_nobody(house: House) -> None:
    visitor, browser = house.browser(), house.browser("membre")
    for path in OWN:
        if path.endswith(".json"):
            visitor.get(path, status=403)
        else:
            turned_away(visitor, path)
        assert browser.get(path).headers["Cache-Control"] == "private, no-store"
        if not path.endswith((".json", "reprendre")):
            assert Page(browser.get(path).text).errors == []


# --- profile ------------------------------------------------------------------------------------------------------


def test_what_one_says_of_oneself_is_kept_and_shown_again(house: House) -> None:
    person = house.person(roles=["coordinator"], referent_of=[house.places["echo"]])
    browser = house.browser(person.id)
    form = post_form(browser.get("/compte"), "/compte")
    assert [box.checked for box in form.fields["mails"]] == [True] * 5
    form["nom"] = "  Nadia\u202e\n <i>B</i>  "
    for box in form.fields["langues"]:
        box.checked = box._value in ("fsl", "ar")
    for box in form.fields["mails"]:
        box.checked = box._value == "demandes"
    form["langue_mails"] = "ar"
    page = form.submit().follow()
    assert "enregistré" in page.text
    assert "<i>B</i>" not in page.text
    now = house.get(Person, person.id)
    assert (now.name, now.languages, now.lang) == ("Nadia\u202e <i>B</i>", ["ar", "fsl"], "ar")
    assert [kind for kind in profile.MAILS if profile.wants(now, kind)] == ["demandes"]
    form = post_form(page, "/compte")
    assert [box.checked for box in form.fields["mails"]] == [True, False, False, False, False]
    (row,) = house.rows(audit.Audit, audit.Audit.person_id == person.id)
    assert row.action == "person.update"


def test_the_mails_that_one_may_choose_are_those_that_one_may_get(house: House) -> None:
    echo = house.places["echo"]
    for more, kinds in (
        ({}, own := ["ressources"]), ({"member_of": [echo]}, own), ({"roles": ["relay", "administrator"]}, own),
        ({"referent_of": [echo]}, ["demandes", "suggestions", "rappels", *own]),
        ({"roles": ["coordinator"]}, ["demandes", "suggestions", "bilan", *own]),
        ({"roles": ["coordinator"], "referent_of": [echo]}, ["demandes", "suggestions", "rappels", "bilan", *own]),
    ):  # fmt: skip
        person = house.person(**more)
        with house.site.sessions.begin() as session:
            session.get_one(Person, person.id).mails = {"rappels": False, "bilan": False, "reseau": True}
        browser = house.browser(person.id)
        form = post_form(browser.get("/compte"), "/compte")
        assert [box._value for box in form.fields.get("mails", [])] == kinds
        for box in form.fields.get("mails", []):
            box.checked = True
        form.submit(status=303)
        wanted = set(profile.wanted(house.get(Person, person.id)))
        assert wanted == {"demandes", "suggestions", *kinds}, "what was not asked stays as it was"
        unknown = [*form.submit_fields(), ("mails", "reseau")]
        assert browser.post("/compte", unknown, status="*").status_int == 422
    text = Page(house.browser("coordination").get("/compte").text).text
    assert "fiche que je tiens" not in text
    assert "Chaque lundi" in text


def test_a_role_on_the_site_is_said_with_what_it_opens(house: House) -> None:
    for role, words, link, path in (
        ("relay", "Votre rôle : relais", "Transmettre la lettre", "/relais"),
        ("label-committee", "Votre rôle : comité du label", "Ouvrir la page du label", "/gestion/label"),
        ("coordinator", "Votre rôle : coordination", "Ouvrir la page de gestion", "/gestion"),
        ("administrator", "Votre rôle : administration", "Ouvrir la page de gestion", "/gestion"),
    ):
        page = house.browser(house.person(roles=[role]).id).get("/compte")
        text = Page(page.text).text
        assert Page(page.text).errors == []
        assert words in text
        assert page.html.find("a", string=link)["href"] == path
        assert "Vous ne faites encore partie d’aucun lieu" not in text
    text = Page(house.browser(house.person().id).get("/compte").text).text
    assert "Vous ne faites encore partie d’aucun lieu" in text
    assert "Votre rôle" not in text


def test_what_one_asked_for_is_shown_until_it_is_answered(house: House) -> None:
    person, now = house.person(), house.site.clock.now
    with house.site.sessions.begin() as session:
        session.add_all([
            JoinRequest(person_id=person.id, structure_id=house.places["echo"], created_at=now),
            JoinRequest(person_id=person.id, proposal={"nom": "Lieu <b>neuf</b>"}, created_at=now),
            JoinRequest(person_id=person.id, structure_id=house.places["epeule"], created_at=now, state="refused"),
        ])  # fmt: skip
    browser = house.browser(person.id)
    with house.site.statements() as statements:
        page = browser.get("/compte")
    assert Page(page.text).errors == []
    text = Page(page.text).text
    assert f"Demande envoyée à {ECHO} , le 24 novembre 2026" in text
    assert "Lieu proposé : Lieu <b>neuf</b>" in text
    assert EPEULE not in text
    assert "Vous ne faites encore partie d’aucun lieu" not in text
    assert f'href="{house.path(ECHO)}/rejoindre"' in page.text
    none = house.browser(house.person().id)
    with house.site.statements() as fewer:
        none.get("/compte")
    assert len(statements) == len(fewer)


def test_the_journal_names_who_comes_goes_and_joins(house: House) -> None:
    person, now = house.person(), house.site.clock.now
    with house.site.sessions.begin() as session:
        rows = [
            Invitation(email=email, structure_id=house.places["echo"], role="member", lang="fr", created_at=now,
                       expires_at=now + timedelta(days=30))
            for email in (person.email, house.stranger())
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        own, mailed = rows[0].id, rows[1].id
        path = urlsplit(invitations.link(house.site.settings, mailed, now)).path
        address = rows[1].email
    browser = house.browser(person.id)
    post_form(browser.get("/compte"), f"{own}/accepter").submit()
    form = post_form(house.browser().get(path))
    form["nom"] = "Nadia"
    form.submit(status=303)
    (newcomer,) = house.rows(Person, Person.email == address)
    post_form(browser.get("/compte"), "/deconnexion").submit()
    browser = house.browser(person.id)
    post_form(browser.get("/compte"), "/deconnexion-partout").submit()
    browser = house.browser(person.id)
    form = post_form(browser.get("/compte/supprimer"))
    form["compris"] = True
    form.submit(status=303)
    found = house.rows(audit.Audit, audit.Audit.person_id == person.id)
    actions = ["invitation.accept", "person.leave", "session.end", "session.end-all"]
    assert sorted(row.action for row in found) == actions
    assert {row.side for row in found} == {"personne"}
    (row,) = house.rows(audit.Audit, audit.Audit.object_id == mailed)
    assert (row.action, row.person_id) == ("invitation.accept", newcomer.id)


def test_what_is_wrong_is_refused_and_nothing_is_lost(house: House) -> None:
    person = house.person(referent_of=[house.places["echo"]])
    browser = house.browser(person.id)
    token = csrf(browser, "/compte")
    good = {"nom": "Nadia", "langue_mails": "fr", "csrf_token": token}
    for wrong in (
        {"nom": ""}, {"nom": "\x00"}, {"nom": "x" * 121}, {"nom": "x" * 10_000}, {"langue_mails": "xx"},
        {"langue_mails": ""}, {"langues": "klingon"}, {"mails": "x\x00"}, {"mails": "bilan"},
    ):  # fmt: skip
        page = browser.post("/compte", good | wrong, status=422)
        assert Page(page.text).text_of(".error-summary"), wrong
        assert "is not a valid" not in page.text
    assert house.get(Person, person.id).name == person.name
    page = browser.post("/compte", {"csrf_token": token}, status=422)
    assert post_form(page, "/compte")["nom"].value == ""


def test_my_places_lead_to_the_sheet_and_the_team(house: House) -> None:
    path = house.path(ECHO)
    page = house.browser("referent").get("/compte")
    assert all(f'href="{path}{end}"' in page.text for end in ("", "/modifier", "/equipe"))
    assert f'href="{path}/modifier"' not in house.browser("membre").get("/compte").text
    one, both = house.person(member_of=[house.places["echo"]]), house.person(member_of=list(house.places.values()))
    counts = []
    for person in (one, both):
        browser = house.browser(person.id)
        with house.site.statements() as statements:
            browser.get("/compte")
        counts.append(len(statements))
    assert counts[0] == counts[1], "as many statements for two places as for one"


def test_an_invitation_waits_on_the_account(house: House) -> None:
    person, now = house.person(), house.site.clock.now
    with house.site.sessions.begin() as session:
        row = Invitation(email=person.email, structure_id=house.places["echo"], role="member", lang="fr", created_at=now,
                         expires_at=now + timedelta(days=30), invited_by=house.people["referent"])  # fmt: skip
        session.add(row)
        session.flush()
        id_ = row.id
    page = house.browser(person.id).get("/compte")
    assert "On vous invite" in page.text
    assert post_form(page, f"/compte/invitation/{id_}/accepter")


def secret_of(browser: Any) -> str:
    """The secret in the cookie of a browser (WebTest writes it with quotes)."""
    return str(browser.cookies[SESSION_COOKIE]).strip('"')


# --- sessions -----------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_and_takes_the_cookie(house: House) -> None:
    person = house.person()
    browser = house.browser(person.id)
    secret = secret_of(browser)
    out = post_form(browser.get("/compte"), "/deconnexion").submit()
    assert "Déconnexion réussie" in out.follow().text
    (cookie,) = (c for c in out.headers.getall("Set-Cookie") if c.startswith(f"{SESSION_COOKIE}="))
    assert "Max-Age=0" in cookie
    browser.set_cookie(SESSION_COOKIE, secret)
    turned_away(browser)
    browser.post("/compte/deconnexion", {"csrf_token": csrf(browser)}, status=303)
    (row,) = house.rows(audit.Audit, audit.Audit.action == "session.end", audit.Audit.object_id == person.id)
    assert row.network


def test_a_session_that_is_ended_from_elsewhere_loses_access_at_once(house: House) -> None:
    person = house.person()
    here, there = house.browser(person.id), house.browser(person.id)
    page = here.get("/compte")
    assert page.text.count("ce navigateur") == 1
    (row,) = house.rows(PersonSession, PersonSession.digest == tokens.digest(secret_of(there)))
    assert post_form(page, f"/{row.id}/fermer").submit().location.endswith("/compte#sessions")
    turned_away(there)
    here.get("/compte")
    other = house.browser("personne")
    (mine,) = house.rows(PersonSession, PersonSession.digest == tokens.digest(secret_of(here)))
    token = csrf(other, "/compte")
    for id_ in (mine.id, row.id, "00000000-0000-0000-0000-000000000000"):
        other.post(f"/compte/sessions/{id_}/fermer", {"csrf_token": token}, status=404)
    here.get("/compte")
    assert post_form(here.get("/compte"), f"/{mine.id}/fermer").submit().location.endswith("/connexion?deconnecte=1")
    turned_away(here)


def test_signing_out_everywhere(house: House) -> None:
    person = house.person()
    browsers = [house.browser(person.id) for _ in range(3)]
    post_form(browsers[0].get("/compte"), "/deconnexion-partout").submit()
    for browser in browsers:
        turned_away(browser)
    house.browser("personne").get("/compte")


def test_a_forged_post_does_nothing(house: House) -> None:
    person = house.person()
    browser = house.browser(person.id)
    for path in (
        "/compte",
        "/compte/deconnexion",
        "/compte/deconnexion-partout",
        "/compte/supprimer",
        "/compte/adresse",
    ):
        browser.post(path, {"nom": "x", "compris": "y", "adresse": house.stranger()}, status=400)
    assert browser.get("/compte").status_int == 200


# --- another mail address -----------------------------------------------------------------------------------------


def _asked(house: House, browser: Any, address: str, status: int = 303) -> Any:
    form = post_form(browser.get("/compte/adresse"))
    form["adresse"] = address
    return form.submit(status=status)


def test_another_address_is_used_once_its_link_was_opened_by_its_owner(house: House) -> None:
    person, new = house.person(), house.stranger()
    former, browser = person.email, house.browser(person.id)
    under_way = link_for(house, former)
    page = _asked(house, browser, new.upper()).follow()
    assert "une heure" in page.text
    path = last_link(house.mails(new)[0])
    turned_away(house.browser(), path)
    elsewhere = house.browser(person.id)
    stranger = house.browser("personne")
    assert "ne marche plus" in stranger.get(path, status=410).text
    assert house.get(Person, person.id).email == former
    page = browser.get(path)
    assert house.get(Person, person.id).email == former, "opening the page changes nothing"
    form = post_form(page)
    assert form.submit().location.endswith("/compte?enregistre=1")
    assert house.get(Person, person.id).email == new
    assert new in house.mails(former)[-1].text
    browser.get("/compte")
    turned_away(elsewhere)
    form.submit(status=410)
    browser.get(path, status=410)
    house.browser().get(under_way, status=410)


def test_a_taken_address_gets_the_same_answer_and_stays_with_its_owner(house: House) -> None:
    owner, person = house.person(), house.person()
    browser = house.browser(person.id)
    free = _asked(house, browser, house.stranger()).follow()
    taken = _asked(house, browser, owner.email).follow()
    assert taken.text == free.text
    (mail,) = house.mails(owner.email)
    assert "/compte/adresse/" not in mail.text
    assert "Rien n’a été changé" in mail.text.replace("\n", " ")
    new = house.stranger()
    _asked(house, browser, new)
    path = last_link(house.mails(new)[0])
    form = post_form(browser.get(path))
    house.person(new.partition("@")[0])
    form.submit(status=410)
    assert house.get(Person, person.id).email == person.email


def test_an_address_link_expires_and_is_for_nothing_else(house: House) -> None:
    person, new = house.person(), house.stranger()
    browser = house.browser(person.id)
    _asked(house, browser, new)
    path = last_link(house.mails(new)[0])
    house.browser().get(path.replace("/compte/adresse/", "/connexion/lien/"), status=410)
    sign_in = link_for(house, person.email)
    browser.get(sign_in.replace("/connexion/lien/", "/compte/adresse/"), status=410)
    form = post_form(browser.get(path))
    house.site.clock.now += timedelta(hours=1, seconds=1)
    form.submit(status=410)
    for wrong in ("", "x", "a\x00@b.fr", "x" * 10_000):
        _asked(house, browser, wrong, 422)


def test_five_addresses_an_hour(house: House) -> None:
    browser = house.browser(house.person().id)
    for _ in range(5):
        _asked(house, browser, house.stranger())
    _asked(house, browser, house.stranger(), 429)


def test_two_people_who_confirm_one_address_at_once(house: House) -> None:
    new, forms = house.stranger(), []
    people = [house.person(), house.person()]
    for number, person in enumerate(people):
        browser = house.browser(person.id)
        _asked(house, browser, new)
        forms.append(post_form(browser.get(last_link(house.mails(new)[number]))))
    seen = [answer.status_int for answer in at_once(*(partial(form.submit, status="*") for form in forms))]
    assert sorted(seen) == [303, 410]
    assert len(house.rows(Person, Person.email == new)) == 1


# --- my data ------------------------------------------------------------------------------------------------------


def test_my_data_is_everything_about_me_and_no_secret(house: House) -> None:
    echo, now = house.places["echo"], house.site.clock.now
    person, other = house.person(referent_of=[echo]), house.person()
    browser = house.browser(person.id)
    ask(house, person.email)
    secrets = [link_for(house, person.email).rpartition("/")[2], secret_of(browser)]
    (row,) = house.rows(PersonSession, PersonSession.person_id == person.id)
    secrets += [row.digest, house.site.settings.secret]
    actor = Actor(Side.PLACE, person.id, "10.0.0.0/24")
    with house.site.sessions.begin() as session:
        for who, text in ((person, "à moi"), (other, "pas à moi")):
            session.add_all([
                Invitation(email=who.email, structure_id=echo, role="member", lang="fr", expires_at=now, name=text),
                Invitation(email=house.stranger(), role="relay", lang="fr", expires_at=now, invited_by=who.id, name=text),
                JoinRequest(person_id=who.id, structure_id=echo, message=f"demande {text}"),
                FieldChange(structure_id=echo, field="telephone", before={"v": None}, after={"v": f"valeur {text}"},
                            cause=Cause.EDIT.value, side="lieu", author_id=who.id),
                Suggestion(structure_id=echo, reason="autre", message=f"avis {text}", author_id=who.id, language="fr",
                           nonce=who.id),
            ])  # fmt: skip
            drafts.save(session, who.id, "/x", [("a", f"brouillon {text}")], now)
        session.add(Suggestion(structure_id=echo, reason="autre", message="anonyme de moi", language="fr",
                               contact=person.email.upper(), nonce=row.id))  # fmt: skip
        audit.record(session, actor, "sheet.edit", now, echo)
    answer = browser.get("/compte/mes-donnees.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    found = json.loads(answer.text)
    assert found["personne"]["email"] == person.email
    assert [place["nom"] for place in found["lieux"]] == [ECHO]
    counts = {kind: len(rows) for kind, rows in found.items() if isinstance(rows, list)}
    wanted = {
        "lieux": 1, "invitations_recues": 1, "invitations_envoyees": 1, "demandes": 1, "connexions_demandees": 2,
        "sessions": 1, "brouillons": 1, "listes_de_personnes": 0, "gouvernance": 0, "courriels": 2, "modifications": 1,
        "valeurs_choisies": 0, "offres_modifiees": 0, "suggestions": 2, "journal": 1,
    }  # fmt: skip
    assert {kind: n for kind, n in counts.items() if n or kind in wanted} == wanted, (
        "resources: tests/resources/test_people"
    )
    assert "pas à moi" not in answer.text
    assert other.email not in answer.text
    for secret in secrets:
        assert secret not in answer.text


def test_every_table_that_names_a_person_is_in_the_export_or_not_about_them(house: House) -> None:
    """A new table with a person in it must be thought of here."""
    from reseau.core.db import Base

    about = {
        table.name
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name
        in ("person_id", "author_id", "email", "recipient", "contact", "invited_by", "given_by", "changed_by")
    }
    known = {"person", "membership", "invitation", "join_request", "sign_in", "person_session", "draft", "governance",
             "people_list", "mail", "field_change", "override", "suggestion", "audit", "collection", "opinion",
             "resource_author", "resource_report", "resource_request", "translation_unit", "group_member",
             "subscription", "notice", "notice_choice", "thread", "thread_setting", "thread_read", "thread_bookmark",
             "read_all", "post", "post_thank", "post_translation_wish", "post_report", "poll_vote",
             "mail_received", "feed_key", "saved_search", "subscriber"}  # fmt: skip
    assert about == known


def test_the_export_of_a_held_form_has_no_digest_of_the_browser(house: House) -> None:
    person = house.person()
    with house.site.sessions.begin() as session:
        held = {"path": "/x", "fields": [["a", "b"]], "browser": "digest-of-a-token"}
        session.add(SignIn(email=person.email, person_id=person.id, held=held))
    found = house.browser(person.id).get("/compte/mes-donnees.json").json
    assert found["connexions_demandees"][0]["held"] == {"path": "/x", "fields": [["a", "b"]]}
    (row,) = house.rows(SignIn, SignIn.person_id == person.id)
    assert row.held["browser"]
    assert not house.rows(Mail, Mail.recipient == person.email)


def test_the_page_of_personal_data_is_public_and_names_who_pilots(house: House) -> None:
    page = house.browser().get("/donnees-personnelles")
    assert page.headers["Cache-Control"].startswith("public")
    text = " ".join(Page(page.text).text.split())
    assert text.count("non renseigné") == 2
    assert "Votre nom n’est pas public" in text
    for words in ("24 mois", "30 jours", "12 mois", "90 jours", "CNIL", "rien, jamais"):
        assert words in page.text
    from reseau.members import governance

    with house.site.sessions.begin() as session:
        values = {"pilote": "Ville <b>", "contact_courriel": "contact@reseau.example"}
        governance.write(session, values, house.people["admin"], house.site.clock.now)
    after = house.browser().get("/donnees-personnelles", headers={"If-None-Match": page.headers["ETag"]})
    assert "Ville &lt;b&gt;" in after.text
    assert "non renseigné" not in after.text
    assert "mailto:contact@reseau.example" in after.text
