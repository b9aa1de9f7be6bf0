"""One step of the worker, in a process that kills itself with -9 where it is told to.

``python -m tests.notices.driver STEP POINT URL FOLDER SMTP MOMENT``. The points are around each commit, and inside the
talk with the mail server: no clean-up of Python, of SQLAlchemy or of the database driver runs after SIGKILL.
"""

from __future__ import annotations

import os
import signal
import smtplib
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import reseau.registered  # noqa: F401 (what is told)
from reseau.core import mail_delivery
from reseau.core.db import create_engine, session_factory
from reseau.core.jobs import Tools
from reseau.core.letters import Site
from reseau.notices import delivering, deriving
from reseau.settings import Settings

SECRET = "a secret of the tests, long enough to be accepted"


def deliver_mail(tools: Tools) -> None:
    """As the job of the worker does."""
    transport, site = mail_delivery.transport_of(tools.settings), Site.of(tools.settings)
    mail_delivery.deliver(tools.sessions, transport, site, tools.clock)


STEPS = {"derive": deriving.derive, "compose": delivering.deliver, "send": deliver_mail}


def die(*_args: Any, **_more: Any) -> None:
    """As ``kill -9`` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, engine: sa.Engine) -> None:
    """Make the process die at a point. Only writing commits count: the others change nothing."""
    if point == "before-commit":
        _at_commit(engine, after=False)
    elif point == "after-commit":
        _at_commit(engine, after=True)
    elif point == "before-dot":
        smtplib.SMTP.data = die  # type: ignore[assignment,method-assign]
    elif point == "after-dot":
        mail_delivery._settle = die  # type: ignore[assignment]
    elif point == "second-person":
        real, calls = delivering.compose, iter(range(100))
        delivering.compose = lambda *args: die() if next(calls) == 1 else real(*args)  # type: ignore[assignment,func-returns-value]
    else:
        assert point == "-", point


def _at_commit(engine: sa.Engine, *, after: bool) -> None:
    """At the first commit of a transaction that has written a row of ours."""
    wrote: list[bool] = []

    def seen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("INSERT INTO notice", "INSERT INTO mail")):
            wrote.append(True)

    event.listen(engine, "before_cursor_execute", seen)
    dialect: Any = engine.dialect
    real = dialect.do_commit

    def commit(connection: Any) -> None:
        if wrote and not after:
            die()
        real(connection)
        if wrote:
            die()

    dialect.do_commit = commit


def main(step: str, point: str, url: str, folder: str, smtp: str, moment: str) -> None:
    """Run it."""
    settings = Settings(secret=SECRET, data_dir=Path(folder), database_url=url, smtp_url=smtp,
                        mail_from="Réseau <non@reseau.example>", mail_replies="reponses@reseau.example")  # fmt: skip
    engine = create_engine(url)
    arm(point, engine)
    now = datetime.fromisoformat(moment)
    STEPS[step](Tools(session_factory(engine), settings, clock=lambda: now))


if __name__ == "__main__":
    main(*sys.argv[1:])
