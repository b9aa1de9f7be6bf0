"""Words without Pyramid: what mails and jobs need to speak the language of who reads them.

The same catalogues as the pages (``reseau/web/i18n.py``): domain ``reseau``, the message id is the French sentence,
placeholders are ``%(name)s``, a literal percent sign is ``%%``. A module below the views marks its sentences with
``_`` and says them later with a :class:`Wording`.
"""

from __future__ import annotations

import gettext
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates

from reseau.settings import LANGUAGES

DOMAIN = "reseau"
LOCALE_DIR = Path(__file__).parent.parent / "locale"
RIGHT_TO_LEFT = frozenset({"ar"})
#: An English reader of Roubaix writes the day first.
LOCALES = {"fr": "fr", "en": "en_GB", "ar": "ar"}


def _(msgid: str) -> str:
    """Mark ``msgid`` for extraction; it is translated later, by :meth:`Wording.gettext`."""
    return msgid


class _French(gettext.NullTranslations):
    """What is said when no catalogue was compiled: the message ids, with the French rule that zero is singular."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid2 if n > 1 else msgid1


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    try:
        found = gettext.translation(DOMAIN, str(LOCALE_DIR), [lang])
    except FileNotFoundError:
        return _French()
    found.add_fallback(_French())
    return found


class Wording:
    """Sentences, dates and plurals in one language.

    :param lang: one of ``reseau.settings.LANGUAGES``.
    :raises ValueError: another language.
    """

    __slots__ = ("_catalogue", "lang")

    def __init__(self, lang: str) -> None:
        if lang not in LANGUAGES:
            raise ValueError(f"not a language of ours: {lang!r}")
        self.lang = lang
        self._catalogue = _catalogue(lang)

    @classmethod
    def of(cls, lang: str) -> Wording:
        """Words in ``lang``, in French if it is not a language of ours (an old account)."""
        return cls(lang if lang in LANGUAGES else "fr")

    @property
    def dir(self) -> str:
        """``rtl`` or ``ltr``, for the attribute ``dir``."""
        return direction(self.lang)

    def gettext(self, msgid: str, /, **values: Any) -> str:
        """``msgid`` in this language (in French if untranslated), its placeholders filled with ``values``.

        Plain text: who puts it into HTML escapes it.
        """
        return self._catalogue.gettext(msgid) % values

    def ngettext(self, singular: str, plural: str, n: int, /, **values: Any) -> str:
        """Like :meth:`gettext`, in the form that ``n`` asks for; ``%(num)s`` is ``n``."""
        return self._catalogue.ngettext(singular, plural, n) % {"num": n, **values}

    def date(self, d: date) -> str:
        """``3 novembre 2026``. A moment is taken as it stands: bring it to its zone first, or use :meth:`datetime`."""
        return written_date(d, self.lang)

    def datetime(self, moment: datetime, timezone: str) -> str:
        """``3 novembre 2026, 18:30`` on the clocks of ``timezone`` (IANA name); always 24 hours, as on the doors.

        :raises ValueError: a naive moment.
        """
        if moment.tzinfo is None:
            raise ValueError(f"naive datetime: {moment!r}")
        return written_moment(moment.astimezone(ZoneInfo(timezone)), self.lang)


def written_date(d: date, lang: str, style: str = "long") -> str:
    """``3 novembre 2026``. :param style: Babel's short, medium, long or full."""
    written = dates.format_date(d, style, locale=LOCALES[lang])
    return f"1er{written[1:]}" if lang == "fr" and written.startswith("1 ") else written  # CLDR: "1 juillet"


def written_time(t: time, lang: str) -> str:
    """``18:30``; always 24 hours, as on the doors."""
    return dates.format_time(t, "HH:mm", locale=LOCALES[lang])


def written_moment(local: datetime, lang: str, style: str = "long") -> str:
    """Date, then time: ``3 novembre 2026, 18:30``. :param local: in the zone that is meant."""
    return written_date(local.date(), lang, style) + ("، " if lang == "ar" else ", ") + written_time(local.time(), lang)


def direction(lang: str) -> str:
    """``rtl`` or ``ltr``, for the attribute ``dir``."""
    return "rtl" if lang in RIGHT_TO_LEFT else "ltr"
