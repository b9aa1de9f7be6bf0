"""The label in a demonstration: made-up criteria, and made-up places that hold it. No real place is said to have a
label that nobody gave it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
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

VERSION = "2024.1"
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
_MADE_UP = "Lieu inventé pour la démonstration :"
#: (name, began so many days ago, ends in so many days, what their sheets say). The numbers are of those that nobody has
#: (ARCEP, numbers for fiction), the addresses of a domain that exists nowhere (RFC 2606).
PLACES: tuple[tuple[str, int, int, dict[str, Any]], ...] = (
    ("Maison inventée des aidants (démonstration)", 120, 610, {
        "adresse": "1 place Inventée", "telephone": "+33353010001", "courriels": ["maison@lieux.example"],
        "horaires": "Mo-Fr 09:00-12:00,14:00-17:30; We 09:00-12:00,14:00-20:00",
        "services": ["aide-aux-demarches-administratives"],
        "demarches": ["mon-espace-sante", "ameli", "rendez-vous-en-ligne", "aidants"],
        "frais_a_charge": ["gratuit"], "modalites_acces": ["se-presenter", "telephoner"],
        "modalites_accompagnement": ["accompagnement-individuel"],
        "presentation_resume": f"{_MADE_UP} on y aide qui s’occupe d’un proche dans ses démarches de santé en ligne.",
    }),
    ("Café numérique inventé (démonstration)", 700, 30, {
        "adresse": "2 place Inventée", "telephone": "+33353010002", "courriels": ["cafe@lieux.example"],
        "horaires": "Tu-Fr 10:00-13:00; Sa 10:00-13:00,14:00-17:00",
        "services": ["aide-aux-demarches-administratives", "maitrise-des-outils-numeriques-du-quotidien"],
        "demarches": ["ameli", "rendez-vous-en-ligne", "donnees-personnelles"],
        "frais_a_charge": ["gratuit"], "modalites_acces": ["se-presenter"],
        "modalites_accompagnement": ["dans-un-atelier-collectif", "accompagnement-individuel"],
        "presentation_resume": f"{_MADE_UP} on y apprend avec d’autres à faire ses démarches de santé en ligne.",
    }),
)  # fmt: skip


def seed(session: Session, settings: Settings, now: datetime) -> int:
    """Make them, once; not committed. :return: how many labels were given; 0 when they were there."""
    if session.scalar(sa.select(Criteria.id).where(Criteria.version == VERSION)):
        return 0
    today = local_day(now, settings.timezone)
    claire = session.scalar(sa.select(Person.id).where(Person.email == f"coordination@{DOMAIN}"))
    held = criteria.add(session, VERSION, today - timedelta(days=720), TEXTS, claire, now=now)
    for name, since, left, sheet in PLACES:
        place = _place(session, settings, name, sheet, claire, now)
        began = today - timedelta(days=since)
        grant(session, place, held, began, today + timedelta(days=left), began, claire, now=now)
    return len(PLACES)


def _place(
    session: Session, settings: Settings, name: str, sheet: dict[str, Any], by: UUID | None, now: datetime
) -> UUID:  # fmt: skip
    values = {"nom": name, "commune": "Roubaix", "code_postal": "59100", "code_insee": "59512", **sheet}
    because = Because(Cause.CREATE, Actor(Side.COORDINATION, by))
    made = lifecycle.create(session, values, because, priorities.order(session, settings.sources), now)
    mediator = session.scalar(sa.select(Person.id).where(Person.email == f"mediatrice@{DOMAIN}"))
    if mediator:
        join_structure(session, mediator, made, "member", by)
    return made
