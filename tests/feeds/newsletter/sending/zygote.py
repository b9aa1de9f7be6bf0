"""Workers in processes of their own, to be killed: imports once, then forks one each time a line says so."""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from feeds.newsletter.models import Issue, IssueState
from feeds.newsletter.sending import jobs
from feeds.newsletter.sending.carrying import SmtpLine
from feeds.newsletter.sending.run import Options
from reseau import registered  # noqa: F401 (what the worker knows)
from reseau.core.db import create_engine, session_factory
from reseau.core.jobs import Tools
from reseau.core.locks import Locked, exclusive
from reseau.settings import Settings

PAUSES = (timedelta(seconds=0.3),) * 7


def work(settings: Settings) -> None:
    """As the worker does: alone, run after run, until no issue is being sent."""
    engine = create_engine(settings.database_url)
    if engine.dialect.name == "sqlite":
        # What a killed process had given to the system is not lost with it, synced or not (only power cuts lose that):
        # to wait for a disk, 8,000 times, would prove nothing more.
        sa.event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF"))
    tools = Tools(session_factory(engine), settings)

    def line() -> SmtpLine:
        return SmtpLine(settings.smtp_url, final_s=20, answer_s=20)

    while True:
        try:
            with exclusive(engine, settings.data_dir, "worker"):
                while True:
                    jobs.send_letters(tools, Options(lines=line, linger_s=0.2, back_off=PAUSES))
                    with tools.sessions() as session:
                        if not session.query(Issue).filter(Issue.state == IssueState.SENDING.value).count():
                            return
        except Locked:
            time.sleep(0.02)


def main() -> None:
    url, smtp_url, folder, secret = sys.argv[1:5]
    settings = Settings(
        secret=secret, data_dir=Path(folder), database_url=url, smtp_url=smtp_url, letter_rate=60_000_000,
        letter_domain_rate=60_000_000, letter_connections=8, letter_refusals=100,
        mail_from="Lettre <lettre@reseau.example>", letter_bounces="retours@reseau.example",
    )  # fmt: skip
    print("ready", flush=True)
    children: list[int] = []
    for said in sys.stdin:
        if said == "go\n":
            if not (pid := os.fork()):
                code = 1
                try:
                    work(settings)
                    code = 0
                finally:
                    os._exit(code)
            children.append(pid)
            print(pid, flush=True)
        else:  # the end of one of them
            pid = int(said)
            print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()
