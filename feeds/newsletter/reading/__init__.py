"""Reading the letter on the web and on paper: the archive, its pages in each language, search, the feed, pictures.

What it is: what everybody may read of the issues that have left. What it is not: it shows no draft, no personal link,
and does not show the mail that was sent but what is in it, without the lines about what is no longer public.

Tables: it reads ``letter_issue``, ``letter_line``, ``relay``. Addresses: ``/lettre/archives``,
``/lettre/{year}/{slug}`` with ``/imprimer``, ``/lettre/qr.png|svg``, ``/lettre/qr/{code}.png|svg``,
``/lettre/logo/{code}.png``. Permission: ``directory:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views, what the index holds of an issue, its group in the search for all, its cards, its feed."""
    from feeds.newsletter.models import KIND
    from feeds.newsletter.reading import cards, publishing  # noqa: F401 (register themselves)
    from feeds.newsletter.reading.documents import documents
    from feeds.newsletter.reading.group import Letters

    registry = config.registry
    registry["search.sources"] |= {KIND: documents}
    registry.setdefault("search.groups", []).append(Letters)
    config.include("feeds.newsletter.reading.routes")
    config.scan("feeds.newsletter.reading.views")
