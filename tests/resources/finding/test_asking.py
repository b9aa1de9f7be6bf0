"""Requests for what is not there: who asks, who sees them, who is told, how they end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from reseau.core.mail import Mail
from reseau.members.models import Person
from resources.base.models import ResourceRequest, Visibility
from resources.finding import asking
from tests.members.conftest import last_link
from tests.resources.conftest import Base, a_tutorial, post_form

THEME = "numerique_en_sante"


def ask(base: Base, words: str, who: str | None = None, language: str = "fr", **values: str) -> ResourceRequest:
    """A request as a form makes it."""
    form = post_form(base.browser(who, language).get("/ressources/demander"))
    form["mots"] = words
    for name, value in values.items():
        form[name] = value
    answer = form.submit(status=303).follow()
    assert "noindex" in answer.text
    (made,) = base.rows(ResourceRequest, ResourceRequest.words == words)
    found: ResourceRequest = made
    return found


def asked(base: Base, id_: UUID) -> ResourceRequest:
    found: ResourceRequest = base.get(ResourceRequest, id_)
    return found


def forget_mails(base: Base) -> None:
    with base.site.sessions() as session:
        session.execute(sa.delete(Mail))
        session.commit()


def test_what_was_looked_for_is_in_the_form(base: Base) -> None:
    page = base.browser().get("/ressources/demander?mots=un+gu%C3%A9pard&theme=numerique_en_sante&langue_voulue=so")
    form = post_form(page)
    assert [form[name].value for name in ("mots", "theme", "langue_voulue")] == ["un guépard", THEME, "so"]
    made = form.submit(status=303)
    assert made.location.endswith("/ressources/demander?merci=1")
    (kept,) = base.rows(ResourceRequest, ResourceRequest.words == "un guépard")
    assert (kept.lang, kept.theme, kept.language, kept.author_id) == ("so", THEME, "fr", None)
    assert "N’écrivez rien sur la personne aidée" in page.text


def test_a_bad_form_comes_back_as_it_was(base: Base) -> None:
    form = post_form(base.browser().get("/ressources/demander?theme=rien&langue_voulue=%21"))
    form["details"], form["contact"] = "Un atelier d’éléphants", "pas une adresse"
    page = form.submit(status=422)
    assert "Un atelier d’éléphants" in page.text
    assert "Écrivez en quelques mots ce que vous cherchez." in page.text
    assert "Écrivez une adresse complète" in page.text
    form = post_form(page)
    form["mots"] = "x" * 201
    assert "trop long" in form.submit(status=422).text
    form["theme"].force_value("rien")
    form["langue_voulue"].force_value("<script>")
    form["mots"] = "un éléphant\x00"
    page = form.submit(status=422)
    assert "Choisissez une des réponses proposées." in page.text


def test_a_form_sent_twice_is_kept_once_and_a_program_is_thanked(base: Base) -> None:
    form = post_form(base.browser().get("/ressources/demander?mots=tatou"))
    form.submit(status=303)
    form.submit(status=303)
    assert len(base.rows(ResourceRequest, ResourceRequest.words == "tatou")) == 1
    form = post_form(base.browser().get("/ressources/demander?mots=robot"))
    form["adresse_du_site"] = "https://spam.example"
    assert "merci" in form.submit(status=303).location
    assert base.rows(ResourceRequest, ResourceRequest.words == "robot") == []


def test_a_network_asks_ten_times_an_hour(base: Base) -> None:
    browser = base.browser()
    for number in range(11):
        form = post_form(browser.get("/ressources/demander"))
        form["mots"] = f"marmotte {number}"
        page = form.submit(status="*")
    assert page.status_int == 429
    assert 'value="marmotte 10"' in page.text


def test_coordinators_are_told_once_a_day(base: Base) -> None:
    forget_mails(base)
    ask(base, "une loutre")
    ask(base, "un castor")
    (mail,) = base.mails("coordination@reseau.example")
    assert "une loutre" in mail.subject
    assert last_link(mail) == "/gestion/demandes-ressources"
    base.site.clock.now += timedelta(days=1)
    ask(base, "un blaireau")
    assert len(base.mails("coordination@reseau.example")) == 2
    page = base.browser("coordination").get(last_link(mail))
    assert "une loutre" in page.text


def test_who_has_published_on_the_theme_is_told_once_a_day_if_they_want(base: Base) -> None:
    forget_mails(base)
    theme = "parentalite"
    for name in ("otarie", "phoque", "manchot"):
        base.people[name] = base.person(name).id
    base.published(a_tutorial(themes=(theme,)), by="otarie")
    base.published(a_tutorial(themes=(THEME,)), by="phoque")
    base.published(a_tutorial(themes=(theme,)), by="manchot")
    with base.site.sessions() as session:
        session.get_one(Person, base.people["manchot"]).mails = {"ressources": False}
        session.commit()
    told = {name: base.get(Person, base.people[name]).email for name in ("otarie", "phoque", "manchot")}
    ask(base, "un narval", theme=theme)
    ask(base, "un béluga", theme=theme)
    (mail,) = base.mails(told["otarie"])
    assert "un narval" in mail.subject
    assert last_link(mail) == "/compte/demandes-ressources"
    assert "publié une ressource sur le même thème" in " ".join(mail.text.split())
    assert "un béluga" in base.browser("otarie").get(last_link(mail)).text
    assert (base.mails(told["phoque"]), base.mails(told["manchot"])) == ([], [])
    forget_mails(base)
    ask(base, "un dugong", who="otarie", theme=theme)
    ask(base, "un lamantin")
    assert base.mails(told["otarie"]) == [], "nobody is told of their own, nor of what is on no theme"


def test_an_answer_is_a_resource_and_reaches_who_asked(base: Base) -> None:
    made = base.published(a_tutorial("Le furet"))
    kept = ask(base, "un furet", contact="nadia@exemple.fr", language="ar")
    browser = base.browser("coordination")
    page = browser.get(f"/gestion/demandes-ressources/{kept.id}")
    assert "nadia@exemple.fr" not in page.text
    form = post_form(page, "/repondre")
    for wrong, said in (
        ("", "Donnez l’adresse"),
        ("bonjour", "Copiez l’adresse"),
        ("http://[", "Copiez l’adresse"),
        ("https://autre.example/kits/x", "autre site"),
        ("/kits/rien-du-tout", "pas de ressource publiée"),
    ):
        form["adresse"] = wrong
        assert said in form.submit(status=422).text, wrong
    form["adresse"] = f"{base.site.settings.public_url}/tutoriels/{made.slug}?contenu=ar#etape-1"
    form["message"] = "Voici !"
    assert "C’est fait" in form.submit(status=303).follow().text
    kept = asked(base, kept.id)
    assert (kept.state, kept.answer_id, kept.answer) == ("answered", made.id, "Voici !")
    (mail,) = base.mails("nadia@exemple.fr")
    assert mail.lang == "ar"
    assert last_link(mail) == f"/tutoriels/{made.slug}"
    assert "Voici !" not in mail.text, "nobody has shown that the address is theirs"
    assert "furet" not in mail.subject
    assert "répondu avant vous" in form.submit(status=303).follow().text
    assert len(base.mails("nadia@exemple.fr")) == 1


def test_who_is_signed_in_is_told_at_their_own_address(base: Base) -> None:
    kept = ask(base, "une belette", who="voisine")
    form = post_form(base.browser("coordination").get(f"/gestion/demandes-ressources/{kept.id}"), "/refuser")
    assert "Écrivez pourquoi" in form.submit(status=422).text
    form["motif"] = "Ce n’est pas de la santé."
    form.submit(status=303)
    assert asked(base, kept.id).state == "declined"
    (mail,) = [one for one in base.mails("voisine@reseau.example") if "belette" in one.subject]
    assert "Ce n’est pas de la santé." in mail.text
    assert "une belette" in base.browser("coordination").get("/gestion/demandes-ressources").text


def test_what_the_network_reads_is_no_answer_for_a_visitor(base: Base) -> None:
    made = base.published(a_tutorial("Le putois"))
    with base.site.sessions() as session:
        from resources.base import services
        from resources.base.models import Resource

        services.set_visibility(session, session.get_one(Resource, made.id), Visibility.NETWORK, base.site.clock.now)
        session.commit()
    for who, status in ((None, 422), ("membre", 303)):
        kept = ask(base, f"un putois {status}", who=who)
        form = post_form(base.browser("coordination").get(f"/gestion/demandes-ressources/{kept.id}"), "/repondre")
        form["adresse"] = f"/tutoriels/{made.slug}"
        form.submit(status=status)


def test_who_writes_on_a_theme_sees_what_is_asked_on_it_and_answers(base: Base) -> None:
    author = base.person()
    base.people["autrice"] = author.id
    kept, other = ask(base, "un lynx", theme=THEME), ask(base, "un renard", theme="parentalite")
    browser = base.browser("autrice")
    page = browser.get("/compte/demandes-ressources")
    assert "un lynx" not in page.text
    browser.get(f"/compte/demandes-ressources/{kept.id}", status=403)
    made = base.published(a_tutorial(themes=(THEME,)), by="autrice", place=None)
    page = browser.get("/compte/demandes-ressources")
    assert "un lynx" in page.text
    assert "un renard" not in page.text
    browser.get(f"/compte/demandes-ressources/{other.id}", status=403)
    shown = browser.get(f"/compte/demandes-ressources/{kept.id}")
    assert "/refuser" not in shown.text
    form = post_form(shown, "/repondre")
    form["adresse"] = f"/tutoriels/{made.slug}"
    form.submit(status=303)
    assert asked(base, kept.id).decided_by == author.id
    browser.get("/gestion/demandes-ressources", status=403)


def test_addresses_are_forgotten(base: Base) -> None:
    kept, old = ask(base, "un hibou", contact="a@exemple.fr"), ask(base, "un vieux hibou", contact="b@exemple.fr")
    with base.site.sessions() as session:
        asking.decline(session, kept.id, "Non.", by=None, now=base.site.clock.now)
        session.commit()
    for days, left in ((31, {"b@exemple.fr"}), (366, set())):
        with base.site.sessions() as session:
            asking.forget_contacts(session, base.site.clock.now + timedelta(days=days))
            session.commit()
        known = {one.contact for one in base.rows(ResourceRequest, ResourceRequest.id.in_([kept.id, old.id]))}
        assert known - {None} == left
