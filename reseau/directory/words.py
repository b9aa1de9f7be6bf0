"""The words of filters, orders and sources: French msgids, translated when a page is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.directory import present
from reseau.directory.facts import FACETS
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

TITLES = {
    "ouvert": _("Quand"),
    "service": _("Pour quoi faire"),
    "demarche": _("Démarches de santé"),
    "public": _("Surtout pour"),
    "prise_en_charge": _("Accueil adapté"),
    "frais": _("Prix"),
    "rdv": _("Rendez-vous"),
    "modalite": _("Comment on vous aide"),
    "programme": _("Programme national"),
    "label": _("Formation ou label"),
}
OWN_LABELS = {
    ("ouvert", "maintenant"): _("Ouvert maintenant"),
    ("ouvert", "soir"): _("Ouvert au moins un soir après 18 h"),
    ("ouvert", "weekend"): _("Ouvert le samedi ou le dimanche"),
    ("rdv", "sur-rendez-vous"): _("Sur rendez-vous"),
    ("rdv", "sans-rendez-vous"): _("Sans rendez-vous"),
    ("modalite", "itinerant"): _("Se déplace près de chez vous"),
}
PARAMETERS = {
    "q": _("Recherche"),
    "commune": _("Ville"),
    "lat": _("Position"),
    "lon": _("Position"),
    "rayon": _("Distance"),
    "tri": _("Ordre"),
    "page": _("Page"),
    **TITLES,
}
SORT_LABELS = {
    "pertinence": _("Ce qui répond le mieux à votre recherche"),
    "distance": _("Du plus près au plus loin"),
    "nom": _("Par nom, de A à Z"),
    "date": _("Les dernières fiches mises à jour"),
}
SOURCE_LABELS = {
    "cartographie": _("Cartographie nationale"),
    "reseau": _("Un membre du réseau"),
    "deduction": _("D’après une autre information de cette fiche"),
}


def option_label(request: Request, name: str, code: str) -> str:
    """The words of a filter's value."""
    if own := OWN_LABELS.get((name, code)):
        return str(request.gettext(own))
    return present.label(FACETS[name][1], code, request.lang)
