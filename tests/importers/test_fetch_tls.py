"""The same over TLS: certificates, the way from https to http, the guard, the deadline."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from importers import sentences
from importers.fetch import Asker
from importers.pipeline import Refused
from tests.importers.server import StandIn, redirect, silent

BODY = b"id;nom\n"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[StandIn]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with StandIn(tls=context) as made:
        made.serve("/f", BODY)
        yield made


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the authority, as that of an intranet may."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))


def asker(**options: float) -> Asker:
    return Asker(True, sleep=lambda _s: None, **options)  # type: ignore[arg-type]


def refusal(one: Asker, url: str) -> Refused:
    with one, pytest.raises(Refused) as refused:
        one.get(url, max_bytes=1000)
    return refused.value


@pytest.mark.usefixtures("trusted")
def test_over_tls(secure: StandIn) -> None:
    with asker() as one:
        assert one.get(secure.url + "/f", max_bytes=1000).content == BODY


def test_a_certificate_that_nobody_signed_is_refused_at_once(secure: StandIn) -> None:
    refused = refusal(asker(), secure.url + "/f")
    assert refused.code == "telechargement"
    assert "certificat" in sentences.refusal(refused)
    assert secure.seen == []


@pytest.mark.usefixtures("trusted")
def test_it_does_not_go_on_in_clear(secure: StandIn, server: StandIn) -> None:
    server.serve("/f", BODY)
    secure.breaks("/f", redirect(server.url + "/f?token=abc"))
    refused = refusal(asker(), secure.url + "/f")
    assert refused.code == "redirection-interdite"
    assert "token=…" in sentences.refusal(refused)
    assert server.seen == []


def test_private_addresses_are_refused_before_the_handshake(secure: StandIn) -> None:
    assert refusal(Asker(False), secure.url + "/f").code == "adresse-interdite"
    assert secure.seen == []


@pytest.mark.usefixtures("trusted")
def test_the_deadline_cuts_an_encrypted_connection_too(secure: StandIn) -> None:
    secure.breaks("/f", silent, always=True)
    begun = time.monotonic()
    assert refusal(asker(total_s=0.5), secure.url + "/f").code == "telechargement"
    assert time.monotonic() - begun < 8
