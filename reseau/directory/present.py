"""What a place looks like to those who read it: JSON and templates start from the same dictionaries.

Language-neutral: codes, numbers, ISO dates. Templates put words on them; the JSON twin gives them as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from reseau.core.hours import Day, Hours
from reseau.core.vocabularies import vocabulary
from reseau.directory.facts_hours import parse
from reseau.directory.fields import BY_NAME, FIELDS
from reseau.directory.models import Service, Status
from reseau.directory.projection import is_empty

State = Literal["open", "closed", "unknown"]

#: Changes looked at before giving up saying when a place opens: several openings and closings on each holiday.
HOLIDAYS_IN_A_ROW = 40

#: Fields of a place in a list, after its identity. The sheet has all of them.
LISTED = (
    "adresse", "complement_adresse", "code_postal", "commune", "code_insee", "latitude", "longitude", "telephone",
    "courriels", "site_web", "horaires", "horaires_texte", "presentation_resume", "services", "demarches",
    "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge", "modalites_acces",
    "modalites_accompagnement", "dispositif_programmes_nationaux", "formations_labels", "prise_rdv", "date_maj",
    "source",
)  # fmt: skip


def path(slug: str, id_: UUID) -> str:
    """The address of a sheet, without extension."""
    return f"/annuaire/{slug}-{id_}"


@dataclass(frozen=True, slots=True)
class Opening:
    """Open or not at a moment, and when that changes. ``by_appointment``: the hours say so. ``holiday``: it is unknown
    because the day is a public holiday of which the hours say nothing."""

    state: State
    change: datetime | None
    by_appointment: bool = False
    holiday: bool = False

    @property
    def value(self) -> bool | None:
        """``true``, ``false`` or unknown, as in the JSON twin."""
        return None if self.state == "unknown" else self.state == "open"


CLOSED_FOR_GOOD = Opening("closed", None)


def opening(osm: str | None, now: datetime, zone: ZoneInfo, country: str) -> Opening:
    """What the hours say of ``now``. Unknown hours are unknown, not closed."""
    hours = parse(osm, zone.key, country)
    if hours is None:
        return Opening("unknown", None)
    if _on_a_doubtful_holiday(hours, now.astimezone(zone)):
        return Opening("unknown", None, hours.by_appointment, holiday=True)
    is_open = hours.is_open(now)
    if is_open is None:
        return Opening("unknown", None, hours.by_appointment)
    change = hours.next_change(now) if is_open else _next_opening(hours, now)
    return Opening("open" if is_open else "closed", change and change.astimezone(zone), hours.by_appointment)


def _on_a_doubtful_holiday(hours: Hours, local: datetime) -> bool:
    """Whether what the hours say of this moment belongs to a public holiday that they do not speak of (the small hours
    belong to the day before)."""
    today, minute = local.date(), local.hour * 60 + local.minute
    if hours.doubtful(today) and hours.day_intervals(today):
        return True
    yesterday = today - timedelta(days=1)
    return hours.doubtful(yesterday) and any(i.end > 24 * 60 + minute for i in hours.day_intervals(yesterday))


def _next_opening(hours: Hours, now: datetime) -> datetime | None:
    """When a closed place opens for sure: not on a public holiday that its hours do not speak of."""
    change = hours.next_change(now)
    for _ in range(HOLIDAYS_IN_A_ROW):
        if change is None or (hours.is_open(change) and not hours.doubtful(change.date())):
            return change
        change = hours.next_change(change)
    return None


def week(osm: str | None, now: datetime, zone: ZoneInfo, country: str) -> tuple[Day, ...] | None:
    """The seven days of the present week, Monday first; None when the hours are not known."""
    hours = parse(osm, zone.key, country)
    today = now.astimezone(zone).date()
    return hours.week(today - timedelta(days=today.weekday())) if hours else None


def item(row: Mapping[str, Any], now: datetime, zone: ZoneInfo, country: str, distance: float | None) -> dict[str, Any]:
    """A place in a list. :param distance: metres, None when unknown."""
    far = None if distance is None else round(distance)
    return {**_head(row, now, zone, country), "distance_m": far, **{name: row[name] for name in LISTED}}


def _head(row: Mapping[str, Any], now: datetime, zone: ZoneInfo, country: str) -> dict[str, Any]:
    """Which place it is, and whether it is open."""
    closed = row.get("status") == Status.CLOSED.value  # rows of a list are open places, and say no status
    state = CLOSED_FOR_GOOD if closed else opening(row["horaires"], now, zone, country)
    until = label_until(row, now.astimezone(zone).date())
    return {
        "id": str(row["id"]),
        "slug": row["slug"],
        "url": path(row["slug"], row["id"]),
        "nom": row["nom"],
        "ouvert": state.value,
        "change_a": state.change.isoformat() if state.change else None,
        "ferie": state.holiday,
        "sur_rendez_vous": state.by_appointment,
        "label_local_jusqu_au": until.isoformat() if until and not closed else None,
    }


def label_until(row: Mapping[str, Any], today: date) -> date | None:
    """The last day of the local label that a place holds today, or None."""
    until: date | None = row["label_until"]
    return until if until and until >= today else None


def sheet(row: Mapping[str, Any], offers: list[Service], now: datetime, zone: ZoneInfo, country: str) -> dict[str, Any]:
    """A whole place, each field with its source and date; unknown fields are there, with ``null``."""
    fields = {
        field.name: {"valeur": row[field.name], **_labels(field.name, row[field.name]), **_origin(row, field.name)}
        for field in FIELDS
    }
    return {
        **_head(row, now, zone, country),
        "rev": row["rev"],
        "ferme_le": row["closed_on"],
        "raison_fermeture": row["closed_reason"],
        "modifie_le": row["updated_at"].isoformat(),
        "verifie_le": row["verified_at"].astimezone(zone).date().isoformat() if row["verified_at"] else None,
        "verifie_par": row["verified_by"],
        "champs": fields,
        "offres": [_offer(offer) for offer in offers],
    }


#: Columns of a place on the map.
POINT = ("id", "slug", "nom", "adresse", "code_postal", "commune", "latitude", "longitude", "horaires")


def geojson(rows: Iterable[tuple[Mapping[str, Any], float | None]], now: datetime, zone: ZoneInfo, country: str) -> Any:
    """GeoJSON (RFC 7946) of the places that have a position. :param rows: columns ``POINT``, and distance in metres."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]},
                "properties": {
                    "id": str(row["id"]),
                    "nom": row["nom"],
                    "url": path(row["slug"], row["id"]),
                    "adresse": row["adresse"],
                    "code_postal": row["code_postal"],
                    "commune": row["commune"],
                    "ouvert": is_open(row["horaires"], now, zone, country),
                    "distance_m": None if distance is None else round(distance),
                },
            }
            for row, distance in rows
            if row["longitude"] is not None and row["latitude"] is not None
        ],
    }


