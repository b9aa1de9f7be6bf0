"""What somebody can do to the address of another: ask for the letter, and nothing else."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from feeds.newsletter.models import Subscriber
from feeds.newsletter.subscribing import desk, inviting, labelled, services, suppressing
from feeds.newsletter.subscribing.inviting import read
from feeds.newsletter.subscribing.services import Choices
from reseau.core.audit import Audit
from reseau.members.export import everything
from tests.feeds.newsletter.subscribing.conftest import ONE_ENGINE, Mailing
from tests.members.conftest import last_link, post_form
from tests.people import at_once

THEIRS: dict[str, Any] = {"lang": "ar", "themes": ("numerique_en_sante",), "commune": "59512", "health": True}


def confirm(mailing: Mailing, token: str) -> str:
    """What confirming by a link says."""
    return str(mailing.do(services.confirm, mailing.secret, token, mailing.now)[0])


def invited(mailing: Mailing, relay: Any = None) -> tuple[str, str]:
    """An address, and the token of its invitation."""
    email = mailing.address()
    mailing.do(inviting.invite, [email], relay, mailing.people["coordination"], mailing.writer, mailing.now)
    return email, last_link(mailing.mails(email)[-1]).rsplit("/", 1)[-1]


def leave(mailing: Mailing, email: str, **more: Any) -> None:
    mailing.do(services.leave, mailing.of(email), "page", mailing.now, secret=mailing.secret, **more)


def test_an_invitation_confirms_what_it_said_whatever_strangers_asked(mailing: Mailing) -> None:
    email, token = invited(mailing)
    mailing.later(minutes=5)
    mailing.ask(email, **THEIRS, fewer=True)
    assert Choices.of(mailing.of(email)) == Choices("fr")
    assert confirm(mailing, token) == "done"
    assert (Choices.of(mailing.of(email)), mailing.of(email).source) == (Choices("fr"), "list")


def test_each_link_confirms_what_was_chosen_with_it(mailing: Mailing) -> None:
    first, second = mailing.address(), mailing.address()
    tokens = {}
    for email in (first, second):
        mine = mailing.ask(email, lang="en", themes=("numerique_en_sante",))
        mailing.later(minutes=1)
        tokens[email] = (mine, mailing.ask(email, lang="ar", health=True))
    assert confirm(mailing, tokens[first][0]) == confirm(mailing, tokens[second][1]) == "done"
    assert Choices.of(mailing.of(first)) == Choices("en", ("numerique_en_sante",))
    assert Choices.of(mailing.of(second)) == Choices("ar", health=True)


@pytest.mark.parametrize("state", ["left", "bounced"])
def test_who_left_keeps_their_choices_when_strangers_ask(mailing: Mailing, state: str) -> None:
    row = mailing.active(lang="en")
    leave(mailing, row.email)
    with mailing.site.sessions.begin() as session:
        session.get_one(Subscriber, row.id).state = state
    mailing.later(hours=1)
    mailing.ask(row.email, **THEIRS)
    assert (Choices.of(mailing.of(row.email)), mailing.of(row.email).source) == (Choices("en"), "form")


def test_who_refused_gets_one_mail_in_thirty_days(mailing: Mailing) -> None:
    row = mailing.active()
    leave(mailing, row.email)
    before, tagged = len(mailing.mails(row.email)), row.email.replace("@", "+encore@")
    for _day in range(4):
        for _ in range(3):
            mailing.ask(row.email)
            mailing.ask(tagged)
        mailing.later(days=1)
    assert len(mailing.mails(row.email)) + len(mailing.mails(tagged)) - before == 1
    mailing.later(days=27)
    assert mailing.ask(row.email)


def test_tags_of_an_address_share_its_three_mails(mailing: Mailing) -> None:
    email = mailing.address()
    for n in range(5):
        mailing.ask(email.replace("@", f"+{n}@"))
    assert sum(len(mailing.mails(email.replace("@", f"+{n}@"))) for n in range(5)) == 3


def test_asking_says_whether_a_mail_leaves(mailing: Mailing) -> None:
    email = mailing.address()
    done = [mailing.do(services.ask, mailing.writer, email, Choices("fr"), mailing.now) for _ in range(4)]
    assert done == [True, True, True, False]


def test_who_left_the_edition_of_relays_and_asks_gets_the_letter(mailing: Mailing) -> None:
    email, token = invited(mailing, mailing.relay())
    assert confirm(mailing, token) == "done"
    assert mailing.of(email).edition == "relay"
    leave(mailing, email)
    mailing.later(minutes=1)
    assert confirm(mailing, mailing.ask(email)) == "done"
    row = mailing.of(email)
    assert (row.state, row.edition, row.relay_id, row.source) == ("active", "general", None, "form")


def test_a_contact_of_a_relay_who_also_asks_is_still_one(mailing: Mailing) -> None:
    relay = mailing.relay()
    email, _token = invited(mailing, relay)
    assert confirm(mailing, mailing.ask(email, lang="en")) == "done"
    row = mailing.of(email)
    assert (row.edition, row.relay_id, row.source, row.lang) == ("relay", relay, "relay", "en")


def test_the_end_of_the_label_kills_links_of_before(mailing: Mailing) -> None:
    row = mailing.active()
    with mailing.site.sessions.begin() as session:
        found = session.get_one(Subscriber, row.id)
        found.source, found.asked_at = "label", mailing.now
    mailing.do(labelled.end, mailing.writer, mailing.now)
    assert (mailing.of(row.email).state, mailing.of(row.email).asked_at) == ("left", None)


def test_erasing_and_leaving_at_the_same_time(mailing: Mailing) -> None:
    for _ in range(5):
        row = mailing.active()
        erase = partial(mailing.do, desk.erase, mailing.secret, row, mailing.now)
        at_once(erase, partial(leave_one, mailing, row), erase)
        assert (mailing.state(row.email), mailing.reason(row.email)) == ("", "erased")


def leave_one(mailing: Mailing, row: Subscriber) -> None:
    mailing.do(services.leave, row, "one-click", mailing.now, secret=mailing.secret)


def test_since_when_an_address_is_suppressed(mailing: Mailing) -> None:
    one, other = mailing.address(), mailing.address()
    mailing.do(suppressing.suppress, mailing.secret, one, "left", mailing.now)
    assert mailing.do(suppressing.since, mailing.secret, (other, one.upper())) == mailing.now
    assert mailing.do(suppressing.since, mailing.secret, (other,)) is None


@pytest.mark.parametrize(
    ("text", "emails", "malformed"),
    [
        ("Marie O'Brien;marie.o'brien@ch-roubaix.fr", ("marie.o'brien@ch-roubaix.fr",), ()),
        ("'jean@exemple.fr'; ‘lea@exemple.fr’", ("jean@exemple.fr", "lea@exemple.fr"), ()),
        ("jean＠exemple.fr", ("jean@exemple.fr",), ()),
        ("a,b@exemple.fr", (), ((1, "a,b@exemple.fr"),)),
        ("jean@exemple.fr,lea@exemple.fr", ("jean@exemple.fr", "lea@exemple.fr"), ()),
        ("Nom,Courriel\nBenali,amina@exemple.fr", ("amina@exemple.fr",), ()),
        ("a@exemple.fr@exemple.fr", (), ((1, "a@exemple.fr@exemple.fr"),)),
        (f"{'a' * 65}@exemple.fr", (), ((1, f"{'a' * 65}@exemple.fr"),)),
    ],
)
def test_a_list_never_gives_the_address_of_another(text: str, emails: tuple[str, ...], malformed: Any) -> None:
    found = read(text)
    assert (found.emails, found.malformed) == (emails, malformed)


def test_a_list_that_was_made_to_harm_is_read_in_no_time() -> None:
    start = time.process_time()
    for text in ("a" * 200_000, "@" * 200_000, "a@" * 100_000, "a," * 100_000):
        with suppress(inviting.Unreadable):
            assert read(text).emails == ()
    assert time.process_time() - start < 2, "seconds of the processor; each took minutes"


@ONE_ENGINE
def test_a_link_that_was_used_opens_nothing_more(mailing: Mailing) -> None:
    email = mailing.address()
    mailing.ask(email)
    browser, link = mailing.browser(), last_link(mailing.mails(email)[0])
    form = post_form(browser.get(link))
    assert form.submit(status=303)
    answer = form.submit(status=200)
    assert "déjà confirmée" in answer.text
    assert "/lettre/d/" not in answer.text
    assert len(mailing.rows(Audit, Audit.object_id == mailing.of(email).id)) == 1


@ONE_ENGINE
def test_the_link_of_a_letter_shows_no_address_and_gives_no_file(mailing: Mailing) -> None:
    row = mailing.active()
    page = mailing.browser().get(mailing.link(row.email))
    assert row.email not in page.text
    assert "l…@exemple.fr" in page.text
    mailing.browser().get(f"{mailing.link(row.email)}/mes-donnees.json", status=404)


@ONE_ENGINE
def test_the_coordination_is_told_when_no_mail_leaves(mailing: Mailing) -> None:
    row = mailing.active()
    leave(mailing, row.email)
    browser, path = mailing.browser("coordination"), f"/gestion/lettre/abonnes/{row.id}"
    for said in ("Un mail est parti", "Aucun mail n’est parti"):
        page = browser.get(path)
        form = next(one for one in page.forms.values() if "faire" in one.fields and one["faire"].value == "inscrire")
        assert said in form.submit().follow().text


@ONE_ENGINE
def test_what_is_given_does_not_say_who_gave_the_list(mailing: Mailing) -> None:
    person = mailing.person()
    email = person.email or ""
    mailing.do(inviting.invite, [email], None, mailing.people["coordination"], mailing.writer, mailing.now)
    mailing.do(services.confirm, mailing.secret, last_link(mailing.mails(email)[-1]).rsplit("/", 1)[-1], mailing.now)
    with mailing.site.sessions.begin() as session:
        found = everything(session, person.id, mailing.now + timedelta(seconds=1))
    assert [one["acte"] for one in found["lettre_consentements"]] == ["invited", "confirmed"]
    assert str(mailing.people["coordination"]) not in repr(found["lettre_consentements"])
