"""A sentence for each rule: what it did, for the person who reads where a value comes from."""

from __future__ import annotations

from typing import Final

from reseau.core.wording import _

__all__ = ["SENTENCES", "sentence"]

_TEXTS: Final = {
    "accents-decomposes": _("Lettre et accent écrits à part : réunis."),
    "guillemet-large": _("Guillemet de remplacement : le guillemet ordinaire est remis."),
    "apostrophe-windows": _("Signe codé pour Windows (apostrophe, tiret…) : remis en clair."),
    "invisible": _("Caractères invisibles : retirés."),
    "caracteres-dos": _("Lettre accentuée devenue un dessin (ancien codage DOS) : rétablie."),
    "html": _("Balises et codes de page web : retirés."),
    "accents-doubles": _("Accents codés deux fois : rétablis."),
    "espaces": _("Espaces ou retours à la ligne en trop : retirés."),
    "trop-long": _("Texte trop long : coupé."),
}
_CODES: Final = {
    "point-zero": _("Nombre passé par un tableur (« .0 ») : la décimale est retirée."),
    "cedex": _("Mention « CEDEX » : retirée."),
    "zero-perdu": _("Zéro du début perdu dans un tableur : remis."),
    "ponctuation": _("Espaces et signes entre les chiffres : retirés."),
    "virgule-decimale": _("Virgule des décimales : changée en point."),
    "date-sans-heure": _("Date avec une heure : seul le jour est gardé."),
    "date-francaise": _("Date écrite jour/mois/année : mise dans l’ordre international."),
    "date-unix": _("Date écrite en secondes : traduite en jour."),
    "id-de-remplacement": _("La ligne n’a pas d’identifiant : un identifiant est calculé du nom et de l’adresse."),
}
_PLACES: Final = {
    "prefixe-vide": _("Mot « null » devant l’adresse : retiré."),
    "numero-zero": _("Numéro de rue zéro : retiré."),
    "exposant-perdu": _("Exposant au milieu d’un mot : retiré."),
    "code-postal-dans-la-commune": _("Code postal écrit avec la commune : séparé."),
    "code-postal-de-la-commune": _("Code postal pris dans la case de la commune."),
    "commune-dans-l-adresse": _("Code postal et commune écrits dans l’adresse : séparés."),
    "code-postal-cedex": _("Code postal réservé au courrier : remplacé par le seul code de la commune."),
    "code-postal-retrouve": _("Code postal absent : la commune n’en a qu’un, c’est lui."),
    "code-insee-inconnu": _("Ce code INSEE n’existe pas : il n’est pas gardé."),
    "commune-nouvelle": _("Commune réunie à une autre, ou arrondissement : c’est le code de la commune d’aujourd’hui."),
    "commune-reconnue": _("Code INSEE trouvé d’après le nom et le code postal, qui ne désignent qu’une commune."),
    "nom-officiel": _("Nom de la commune : écrit comme l’INSEE l’écrit."),
}
_PHONES: Final = {
    "zero-optionnel": _("Zéro entre parenthèses : retiré."),
    "parentheses-indicatif": _("Parenthèses autour de l’indicatif : retirées."),
    "remarque": _("Remarque entre parenthèses : retirée."),
    "poste": _("Numéro de poste interne : retiré, le standard répond."),
    "barres-entre-chiffres": _("Barres entre les chiffres : retirées."),
    "plus-zero": _("« + » devant un numéro français : retiré."),
    "prefixe-00": _("« 00 » de l’international : changé en « + »."),
    "zero-apres-indicatif": _("Zéro après l’indicatif : retiré."),
    "plus-manquant": _("« + » manquant devant l’indicatif : ajouté."),
}
_WEB: Final = {
    "mailto": _("« mailto: » : retiré."),
    "libelle": _("Mot devant l’adresse (« courriel : ») : retiré."),
    "arobase-cachee": _("Arobase cachée ([a], [at]…) : remise."),
    "arobase-double": _("Arobase doublée : une seule est gardée."),
    "espace-avant-point": _("Espace avant un point : retirée."),
    "ponctuation-au-bord": _("Ponctuation au bord : retirée."),
    "accents": _("Accents, qu’une adresse ne peut pas avoir : retirés."),
    "casse": _("Majuscules : mises en minuscules."),
    "espace-dans-le-domaine": _("Espace au milieu du domaine : retirée."),
    "protocole-double": _("« http:// » écrit deux fois : une fois suffit."),
    "deux-points-deplaces": _("« : » mal placé dans « http:// » : remis."),
    "deux-points-manquants": _("« : » absent de « http:// » : ajouté."),
    "barres": _("Barres de « http:// » en trop ou en moins : corrigées."),
    "virgule-apres-www": _("Virgule après « www » : changée en point."),
    "protocole-manquant": _("Adresse sans « http:// » : ajouté."),
    "valeur-deplacee": _("Valeur rangée dans une autre colonne : remise dans la sienne."),
}
_HOURS: Final = {
    "horaires-html-entities": _("Codes de page web dans les horaires : traduits."),
    "horaires-invisible": _("Caractères invisibles dans les horaires : retirés."),
    "horaires-dashes": _("Tirets de diverses longueurs dans les horaires : les mêmes partout."),
    "horaires-quotes": _("Guillemets des horaires : ordinaires."),
    "horaires-blanks": _("Espaces en trop dans les horaires : retirées."),
    "horaires-h-for-colon": _("« h » au lieu de « : » dans les horaires : changé."),
    "horaires-two-digit-hours": _("Heures écrites avec un chiffre : avec deux."),
    "horaires-inner-blanks": _("Espaces au milieu des heures : retirées."),
    "horaires-rule-separators": _("Séparateurs des horaires : corrigés."),
    "horaires-trailing-separator": _("Séparateur à la fin des horaires : retiré."),
    "horaires-all-year": _("« Toute l’année » : c’est le cas ordinaire, retiré."),
    "horaires-e-for-a": _("« è » tapé pour « à » entre deux heures : corrigé."),
    "horaires-0-for-a": _("« 0 » tapé pour « à » entre deux heures : corrigé."),
    "horaires-french": _("Horaires écrits en français : traduits, la phrase reste à côté."),
}
SENTENCES: Final = {**_TEXTS, **_CODES, **_PLACES, **_PHONES, **_WEB, **_HOURS}


def sentence(rule: str) -> str:
    """The sentence of a rule (gettext, to be translated by who shows it); its name when it has none."""
    return SENTENCES.get(rule, rule)
