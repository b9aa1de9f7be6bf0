"""Names of columns: the 32 of 1.0.2, those of 0.1.0 and of the drafts, and those that are ignored.

Source: LaMednum/standard-mediation-num ``schema.json`` 1.0.2 (order kept) and 0.1.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

FIELDS: Final = (
    "id",
    "pivot",
    "nom",
    "commune",
    "code_postal",
    "code_insee",
    "adresse",
    "complement_adresse",
    "latitude",
    "longitude",
    "typologie",
    "telephone",
    "courriels",
    "site_web",
    "horaires",
    "presentation_resume",
    "presentation_detail",
    "source",
    "itinerance",
    "structure_parente",
    "date_maj",
    "services",
    "publics_specifiquement_adresses",
    "prise_en_charge_specifique",
    "frais_a_charge",
    "dispositif_programmes_nationaux",
    "formations_labels",
    "autres_formations_labels",
    "modalites_acces",
    "modalites_accompagnement",
    "fiche_acces_libre",
    "prise_rdv",
)

# Other names of one field: 0.1.0, and the drafts between 0.1.0 and 1.0.0.
ALIASES: Final = {
    "courriel": "courriels",
    "presentation_resumee": "presentation_resume",
    "presentation_detaillee": "presentation_detail",
    "accessibilite": "fiche_acces_libre",
    "conditions_acces": "frais_a_charge",
    "conditions_access": "frais_a_charge",
    "labels_autres": "autres_formations_labels",
}

# Columns of 0.1.0 that 1.0.0 split in two: read by `lists`, they stand for neither alone.
SPLIT: Final = ("publics_accueillis", "labels_nationaux")

# Known, and of no use here: the BAN key (gone since 1.0.0), ids of the Coop's own structures.
IGNORED: Final = frozenset(("cle_ban", "structureid", "structure_id", "structure_coop_id"))

_KNOWN: Final = frozenset((*FIELDS, *ALIASES, *SPLIT))

# Without these a file is something else. `services` or `pivot` besides: id, nom and commune alone are
# the columns of any list of places.
REQUIRED: Final = ("id", "nom", "commune")
ONE_OF: Final = ("services", "pivot")


@lru_cache(1_024)  # asked for each cell
def normal_name(column: str) -> str:
    """Return a column's name as the tables above write it: no BOM, quotes or spaces around, lower-case."""
    return "_".join(column.strip("\ufeff\"' \t\r\n").lower().replace("-", "_").split())


def is_known(name: str) -> bool:
    """Say whether a normal name carries something that is imported."""
    return name in _KNOWN


def is_ignored(name: str) -> bool:
    """Say whether a normal name is known and left out on purpose (it is not reported as unknown)."""
    return name in IGNORED


def missing(names: Iterable[str]) -> tuple[str, ...]:
    """Return what ``names`` (normal names) lack to be this schema; empty when it is one."""
    present = {ALIASES.get(name, name) for name in names}
    lacking = [name for name in REQUIRED if name not in present]
    if not any(name in present for name in ONE_OF):
        lacking.append(" ou ".join(ONE_OF))
    return tuple(lacking)


#: Beginning of the id that is made for a row without one (see :mod:`importers.cartographie.nested`).
MADE_UP: Final = "sans-id--"


def is_made_up(identifier: str) -> bool:
    """Say whether an id was made here, of what the row says, because it had none."""
    return identifier.startswith(MADE_UP)


@cache
def sources(field: str) -> tuple[str, ...]:
    """Return the columns where ``field`` may be written, its own name first."""
    return (field, *(alias for alias, target in ALIASES.items() if target == field))
