"""What people may be told of, and how: at once, in one mail a day or a week, only on the site."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reseau.core.wording import _
from reseau.notices.models import NoticeChoice


class Mode(enum.StrEnum):
    """How to be told."""

    NOW = "aussitot"
    DAY = "jour"
    WEEK = "semaine"
    SITE = "site"


#: Kind → what it is, as people choose it.
KINDS: dict[str, str] = {
    "reponses": _("On me répond, ou on parle de moi"),
    "suivis": _("Nouveaux messages dans les fils que je suis"),
    "sujets": _("Nouveaux fils sur les sujets, les lieux ou les ressources que je suis"),
    "annonces": _("Annonces de la coordination"),
    "aide": _("Questions sans réponse sur un sujet que je connais"),
    "traductions": _("On demande une traduction dans une langue que je parle"),
    "groupes": _("Comptes rendus et pages de mes groupes de travail"),
}
DEFAULTS: dict[str, Mode] = dict.fromkeys(KINDS, Mode.DAY) | {"reponses": Mode.NOW}
SOON = timedelta(minutes=2)
"""Before a mail that is sent "at once": what follows in the same minutes goes into the same mail, and who reads the
page meanwhile receives none."""


def mode_of(choice: NoticeChoice | None, kind: str) -> Mode:
    """How a person wants to be told of a kind. No choice: the defaults."""
    if choice is not None and choice.off_at is not None:
        return Mode.SITE
    return chosen_mode(choice, kind)


def chosen_mode(choice: NoticeChoice | None, kind: str) -> Mode:
    """What a person chose for a kind, even while all their mails are off."""
    try:
        return Mode(choice.modes.get(kind, "") if choice else "")
    except ValueError:
        return DEFAULTS.get(kind, Mode.DAY)


def due(mode: Mode, choice: NoticeChoice | None, now: datetime, timezone: str) -> datetime | None:
    """When to mail what happens now: the next daily or weekly mail of this person. None: never.

    The hour is that of the site's time zone, summer and winter: an hour that a change of clock skips is the next one.
    """
    if mode is Mode.SITE:
        return None
    if mode is Mode.NOW:
        return now + SOON
    hour, weekday = (choice.hour, choice.weekday) if choice else (8, 0)
    local = now.astimezone(ZoneInfo(timezone))
    day = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    if mode is Mode.WEEK:
        day += timedelta(days=(weekday - day.weekday()) % 7)
    step = timedelta(days=7 if mode is Mode.WEEK else 1)
    while day.astimezone(now.tzinfo) <= now:
        day += step  # wall clock: the same hour of another day
    return day.astimezone(now.tzinfo)


def chosen(modes: Mapping[str, str]) -> dict[str, str]:
    """What a form said, without what does not exist."""
    known = {mode.value for mode in Mode}
    return {kind: modes[kind] for kind in KINDS if modes.get(kind) in known}
