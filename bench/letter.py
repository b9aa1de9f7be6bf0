"""Sending the letter: messages composed and delivered a second, against what the mail server of the tests can take at
most (the same bytes by raw sockets), for 10,000 and 50,000 recipients; memory on the way. Prints JSON."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from feeds.newsletter import links
from feeds.newsletter.content import LEAVE, Composed
from feeds.newsletter.models import Edition, Issue, Subscriber
from feeds.newsletter.sending import launching, ledger
from feeds.newsletter.sending.carrying import SmtpLine
from feeds.newsletter.sending.message import House, Reader, Template
from feeds.newsletter.sending.pace import Pace
from feeds.newsletter.sending.run import Options, Run
from reseau import registered  # noqa: F401
from reseau.core import migrations
from reseau.core.clock import utcnow
from reseau.core.db import create_engine, session_factory
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.settings import Settings

SIZES = (10_000, 50_000)
CEILING = 6_000  # messages by raw sockets
CONNECTIONS = 4
WORDS = "<p>" + "Une ligne de la lettre, avec ses accents : été, où, ça. " * 40 + "</p>"


def settings_in(folder: Path, url: str = "", **more: Any) -> Settings:
    """A site that sends as fast as it can."""
    given = {"letter_rate": 60_000_000, "letter_domain_rate": 60_000_000, "letter_connections": CONNECTIONS}
    return Settings(secret="s" * 40, data_dir=folder, smtp_url=url, letter_bounces="retours@reseau.example",
                    mail_from="Lettre <lettre@reseau.example>", **(given | more))  # fmt: skip


def composed() -> Composed:
    """About 5 kB, as text and HTML."""
    return Composed(
        "fr", "Le numéro de l’été à Roubaix", f"<html>{WORDS}<a href='{LEAVE}'>x</a></html>", f"{WORDS[3:]}\n{LEAVE}\n"
    )


def composing(folder: Path) -> dict[str, float]:
    """Messages made a second, by one thread: unsigned, signed; by the standard library, for comparison."""
    found, number = {}, {"sans": 20_000, "ed25519": 4_000, "rsa2048": 2_000}
    for name, count in number.items():
        house = House.of(_signed(settings_in(folder), name, folder))
        template = Template(house, composed(), Edition.GENERAL)
        reader, now = Reader(new_id(), "quelquun@ici.example", links.new_key()), utcnow()
        begun = time.perf_counter()
        for _ in range(count):
            template.message(reader, now)
        found[name] = count / (time.perf_counter() - begun)
    begun = time.perf_counter()
    for _ in range(400):
        made, made_of = EmailMessage(), composed()
        made["Subject"], made["To"] = made_of.subject, "quelquun@ici.example"
        made.set_content(made_of.text)
        made.add_alternative(made_of.html, subtype="html")
        made.as_bytes()
    return found | {"EmailMessage": 400 / (time.perf_counter() - begun)}


def _signed(settings: Settings, kind: str, folder: Path) -> Settings:
    if kind == "sans":
        return settings
    key: Any = rsa.generate_private_key(65537, 2048) if kind == "rsa2048" else ed25519.Ed25519PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / kind).write_bytes(key.private_bytes(*form))
    return replace(settings, dkim_key=str(folder / kind), dkim_selector="s1")


def ceiling(url: str) -> float:
    """Messages a second that the sink takes from raw sockets that do nothing else."""
    port = int(url.rpartition(":")[2])
    house = House.of(settings_in(Path()))
    message = Template(house, composed(), Edition.GENERAL).message(
        Reader(new_id(), "quelquun@ici.example", links.new_key()), utcnow()
    )

    def one(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.recv(1000)
            lines = (b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<ok-1@ici.example>\r\n", b"DATA\r\n", message + b".\r\n")
            for said in (b"EHLO x\r\n", *(lines * number)):
                sock.sendall(said)
                sock.recv(1000)

    threads = [threading.Thread(target=one, args=(CEILING // CONNECTIONS,)) for _ in range(CONNECTIONS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CEILING / (time.perf_counter() - begun)


def filled(settings: Settings, number: int) -> tuple[Any, UUID, float]:
    """A base with an issue that was just launched; seconds that the launch took."""
    engine = create_engine(settings.database_url)
    migrations.upgrade(engine)
    sessions = session_factory(engine)
    with sessions.begin() as session:
        for at in range(0, number, 5_000):
            session.execute(sa.insert(Subscriber), [
                {"id": new_id(), "email": f"ok-{n}@d{n % 50}.example", "key": links.new_key(), "lang": "fr",
                 "source": "form", "state": "active", "edition": "general", "themes": [], "commune": "",
                 "health": False, "fewer": False, "created_at": utcnow(), "bounce_score": 0.0}
                for n in range(at, min(at + 5_000, number))
            ])  # fmt: skip
    with sessions.begin() as session:
        issue = Issue(subject={"fr": "Le numéro de l’été"}, intro={"fr": "Une ligne de la lettre. " * 80}, langs=["fr"])
        session.add(issue)
        begun = time.perf_counter()
        launching.launch(session, issue, Edition.GENERAL, settings, utcnow())
    return sessions, issue.id, time.perf_counter() - begun


def memory_mb() -> float:
    """Of this process, now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def delivering(number: int, url: str, folder: Path, key: str = "sans") -> dict[str, Any]:
    """Letters a second, from the launched issue to the ledger that says so."""
    folder.mkdir(parents=True)
    settings = _signed(settings_in(folder, url), key, folder)
    sessions, id_, launch_s = filled(settings, number)
    watched: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.25):
            watched.append(memory_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun, cpu = time.perf_counter(), time.process_time()
    pace = Pace(settings.letter_rate, settings.letter_domain_rate)
    Run(Tools(sessions, settings), pace, Options(lines=lambda: SmtpLine(url), budget_s=900, linger_s=0)).go()
    spent, cpu = time.perf_counter() - begun, time.process_time() - cpu
    over.set()
    watcher.join()
    with sessions() as session:
        counts = ledger.counts(session, id_)
    tenth = max(1, len(watched) // 10)
    return {
        "destinataires": number, "dkim": key, "par_s": number / spent, "processeur_ms": 1000 * cpu / number,
        "lancement_s": launch_s, "acceptees": counts.accepted,
        "memoire_mb": {"dixieme": watched[tenth], "fin": watched[-1], "plus": max(watched)},
    }  # fmt: skip


def main() -> None:
    """Measure, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-W", "ignore", "-m", "tests.feeds.newsletter.sending.sink", str(folder / "taken")]
        sink = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert sink.stdout
            url = sink.stdout.readline().strip()
            found: dict[str, Any] = {"composer_par_s": composing(folder), "plafond_par_s": ceiling(url)}
            sizes = [int(one) for one in sys.argv[1:]] or SIZES
            found["envois"] = [delivering(size, url, folder / f"{size}") for size in sizes]
            found["envois"].append(delivering(sizes[0], url, folder / "rsa", "rsa2048"))
            found["plafond_apres_par_s"] = ceiling(url)
        finally:
            sink.kill()
            sink.wait()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
