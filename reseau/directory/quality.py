"""The quality of a sheet: ten small criteria, each true or false, pure. Nine depend on the sheet alone; the tenth on
the date. What is missing is told to those who can write it, in the order in which it helps a visitor most.

After data·inclusion's ``score_qualite`` (ten criteria, their mean), with a difference: a criterion here is met or
not, so that the score can be said in words ("il manque les horaires") and never moves by itself but for freshness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

FRESH = timedelta(days=365)
DESCRIPTION = range(80, 2001)
"""Characters of a useful description: less says nothing, more is not read."""

Row = Mapping[str, Any]


def has_hours(row: Row) -> bool:
    """Hours that a program understands, or that people can read."""
    return bool(row["horaires"] or row["horaires_texte"])


def has_address(row: Row) -> bool:
    """A street and a commune, or a place that moves about and says where."""
    return bool((row["adresse"] and row["commune"]) or (row["itinerance"] == ["itinerant"] and row["commune"]))


def has_position(row: Row) -> bool:
    """A point on the map."""
    return row["latitude"] is not None and row["longitude"] is not None


def has_contact(row: Row) -> bool:
    """A telephone number."""
    return bool(row["telephone"])


def has_second_contact(row: Row) -> bool:
    """A mail address, a site or online appointments."""
    return bool(row["courriels"] or row["site_web"] or row["prise_rdv"])


def has_description(row: Row) -> bool:
    """A description of a useful length."""
    return any(len(row[name] or "") in DESCRIPTION for name in ("presentation_resume", "presentation_detail"))


def has_offer(row: Row) -> bool:
    """What is done there: services, and for health which procedures."""
    return bool(row["services"] and row["demarches"])


def has_cost(row: Row) -> bool:
    """What it costs."""
    return bool(row["frais_a_charge"])


def has_access(row: Row) -> bool:
    """How one comes (by appointment, by oneself…) and how one is helped."""
    return bool(row["modalites_acces"] and row["modalites_accompagnement"])


#: Name → criterion, most useful to a visitor first. Freshness comes first on pages: see :func:`missing`.
CRITERIA: dict[str, Callable[[Row], bool]] = {
    "horaires": has_hours,
    "telephone": has_contact,
    "adresse": has_address,
    "offre": has_offer,
    "acces": has_access,
    "prix": has_cost,
    "description": has_description,
    "contact": has_second_contact,
    "position": has_position,
}
OUT_OF = len(CRITERIA) + 1


def timeless(row: Row) -> int:
    """How many criteria that do not depend on the date are met: 0 to 9. Stored with the structure."""
    return sum(criterion(row) for criterion in CRITERIA.values())


def is_fresh(row: Row, today: date) -> bool:
    """A register updated the sheet, or somebody verified it, within a year. That somebody made it (then no register
    dates it) is not a second look."""
    looked_at = row["verified_at"] is not None or row["date_maj"] is not None
    return looked_at and row["fresh_on"] is not None and date.fromisoformat(row["fresh_on"]) >= today - FRESH


def score(row: Row, today: date) -> int:
    """0 to 10."""
    return timeless(row) + is_fresh(row, today)


def missing(row: Row, today: date) -> list[str]:
    """Names of the criteria that are not met: ``fraicheur``, then those of :data:`CRITERIA`."""
    late = [] if is_fresh(row, today) else ["fraicheur"]
    return late + [name for name, criterion in CRITERIA.items() if not criterion(row)]
