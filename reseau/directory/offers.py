"""The offers of a structure: a permanence, a workshop, an accompaniment. What changes is told in the history of its
sheet, and the structure is computed again, so that its revision, the log and the index follow.

An offer belongs to the network. One that a register brought (``imported_offers``) becomes the network's as soon as a
person writes it, and one that a person takes off does not come back. Two people who change the same offer at once meet
at its ``rev``: the second one is shown what the first one wrote.

``horaires_accueil`` keeps the words of the person ("le mardi de 14 h à 16 h"): nothing is lost, the form gives back
what was typed, and :func:`opening_hours` reads them when a program asks, or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import site_day
from reseau.core.hours_text import read
from reseau.core.ids import new_id
from reseau.directory.edits import locked
from reseau.directory.models import DeclinedOffer, FieldChange, Service
from reseau.directory.reproject import Because, Projector, change_row, same
from reseau.web.i18n import _

#: What an offer says, in the order in which it is shown.
CONTENT = (
    "nom", "description", "type", "thematiques", "demarches", "publics", "frais", "frais_precisions", "modes_accueil",
    "horaires_accueil", "telephone", "courriel", "lien_mobilisation",
)  # fmt: skip
LISTS = frozenset({"thematiques", "demarches", "publics", "modes_accueil"})

#: data·inclusion v1, ``type``.
TYPES = {
    "accompagnement": _("Aide d’une personne"),
    "atelier": _("Atelier, à plusieurs"),
    "formation": _("Formation"),
    "information": _("Information"),
    "aide-materielle": _("Prêt ou don de matériel"),
    "aide-financiere": _("Aide financière"),
}
#: data·inclusion v1, ``thematiques``: those of health and of the digital, then what comes with them.
THEMES = {
    "sante--acces-aux-soins": _("Se soigner : droits, rendez-vous, remboursements"),
    "sante--constituer-un-dossier-mdph-invalidite": _("Handicap, invalidité : faire un dossier"),
    "sante--sante-mentale": _("Santé mentale"),
    "sante--addictions": _("Addictions"),
    "sante--sante-sexuelle": _("Santé sexuelle"),
    "numerique--acceder-a-des-services-en-ligne": _("Faire ses démarches sur internet"),
    "numerique--maitriser-les-fondamentaux-du-numerique": _("Apprendre à utiliser un ordinateur ou un téléphone"),
    "numerique--acceder-a-une-connexion-internet": _("Utiliser internet sur place"),
    "numerique--acquerir-un-equipement": _("Avoir un ordinateur ou un téléphone"),
    "famille--soutien-aidants": _("Aider un proche"),
    "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives": _(
        "Faire des papiers, des dossiers"
    ),
    "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits": _("Connaître ses droits"),
    "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-a-la-citoyennete": _(
        "Devenir français, voter, ses papiers d’identité"
    ),
    "difficultes-administratives-ou-juridiques--beneficier-dune-mesure-daccompagnement-adapte": _(
        "Être suivi par un professionnel social"
    ),
    "difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination": _(
        "Se défendre contre une discrimination"
    ),
    "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire": _(
        "Avoir affaire à la justice"
    ),
    "lecture-ecriture-calcul--maitriser-le-francais": _("Apprendre le français, lire et écrire"),
    "lecture-ecriture-calcul--maitriser-le-calcul": _("Apprendre à compter"),
}
#: data·inclusion v1, ``modes_accueil``.
MODES = {"en-presentiel": _("Sur place"), "a-distance": _("Par téléphone ou en visio")}


class Stale(Exception):
    """Somebody else changed the offer meanwhile. ``offer``: as it is now; nothing was written."""

    def __init__(self, offer: Service) -> None:
        super().__init__(offer.id)
        self.offer = offer


def opening_hours(offer: Service) -> str | None:
    """The hours of an offer as OSM, None when there are none or its words cannot be read for sure."""
    return read(offer.horaires_accueil).osm if offer.horaires_accueil else None


def content(offer: Service) -> dict[str, Any]:
    """What the offer says."""
    return {name: getattr(offer, name) for name in CONTENT}


def add(
    session: Session,
    structure_id: UUID,
    values: Mapping[str, Any],
    because: Because,
    sources: Sequence[str],
    now: datetime,
) -> UUID:
    """A new offer. :param values: by names of :data:`CONTENT`; ``nom`` at least. :param because: cause ``OFFER``.

    :raises LookupError: there is no such structure.
    """
    offer = Service(id=new_id(), structure_id=locked(session, structure_id)["id"], created_at=now)
    _set(session, offer, values, because, now)
    session.add(offer)
    session.flush()
    _tell(session, offer, None, content(offer), because, sources, now)
    return offer.id


def change(
    session: Session,
    structure_id: UUID,
    offer_id: UUID,
    values: Mapping[str, Any],
    rev: int,
    because: Because,
    sources: Sequence[str],
    now: datetime,
) -> bool:
    """Other content for an offer. :param rev: the one that the person saw.

    :return: False when nothing is different. :raises LookupError: it is not, or no more, an offer of this structure.
    :raises Stale: somebody else changed it meanwhile; not when they wrote the same.
    """
    offer = _locked_offer(session, structure_id, offer_id)
    before = content(offer)
    if all(same(before[name], value) for name, value in values.items()):
        return False
    if offer.rev != rev:
        raise Stale(offer)
    _set(session, offer, values, because, now)
    offer.rev += 1
    session.flush()
    _tell(session, offer, before, content(offer), because, sources, now)
    return True


def remove(
    session: Session, structure_id: UUID, offer_id: UUID, because: Because, sources: Sequence[str], now: datetime
) -> None:
    """The offer is no more. Its history keeps what it said.

    :raises LookupError: it is not, or no more, an offer of this structure.
    """
    offer = _locked_offer(session, structure_id, offer_id)
    before = content(offer)
    session.delete(offer)
    if offer.source and offer.source_id:
        session.add(DeclinedOffer(source=offer.source, source_id=offer.source_id, at=now, by=because.actor.person_id))
    session.flush()
    _tell(session, offer, before, None, because, sources, now)


def _set(session: Session, offer: Service, values: Mapping[str, Any], because: Because, now: datetime) -> None:
    for name in CONTENT:
        if name in values:
            setattr(offer, name, values[name])
    offer.date_maj = site_day(session, now).isoformat()
    offer.updated_at, offer.updated_by = now, because.actor.person_id


def _locked_offer(session: Session, structure_id: UUID, offer_id: UUID) -> Service:
    id_ = locked(session, structure_id)["id"]
    found = sa.select(Service).where(Service.id == offer_id, Service.structure_id == id_)
    offer = session.scalars(found.execution_options(populate_existing=True)).first()
    if offer is None:
        raise LookupError(offer_id)
    return offer


def _tell(
    session: Session, offer: Service, before: Any, after: Any, because: Because, sources: Sequence[str], now: datetime
) -> None:
    """The history of the sheet (one row under no field: it concerns no single one), then the structure."""
    told = change_row(offer.structure_id, "", before, after, replace(because, ref=offer.id), now)
    session.execute(sa.insert(FieldChange).values(told))
    Projector(session, sources, now).reproject([offer.structure_id], because)
