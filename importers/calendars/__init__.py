"""Calendars of partners (iCalendar), into the tray of the agenda.

What it is: a source of the pipeline (repetitions expanded from today to six months, by a program of its own), the tray
where the coordination keeps or drops dates, the list of calendars. What it is not: the agenda has no public page yet
(``reseau.agenda``); people's addresses in calendars (ORGANIZER, ATTENDEE, CONTACT) are never read.

Tables: ``event`` through the services of ``reseau.agenda``; calendars are rows of ``import_source`` (adapter
``agenda``). Addresses: ``/gestion/agenda``, ``/gestion/agenda/agendas``. Permission: ``network:coordinate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from importers.calendars.source import Agenda
from importers.pipeline.contract import Adapter
from reseau.core.wording import _

if TYPE_CHECKING:
    from pyramid.config import Configurator

ADAPTERS = (Adapter("agenda", _("Agenda d’un partenaire (iCalendar)"), Agenda, complete=True, kind="event"),)


def includeme(config: Configurator) -> None:
    """Routes and views, what awaits the coordination."""
    from importers.calendars import awaiting  # noqa: F401 (registers itself)

    config.include("importers.calendars.routes")
    config.scan("importers.calendars.agenda_views")
