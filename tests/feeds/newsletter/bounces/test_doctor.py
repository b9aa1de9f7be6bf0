"""``reseau doctor``: what it says of a site that is well, and of each thing that is not."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy.orm import sessionmaker

from reseau import doctor_dns
from reseau.cli import App
from reseau.core.clock import utcnow
from reseau.core.jobs import JobRun
from reseau.doctor import doctor
from reseau.settings import Settings
from tests.feeds.newsletter.bounces.dns_server import Zone, answering
from tests.threads.imap import Box, serving

ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DOMAIN = "lettre-du-reseau.fr"
GOOD: Zone = {
    (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"', '"autre=chose"'],
    (f"cle._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; k=rsa; " "p=QUJD"'],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=none"'],
    (DOMAIN, "MX"): [f"10 mx.{DOMAIN}."],
}
WELL = {"mail_from": f"Réseau <lettre@{DOMAIN}>", "dkim_selector": "cle"}


def ask(settings: Settings, engine: sa.Engine, server: str, *args: str) -> Result:
    app = App({})
    app.__dict__.update(settings=settings, engine=engine)
    return CliRunner().invoke(doctor, ["--dns", server, *args], obj=app)


def said(settings: Settings, engine: sa.Engine, zone: Zone, **more: bool) -> dict[str, tuple[str, str]]:
    with answering(zone, **more) as server:
        done = ask(settings, engine, server, "--json")
    found = json.loads(done.stdout)
    assert found["ok"] is (done.exit_code == 0)
    return {one["code"]: (one["level"], one["said"]) for one in found["checks"]}


@pytest.fixture
def smtp() -> Iterator[str]:
    server = Controller(object(), hostname="127.0.0.1")
    with Listening(server) as url:
        yield url


class Listening:
    """The controller asks its own port before it knows it: one that is free is given."""

    def __init__(self, server: Controller) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            server.port = one.getsockname()[1]
        self.server = server

    def __enter__(self) -> str:
        self.server.start()
        return f"smtp://127.0.0.1:{self.server.port}"

    def __exit__(self, *_error: object) -> None:
        self.server.stop()


def test_a_site_that_is_well(settings: Settings, engine: sa.Engine, sessions: sessionmaker[Any], smtp: str) -> None:
    now = utcnow()
    with sessions.begin() as session:
        session.add(JobRun(name="courriels", started_at=now, ended_at=now, ok=True, message=""))
    with serving(Box()) as url:
        site = replace(settings, **WELL, smtp_url=smtp, letter_bounces=f"retours@{DOMAIN}", letter_inbox=url)
        with answering(GOOD) as server:
            done = ask(site, engine, server)
        found = said(site, engine, GOOD)
    assert done.exit_code == 0, done.output
    levels = {code: level for code, (level, _said) in found.items()}
    assert levels == {
        "reglages": "ok", "base": "ok", "migrations": "ok", "index": levels["index"], "worker": "ok",
        "smtp": "attention", "letter_inbox": "ok", "spf": "ok", "retours-mx": "ok", "dkim": "ok", "dmarc": "ok",
        "disque": levels["disque"],
    }  # fmt: skip
    assert "sans TLS" in found["smtp"][1]
    assert "s3cr" not in done.output
    assert "bon             La base de données répond" in done.output


@ONE_ENGINE
def test_a_network_that_is_silent_or_broken_is_no_failure(settings: Settings, engine: sa.Engine) -> None:
    site = replace(settings, **WELL)
    doctor_dns_seconds, doctor_dns.SECONDS = doctor_dns.SECONDS, 0.3
    try:
        for how in ({"silent": True}, {"broken": True}):
            found = said(site, engine, GOOD, **how)
            assert [found[one][0] for one in ("spf", "dkim", "dmarc")] == ["sans réponse"] * 3
            assert found["spf"][1].startswith("Pas de réponse")
    finally:
        doctor_dns.SECONDS = doctor_dns_seconds


@pytest.mark.parametrize(
    ("zone", "code", "level", "words"),
    [
        ({(DOMAIN, "TXT"): ['"v=spf1 -all"', '"v=spf1 mx -all"']}, "spf", "erreur", "2 enregistrements"),
        ({(DOMAIN, "TXT"): ['"v=spf1 +all"']}, "spf", "erreur", "tout le monde"),
        ({(DOMAIN, "TXT"): ['"v=spf10 -all"']}, "spf", "attention", "n’a pas d’enregistrement SPF"),
        ({(f"cle._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; p="']}, "dkim", "erreur", "révoquée"),
        ({(f"cle._domainkey.{DOMAIN}", "TXT"): []}, "dkim", "erreur", "pas publiée"),
        ({(f"_dmarc.{DOMAIN}", "TXT"): []}, "dmarc", "attention", "_dmarc." + DOMAIN),
        ({(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1"']}, "dmarc", "erreur", "quoi faire"),
        ({(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"']}, "dmarc", "erreur", "plusieurs"),
        ({(DOMAIN, "MX"): []}, "retours-mx", "erreur", "se perdent"),
    ],
)
@ONE_ENGINE
def test_records_that_are_missing_or_wrong(
    settings: Settings, engine: sa.Engine, zone: Zone, code: str, level: str, words: str
) -> None:
    site = replace(settings, **WELL, letter_bounces=f"retours@{DOMAIN}")
    found = said(site, engine, {**GOOD, **zone})
    assert found[code][0] == level
    assert words in found[code][1]


@ONE_ENGINE
def test_the_dmarc_of_the_domain_above_counts(settings: Settings, engine: sa.Engine) -> None:
    site = replace(settings, mail_from=f"Réseau <x@mail.{DOMAIN}>")
    assert said(site, engine, GOOD)["dmarc"] == ("ok", f"DMARC _dmarc.{DOMAIN} : none.")


@ONE_ENGINE
def test_the_published_key_must_be_ours(settings: Settings, engine: sa.Engine, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = tmp_path / "dkim.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    site = replace(settings, **WELL, dkim_key=str(file))
    assert said(site, engine, GOOD)["dkim"][0] == "erreur"
    ours = {(f"cle._domainkey.{DOMAIN}", "TXT"): [f'"v=DKIM1; p={public[:200]}" "{public[200:]}"']}
    assert said(site, engine, {**GOOD, **ours})["dkim"][0] == "ok"
    file.write_text("rien", encoding="utf-8")
    assert "lisible" in said(site, engine, {**GOOD, **ours})["dkim"][1]


@ONE_ENGINE
def test_what_is_not_there_is_said(settings: Settings, engine: sa.Engine, sessions: sessionmaker[Any]) -> None:
    old = utcnow() - timedelta(hours=3)
    with sessions.begin() as session:
        session.add(JobRun(name="courriels", started_at=old, ended_at=old, ok=True, message=""))
    site = replace(
        settings, smtp_url="smtp://127.0.0.1:1", letter_bounces="deux retours@x", dkim_key="/nulle/part",
        letter_inbox="imap://u:tres-secret@127.0.0.1:1",
    )  # fmt: skip
    found = said(site, engine, {})
    assert found["worker"] == ("erreur", "Le worker n’a rien fait depuis 3 h : les courriels attendent.")
    assert (found["smtp"][0], found["letter_inbox"][0], found["reglages"][0]) == ("erreur",) * 3
    assert found["dns"][0] == "attention"
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    found = said(site, engine, {})
    assert found["migrations"][0] == "erreur"
    assert "reseau init" in found["migrations"][1]
    assert "index" not in found
    assert "tres-secret" not in str(found)


def test_settings_that_cannot_be_read_are_the_first_thing_said() -> None:
    app = App({"reseau.nothing": "1"})
    done = CliRunner().invoke(doctor, [], obj=app)
    assert done.exit_code == 1
    assert done.stdout.startswith("ERREUR")
    assert CliRunner().invoke(doctor, ["--dns", "pas une adresse"], obj=app).exit_code == 2
