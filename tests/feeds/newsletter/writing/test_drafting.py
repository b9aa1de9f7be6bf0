"""A draft is filled from the log, and brought up to date without touching what people did."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from feeds.newsletter.content import SECTIONS
from feeds.newsletter.models import Delivery, Issue
from feeds.newsletter.sending import launching
from feeds.newsletter.writing import drafting, planning, services
from feeds.newsletter.writing.telling_places import days_changed
from importers.models import ImportSource, WatchItem
from reseau.agenda.models import Event
from reseau.core.actors import Actor, Side
from reseau.directory import edits, lifecycle
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from reseau.threads.base.models import Post
from resources.base import services as resources
from resources.base.content import HEADER, Block, Content
from resources.base.models import Resource, Visibility
from resources.base.shapes import Kind
from resources.base.translations import UnitState, put
from tests.feeds.newsletter.writing.conftest import Desk
from tests.resources.conftest import a_kit, a_tutorial

SOURCES = ("cartographie",)
BY = Actor(Side.COORDINATION, None)


def place(desk: Desk, name: str, **fields: Any) -> UUID:
    with desk.site.sessions() as session:
        values = {"nom": name, "commune": "Roubaix", "code_insee": "59512", **fields}
        made = lifecycle.create(session, values, Because(Cause.CREATE, BY), SOURCES, desk.site.clock.now)
        session.commit()
        return made


def hours(desk: Desk, id_: UUID, osm: str) -> None:
    with desk.site.sessions() as session:
        edits.save(session, id_, {"horaires": osm}, {}, Because(Cause.EDIT, BY), SOURCES, desk.site.clock.now)
        session.commit()


def test_a_draft_tells_what_is_new_and_public(desk: Desk) -> None:
    kit = desk.published(a_kit("Kit de la lettre"))
    hidden = desk.published(a_kit("Kit du réseau"))
    with desk.site.sessions() as session:
        resources.set_visibility(session, session.get_one(Resource, hidden.id), Visibility.NETWORK, desk.site.clock.now)
        session.commit()
    desk.draft(a_kit("Kit pas publié"))
    asked = desk.thread("Qui a une salle ?")
    desk.thread("Question du réseau", topic="reseau")
    answered = desk.thread("Question avec réponse")
    desk.reply(answered)
    issue = desk.letter()
    told = desk.told(issue, "ressources")
    assert told["Kit de la lettre"].url == desk.at(kit.id)
    assert not {"Kit du réseau", "Kit pas publié"} & set(told)
    questions = desk.told(issue, "questions")
    assert questions["Qui a une salle ?"].url == desk.address(asked)
    assert not {"Question du réseau", "Question avec réponse"} & set(questions)


def test_translations_are_proposed_with_their_state(desk: Desk) -> None:
    made = desk.published(a_tutorial("Se connecter à Ameli"))
    with desk.site.sessions() as session:
        content = resources.current(session, session.get_one(Resource, made.id)).content  # type: ignore[union-attr]
        now = desk.site.clock.now
        words = {"title": "Connecting to Ameli", "text": "A simple summary."}
        put(session, content, made.id, HEADER, "en", words, state=UnitState.PUBLISHED, by=None, now=now)
        put(
            session,
            content,
            made.id,
            HEADER,
            "ar",
            {"title": "الدخول", "text": "ملخص"},
            state=UnitState.MACHINE,
            by=None,
            now=now,
        )
        session.commit()
    line = desk.told(desk.letter(), "ressources")["Se connecter à Ameli"]
    assert line.texts["en"] == {"title": "Connecting to Ameli", "text": "A simple summary.", "state": "unit"}
    assert line.texts["ar"]["state"] == "machine"
    assert line.texts["fr"]["state"] == "source"


def test_the_next_issue_tells_what_came_after_the_last_one(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    desk.published(a_kit("Kit d’avant"))
    first = desk.letter()
    desk.launch(first)
    again = desk.published(a_kit("Kit d’après"))
    second = desk.letter()
    assert second.log_from == first.log_to
    assert set(desk.told(second, "ressources")) == {"Kit d’après"}
    with desk.site.sessions() as session:
        resources.withdraw(session, session.get_one(Resource, again.id), desk.site.clock.now)
        session.commit()
    assert desk.update(second).removed == 1
    assert desk.told(second, "ressources") == {}


def test_two_drafts_do_not_tell_the_same(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    desk.launch(desk.letter())
    desk.published(a_kit("Kit double"))
    first, second = desk.letter(), desk.letter()
    desk.launch(first)
    desk.published(a_kit("Kit suivant"))
    done = desk.update(second)
    assert (done.added, done.removed) == (1, 1)
    assert set(desk.told(second, "ressources")) == {"Kit suivant"}


def cancel(desk: Desk, issue: Issue) -> None:
    with desk.site.sessions() as session:
        launching.cancel(session, session.get_one(Issue, issue.id), desk.site.clock.now, planning.untold)
        session.commit()


def test_what_a_cancelled_issue_told_nobody_is_proposed_again(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    desk.launch(desk.letter())
    desk.later(minutes=30)
    desk.published(a_kit("Kit annulé"))
    news = watched(desk, "Une nouvelle annulée")
    issue = desk.letter()
    desk.launch(issue)
    after = desk.letter()
    assert "Kit annulé" not in desk.told(after, "ressources")
    cancel(desk, issue)
    assert "Kit annulé" in desk.told(desk.letter(), "ressources")
    assert "Une nouvelle annulée" in desk.told(desk.letter(), "veille")
    desk.update(after)
    assert "Kit annulé" in desk.told(after, "ressources")
    desk.launch(after)
    with desk.site.sessions() as session:
        session.execute(sa.update(Delivery).where(Delivery.issue_id == after.id).values(state="accepted"))
        session.commit()
    cancel(desk, after)
    assert "Kit annulé" not in desk.told(desk.letter(), "ressources")
    assert desk.get(WatchItem, news).for_letter is False


def watched(desk: Desk, title: str) -> UUID:
    """An entry of the watch that is for the letter."""
    with desk.site.sessions() as session:
        feed = ImportSource(
            name=f"flux-{uuid4().hex[:12]}", adapter="veille", title="Un partenaire", location="https://a.example/f"
        )
        session.add(feed)
        session.flush()
        item = WatchItem(source_id=feed.id, guid=title, url="https://a.example/1", title=title, digest="d",
                         cluster_id=uuid4(), state="kept", for_letter=True)  # fmt: skip
        session.add(item)
        session.commit()
        return item.id


def test_nothing_new_makes_no_draft_unless_asked(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    desk.thread("Une question qui reste")
    desk.launch(desk.letter())
    number = len(desk.rows(Issue))
    desk.later(days=1)
    with desk.site.sessions() as session, pytest.raises(drafting.NothingNew):
        drafting.prepare(session, desk.site.settings, None, desk.site.clock.now)
    assert len(desk.rows(Issue)) == number
    asked = desk.letter()
    assert "Une question qui reste" in desk.told(asked, "questions")  # still true, but it makes no issue by itself


def test_hours_say_the_days_and_closed_places_are_told(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    moved, gone = place(desk, "Lieu qui bouge", horaires="Mo-Fr 09:00-12:00"), place(desk, "Lieu qui ferme")
    desk.launch(desk.letter())
    desk.later(hours=1)
    hours(desk, moved, "Mo,We-Fr 09:00-12:00; Tu 14:00-18:00")
    new = place(desk, "Lieu tout neuf")
    with desk.site.sessions() as session:
        because = Because(Cause.CLOSE, BY)
        lifecycle.close(session, gone, date(2026, 11, 20), "", because, SOURCES, desk.site.clock.now)
        session.commit()
    told = desk.told(desk.letter(), "lieux")
    assert told["Lieu qui bouge"].texts["fr"]["text"] == "Les horaires changent : mardi."
    assert told["Lieu qui bouge"].note == "Roubaix"
    assert told["Lieu qui ferme"].texts["fr"]["text"] == "Ce lieu est fermé."
    assert told["Lieu tout neuf"].url.endswith(str(new))
    assert set(told) == {"Lieu qui bouge", "Lieu qui ferme", "Lieu tout neuf"}


def test_few_new_places_say_what_they_help_with_and_many_are_one_line(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    desk.launch(desk.letter())
    helps = place(desk, "Lieu qui aide", demarches=["ameli", "mon-espace-sante"])
    for number in range(4):
        place(desk, f"Lieu compté {number:02}")
    told = desk.told(desk.letter(), "lieux")
    assert len(told) == 5, sorted(told)
    words = told["Lieu qui aide"].texts["fr"]["text"]
    assert words == "Nouveau dans l’annuaire. On y aide pour : Mon espace santé, Compte Ameli, assurance maladie."
    assert told["Lieu compté 00"].texts["fr"]["text"] == "Nouveau dans l’annuaire."
    assert told["Lieu qui aide"].object_id == helps
    place(desk, "Lieu de trop")
    told = desk.told(desk.letter(), "lieux")
    assert {title: line.url for title, line in told.items()} == {
        "6 lieux sont entrés dans l’annuaire": "/annuaire?tri=date"
    }


def an_experience(title: str) -> Content:
    return a_tutorial(
        title, kind=Kind.EXPERIENCE, blocks=(Block("fait", "description", text="Ce que nous avons fait."),)
    )


def test_kits_come_before_experiences_and_five_are_named(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    desk.launch(desk.letter())
    for number in range(5):
        desk.published(an_experience(f"Expérience {number}"))
    desk.published(a_tutorial("Un tutoriel ancien"))
    desk.published(a_kit("Un kit ancien"))
    for number in range(5, 8):
        desk.published(an_experience(f"Expérience {number}"))
    titles = list(desk.told(desk.letter(), "ressources"))
    assert titles[:2] == ["Un kit ancien", "Un tutoriel ancien"]
    assert titles[5:] == ["et 5 autres ressources"]


def test_a_question_says_its_first_words_and_no_name(desk: Desk) -> None:
    asked = desk.thread("Qui sait faire ?", "Bonjour @zoe-martin, **voici** " + "un mot " * 40)
    mention = {"handle": "zoe-martin", "kind": "person", "id": str(asked.id), "name": "Zoé Martin", "path": ""}
    with desk.site.sessions() as session:
        session.execute(sa.update(Post).where(Post.thread_id == asked.id).values(mentions=[mention]))
        session.commit()
    text = desk.told(desk.letter(), "questions")["Qui sait faire ?"].texts["fr"]["text"]
    assert text.startswith("Bonjour @…, voici un mot")
    assert len(text) <= 141
    assert text.endswith("…")


def test_dates_come_right_after_the_word_of_the_team() -> None:
    assert list(SECTIONS) == ["mot", "dates", "ressources", "questions", "lieux", "label", "veille"]


def test_dates_and_the_watch_are_told_and_the_watch_only_once(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    now = desk.site.clock.now
    with desk.site.sessions() as session:
        feed = ImportSource(
            name=f"flux-{now:%s%f}", adapter="veille", title="Un partenaire", location="https://a.example/f"
        )
        session.add(feed)
        session.flush()
        item = WatchItem(source_id=feed.id, guid="g", url="https://a.example/1", title="Une nouvelle", digest="d",
                         cluster_id=UUID(int=7), state="kept", for_letter=True)  # fmt: skip
        kept = Event(uid="u1", title="Forum santé", place="Roubaix", state="kept", starts_at=now + timedelta(days=9))
        session.add_all([item, kept, Event(uid="u2", title="Pas gardé", starts_at=now + timedelta(days=9))])
        session.commit()
        item_id = item.id
    issue = desk.letter()
    assert (
        desk.told(issue, "dates")["Forum santé"].note
        == "jeudi 3 décembre 2026 à 10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30 · Roubaix"
    )
    assert "Pas gardé" not in desk.told(issue, "dates")
    news = desk.told(issue, "veille")["Une nouvelle"]
    assert (news.url, news.note, news.source) == ("https://a.example/1", "Un partenaire", "watch")
    desk.launch(issue)
    assert desk.get(WatchItem, item_id).for_letter is False
    assert desk.told(desk.letter(), "veille") == {}
    with desk.site.sessions() as session:
        session.execute(sa.delete(Event))
        session.commit()


def test_what_people_did_stays_when_the_draft_is_brought_up_to_date(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    desk.launch(desk.letter())
    edited, taken, followed = (desk.published(a_kit(f"Kit {name}")) for name in ("réécrit", "retiré", "suivi"))
    issue = desk.letter()
    told = desk.told(issue, "ressources")
    with desk.site.sessions() as session:
        line = told["Kit réécrit"]
        wish = services.Wish({"fr": services.Words("Nos mots")}, line.section, line.url, line.note)
        services.write_line(session, issue.id, line.id, wish, services.mark(services.line_words(line)))
        services.keep(session, issue.id, told["Kit retiré"].id, kept=False)
        session.commit()
    for made, title in (
        (edited, "Kit réécrit, version 2"),
        (taken, "Kit retiré, 2"),
        (followed, "Kit suivi, version 2"),
    ):
        desk.publish(made.id, a_kit(title))
    desk.published(a_kit("Kit arrivé depuis"))
    done = desk.update(issue)
    assert (done.added, done.changed, done.removed) == (1, 1, 0)
    assert set(desk.told(issue, "ressources")) == {"Nos mots", "Kit suivi, version 2", "Kit arrivé depuis"}
    assert not desk.update(issue).any


class Step:
    """A change of one field."""

    def __init__(self, before: str | None, after: str | None, field: str = "horaires") -> None:
        self.before, self.after, self.field = {"v": before}, {"v": after}, field


@pytest.mark.parametrize(
    ("steps", "days"),
    [
        ([Step("Mo 09:00-12:00", "Mo 09:00-12:00; Sa 10:00-12:00")], (5,)),
        ([Step("Mo,Tu 09:00-12:00", "Mo 09:00-12:00"), Step("Mo 09:00-12:00", "Mo,Tu 09:00-12:00")], None),
        ([Step("Mo 09:00-12:00", "n’importe quoi")], ()),
        ([Step("Mo 09:00-12:00", None)], None),
        ([Step("Mo 09:00-12:00", "Tu 09:00-12:00"), Step(None, "Mo 09:00-12:00")], (0, 1)),
        ([Step(None, "Mo 09:00-12:00")], None),
        ([Step("Mo-Su 09:00-12:00", "Mo-Su 10:00-12:00")], ()),
        ([Step("le matin", "l’après-midi", "horaires_texte")], ()),
    ],
)  # fmt: skip
def test_days_that_changed(steps: list[Step], days: tuple[int, ...] | None) -> None:
    assert days_changed(steps, date(2026, 11, 24), "Europe/Paris") == days
