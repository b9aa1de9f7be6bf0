"""Territories as people write them: communes, intercommunalities, départements; as the set of their INSEE codes.

One code each: ``59512`` (a commune; an old code, or that of an arrondissement of Paris, Lyon or Marseille, stands for
the commune of today), ``epci:200093201`` (SIREN of an intercommunality), ``dep:59``, ``dep:2A``, ``dep:974``. Case and
spaces around do not matter. A postcode is no code: it may be the number of another commune.

Source: INSEE (COG) and DGCL (BANATIC) through Etalab's découpage administratif; ``data/*.tsv`` are made by the
front-end build, as ``communes.tsv`` is.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from reseau.core.communes import DATA, communes

__all__ = ["UnknownTerritory", "codes", "departement", "describe"]

EPCI = DATA.with_name("epci.tsv")
DEPARTEMENTS = DATA.with_name("departements.tsv")


class UnknownTerritory(ValueError):
    """Some of the codes mean nothing. ``codes``: those, as they were written, in order."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


@dataclass(frozen=True, slots=True)
class _Territory:
    name: str
    codes: frozenset[str] = field(repr=False)


def codes(asked: Iterable[str]) -> frozenset[str]:
    """INSEE codes of the communes of today that the territories hold, together; none of no code. Empty codes are
    skipped beside others.

    :raises UnknownTerritory: with all that mean nothing, or only empty codes; nothing is kept in silence.
    """
    found = _read(asked)
    return frozenset().union(*(territory.codes for territory in found))


def describe(asked: Iterable[str]) -> tuple[str, ...]:
    """The name of each territory, in order: ``Roubaix``, ``Métropole Européenne de Lille``, ``Nord (59)``.

    :raises UnknownTerritory: as :func:`codes`.
    """
    return tuple(territory.name for territory in _read(asked))


def departement(code: str) -> str:
    """The code of the département (or overseas collectivity) of a commune: ``59``, ``2A``, ``974``."""
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def _read(asked: Iterable[str]) -> list[_Territory]:
    given = list(asked)
    written = [code.strip() for code in given if code.strip()]
    if given and not written:  # "," is no territory: the communes of none would be kept, which is to say nothing
        raise UnknownTerritory(("(vide)",))
    found = [_one(code) for code in written]
    if unknown := tuple(code for code, territory in zip(written, found, strict=True) if territory is None):
        raise UnknownTerritory(unknown)
    return [territory for territory in found if territory]


def _one(written: str) -> _Territory | None:
    kind, colon, code = (part.strip() for part in written.partition(":"))
    if not colon:
        commune = communes().by_code(kind.upper())
        return _Territory(commune.name, frozenset((commune.code,))) if commune else None
    tables = {"epci": _epci, "dep": _departements}
    table = tables.get(kind.casefold())
    return table().get(code.upper()) if table else None


@functools.cache
def _epci() -> dict[str, _Territory]:
    found = {}
    with EPCI.open(encoding="utf-8") as handle:
        for row in handle:
            siren, name, members = row.rstrip("\n").split("\t")
            present = (communes().by_code(code) for code in members.split(","))
            found[siren] = _Territory(name, frozenset(commune.code for commune in present if commune))
    return found


@functools.cache
def _departements() -> dict[str, _Territory]:
    held: dict[str, set[str]] = defaultdict(set)
    for code in communes().codes():
        held[departement(code)].add(code)
    with DEPARTEMENTS.open(encoding="utf-8") as handle:
        rows = [row.rstrip("\n").split("\t") for row in handle]
    return {code: _Territory(f"{name} ({code})", frozenset(held[code])) for code, name in rows if held[code]}
