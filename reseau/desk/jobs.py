"""The weekly mail to coordinators. Run every hour, it writes once a week to each: the key of the mail says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reseau.core.jobs import Job, Tools
from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.desk import emails
from reseau.desk.services import Viewer, count
from reseau.members.places import people_with
from reseau.members.profile import wants

#: Mondays from this hour; Tuesday makes up for a Monday on which nothing ran.
FROM_HOUR = 7
DAYS = (0, 1)


def weekly(tools: Tools) -> str | None:
    """Tell each coordinator what awaits, if something does."""
    now = tools.clock()
    local = now.astimezone(ZoneInfo(tools.settings.timezone))
    if local.weekday() not in DAYS or (local.weekday() == 0 and local.hour < FROM_HOUR):
        return None
    sent = 0
    with tools.sessions.begin() as session:
        viewer = Viewer(coordinator=True, administrator=False, places=(), territory=tools.settings.territory)
        counts = count(session, viewer, local.date())
        if not any(one.number for one in counts):
            return None
        site = Site.of(tools.settings)
        for person in people_with(session, "coordinator"):
            if person.email and wants(person, "bilan"):
                letter = emails.weekly(person.lang, counts, f"{site.url}/gestion")
                key = f"bilan:{_week(local)}:{person.id}"
                sent += queue(session, letter, person.email, site=site, now=now, key=key, optional_for=person.id)
    return f"bilans : {sent}" if sent else None


def _week(local: datetime) -> str:
    year, week, _day = local.isocalendar()
    return f"{year}-{week:02d}"


JOBS: tuple[Job, ...] = (Job("bilan", timedelta(hours=1), weekly),)
