"""Where the coordination writes an issue of the letter, from a draft that the log has filled to its launch.

What it is: drafts made and brought up to date from the log (``sources``, ``drafting``), their lines, their words, who
receives them, what they look like, what is wrong with them, when they leave and who approves (``planning``), how their
sending goes, the calendar of the year. What it is not: it composes nothing (``composing``), sends nothing
(``sending``), follows nobody.

Tables: ``letter_issue``, ``letter_line``, ``letter_date`` (``newsletter.models``). Jobs: ``lettre-lancement``,
``lettre-calendrier``. Addresses: ``/gestion/lettre``, ``/gestion/lettre/calendrier`` and all that is below
``/gestion/lettre/{id}``. Permission: ``network:coordinate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

VIEWS = ("home_views", "edit_views", "line_views", "preview_views", "plan_views", "follow_views")


def includeme(config: Configurator) -> None:
    """Routes and views."""
    from feeds.newsletter.writing import awaiting  # noqa: F401 (registers itself)

    config.include("feeds.newsletter.writing.routes")
    for module in VIEWS:
        config.scan(f"feeds.newsletter.writing.{module}")
