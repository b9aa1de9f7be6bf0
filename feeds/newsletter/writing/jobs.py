"""Scheduled issues leave when their moment has come; the coordination is reminded of the days of the calendar."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from feeds.newsletter.models import Issue
from feeds.newsletter.writing import asking, calendar, looking, planning
from reseau.core.jobs import Job, Tools

FROM_HOUR = 8
"""Of the site's clock: nobody is reminded at night."""


def launch_due(tools: Tools) -> str | None:
    """Launch what is due, one issue in a transaction; what its check list stops is a draft again, and the coordination
    is told. An error of one issue keeps no other."""
    now, said, errors = tools.clock(), [], []
    with tools.sessions() as session:
        ids = planning.due(session, now)
    for id_ in ids:
        if tools.stopping():
            break
        try:
            said.append(_launch(tools, id_))
        except planning.Refused:
            continue  # taken back or launched by somebody a moment ago
        except Exception as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return ", ".join(filter(None, said)) or None


def _launch(tools: Tools, id_: UUID) -> str:
    now = tools.clock()
    with tools.sessions.begin() as session:
        issue = session.get(Issue, id_, with_for_update=True)
        if issue is None:
            return ""
        # What the relays have had is frozen: the rest leaves as it was announced to them.
        if issue.relay_launched_at is None and looking.look(session, issue, tools.settings, now).stops:
            planning.take_back(session, id_)
            asking.kept_back(session, issue, tools.settings, now)
            return "un numéro retenu"
        return " et ".join(
            f"édition {edition.value} lancée" for edition in planning.leave(session, id_, tools.settings, now)
        )


def remind(tools: Tools) -> str | None:
    """Remind the coordination of the days that come, a week before and on the day, once each."""
    now = tools.clock()
    local = now.astimezone(ZoneInfo(tools.settings.timezone))
    if local.hour < FROM_HOUR:
        return None
    with tools.sessions.begin() as session:
        sent = sum(
            asking.remind(session, one, days, tools.settings, now)
            for one, days in calendar.to_remind(session, local.date())
        )
    return f"rappels : {sent}" if sent else None


JOBS: tuple[Job, ...] = (
    Job("lettre-lancement", timedelta(minutes=1), launch_due),
    Job("lettre-calendrier", timedelta(hours=1), remind),
)
