"""Groups in words: what may be chosen, and a text without its marks."""

from __future__ import annotations

import html
import re

import nh3

from reseau.core.markdown import to_html
from reseau.core.wording import _
from reseau.groups.models import DocumentKind, Joining, Seen
from resources.base import langs

SEEN = {
    Seen.PUBLIC.value: _("Tout le monde"),
    Seen.NETWORK.value: _("Les personnes du réseau"),
    Seen.MEMBERS.value: _("Ses membres et la coordination"),
}
JOINING = {
    Joining.OPEN.value: _("Chaque personne du réseau peut entrer, tout de suite"),
    Joining.ASK.value: _("On demande, les personnes qui l’animent répondent"),
    Joining.INVITE.value: _("Les personnes qui l’animent invitent"),
}
DOCUMENTS = {DocumentKind.MINUTES.value: _("Compte rendu"), DocumentKind.PAGE.value: _("Page")}


_ARABIC, _LETTER = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]"), re.compile(r"[^\W\d_]")


def direction(text: str, lang: str) -> str:
    """Of a text: that of its letters, whatever language it was said to be in; of the language when it has none."""
    letters, arabic = len(_LETTER.findall(text)), len(_ARABIC.findall(text))
    return langs.direction(lang) if not letters else "rtl" if arabic * 2 > letters else "ltr"


def plain(text: str, most: int) -> str:
    """The beginning of a Markdown text, on one line, without its marks."""
    said = " ".join(html.unescape(nh3.clean(to_html(text[: 4 * most]), tags=set())).split())
    return said if len(said) <= most else said[:most].rsplit(" ", 1)[0] + "…"
