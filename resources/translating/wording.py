"""The words of translating: states, fields, what to tell whoever was refused."""

from __future__ import annotations

from reseau.core.wording import _
from resources.base.shapes import BLOCK_LABELS, BlockKind
from resources.base.translations import UnitState

STATES: dict[UnitState, str] = {
    UnitState.MISSING: _("À traduire"),
    UnitState.MACHINE: _("Traduit par une machine, à relire"),
    UnitState.DRAFT: _("Brouillon"),
    UnitState.IN_REVIEW: _("À relire par une autre personne"),
    UnitState.PUBLISHED: _("Publié"),
}
#: What a field is called; the text of a video is its transcript.
FIELDS: dict[str, str] = {
    "title": _("Titre"), "text": _("Texte"), "alt": _("Description de l’image"), "note": _("Encadré"),
}  # fmt: skip
SUMMARY = _("Résumé")
HEADER_TITLE = _("Titre et résumé")

REFUSALS: dict[str, str] = {
    "no-section": _("Cette partie n’existe plus dans le texte d’origine."),
    "empty": _("Écrivez la traduction avant d’enregistrer."),
    "incomplete": _("Il reste un champ vide. Enregistrez un brouillon, ou remplissez tout avant d’envoyer à relire."),
    "not-yours": _("Ce texte est celui d’une autre personne : vous ne pouvez pas l’effacer."),
    "own-text": _("Vous avez écrit cette traduction : une autre personne doit la relire."),
    "not-sent": _("Ce texte n’attend pas de relecture."),
    "outdated": _("Le texte d’origine a changé depuis cette traduction. Corrigez-la, puis envoyez-la à relire."),
    "changed": _("Vous avez changé le texte. Envoyez-le à relire : une autre personne le publiera."),
    "nothing": _("Il n’y a rien à faire ici : quelqu’un l’a peut-être déjà fait."),
    "no-word": _("Dites en quelques mots ce qu’il faut changer."),
    "human-text": _("Une personne a déjà traduit cette partie : un texte de machine ne peut pas la remplacer."),
    "not-machine": _("Ce n’est pas un texte de machine."),
    "too-many-languages": _(
        "Cette ressource est déjà traduite dans 30 langues. Pour en ajouter une, écrivez à la coordination."
    ),
    "no-answer": _("Le service de traduction n’a pas répondu. Réessayez plus tard, ou traduisez vous-même."),
}
OVERTAKEN = _(
    "Quelqu’un a écrit cette partie pendant ce temps. Votre texte est encore là, et l’autre est montré à côté. "
    "Choisissez, puis enregistrez à nouveau."
)
SOURCE_MOVED = _(
    "Le texte d’origine a changé pendant que vous écriviez. Votre texte est encore là : relisez l’original, "
    "puis enregistrez à nouveau."
)
LIST_MOVED = _("La liste a changé pendant que vous lisiez. Rien n’a été publié : regardez à nouveau.")

#: What was done, said on the page after it.
DONE: dict[str, str] = {
    "enregistrer": _("Votre brouillon est enregistré."),
    "envoyer": _("C’est envoyé : une autre personne va relire."),
    "publier": _("C’est publié. Merci pour votre relecture."),
    "renvoyer": _("Le texte est renvoyé à la personne qui l’a écrit."),
    "relire": _("Merci. Ce texte n’est plus signalé comme traduit par une machine."),
    "confirmer": _("C’est noté : la traduction est à jour."),
    "machine": _("Le texte est publié, avec la mention « traduit par une machine »."),
    "retirer": _("Votre texte est effacé."),
    "moteur": _("La machine a traduit cette partie. Il faut maintenant la relire."),
}


def field_label(kind: BlockKind | None, name: str) -> str:
    """What a field of a block of that kind is called; None: the header."""
    return SUMMARY if kind is None and name == "text" else FIELDS[name]


def section_label(kind: BlockKind | None) -> str:
    """What a section is called when it has no title."""
    return BLOCK_LABELS[kind] if kind else HEADER_TITLE
