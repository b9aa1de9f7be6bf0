"""What the plan counts of the letter and of those who pass it on."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Issue, RelayReach
from reseau.core import counting
from reseau.core.counting import Count
from reseau.core.wording import _


def reached(session: Session, _day: date) -> int:
    """All that relays declared."""
    return session.scalar(sa.select(sa.func.coalesce(sa.func.sum(RelayReach.people), 0))) or 0


def issues(session: Session, _day: date) -> int:
    """Issues that left in the general edition."""
    return session.scalar(sa.select(sa.func.count()).select_from(Issue).where(Issue.launched_at.is_not(None))) or 0


counting.register(Count(
    "numeros-envoyes", _("Numéros de la lettre envoyés"),
    _("Numéros partis dans l’édition générale depuis le début, un numéro arrêté en cours d’envoi compris."), issues, 59,
))  # fmt: skip
counting.register(Count(
    "professionnels-touches", _("Professionnels touchés par les relais"),
    _("Ce que les relais (CPTS, URPS, CPAM…) déclarent : la somme des personnes à qui chaque numéro a été transmis. "
      "Une même personne compte à chaque numéro ; personne ne le mesure."), reached, 64,
))  # fmt: skip
