"""``reseau doctor``: is all that the site needs there? A French sentence for each thing, code 1 if something is wrong.

It looks and changes nothing; it can be run at any time. A network that does not answer is said, and is no failure.
"""

from __future__ import annotations

import contextlib
import imaplib
import json
import shutil
import smtplib
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from reseau.core import changes, mail_delivery, migrations
from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.core.jobs import last_runs
from reseau.core.letters import address
from reseau.core.mailbox import MailboxError, opened
from reseau.doctor_dns import BAD, OK, SILENT, WARN, Finding, Lookup, lookup, records
from reseau.search import make_engine
from reseau.settings import MAX_REPLIES, Settings, SettingsError, is_private_host, smtp_parts

if TYPE_CHECKING:
    from reseau.cli import App

SECONDS = 10.0
LATE = timedelta(minutes=15)
"""Of the last run of any job: some run every few seconds, and say so once a minute."""
LITTLE, FEW = 500_000_000, 2_000_000_000  # bytes
_MARKS = {OK: "bon", WARN: "à voir", BAD: "ERREUR", SILENT: "pas de réponse"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Le même constat, pour un programme.")
@click.option("--dns", "server", metavar="ADRESSE", default="", help="Serveur DNS à interroger (ceux de la machine).")
@click.pass_obj
def doctor(app: App, as_json: bool, server: str) -> None:
    """Vérifie que tout est en place : réglages, base, index, courriels, DNS, worker, disque."""
    try:
        ask = lookup(server)
    except ValueError:
        raise click.BadParameter("une adresse IP, avec ou sans « :port ».", param_hint="--dns") from None
    found = list(examine(app, ask))
    well = not any(one.level == BAD for one in found)
    if as_json:
        checks = [{"code": one.code, "level": one.level, "said": one.said} for one in found]
        click.echo(json.dumps({"ok": well, "checks": checks}, ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo(f"{_MARKS[one.level]:<14}  {one.said}")
    if not well:
        raise SystemExit(1)


def examine(app: App, ask: Lookup) -> Iterator[Finding]:
    """All checks, in the order in which to mend what they find."""
    try:
        settings = app.settings
    except click.ClickException as error:
        yield Finding("reglages", BAD, f"Les réglages ne peuvent pas être lus : {error.message}")
        return
    yield from _settings(settings)
    ready = False
    for one in _database(app):
        ready = one.level != BAD
        yield one
    if ready:
        yield from _guarded("index", lambda: _index(app))
        yield from _guarded("worker", lambda: _worker(app))
    yield _server(settings)
    for name, url in (("mail_inbox", settings.mail_inbox), ("letter_inbox", settings.letter_inbox)):
        if url:
            yield _mailbox(name, url)
    sender = settings.letter_from if _sends(settings.letter_from) else settings.mail_from
    yield from records(settings, address(sender).domain.lower(), ask)
    yield _disk(settings.data_dir)


def _guarded(code: str, look: Callable[[], Finding]) -> Iterator[Finding]:
    try:
        yield look()
    except Exception as error:  # what one check stumbles over does not hide the others
        yield Finding(code, BAD, f"La vérification « {code} » n’a pas pu se faire ({type(error).__name__}).")


# --- the site ---------------------------------------------------------------------------------------------------------


def _settings(settings: Settings) -> Iterator[Finding]:
    """What a single setting says is looked at when it is read; here, what they say together."""
    wrong: list[str] = []
    odd: list[str] = []
    parts = urlsplit(settings.public_url)
    if parts.scheme == "https" and not settings.secure_cookies:
        odd.append("secure_cookies est à false alors que public_url est en https.")
    if parts.scheme == "http" and not is_private_host(parts.hostname or ""):
        odd.append("public_url est en http : les liens des courriels ouvrent des comptes, passez en https.")
    if settings.letter_from and not _sends(settings.letter_from):
        wrong.append("letter_from n’est pas de la forme « Nom <adresse> ».")
    wrong += _returns(settings, odd)
    if settings.dkim_key and not settings.dkim_selector:
        wrong.append("dkim_key est réglé sans dkim_selector.")
    if settings.dkim_key and not Path(settings.dkim_key).is_file():
        wrong.append("Le fichier de dkim_key n’est pas là.")
    yield from (Finding("reglages", BAD, one) for one in wrong)
    yield from (Finding("reglages", WARN, one) for one in odd)
    if not wrong and not odd:
        yield Finding("reglages", OK, "Réglages : rien à redire.")


def _sends(text: str) -> bool:
    try:
        return bool(address(text).domain)
    except ValueError:
        return False


def _returns(settings: Settings, odd: list[str]) -> list[str]:
    """What is wrong with where letters come back; what is only odd goes into ``odd``."""
    local, _mark, domain = settings.letter_bounces.rpartition("@")
    plain = not set('+ <>,;:"()[]\\') & set(settings.letter_bounces)
    wrong = []
    if settings.letter_bounces and not (local and domain and plain and len(local) <= MAX_REPLIES):
        wrong.append(f"letter_bounces est une adresse simple, {MAX_REPLIES} caractères au plus avant le @.")
    if settings.letter_inbox and not settings.letter_bounces:
        wrong.append("letter_inbox est réglé sans letter_bounces : aucun retour n’y arrivera.")
    if settings.smtp_url and not settings.letter_bounces:
        odd.append("letter_bounces est vide : les lettres qui n’arrivent pas ne sont pas comptées.")
    return wrong


def _database(app: App) -> Iterator[Finding]:
    try:
        with app.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
            current = MigrationContext.configure(connection).get_current_revision()
    except (SQLAlchemyError, OSError) as error:
        yield Finding("base", BAD, f"La base de données ne répond pas ({type(error).__name__}).")
        return
    yield Finding("base", OK, f"La base de données répond ({app.engine.dialect.name}).")
    head = ScriptDirectory.from_config(Config(migrations.ROOT / "alembic.ini")).get_current_head()
    if current == head:
        yield Finding("migrations", OK, f"La base est à jour (migration {head}).")
    else:
        yield Finding("migrations", BAD, f"La base en est à la migration {current or 'zéro'}, le code à {head} : lancez"
                                         " « reseau init ».")  # fmt: skip


def _index(app: App) -> Finding:
    status = make_engine(app.settings, app.engine).status()
    with session_factory(app.engine, read_only=True)() as session:
        newest = changes.current_seq(session)
    if app.settings.search == "null":
        return Finding("index", OK, "Recherche : aucun moteur (réglage search).")
    if not status.present:
        return Finding("index", WARN, "L’index de recherche n’est pas là : il se fait quand le site tourne, ou par"
                                      " « reseau index rebuild ».")  # fmt: skip
    if status.cursor != newest:
        return Finding("index", WARN, f"L’index de recherche est en retard ({status.cursor} sur {newest}).")
    return Finding("index", OK, "L’index de recherche est à jour.")


def _worker(app: App) -> Finding:
    with session_factory(app.engine, read_only=True)() as session:
        runs = last_runs(session)
        last = max((run.ended_at for run in runs.values()), default=None)
        failed = sorted(run.name for run in runs.values() if not run.ok)
    if last is None:
        return Finding("worker", WARN, "Le worker n’a encore rien fait : lancez « reseau worker ».")
    if (ago := utcnow() - last) > LATE:
        return Finding("worker", BAD, f"Le worker n’a rien fait depuis {_ago(ago)} : les courriels attendent.")
    if failed:
        return Finding("worker", WARN, f"Le worker tourne, mais échoue : {', '.join(failed)} (reseau worker --list).")
    return Finding("worker", OK, "Le worker tourne.")


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 48 * 60 else f"{span.days} jours"


def _disk(folder: Path) -> Finding:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:.1f} Go libres sur le disque des données.".replace(".", ",", 1)
    return Finding("disque", BAD if free < LITTLE else WARN if free < FEW else OK, said)


# --- mail -------------------------------------------------------------------------------------------------------------


def _server(settings: Settings) -> Finding:
    """EHLO, TLS and password, as a mail would begin; none is sent."""
    if not settings.smtp_url:
        return Finding("smtp", WARN, "smtp_url est vide : les courriels deviennent des fichiers du dossier courriels.")
    try:
        with contextlib.closing(mail_delivery.opened(smtp_parts(settings.smtp_url), SECONDS)) as smtp:
            code, _said = smtp.ehlo()
            extensions = smtp.has_extn("starttls"), isinstance(smtp.sock, ssl.SSLSocket)
    except smtplib.SMTPAuthenticationError:
        return Finding("smtp", BAD, "Le serveur de mail refuse le mot de passe de smtp_url.")
    except (smtplib.SMTPException, OSError, ValueError, SettingsError) as error:
        return Finding("smtp", BAD, f"Le serveur de mail ne répond pas ({type(error).__name__}).")
    if not 200 <= code < 300:
        return Finding("smtp", BAD, f"Le serveur de mail répond {code} à EHLO.")
    if not any(extensions):
        return Finding("smtp", WARN, "Le serveur de mail répond, sans TLS : les courriels y vont en clair.")
    return Finding("smtp", OK, "Le serveur de mail répond, avec TLS.")


def _mailbox(name: str, url: str) -> Finding:
    try:
        with opened(url):
            return Finding(name, OK, f"La boîte de {name} s’ouvre.")
    except (MailboxError, SettingsError, imaplib.IMAP4.error, OSError) as error:
        return Finding(name, BAD, f"La boîte de {name} ne s’ouvre pas : {error}.")
