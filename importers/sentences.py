"""What the importers say to the person who runs them: one French sentence for each code."""

from __future__ import annotations

from importers.pipeline.contract import Refused

REFUSALS = {
    "absent": "Le fichier « {path} » n'existe pas ou ne peut pas être lu.",
    "vide": "Le fichier est vide : rien n'a été changé.",
    "html": "Le fichier est une page web (HTML), pas des données : l'adresse est sans doute mauvaise. "
    "Rien n'a été changé.",
    "hors-schema": "Le fichier n'est pas dans le schéma national des lieux de médiation numérique "
    "(colonnes manquantes : {missing}). Rien n'a été changé.",
    "tronque": "Le fichier est coupé avant la fin (enregistrement {row}) : le téléchargement s'est sans doute "
    "interrompu. Rien n'a été changé.",
    "illisible": "Le fichier ne peut pas être lu (ni CSV, ni JSON, ni gzip valides). Rien n'a été changé.",
    "trop-gros": "Le fichier dépasse la taille permise. Rien n'a été changé.",
    "trop-peu": "Le fichier est donné comme complet mais ne contient que {incoming} lieux pour {known} déjà connus "
    "(moins de 80 %). Rien n'a été changé.",
    "deja-en-cours": "Un import de cette source est déjà en cours : attendez qu'il se termine.",
    "adresse-interdite": "L'adresse mène à un réseau privé ({host}) : elle est refusée "
    "(réglage RESEAU_ALLOW_PRIVATE_ADDRESSES).",
    "telechargement": "Le téléchargement a échoué ({error}). Rien n'a été changé.",
}

REASONS = {
    "identifiant-deja-lu": "identifiant déjà lu dans ce fichier",
    "id-manquant": "sans identifiant",
    "id-trop-long": "identifiant de plus de 2 000 octets",
    "nom-manquant": "sans nom",
    "sans-lieu": "ni commune, ni code postal, ni position",
    "ligne-illisible": "ligne illisible",
    "trop-de-colonnes": "ligne avec trop de colonnes",
    "valeur-inconnue": "valeur hors du vocabulaire national (gardée telle quelle)",
    "horaires-non-lus": "horaires qu'on ne peut pas lire sûrement (gardés en texte)",
    "coordonnees-invalides": "position impossible (tenue pour inconnue)",
    "telephone-illisible": "téléphone illisible",
    "telephone-fictif": "numéro réservé à la fiction (tenu pour inconnu)",
    "courriel-illisible": "courriel illisible",
    "courriel-fictif": "courriel d'un domaine qui n'existe pas (tenu pour inconnu)",
    "courriel-nominatif": "courriel d'une personne (gardé, non montré)",
    "url-illisible": "adresse web illisible",
    "pivot-invalide": "SIRET ou RNA invalide",
    "date-invalide": "date illisible ou future",
    "octet-nul": "ligne avec un octet nul",
    "champ-trop-long": "ligne avec une valeur trop longue",
    "colonnes-manquantes": "ligne avec trop peu de colonnes",
    "pas-un-objet": "ligne qui n'est pas un lieu",
    "code-postal-invalide": "code postal invalide (tenu pour inconnu)",
    "code-insee-invalide": "code INSEE invalide (tenu pour inconnu)",
    "type-inattendu": "valeur d'un type inattendu (tenue pour inconnue)",
    "telephone-etranger": "téléphone hors de France",
    "url-interdite": "adresse web d'un type interdit",
    "url-fictive": "adresse web d'un domaine qui n'existe pas (tenue pour inconnue)",
}

WARNINGS = {
    "encodage-cp1252": "le fichier n'est pas tout en UTF-8 : les autres octets ont été lus comme du Windows-1252",
    "colonne-en-double": "une colonne est deux fois dans le fichier : la première est lue",
}


def refusal(error: Refused) -> str:
    """The sentence for a refused file."""
    return REFUSALS[error.code].format(**error.details)


def warning(code: str) -> str:
    """The words for a warning."""
    return WARNINGS.get(code, code)


def reason(code: str) -> str:
    """The words for a reason; a code without words is shown as it is."""
    return REASONS.get(code, code)
