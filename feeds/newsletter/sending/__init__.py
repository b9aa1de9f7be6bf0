"""Sending an issue: once to each, provably.

Is: the launch (texts frozen, one ``delivery`` for each subscriber), the ledger of what became of each, the worker that
speaks with the mail server, its pace, DKIM, tests to one address. Is not: pages (``writing`` shows the ledger), what
comes back later (``bounces``), the outbox of mails that tell one thing to one person (``core.mail``).

How it is once (docs/decisions/033): a delivery is ``waiting`` while all of its message but the final dot is handed
over; then ``sending`` is committed, by whoever finds it ``waiting``, one of all workers; then the dot is said; then
what the server answered is committed. Killed before the mark, it waits and will be sent; killed after, it is
``unknown``, and nobody but a person sends it again.

Tables: ``delivery``, ``letter_text`` (``feeds.newsletter.models``). No address, no permission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """No page: ``writing`` shows what is here."""