def is_open(osm: str | None, now: datetime, zone: ZoneInfo, country: str) -> bool | None:
    """Open, closed or unknown, without looking for when that changes."""
    hours = parse(osm, zone.key, country)
    if hours is None or _on_a_doubtful_holiday(hours, now.astimezone(zone)):
        return None
    return hours.is_open(now)


def label(vocabulary_name: str, code: str, lang: str) -> str:
    """A code in words; a value that is in no vocabulary is shown as it was written."""
    term = vocabulary(vocabulary_name).get(code)
    return term.label(lang) if term else code


def field_labels(name: str, values: list[str], lang: str) -> list[str]:
    """The values of a list field in words."""
    known = BY_NAME[name].vocabulary
    return [label(known, value, lang) if known else value for value in values]


def field_words(name: str, code: str) -> str:
    """All the words under which one value of a list field is found: its labels, and what people type for it."""
    known = BY_NAME[name].vocabulary
    term = vocabulary(known).get(code) if known else None
    return " · ".join((term.national, *term.labels.values(), *term.mots)) if term else code


def newest(row: Mapping[str, Any]) -> date | None:
    """The newest date of the sheet as a whole (``reproject.fresh_day``), or None when nobody gave one."""
    return date.fromisoformat(row["fresh_on"]) if row["fresh_on"] else None


def _labels(name: str, value: Any) -> dict[str, Any]:
    if BY_NAME[name].kind != "list" or not value or BY_NAME[name].vocabulary is None:
        return {}
    return {"libelles": field_labels(name, value, "fr")}


def _origin(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    if is_empty(row[name]) and name not in row["provenance"]:
        return {"source": None, "date": None}
    origin = row["provenance"].get(name, {})
    return {"source": origin.get("source"), "via": origin.get("via"), "date": origin.get("date")}


def _offer(offer: Service) -> dict[str, Any]:
    names = (
        "nom", "description", "type", "thematiques", "demarches", "publics", "frais", "frais_precisions",
        "modes_accueil", "horaires_accueil", "telephone", "courriel", "lien_mobilisation", "date_maj",
    )  # fmt: skip
    return {"id": str(offer.id), **{name: getattr(offer, name) for name in names}}
