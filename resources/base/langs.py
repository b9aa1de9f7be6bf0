"""Languages of contents: any BCP 47 tag (RFC 5646), its name, its direction. ``fr-x-falc`` is easy French."""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from reseau.core.wording import Wording, _

FALC = "fr-x-falc"
EASY_FRENCH = _("Français facile (FALC)")
#: What people of the network are first asked about: the languages most spoken in the homes of Roubaix's clients, as
#: the plan of 2025 names them, then others met in kits of the region.
OFFERED = ("fr", FALC, "en", "ar", "es", "pt", "it", "pl", "ro", "tr", "ru", "uk", "fa", "ps", "bn", "ta", "vi", "zh")

# RFC 5646 §2.1, without grandfathered tags and extensions: language, script, region, variants, private use.
_TAG = re.compile(
    r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-x(-[a-z0-9]{1,8})+)?"
)
_RTL_SCRIPTS = frozenset({"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg"})


def tag(text: str) -> str | None:
    """A language tag in its canonical case, or None: ``AR-ma`` → ``ar-MA``."""
    parts = text.strip().replace("_", "-").split("-")
    if not text.isascii() or len(text) > 35:
        return None
    plain = [part.lower() for part in parts]
    private = plain.index("x") if "x" in plain else len(plain)
    for at in range(1, private):
        if len(plain[at]) == 4 and plain[at].isalpha():
            plain[at] = plain[at].title()
        elif len(plain[at]) == 2 and plain[at].isalpha():
            plain[at] = plain[at].upper()
    found = "-".join(plain)
    return found if _TAG.fullmatch(found) and _locale(found) else None


def direction(lang: str) -> str:
    """``rtl`` or ``ltr``: of the script that the tag says, else of the one that the language is written in."""
    script = re.search(r"-([A-Z][a-z]{3})(?:-|$)", lang)
    if script:
        return "rtl" if script[1] in _RTL_SCRIPTS else "ltr"
    locale = _locale(lang)
    return "rtl" if locale is not None and locale.text_direction == "rtl" else "ltr"


def name(lang: str, in_lang: str) -> str:
    """``Arabe`` for ``ar`` in French, with a capital: it stands alone in lists. The tag itself when nobody knows it."""
    if lang == FALC:
        return Wording.of(in_lang).gettext(EASY_FRENCH)
    locale = _locale(lang)
    found = locale.get_display_name(in_lang.split("-")[0]) if locale else None
    return found[:1].upper() + found[1:] if found else lang


def own_name(lang: str) -> str:
    """The name of a language in itself: what its readers look for."""
    if lang == FALC:
        return EASY_FRENCH
    locale = _locale(lang)
    found = locale.get_display_name(locale) if locale else None
    return found[:1].upper() + found[1:] if found else lang


@lru_cache(256)
def _locale(lang: str) -> Locale | None:
    try:
        return Locale.parse(lang.split("-x-")[0], sep="-")
    except (UnknownLocaleError, ValueError):
        return None
