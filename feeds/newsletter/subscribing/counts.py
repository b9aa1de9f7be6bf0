"""Subscribers, as the plan counts them: those who receive the letter."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Edition, Subscriber
from feeds.newsletter.subscribing.labelled import covered
from feeds.newsletter.subscribing.services import ACTIVE
from reseau.core import counting
from reseau.core.counting import Count
from reseau.core.wording import _


def _number(session: Session, *which: sa.ColumnElement[bool]) -> int:
    found = sa.select(sa.func.count()).select_from(Subscriber).where(Subscriber.state == ACTIVE, *which)
    return session.scalar(found) or 0


def everybody(session: Session, _day: date) -> int:
    """Addresses that receive the letter, in either edition."""
    return _number(session)


def health(session: Session, _day: date) -> int:
    """Who said that they are health professionals."""
    return _number(session, Subscriber.health.is_(True))


def labelled(session: Session, day: date) -> int:
    """Members of structures that hold the label on that day."""
    return _number(session, Subscriber.person_id.in_(covered(day)))


def relays(session: Session, _day: date) -> int:
    """Addresses that receive the edition to be passed on."""
    return _number(session, Subscriber.edition == Edition.RELAY.value)


for _one in (
    Count("abonnes", _("Abonnés à la lettre"),
          _("Adresses qui ont confirmé et reçoivent la lettre, toutes éditions. Celles qui n’ont pas répondu, qui sont "
            "parties ou dont le mail revient ne comptent pas."), everybody, 60),
    Count("abonnes-pro-sante", _("Abonnés professionnels de santé"),
          _("Abonnés qui ont dit être professionnels de santé. Personne ne le vérifie."), health, 61),
    Count("abonnes-labellises", _("Abonnés des structures labellisées"),
          _("Abonnés qui font partie d’une structure qui a le label ce jour-là."), labelled, 62),
    Count("abonnes-relais", _("Contacts des relais"),
          _("Adresses qui reçoivent l’édition à transmettre (CPTS, URPS, CPAM…)."), relays, 63),
):  # fmt: skip
    counting.register(_one)
