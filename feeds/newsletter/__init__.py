"""The letter: who receives it, how an issue is written, sent once to each, read on the web, passed on by relays.

What it is not: it follows nobody. No picture that tells that a mail was opened, no link that goes through us.

| part | is |
|---|---|
| ``models``, ``content``, ``links``, ``audience`` | what all stand on; no page |
| ``composing`` | an issue as HTML and text, in a language; what is wrong with it |
| ``subscribing`` | subscribe, confirm, choose, leave; lists, consent, suppression |
| ``writing`` | the coordinator's pages: draft from the log, lines, preview, launch |
| ``sending`` | the ledger of deliveries, the worker, the mail server |
| ``bounces`` | what comes back; what ``doctor`` asks of the DNS |
| ``reading`` | the archive on the web and on paper, its feed, search |
| ``relaying`` | the forwardable edition, ``/relais``, what relays declare |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

PARTS = ("subscribing", "writing", "sending", "reading", "relaying")


def includeme(config: Configurator) -> None:
    """The parts that have pages."""
    from feeds.newsletter import registered  # noqa: F401 (what they tell each other)

    for part in PARTS:
        config.include(f"feeds.newsletter.{part}")
