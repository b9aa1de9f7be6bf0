"""The label in a demonstration: made-up criteria, and made-up places that hold it. No real place is said to have a
label that nobody gave it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.actors import Actor, Side
from reseau.core.clock import local_day
from reseau.demonstration.people import DOMAIN
from reseau.directory import lifecycle, priorities
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from reseau.label import criteria
from reseau.label.models import Criteria
from reseau.label.services import grant
from reseau.members.models import Person
from reseau.members.places import join_structure
from reseau.settings import Settings

VERSION = "2026.1"
TEXTS = {
    "fr": """Critères **inventés** pour la démonstration.

1. L’aide est gratuite, et le lieu le dit à l’entrée.
2. Au moins une plage d’accueil par semaine est en dehors des heures de bureau.
3. Les personnes qui aident ont suivi une formation à Mon espace santé.
4. La fiche de l’annuaire a été vérifiée dans les six derniers mois.
""",
    "fr-x-falc": """Ces règles sont **inventées**.

- L’aide ne coûte rien.
- Le lieu est parfois ouvert le soir ou le samedi.
- Les personnes qui aident connaissent Mon espace santé.
- Les horaires écrits sur le site sont justes.
""",
    "en": """**Made-up** criteria, for the demonstration.

1. Help is free, and the place says so at its door.
2. At least one opening a week is outside office hours.
3. Those who help were trained on Mon espace santé.
4. The sheet of the directory was checked in the last six months.
""",
    "ar": """معايير **مُتخيَّلة** للعرض التوضيحي.

1. المساعدة مجانية، والمكان يعلن ذلك عند مدخله.
2. توجد فترة استقبال واحدة على الأقل كل أسبوع خارج أوقات العمل.
3. من يساعدون تلقوا تدريبًا على Mon espace santé.
4. تم التحقق من بطاقة الدليل خلال الأشهر الستة الأخيرة.
""",
}
#: (name, began so many days ago, ends in so many days).
PLACES = (
    ("Maison inventée des aidants (démonstration)", 120, 610),
    ("Café numérique inventé (démonstration)", 700, 30),
)


def seed(session: Session, settings: Settings, now: datetime) -> int:
    """Make them, once; not committed. :return: how many labels were given; 0 when they were there."""
    if session.scalar(sa.select(Criteria.id).where(Criteria.version == VERSION)):
        return 0
    today = local_day(now, settings.timezone)
    claire = session.scalar(sa.select(Person.id).where(Person.email == f"coordination@{DOMAIN}"))
    held = criteria.add(session, VERSION, today - timedelta(days=720), TEXTS, claire, now=now)
    for name, since, left in PLACES:
        place = _place(session, settings, name, claire, now)
        began = today - timedelta(days=since)
        grant(session, place, held, began, today + timedelta(days=left), began, claire, now=now)
    return len(PLACES)


def _place(session: Session, settings: Settings, name: str, by: UUID | None, now: datetime) -> UUID:
    values = {"nom": name, "commune": "Roubaix", "code_postal": "59100", "code_insee": "59512"}
    because = Because(Cause.CREATE, Actor(Side.COORDINATION, by))
    made = lifecycle.create(session, values, because, priorities.order(session, settings.sources), now)
    mediator = session.scalar(sa.select(Person.id).where(Person.email == f"mediatrice@{DOMAIN}"))
    if mediator:
        join_structure(session, mediator, made, "member", by)
    return made
