"""The words of filters and orders: French msgids, translated when a page is made."""

from __future__ import annotations

from reseau.core.vocabularies import vocabulary
from reseau.core.wording import Wording, _
from resources.base import langs
from resources.base.shapes import KIND_LABELS, NIVEAUX, Kind
from resources.finding.facts import FACETS

TITLES = {
    "type": _("Type de ressource"),
    "theme": _("Thème"),
    "demarche": _("Démarches de santé"),
    "public": _("Pour qui"),
    "niveau": _("Niveau"),
    "support": _("Support"),
    "langue_contenu": _("Langue de la ressource"),
    "licence": _("Licence"),
}
PARAMETERS = {"q": _("Recherche"), "tri": _("Ordre"), "page": _("Page"), **TITLES}
SORT_LABELS = {
    "pertinence": _("Ce qui répond le mieux à votre recherche"),
    "date": _("Les plus récentes"),
    "titre": _("Par titre, de A à Z"),
    "utile": _("Celles qui ont le plus aidé"),
}
UNDERSTOOD = _("Vous avez écrit « %(typed)s ». Nous avons cherché « %(understood)s ».")
IGNORED = _("%(title)s : nous n’avons pas compris « %(value)s » et ne l’avons pas utilisé.")
IN_LANGUAGES = _("Nous cherchons dans les ressources en %(languages)s.")
OF_KINDS = _("Nous cherchons seulement : %(kinds)s.")
LOOSENED = _("Aucune ressource ne répond à tous les mots. En voici qui répondent à une partie des mots.")
UNUSED = {
    "page": _("Cette page n’existe pas. Voici la première page."),
    "tri": _("Pour trier selon votre recherche, écrivez d’abord ce que vous cherchez."),
}


def option_label(name: str, code: str, lang: str) -> str:
    """The words of a filter's value, in a language of the interface."""
    say = Wording.of(lang)
    if name == "type":
        return say.gettext(KIND_LABELS[Kind(code)])
    if name == "niveau":
        return say.gettext(NIVEAUX[code])
    if name == "langue_contenu":
        return langs.name(code, say.lang)
    term = vocabulary(FACETS[name][1] if name in FACETS else "licences").get(code)
    return term.label(say.lang) if term else code
