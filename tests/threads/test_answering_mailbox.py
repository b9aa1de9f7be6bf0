"""A mailbox over IMAP, and the command that a mail server runs, as processes and sockets."""

from __future__ import annotations

import imaplib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import DataError, OperationalError

from reseau.cli import App, main
from reseau.core.jobs import Tools
from reseau.settings import Settings
from reseau.threads.answering import mailbox
from reseau.threads.answering.commands import mail
from reseau.threads.answering.jobs import read_mailbox
from reseau.threads.answering.office import Office, Outcome
from reseau.threads.answering.parcels import Later
from reseau.threads.answering.services import receive
from tests.threads.answering import Answering, fixture, plain, with_files
from tests.threads.conftest import ONE_ENGINE, Talk
from tests.threads.imap import Box, serving

ROOT = Path(__file__).parents[2]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n%%EOF\n"
pytestmark = ONE_ENGINE


@pytest.fixture
def by_mail(talk: Talk) -> Answering:
    return Answering(talk)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def office(by_mail: Answering, box: Box) -> Iterator[Office]:
    with serving(box) as url:
        yield replace(by_mail.office, settings=replace(by_mail.settings, mail_inbox=url), most=2_000_000)


def test_a_mailbox_is_emptied_of_answers_and_keeps_the_rest(by_mail: Answering, office: Office, box: Box) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    box.put(fixture("iphone", token, person.email))
    other = box.put(b"From: <quelquun@ailleurs.example>\r\nTo: <reponses@reseau.example>\r\n\r\nBonjour ?\r\n")
    box.put(fixture("rejet-gmail-vacances", token, person.email))
    again = plain(token, person.email, "Deux fois.")
    box.put(again)
    box.put(again)
    found = mailbox.empty(office)
    wanted = {Outcome.POSTED: 2, Outcome.UNKNOWN: 1, Outcome.AUTOMATIC: 1, Outcome.AGAIN: 1}
    assert found == Counter(wanted)
    assert list(box.messages) == [other]
    assert box.flags(other) == {r"\Flagged"}
    assert mailbox.empty(office) == Counter()
    assert len(by_mail.talk.posts(thread)) == 3


def test_a_connection_that_breaks_before_the_message_is_marked_posts_it_once(
    by_mail: Answering, office: Office, box: Box
) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    box.put(plain(by_mail.token(thread, person.id), person.email, "Une seule fois."))
    box.cut_at = "UID STORE"
    with pytest.raises(imaplib.IMAP4.abort):
        mailbox.empty(office)
    assert len(by_mail.talk.posts(thread)) == 2
    assert len(box.messages) == 1
    assert mailbox.empty(office) == Counter({Outcome.AGAIN: 1})
    assert len(by_mail.talk.posts(thread)) == 2
    assert not box.messages


def test_one_that_cannot_be_taken_now_stays_and_does_not_stop_the_others(
    by_mail: Answering, office: Office, box: Box
) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    late = box.put(with_files(token, person.email, "Voici.", ("fiche.pdf", PDF)))
    box.put(plain(token, person.email, "Sans fichier."))
    away = replace(office, settings=replace(office.settings, files_scan="unix:/nulle/part"))
    with pytest.raises(Later):
        mailbox.empty(away)
    assert list(box.messages) == [late]
    assert not box.flags(late)
    assert mailbox.empty(office) == Counter({Outcome.POSTED: 1})


