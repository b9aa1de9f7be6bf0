"""Contents of letters, and how their mails are read back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from lxml import html

from feeds.newsletter.content import Composed, Content, Item, RelayHead, Section
from reseau.core.letters import Site

URL = "https://reseau.example"
SITE = Site("Réseau d’essai", URL, "Réseau <lettre@reseau.example>")
DAY = date(2026, 11, 24)
RELAY = RelayHead("CPTS d’essai", f"{URL}/lettre?r=K7PM", "Chers collègues, **à lire**.", f"{URL}/lettre/logo/K7PM.png",
                  "Une maison")  # fmt: skip
KIT = Item("Kit du matin", "Pour **huit** personnes.", f"{URL}/kits/matin", "Kit")
PLACE = Item("Maison du quartier", "", f"{URL}/annuaire/maison", "Roubaix")


def letter(*items: Item, lang: str = "fr", edition: str = "general", **more: Any) -> Content:
    """A letter with lines in one section. :param more: other fields of it."""
    sections = (Section("ressources", items),) if items else ()
    made = Content(7, lang, edition, DAY, "Des nouvelles", "Bonjour à **tous**.", f"{URL}/lettre/2026/n-7", sections)
    return replace(made, **more)


def read(made: Composed) -> Any:
    """The HTML of a mail as a tree."""
    return html.document_fromstring(made.html)


def words(node: Any) -> str:
    """What an element says, on one line."""
    return " ".join(node.text_content().split())


def flat(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of ``#rrggbb``."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours (WCAG 2.2): 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(style: str) -> list[str]:
    """The colours of text in a style."""
    return re.findall(r"(?:^|[;{\s])color:(#[0-9a-f]{6})", style)
