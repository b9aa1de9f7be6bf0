"""Notices: what each person is told, on the site and by mail, as they chose.

What it is: rows that a reader derives from the log (``deriving``), letters that are made of those that are due
(``delivering``), who follows what (``following``), how people want to be told (``preferences``), the pages where they
see and choose it, and the links that stop mails without signing in.

What it is not: it knows no thread. Rooms register what they tell (``sources``). It sends no mail itself: a letter is a
row of the outbox (``core.mail``), written in the transaction that says that these notices were told.

Tables: ``subscription``, ``notice``, ``notice_choice``, ``log_cursor``. Addresses: ``/compte/avis``,
``/compte/avis/reglages``, ``/avis/stop/{token}``. Permissions: ``account:own``, ``notice:stop``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views."""
    from reseau.notices import holding  # noqa: F401 (what is held of a person)

    config.include("reseau.notices.routes")
    config.scan("reseau.notices.notices_views")
    config.scan("reseau.notices.stop_views")