@pytest.mark.parametrize("error", [ValueError("x@y.example"), KeyError("x"), DataError("insert", {}, Exception("x"))])
def test_one_that_we_fail_to_read_stops_nobody_and_is_starred_after_a_day(
    by_mail: Answering, office: Office, box: Box, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:  # fmt: skip
    person, thread = by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    bad = box.put(plain(token, person.email, "Imprévu."))
    box.put(plain(token, person.email, "Après lui."))

    def failing(where: Office, raw: bytes, **more: Any) -> Outcome:
        if "Imprévu".encode() in raw:
            raise error
        return receive(where, raw, **more)

    monkeypatch.setattr(mailbox, "receive", failing)
    now = office.clock().astimezone(timezone(timedelta(hours=5)))
    box.came[bad] = f"{now - timedelta(hours=23):%d-%b-%Y %H:%M:%S %z}"
    for _run in range(2):
        with pytest.raises(Later):
            mailbox.empty(office)
        assert list(box.messages) == [bad]
        assert not box.flags(bad)
    assert len(by_mail.talk.posts(thread)) == 2
    assert "@" not in caplog.text
    box.came[bad] = f"{now - timedelta(hours=25):%d-%b-%Y %H:%M:%S %z}"
    with pytest.raises(Later):
        mailbox.empty(office)
    assert box.flags(bad) == {r"\Flagged"}
    assert mailbox.empty(office) == Counter()


def test_a_message_that_is_too_large_is_not_fetched(by_mail: Answering, office: Office, box: Box) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    box.put(with_files(by_mail.token(thread, person.id), person.email, "Lourd.", ("a.pdf", PDF + b"%" * 3_000_000)))
    assert mailbox.empty(office) == Counter({Outcome.REFUSED: 1})
    assert not any("BODY.PEEK[])" in line for line in box.log)
    (letter,) = by_mail.mails_to(person)
    assert "trop lourd" in letter.text
    assert not box.messages


def test_a_wrong_password_or_folder_is_said_without_it(office: Office, box: Box) -> None:
    wrong = office.settings.mail_inbox.replace("s3cr", "faux")
    for url in (wrong, f"{office.settings.mail_inbox}/Ailleurs", "imap://boite:s3cr%2Ft@127.0.0.1:1"):
        with pytest.raises(mailbox.MailboxError) as error:
            mailbox.empty(replace(office, settings=replace(office.settings, mail_inbox=url)))
        assert "s3cr" not in str(error.value)
        assert "faux" not in str(error.value)
    box.folder = "R&AOk-ponses & co".replace("& ", "&- ")
    folder = f"{office.settings.mail_inbox}/R%C3%A9ponses%20%26%20co"
    assert mailbox.empty(replace(office, settings=replace(office.settings, mail_inbox=folder))) == Counter()


def test_the_job_reads_the_mailbox_when_there_is_one(by_mail: Answering, office: Office, box: Box) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    box.put(plain(by_mail.token(thread, person.id), person.email, "Par la boîte."))
    assert read_mailbox(Tools(office.sessions, by_mail.settings, office.clock)) is None
    assert read_mailbox(Tools(office.sessions, office.settings, office.clock)) == "posted : 1"
    assert read_mailbox(Tools(office.sessions, office.settings, office.clock)) is None


# --- the command --------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from reseau.threads.answering import services
taken = services.receive
def receive(*args, **more):
    taken(*args, **more)
    os.kill(os.getpid(), signal.SIGKILL)
services.receive = receive
from reseau.cli import main
main(["mail", "receive"])
"""


def run(
    by_mail: Answering, raw: bytes, *args: str, code: str = "", **changes: str
) -> subprocess.CompletedProcess[bytes]:
    settings = by_mail.settings
    environ = {name: value for name, value in os.environ.items() if not name.startswith("RESEAU_")} | {
        "RESEAU_SECRET": settings.secret, "RESEAU_DATABASE_URL": settings.database_url,
        "RESEAU_DATA_DIR": str(settings.data_dir), "RESEAU_MAIL_REPLIES": settings.mail_replies,
        "PYTHONDONTWRITEBYTECODE": "1", **changes,
    }  # fmt: skip
    program = ["-c", code] if code else ["-c", "from reseau.cli import main; main()", "mail", "receive", *args]
    return subprocess.run(
        [sys.executable, "-W", "ignore", *program], input=raw, env=environ, cwd=ROOT, capture_output=True, timeout=120
    )


def test_the_command_takes_a_message_once_even_killed_after_its_commit(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    raw = fixture("outlook-bureau", by_mail.token(thread, person.id), person.email)
    assert run(by_mail, raw, code=KILLED).returncode == -signal.SIGKILL
    done = run(by_mail, raw)
    assert (done.returncode, done.stderr.strip()) == (0, b"mail : again")
    assert len(by_mail.talk.posts(thread)) == 2


def test_the_command_asks_for_the_mail_again_when_the_base_is_not_there(by_mail: Answering, tmp_path: Path) -> None:
    raw = plain("x", "marie@lilas.example", "Oui.")
    token = by_mail.token(by_mail.talk.thread(), by_mail.person().id)
    named = ("--recipient", f"reponses+{token}@reseau.example")
    done = run(by_mail, raw, *named, RESEAU_DATABASE_URL=f"sqlite:///{tmp_path}/nulle/part.sqlite3")
    assert done.returncode == 75, done.stderr
    assert b"@" not in done.stderr


def invoke(by_mail: Answering, raw: bytes, *args: str, settings: Settings | None = None) -> Result:
    """The command in this process: starting one takes two seconds."""
    app = App({})
    app.__dict__.update(settings=settings or by_mail.settings, engine=by_mail.talk.site.engine)
    return CliRunner().invoke(mail, ["receive", *args], input=raw, obj=app)


def test_the_address_may_be_said_by_the_mail_server(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    named = f"reponses+{by_mail.token(thread, person.id)}@reseau.example"
    done = invoke(by_mail, plain("x", person.email, "Par le destinataire."), "--recipient", named)
    assert (done.exit_code, done.stderr) == (0, "mail : posted\n")
    assert invoke(by_mail, b"du bruit").exit_code == 0


def test_whatever_happens_the_mail_is_asked_for_again(by_mail: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(error: Exception) -> Callable[..., Outcome]:
        def fail(*_args: object, **_more: object) -> Outcome:
            raise error

        return fail

    full = OSError(28, "No space left on device")
    for error in (full, Later("scanner-away"), OperationalError("insert", {}, Exception("a@b.example")), MemoryError()):
        monkeypatch.setattr("reseau.threads.answering.services.receive", failing(error))
        done = invoke(by_mail, b"x")
        assert done.exit_code == 75, error
        assert "@" not in done.output
    assert invoke(by_mail, b"", "--imap").exit_code == 75


@pytest.mark.parametrize("args", [("mail", "receive", "--recipient"), ("mail", "receive", "--nope"), ("mail", "x")])
def test_a_wrong_line_of_the_mail_server_keeps_the_mail(
    by_mail: Answering, args: tuple[str, ...], tmp_path: Path
) -> None:
    assert CliRunner().invoke(main, args, input=b"x").exit_code == 75
    broken = tmp_path / "broken.ini"
    broken.write_text("ceci n’est pas un réglage\n", encoding="utf-8")
    for config in (broken, tmp_path / "none.ini"):
        assert CliRunner().invoke(main, ["-c", str(config), "mail", "receive"], input=b"x").exit_code == 75
        assert CliRunner().invoke(main, ["-c", str(config), "init"]).exit_code == 1


def test_the_command_empties_the_mailbox(by_mail: Answering, office: Office, box: Box) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    box.put(plain(by_mail.token(thread, person.id), person.email, "Par la commande."))
    done = invoke(by_mail, b"", "--imap", settings=office.settings)
    assert (done.exit_code, done.stdout) == (0, "posted : 1\n")


def test_a_message_of_over_the_most_is_told_and_read_to_its_end(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    raw = with_files(by_mail.token(thread, person.id), person.email, "Lourd.", ("a.pdf", PDF + b"%" * 20_000_000))
    done = invoke(by_mail, raw, "--most", "5")
    assert (done.exit_code, done.stderr) == (0, "mail : refused\n")
    assert "5 Mo" in by_mail.mails_to(person)[0].text
