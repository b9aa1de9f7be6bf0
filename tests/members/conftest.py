"""A site with the places of Roubaix and a few people, one on each engine, shared by the tests of one file.

Tests write into it: a test makes the people it needs (``house.person()``), and counts only what is theirs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import sqlalchemy as sa
from webtest import TestApp

from reseau.core.mail import Mail
from reseau.members.models import Person
from tests import people
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import ROUBAIX_CSV, Site

#: Places of Roubaix that the people of the house belong to.
ECHO, EPEULE = "Centre social ECHO", "Le Fil de l'épeule"
_LINK = re.compile(r"^https?://\S+$", re.MULTILINE)
_numbers = itertools.count(1)


def last_link(mail: Mail) -> str:
    """The path of the last address that stands alone on a line of the text: that of the button, not of the foot."""
    body = mail.text.rsplit("\n-- \n", 1)[0]
    parts = urlsplit(_LINK.findall(body)[-1])
    return parts.path + (f"?{parts.query}" if parts.query else "")


def post_form(response: Any, action: str = "") -> Any:
    """The form of a page that is sent by POST; ``action``: what its address ends with, when there are several."""
    # WebTest lists a form that has an id twice.
    (form,) = {f for f in response.forms.values() if f.method.upper() == "POST" and f.action.endswith(action)}
    return form


def csrf(browser: TestApp, path: str = "/connexion") -> str:
    """A token of this browser, from a page with a form."""
    return str(next(f for f in browser.get(path).forms.values() if "csrf_token" in f.fields)["csrf_token"].value)


def turned_away(browser: TestApp, path: str = "/compte") -> Any:
    """A page that needs an account, and leads to sign-in."""
    answer = browser.get(path, status=303)
    assert urlsplit(answer.location).path == "/connexion"
    return answer


@dataclass
class House:
    """The site, its people by name (``coordination``, ``admin``, ``referent``, ``membre``, ``personne``), two places."""

    site: Site
    people: dict[str, UUID] = field(default_factory=dict)
    places: dict[str, UUID] = field(default_factory=dict)

    def person(self, name: str | None = None, **more: Any) -> Person:
        """Somebody new (see ``tests.people.person``); without a name, one that nobody has."""
        with self.site.sessions() as session:
            more.setdefault("now", self.site.clock.now)
            made = people.person(session, name or f"Personne{next(_numbers)}", **more)
            session.commit()
            return made

    def stranger(self) -> str:
        """An address that nobody has."""
        return f"inconnu{next(_numbers)}@reseau.example"

    def browser(self, who: str | UUID | None = None, language: str = "fr") -> TestApp:
        """A new browser, from a network of its own, signed in as one of ``people`` or as that id; None: nobody."""
        number = next(_numbers)
        environ = {"HTTP_ACCEPT_LANGUAGE": language, "REMOTE_ADDR": f"10.{number // 250}.{number % 250}.7"}
        made = TestApp(self.site.wsgi, extra_environ=environ)
        if who is None:
            return made
        id_ = self.people[who] if isinstance(who, str) else who
        return people.sign_in(made, self.site.sessions, id_, self.site.clock.now)

    def get(self, model: Any, id_: Any) -> Any:
        """A row as it is now, or None."""
        with self.site.sessions() as session:
            return session.get(model, id_)

    def rows(self, model: Any, *where: Any) -> list[Any]:
        """The rows of a table as they are now."""
        with self.site.sessions() as session:
            return list(session.scalars(sa.select(model).where(*where)))

    def mails(self, recipient: str) -> list[Mail]:
        """The mails to an address, oldest first."""
        found = sa.select(Mail).where(Mail.recipient == recipient).order_by(Mail.created_at, Mail.id)
        with self.site.sessions() as session:
            return list(session.scalars(found))

    def path(self, name: str) -> str:
        """The address of the sheet of that name."""
        return self.site.path(name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def _house(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> House:  # noqa: F811
    house = House(make_site(request.param, ROUBAIX_CSV))
    echo, epeule = (house.site.named(name)["id"] for name in (ECHO, EPEULE))
    house.places = {"echo": echo, "epeule": epeule}
    for name, more in {
        "coordination": {"roles": ["coordinator"]},
        "admin": {"roles": ["administrator"]},
        "referent": {"referent_of": [echo]},
        "membre": {"member_of": [echo]},
        "personne": {},
    }.items():
        house.people[name] = house.person(name, **more).id
    return house


@pytest.fixture
def house(_house: House) -> House:
    """The house; its clock says Tuesday, 10:30."""
    _house.site.fresh()
    return _house
