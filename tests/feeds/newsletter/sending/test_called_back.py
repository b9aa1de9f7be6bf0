"""An issue that was called back is nowhere any more: the log says so, and who reads it follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from lxml import etree

from feeds.newsletter.models import KIND, Delivery, Edition, Issue
from feeds.newsletter.reading import services as archive
from feeds.newsletter.reading.publishing import entries
from feeds.newsletter.sending import launching
from feeds.newsletter.sending.launching import NotNow
from feeds.syndication.publishers import Place
from reseau.core.changes import changes_after
from reseau.settings import Settings
from tests.conftest import TUESDAY
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.feeds.newsletter.reading.conftest import Letters, _letters, letters  # noqa: F401 (fixtures)
from tests.feeds.newsletter.sending.office import Sessions, issue, readers

ENTRY = "{http://www.w3.org/2005/Atom}entry"


@pytest.mark.parametrize("paused", [False, True])
def test_the_log_says_that_a_public_issue_was_called_back(sessions: Sessions, settings: Settings, paused: bool) -> None:
    with sessions.begin() as session:
        readers(session, "un@ici.example")
        made = issue(session)
        launching.launch(session, made, Edition.GENERAL, settings, TUESDAY)
        if paused:
            launching.pause(session, made)
    place = Place("Réseau d’essai", "https://reseau.example", "fr")
    with sessions() as session:
        assert archive.newest(session, "fr", 9)
        assert made.id in entries(session, [made.id], place)
    with sessions.begin() as session:
        launching.cancel(session, session.get_one(Issue, made.id), TUESDAY)
    with sessions() as session:
        said = [(one.kind, one.object_id, one.op, one.rev) for one in changes_after(session, 0, 10)]
        assert said == [(KIND, made.id, "publish", 1), (KIND, made.id, "withdraw", 2)]
        assert archive.newest(session, "fr", 9) == []
        assert entries(session, [made.id], place) == {}
        with pytest.raises(NotNow):
            launching.cancel(session, session.get_one(Issue, made.id), TUESDAY)
        assert len(changes_after(session, 0, 10)) == 2


@pytest.mark.parametrize("state", ["accepted", "unknown"])
def test_what_somebody_has_stays_readable(state: str, sessions: Sessions, settings: Settings) -> None:
    told: list[object] = []
    with sessions.begin() as session:
        readers(session, "un@ici.example", "deux@ici.example")
        made = issue(session)
        launching.launch(session, made, Edition.GENERAL, settings, TUESDAY)
        one = session.scalars(sa.select(Delivery).limit(1)).one()
        one.state = state
    with sessions.begin() as session:
        found = session.get_one(Issue, made.id)
        assert launching.cancel(session, found, TUESDAY, lambda *_: told.append(1)) == 1
        assert (found.state, found.called_back, told) == ("cancelled", False, [])
        assert [one.id for one in archive.newest(session, "fr", 9)] == [made.id]
        assert [one.op for one in changes_after(session, 0, 10)] == ["publish"]


def test_of_an_issue_that_only_relays_had_the_log_says_nothing(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session:
        readers(session, "un@ici.example", edition=Edition.RELAY.value)
        made = issue(session, state="scheduled", scheduled_at=TUESDAY + timedelta(days=2))
        launching.launch(session, made, Edition.RELAY, settings, TUESDAY)
    with sessions.begin() as session:
        assert launching.cancel(session, session.get_one(Issue, made.id), TUESDAY) == 1
    with sessions() as session:
        assert changes_after(session, 0, 10) == []


def test_archive_feed_and_search_lose_it_at_once_also_for_who_had_a_copy(letters: Letters) -> None:  # noqa: F811
    site = letters.site
    with site.sessions() as session:
        made = issue(session, subject={"fr": "Un numéro sur la myrtille"}, intro={"fr": "La myrtille."})
        launching.launch(session, made, Edition.GENERAL, site.settings, site.clock.now)
        session.commit()
        id_, slug = made.id, made.slug
    site.reindex()

    def shown(path: str, etag: str = "") -> tuple[bool, str]:
        answer: Any = site.app.get(path, headers={"If-None-Match": etag} if etag else {})
        return "myrtille" in answer.text, answer.headers.get("ETag", "")

    def found() -> int:
        return sum(1 for _ in etree.fromstring(site.app.get("/flux/lettre.atom").body).iter(ENTRY))

    page = f"/lettre/{site.clock.now.year}/{slug}"
    there, etag = shown("/lettre/archives")
    assert (there, shown(page)[0], found()) == (True, True, 1)
    assert page in site.app.get("/recherche?q=myrtille").text
    assert site.app.get("/lettre/archives", headers={"If-None-Match": etag}, status=304)
    with site.sessions() as session:
        launching.cancel(session, session.get_one(Issue, id_), site.clock.now)
        session.commit()
    assert not shown("/lettre/archives", etag)[0]  # 200: the copy is not good any more
    site.app.get(page, status=404)
    assert found() == 0
    site.reindex()
    assert page not in site.app.get("/recherche?q=myrtille").text
    with site.sessions() as session:
        assert session.scalar(sa.select(Issue.state).where(Issue.id == id_)) == "cancelled"
