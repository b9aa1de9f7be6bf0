"""Cards, feed, pages of a list. Both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from feeds.newsletter.models import Issue, Line
from feeds.newsletter.reading import services
from feeds.newsletter.reading.cards import by_ids, by_paths
from feeds.newsletter.reading.documents import documents
from feeds.newsletter.reading.pictures import qr
from feeds.newsletter.reading.publishing import entries
from feeds.syndication.publishers import Place
from reseau.core import cards

LEFT = datetime(2026, 11, 10, 9, tzinfo=UTC)
PLACE = Place("Réseau d’essai", "https://reseau.example", "ar")


def issue(session: Session, slug: str, **more: Any) -> Issue:
    made = Issue(**{"slug": slug, "state": "sent", "subject": {"fr": f"Objet {slug}"}, "intro": {"fr": "Voyez [ici](/a)."},
                    "langs": ["fr"], "launched_at": LEFT} | more)  # fmt: skip
    session.add(made)
    session.flush()
    return made


def test_cards_are_of_issues_that_have_left(session: Session) -> None:
    left, draft = issue(session, "parti"), issue(session, "brouillon", launched_at=None, state="draft")
    gone = issue(session, "rappele", state="cancelled", called_back=True)
    found = by_ids(session, [left.id, draft.id, gone.id, uuid4()])
    assert [(one.title, one.path, one.visibility) for one in found.values()] == [
        ("Objet parti", "/lettre/2026/parti", "public")
    ]
    paths = ["/lettre/2026/parti", "/lettre/2026/parti/imprimer", "/lettre/2026/brouillon", "/lettre/archives", "/x"]
    assert set(by_paths(session, paths)) == {"/lettre/2026/parti", "/lettre/2026/parti/imprimer"}
    assert cards.by_refs(session, [("letter", left.id)])[("letter", left.id)].title == "Objet parti"
    assert cards.keeps("letter")
    assert not cards.keeps("nothing")


def test_feed_tells_what_everybody_may_read(session: Session) -> None:
    left = issue(
        session, "parti", langs=["fr", "ar"], subject={"fr": "Objet", "ar": "موضوع"}, intro={"ar": "**مرحبا**"}
    )
    other = issue(session, "autre")
    draft = issue(session, "brouillon", launched_at=None, state="draft")
    for section, kept in (("lieux", True), ("dates", False)):
        session.add(Line(issue_id=other.id, section=section, position=0, source="hand", kept=kept))
    session.flush()
    found = entries(session, [left.id, other.id, draft.id], PLACE)
    assert set(found) == {left.id, other.id}
    arabic, french = found[left.id], found[other.id]
    assert (arabic.title, arabic.lang, arabic.link) == (
        "موضوع",
        "ar",
        "https://reseau.example/lettre/2026/parti?langue=ar",
    )
    assert "<strong>مرحبا</strong>" in arabic.html
    assert (french.title, french.lang, french.link) == ("Objet autre", "fr", "https://reseau.example/lettre/2026/autre")
    assert 'href="https://reseau.example/a"' in french.html
    assert "<li>Lieux et horaires qui changent</li>" in french.html
    assert "dates" not in french.html
    assert french.published == LEFT
    assert entries(session, [], PLACE) == {}


def test_documents_are_of_public_issues_with_all_their_languages(session: Session) -> None:
    left, draft = issue(session, "parti"), issue(session, "brouillon", launched_at=None)
    for title, kept in (("gardée", True), ("retirée", False)):
        texts = {"fr": {"title": title}, "ar": {"title": "سطر", "text": "نص"}}
        session.add(Line(issue_id=left.id, section="lieux", position=0, source="hand", kept=kept, texts=texts))
    session.flush()
    (found,) = documents(session)
    assert found.id == left.id
    assert [text for text, _ in found.fields] == ["Objet parti", "Voyez [ici](/a).", "سطر", "نص", "gardée"]
    assert list(documents(session, [draft.id])) == []


def test_pages_of_the_archive(session: Session) -> None:
    for n in range(21):
        issue(session, f"n{n:02}", launched_at=LEFT + timedelta(days=n))
    first, beyond = services.listed(session, "fr", 1), services.listed(session, "fr", 99)
    assert (first.total, first.pages, len(first.rows), first.rows[0].title) == (21, 2, 20, "Objet n20")
    assert [one.title for one in beyond.rows] == ["Objet n00"]
    assert [one.title for one in services.newest(session, "fr", 2)] == ["Objet n20", "Objet n19"]


def test_the_same_slug_twice_is_the_newest(session: Session) -> None:
    issue(session, "noel", launched_at=LEFT - timedelta(days=365))
    new = issue(session, "noel")
    assert services.find(session, "noel") == new


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_pictures_of_the_same_address_are_the_same(kind: str) -> None:
    assert qr("https://reseau.example/lettre", kind) == qr("https://reseau.example/lettre", kind)
    assert qr("https://reseau.example/lettre", kind) != qr("https://reseau.example/lettre?r=K7PM", kind)
