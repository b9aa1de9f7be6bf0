"""The source has changed, and its translation is right all the same: somebody of the network says so."""

from __future__ import annotations

from collections.abc import Mapping

from resources.base import services as resources
from resources.base.models import TranslationUnit
from resources.base.translations import UnitState
from resources.translating import memory
from resources.translating.services import Refused, Work, cleaned, locked


def may_confirm(row: TranslationUnit | None, unit: tuple[Mapping[str, str], frozenset[str], str] | None) -> bool:
    """Whether there is something to say so of: a text that a person has reviewed, of an older source, which holds every
    field of today's, and beside which nothing else waits."""
    if row is None or unit is None or not row.words or row.pending or row.state != UnitState.PUBLISHED.value:
        return False
    return row.source_digest not in unit[1] and set(unit[0]) <= set(row.words)


def confirm(work: Work, section: str, *, seen: str, of: str, words: Mapping[str, str] | None = None) -> TranslationUnit:
    """What readers see is a translation of today's source. Its words, author and reviewer stay: nobody writes here, so
    its own author may say it.

    :param words: what the form holds; it must be what readers see.
    :raises Refused: see :func:`may_confirm`; or another text was typed. :raises Overtaken: …
    """
    unit = source, _good, today = work.source(section)
    row = locked(work, section, seen, of)
    if row is None or not may_confirm(row, unit):
        raise Refused("nothing")
    shown = {name: str(value) for name, value in (row.words or {}).items() if name in source}
    if words is not None and cleaned(work, section, words) != shown:
        raise Refused("changed")
    row.source_digest, row.source_words = today, source
    memory.learn(work.session, source, shown, work.lang, machine=False, now=work.now)
    resources.touched(work.session, work.resource, work.now)
    return row
