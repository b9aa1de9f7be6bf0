"""What is said back to who answered by mail: why their answer was not published, which files were not kept. It goes to
the address of their account only."""

from __future__ import annotations

from collections.abc import Sequence

from reseau.core.letters import Letter, Written
from reseau.core.wording import Wording, _
from reseau.threads.base.shapes import MAX_TEXT
from reseau.threads.base.text import guess_lang
from resources.base.langs import direction

BY_MAIL_A_DAY = 5  # answers of one person to one thread
_WHY = _("Vous recevez ce message parce qu’un mail a répondu à un de nos messages, qui était pour vous.")
_KEPT = _("Votre texte est gardé : ouvrez la page pour le relire, et le publier si vous le voulez.")
REASONS: dict[str, str] = {
    "elsewhere": _(
        "Un message est arrivé depuis une autre adresse que celle de votre compte ; il n’a pas été publié. "
        "Si c’est bien vous, ouvrez la page : son texte y est gardé comme brouillon. Sinon, effacez-le."
    ),
    "closed": _("Ce fil est fermé : on n’y répond plus. Vous pouvez commencer un autre fil avec votre texte."),
    "away": _("Vous n’avez plus accès à ce sujet, ou le message auquel vous répondiez n’est plus là."),
    "suspended": _("Votre compte est suspendu : écrivez à la coordination pour en parler."),
    "limited": _("Vous avez envoyé beaucoup de réponses par mail en peu de temps. Attendez un peu, puis recommencez."),
    "often": _(
        "Vous avez déjà répondu %(times)s fois par mail à ce fil aujourd’hui. Pour continuer, écrivez sur la page."
    ),
    "same": _("Elle dit la même chose que votre réponse d’avant, déjà publiée dans ce fil."),
    "too-long": _("Votre texte est trop long : %(limit)s caractères au plus."),
    "personal": _("Elle semble contenir un numéro de sécurité sociale. Enlevez-le avant de la publier."),
    "too-large": _("Votre mail est trop lourd : %(most)s Mo au plus, fichiers compris. Répondez plutôt sur la page."),
    "unfound": _(
        "Nous n’avons pas trouvé votre texte dans ce mail. Écrivez-le au-dessus du message auquel vous répondez, ou "
        "répondez sur la page."
    ),
    "broken": _("Votre mail n’a pas pu être lu. Répondez plutôt sur la page."),
}
_TOLD = frozenset({"closed", "away", "suspended", "limited", "often", "personal", "too-long"})


def refused(lang: str, reason: str, url: str, *, text: str = "", most: int = 0) -> Letter:
    """An answer was not published. :param reason: of ``REASONS``. :param url: where to answer on the site, or "".

    :param text: what they wrote: it comes back in the mail, so that it is not lost even without access.
    """
    say = Wording.of(lang)
    paragraphs = [say.gettext(REASONS[reason], limit=MAX_TEXT, most=most, times=BY_MAIL_A_DAY)]
    if text and url and reason in _TOLD:
        paragraphs.append(say.gettext(_KEPT))
    after = (say.gettext(_("Vous aviez écrit :")), _written(text, say.lang)) if text and not url else ()
    return Letter(
        "reponse-refusee", say.lang, say.gettext(_("Votre réponse par mail n’a pas été publiée")), tuple(paragraphs),
        button=(say.gettext(_("Ouvrir la page")), url) if url else None, after=after, why=say.gettext(_WHY),
    )  # fmt: skip


def _written(text: str, lang: str) -> Written:
    """Their words, in the language that they seem to be in."""
    guessed = guess_lang(text, lang)
    return Written(text, guessed, direction(guessed))


def files_left(lang: str, files: Sequence[tuple[str, str]], url: str) -> Letter:
    """Files that came with an answer were not kept. :param files: (name, why, as a sentence)."""
    say = Wording.of(lang)
    return Letter(
        "reponse-fichiers", say.lang, say.gettext(_("Un fichier joint à votre réponse n’a pas été gardé")),
        (say.gettext(_("Votre réponse est publiée, mais pas tout ce qui l’accompagnait :")),), facts=tuple(files),
        button=(say.gettext(_("Lire la réponse")), url), why=say.gettext(_WHY),
    )  # fmt: skip
