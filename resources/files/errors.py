"""Why a file is not taken, and the sentence that says so."""

from __future__ import annotations

from typing import Any

from reseau.core.wording import Wording, _

SENTENCES: dict[str, str] = {
    "unreadable-form": _("L’envoi n’a pas pu être lu. Rien n’a été enregistré : recommencez."),
    "truncated": _("L’envoi s’est arrêté avant la fin. Rien n’a été enregistré : recommencez."),
    "too-many-parts": _("Trop de fichiers ou de réponses à la fois : envoyez-les en plusieurs fois."),
    "text-too-long": _("Votre texte est trop long pour être envoyé avec un fichier : raccourcissez-le."),
    "too-large": _("« %(name)s » est trop lourd : %(most)s Mo au plus par fichier."),
    "empty": _("« %(name)s » est vide."),
    "disk-full": _("Le site n’a plus de place pour ce fichier en ce moment. Réessayez plus tard."),
    "html": _(
        "« %(name)s » est une page web. Elle pourrait être piégée : envoyez plutôt un PDF, ou donnez son adresse."
    ),
    "program": _("« %(name)s » est un programme, ou en contient un : le site n’en accepte pas."),
    "macros": _("« %(name)s » contient des macros, qui sont des programmes. Enregistrez-le sans macros."),
    "active-drawing": _("« %(name)s » est un dessin qui contient un programme. Enregistrez-le en PNG ou en PDF."),
    "old-office": _(
        "« %(name)s » est dans un ancien format. Ouvrez-le, puis enregistrez-le en ODT, DOCX, ODS, XLSX, ODP ou PPTX."
    ),
    "encrypted": _(
        "« %(name)s » est protégé par un mot de passe : personne ne pourrait le lire. Enlevez le mot de passe."
    ),
    "bomb": _("« %(name)s » contient beaucoup plus qu’il n’y paraît. Le site ne l’accepte pas."),
    "damaged": _("« %(name)s » est abîmé ou incomplet. Ouvrez-le sur votre appareil pour vérifier, puis recommencez."),
    "unknown-type": _(
        "Le site n’accepte pas ce type de fichier : « %(name)s ». Vous pouvez envoyer : PDF, images, documents, "
        "tableaux et diaporamas, sons, vidéos MP4 ou WebM, textes, sous-titres, ZIP."
    ),
    "infected": _("« %(name)s » contient un virus. Il n’a pas été gardé. Faites vérifier votre appareil."),
    "scanner-away": _("Les fichiers ne peuvent pas être vérifiés en ce moment. Réessayez dans un instant."),
    "quota-structure": _(
        "Il n’y a plus assez de place : il reste %(left)s Mo à votre structure, « %(name)s » fait %(size)s Mo. "
        "Supprimez des fichiers qui ne servent plus, ou demandez à la coordination."
    ),
    "quota-person": _(
        "Il n’y a plus assez de place : il vous reste %(left)s Mo, « %(name)s » fait %(size)s Mo. "
        "Supprimez des fichiers qui ne servent plus, ou demandez à la coordination."
    ),
}
#: Said to the authors of a resource, beside a file.
UNREADABLE_TEXT = _("Le texte de ce fichier ne peut pas être lu : il ne sera pas trouvé par la recherche.")
WAITING = _("Ce fichier est en cours de lecture.")


class UploadError(Exception):
    """A file, or the form that it came in, is not taken; nothing of it is kept.

    :param code: of :data:`SENTENCES`. :param name: of the file, cleaned. :param values: ``most``, ``left``, ``size``
        (MB).
    """

    def __init__(self, code: str, name: str = "", **values: Any) -> None:
        super().__init__(f"{code} {values or ''}".rstrip())
        self.code, self.name, self.values = code, name, values


def sentence(error: UploadError, wording: Wording) -> str:
    """What to tell whoever sent it: plain text."""
    values = {"name": error.name, "most": "", "left": "", "size": "", **error.values}
    return wording.gettext(SENTENCES[error.code], **values)


def megabytes(size: int) -> str:
    """Bytes in MB (1,000,000 bytes) as a person writes it: ``12``, ``0,3`` below 10."""
    value = size / 1_000_000
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}".replace(".", ",")
