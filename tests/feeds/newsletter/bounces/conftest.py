"""One letter that was sent to Marie, and what comes back of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from feeds.newsletter import links
from feeds.newsletter.bounces.services import Desk, take
from feeds.newsletter.models import BounceEvent, Delivery, DeliveryState, Issue, Subscriber
from reseau.settings import Settings
from tests.conftest import StillClock
from tests.feeds.newsletter.bounces import letters
from tests.feeds.newsletter.bounces.letters import made

ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MARIE = "marie@ailleurs.example"


@dataclass
class Post:
    """One letter that was sent to Marie."""

    desk: Desk
    clock: StillClock
    subscriber: UUID
    delivery: UUID
    key: str

    @property
    def verp(self) -> str:
        return f"retours+{links.of_bounce(self.desk.settings.secret, self.delivery)}@reseau.example"

    def back(self, shape: str = letters.POSTFIX, **values: str) -> str:
        return take(self.desk, made(shape, self.verp, **values))

    def again(self, name: str) -> str:
        """Another message with the same words."""
        raw = made(letters.POSTFIX, self.verp, status="5.2.2", words="Mailbox full")
        return take(self.desk, raw.replace(b"20261124090000.AAAA", name.encode()))

    def marie(self) -> Subscriber:
        with self.desk.sessions() as session:
            found: Subscriber | None = session.get(Subscriber, self.subscriber)
            assert found
            return found

    def all(self, wanted: Any) -> list[Any]:
        with self.desk.sessions() as session:
            return list(session.scalars(wanted))

    def kinds(self) -> Counter[str]:
        return Counter(self.all(sa.select(BounceEvent.kind)))


@pytest.fixture
def post(sessions: sessionmaker[Any], settings: Settings, clock: StillClock) -> Post:
    key = links.new_key()
    with sessions.begin() as session:
        marie = Subscriber(email=MARIE, key=key, state="active", lang="fr", source="form")
        issue = Issue(subject={"fr": "Novembre"}, langs=["fr"])
        session.add_all([marie, issue])
        session.flush()
        sent = Delivery(
            issue_id=issue.id, subscriber_id=marie.id, edition="general", lang="fr", domain="ailleurs.example",
            state=DeliveryState.ACCEPTED.value, due_at=clock(),
        )  # fmt: skip
        session.add(sent)
        session.flush()
        return Post(Desk(sessions, settings, clock), clock, marie.id, sent.id, key)
