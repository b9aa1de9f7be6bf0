"""The score and the verdicts in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from importers.models import Verdict
from reseau.core.wording import _

Say = Callable[..., str]

#: What was done, by the word of the address (``fait``), of two places that are named after it.
DONE = {
    "same": _("C’est noté : les deux fiches n’en font plus qu’une."),
    "distinct": _("C’est noté : ce sont deux lieux. La question ne sera plus posée."),
    "inside": _("C’est noté : l’un est dans l’autre."),
    "around": _("C’est noté : l’un est dans l’autre."),
    "passer": _("Rien n’est décidé : ces deux lieux restent dans la liste."),
    "annule": _("La décision est annulée : la question est de nouveau posée."),
    "separe": _("Les deux lieux sont séparés. L’import ne les réunira plus."),
    "deja": _("Quelqu’un a décidé avant vous. Voici ce qui reste."),
    "rien": _("Il n’y a rien à annuler : la décision a changé entre-temps."),
}
#: What somebody else said of a pair that is looked at too late.
SAID = {
    Verdict.SAME: _("C’est le même lieu : les fiches ont été réunies."),
    Verdict.DISTINCT: _("Ce sont deux lieux."),
    Verdict.INSIDE: _("L’un est dans l’autre."),
    Verdict.AROUND: _("L’un est dans l’autre."),
}
REFUSED = {
    "same": _("C’est deux fois la même fiche."),
    "gone": _("L’un des deux lieux n’est plus ouvert, ou a été réuni à un autre."),
    "closed": _("Le lieu à garder est fermé : gardez plutôt l’autre."),
    "round": _("Le second lieu est déjà dans le premier : enlevez d’abord ce lien sur sa fiche."),
    "alone": _("Cette fiche n’a pas d’autre source : il n’y a rien à séparer."),
    "other": _("Ces deux fiches n’ont pas été réunies ensemble."),
    "choix": _("Choisissez une réponse."),
}
_BETWEEN = {
    "telephone": (_("même téléphone"), _("téléphones différents")),
    "courriel": (_("même adresse mail"), _("adresses mail différentes")),
    "siret": (_("même SIRET"), _("SIRET différents")),
    "typologie": (_("même type de lieu"), _("types de lieu différents")),
}
KILOMETRE = 1_000


def reasons(found: Mapping[str, Any], say: Say) -> list[str]:
    """What each criterion says, the name first."""
    told = [_name(found["nom"], say)] if "nom" in found else []
    if "adresse" in found:
        told.append(_address(found["adresse"], say))
    if "distance" in found:
        told.append(distance(found["distance"], say))
    told += [say(_BETWEEN[name][found[name] != "same"]) for name in _BETWEEN if name in found]
    if found.get("genres"):
        told.append(say(_("les noms disent des genres de lieux différents")))
    if found.get("mots"):
        told.append(say(_("un seul des noms dit « %(words)s »"), words=", ".join(found["mots"])))
    if found.get("emetteur"):
        told.append(say(_("un même organisme (%(names)s) leur donne deux numéros"), names=", ".join(found["emetteur"])))
    if found.get("registre"):
        told.append(say(_("une source les donne comme un seul lieu")))
    return told


def distance(metres: float, say: Say) -> str:
    """How far apart, in words."""
    if metres >= KILOMETRE:
        return say(_("à %(number)s km l’un de l’autre"), number=f"{metres / KILOMETRE:.1f}".replace(".", ","))
    return say(_("à %(number)s m l’un de l’autre"), number=round(metres))


def _name(likeness: float, say: Say) -> str:
    if likeness >= 95:
        return say(_("même nom"))
    return say(_("noms proches")) if likeness >= 55 else say(_("noms différents"))


def _address(likeness: float, say: Say) -> str:
    if likeness >= 90:
        return say(_("même adresse"))
    if likeness >= 60:
        return say(_("même rue, numéro incertain"))
    return say(_("même rue, autre numéro")) if likeness > 0 else say(_("adresses différentes"))
