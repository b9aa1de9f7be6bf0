"""The commune of a record, when it follows from what the record says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from reseau.core.communes import Commune, communes, fold_name
from reseau.core.mending import Step

_DETAIL = re.compile(r"\s*\(([^()]*)\)\s*$")
_DEPARTEMENT = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-5]|2[AB]|9[78]\d)", re.IGNORECASE)
_ARRONDISSEMENT = re.compile(
    r"(paris|lyon|marseille)[\s,-]+0?\d{1,2}\s*(?:er|e|è|ème|eme|ième|ieme)?(?:\s+arr\w*\.?)?", re.IGNORECASE
)


def locate(mapped: dict[str, Any]) -> dict[str, Any]:
    """Give a record the INSEE code and the official name of its commune when they follow from what it says.

    Most rows of the registers have no ``code_insee``. Only what is certain is added (:func:`lookup`); a code that does
    not exist is dropped, or replaced by what the name and postcode mean; a name is only re-cased, never replaced.
    """
    return located(mapped)[0]


def located(mapped: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, Step]]]:
    """As :func:`locate`, with what was changed: (field, step) each."""
    code, name, postcode = mapped.get("code_insee"), mapped.get("commune"), mapped.get("code_postal")
    coded = communes().by_code(code) if code else None
    found = coded or lookup(name, postcode)
    if found is None:
        gone = [("code_insee", ("code-insee-inconnu", code, ""))] if code else []
        return {**mapped, "code_insee": None}, gone
    shown = found.name if not name or _same(name, found) else name
    steps: list[tuple[str, Step]] = []
    if code and code != found.code:
        steps.append(("code_insee", ("commune-nouvelle" if coded else "code-insee-inconnu", code, found.code)))
    elif not code:
        steps.append(("code_insee", ("commune-reconnue", f"{postcode or ''} {name or ''}".strip(), found.code)))
    if shown != name:
        steps.append(("commune", ("nom-officiel", name or "", shown)))
    return {**mapped, "code_insee": found.code, "commune": shown}, steps


def _same(name: str, found: Commune) -> bool:
    """Whether a name is that of the commune: as it is, or with a detail that changes nothing (a hamlet, the number of
    the département)."""
    return fold_name(_DETAIL.sub("", name)) == fold_name(found.name)


@lru_cache(8_192)
def lookup(name: str | None, postcode: str | None) -> Commune | None:
    """The one commune that a name and a postcode mean, or None: never a guess.

    The name may be that of an old commune, an arrondissement (``Lyon 3e``), or have a detail in brackets: the number
    of the département (``Vernon (27)``), a hamlet (``Étreux (Le Gard)``).
    """
    return next(filter(None, _found(name, postcode)), None)


def _found(name: str | None, postcode: str | None) -> Iterator[Commune | None]:
    known = communes()
    yield known.resolve(name, postcode)
    if name is None:
        return
    if (detail := _DETAIL.search(name)) and (bare := name[: detail.start()].strip()):
        inside = detail[1].strip()
        if _DEPARTEMENT.fullmatch(inside):
            yield known.resolve(bare, postcode or f"{inside.upper()}000"[:5]) if _agree(inside, postcode) else None
        else:
            yield known.resolve(bare, postcode)
    if city := _ARRONDISSEMENT.fullmatch(name):
        yield known.resolve(city[1], postcode)


def _agree(departement: str, postcode: str | None) -> bool:
    """Whether a postcode, if there is one, can be of a département (Corsica's begin with 20)."""
    return postcode is None or postcode.startswith("20" if departement.upper() in ("2A", "2B") else departement)
