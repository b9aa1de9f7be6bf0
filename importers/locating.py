"""The commune of a record, when it follows from what the record says."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from reseau.core.communes import Commune, communes, fold_name


def locate(mapped: dict[str, Any]) -> dict[str, Any]:
    """Give a record the INSEE code and the official name of its commune when they follow from what it says.

    Most rows of the registers have no ``code_insee``. Only what is certain is added (``Communes.resolve``); a code that
    does not exist is dropped; a name is only re-cased, never replaced by another.
    """
    known = communes()
    code, name = mapped.get("code_insee"), mapped.get("commune")
    found = known.by_code(code) if code else _resolve(name, mapped.get("code_postal"))
    if found is None:
        return {**mapped, "code_insee": None}
    same = not name or fold_name(name) == fold_name(found.name)
    return {**mapped, "code_insee": found.code, "commune": found.name if same else name}


@lru_cache(8_192)
def _resolve(name: str | None, postcode: str | None) -> Commune | None:
    return communes().resolve(name, postcode)
