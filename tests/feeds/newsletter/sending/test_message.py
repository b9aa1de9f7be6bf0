"""The bytes that one reader receives: as any mail program reads them, and signed as anybody can check."""

from __future__ import annotations

import base64
import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.newsletter import links
from feeds.newsletter.content import CODE, LEAVE, Composed
from feeds.newsletter.models import Edition
from feeds.newsletter.sending.dkim import WrongKey
from feeds.newsletter.sending.message import House, Reader, Template
from reseau.settings import Settings
from tests.conftest import SECRET, TUESDAY
from tests.feeds.newsletter.sending.verifier import verifies

READER = Reader(UUID("01a20624-8285-70bf-a2b1-df4e58d48062"), "amina@ici.example", "abcdefghijklmnop")
TOKEN = links.of_reader(SECRET, READER.key)
MINE = f"https://reseau.example/lettre/d/{TOKEN}"
SETTINGS = Settings(
    secret=SECRET, public_url="https://reseau.example/", mail_from="Réseau d’aide <lettre@reseau.example>",
    letter_bounces="retours@reseau.example",
)  # fmt: skip
#: RFC 8463 §A.3, its Ed25519 signature; the key is that of §A.2. Folding as printed there.
RFC_8463 = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace(b"\n", b"\r\n")
RFC_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def made(content: Composed, settings: Settings = SETTINGS, edition: Edition = Edition.GENERAL, relay: str = "") -> Any:
    raw = Template(House.of(settings), content, edition, relay).message(READER, TUESDAY)
    return raw, email.message_from_bytes(raw, policy=email.policy.default)


def parts(message: Any) -> tuple[str, str]:
    text, html = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())
    return text, html


def test_each_reader_has_their_own_address_and_nothing_else_changes() -> None:
    content = Composed(
        "ar", "عدد الصيف", f'<html dir="rtl"><a href="{LEAVE}">x</a></html>', f"مرحبا\n{LEAVE}\n-- \nfin"
    )
    raw, message = made(content)
    text, html = parts(message)
    assert text == f"مرحبا\n{MINE}\n-- \nfin\n"
    assert html == f'<html dir="rtl"><a href="{MINE}">x</a></html>\n'
    assert message["Subject"] == "عدد الصيف"
    assert message["From"] == "Réseau d’aide <lettre@reseau.example>"
    assert message["To"] == "amina@ici.example"
    assert message["Date"].datetime == TUESDAY
    assert message["Message-ID"] == "<letter-01a20624-8285-70bf-a2b1-df4e58d48062@reseau.example>"
    assert message["Content-Language"] == "ar"
    assert message.get_content_type() == "multipart/alternative"
    assert message["Auto-Submitted"] is None
    assert not raw.startswith(b"DKIM-Signature")


@settings(max_examples=40)
@given(st.lists(st.text(alphabet="aé×\0\n.x😀 ", max_size=90), min_size=1, max_size=8))
def test_wherever_the_address_stands(pieces: list[str]) -> None:
    content = Composed("fr", "x", LEAVE.join(pieces), LEAVE.join(reversed(pieces)))
    raw, message = made(content)
    expected = "\n".join(MINE.join(pieces).replace("\0", "").splitlines()) + "\n"
    assert parts(message)[1] == expected
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    body = raw.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert not any(line.startswith(b".") or len(line) > 78 for line in body)
    assert raw.isascii()


def test_the_edition_that_is_passed_on_holds_nothing_personal() -> None:
    content = Composed("fr", "x", f"<p>{CODE}</p>", f"{CODE} {LEAVE}")
    raw, message = made(content, edition=Edition.RELAY, relay="CPTS7")
    assert parts(message) == (
        "https://reseau.example/lettre?r=CPTS7 https://reseau.example/lettre?r=CPTS7\n",
        "<p>https://reseau.example/lettre?r=CPTS7</p>\n",
    )
    assert TOKEN.encode() not in raw
    assert message["List-Unsubscribe"] == "<https://reseau.example/lettre>"
    assert message["List-Unsubscribe-Post"] is None
    assert parts(made(content, edition=Edition.RELAY)[1])[1] == "<p>https://reseau.example/lettre</p>\n"


