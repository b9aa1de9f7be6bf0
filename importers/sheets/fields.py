"""Where a column may go: the fields of standard-mediation-num 1.0.2 in plain French, and the days of the week."""

from __future__ import annotations

from typing import Final

from reseau.core.wording import _

DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
#: Field → label, in the order in which a person looks for it.
FIELDS: Final[dict[str, str]] = {
    "nom": _("Nom du lieu"), "adresse": _("Adresse (numéro et rue)"), "complement_adresse": _("Complément d’adresse"),
    "code_postal": _("Code postal"), "commune": _("Commune"), "code_insee": _("Code INSEE de la commune"),
    "latitude": _("Latitude"), "longitude": _("Longitude"), "telephone": _("Téléphone du lieu"),
    "courriels": _("Courriel du lieu"), "site_web": _("Site internet"), "horaires": _("Horaires d’ouverture"),
    "lundi": _("Horaires du lundi"), "mardi": _("Horaires du mardi"), "mercredi": _("Horaires du mercredi"),
    "jeudi": _("Horaires du jeudi"), "vendredi": _("Horaires du vendredi"), "samedi": _("Horaires du samedi"),
    "dimanche": _("Horaires du dimanche"), "typologie": _("Type de lieu"), "services": _("Services proposés"),
    "presentation_resume": _("Présentation courte"), "presentation_detail": _("Présentation détaillée"),
    "publics_specifiquement_adresses": _("Publics visés"),
    "prise_en_charge_specifique": _("Prise en charge spécifique"),
    "frais_a_charge": _("Frais"), "modalites_acces": _("Comment y accéder"),
    "modalites_accompagnement": _("Formes d’accompagnement"), "itinerance": _("Itinérance"),
    "prise_rdv": _("Lien pour prendre rendez-vous"), "fiche_acces_libre": _("Fiche Acceslibre (lien)"),
    "dispositif_programmes_nationaux": _("Programmes nationaux"), "formations_labels": _("Formations et labels"),
    "autres_formations_labels": _("Autres formations et labels"), "structure_parente": _("Structure qui porte le lieu"),
    "id": _("Identifiant du partenaire"), "pivot": _("SIRET ou RNA"), "source": _("Source de la ligne"),
    "date_maj": _("Date de mise à jour"),
}  # fmt: skip
LISTS: Final = frozenset({
    "typologie", "services", "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge",
    "modalites_acces", "modalites_accompagnement", "itinerance", "dispositif_programmes_nationaux",
    "formations_labels", "autres_formations_labels",
})  # fmt: skip
#: Fields that several columns may give, and what is put between them.
JOINS: Final[dict[str, str]] = {
    **dict.fromkeys(LISTS, "|"), "telephone": "|", "courriels": "|", "site_web": "|", "adresse": " ",
    "complement_adresse": ", ", "horaires": " ; ", "presentation_resume": " ", "presentation_detail": "\n\n",
}  # fmt: skip
#: One of these is needed to know where a place is.
SOMEWHERE: Final = ("commune", "code_postal", "code_insee", "latitude")
