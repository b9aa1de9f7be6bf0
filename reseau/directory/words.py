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
    "label-local": _("Label local"),
}
OWN_LABELS = {
    ("ouvert", "maintenant"): _("Ouvert maintenant"),
    ("ouvert", "soir"): _("Ouvert au moins un soir après 18 h"),
    ("ouvert", "weekend"): _("Ouvert le samedi ou le dimanche"),
    ("rdv", "sur-rendez-vous"): _("Sur rendez-vous"),
    ("rdv", "sans-rendez-vous"): _("Sans rendez-vous"),
    ("modalite", "itinerant"): _("Se déplace près de chez vous"),
    ("label-local", "oui"): _("Lieux qui ont le label local"),
}
#: A field of a sheet, as its form, its history and its notices call it. The only table of them: no room has its own.
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
    "verify_every": _("Rappel pour vérifier la fiche"),
}
#: Fields that only mean something together, by the first of each group (``fields.TOGETHER``).
GROUP_LABELS = {
    "adresse": _("Adresse"),
    "latitude": _("Place sur la carte"),
    "horaires": _("Horaires"),
}
#: What an offer says (``offers.CONTENT``).
OFFER_LABELS = {
    "nom": _("Nom"),
    "description": _("Description"),
    "type": _("Sorte d’aide"),
    "thematiques": _("Pour quoi faire"),
    "demarches": _("Démarches de santé"),
    "publics": _("Surtout pour"),
    "frais": _("Prix"),
    "frais_precisions": _("Précisions sur le prix"),
    "modes_accueil": _("Où"),
    "horaires_accueil": _("Horaires"),
    "telephone": _("Téléphone"),
    "courriel": _("Mail"),
    "lien_mobilisation": _("Page pour s’inscrire ou prendre rendez-vous"),
}
#: Criteria of ``quality``: said after "Il manque :", to who can write it.
CRITERIA_TITLES = {
    "fraicheur": _("une vérification récente"),
    "horaires": _("les horaires"),
    "telephone": _("un téléphone"),
    "adresse": _("l’adresse"),
    "offre": _("les aides et les démarches de santé"),
    "acces": _("comment demander de l’aide, et comment on vous aide"),
    "prix": _("le prix"),
    "description": _("une présentation (80 lettres au moins)"),
    "contact": _("un mail, un site ou une prise de rendez-vous"),
    "position": _("la place sur la carte"),
}
#: What is wrong (``suggestions.REASONS``, in the order of the form), then the reasons of the form of before.
SUGGESTION_TITLES = {
    "telephone": _("Le téléphone"),
    "horaires": _("Les horaires"),
    "adresse": _("L’adresse"),
    "courriel": _("L’adresse mail"),
    "site": _("Le site internet"),
    "prix": _("Le prix"),
    "offre": _("Ce qu’on y fait"),
    "ferme": _("Le lieu est fermé pour toujours"),
    "doublon": _("Ce lieu est deux fois dans l’annuaire"),
    "position": _("Le lieu est mal placé sur la carte"),
    "autre": _("Autre chose"),
    "contact": _("Le téléphone, le mail ou le site"),
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
