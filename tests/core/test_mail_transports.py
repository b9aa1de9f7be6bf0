"""By SMTP, with TLS and passwords, or into files (once: no database decides them)."""

from __future__ import annotations

import email
import email.policy
import os
import ssl
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult

from reseau.core.mail import KEPT
from reseau.core.mail_delivery import (
    FileTransport,
    Later,
    Refused,
    SmtpTransport,
    Unreachable,
    deliver,
    sweep_files,
    transport_of,
)
from reseau.settings import Settings, SettingsError
from tests.conftest import TUESDAY, StillClock
from tests.core.mailbox import SITE, Inbox, Sessions, fill, rows


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The server's side of TLS; our side trusts it."""
    path = tmp_path / "authority.pem"
    authority = trustme.CA()  # made for this test, kept nowhere
    authority.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return context


def note(to: str = "a@ici.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "x@ici.example", to, "<n@ici.example>"
    message.set_content("x")
    return message


def authenticator(seen: list[tuple[bytes, bytes]]) -> Callable[..., AuthResult]:
    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss/w:rd", handled=False)

    return check


@pytest.fixture
def login(inbox: Inbox) -> str:
    return inbox.url.replace("//", "//us%40er:p%40ss%2Fw%3Ard@")


def test_with_a_password_tls_comes_first(inbox: Inbox, tls: ssl.SSLContext, login: str) -> None:
    seen: list[tuple[bytes, bytes]] = []
    inbox.start(tls_context=tls, require_starttls=True, authenticator=authenticator(seen), auth_required=True)
    transport = SmtpTransport(login)
    transport.send(note(), "a@ici.example")
    transport.close()
    transport.close()
    assert seen == [(b"us@er", b"p@ss/w:rd")]
    assert inbox.recipients == ["a@ici.example"]


def test_a_password_is_not_said_to_a_server_without_tls(inbox: Inbox, login: str) -> None:
    seen: list[tuple[bytes, bytes]] = []
    inbox.start(authenticator=authenticator(seen), auth_require_tls=False)
    with pytest.raises(Unreachable, match="STARTTLS") as caught:
        SmtpTransport(login).send(note(), "a@ici.example")
    assert (seen, inbox.received, caught.value.offered) == ([], [], False)


def test_a_password_is_not_said_to_a_server_that_nobody_vouches_for(
    inbox: Inbox, tls: ssl.SSLContext, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bytes, bytes]] = []
    inbox.start(tls_context=tls, authenticator=authenticator(seen))
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        SmtpTransport(login).send(note(), "a@ici.example")
    assert (seen, inbox.received) == ([], [])


def test_a_wrong_password_is_no_fault_of_the_mail(inbox: Inbox, tls: ssl.SSLContext, login: str) -> None:
    inbox.start(tls_context=tls, authenticator=authenticator([]))
    with pytest.raises(Unreachable, match="535") as caught:
        SmtpTransport(login.replace("p%40ss", "other")).send(note(), "a@ici.example")
    assert not caught.value.offered


def test_without_a_password_tls_is_used_when_offered(
    inbox: Inbox, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    inbox.start(tls_context=tls, require_starttls=True)
    transport = SmtpTransport(inbox.url)
    transport.send(note(), "a@ici.example")
    transport.close()
    assert inbox.recipients == ["a@ici.example"]


def test_an_address_with_accents(inbox: Inbox) -> None:
    inbox.start(enable_SMTPUTF8=True)
    transport = SmtpTransport(inbox.url)
    transport.send(note("léa@ici.example"), "léa@ici.example")
    transport.close()
    assert inbox.recipients == ["léa@ici.example"]
    assert inbox.received[0][1]["To"] == "léa@ici.example"


def test_an_address_that_the_server_cannot_carry(inbox: Inbox) -> None:
    inbox.start(enable_SMTPUTF8=False)
    transport = SmtpTransport(inbox.url)
    with pytest.raises(Refused, match="SMTPUTF8"):
        transport.send(note("léa@ici.example"), "léa@ici.example")
    transport.send(note(), "a@ici.example")
    transport.close()


def test_a_refused_sender_may_be_set_right(inbox: Inbox) -> None:
    async def refuse(*_arguments: Any) -> str:
        return "550 who are you"

    inbox.handle_MAIL = refuse  # type: ignore[method-assign]
    inbox.start()
    transport = SmtpTransport(inbox.url)
    with pytest.raises(Later, match="550") as caught:
        transport.send(note(), "a@ici.example")
    transport.close()
    assert not isinstance(caught.value, Unreachable)


SECRET = "x" * 40
WRONG = [
    "http://x",
    "smtp://",
    "x",
    "smtp://h:port",
    "smtp://h:70000",
    "smtp://u:pa/ss@h:25",
    "smtp://h/path",
    "smtp://u:p:a/ss@h",
]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_stops_the_start_and_keeps_the_password(url: str) -> None:
    with pytest.raises(SettingsError, match="smtp_url") as caught:
        Settings(secret=SECRET, smtp_url=url)
    assert "pa/" not in str(caught.value)


@pytest.mark.parametrize("sender", ["", "Réseau", "a@", "@b", "A <a@b.example>\nBcc: x@y.example"])
def test_a_wrong_sender_stops_the_start(sender: str) -> None:
    with pytest.raises(SettingsError, match="mail_from"):
        Settings(secret=SECRET, mail_from=sender)


def test_the_password_is_not_printed() -> None:
    assert "hush" not in repr(Settings(secret=SECRET, smtp_url="smtp://u:hush@h"))


# --- files --------------------------------------------------------------------------------------------------


def test_without_a_server_mails_are_files(sessions: Sessions, tmp_path: Path, clock: StillClock) -> None:
    settings = Settings(secret=SECRET, data_dir=tmp_path / "data")
    fill(sessions, "a", "b")
    assert deliver(sessions, transport_of(settings), SITE, clock) == Counter(sent=2)
    folder = tmp_path / "data" / "courriels"
    assert folder.stat().st_mode & 0o777 == 0o700
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == [f"{mail.id}.eml" for mail in rows(sessions).values()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    message = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
    assert (message["To"], message["Subject"]) == ("a@ici.example", "Été à Roubaix")
    assert isinstance(transport_of(Settings(secret=SECRET, smtp_url="smtp://h")), SmtpTransport)


def test_the_same_mail_again_is_the_same_file(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path)
    for _ in range(2):
        transport.send(note("léa@ici.example"), "léa@ici.example")
    assert [path.name for path in tmp_path.iterdir()] == ["n.eml"]
    assert "To: léa@ici.example" in (tmp_path / "n.eml").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_mail(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unreachable) as caught:
        FileTransport(tmp_path / "file" / "x").send(note(), "a@ici.example")
    assert not caught.value.offered


def test_files_are_forgotten_as_rows_are(tmp_path: Path) -> None:
    for name, age in {"old.eml": 31, "new.eml": 29, "cut.part": 31, "note.txt": 400}.items():
        (tmp_path / name).touch()
        then = (TUESDAY - timedelta(days=age)).timestamp()
        os.utime(tmp_path / name, (then, then))
    assert sweep_files(tmp_path, TUESDAY - KEPT) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.eml", "note.txt"]
    assert sweep_files(tmp_path / "none", TUESDAY) == 0
