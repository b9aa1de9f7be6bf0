"""``reseau mail receive``: a message from the mail server on standard input, or the mailbox of ``mail_inbox``.

It ends with 0 (taken, or dropped on purpose) or 75 (``EX_TEMPFAIL`` of sysexits.h: Postfix and Exim keep the message
and try again), never with anything else once the command has begun: any other code would send the message back.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from reseau.cli import App
    from reseau.threads.answering.office import Office

log = logging.getLogger(__name__)
EX_TEMPFAIL = 75
CHUNK = 256 * 1024


@click.group()
def mail() -> None:
    """Mails qui arrivent : les réponses par mail aux échanges."""


@mail.command()
@click.option("--recipient", "recipients", metavar="ADRESSE", multiple=True,
              help="Adresse à laquelle le message est arrivé (Postfix : ${recipient}).")  # fmt: skip
@click.option("--imap", is_flag=True, help="Vider la boîte du réglage mail_inbox, au lieu de lire l’entrée standard.")
@click.option("--most", default=25, show_default=True, type=click.IntRange(1, 200), help="Mo au plus par message.")
@click.pass_obj
def receive(app: App, recipients: tuple[str, ...], imap: bool, most: int) -> None:
    """Prend un message (ou une boîte) : ce qui répond à un fil y devient un message."""
    # What must be there before anything is tried is imported inside: a broken installation is no reason to lose mail.
    try:
        _receive(app, recipients, imap, most)
    except Exception as error:
        _say(error)
        raise SystemExit(EX_TEMPFAIL) from None


def _receive(app: App, recipients: tuple[str, ...], imap: bool, most: int) -> None:
    from reseau.core.db import session_factory
    from reseau.threads.answering.office import Office
    from reseau.threads.answering.services import receive as take

    sessions = session_factory(app.engine, timezone=app.settings.timezone)
    office = Office(sessions, app.settings, most=most * 1_000_000)
    if imap:
        _empty(app, office)
        return
    raw, whole = _read(sys.stdin.buffer, office.most)
    click.echo(f"mail : {take(office, raw, recipients, whole=whole).value}", err=True)


def _empty(app: App, office: Office) -> None:
    from reseau.threads.answering.mailbox import empty

    if not app.settings.mail_inbox:
        raise click.ClickException("Le réglage mail_inbox est vide.")
    found = empty(office)
    click.echo(", ".join(f"{outcome.value} : {count}" for outcome, count in sorted(found.items())) or "rien")


def _read(stream: BinaryIO, most: int) -> tuple[bytes, bool]:
    """(the message, True), or (its beginning, False) when it is larger; always read to its end: a mail server whose
    pipe breaks would call that a failure."""
    raw = stream.read(most + 1)
    if len(raw) <= most:
        return raw, True
    while stream.read(CHUNK):
        pass
    return raw, False


def _say(error: Exception) -> None:
    """For the log of the mail server: no address, no content (an error of the database may hold the text)."""
    sentence = error.message if isinstance(error, click.ClickException) else type(error).__name__
    click.echo(f"mail : remis à plus tard ({sentence})", err=True)
    log.debug("mail: later", exc_info=error)
