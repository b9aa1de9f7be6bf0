"""The fields of a place, in the words of the national standard (standard-mediation-num 1.0.2), unchanged.

One list, read by the model, the projection, the sheet and the JSON: a field that is not here does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "list", "flag"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its national name, its shape, the vocabulary of its values, and where it comes from."""

    name: str
    kind: Kind = "text"
    vocabulary: str | None = None
    ours: bool = False


FIELDS: tuple[Field, ...] = (
    Field("pivot"),
    Field("nom"),
    Field("commune"),
    Field("code_postal"),
    Field("code_insee"),
    Field("adresse"),
    Field("complement_adresse"),
    Field("latitude", "number"),
    Field("longitude", "number"),
    Field("typologie", "list", "typologies"),
    Field("telephone"),
    Field("courriels", "list"),
    Field("site_web", "list"),
    Field("horaires"),
    Field("horaires_texte", ours=True),
    Field("presentation_resume"),
    Field("presentation_detail"),
    Field("source"),
    Field("itinerance", "list", "itinerances"),
    Field("structure_parente"),
    Field("date_maj"),
    Field("services", "list", "services"),
    Field("publics_specifiquement_adresses", "list", "publics"),
    Field("prise_en_charge_specifique", "list", "prises_en_charge"),
    Field("frais_a_charge", "list", "frais"),
    Field("dispositif_programmes_nationaux", "list", "programmes"),
    Field("formations_labels", "list", "labels"),
    Field("autres_formations_labels", "list"),
    Field("modalites_acces", "list", "modalites_acces"),
    Field("modalites_accompagnement", "list", "modalites_accompagnement"),
    Field("fiche_acces_libre"),
    Field("prise_rdv"),
    Field("demarches", "list", "demarches", ours=True),
    Field("demarches_sante", "flag", ours=True),
)

BY_NAME = {field.name: field for field in FIELDS}
LISTS = frozenset(field.name for field in FIELDS if field.kind == "list")

#: Fields that only mean something together: they are taken from one source, never mixed (a street of one
#: register with the point of another is a place that does not exist).
TOGETHER: tuple[tuple[str, ...], ...] = (
    ("adresse", "complement_adresse", "code_postal", "commune", "code_insee"),
    ("latitude", "longitude"),
    ("horaires", "horaires_texte"),
)
_TOGETHER = {name: group for group in TOGETHER for name in group}
#: All fields, those that mean something together as one group, in the order of the first of each.
GROUPS: tuple[tuple[str, ...], ...] = tuple(dict.fromkeys(_TOGETHER.get(field.name, (field.name,)) for field in FIELDS))


def group_of(name: str) -> tuple[str, ...]:
    """The fields that only mean something together with one (itself included)."""
    return _TOGETHER.get(name, (name,))


def companions(names: Iterable[str]) -> list[str]:
    """Some fields, with all those that only mean something together with one of them."""
    return sorted({other for name in names for other in group_of(name)})


def with_companions(values: Mapping[str, Any], rest: Mapping[str, Any]) -> dict[str, Any]:
    """With the fields that only mean something together with those of ``values``: a street of a person with the
    commune of a register, should the register move the place later, would be a place that does not exist.

    Hours stay alone: with an override of ``horaires``, the projection leaves out the words of the register.

    :param rest: what the others say; a field that is not there is None.
    """
    found = dict(values)
    for group in TOGETHER:
        if not found.keys().isdisjoint(group) and "horaires" not in group:
            found = {name: rest.get(name) for name in group} | found
    return found
