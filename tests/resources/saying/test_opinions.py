"""Opinions: one a person, shown with names to the network only; comments that are hidden; one mail a day to authors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.members.models import Person
from resources.base.models import Opinion, Resource, Visibility
from resources.base.services import set_visibility, withdraw
from resources.saying import opinions
from resources.saying.services import counts
from resources.saying.telling import tell_comments
from tests.directory.site import Page
from tests.people import at_once
from tests.resources.conftest import Base, a_tutorial, post_form
from tests.resources.saying.conftest import ONE_ENGINE


def say(base: Base, made: Any, who: Any, grade: int = 4, comment: str = "") -> Any:
    form = post_form(base.browser(who).get(base.at(made.id) + "/avis"), "/avis")
    form["utile"], form["commentaire"] = str(grade), comment
    return form.submit(status=303)


def given(base: Base, made: Any) -> list[Any]:
    return base.rows(Opinion, Opinion.resource_id == made.id)


def test_one_opinion_a_person_and_saying_again_replaces(base: Base) -> None:
    made = base.published()
    answer = say(base, made, "membre", 2, "Trop long.\r\nTrop **petit**.")
    assert "Merci" in answer.follow(headers={}).text
    say(base, made, "membre", 3, "Mieux maintenant.")
    (one,) = given(base, made)
    assert (one.grade, one.comment, one.version, one.at) == (3, "Mieux maintenant.", 1, base.site.clock.now)


@ONE_ENGINE
def test_a_comment_is_plain_markdown(base: Base) -> None:
    made = base.published()
    say(base, made, "membre", 4, "Très **clair**.\n<script>alert(1)</script>\n[ici](javascript:alert(1))")
    shown = base.browser().get(base.at(made.id) + "/avis").text
    assert "<strong>clair</strong>" in shown
    assert "<script>alert" not in shown
    assert 'href="javascript' not in shown


@ONE_ENGINE
@pytest.mark.parametrize(("cells", "field"), [
    ({"commentaire": "Bien"}, "utile"), ({"utile": "5"}, "utile"), ({"utile": "quatre"}, "utile"),
    ({"utile": "1", "commentaire": "é" * 1001}, "commentaire"),
])  # fmt: skip
def test_what_cannot_be_kept_is_said_and_nothing_is_lost(base: Base, cells: dict[str, str], field: str) -> None:
    made = base.published()
    browser = base.browser("membre")
    token = post_form(browser.get(base.at(made.id) + "/avis"), "/avis")["csrf_token"].value
    answer = browser.post(base.at(made.id) + "/avis", {"csrf_token": token, **cells}, status=422)
    assert f'href="#{field}"' in answer.text
    assert cells.get("commentaire", "") in answer.text
    assert given(base, made) == []


@ONE_ENGINE
def test_names_are_for_the_network_and_visitors_see_the_place(base: Base) -> None:
    made = base.published()
    say(base, made, "membre", 4, "Utile à tous.")
    say(base, made, "personne", 3, "Je débute.")
    visitor = Page(base.browser().get(base.at(made.id) + "/avis").text)
    assert "Lieu Ici" in visitor.text
    assert "une personne du réseau" in visitor.text
    assert "membre ," not in visitor.text
    assert not visitor.all("textarea")
    assert "membre , Lieu Ici" in Page(base.browser("voisine").get(base.at(made.id) + "/avis").text).text
    assert "2 personnes ont répondu" in visitor.text


def test_taking_mine_back(base: Base) -> None:
    made = base.published()
    say(base, made, "membre", 1)
    say(base, made, "voisin", 4)
    browser = base.browser("membre")
    post_form(browser.get(base.at(made.id) + "/avis"), "/retirer").submit(status=303)
    assert [one.person_id for one in given(base, made)] == [base.people["voisin"]]


@ONE_ENGINE
def test_a_visitor_is_asked_to_sign_in_and_keeps_the_text(base: Base) -> None:
    made = base.published()
    browser = base.browser()
    token = post_form(browser.get("/connexion"), "/connexion")["csrf_token"].value
    answer = browser.post(base.at(made.id) + "/avis", {"csrf_token": token, "utile": "4", "commentaire": "Mon texte"},
                          headers={"Origin": "http://localhost"}, status=403)  # fmt: skip
    assert "Mon texte" in answer.text
    assert given(base, made) == []


@ONE_ENGINE
def test_opinions_of_what_one_may_not_read_are_not_read_either(base: Base) -> None:
    made, gone = base.published(), base.published()
    with base.site.sessions() as session:
        set_visibility(session, session.merge(made), Visibility.NETWORK, base.site.clock.now)
        withdraw(session, session.merge(gone), base.site.clock.now)
        session.commit()
    path = base.at(made.id) + "/avis"
    base.browser().get(path, status=403)
    base.browser("personne").get(path, status=403)
    base.browser("voisine").get(path, status=200)
    base.browser("voisine").get(base.at(gone.id) + "/avis", status=410)
    base.browser("voisine").get(base.at(base.draft().id) + "/avis", status=404)


def test_the_date_moves_with_the_grade_and_with_the_comment_and_not_when_it_is_hidden(base: Base) -> None:
    made = base.published()
    say(base, made, "voisine", 4, "Bien.")
    (first,) = given(base, made)

    def later(grade: int, comment: str) -> Any:
        base.site.clock.now += timedelta(minutes=5)
        say(base, made, "voisine", grade, comment)
        return given(base, made)[0].at

    assert later(4, "Bien.") == first.at, "nothing was changed"
    assert later(3, "Bien.") == base.site.clock.now
    moved = later(3, "Très bien.")
    assert moved == base.site.clock.now
    base.site.clock.now += timedelta(minutes=5)
    hide(base, made, "coordination", "voisine")
    assert given(base, made)[0].at == moved


def test_saying_it_forgets_that_row_alone(base: Base) -> None:
    made = base.published()
    say(base, made, "voisine", 4)
    with base.site.sessions() as session:
        resource = session.get_one(Resource, made.id)
        mine = opinions.mine(session, made.id, base.people["voisine"])
        assert mine is not None
        opinions.save(session, resource, base.people["voisine"], 2, "", base.site.clock.now)
        assert not sa.inspect(resource).expired_attributes
        assert mine.grade == 2
        session.rollback()


# --- hiding ---------------------------------------------------------------------------------------------------


def hide(base: Base, made: Any, who: str, author: str, why: str = "Ce commentaire blesse.", status: int = 303) -> Any:
    path = f"{base.at(made.id)}/avis/{base.people[author]}/masquer"
    form = post_form(base.browser(who).get(path), "/masquer")
    form["motif"] = why
    return form.submit(status=status)


@ONE_ENGINE
@pytest.mark.parametrize("who", ["membre", "referent", "coordination"])
def test_a_comment_is_hidden_with_a_reason_told_to_its_author(base: Base, who: str) -> None:
    made = base.published()
    say(base, made, "voisine", 1, "Nul et méchant.")
    before = len(base.mails("voisine@reseau.example"))
    hide(base, made, who, "voisine", "", status=422)
    hide(base, made, who, "voisine")
    assert "Nul et méchant" not in base.browser().get(base.at(made.id) + "/avis").text
    assert "Nul et méchant" in base.browser("coordination").get(base.at(made.id) + "/avis").text
    mail = base.mails("voisine@reseau.example")[before:]
    assert [one.kind for one in mail] == ["avis-masque"]
    assert "Ce commentaire blesse." in mail[0].text
    mine = base.browser("voisine").get(base.at(made.id) + "/avis")
    assert "Votre commentaire est masqué" in mine.text
    with base.site.sessions() as session:
        assert counts(session, [made.id])[made.id].grades == (1, 0, 0, 0), "the grade counts"


def test_hidden_once_shown_again_and_written_anew(base: Base) -> None:
    made = base.published()
    say(base, made, "voisine", 1, "Méchant.")
    form = post_form(
        base.browser("membre").get(f"{base.at(made.id)}/avis/{base.people['voisine']}/masquer"), "/masquer"
    )
    form["motif"] = "Parce que."
    before = len(base.mails("voisine@reseau.example"))
    assert form.submit(status=303)
    assert form.submit(status=303), "a second click"
    assert len(base.mails("voisine@reseau.example")) == before + 1
    say(base, made, "voisine", 2, "Méchant.")
    assert given(base, made)[0].hidden_at, "the same words stay hidden"
    say(base, made, "voisine", 2, "Je voulais dire : trop long.")
    assert given(base, made)[0].hidden_at is None
    hide(base, made, "membre", "voisine")
    post_form(base.browser("membre").get(base.at(made.id) + "/avis"), "/montrer").submit(status=303)
    assert given(base, made)[0].hidden_at is None
    hide(base, made, "membre", "voisine")
    assert len(base.mails("voisine@reseau.example")) == before + 1, "one mail, however often it is hidden"


@ONE_ENGINE
@pytest.mark.parametrize("who", [None, "personne", "voisin", "admin"])
def test_nobody_else_hides(base: Base, who: str | None) -> None:
    made = base.published()
    say(base, made, "voisine", 1, "Non.")
    base.browser(who).get(f"{base.at(made.id)}/avis/{base.people['voisine']}/masquer", status=403)


@ONE_ENGINE
def test_there_is_nothing_to_hide_without_a_comment(base: Base) -> None:
    made = base.published()
    say(base, made, "voisine", 1)
    base.browser("membre").get(f"{base.at(made.id)}/avis/{base.people['voisine']}/masquer", status=404)


# --- lists and mails --------------------------------------------------------------------------------------------


def many(base: Base, made: Any, number: int, comment: str = "Voilà.") -> None:
    for rank in range(number):
        who = base.person(member_of=[base.places["ici"]])
        with base.site.sessions() as session:
            opinions.save(session, session.merge(made), who.id, 1 + rank % 4, comment, base.site.clock.now)
            session.commit()


def test_a_page_of_many_comments_is_few_statements(base: Base) -> None:
    made = base.published()
    many(base, made, 25)
    for who in (None, "coordination"):
        browser, path = base.browser(who), base.at(made.id) + "/avis"
        with base.site.statements() as seen:
            answer = browser.get(path)
        assert len([one for one in seen if one.startswith("SELECT")]) <= 10, "\n".join(seen)
        assert answer.text.count("Voilà.") == opinions.PAGE_SIZE
    assert base.browser().get(base.at(made.id) + "/avis?page=9").text.count("Voilà.") == 5


def told(base: Base, author: str) -> list[Any]:
    with base.site.sessions() as session:
        tell_comments(session, base.site.settings, base.site.clock.now)
        session.commit()
    return [mail for mail in base.mails(author) if mail.kind == "avis"]


def test_authors_get_one_mail_a_day_for_all_their_resources(base: Base) -> None:
    author = base.person(member_of=[base.places["ici"]])
    base.people[author.name] = author.id
    one, two = base.published(a_tutorial("Une A"), by=author.name), base.published(a_tutorial("Une B"), by=author.name)
    say(base, one, "voisine", 4, "Merci.")
    say(base, one, "voisin", 4, "Merci aussi.")
    say(base, two, "voisin", 4, "Bien.")
    say(base, two, author.name, 4, "Je suis content de moi.")
    assert told(base, author.email) == [], "not before the day is over"
    base.site.clock.now += timedelta(days=1)
    (mail,) = told(base, author.email)
    assert "3 nouveaux commentaires" in mail.subject
    assert "Une A" in mail.text
    assert "Une B" in mail.text
    say(base, one, "coordination", 4, "Encore.")
    base.site.clock.now += timedelta(hours=2)
    assert len(told(base, author.email)) == 1, "one a day"
    base.site.clock.now += timedelta(days=1)
    assert "1 nouveau commentaire " in told(base, author.email)[-1].subject
    base.site.clock.now += timedelta(days=1)
    assert len(told(base, author.email)) == 2, "nothing new to tell"


@ONE_ENGINE
def test_an_author_who_does_not_want_mails_about_resources_gets_none(base: Base) -> None:
    author = base.person()
    base.people[author.name] = author.id
    with base.site.sessions() as session:
        session.get_one(Person, author.id).mails = {"ressources": False}
        session.commit()
    made = base.published(by=author.name)
    say(base, made, "voisine", 4, "Merci.")
    base.site.clock.now += timedelta(days=1)
    assert told(base, author.email) == []


@ONE_ENGINE
def test_a_worker_that_was_away_tells_all_at_once(base: Base) -> None:
    author = base.person()
    base.people[author.name] = author.id
    made = base.published(by=author.name)
    for who in ("voisine", "voisin", "coordination"):
        say(base, made, who, 4, f"De {who}.")
        base.site.clock.now += timedelta(days=1)
    (mail,) = told(base, author.email)
    assert "3 nouveaux commentaires" in mail.subject


def test_neither_grades_nor_hidden_comments_nor_the_same_words_are_told(base: Base) -> None:
    author = base.person()
    base.people[author.name] = author.id
    made = base.published(by=author.name)
    say(base, made, "voisine", 4)
    say(base, made, "voisin", 1, "Méchant.")
    hide(base, made, "coordination", "voisin")
    base.site.clock.now += timedelta(days=1)
    assert told(base, author.email) == []
    say(base, made, "voisine", 3, "Des mots.")
    base.site.clock.now += timedelta(days=1)
    assert len(told(base, author.email)) == 1
    say(base, made, "voisine", 4, "Des mots.")
    base.site.clock.now += timedelta(days=1)
    assert len(told(base, author.email)) == 1


def test_two_clicks_at_once_are_one_opinion(base: Base) -> None:
    made = base.published()

    def click() -> None:
        with base.site.sessions() as session:
            found = session.get_one(Resource, made.id)
            opinions.save(session, found, base.people["membre"], 4, "Oui.", base.site.clock.now)
            session.commit()

    at_once(click, click, click)
    assert len(given(base, made)) == 1
