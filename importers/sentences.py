"""What the importers say to the person who runs them: one French sentence for each code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from importers.pipeline.contract import Held, Refused

REFUSALS = {
    "absent": "Le fichier « {path} » n’existe pas ou ne peut pas être lu.",
    "vide": "Le fichier est vide : rien n’a été changé.",
    "html": "Le fichier est une page web (HTML), pas des données : l’adresse est sans doute mauvaise. "
    "Rien n’a été changé.",
    "hors-schema": "Le fichier n’est pas dans le schéma national des lieux de médiation numérique "
    "(colonnes manquantes : {missing}). Rien n’a été changé.",
    "tronque": "Le fichier est coupé avant la fin (enregistrement {row}) : le téléchargement s’est sans doute "
    "interrompu. Rien n’a été changé.",
    "illisible": "Le fichier ne peut pas être lu (ni CSV, ni JSON, ni gzip valides). Rien n’a été changé.",
    "trop-gros": "Le fichier dépasse la taille permise. Rien n’a été changé.",
    "trop-peu": "Le fichier est donné comme complet mais ne contient que {incoming} lieux pour {known} déjà connus "
    "(moins de 80 %). Rien n’a été changé.",
    "forme-inattendue": "La réponse n’a pas la forme attendue ({what}) : la source a sans doute changé. "
    "Rien n’a été changé.",
    "trop-de-rejets": "{rejected} lignes sur {rows} ne peuvent pas être lues (plus de 10 %). Rien n’a été changé.",
    "schema-change": "Les colonnes du fichier ne sont plus celles de la dernière fois (disparues : {gone} ; "
    "nouvelles : {new}). Rien n’a été changé.",
    "interrompu": "L’import s’est arrêté avant la fin (coupure ou redémarrage). Ce qui était fait est gardé.",
    "echec": "L’import s’est arrêté sur une erreur du site ({error}). Ce qui était fait est gardé.",
    "deja-decide": "Cet import n’attend plus de décision : quelqu’un l’a déjà accepté ou refusé.",
    "plus-recent": "Un import plus récent de cette source a été fait : celui-ci n’est plus à appliquer. "
    "Rien n’a été changé.",
    "territoire-inconnu": "Le territoire de cette source n’existe pas, ou plus ({codes}) : ni commune (code INSEE), "
    "ni epci:…, ni dep:…. Rien n’a été changé.",
    "import-inconnu": "Il n’y a pas d’import {run}.",
    "source-inconnue": "Il n’y a pas de source « {name} ».",
    "deja-en-cours": "Un import de cette source est déjà en cours : attendez qu’il se termine.",
    "arret": "La lecture s’est arrêtée avec le site. Elle recommence d’elle-même.",
    "adresse-interdite": "L’adresse mène à un réseau privé ({host}) : le site ne la lit pas. Rien n’a été changé.",
    "redirections": "L’adresse renvoie sans fin d’une adresse à l’autre. Rien n’a été changé.",
    "redirection-interdite": "L’adresse renvoie vers une autre qui n’est pas sûre ({address}) : elle n’est pas suivie. "
    "Rien n’a été changé.",
    "trop-tard": "Le serveur demande d’attendre jusqu’au {when}. Rien n’a été changé.",
    "type-inattendu": "L’adresse donne autre chose que des données ({type}). Rien n’a été changé.",
    "disque": "Le fichier n’a pas pu être écrit sur le disque ({error}). Rien n’a été changé.",
    "brut-absent": "Le fichier de cet import n’est plus gardé : il ne peut pas être relu.",
    "brut-abime": "Le fichier gardé de cet import est abîmé : il ne peut pas être relu.",
    "telechargement": "Le téléchargement a échoué ({error}). Rien n’a été changé.",
    "sans-pyarrow": "Le fichier est au format Parquet : installez pyarrow (pip install 'reseau[parquet]'), ou prenez "
    "le fichier JSON ou CSV. Rien n’a été changé.",
    "jeton-refuse": "Le jeton de l’API est refusé : il a peut-être expiré. Rien n’a été changé.",
    "jeton-en-clair": "Le jeton ne part que vers une adresse en https. Rien n’a été changé.",
    "sans-adresse": "Il manque une adresse ({nom}) à cette source. Rien n’a été changé.",
    "flux-absent": "Cette page n’annonce aucun flux (RSS, Atom, JSON) : cherchez sur le site l’adresse de son flux.",
    "flux-illisible": "Le fichier n’est ni un flux RSS, ni Atom, ni JSON Feed. Rien n’a été changé.",
    "flux-entites": "Le flux déclare des entités XML, ce qu’aucun flux honnête ne fait : il est refusé.",
    "veille-sans-source": "« {name} » n’est pas un flux de la veille : ajoutez-le d’abord à /gestion/veille/flux.",
    "agenda-illisible": "Le fichier n’est pas un agenda (iCalendar). Rien n’a été changé.",
    "agenda-trop-lourd": "L’agenda demande trop de calculs pour être lu. Rien n’a été changé.",
    "tableur-entete-inconnu": "Les titres de colonnes de ce tableau ne sont pas ceux qui ont été confirmés. "
    "Rien n’a été changé.",
    "tableur-sans-tableau": "Le fichier n’a pas de tableau de lieux. Rien n’a été changé.",
    "tableur-illisible": "Le tableur est abîmé ou incomplet. Rien n’a été changé.",
    "tableur-trop-lourd-a-lire": "Le tableur demande trop de mémoire ou de temps pour être lu. Rien n’a été changé.",
    "tableur-trop-de-colonnes": "Le tableau a plus de 200 colonnes. Rien n’a été changé.",
    "tableur-trop-de-lignes": "Le tableau a plus de 50 000 lignes. Rien n’a été changé.",
    "tableur-bombe": "Le tableur contient beaucoup plus qu’il n’y paraît. Rien n’a été changé.",
    "tableur-macros": "Le tableur contient des macros. Rien n’a été changé.",
    "tableur-ancien-ou-protege": "Le tableur est protégé, ou dans un ancien format. Rien n’a été changé.",
    "tableur-pas-un-tableur": "Le fichier n’est pas un tableur. Rien n’a été changé.",
}

REASONS = {
    "structure-inconnue": "service dont la structure n’a pas été lue",
    "identifiant-deja-lu": "identifiant déjà lu dans ce fichier",
    "id-manquant": "sans identifiant",
    "id-trop-long": "identifiant dont un morceau dépasse 2 000 octets",
    "nom-manquant": "sans nom",
    "sans-lieu": "ni commune, ni code postal, ni position",
    "ligne-illisible": "ligne illisible",
    "trop-de-colonnes": "ligne avec trop de colonnes",
    "valeur-inconnue": "valeur hors du vocabulaire national (gardée telle quelle)",
    "horaires-non-lus": "horaires qu’on ne peut pas lire sûrement (gardés en texte)",
    "coordonnees-invalides": "position impossible (tenue pour inconnue)",
    "telephone-illisible": "téléphone illisible",
    "nom-sans-lieu": "nom qui n’est pas celui d’un lieu (gardé tel quel)",
    "telephone-autre": "autre numéro de la même case (le premier est montré)",
    "telephone-fictif": "numéro qui ne peut être celui de personne (tenu pour inconnu)",
    "courriel-illisible": "mail illisible",
    "courriel-fictif": "mail d’un domaine qui n’existe pas (tenu pour inconnu)",
    "courriel-nominatif": "mail d’une personne (gardé, non montré)",
    "url-illisible": "adresse web illisible",
    "pivot-invalide": "SIRET ou RNA invalide",
    "date-invalide": "date illisible ou future",
    "octet-nul": "ligne avec un octet nul",
    "champ-trop-long": "ligne avec une valeur trop longue",
    "colonnes-manquantes": "ligne avec trop peu de colonnes",
    "pas-un-objet": "ligne qui n’est pas un lieu",
    "code-postal-invalide": "code postal invalide (tenu pour inconnu)",
    "code-insee-invalide": "code INSEE invalide (tenu pour inconnu)",
    "type-inattendu": "valeur d’un type inattendu (tenue pour inconnue)",
    "telephone-etranger": "téléphone hors de France",
    "url-interdite": "adresse web d’un type interdit",
    "texte-absent": "la source donne la ressource comme publique, mais son texte n’est pas là",
    "texte-illisible": "texte d’une autre forme que celle attendue",
    "page-absente": "page que personne ne peut ouvrir (base supprimée ?) : la ressource est retirée",
    "telechargement": "téléchargement échoué : nouvel essai au prochain import",
    "sans-theme": "sans thème de notre liste",
    "fiche-impossible": "fiche impossible à écrire",
    "url-fictive": "adresse web d’un domaine qui n’existe pas (tenue pour inconnue)",
    "entree-sans-adresse": "entrée de flux sans adresse web",
    "entree-sans-titre": "entrée de flux sans titre ni texte",
    "evenement-sans-debut": "événement sans début lisible",
    "evenement-sans-titre": "événement sans titre",
    "repetition-impossible": "événement dont la répétition ne peut pas être calculée",
    "repetition-trop-serree": "événement répété plus d’une fois par heure : ses répétitions sont laissées",
}

WARNINGS = {
    "encodage-cp1252": "le fichier n’est pas tout en UTF-8 : les autres octets ont été lus comme du Windows-1252",
    "colonne-en-double": "une colonne est deux fois dans le fichier : la première est lue",
}


def refusal(error: Refused | Held) -> str:
    """The sentence for a file that is refused or held."""
    return said(error.code, error.details)


def said(code: str, details: Mapping[str, Any]) -> str:
    """The sentence for ``ImportRun.error`` and ``error_detail``; a code or a detail that is missing is no error."""
    try:
        return REFUSALS.get(code, code).format(**details)
    except (KeyError, IndexError):
        return REFUSALS[code]


def hint(code: str) -> str:
    """What only who runs the site can do about a refusal, for the terminal; "" when there is nothing."""
    return " (Réglage RESEAU_ALLOW_PRIVATE_ADDRESSES.)" if code == "adresse-interdite" else ""


def warning(code: str) -> str:
    """The words for a warning."""
    return WARNINGS.get(code, code)


def reason(code: str) -> str:
    """The words for a reason; a code without words is shown as it is."""
    return REASONS.get(code, code)
