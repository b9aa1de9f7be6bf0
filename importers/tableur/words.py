"""What the pages and the mails of spreadsheets say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reseau.core.wording import Wording, _

REFUSALS = {
    "aucun": _("Choisissez un fichier."),
    "trop-lourd": _("Ce fichier est trop lourd : 20 Mo au plus."),
    "ancien-ou-protege": _(
        "Ce fichier est protégé par un mot de passe, ou dans un ancien format (.xls). Enregistrez-le sans mot de "
        "passe, en XLSX, ODS ou CSV."
    ),
    "macros": _("Ce fichier contient des macros, qui sont des programmes. Enregistrez-le en XLSX, sans macros."),
    "pas-un-tableur": _("Ce fichier n’est pas un tableur. Envoyez un CSV, un XLSX ou un ODS."),
    "illisible": _(
        "Ce fichier est abîmé ou incomplet. Ouvrez-le dans votre tableur, enregistrez-le, puis renvoyez-le."
    ),
    "bombe": _("Ce fichier contient beaucoup plus qu’il n’y paraît. Le site ne l’accepte pas."),
    "trop-de-colonnes": _("Ce tableau a trop de colonnes : 200 au plus."),
    "trop-de-lignes": _("Ce tableau a trop de lignes : 50 000 au plus."),
    "trop-lourd-a-lire": _(
        "Ce fichier demande trop de mémoire ou de temps pour être lu. Gardez seulement la feuille des lieux."
    ),
    "occupe": _("D’autres tableurs sont en cours de lecture. Réessayez dans un instant."),
    "sans-tableau": _(
        "Nous ne trouvons pas de tableau de lieux : il faut une ligne de titres de colonnes, et des lignes dessous."
    ),
    "personnes-aidees": _(
        "La colonne « %(column)s » semble parler des personnes aidées. Ce site n’en reçoit aucune donnée : le fichier "
        "n’a pas été gardé. Supprimez cette colonne, puis renvoyez-le."
    ),
}
WHY = {
    "personne": _(
        "Semble parler d’une personne : ce site ne garde pas les noms de ceux qui travaillent dans les lieux."
    ),
    "vide": _("Colonne vide."),
}
NO_NAME = _("Dites quelle colonne donne le nom du lieu.")
NO_PLACE = _("Dites quelle colonne donne la commune, le code postal, le code INSEE ou la position.")
TWICE = _("Deux colonnes vont dans « %(field)s » : une seule peut y aller.")
NO_FIELD = _("« %(said)s » n’est pas dans la liste. Choisissez un nom de la liste, ou videz la case.")
DID_YOU_MEAN = _("« %(said)s » n’est pas dans la liste. Vouliez-vous dire « %(field)s » ?")
NO_LINE = _("Écrivez le numéro d’une ligne du tableau : un nombre, de 1 à %(most)s.")
UNREAD = _("La ligne %(line)s n’est pas une ligne de titres : il faut des titres, et des lieux dessous.")
NO_PARTNER = _("Dites qui a fait ce tableau : choisissez un partenaire, ou écrivez son nom.")
SENT = {
    "recu": _("Fichier reçu. Vérifiez où va chaque colonne."),
    "reconnu": _("Ces colonnes sont déjà connues : l’essai commence."),
    "essai": _("Colonnes enregistrées : l’essai commence."),
    "relu": _("Le fichier est relu avec cette ligne de titres."),
    "importe": _("C’est demandé : l’import commence dans la minute."),
    "deja": _("C’était déjà demandé : rien n’a changé."),
    "retire": _("Le fichier est retiré."),
}


def refusal(found: Mapping[str, Any], say: Wording) -> str:
    """The sentence for ``{"refused": code, "column": name}``."""
    text = REFUSALS.get(found["refused"], REFUSALS["illisible"])
    return say.gettext(text, column=found.get("column", ""))
