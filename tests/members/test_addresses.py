"""One mailbox is one address, however it is typed: else one person has two accounts, or takes another's place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseau.core.contacts import deliverable
from reseau.core.letters import address
from reseau.members.invitations import clean_address
from reseau.members.models import Invitation, Person
from tests.members.conftest import ECHO, House
from tests.members.test_invitations import invite


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("victim@ｇmail.com", "victim@gmail.com"),
        ("victim@ⓖmail.com", "victim@gmail.com"),
        ("ｖictim＠gmail.com", "victim@gmail.com"),
        ("victim@gm\u00adail.com", "victim@gmail.com"),
        ("victim@gmail。com", "victim@gmail.com"),
        (" VICTIM@Gmail.COM. ", "victim@gmail.com"),
        ("a@été.fr", "a@xn--t-9fab.fr"),
        ("a@XN--T-9FAB.fr", "a@xn--t-9fab.fr"),
        ("o'neil+x@b-c.example", "o'neil+x@b-c.example"),
        (f"{'a' * 64}@b.fr", f"{'a' * 64}@b.fr"),
    ],
)
def test_every_spelling_of_a_mailbox_is_one(typed: str, stored: str) -> None:
    assert deliverable(typed) == clean_address(typed) == stored
    assert deliverable(stored) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "", "@", "a@", "@b.fr", "a@b", "x%.fr", "a@x%.fr", "a@127.0.0.1", "a@[127.0.0.1]", "a@b.c1", "a@b.fr..",
        "a@.fr", "a@b..fr", f"a@{'b' * 70}.fr", f"{'a' * 65}@b.fr", f"a@{'b.' * 130}fr", "a@-b.fr", "a@b-.fr",
        "a@b_c.fr", "a@b.fr:25", "a@b@c.fr", "a b@c.fr", "a..b@c.fr", ".a@c.fr", "é@b.fr", "<a@b.fr>", "x\x00@y.fr",
        "a@b.fr\r\nBcc: c@d.fr", "a@" + "é" * 5000 + ".fr", "\u202ea@b.fr", "a@b\u0000.fr",
    ],
)  # fmt: skip
def test_what_no_mail_can_reach_is_refused(typed: str) -> None:
    assert deliverable(typed) is None


@given(st.text(max_size=60) | st.emails() | st.from_regex(r"\A[^@\n]{1,9}@[^@\n]{1,12}\.[a-zA-Zｚ]{2,3}\.?\Z"))
def test_any_text_is_an_address_that_stays_itself_or_none(text: str) -> None:
    found = deliverable(text)
    if found is not None:
        assert found.isascii()
        assert found == found.lower() == deliverable(found)
        assert address(found).addr_spec == found


def test_two_spellings_are_one_invitation(house: House) -> None:
    email, browser = house.stranger(), house.browser("referent")
    assert "fait=sent" in invite(house, browser, email.replace("reseau", "ｒeseau"), ECHO).location
    assert "fait=pending" in invite(house, browser, email, ECHO).location
    assert len(house.rows(Invitation, Invitation.email == email)) == 1
    member = house.get(Person, house.people["membre"]).email
    assert "fait=member" in invite(house, browser, member.replace("example", "ⓔxample"), ECHO).location
