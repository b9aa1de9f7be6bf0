"""From rows to what a letter tells: languages, order, who may read what. Both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.composing.reading_rows import content_of, left_out, public_content
from feeds.newsletter.content import Content, Item
from feeds.newsletter.models import Issue, Line, Relay
from reseau.agenda.models import Event
from reseau.core.ids import new_id
from reseau.directory.models import Structure
from reseau.threads.base.models import Thread, Topic
from tests.feeds.newsletter.composing.samples import SITE, URL

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DAY = date(2026, 11, 24)


@pytest.fixture
def issue(session: Session) -> Issue:
    made = Issue(subject={"fr": "Objet", "ar": "موضوع"}, intro={"fr": "Bonjour."}, langs=["fr", "ar"])
    session.add(made)
    session.flush()
    return made


def add(session: Session, issue: Issue, title: str = "Titre", section: str = "ressources", **more: Any) -> Line:
    position = session.scalar(sa.select(sa.func.count()).select_from(Line)) or 0
    texts = more.pop("texts", {"fr": {"title": title, "text": "", "state": "source"}})
    made = Line(
        **{"issue_id": issue.id, "section": section, "position": position, "source": "log", "texts": texts, **more}
    )
    session.add(made)
    session.flush()
    return made


def thread(session: Session, seen: str) -> UUID:
    topic = Topic(slug=f"sujet-{new_id()}", titles={"fr": "Sujet"}, seen=seen, created_at=NOW)
    session.add(topic)
    session.flush()
    made = Thread(topic_id=topic.id, kind="question", title="Une question", slug="une-question", created_at=NOW,
                  last_at=NOW, lang="fr")  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def titles(content: Content) -> list[str]:
    return [item.title for section in content.sections for item in section.items]


def told(session: Session, issue: Issue, lang: str = "fr", edition: str = "general", **more: Any) -> Content:
    return content_of(session, issue, lang, edition, SITE, DAY, **more)


def test_lines_come_by_section_and_position(session: Session, issue: Issue) -> None:
    add(session, issue, "b", "veille")
    add(session, issue, "c", "lieux", position=9)
    add(session, issue, "d", "lieux", position=3)
    add(session, issue, "a", "mot")
    add(session, issue, "retirée", "lieux", kept=False)
    add(session, issue, "inconnue", "ailleurs")
    found = told(session, issue)
    assert [(one.code, [item.title for item in one.items]) for one in found.sections] == [
        ("mot", ["a"]), ("lieux", ["d", "c"]), ("veille", ["b"]),
    ]  # fmt: skip


def test_a_line_is_told_in_the_language_else_in_french_else_in_what_there_is(session: Session, issue: Issue) -> None:
    both = {
        "fr": {"title": "Kit", "text": "Oui", "state": "source"},
        "ar": {"title": "حقيبة", "text": "", "state": "machine"},
    }
    add(session, issue, texts=both, url="/kits/x", note="Roubaix")
    add(session, issue, texts={"fr": {"title": "Seul", "text": "t", "state": "machine"}, "ar": {"title": " "}})
    add(session, issue, texts={"en": {"title": "Alone", "text": "x", "state": "unit"}})
    arabic = told(session, issue, "ar").sections[0].items
    assert arabic == (
        Item("حقيبة", "", f"{URL}/kits/x", "Roubaix", machine=True),
        Item("Seul", "t", lang="fr", machine=True),
        Item("Alone", "x", lang="en"),
    )
    french = told(session, issue, "fr").sections[0].items
    assert [(one.title, one.lang, one.machine) for one in french] == [
        ("Kit", "", False), ("Seul", "", True), ("Alone", "en", False),
    ]  # fmt: skip


def test_subject_and_introduction_fall_back_to_french(session: Session, issue: Issue) -> None:
    arabic, english = told(session, issue, "ar"), told(session, issue, "en")
    assert (arabic.subject, arabic.intro) == ("موضوع", "Bonjour.")
    assert (english.subject, english.intro) == ("Objet", "Bonjour.")


def test_news_of_elsewhere_says_its_source(session: Session, issue: Issue) -> None:
    add(session, issue, "Nouvelle", "veille", source="watch", url="https://ars.example/a", note="ARS")
    (item,) = told(session, issue).sections[0].items
    assert (item.url, item.from_, item.note) == ("https://ars.example/a", "ARS", "")


def test_what_is_no_longer_public_is_left_out(session: Session, issue: Issue) -> None:
    for seen, title in (("public", "Publique"), ("network", "Réseau"), ("group", "Groupe")):
        add(session, issue, title, "questions", object_kind="thread", object_id=thread(session, seen))
    add(session, issue, "Disparue", "questions", object_kind="thread", object_id=uuid4())
    add(session, issue, "À la main", "questions", source="hand")
    everybody = ["Publique", "À la main"]
    assert titles(told(session, issue)) == everybody
    assert titles(told(session, issue, edition="relay")) == everybody
    assert [line.texts["fr"]["title"] for line in left_out(session, issue, "general")] == [
        "Réseau",
        "Groupe",
        "Disparue",
    ]
    issue.segments = {"who": ["network", "labelled"]}
    assert [line.texts["fr"]["title"] for line in left_out(session, issue, "general")] == ["Groupe", "Disparue"]
    assert titles(told(session, issue)) == ["Publique", "Réseau", "À la main"]
    assert titles(told(session, issue, edition="relay")) == everybody
    assert titles(public_content(session, issue, "fr", SITE, DAY)) == everybody
    issue.segments = {"who": ["network", "health"]}
    assert titles(told(session, issue)) == everybody


def test_an_event_that_was_dropped_is_left_out(session: Session, issue: Issue) -> None:
    kept, dropped = (Event(uid=name, state=name, title=name, starts_at=NOW) for name in ("kept", "dropped"))
    session.add_all([kept, dropped])
    session.flush()
    add(session, issue, "Gardée", "dates", object_kind="event", object_id=kept.id)
    add(session, issue, "Retirée", "dates", object_kind="event", object_id=dropped.id)
    assert titles(told(session, issue)) == ["Gardée"]


def test_a_date_is_said_in_the_language_of_each_letter(session: Session, issue: Issue) -> None:
    event = Event(
        uid="u", state="kept", title="Forum", place="Roubaix", starts_at=datetime(2026, 12, 3, 13, tzinfo=UTC)
    )
    session.add(event)
    session.flush()
    french = "jeudi 3 décembre 2026 à 14\N{NO-BREAK SPACE}h · Roubaix"
    line = add(session, issue, "Forum", "dates", object_kind="event", object_id=event.id, note=french)

    def note(lang: str) -> str:
        ((item,),) = (one.items for one in told(session, issue, lang).sections)
        return item.note

    assert (note("fr"), note("en")) == (french, "Thursday, 3 December 2026, 14:00 · Roubaix")
    assert "ديسمبر" in note("ar")
    line.note = "Le 3, à la mairie"  # as the coordination wrote it
    assert note("en") == "Le 3, à la mairie"


def test_a_line_that_counts_the_rest_says_how_many(session: Session, issue: Issue) -> None:
    for title in ("et 28 autres ressources", "et d’autres ressources"):
        add(session, issue, title, object_kind="resources-more", object_id=uuid4())
    add(session, issue, "12 kits", object_kind="resource-like")
    assert [item.others for item in told(session, issue).sections[0].items] == [28, 1, 0]


def test_subject_and_introduction_say_their_language(session: Session, issue: Issue) -> None:
    found = [told(session, issue, lang) for lang in ("fr", "ar", "en")]
    assert [(one.subject_lang, one.intro_lang) for one in found] == [("", ""), ("", "fr"), ("fr", "fr")]


def test_a_relay_is_sent_nowhere_before_the_issue_has_a_page(session: Session, issue: Issue) -> None:
    assert told(session, issue, edition="relay").online is False
    assert told(session, issue).online is True
    issue.slug, issue.number, issue.launched_at = "n-1", 1, NOW
    assert told(session, issue, edition="relay").online is True


def test_news_without_card_is_told(session: Session, issue: Issue) -> None:
    add(session, issue, "Veille", "veille", object_kind="watch", object_id=uuid4())
    assert titles(told(session, issue)) == ["Veille"]


def test_address_of_an_issue_is_the_archive_until_it_has_left(session: Session, issue: Issue) -> None:
    assert told(session, issue).web == f"{URL}/lettre/archives"
    assert told(session, issue, "ar").web == f"{URL}/lettre/archives?langue=ar"
    issue.slug, issue.number = "n-1", 1
    issue.launched_at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # in Roubaix it is next year
    assert told(session, issue, "en").web == f"{URL}/lettre/2027/n-1?langue=en"


def test_relay_has_its_head_in_its_edition_only(session: Session, issue: Issue) -> None:
    lists = ("typologie", "courriels", "site_web", "itinerance", "services", "publics_specifiquement_adresses",
             "prise_en_charge_specifique", "frais_a_charge", "dispositif_programmes_nationaux", "formations_labels",
             "autres_formations_labels", "modalites_acces", "modalites_accompagnement", "demarches")  # fmt: skip
    place = Structure(slug="cpts", nom="CPTS d’essai", digest="", provenance={}, **{name: [] for name in lists})
    session.add(place)
    session.flush()
    relay = Relay(structure_id=place.id, code="K7PM", intro={"fr": "Salut"}, logo_sha="a" * 64, logo_alt="Maison")
    session.add(relay)
    session.flush()
    head = told(session, issue, "ar", "relay", relay=relay).relay
    assert head is not None
    assert (head.name, head.intro, head.logo_alt) == ("CPTS d’essai", "Salut", "Maison")
    assert (head.subscribe, head.intro_lang) == (f"{URL}/lettre?r=K7PM", "fr")
    assert head.logo == f"{URL}/lettre/logo/K7PM.png"
    assert told(session, issue, "fr", "general", relay=relay).relay is None
    relay.logo_sha = None
    assert told(session, issue, "fr", "relay", relay=relay).relay.logo == ""  # type: ignore[union-attr]


@pytest.fixture
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", note)


def test_many_lines_are_a_few_statements(session: Session, issue: Issue, statements: list[str]) -> None:
    for n in range(60):
        add(
            session,
            issue,
            f"t{n}",
            "questions",
            object_kind=("thread", "structure", "resource")[n % 3],
            object_id=uuid4(),
        )
    statements.clear()
    assert titles(told(session, issue)) == []
    assert len(statements) == 4
