"""Lines in order, two people at once, drafts that are none any more."""

from __future__ import annotations

import pytest

from feeds.newsletter.audience import Segments
from feeds.newsletter.models import Edition, IssueState
from feeds.newsletter.writing import reaching, services
from feeds.newsletter.writing.services import Clash, Frozen, Wish, Words, mark
from tests import people
from tests.feeds.newsletter.writing.conftest import Desk


def test_lines_go_up_and_down_out_and_back(desk: Desk) -> None:
    issue = desk.letter()
    one, two, three = (desk.add(issue, title) for title in ("Un", "Deux", "Trois"))
    with desk.site.sessions() as session:
        assert services.move(session, issue.id, three.id, up=True)
        assert not services.move(session, issue.id, one.id, up=True)
        assert services.keep(session, issue.id, two.id, kept=False)
        assert not services.keep(session, issue.id, two.id, kept=False)
        assert services.move(session, issue.id, three.id, up=True)  # past what was taken out
        session.commit()
    assert list(desk.told(issue, "mot")) == ["Trois", "Un"]
    with desk.site.sessions() as session:
        services.keep(session, issue.id, two.id, kept=True)
        services.write_line(
            session, issue.id, one.id, Wish({"fr": Words("Un")}, "dates"), mark(services.line_words(one))
        )
        session.commit()
    assert sorted(desk.told(issue, "mot")) == ["Deux", "Trois"]
    assert list(desk.told(issue, "dates"))[-1:] == ["Un"]


def test_two_people_who_change_one_text_do_not_lose_it(desk: Desk) -> None:
    issue = desk.letter()
    line = desk.add(issue, "Avant", text="Texte")
    seen = mark(services.line_words(line))
    first, second = (Wish({"fr": Words(title, "Texte")}, "mot") for title in ("Ici", "Là"))
    with desk.site.sessions() as session:
        services.write_line(session, issue.id, line.id, first, seen)
        session.commit()
    with desk.site.sessions() as session, pytest.raises(Clash) as clash:
        services.write_line(session, issue.id, line.id, second, seen)
    assert clash.value.now["texts"]["fr"]["title"] == "Ici"
    with desk.site.sessions() as session:
        services.write_line(session, issue.id, line.id, first, seen)  # the same words twice are no clash
        services.write_line(session, issue.id, line.id, second, mark(clash.value.now))
        session.commit()
    assert list(desk.told(issue, "mot")) == ["Là"]


def test_two_people_who_write_at_the_same_moment_do_not_lose_it(desk: Desk) -> None:
    issue = desk.letter()
    seen = mark(services.words_of(issue))

    def write(subject: str) -> str:
        with desk.site.sessions() as session:
            try:
                services.write(session, issue.id, {"fr": subject}, {}, ["en"], seen)
                session.commit()
            except Clash:
                return "clash"
            return subject

    done = people.at_once(lambda: write("Objet A"), lambda: write("Objet B"))
    assert sorted(done)[1] == "clash"
    now = desk.issue(issue.id)
    assert now.subject == {"fr": sorted(done)[0]}
    assert now.langs == ["fr", "en"]


def test_words_keep_their_state_until_somebody_changes_them(desk: Desk) -> None:
    issue = desk.letter()
    line = desk.add(issue, "Titre")
    with desk.site.sessions() as session:
        row = session.merge(line)
        row.texts = {"fr": {"title": "Titre", "text": "", "state": "source"},
                     "en": {"title": "Title", "text": "", "state": "machine"},
                     "ar": {"title": "عنوان", "text": "", "state": "unit"}}  # fmt: skip
        session.commit()
    (line,) = (one for one in desk.lines(issue) if one.id == line.id)
    wish = Wish({"fr": Words("Titre"), "en": Words("A better title")}, "mot")
    with desk.site.sessions() as session:
        made = services.write_line(session, issue.id, line.id, wish, mark(services.line_words(line)))
        session.commit()
        assert {lang: text["state"] for lang, text in made.texts.items()} == {
            "fr": "source",
            "en": "hand",
            "ar": "unit",
        }


def test_only_a_draft_changes(desk: Desk) -> None:
    desk.subscriber()
    issue = desk.letter()
    line = desk.add(issue)
    desk.launch(issue)
    with desk.site.sessions() as session:
        for change in (
            lambda: services.write(session, issue.id, {"fr": "Autre"}, {}, [], mark(services.words_of(issue))),
            lambda: services.add_line(session, issue.id, Wish({"fr": Words("x")}, "mot")),
            lambda: services.keep(session, issue.id, line.id, kept=False),
            lambda: services.move(session, issue.id, line.id, up=True),
            lambda: services.choose(session, issue.id, Segments(who=("health",)), mark({})),
            lambda: services.delete(session, issue.id),
        ):
            with pytest.raises(Frozen):
                change()
    assert desk.issue(issue.id).state == IssueState.SENDING.value


def test_how_many_it_reaches(desk: Desk) -> None:
    desk.nobody()
    for lang, health in (("fr", False), ("fr", True), ("en", False), ("ar", True), ("es", False)):
        desk.subscriber(lang=lang, health=health)
    desk.subscriber(lang="fr", themes=["numerique_en_sante"], commune="59512")
    desk.subscriber(lang="en", edition=Edition.RELAY.value)
    desk.subscriber(state="left")
    issue = desk.letter()
    now, zone = desk.site.clock.now, "Europe/Paris"
    with desk.site.sessions() as session:
        all_ = reaching.reach(session, issue, Segments(), zone, now)
        assert all_.general == {"fr": 4, "en": 1, "ar": 1}  # who reads Spanish gets it in French
        assert (all_.people, all_.contacts, all_.total) == (6, 1, 7)
        assert all_.who == {"labelled": 0, "network": 0, "health": 2, "public": 4}
        assert reaching.reach(session, issue, Segments(who=("health",)), zone, now).people == 2
        assert reaching.reach(session, issue, Segments(communes=("59512",)), zone, now).people == 1
        assert reaching.reach(session, issue, Segments(themes=("autre_theme",)), zone, now).people == 5
        assert reaching.reach(session, issue, Segments(typologies=("ASSO",)), zone, now).people == 0
