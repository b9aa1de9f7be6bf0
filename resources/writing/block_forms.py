"""The form of one block: only what a block of its kind can hold, and what it holds already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectField, StringField, TextAreaField

from reseau.web.forms import MaxLength, ReseauForm
from reseau.web.i18n import _
from resources.base.content import Block, ContentError, FileRef
from resources.base.shapes import (
    LAYOUTS,
    MAX_ALT,
    MAX_NOTE,
    MAX_TEXT,
    MAX_TITLE,
    NOTES,
    PARTS,
    ROLES,
    BlockKind,
    Kind,
    Part,
)
from resources.writing.forms import Filled, Pairs, WebAddress, Whole, complain, number
from resources.writing.sending import written
from resources.writing.words import BLOCK_LABELS

if TYPE_CHECKING:
    from pyramid.request import Request

_B = BlockKind
#: Field of the form → kinds of blocks that have it; a field that is not here is for all.
_KINDS: dict[str, set[BlockKind]] = {
    "minutes": {_B.TEXTE, _B.ETAPE, _B.DOCUMENT, _B.RESSOURCE, _B.VIDEO, _B.FICHIER, _B.LIEN},
    "image": {_B.TEXTE, _B.ETAPE, _B.DOCUMENT},
    "alternative": {_B.TEXTE, _B.ETAPE, _B.DOCUMENT},
    "encadre": {_B.TEXTE, _B.ETAPE},
    "note": {_B.TEXTE, _B.ETAPE},
    "adresse": {_B.LIEN, _B.VIDEO},
    "ressource": {_B.RESSOURCE},
    "chercher": {_B.RESSOURCE},
    "fichier": {_B.FICHIER, _B.VIDEO},
    "forme": {_B.DOCUMENT},
    "role": {_B.PARTENAIRE},
    "quantite": {_B.MOYEN},
    "unite": {_B.MOYEN},
    "prenom": {_B.TEMOIGNAGE},
    "consentement": {_B.TEMOIGNAGE},
}
#: Only sessions are timed.
_TIMED = "deroule"
_DATA = {"adresse": "url", "ressource": "ressource", "forme": "layout", "role": "role", "quantite": "quantite",
         "unite": "unite", "prenom": "prenom"}  # fmt: skip
#: Kind of block → what it needs to be published, so that nobody reads « facultatif » there.
_NEEDED = {_B.FICHIER: ("fichier",), _B.LIEN: ("adresse",), _B.VIDEO: ("adresse",), _B.RESSOURCE: ("ressource",),
           _B.DOCUMENT: ("forme", "alternative"), _B.PARTENAIRE: ("role",), _B.TEXTE: ("alternative",),
           _B.ETAPE: ("alternative",), _B.TEMOIGNAGE: ("consentement",)}  # fmt: skip
_WHICH_NOTE = _("Choisissez la sorte d’encadré, ou effacez son texte.")
#: Where the error of a content is shown.
_WHERE = {"long-title": "titre", "long-text": "texte", "long-alt": "alternative", "bad-url": "adresse",
          "bad-number": "minutes", "no-alt": "alternative", "wrong-part": "partie"}  # fmt: skip


class BlockForm(Filled):
    """One block. ``vu``: mark of what was read; ``partie_vue``: the part in which it was."""

    titre = StringField(BLOCK_LABELS["title"], validators=[MaxLength(MAX_TITLE)])
    texte = TextAreaField(BLOCK_LABELS["text"], validators=[MaxLength(MAX_TEXT)])
    minutes = StringField(BLOCK_LABELS["minutes"], validators=[Whole(0, 1440)])
    adresse = StringField(BLOCK_LABELS["url"], validators=[WebAddress()])
    chercher = StringField(
        _("Chercher une ressource"),
        description=_("Des mots de son titre, ou son adresse."),
        validators=[MaxLength(300)],
    )
    ressource = RadioField(BLOCK_LABELS["ressource"], validate_choice=False)
    fichier = StringField(BLOCK_LABELS["file"])
    forme = RadioField(BLOCK_LABELS["layout"], choices=list(LAYOUTS.items()))
    image = StringField(
        BLOCK_LABELS["image"], description=_("JPEG, PNG ou WebP. Pas de visage sans l’accord de la personne.")
    )
    alternative = StringField(
        _("Description de l’image, nécessaire pour publier"),
        description=_("Ce qu’il faut savoir si on ne voit pas l’image. Obligatoire pour publier."),
        validators=[MaxLength(MAX_ALT)],
    )
    encadre = RadioField(BLOCK_LABELS["note_kind"], choices=[("", _("Aucun encadré")), *NOTES.items()], default="")
    note = TextAreaField(BLOCK_LABELS["note"], validators=[MaxLength(MAX_NOTE)])
    role = RadioField(BLOCK_LABELS["role"], choices=list(ROLES.items()))
    quantite = StringField(BLOCK_LABELS["quantite"], validators=[MaxLength(60)])
    unite = StringField(
        BLOCK_LABELS["unite"], description=_("Par exemple : heures, euros, ordinateurs."), validators=[MaxLength(60)]
    )
    prenom = StringField(
        BLOCK_LABELS["prenom"], description=_("Le prénom seulement, jamais le nom."), validators=[MaxLength(60)]
    )
    consentement = BooleanField(_("La personne est d’accord pour que ses mots soient publiés ici"))
    exact = BooleanField(
        _("Doit être exact : prix, téléphone, adresse, conditions"),
        description=_("Si vous changez ce texte, une traduction ancienne n’est plus montrée : on voit l’original."),
    )
    partie = SelectField(BLOCK_LABELS["part"])
    partie_vue = HiddenField()
    vu = HiddenField()

    def __init__(
        self, request: Request, kind: Kind, block: Block, pairs: Pairs | None = None, *, seen: str = ""
    ) -> None:
        """:param block: as it is now, or an empty one of its kind. :param seen: its mark."""
        super().__init__(request, pairs, **(_typed(block, seen) if pairs is None else {}))
        self.block = block
        parts = [part for part in PARTS[kind] if block.kind in part.kinds]
        self.partie.choices = [SelectChoice(part.code, request.gettext(part.label)) for part in parts]
        self.ressource.choices = []
        for name, kinds in _KINDS.items():
            if block.kind not in kinds and not _holds(block, name):
                delattr(self, name)
        self.need(*_NEEDED.get(block.kind, ()), "partie")
        if "minutes" in self and block.part != _TIMED and block.minutes is None:
            del self.minutes

    def choose(self, options: list[tuple[str, str]]) -> None:
        """Offer these resources, and the one that is chosen. :param options: (reference, title)."""
        self.ressource.choices = [SelectChoice(ref, title) for ref, title in options]

    def applied(self, current: Block | None, *, image: FileRef | None, file: FileRef | None) -> Block:
        """The block with what the form says; what the form does not show stays as it is now."""
        block = current or self.block
        part = self.partie.data if self.partie.data != self.partie_vue.data else block.part
        data = dict(block.data)
        for name, datum in _DATA.items():
            if name in self:
                data[datum] = (self[name].data or "").strip()
        if "consentement" in self:
            data["consentement"] = "oui" if self.consentement.data else ""
        said: dict[str, Any] = {"part": part, "title": self.titre.data or "", "text": self.texte.data or "",
                                "data": data, "exact": bool(self.exact.data)}  # fmt: skip
        said |= {"minutes": number(self.minutes)} if "minutes" in self else {}
        said |= {"image": image, "alt": self.alternative.data or ""} if "image" in self else {}
        said |= {"file": file} if "fichier" in self else {}
        said |= {"note": self.note.data or "", "note_kind": self.encadre.data or ""} if "note" in self else {}
        return replace(block, **said)

    def show(self, error: ContentError, sentence: str) -> None:
        """Put the error of a content at the field that it is about; "" is the whole form."""
        name = _WHERE.get(error.code, "titre")
        complain(self, name if name in self else "titre", sentence)

    def validate(self, extra_validators: Any = None) -> bool:
        """A choice that is not made is none."""
        for name in ("forme", "role", "encadre"):
            if name in self and not self[name].data:
                self[name].validate_choice = False
        valid = bool(super().validate(extra_validators))
        if "note" in self and not self.encadre.data and (self.note.data or "").strip():
            complain(self, "encadre", self.request.gettext(_WHICH_NOTE))
            return False
        return valid


def _holds(block: Block, name: str) -> bool:
    """Whether a block has something that blocks of its kind usually have not."""
    held = {"image": block.image, "alternative": block.image, "fichier": block.file, "encadre": block.note,
            "note": block.note, "minutes": block.minutes is not None}  # fmt: skip
    return bool(held.get(name))


def _typed(block: Block, seen: str) -> dict[str, Any]:
    data = block.data
    typed = {name: data.get(datum, "") for name, datum in _DATA.items()}
    typed |= {"forme": data.get("layout") or "affiche", "role": data.get("role") or "terrain"}
    return {
        **typed, "titre": block.title, "texte": block.text, "alternative": block.alt, "note": block.note,
        "encadre": (block.note_kind or "astuce") if block.note else "",
        "minutes": "" if block.minutes is None else str(block.minutes),
        "image": written(block.image), "fichier": written(block.file), "exact": block.exact,
        "consentement": bool(data.get("consentement")), "partie": block.part, "partie_vue": block.part, "vu": seen,
    }  # fmt: skip


def differing(mine: Block, theirs: Block, form: ReseauForm) -> list[tuple[str, str, str]]:
    """(label, mine, theirs) of each text in which two forms of a block differ."""
    say = form.request.gettext
    found = []
    for name in ("title", "text", "alt", "note", "part"):
        if getattr(mine, name) != getattr(theirs, name):
            found.append((say(BLOCK_LABELS[name]), getattr(mine, name), getattr(theirs, name)))
    for name in ("image", "file"):
        one, other = getattr(mine, name), getattr(theirs, name)
        if one != other:
            found.append((say(BLOCK_LABELS[name]), one.name if one else "", other.name if other else ""))
    for name in sorted({*mine.data, *theirs.data}):
        if (mine.data.get(name) or "") != (theirs.data.get(name) or ""):
            found.append((say(BLOCK_LABELS[name]), mine.data.get(name, ""), theirs.data.get(name, "")))
    if mine.minutes != theirs.minutes:
        found.append((say(BLOCK_LABELS["minutes"]), str(mine.minutes or ""), str(theirs.minutes or "")))
    return found


def empty(part: Part, kind: BlockKind) -> Block:
    """A new block of a kind, not yet anywhere."""
    return Block("nouveau", part.code, kind)
