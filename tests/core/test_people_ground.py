"""What people stand on: signed tokens used once, limits, the audit journal, networks. Both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session, sessionmaker

from reseau.core import audit, limits, tokens
from reseau.core.actors import Actor, Side, network_prefix
from tests.conftest import SECRET, TUESDAY
from tests.people import at_once

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_a_token_says_what_was_signed_until_it_is_too_old() -> None:
    token = tokens.sign(SECRET, "sign-in", ["a", 1], TUESDAY)
    assert tokens.read(SECRET, "sign-in", token, 15 * MINUTE, TUESDAY + 15 * MINUTE) == ["a", 1]
    assert tokens.read(SECRET, "sign-in", token, 15 * MINUTE, TUESDAY + 15 * MINUTE + timedelta(seconds=1)) is None
    assert tokens.read(SECRET, "sign-in", token, 15 * MINUTE, TUESDAY - HOUR) is None, "signed in the future"


def test_a_token_of_one_purpose_or_site_is_worth_nothing_elsewhere() -> None:
    token = tokens.sign(SECRET, "sign-in", "x", TUESDAY)
    assert tokens.read(SECRET, "verify", token, HOUR, TUESDAY) is None
    assert tokens.read(SECRET[::-1], "sign-in", token, HOUR, TUESDAY) is None
    payload, rest = token.split(".", 1)
    assert tokens.read(SECRET, "sign-in", f"{payload[::-1]}.{rest}", HOUR, TUESDAY) is None


@given(st.text(max_size=300))
def test_no_text_is_a_token_by_chance_nor_an_error(text: str) -> None:
    assert tokens.read(SECRET, "sign-in", text, HOUR, TUESDAY) is None


def test_a_token_acts_once_even_for_two_at_the_same_time(sessions: sessionmaker[Any]) -> None:
    token = tokens.sign(SECRET, "verify", "x", TUESDAY)

    def use() -> bool:
        with sessions.begin() as session:
            return tokens.spend(session, token, TUESDAY, HOUR)

    outcomes = at_once(*[use] * 6)
    assert sorted(outcomes) == [False] * 5 + [True]


def test_spent_tokens_are_forgotten_when_they_would_have_expired(session: Session) -> None:
    assert tokens.spend(session, "a", TUESDAY, HOUR)
    assert tokens.purge(session, TUESDAY + HOUR) == 0
    assert tokens.purge(session, TUESDAY + HOUR + MINUTE) == 1


def test_a_limit_counts_each_alone_and_starts_again(session: Session) -> None:
    limit = limits.Limit("toy", 3, HOUR)
    assert [limits.allow(session, limit, "a", TUESDAY) for _ in range(5)] == [True, True, True, False, False]
    assert limits.allow(session, limit, "b", TUESDAY)
    assert limits.allow(session, limits.Limit("other", 1, HOUR), "a", TUESDAY)
    assert not limits.allow(session, limit, "a", TUESDAY + HOUR - MINUTE)
    assert limits.allow(session, limit, "a", TUESDAY + HOUR)
    keys = session.scalars(sa.select(limits.RateCount.key)).all()
    assert all(len(key) == 64 for key in keys), "no address lies in the table"
    assert limits.purge(session, TUESDAY + 3 * HOUR) == 3


def test_a_limit_holds_for_many_at_once(sessions: sessionmaker[Any]) -> None:
    limit = limits.Limit("toy", 4, HOUR)

    def use() -> bool:
        with sessions.begin() as session:
            return limits.allow(session, limit, "a", TUESDAY)

    outcomes = at_once(*[use] * 10)
    assert sum(outcomes) == 4


def test_the_journal_is_kept_a_year(session: Session) -> None:
    actor = Actor(Side.COORDINATION, network="192.0.2.0/24")
    audit.record(session, actor, "sheet.edit", TUESDAY, fields=["telephone"])
    session.flush()
    row = session.scalars(sa.select(audit.Audit)).one()
    assert (row.action, row.side, row.network, row.detail) == (
        "sheet.edit", "coordination", "192.0.2.0/24", {"fields": ["telephone"]})  # fmt: skip
    assert audit.purge(session, TUESDAY + timedelta(days=366)) == 0
    assert audit.purge(session, TUESDAY + timedelta(days=367)) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:12:3456::1", "2001:db8:12::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", ""),
        (None, ""),
        ("not an address", ""),
    ],
)
def test_only_the_network_of_an_address_is_known(address: str | None, network: str) -> None:
    assert network_prefix(address) == network
