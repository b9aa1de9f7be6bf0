"""A site with issues of the letter: each test makes those that it needs, and takes the others away."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from feeds.newsletter.models import KIND, Issue, Line, Relay
from reseau.core import changes
from reseau.core.changes import Entry, Op
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site, row

LEFT = datetime(2026, 11, 10, 9, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass
class Letters:
    """The site, and one place."""

    site: Site
    place: UUID

    def issue(self, *lines: dict[str, Any], **more: Any) -> Issue:
        """An issue that has left, a day after the one before; in the log. :param lines: fields of its lines."""
        number = next(_numbers)
        values: dict[str, Any] = {
            "number": number, "slug": f"numero-{number}", "state": "sent", "subject": {"fr": f"Objet {number}"},
            "intro": {"fr": "Bonjour à **tous**."}, "langs": ["fr"], "launched_at": LEFT + timedelta(minutes=number),
        }  # fmt: skip
        with self.site.sessions() as session:
            made = Issue(**(values | more))
            session.add(made)
            session.flush()
            for position, line in enumerate(lines):
                session.add(
                    Line(
                        **{"issue_id": made.id, "section": "ressources", "position": position, "source": "hand"} | line
                    )
                )
            changes.record(session, Entry(KIND, made.id, 1, Op.PUBLISH))
            session.commit()
        self.site.reindex()
        return made

    def relay(self, **more: Any) -> Relay:
        """The place passes the letter on."""
        with self.site.sessions() as session:
            made = Relay(**{"structure_id": self.place, "code": "K7PM"} | more)
            session.add(made)
            session.commit()
            return made

    def clear(self) -> None:
        """No issue and no relay is left; who asked for a page before asks again."""
        with self.site.sessions() as session:
            for id_ in session.scalars(sa.select(Issue.id)).all():
                changes.record(session, Entry(KIND, id_, 2, Op.ERASE))
            for model in (Line, Issue, Relay):
                session.execute(sa.delete(model))
            session.commit()
        self.site.reindex()


def line(title: str, **more: Any) -> dict[str, Any]:
    """Fields of a line in French."""
    text = more.pop("text", "")
    return {"texts": {"fr": {"title": title, "text": text, "state": "hand"}}, **more}


@pytest.fixture(scope="session")
def _letters(make_site: Callable[..., Site], tmp_path_factory: Any) -> Letters:  # noqa: F811
    site = make_site("sqlite")
    site.add(row("Relais"), path=tmp_path_factory.mktemp("rows") / "rows.csv")
    return Letters(site, site.named("Lieu Relais")["id"])


@pytest.fixture
def letters(_letters: Letters) -> Letters:
    """The site without any issue."""
    _letters.clear()
    _letters.site.fresh()
    return _letters
