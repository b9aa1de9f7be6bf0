"""One sentence, in the reader's language, for each reason why a content cannot be kept or published."""

from __future__ import annotations

from reseau.core.wording import Wording, _
from resources.base.content import ContentError

SENTENCES: dict[str, str] = {
    "no-title": _("Donnez un titre."),
    "long-title": _("Ce titre est trop long : %(most)s caractères au plus."),
    "long-summary": _("Ce résumé est trop long : %(most)s caractères au plus."),
    "long-text": _("Ce texte est trop long : %(most)s caractères au plus."),
    "long-alt": _("La description de l’image est trop longue : %(most)s caractères au plus."),
    "too-many-blocks": _("C’est trop long : %(most)s étapes ou blocs au plus. Faites-en plusieurs ressources."),
    "too-large": _("L’ensemble est trop long. Faites-en plusieurs ressources."),
    "key-twice": _("Deux blocs ont le même nom. Rechargez la page et recommencez."),
    "bad-key": _("Ce bloc n’a pas un nom correct. Rechargez la page et recommencez."),
    "wrong-part": _("Ce bloc ne peut pas aller dans cette partie."),
    "unknown-value": _("Une des réponses n’existe pas dans la liste."),
    "bad-number": _("Un des nombres n’est pas possible."),
    "bad-url": _("Cette adresse n’est pas celle d’un site : elle doit commencer par https:// ou http://."),
    "no-summary": _("Écrivez un résumé, en une ou deux phrases."),
    "no-theme": _("Choisissez au moins un thème ou une démarche."),
    "no-url": _("Donnez l’adresse du site."),
    "no-block": _("Ajoutez au moins un texte ou un fichier."),
    "no-alt": _("Décrivez l’image pour les personnes qui ne la voient pas."),
    "no-consent": _("Un témoignage ne se publie qu’avec l’accord de la personne."),
    "no-front-matter": _("Ce fichier n’a pas d’en-tête."),
    "bad-front-matter": _("L’en-tête de ce fichier ne peut pas être lu."),
    "bad-heading": _("Un titre de ce fichier ne peut pas être lu."),
    "bad-side": _("Un encadré de ce fichier n’est pas fermé."),
    "bad-date": _("Une des dates ne peut pas être lue : il faut le jour, l’heure et le fuseau horaire."),
    "bad-file": _("Le fichier %(name)s n’est pas d’un type accepté."),
    "no-file": _("Le fichier %(name)s n’est pas là."),
    "text-before-block": _("Ce fichier commence par un texte qui n’a pas de titre."),
}


def sentence(error: ContentError, wording: Wording) -> str:
    """What to tell whoever sent it."""
    return wording.gettext(
        SENTENCES[error.code], **{"most": "", "name": "", **{k: str(v) for k, v in error.values.items()}}
    )
