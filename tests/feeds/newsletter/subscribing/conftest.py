"""A house with two places and a letter: each test has addresses that no other has."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from feeds.newsletter import links
from feeds.newsletter.models import ConsentEvent, Relay, Subscriber
from feeds.newsletter.subscribing import jobs, services, suppressing
from feeds.newsletter.subscribing.services import Choices
from reseau.core.jobs import Tools
from reseau.core.letters import Site as Writer
from reseau.label.models import Criteria, Label
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import TUESDAY, Site, row
from tests.members.conftest import House, last_link

ONE_ENGINE = pytest.mark.parametrize("_mailing", ["sqlite"], indirect=True)
_numbers = itertools.count(1)


class Mailing(House):
    """The house, with subscribers. People: ``coordination``, ``membre`` (of ``ici``), ``personne``."""

    @property
    def secret(self) -> str:
        return self.site.settings.secret

    @property
    def writer(self) -> Writer:
        return Writer.of(self.site.settings)

    @property
    def now(self) -> Any:
        return self.site.clock.now

    def later(self, **by: float) -> Any:
        self.site.clock.now += timedelta(**by)
        return self.site.clock.now

    def address(self) -> str:
        """An address that nobody has."""
        return f"lecteur{next(_numbers)}@exemple.fr"

    def do(self, action: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """What a service answers, committed."""
        with self.site.sessions.begin() as session:
            return action(session, *args, **more)

    def ask(self, email: str, **choices: Any) -> str:
        """Ask for the letter. :return: the token of the last link that came, or ""."""
        before = len(self.mails(email))
        self.do(services.ask, self.writer, email, Choices(**{"lang": "fr", **choices}), self.now)
        new = self.mails(email)[before:]
        return last_link(new[-1]).rsplit("/", 1)[-1] if new else ""

    def active(self, email: str = "", **choices: Any) -> Subscriber:
        """Somebody who asked and confirmed."""
        email = email or self.address()
        worth, _ = self.do(services.confirm, self.secret, self.ask(email, **choices), self.now)
        assert worth == "done"
        return self.of(email)

    def of(self, email: str) -> Subscriber:
        """The subscriber of an address; there must be one."""
        (found,) = self.rows(Subscriber, Subscriber.email == email)
        return found  # type: ignore[no-any-return]

    def state(self, email: str) -> str:
        """Their state; "": nobody."""
        found = self.rows(Subscriber, Subscriber.email == email)
        return found[0].state if found else ""

    def acts(self, email: str) -> list[tuple[str, str]]:
        """(act, source) of the journal, in order."""
        found = self.rows(ConsentEvent, ConsentEvent.subscriber_id == self.of(email).id)
        return [(one.act, one.source) for one in sorted(found, key=lambda one: (one.at, one.id))]

    def reason(self, email: str) -> str:
        """Why an address is suppressed; "": it is not."""
        with self.site.sessions() as session:
            return suppressing.reason_of(session, self.secret, email)

    def link(self, email: str) -> str:
        """The address that a letter to them carries."""
        return links.READER + links.of_reader(self.secret, self.of(email).key)

    def label(self, place: str, ends_on: date = date(2027, 12, 31)) -> UUID:
        """A place holds the label from 2026 on."""
        with self.site.sessions.begin() as session:
            criteria = session.scalars(sa.select(Criteria)).first()
            if criteria is None:
                criteria = Criteria(version="1", from_on=date(2026, 1, 1), texts={"fr": "Accueillir."})
                session.add(criteria)
                session.flush()
            made = Label(structure_id=self.places[place], criteria_id=criteria.id, starts_on=date(2026, 1, 1),
                         ends_on=ends_on, decided_on=date(2026, 1, 1))  # fmt: skip
            session.add(made)
            session.flush()
            return made.id

    def end_label(self, id_: UUID) -> None:
        """The label was withdrawn today."""
        with self.site.sessions.begin() as session:
            session.get_one(Label, id_).withdrawn_on = self.now.date()

    def relay(self, code: str = "") -> UUID:
        """A relay, of a place of its own."""
        number = next(_numbers)
        self.site.put({"nom": f"CPTS numéro {number}", "commune": "Roubaix", "code_insee": "59512"})
        place = self.site.named(f"CPTS numéro {number}")["id"]
        with self.site.sessions.begin() as session:
            made = Relay(structure_id=place, code=code or f"cpts{number}")
            session.add(made)
            session.flush()
            return made.id

    @property
    def tools(self) -> Tools:
        return Tools(self.site.sessions, self.site.settings, clock=self.site.clock)

    def follow(self) -> str | None:
        """The job that follows accounts and labels."""
        return jobs.follow(self.tools)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def _mailing(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Mailing:  # noqa: F811
    mailing = Mailing(make_site(request.param))
    mailing.site.add(row("Ici"), row("Ailleurs"), path=tmp_path_factory.mktemp("rows") / "rows.csv")
    for name, key in (("Lieu Ici", "ici"), ("Lieu Ailleurs", "ailleurs")):
        mailing.places[key] = mailing.site.named(name)["id"]
    for name, more in {"coordination": {"roles": ["coordinator"]}, "personne": {}}.items():
        mailing.people[name] = mailing.person(name, **more).id
    return mailing


@pytest.fixture
def mailing(_mailing: Mailing) -> Mailing:
    """The house; its clock says Tuesday, 10:30, or later: it never goes back, for counts of limits."""
    _mailing.site.clock.now = TUESDAY
    return _mailing
