"""Lists of addresses: read, tried, invited at a pace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feeds.newsletter.subscribing import desk, inviting, services, suppressing
from feeds.newsletter.subscribing.inviting import Unreadable, decode, read
from tests.feeds.newsletter.subscribing.conftest import ONE_ENGINE, Mailing
from tests.members.conftest import last_link
from tests.people import at_once


def test_addresses_are_found_whatever_is_beside_them() -> None:
    found = read("Nom;Courriel;Ville\nDr Benali;Amina.Benali@Exemple.FR;Roubaix\n"
                 "Jean <jean@exemple.fr>, « Léa » <lea@exemple.fr>\n\njean@exemple.fr\n"
                 "sans adresse\nmauvaise@\nmailto:paul@exemple.fr\n")  # fmt: skip
    assert found.emails == ("amina.benali@exemple.fr", "jean@exemple.fr", "lea@exemple.fr", "paul@exemple.fr")
    assert found.twice == 1
    assert found.malformed == ((6, "sans adresse"), (7, "mauvaise@"))


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), (" \n\n", "empty"), ("x" * 200_001, "large"), ("a\x00b@exemple.fr", "binary"),
     ("\n".join(f"a{n}@exemple.fr" for n in range(2_001)), "many")],
)  # fmt: skip
def test_what_cannot_be_read_says_why(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert caught.value.code == code


def test_files_of_spreadsheets_are_decoded() -> None:
    assert decode("é".encode()) == decode("é".encode("utf-8-sig")) == decode("é".encode("cp1252")) == "é"
    assert decode("é".encode("utf-16")) == "é"
    for data, code in ((b"x" * 200_001, "large"), (b"\xff\xfe\x00", "binary")):
        with pytest.raises(Unreadable) as caught:
            decode(data)
        assert caught.value.code == code


def test_nobody_is_subscribed_by_a_list(mailing: Mailing) -> None:
    new, other = mailing.address(), mailing.address()
    here, gone, waits = mailing.active(), mailing.active(), mailing.address()
    mailing.ask(waits)
    mailing.do(services.leave, gone, "page", mailing.now, secret=mailing.secret)
    erased = mailing.address()
    mailing.do(suppressing.suppress, mailing.secret, erased, "erased", mailing.now)
    everybody = [new, here.email, gone.email, waits, erased, other]
    with mailing.site.sessions() as session:
        tried = inviting.try_out(session, mailing.secret, everybody)
    assert (tried.new, tried.already, tried.suppressed) == ((new, other), 2, 2)

    done = mailing.do(inviting.invite, everybody, None, None, mailing.writer, mailing.now, lang="en")
    assert done == tried
    again = mailing.do(inviting.invite, everybody, None, None, mailing.writer, mailing.now)
    assert (again.new, again.already, again.suppressed) == ((), 4, 2)
    assert (mailing.state(new), mailing.of(new).source, mailing.of(new).lang) == ("pending", "list", "en")
    assert mailing.acts(new) == [("invited", "list")]
    mails = [mail for email in (new, other) for mail in mailing.mails(email)]
    assert [mail.due_at - mailing.now for mail in mails] == [timedelta(), timedelta(seconds=2)]
    assert mailing.mails(erased) == []

    mailing.later(days=6)
    token = last_link(mails[0]).rsplit("/", 1)[-1]
    assert mailing.do(services.confirm, mailing.secret, token, mailing.now)[0] == "done"
    assert mailing.acts(new) == [("invited", "list"), ("confirmed", "mail")]


def test_contacts_of_a_relay_get_its_edition_if_they_want(mailing: Mailing) -> None:
    email, relay = mailing.address(), mailing.relay()
    mailing.do(inviting.invite, [email], relay, mailing.people["coordination"], mailing.writer, mailing.now)
    row = mailing.of(email)
    assert (row.state, row.edition, row.relay_id, row.source) == ("pending", "relay", relay, "relay")
    assert "CPTS numéro" in mailing.mails(email)[0].text
    mailing.ask(email)  # the form changes nothing of that
    assert (mailing.of(email).edition, mailing.of(email).source) == ("relay", "relay")


def test_refusing_an_invitation_is_for_ever(mailing: Mailing) -> None:
    email = mailing.address()
    mailing.do(inviting.invite, [email], None, None, mailing.writer, mailing.now)
    mailing.do(services.leave, mailing.of(email), "one-click", mailing.now, secret=mailing.secret)
    mailing.later(days=1)
    assert mailing.do(inviting.invite, [email], None, None, mailing.writer, mailing.now).suppressed == 1
    token = last_link(mailing.mails(email)[0]).rsplit("/", 1)[-1]
    assert mailing.do(services.confirm, mailing.secret, token, mailing.now)[0] == "dead"


def test_the_same_list_given_by_two_at_once_invites_once(mailing: Mailing) -> None:
    emails = [mailing.address() for _ in range(20)]
    lists = [emails, emails[::-1], emails]
    done = at_once(
        *[lambda one=one: mailing.do(inviting.invite, one, None, None, mailing.writer, mailing.now) for one in lists]
    )
    assert sum(len(one.new) for one in done) == 20
    assert [len(mailing.mails(email)) for email in emails] == [1] * 20


@ONE_ENGINE
def test_a_list_of_two_thousand_is_invited(mailing: Mailing) -> None:
    emails = [mailing.address() for _ in range(2_000)]
    assert len(mailing.do(inviting.invite, emails, None, None, mailing.writer, mailing.now).new) == 2_000
    last = mailing.mails(emails[-1])[0]
    assert last.due_at - mailing.now == timedelta(seconds=2 * 1_999)


def test_erasing_keeps_only_what_no_list_may_bring_back(mailing: Mailing) -> None:
    row = mailing.active()
    mailing.ask(row.email)
    mailing.do(lambda session: desk.erase(session, mailing.secret, services.by_email(session, row.email), mailing.now))
    assert (mailing.state(row.email), mailing.reason(row.email), mailing.mails(row.email)) == ("", "erased", [])
    assert mailing.do(inviting.invite, [row.email], None, None, mailing.writer, mailing.now).new == ()