def test_no_mail_address_to_leave_when_nobody_reads_it() -> None:
    _, message = made(Composed("fr", "x", "y", "z"), replace(SETTINGS, letter_bounces=""))
    assert message["List-Unsubscribe"] == f"<{MINE}>"
    assert House.of(replace(SETTINGS, letter_bounces="")).envelope_sender(READER.delivery_id) == "lettre@reseau.example"


@pytest.mark.parametrize("bad", ["élodie@ici.example", "a@b@c", "a b@ici.example", "x@ici.example\r\nBcc: y@z.example"])
def test_an_address_that_cannot_be_said(bad: str) -> None:
    template = Template(House.of(SETTINGS), Composed("fr", "x", "y", "z"), Edition.GENERAL)
    with pytest.raises(ValueError):
        template.message(replace(READER, email=bad), TUESDAY)


def test_a_subject_cannot_begin_a_header() -> None:
    _, message = made(Composed("fr", "a\r\nBcc: x@y.example", "y", "z"))
    assert (message["Subject"], message["Bcc"]) == ("a Bcc: x@y.example", None)


# --- signed ---------------------------------------------------------------------------------------------------


@pytest.fixture
def signed(tmp_path: Path) -> Callable[[Any], Settings]:
    """Settings with a key in a file."""

    def made_with(key: Any) -> Settings:
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (tmp_path / "key.pem").write_bytes(key.private_bytes(*form))
        return replace(SETTINGS, dkim_key=str(tmp_path / "key.pem"), dkim_selector="lettre2026")

    return made_with


def test_who_checks_here_checks_as_the_rfc_does() -> None:
    key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(RFC_KEY))
    assert verifies(RFC_8463, key)
    assert not verifies(RFC_8463.replace(b"hungry", b"angry"), key)
    assert not verifies(RFC_8463.replace(b"dinner", b"lunch"), key)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_signature_that_holds_and_covers_what_it_should(kind: str, signed: Callable[[Any], Settings]) -> None:
    key: Any = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()
    content = Composed(
        "fr", "Été : " + "un sujet long qui se replie, " * 5, f"<p>  é   {LEAVE}</p>\n\n", f"\n{LEAVE}\n\n\n"
    )
    raw, _ = made(content, signed(key))
    assert verifies(raw, key.public_key())
    # What relays may do to spaces and folds of headers changes nothing.
    assert verifies(raw.replace(b"Subject: ", b"Subject:   \t").replace(b"To: ", b"To:\r\n "), key.public_key())
    for name in (b"From", b"To", b"Subject", b"Date", b"Message-ID", b"List-Unsubscribe", b"List-Unsubscribe-Post",
                 b"List-Id", b"MIME-Version", b"Content-Type"):  # fmt: skip
        assert not verifies(re.sub(rb"(\r\n" + name + rb": )", rb"\1x", raw, count=1), key.public_key()), name
    for name in (b"From", b"To", b"Subject", b"Date"):
        assert not verifies(raw.replace(b"MIME-Version", name + b": x\r\nMIME-Version"), key.public_key()), name
    at = raw.index(b"\r\n\r\n") + 300
    assert not verifies(raw[:at] + b"A" + raw[at:], key.public_key())
    assert b"d=reseau.example; s=lettre2026;" in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_key_that_cannot_sign_is_said_and_nothing_leaves_unsigned(tmp_path: Path, signed: Any) -> None:
    with pytest.raises(WrongKey, match="ne se lit pas"):
        House.of(replace(SETTINGS, dkim_key=str(tmp_path / "none"), dkim_selector="a"))
    (tmp_path / "text").write_text("not a key")
    with pytest.raises(WrongKey, match="n’est pas une clé privée"):
        House.of(replace(SETTINGS, dkim_key=str(tmp_path / "text"), dkim_selector="a"))
    with pytest.raises(WrongKey, match="ni une clé RSA ni une clé Ed25519"):
        House.of(signed(ec.generate_private_key(ec.SECP256R1())))
    good = signed(ed25519.Ed25519PrivateKey.generate())
    for selector in ("", "a b", "a;d=other", "-a"):
        with pytest.raises(WrongKey, match="sélecteur"):
            House.of(replace(good, dkim_selector=selector))
    assert House.of(good).signer is not None
