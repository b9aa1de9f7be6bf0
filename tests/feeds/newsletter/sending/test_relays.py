"""The edition of relays: each has its own words on top, frozen, and nothing personal."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from datetime import timedelta
from email import policy
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter import links
from feeds.newsletter.content import CODE, LEAVE
from feeds.newsletter.models import Edition, Issue, IssueText, Relay, Subscriber
from feeds.newsletter.sending import launching
from feeds.newsletter.sending.freezing import text_of
from reseau.directory.models import Structure
from reseau.settings import Settings
from tests.conftest import ROUBAIX_CSV, SECRET, TUESDAY, StillClock
from tests.feeds.newsletter.sending.office import Sessions, fast, issue, readers, send
from tests.feeds.newsletter.sending.sink import Sink

NORD, SUD, ARRETE, SEUL = "NRD234", "SVD567", "RRT999", "SVL222"
LOGO = "a" * 64


@pytest.fixture
def relays(sessions: Sessions, do_import: Callable[..., object]) -> dict[str, UUID]:
    """Four: two with contacts, one of these stopped in ``ARRETE``, one whom nobody receives it for."""
    do_import(ROUBAIX_CSV)
    with sessions.begin() as session:
        places = session.scalars(sa.select(Structure.id).order_by(Structure.id).limit(4)).all()
        given: dict[str, dict[str, Any]] = {
            NORD: {"intro": {"fr": "Chers **collègues du Nord**,", "ar": "زملاءنا"}, "logo_sha": LOGO,
                   "logo_alt": "Le phare du Nord"},
            SUD: {"intro": {"fr": "Chers collègues du Sud,"}},
            ARRETE: {"intro": {"fr": "Chers collègues d’hier,"}, "active": False},
            SEUL: {"intro": {"fr": "Personne ne me lit,"}},
        }  # fmt: skip
        made = [Relay(structure_id=place, code=code, **given[code]) for place, code in zip(places, given, strict=True)]
        session.add_all(made)
        session.flush()
        return {one.code: one.id for one in made}


def contact(session: Session, name: str, relay: UUID | None, lang: str = "fr") -> UUID:
    (id_,) = readers(session, f"ok-{name}@cpts.example", lang=lang, edition=Edition.RELAY.value, relay_id=relay)
    return id_


def told(sink: Sink) -> dict[str, tuple[str, str]]:
    """Name of a contact → the HTML and the text that they received, with their header fields."""
    found = {}
    for to, raw in sink.book.taken:
        message = email.message_from_bytes(raw, policy=policy.default)
        bodies = [message.get_body((kind,)) for kind in ("html", "plain")]
        html, text = (body.get_content() if body else "" for body in bodies)
        found[to.removeprefix("ok-").partition("@")[0]] = (html, text)
    return found


def test_each_relay_gets_its_own_words_logo_and_address_on_top(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, relays: dict[str, UUID]
) -> None:
    mine = fast(settings, sink.url)
    with sessions.begin() as session:
        for name, code, lang in (("un", NORD, "fr"), ("deux", NORD, "fr"), ("trois", NORD, "ar"), ("quatre", SUD, "en"),
                                 ("cinq", ARRETE, "fr"), ("six", "", "fr")):  # fmt: skip
            contact(session, name, relays.get(code), lang)
        made = issue(session, langs=["fr", "ar"], subject={"fr": "Été", "ar": "الصيف"})
        assert launching.launch(session, made, Edition.RELAY, mine, TUESDAY) == 6
        kept = {tuple(row) for row in session.execute(sa.select(IssueText.edition, IssueText.lang))}
        assert kept == {
            ("relay", "fr"), ("relay", "ar"), (f"relay/{NORD}", "fr"), (f"relay/{NORD}", "ar"), (f"relay/{SUD}", "fr"),
        }  # fmt: skip
    send(sessions, mine, clock)
    found = told(sink)
    url = "https://reseau.example"
    for name in ("un", "deux"):
        html, text = found[name]
        assert "<strong" in html.partition("collègues du Nord")[0]
        assert f'src="{url}/lettre/logo/{NORD}.png"' in html
        assert 'alt="Le phare du Nord"' in html
        assert "/lettre/qr/" not in html, "a picture with the code of a relay would say that a letter was opened"
        assert f"{url}/lettre?r={NORD}" in html
        assert f"{url}/lettre?r={NORD}" in text
        assert "collègues du Nord" in text
        assert html.index("collègues du Nord") < html.index("à vous")  # on top of the letter's own words
    assert found["un"] == found["deux"]
    assert "زملاءنا" in found["trois"][0]
    assert "collègues du Sud" in found["quatre"][0]  # English is not written: French
    assert f"/lettre?r={SUD}" in found["quatre"][0]
    assert NORD not in found["quatre"][0]
    for name in ("cinq", "six"):
        html, text = found[name]
        assert "Chers collègues" not in html + text
        assert "/lettre/logo/" not in html
        assert "?r=" not in html + text
        assert f"{url}/lettre" in html


def test_nothing_in_them_is_of_a_person(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, relays: dict[str, UUID]
) -> None:
    mine = fast(settings, sink.url)
    with sessions.begin() as session:
        contact(session, "un", relays[NORD])
        contact(session, "deux", None)
        launching.launch(session, issue(session), Edition.RELAY, mine, TUESDAY)
        keys = session.scalars(sa.select(Subscriber.key)).all()
        for row in session.scalars(sa.select(IssueText)):
            assert (CODE in row.html, CODE in row.text) == ((row.edition == "relay"),) * 2
            assert LEAVE not in row.html + row.text
            assert not re.search(r"\w@\w", row.html + row.text)
            assert "/lettre/d/" not in row.html + row.text
    send(sessions, mine, clock)
    assert len(sink.book.taken) == 2
    for _to, raw in sink.book.taken:
        message = email.message_from_bytes(raw, policy=policy.default)
        assert message["List-Unsubscribe"] == "<https://reseau.example/lettre>"
        bodies = [message.get_body((kind,)) for kind in ("html", "plain")]
        read = "".join(body.get_content() for body in bodies if body)
        for secret in (
            *keys,
            *(links.of_reader(SECRET, key) for key in keys),
            "cpts.example",
            "/lettre/d/",
            ".invalid",
        ):
            assert secret not in read


def test_what_was_frozen_does_not_change_and_who_moves_meanwhile_gets_the_text_of_all(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, relays: dict[str, UUID]
) -> None:
    mine = fast(settings, sink.url)
    with sessions.begin() as session:
        contact(session, "reste", relays[NORD])
        contact(session, "arrete", relays[SUD])
        moved = contact(session, "part", relays[NORD])
        made = issue(session)
        launching.launch(session, made, Edition.RELAY, mine, TUESDAY)
        session.get_one(Relay, relays[NORD]).intro = {"fr": "Changé depuis."}
        session.get_one(Relay, relays[SUD]).active = False
        session.get_one(Subscriber, moved).relay_id = relays[SEUL]
    send(sessions, mine, clock)
    found = told(sink)
    assert "collègues du Nord" in found["reste"][0]
    assert "Changé depuis" not in found["reste"][0]
    assert "collègues du Sud" not in found["arrete"][0]
    assert "?r=" not in found["arrete"][0]
    assert "collègues du Nord" not in found["part"][0]
    assert f"/lettre?r={SEUL}" in found["part"][0]


def test_a_relay_that_is_gone_leaves_the_text_of_all(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, relays: dict[str, UUID]
) -> None:
    mine = fast(settings, sink.url)
    with sessions.begin() as session:
        contact(session, "un", relays[NORD])
        launching.launch(session, issue(session), Edition.RELAY, mine, TUESDAY)
        session.delete(session.get_one(Relay, relays[NORD]))
    send(sessions, mine, clock)
    ((html, _text),) = told(sink).values()
    assert "collègues" not in html
    assert "?r=" not in html


def test_subscribers_of_a_relay_who_want_the_letter_itself_get_that_of_everybody(
    sessions: Sessions, settings: Settings, relays: dict[str, UUID]
) -> None:
    with sessions.begin() as session:
        contact(session, "un", relays[NORD])
        readers(session, "ok-deux@cpts.example", relay_id=relays[NORD])
        made = issue(session, state="scheduled", scheduled_at=TUESDAY + timedelta(days=2))
        launching.launch(session, made, Edition.RELAY, settings, TUESDAY)
        before = made.digest
        launching.launch(session, made, Edition.GENERAL, settings, TUESDAY + timedelta(days=2))
        assert text_of(session, made.id, "general", "fr", NORD).edition == "general"
        assert text_of(session, made.id, "relay", "fr", NORD).edition == f"relay/{NORD}"
        assert text_of(session, made.id, "relay", "fr", "").edition == "relay"
        assert session.get_one(Issue, made.id).digest != before
