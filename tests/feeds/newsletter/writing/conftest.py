"""The house with exchanges and resources, and who writes the letter; subscribers are made by each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from webtest import TestApp

from feeds.newsletter import links
from feeds.newsletter.models import Edition, Issue, Line, Subscriber, SubscriberState
from feeds.newsletter.writing import drafting, planning, services
from reseau.core import changes
from reseau.core.jobs import Tools
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site
from tests.members.conftest import post_form
from tests.threads.conftest import Talk, talk_of

__all__ = ["ONE_ENGINE", "Desk", "post_form"]
_numbers = itertools.count(1)
#: For pages: what the database does not decide.
ONE_ENGINE = pytest.mark.parametrize("_writing", ["sqlite"], indirect=True)


class Desk(Talk):
    """The house of the letter."""

    def claire(self, **more: Any) -> TestApp:
        """A browser of the coordination."""
        return self.browser("coordination", **more)

    def subscriber(self, email: str = "", **more: Any) -> Subscriber:
        """Somebody who receives the letter."""
        with self.site.sessions() as session:
            made = Subscriber(
                email=email or f"abonne{next(_numbers)}@lecteurs.example", key=links.new_key(), source="form",
                **{"lang": "fr", "state": SubscriberState.ACTIVE.value, "edition": Edition.GENERAL.value, **more},
            )  # fmt: skip
            session.add(made)
            session.commit()
            return made

    def nobody(self) -> None:
        """No subscriber any more, whatever others made."""
        with self.site.sessions() as session:
            session.execute(sa.delete(Subscriber))
            session.commit()

    def letter(self, **more: Any) -> Issue:
        """A draft as the button makes it, empty or not."""
        with self.site.sessions() as session:
            made = drafting.prepare(
                session, self.site.settings, self.people["coordination"], self.site.clock.now, even_empty=True, **more
            )
            session.commit()
            return made

    def add(self, issue: Issue, title: str = "", **more: Any) -> Line:
        """A line by hand."""
        words = {"fr": services.Words(title or f"Information numéro{next(_numbers)}", more.pop("text", ""))}
        wish = services.Wish(words, **{"section": "mot", **more})
        with self.site.sessions() as session:
            made = services.add_line(session, issue.id, wish)
            session.commit()
            return made

    def lines(self, issue: Issue | UUID, *, kept: bool = True) -> list[Line]:
        """The lines of an issue as they are now, in the order of the letter."""
        id_ = issue.id if isinstance(issue, Issue) else issue
        with self.site.sessions() as session:
            found = drafting.by_section(services.lines(session, id_))
            return [line for group in found.values() for line in group if line.kept or not kept]

    def told(self, issue: Issue, section: str) -> dict[str, Line]:
        """French title (else any) → line, of a section."""
        return {
            next(iter([*(text["title"] for lang, text in line.texts.items() if lang == "fr"),
                       *(text["title"] for text in line.texts.values())])): line
            for line in self.lines(issue) if line.section == section
        }  # fmt: skip

    def update(self, issue: Issue) -> drafting.Updated:
        """Bring a draft up to date."""
        with self.site.sessions() as session:
            done = drafting.update(session, services.locked(session, issue.id), self.site.settings, self.site.clock.now)
            session.commit()
            return done

    def launch(self, issue: Issue) -> list[Edition]:
        """It leaves now."""
        now = self.site.clock.now
        with self.site.sessions() as session:
            planning.plan(session, issue.id, planning.at_once(now), None, self.site.settings)
            gone = planning.leave(session, issue.id, self.site.settings, now)
            session.commit()
            return gone

    def issue(self, id_: UUID) -> Issue:
        """An issue as it is now."""
        found: Issue = self.get(Issue, id_)
        return found

    def later(self, **more: Any) -> None:
        """The clock goes on."""
        self.site.clock.now += timedelta(**more)

    def tools(self, **changes: Any) -> Tools:
        """What a job works with."""
        from dataclasses import replace

        return Tools(self.site.sessions, replace(self.site.settings, **changes), self.site.clock)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def _writing(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Desk:  # noqa: F811
    talk = talk_of(make_site, request.param, tmp_path_factory.mktemp("letter"))
    made = Desk(talk.site, talk.people, talk.places)
    made.topics, made.group_id = talk.topics, talk.group_id
    made.people["autre"] = made.person("autre", roles=["coordinator"]).id
    return made


@pytest.fixture
def desk(_writing: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The house; its clock says Tuesday, 10:30, and so does the log."""
    _writing.site.fresh()
    monkeypatch.setattr(changes, "utcnow", _writing.site.clock)
    return _writing
