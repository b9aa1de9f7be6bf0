"""The words of the watch: French msgids, translated when a page is made."""

from __future__ import annotations

from importers.veille.tray import View
from reseau.core.wording import _

VIEWS = {
    View.NEW: _("À trier"),
    View.KEPT: _("Gardées"),
    View.LETTER: _("Pour la lettre"),
    View.TURNED: _("Devenues des liens"),
    View.DROPPED: _("Écartées"),
}
#: What was just done, by the parameter ``fait``.
DONE = {
    "garder": _("Actualité gardée."),
    "ecarter": _("Actualité écartée."),
    "tout": _("Toute la page est écartée."),
    "lettre": _("Actualité marquée pour la prochaine lettre, et gardée."),
    "sans-lettre": _("Actualité retirée de la prochaine lettre."),
    "annuler": _("C’est annulé."),
    "lien": _("Le lien est publié dans les ressources."),
    "brouillon": _("Le lien est dans vos brouillons de ressources."),
    "deja": _("Quelqu’un d’autre l’a déjà fait, ou l’actualité n’est plus là : rien n’a changé."),
    "deja-lien": _("Cette actualité est déjà devenue un lien."),
}
#: What was just done to feeds.
FEEDS_DONE = {
    "ajoute": _("Flux ajouté. Il sera lu dans les minutes qui viennent."),
    "change": _("Flux modifié."),
    "deja": _("Ce flux est déjà suivi."),
    "supprime": _("Flux supprimé."),
    "garde": _("Ce flux a déjà donné des actualités : il n’est pas supprimé. Arrêtez-le plutôt."),
}
OPML_REFUSED = _("Ce fichier n’est pas une liste de flux (OPML), ou il est trop gros.")
OPML_EMPTY = _("Choisissez un fichier OPML.")
