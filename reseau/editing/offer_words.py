"""What changed in an offer, in words, for the history. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reseau.core.wording import _
from reseau.directory import offers, present
from reseau.directory.reproject import same
from reseau.directory.words import OFFER_LABELS
from reseau.editing.values import Reader, phone

_PLAIN = {"type": offers.TYPES, "thematiques": offers.THEMES, "modes_accueil": offers.MODES}


def is_offer(value: Any) -> bool:
    """Whether a value of the history is an offer."""
    return isinstance(value, dict)


def title(before: Any, after: Any, reader: Reader) -> str:
    """What happened to which offer."""
    name = next((str(one.get("nom") or "") for one in (after, before) if isinstance(one, dict)), "")
    if before is None:
        return reader.say(_("Nouvelle aide : %(name)s"), name=name)
    return reader.say(_("Aide modifiée : %(name)s") if after else _("Aide retirée : %(name)s"), name=name)


def sides(before: Any, after: Any, reader: Reader) -> tuple[list[str], list[str]]:
    """Lines of what was different before, and afterwards."""
    old, new = (one if isinstance(one, dict) else {} for one in (before, after))
    different = [name for name in OFFER_LABELS if not same(old.get(name), new.get(name))]
    return list(_lines(old, different, reader)), list(_lines(new, different, reader))


def _lines(offer: dict[str, Any], names: list[str], reader: Reader) -> Iterator[str]:
    for name in names:
        value = offer.get(name)
        codes = value if isinstance(value, list) else [value] if value else []
        if codes:
            words = ", ".join(_word(name, str(code), reader) for code in codes)
            yield reader.say(_("%(title)s : %(words)s"), title=reader.say(OFFER_LABELS[name]), words=words)


def _word(name: str, code: str, reader: Reader) -> str:
    if name in _PLAIN:
        known = _PLAIN[name].get(code)
        return reader.say(known) if known else code
    if name == "telephone":
        return phone(code)
    return present.label(name, code, reader.lang) if name in ("demarches", "publics", "frais") else code
