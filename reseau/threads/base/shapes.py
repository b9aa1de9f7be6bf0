"""Kinds of threads in words, limits of what may be written, reasons of reports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from reseau.core.limits import Limit
from reseau.core.wording import _
from reseau.threads.base.models import ThreadKind

MAX_TITLE, MAX_TEXT, MAX_OPTION = 160, 20_000, 120
OPTIONS = range(2, 11)
MAX_FILES, MAX_LINKS, MAX_MENTIONS = 5, 5, 10
PER_PAGE, POSTS_PER_PAGE = 25, 20

KIND_LABELS: dict[ThreadKind, str] = {
    ThreadKind.QUESTION: _("Question"),
    ThreadKind.DISCUSSION: _("Discussion"),
    ThreadKind.ANNONCE: _("Annonce"),
    ThreadKind.DEMANDE: _("Demande de ressource"),
    ThreadKind.SONDAGE: _("Sondage"),
}

REASONS: dict[str, str] = {
    "personne-aidee": _("Il parle d’une personne aidée, ou donne des informations personnelles"),
    "blessant": _("Il est blessant ou agressif"),
    "faux": _("Il contient une erreur qui peut nuire"),
    "hors-sujet": _("Il n’a rien à faire ici, ou c’est de la publicité"),
    "autre": _("Autre chose"),
}

#: What stands for the name of who wrote: for visitors, who read no names; of somebody who is not there any more.
SOMEBODY = _("Une personne du réseau")
COORDINATION, RELAY = _("La coordination"), _("Un relais santé")
GONE = _("Une personne qui a quitté le réseau")


def somebody(roles: Collection[str]) -> str:
    """What stands for the name of a person of these roles who writes for no place, a msgid."""
    return COORDINATION if "coordinator" in roles else RELAY if "relay" in roles else SOMEBODY


#: How often one person may do something.
THREADS_PER_HOUR = Limit("thread", 10, timedelta(hours=1))
POSTS_PER_HOUR = Limit("post", 40, timedelta(hours=1))
MAILS_PER_HOUR = Limit("post-by-mail", 10, timedelta(hours=1))
LOOKS_PER_HOUR = Limit("post-mentions", 120, timedelta(hours=1))
"""Forms with mentions that were sent, published or not: each looks people up by their names."""
FILES_PER_HOUR = Limit("post-files", 40, timedelta(hours=1))
"""Files that were brought to messages, published or not."""
REPORTS_PER_HOUR = Limit("post-report", 10, timedelta(hours=1))
THANKS_PER_HOUR = Limit("post-thank", 200, timedelta(hours=1))
