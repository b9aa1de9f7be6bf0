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
#: A field of a sheet, as its form, its history and its notices call it.
FIELD_LABELS = {
    "nom": _("Nom du lieu"),
    "horaires": _("Horaires"),
    "horaires_texte": _("Horaires, en toutes lettres"),
    "telephone": _("Téléphone"),
    "services": _("Aides proposées"),
    "demarches": _("Démarches de santé"),
    "demarches_sante": _("Démarches de santé"),
    "frais_a_charge": _("Prix"),
    "courriels": _("Mail du lieu"),
    "site_web": _("Site internet"),
    "prise_rdv": _("Rendez-vous sur internet"),
    "adresse": _("Numéro et rue"),
    "complement_adresse": _("Complément d’adresse"),
    "code_postal": _("Code postal"),
    "commune": _("Ville"),
    "code_insee": _("Code officiel de la ville"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "presentation_resume": _("Présentation en une phrase"),
    "presentation_detail": _("Présentation"),
    "publics_specifiquement_adresses": _("Surtout pour"),
    "prise_en_charge_specifique": _("Accueil adapté"),
    "modalites_acces": _("Pour demander de l’aide"),
    "modalites_accompagnement": _("Comment on vous aide"),
    "itinerance": _("Lieu fixe ou mobile"),
    "fiche_acces_libre": _("Accès pour une personne handicapée"),
    "typologie": _("Type de lieu"),
    "structure_parente": _("Fait partie de"),
    "dispositif_programmes_nationaux": _("Programme national"),
    "formations_labels": _("Formation ou label"),
    "autres_formations_labels": _("Autres formations ou labels"),
    "pivot": _("Numéro SIRET"),
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
