"""The worker's part: sends what is due of the issues under way."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

from feeds.newsletter.sending import claims
from feeds.newsletter.sending.pace import Pace
from feeds.newsletter.sending.run import Options, Run
from reseau.core.jobs import Job, Tools
from reseau.settings import Settings

OUTCOMES = {
    "accepted": "acceptées", "waiting": "remises à plus tard", "failed": "refusées", "unknown": "incertaines",
    "stopped": "envois arrêtés", "finished": "numéros terminés",
}  # fmt: skip
_paces: dict[tuple[str, int, int], Pace] = {}
_lock = threading.Lock()


def pace_of(settings: Settings) -> Pace:
    """The pace of a site: kept from one run to the next, so that a run does not begin with a full bucket."""
    name = (settings.database_url, settings.letter_rate, settings.letter_domain_rate)
    with _lock:
        return _paces.setdefault(name, Pace(max(1, settings.letter_rate), max(1, settings.letter_domain_rate)))


def send_letters(tools: Tools, options: Options | None = None) -> str | None:
    """Send for some fifty seconds, or until nothing is due. :return: what became of how many, in French."""
    with tools.sessions() as session:
        if not claims.active(session) and not claims.left_behind(session):
            return None
    pace = pace_of(tools.settings)
    done = Run(tools, pace, options or Options()).go()
    said = _sentence(done)
    return f"{said or 'rien'} ; le serveur de courriels ne répond pas" if pace.resting() else said


def _sentence(done: Counter[str]) -> str | None:
    return ", ".join(f"{label} : {done[name]}" for name, label in OUTCOMES.items() if done[name]) or None


JOBS: tuple[Job, ...] = (Job("lettre-envoi", timedelta(seconds=5), send_letters),)
