"""One choice for everything, and mistakes that are taken back."""

from __future__ import annotations

from typing import Any

from reseau.members import profile
from reseau.members.models import Person
from reseau.notices import services
from reseau.notices.models import Level, NoticeChoice
from reseau.notices.preferences import KINDS
from tests.members.conftest import post_form
from tests.notices.conftest import ONE_ENGINE, Town
from tests.notices.test_notices_pages import answered, following_level, link

PAGE = "/compte/avis/reglages"


def choices(page: Any) -> Any:
    return post_form(page, "reglages")


def modes(town: Town) -> set[str]:
    return set(town.get(NoticeChoice, town.people["membre"]).modes.values())


@ONE_ENGINE
def test_one_choice_for_everything(town: Town) -> None:
    page = town.browser("membre").get(PAGE)
    form = choices(page)
    assert form["partout"].value == "detail", "what one has not chosen is not the same for all"
    form["partout"] = "semaine"
    page = form.submit().follow()
    assert modes(town) == {"semaine"}
    assert page.html.select_one("details:has([name=suivis])").get("open") is None
    form = choices(page)
    assert form["partout"].value == "semaine"
    form["suivis"] = "site"
    page = form.submit().follow()
    assert modes(town) == {"semaine", "site"}, "what was changed below it counts"
    assert choices(page)["partout"].value == "detail"
    assert page.html.select_one("details:has([name=suivis])").get("open") is not None


@ONE_ENGINE
def test_no_mail_at_all_and_back(town: Town) -> None:
    with town.site.sessions.begin() as session:
        town.loaded(session, "membre").mails = {"bilan": False}
    form = choices(town.browser("membre").get(PAGE))
    form["partout"] = "rien"
    page = form.submit().follow()
    assert "Vous ne recevez aucun mail" in page.text
    assert profile.wanted(town.get(Person, town.people["membre"])) == []
    form = choices(page)
    assert form["partout"].value == "rien"
    form["suivis"] = "semaine"
    page = form.submit().follow()
    assert "C’est gardé, mais tous les mails sont arrêtés" in page.text
    assert "C’est enregistré" not in page.text
    page = post_form(page, "reprendre").submit().follow()
    assert choices(page)["suivis"].value == "semaine"
    assert profile.wanted(town.get(Person, town.people["membre"])) == [one for one in profile.MAILS if one != "bilan"]
    form = choices(page)
    form["partout"] = "rien"
    form = choices(form.submit().follow())
    form["partout"] = "jour"
    page = form.submit().follow()
    assert "C’est enregistré" in page.text
    assert modes(town) == {"jour"}


def test_other_mails_come_back_as_they_were(town: Town) -> None:
    def change(session: Any, do: Any) -> None:
        do(session, town.loaded(session, "membre"))

    with town.site.sessions.begin() as session:
        town.loaded(session, "membre").mails = {"bilan": False, "rappels": False}
    for _twice in range(2):
        town.act(change, lambda session, person: services.stop_all(session, person, town.site.clock.now))
    town.choose("membre", dict.fromkeys(KINDS, "jour"))
    with town.site.sessions.begin() as session:
        person = town.loaded(session, "membre")
        person.mails = person.mails | {"rappels": True}  # asked for meanwhile
    for _twice in range(2):
        town.act(change, services.resume)
    wanted = profile.wanted(town.get(Person, town.people["membre"]))
    assert wanted == [one for one in profile.MAILS if one != "bilan"]
    assert modes(town) == {"jour"}


@ONE_ENGINE
def test_the_link_that_stops_takes_it_back(town: Town) -> None:
    mail = answered(town)
    ref = ("thread", town.told("membre")[-1].about_id)
    browser = town.browser()
    done = post_form(browser.get(link(mail))).submit()
    assert following_level(town, ref) is Level.MUTE
    undone = post_form(done).submit()
    assert "C’est annulé" in undone.text
    assert following_level(town, ref) is Level.FOLLOW
    path = link(mail, header=False, label="Ne plus recevoir aucun mail")
    done = post_form(browser.get(path)).submit()
    assert profile.wanted(town.get(Person, town.people["membre"])) == []
    assert "C’est annulé" in post_form(done).submit().text
    assert profile.wanted(town.get(Person, town.people["membre"])) == list(profile.MAILS)


@ONE_ENGINE
def test_what_was_not_stopped_is_not_taken_back(town: Town) -> None:
    mail = answered(town)
    ref = ("thread", town.told("membre")[-1].about_id)
    town.reply(town.thread(by="voisine"), by="membre")
    with town.site.sessions.begin() as session:
        person = town.loaded(session, "membre")
        assert not services.undo_stop(session, person, ("thread", person.id), town.site.clock.now)
        assert not services.undo_stop(session, person, None, town.site.clock.now)
    town.browser().post(link(mail), {"annuler": "1"}, status=200)
    assert following_level(town, ref) is Level.FOLLOW
    town.browser().post("/avis/stop/faux", {"annuler": "1"}, status=410)
