"""The shapes of resources: kinds, the parts that each kind has, the kinds of blocks, and their limits.

The template of the experience sheet is that of the regional network Assemblage (Arras, 2019: the sections found in
23 of its 26 sheets), plus what it lacks: date, themes, territory, licence.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from reseau.core.wording import _


class Kind(enum.StrEnum):
    """What is shared; the value is that of the parameter ``type``."""

    KIT = "kit"
    TUTORIEL = "tutoriel"
    EXPERIENCE = "experience"
    OUTIL = "outil"
    LIEN = "lien"


class BlockKind(enum.StrEnum):
    """What a block is. ``DOCUMENT``: a sheet to print, made from its text (``layout``)."""

    TEXTE = "texte"
    ETAPE = "etape"
    DOCUMENT = "document"
    FICHIER = "fichier"
    VIDEO = "video"
    LIEN = "lien"
    RESSOURCE = "ressource"
    PARTENAIRE = "partenaire"
    MOYEN = "moyen"
    TEMOIGNAGE = "temoignage"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a resource: ``code`` in content, ``label`` for readers, kinds of blocks that it may hold."""

    code: str
    label: str
    kinds: tuple[BlockKind, ...]


_B = BlockKind
_FREE = (_B.TEXTE, _B.FICHIER, _B.LIEN, _B.RESSOURCE, _B.VIDEO, _B.DOCUMENT)

PARTS: dict[Kind, tuple[Part, ...]] = {
    Kind.KIT: (
        Part("objectifs", _("Objectifs"), (_B.TEXTE,)),
        Part("materiel", _("Matériel"), (_B.TEXTE, _B.LIEN)),
        Part("avant", _("Avant la séance"), _FREE),
        Part("deroule", _("La séance, étape par étape"), (_B.ETAPE, *_FREE)),
        Part("activite", _("Jouer pour apprendre"), (_B.TEXTE, _B.DOCUMENT, _B.FICHIER, _B.RESSOURCE, _B.LIEN)),
        Part("remettre", _("À remettre à la fin"), (_B.RESSOURCE, _B.DOCUMENT, _B.TEXTE, _B.FICHIER, _B.LIEN)),
        Part("plus-loin", _("Pour aller plus loin"), _FREE),
    ),
    Kind.TUTORIEL: (
        Part("avant-de-commencer", _("Avant de commencer"), (_B.TEXTE, _B.FICHIER, _B.LIEN)),
        Part("etapes", _("Étapes"), (_B.ETAPE, _B.VIDEO)),
        Part("apres", _("Et après ?"), _FREE),
    ),
    Kind.EXPERIENCE: (
        Part("contexte", _("Contexte"), (_B.TEXTE,)),
        Part("objectifs", _("Objectifs"), (_B.TEXTE,)),
        Part("description", _("Description"), (_B.TEXTE, _B.FICHIER, _B.VIDEO)),
        Part("partenaires", _("Partenaires"), (_B.PARTENAIRE, _B.TEXTE)),
        Part("moyens", _("Moyens utilisés"), (_B.MOYEN, _B.TEXTE)),
        Part("reussite", _("Ce qui aide à réussir"), (_B.TEXTE,)),
        Part("difficultes", _("Difficultés rencontrées"), (_B.TEXTE,)),
        Part("resultats", _("Résultats"), (_B.TEXTE,)),
        Part("plus-values", _("Ce que cela apporte"), (_B.TEXTE,)),
        Part("perspectives", _("Suites possibles"), (_B.TEXTE,)),
        Part("outils", _("Outils disponibles"), (_B.FICHIER, _B.LIEN, _B.RESSOURCE, _B.TEXTE, _B.DOCUMENT)),
        Part("temoignages", _("Témoignages"), (_B.TEMOIGNAGE,)),
        Part("contact", _("Contact"), (_B.TEXTE,)),
        Part("liees", _("Fiches liées"), (_B.RESSOURCE,)),
    ),
    Kind.OUTIL: (
        Part("utilite", _("Ce que ça vaut"), (_B.TEXTE,)),
        Part("pour-qui", _("Pour qui"), (_B.TEXTE,)),
        Part("a-savoir", _("À savoir"), _FREE),
    ),
    Kind.LIEN: (
        Part("utilite", _("Ce que ça vaut"), (_B.TEXTE,)),
        Part("pour-qui", _("Pour qui"), (_B.TEXTE,)),
        Part("a-savoir", _("À savoir"), _FREE),
    ),
}

KIND_LABELS: dict[Kind, str] = {
    Kind.KIT: _("Kit d’atelier"),
    Kind.TUTORIEL: _("Tutoriel"),
    Kind.EXPERIENCE: _("Fiche expérience"),
    Kind.OUTIL: _("Outil"),
    Kind.LIEN: _("Lien"),
}

BLOCK_LABELS: dict[BlockKind, str] = {
    _B.TEXTE: _("Texte"),
    _B.ETAPE: _("Étape"),
    _B.DOCUMENT: _("Document à imprimer"),
    _B.FICHIER: _("Fichier"),
    _B.VIDEO: _("Vidéo"),
    _B.LIEN: _("Lien vers un site"),
    _B.RESSOURCE: _("Ressource de la base"),
    _B.PARTENAIRE: _("Partenaire"),
    _B.MOYEN: _("Moyen utilisé"),
    _B.TEMOIGNAGE: _("Témoignage"),
}

LAYOUTS: dict[str, str] = {
    "affiche": _("Affiche (A4)"),
    "flyer": _("Flyer (A5)"),
    "cartes": _("Cartes à découper"),
    "evaluation": _("Fiche d’évaluation"),
}
NOTES: dict[str, str] = {"astuce": _("Astuce"), "attention": _("Attention")}
ROLES: dict[str, str] = {"terrain": _("Partenaire de terrain"), "financeur": _("Financeur")}
NIVEAUX: dict[str, str] = {
    "debutant": _("Pour débuter"),
    "intermediaire": _("Pour aller un peu plus loin"),
    "avance": _("Pour les personnes à l’aise"),
}

#: Folder and address of each kind: ``/kits/{slug}``.
PLURALS: dict[Kind, str] = {
    Kind.KIT: "kits",
    Kind.TUTORIEL: "tutoriels",
    Kind.EXPERIENCE: "experiences",
    Kind.OUTIL: "outils",
    Kind.LIEN: "liens",
}

#: The neutral facts that a block of each kind may have (``Block.data``).
DATA: dict[BlockKind, frozenset[str]] = {
    _B.DOCUMENT: frozenset({"layout"}),
    _B.LIEN: frozenset({"url"}),
    _B.VIDEO: frozenset({"url"}),
    _B.RESSOURCE: frozenset({"ressource"}),
    _B.PARTENAIRE: frozenset({"role"}),
    _B.MOYEN: frozenset({"quantite", "unite"}),
    _B.TEMOIGNAGE: frozenset({"prenom", "consentement"}),
}

MAX_BLOCKS = 200
MAX_TITLE = 150
MAX_SUMMARY = 600
MAX_TEXT = 20_000
MAX_NOTE = 2_000
MAX_ALT = 300
MAX_CONTENT = 400_000  # bytes of the JSON of one content


def part_of(kind: Kind, code: str) -> Part | None:
    """The part of a kind with this code, or None."""
    return next((part for part in PARTS[kind] if part.code == code), None)
