"""An issue as it is told, in one language, for one edition: what ``composing`` makes HTML and text of. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from reseau.core.wording import _

#: Code of a section → its title, in the order of the letter: first what is to be done, last what is good to know.
SECTIONS = {
    "mot": _("Le mot de l’équipe"),
    "dates": _("Les dates à venir"),
    "ressources": _("Nouveaux kits, tutoriels et fiches"),
    "questions": _("Questions qui attendent une réponse"),
    "lieux": _("Lieux et horaires qui changent"),
    "label": _("Le label"),
    "veille": _("Lu ailleurs"),
}
LEAVE = "https://leave.invalid/"
"""Stands for the personal address by which its reader leaves or chooses; replaced for each (``links.of_reader``)."""
CODE = "https://subscribe.invalid/"
"""Stands for the public subscribe address, in a forwardable edition: that of the relay."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line. ``title``: plain text. ``text``: Markdown, or "". ``url``: whole address. ``note``: one more word (a
    commune, a day), or "". ``lang``: of its words, when it is not that of the issue. ``machine``: translated by a
    machine and read by nobody yet: the letter says so. ``from_``: who says it, when it is not us. ``others``: of a line
    that counts what the letter does not name, how many things it stands for; 0: it is one of them."""

    title: str
    text: str = ""
    url: str = ""
    note: str = ""
    lang: str = ""
    machine: bool = False
    from_: str = ""
    others: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind; never empty. ``code``: of ``SECTIONS``."""

    code: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class RelayHead:
    """What a relay puts on top of its edition. ``intro``: Markdown; ``intro_lang``: of its words, when it is not that
    of the issue. ``logo``: whole address of a picture, or ""; ``logo_alt``: what it shows. ``subscribe``: the relay's
    public subscribe address."""

    name: str
    subscribe: str
    intro: str = ""
    logo: str = ""
    logo_alt: str = ""
    intro_lang: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """An issue. ``number``: None for a draft. ``intro``: Markdown. ``edition``: of ``models.Edition``. ``web``: whole
    address of its page in the archive. ``relay``: of a forwardable edition made for one relay; None: for all.
    ``subject_lang``, ``intro_lang``: of their words, when it is not that of the issue. ``online``: whether it says
    where it can be read; False of a forwardable edition that leaves before its issue has a page."""

    number: int | None
    lang: str
    edition: str
    day: date
    subject: str
    intro: str
    web: str
    sections: tuple[Section, ...] = field(default_factory=tuple)
    relay: RelayHead | None = None
    subject_lang: str = ""
    intro_lang: str = ""
    online: bool = True


@dataclass(frozen=True, slots=True)
class Composed:
    """An issue ready to be sent: ``LEAVE`` (general edition) or ``CODE`` (relay edition) is still in it."""

    lang: str
    subject: str
    html: str
    text: str
