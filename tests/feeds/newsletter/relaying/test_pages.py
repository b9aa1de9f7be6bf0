"""The pages of relays and of the coordination."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

import pypdfium2
import pytest
from PIL import Image
from webtest import Upload

from feeds.newsletter.content import LEAVE
from feeds.newsletter.models import Relay, RelayReach, RelayVisit, Subscriber
from feeds.newsletter.relaying import reaching, taking
from feeds.newsletter.relaying.reaching import Said
from tests.feeds.newsletter.relaying.conftest import ONE_ENGINE, Town
from tests.members.conftest import post_form

pytestmark = ONE_ENGINE


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return out.getvalue()


# --- the coordination ---------------------------------------------------------------------------------------------------


def test_the_coordination_makes_a_relay_and_invites_its_contacts(town: Town) -> None:
    place = town.place()
    browser = town.browser("coordination")
    form = post_form(browser.get("/gestion/relais"), "/gestion/relais")
    form["structure"] = str(place)
    page = form.submit(status=303).follow()
    relay = town.rows(Relay, Relay.structure_id == place)[0]
    assert f"/lettre?r={relay.code}" in page
    form = next(one for one in page.forms.values() if "adresses" in one.fields)
    address = f"contact-{relay.code}@cpts.example".lower()
    form["adresses"] = f"{address}\nce n’est pas une adresse"
    page = form.submit(status=303).follow()
    assert "1 invitation est partie." in page
    (invited,) = town.rows(Subscriber, Subscriber.email == address)
    assert (invited.state, invited.edition, invited.relay_id) == ("pending", "relay", relay.id)
    form = next(one for one in page.forms.values() if "adresses" in one.fields)
    form["adresses"] = "rien"
    assert "Écrivez au moins une adresse" in form.submit(status=422)


def test_a_name_that_means_several_structures_asks_which(town: Town) -> None:
    town.place(), town.place()
    browser = town.browser("coordination")
    form = post_form(browser.get("/gestion/relais"), "/gestion/relais")
    for typed, words in (("", "Écrivez le nom"), ("aucune de ce nom", "Aucune structure")):
        form["structure"] = typed
        assert words in form.submit(status=422)
    form["structure"] = "cpts numéro"
    page = form.submit(status=422)
    assert "Plusieurs structures" in page
    form = post_form(page, "/gestion/relais")
    known = {str(one.structure_id) for one in town.rows(Relay)}
    mine = next(option for option, *_rest in form["choix"].options if option not in known)
    form["choix"] = mine
    form.submit(status=303)
    assert town.rows(Relay, Relay.structure_id == UUID(mine))


def test_a_structure_twice_leads_to_its_relay(town: Town) -> None:
    relay = town.relay()
    form = post_form(town.browser("coordination").get("/gestion/relais"), "/gestion/relais")
    form["structure"] = str(relay.structure_id)
    page = form.submit(status=422)
    assert "déjà un relais" in page
    assert f"/gestion/relais/{relay.id}" in page


def test_a_stopped_relay_is_gone_for_its_people(town: Town) -> None:
    relay, browser = town.mine(), town.browser("coordination")
    form = next(f for f in browser.get(f"/gestion/relais/{relay.id}").forms.values() if "adresses" not in f.fields
                and "csrf_token" in f.fields)  # fmt: skip
    assert "ne transmet plus" in form.submit("actif", value="non", status=303).follow()
    town.browser("relais").get(f"/relais/{relay.code}", status=404)
    assert "Ce relais est arrêté" in browser.get(f"/relais/{relay.code}")
    page = browser.get(f"/gestion/relais/{relay.id}")
    form = next(f for f in page.forms.values() if "adresses" not in f.fields and "csrf_token" in f.fields)
    form.submit("actif", value="oui", status=303)
    town.browser("relais").get(f"/relais/{relay.code}", status=200)


def test_many_relays_and_declarations_cost_few_statements(town: Town) -> None:
    town.issue()
    town.issue(sent=False)
    for _ in range(12):
        relay = town.relay()
        for _n in range(3):
            town.do(reaching.declare, relay, Said(5, "mail", None), None, town.site.clock.now)
    browser = town.browser("coordination")
    for path in ("/gestion/relais", "/relais", f"/relais/{relay.code}"):
        with town.site.statements() as seen:
            page = browser.get(path)
        assert len(seen) <= 10, (path, seen)
        assert len(page.body) < 60_000


# --- who may ------------------------------------------------------------------------------------------------------------


def test_a_relay_sees_its_own_structure_only(town: Town) -> None:
    relay, issue = town.mine(), town.issue()
    assert town.browser("relais").get("/relais", status=303).location.endswith(f"/relais/{relay.code}")
    for path in ("", "/presentation", f"/{issue.id}/fr/lettre.html", f"/{issue.id}/fr/image.png"):
        town.browser("autre").get(f"/relais/{relay.code}{path}", status=403)
        town.browser("membre").get(f"/relais/{relay.code}{path}", status=403)
    assert "Demandez à la coordination" in town.browser("seul").get("/relais")
    town.browser("relais").get("/relais/AAAAAA", status=404)


# --- what is taken ------------------------------------------------------------------------------------------------------


def test_an_issue_is_offered_when_it_was_given_to_relays_and_not_before(town: Town) -> None:
    relay = town.mine()
    hidden = town.issue(sent=False, relays=False)
    coming, browser = town.issue(sent=False), town.browser("relais")
    page = browser.get(f"/relais/{relay.code}")
    assert coming.subject["fr"] in page
    assert "À venir" in page
    assert hidden.subject["fr"] not in page
    browser.get(f"/relais/{relay.code}/{hidden.id}/fr/lettre.html", status=404)
    browser.get(f"/relais/{relay.code}/{coming.id}/en/lettre.html", status=404)
    browser.get(f"/relais/{relay.code}/{uuid4()}/fr/lettre.html", status=404)
    browser.get(f"/relais/{relay.code}/{coming.id}/zz/lettre.html", status=404)


def test_nothing_personal_is_in_any_form_of_it(town: Town) -> None:
    relay, issue, browser = town.mine(), town.issue(), town.browser("relais")
    at = f"/relais/{relay.code}/{issue.id}"
    for lang in ("fr", "ar"):
        mail = browser.get(f"{at}/{lang}/lettre.html")
        text = browser.get(f"{at}/{lang}/lettre.txt")
        for body in (mail.text, text.text):
            assert LEAVE not in body
            assert "/lettre/d/" not in body
            assert "relais@reseau.example" not in body
            assert f"/lettre?r={relay.code}" in body
        assert "sandbox" in mail.headers["Content-Security-Policy"]
        assert "script-src" not in mail.headers["Content-Security-Policy"]
    assert 'dir="rtl"' in browser.get(f"{at}/ar/lettre.html")
    assert "attachment" in browser.get(f"{at}/fr/lettre.html?telecharger").headers["Content-Disposition"]


def test_the_picture_is_1080_pixels_wide_and_the_pdf_reads_in_order(town: Town) -> None:
    relay, issue, browser = town.mine(), town.issue(), town.browser("relais")
    at = f"/relais/{relay.code}/{issue.id}"
    for lang in ("fr", "ar"):
        made = browser.get(f"{at}/{lang}/image.png")
        assert made.content_type == "image/png"
        with Image.open(io.BytesIO(made.body)) as image:
            assert image.width == 1080
            assert 500 < image.height < 3000
    pdf = pypdfium2.PdfDocument(browser.get(f"{at}/fr/lettre.pdf").body)
    text = pdf[0].get_textpage().get_text_bounded()
    pdf.close()
    assert text.index(issue.subject["fr"]) < text.index("Le forum") < text.index("Un kit")
    assert f"/lettre?r={relay.code}" in re.sub(r"\s", "", text)


def test_the_mail_button_opens_a_short_mail(town: Town) -> None:
    issue, relay = town.issue(), town.mine()
    page = town.browser("relais").get(f"/relais/{relay.code}")
    address = next(a["href"] for a in page.html.find_all("a") if a["href"].startswith("mailto:")) if page.html else ""
    said = parse_qs(urlsplit(address).query)
    assert said["subject"] == [issue.subject["fr"]]
    assert "- Un kit" in said["body"][0]
    assert f"/lettre?r={relay.code}" in said["body"][0]
    long = taking.mailto("ar", "س" * 90, ["ع" * 300] * 9, "https://x.example/" + "a" * 60, "https://x.example/l")
    assert len(unquote(long)) < 800


def test_the_address_with_a_code_is_counted_without_anybody(town: Town) -> None:
    relay = town.relay()
    browser = town.browser()
    for path in (f"/lettre?r={relay.code}", f"/lettre?r={relay.code.lower()}", "/lettre?r=<script>", "/lettre"):
        browser.get(path)
    browser.head(f"/lettre?r={relay.code}")
    town.site.wsgi.registry["letter.visits"].flush()
    (one,) = town.rows(RelayVisit, RelayVisit.relay_id == relay.id)
    assert (one.number, str(one.day)) == (2, "2026-11-24")


# --- its own words ------------------------------------------------------------------------------------------------------


def own_form(town: Town, relay: Relay) -> Any:
    return town.browser("relais").get(f"/relais/{relay.code}/presentation").forms


def test_a_relay_puts_its_words_and_its_logo_on_top(town: Town) -> None:
    relay, issue = town.mine(), town.issue()
    browser = town.browser("relais")
    form = post_form(browser.get(f"/relais/{relay.code}/presentation"))
    form["intro_fr"] = "Chers **collègues**,"
    form["intro_ar"] = "زملاءنا الأعزاء"
    form["logo"] = Upload("logo.jpg", picture("JPEG"), "image/jpeg")
    assert "Écrivez en quelques mots ce que montre le logo." in form.submit(status=422)
    form["texte_logo"] = "Logo de la CPTS"
    form["logo"] = Upload("logo.jpg", picture("JPEG"), "image/jpeg")
    page = form.submit(status=303).follow()
    assert "Votre présentation est enregistrée" in page
    mail = browser.get(f"/relais/{relay.code}/{issue.id}/fr/lettre.html").text
    assert "<strong" in mail
    assert "collègues" in mail
    assert 'alt="Logo de la CPTS"' in mail
    assert f"/lettre/logo/{relay.code}.png" in mail
    shown = town.browser().get(f"/lettre/logo/{relay.code}.png")
    assert shown.body.startswith(b"\x89PNG")
    assert browser.get(f"/relais/{relay.code}/{issue.id}/fr/lettre.pdf").body.startswith(b"%PDF")
    assert "زملاءنا" in browser.get(f"/relais/{relay.code}/{issue.id}/ar/lettre.html").text
    form = post_form(browser.get(f"/relais/{relay.code}/presentation"))
    form["sans_logo"] = True
    form.submit(status=303)
    town.browser().get(f"/lettre/logo/{relay.code}.png", status=404)


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("logo.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n%%EOF\n", "PNG ou JPEG"),
        ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo"),
        ("logo.png", picture()[:60], "logo"),
    ],
)
def test_a_logo_that_is_no_picture_is_refused_and_nothing_is_lost(
    town: Town, name: str, body: bytes, words: str
) -> None:
    relay = town.mine()
    form = post_form(town.browser("relais").get(f"/relais/{relay.code}/presentation"))
    form["intro_en"] = "Dear all"
    form["texte_logo"] = "Un logo"
    form["logo"] = Upload(name, body, "image/png")
    page = form.submit(status=422)
    assert words in page
    assert "Dear all" in page
    assert town.get(Relay, relay.id).logo_sha == relay.logo_sha


def test_hostile_words_stay_words(town: Town) -> None:
    relay, issue, browser = town.mine(), town.issue(), town.browser("relais")
    form = post_form(browser.get(f"/relais/{relay.code}/presentation"))
    form["intro_fr"] = "<script>alert(1)</script> [x](javascript:alert(1))"
    form.submit(status=303)
    mail = browser.get(f"/relais/{relay.code}/{issue.id}/fr/lettre.html").text
    assert "<script" not in mail
    assert 'href="javascript' not in mail
    form["intro_fr"] = "é" * 2001
    assert "trop long" in form.submit(status=422)


# --- what it declares ---------------------------------------------------------------------------------------------------


def test_a_relay_says_to_how_many_and_puts_it_right(town: Town) -> None:
    relay, issue, browser = town.mine(), town.issue(), town.browser("relais")
    form = post_form(browser.get(f"/relais/{relay.code}"), "/diffusion")
    assert form["numero"].value == str(issue.id)
    for number, words in (
        ("", "à combien"),
        ("0", "de 1 à 100 000"),
        ("100001", "de 1 à 100 000"),
        ("beaucoup", "entier"),
    ):
        form["nombre"], form["moyen"] = number, "mail"
        assert words in form.submit(status=422)
    form["nombre"], form["moyen"], form["note"] = "120", "messagerie", "groupe des infirmières"
    page = form.submit(status=303).follow()
    assert "120 professionnels" in page
    (row,) = town.rows(RelayReach, RelayReach.relay_id == relay.id)
    assert (row.people, row.means, row.issue_id, row.by) == (120, "messagerie", issue.id, town.people["relais"])
    page = browser.get(f"/relais/{relay.code}/diffusion/{row.id}")
    form = next(one for one in page.forms.values() if "nombre" in one.fields)
    assert form["nombre"].value == "120"
    form["nombre"] = "12"
    assert "C’est corrigé." in form.submit(status=303).follow()
    page = browser.get(f"/relais/{relay.code}/diffusion/{row.id}")
    form = next(one for one in page.forms.values() if "nombre" not in one.fields and "csrf_token" in one.fields)
    form.submit("retirer", status=303)
    assert not town.rows(RelayReach, RelayReach.relay_id == relay.id)
    browser.get(f"/relais/{relay.code}/diffusion/{row.id}", status=404)
