"""``reseau letter bounce``: a letter that came back, on standard input, or the mailbox of ``letter_inbox``.

It ends with 0 (taken, or nothing to be done with it) or 75 (``EX_TEMPFAIL`` of sysexits.h: the mail server keeps the
message and tries again), never with anything else: a report that is sent back would be reported in its turn.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reseau.cli import App

log = logging.getLogger(__name__)
EX_TEMPFAIL = 75
CHUNK = 256 * 1024


@click.group()
def letter() -> None:
    """La lettre : ce qui en revient."""


@letter.command()
@click.option("--recipient", "recipients", metavar="ADRESSE", multiple=True,
              help="Adresse à laquelle le message est arrivé (Postfix : ${recipient}).")  # fmt: skip
@click.option("--imap", is_flag=True, help="Vider la boîte du réglage letter_inbox, au lieu de lire l’entrée standard.")
@click.pass_obj
def bounce(app: App, recipients: tuple[str, ...], imap: bool) -> None:
    """Prend un message de retour : adresse morte, plainte… et cesse d’écrire à qui il faut."""
    # What must be there before anything is tried is imported inside: a broken installation is no reason to lose mail.
    try:
        _bounce(app, recipients, imap)
    except Exception as error:
        sentence = error.message if isinstance(error, click.ClickException) else type(error).__name__
        click.echo(f"lettre : remis à plus tard ({sentence})", err=True)
        log.debug("letter: later", exc_info=error)
        raise SystemExit(EX_TEMPFAIL) from None


def _bounce(app: App, recipients: tuple[str, ...], imap: bool) -> None:
    from feeds.newsletter.bounces.jobs import empty, told
    from feeds.newsletter.bounces.services import MOST_BYTES, Desk, take
    from reseau.core.db import session_factory

    desk = Desk(session_factory(app.engine, timezone=app.settings.timezone), app.settings)
    if imap:
        if not app.settings.letter_inbox:
            raise click.ClickException("Le réglage letter_inbox est vide.")
        click.echo(told(empty(desk)) or "rien")
        return
    stream = sys.stdin.buffer
    raw = stream.read(MOST_BYTES + 1)
    while len(raw) > MOST_BYTES and stream.read(CHUNK):
        pass  # to its end: a mail server whose pipe breaks would call that a failure
    outcome = take(desk, raw[:MOST_BYTES], recipients, whole=len(raw) <= MOST_BYTES)
    click.echo(f"lettre : {outcome}", err=True)
