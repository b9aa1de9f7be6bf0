"""One row of the cartography, in any of its dialects, as a record of standard-mediation-num 1.0.2.

Pure: no file, no database, no network. Nothing of the row is lost in silence: what cannot be used is an
``Issue``, what makes the row no place at all is ``Rejected``.

Source: LaMednum/standard-mediation-num 1.0.2; 0.1.0 → 1.0.0 by its "descriptif des évolutions".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from importers.cartographie import columns, values
from importers.cartographie.lists import read_lists
from reseau.core.clock import utcnow
from reseau.core.contacts import Cleaned, clean_emails, clean_phone, clean_urls, without_people
from reseau.core.hours_text import read as read_hours

__all__ = ["Issue", "Mapped", "Rejected", "map_row"]

_MAX_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class Issue:
    """One value that could not be used as it is. ``field``: of 1.0.2; ``reason``: machine code; ``value``: as
    written (500 characters at most; the local part of a person's mail address is masked)."""

    field: str
    reason: str
    value: str


class Rejected(Exception):
    """The row is not a place. ``reason``: ``id-manquant``, ``id-trop-long``, ``nom-manquant``, ``sans-lieu``."""

    def __init__(self, reason: str, field: str, value: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field, self.value = reason, field, value[:_MAX_SHOWN]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A place. ``parts``: the ids that ``id`` joins (match on any of them). ``record``: every field of 1.0.2 but
    ``id`` (None or an empty list when unknown), and ``horaires_texte``, ``courriels_nominatifs`` (kept apart,
    never shown), ``demarches_sante``."""

    id: str
    parts: tuple[str, ...]
    record: dict[str, Any]
    issues: tuple[Issue, ...]


def map_row(row: Mapping[str, Any], *, today: date | None = None) -> Mapped:
    """Translate one row. ``row``: cells by column name (any case, names of 0.1.0 and drafts accepted), values of
    any type. ``today``: for dates in the future; the clock's day by default. Raises ``Rejected`` and nothing else.
    """
    return _RowMapper(row, today or utcnow().date()).map()


class _RowMapper:
    def __init__(self, row: Mapping[str, Any], today: date) -> None:
        self._today = today
        self._issues: list[Issue] = []
        self._record: dict[str, Any] = {}
        self._row: dict[str, Any] = {}
        for column, cell in row.items():
            if isinstance(column, str):
                self._row.setdefault(columns.normal_name(column), cell)

    def map(self) -> Mapped:
        identifier, reason = values.identifier(self._row.get("id"))
        parts = values.parts(identifier) if identifier else ()
        if reason or not parts:
            raise Rejected(reason or "id-manquant", "id", values.text(self._row.get("id")) or "")
        self._record["nom"] = values.line(self._row.get("nom"))
        if self._record["nom"] is None:
            raise Rejected("nom-manquant", "nom", values.text(self._row.get("nom")) or "")
        self._place()
        self._texts()
        self._contacts()
        self._hours()
        self._lists()
        self._mask_people()
        record = {name: self._record[name] for name in columns.FIELDS if name != "id"}
        for extra in ("horaires_texte", "courriels_nominatifs", "demarches_sante"):
            record[extra] = self._record[extra]
        return Mapped(identifier, parts, record, tuple(self._issues))

    def _mask_people(self) -> None:
        """A person's mail address may be in any text, not only in the field of addresses."""
        for field, value in self._record.items():
            if field in ("courriels", "courriels_nominatifs"):
                continue
            texts = value if isinstance(value, list) else [value] if isinstance(value, str) else []
            masked = [without_people(text) for text in texts]
            if any(found for _, found in masked):
                kept = [text for text, _ in masked]
                self._record[field] = kept if isinstance(value, list) else kept[0]
                self._issues.append(Issue(field, "courriel-nominatif", "…"))

    def _cell(self, field: str) -> Any:
        """Return the first cell of a field that says something, under any of its names."""
        cells = [self._row.get(column) for column in columns.sources(field)]
        return next((cell for cell in cells if values.text(cell) is not None or values.is_odd(cell)), None)

    def _issue(self, field: str, reason: str, value: Any) -> None:
        shown = value if isinstance(value, str) else values.text(value) or type(value).__name__
        self._issues.append(Issue(field, reason, without_people(shown[:_MAX_SHOWN])[0]))

    def _set(self, field: str, found: values.Value) -> None:
        self._record[field], reason = found
        if reason:
            self._issue(field, reason, self._cell(field))

    def _scalar(self, field: str) -> Any:
        cell = self._cell(field)
        if values.is_odd(cell):
            self._issue(field, "type-inattendu", cell)
            return None
        return cell

    def _place(self) -> None:
        name, carried = values.commune(self._scalar("commune"))
        self._record["commune"] = name
        self._set("code_postal", values.postcode(self._scalar("code_postal")))
        if self._record["code_postal"] is None and carried:
            self._record["code_postal"] = values.postcode(carried)[0]
        self._set("code_insee", values.insee(self._scalar("code_insee")))
        latitude, longitude = self._row.get("latitude"), self._row.get("longitude")
        lat, lon, reason = values.coordinates(latitude, longitude)
        self._record |= {"latitude": lat, "longitude": lon}
        if reason:
            shown = ", ".join(values.text(cell) or "" for cell in (latitude, longitude))
            self._issue("latitude", reason, shown)
        if name is None and self._record["code_postal"] is None and lat is None:
            raise Rejected("sans-lieu", "commune", values.text(self._cell("commune")) or "")

    def _texts(self) -> None:
        self._record["adresse"] = values.address(self._scalar("adresse"))
        for field in ("complement_adresse", "source", "structure_parente"):
            self._record[field] = values.line(self._scalar(field))
        for field in ("presentation_resume", "presentation_detail"):
            self._record[field] = values.paragraphs(self._scalar(field))
        self._set("pivot", values.pivot(self._scalar("pivot")))
        self._set("date_maj", values.day(self._scalar("date_maj"), self._today))

    # --- contacts ---

    def _joined(self, field: str) -> str | None:
        """Return every cell of a field of several links or addresses as one text (JSON may hold arrays)."""
        found: list[str] = []
        for column in columns.sources(field):
            cell = self._row.get(column)
            cells = cell if isinstance(cell, list | tuple) else [cell]
            found += [text for text in map(values.text, cells[:50]) if text]
        return "|".join(found) or None

    def _kept(self, field: str, cleaned: tuple[Cleaned, ...]) -> list[str]:
        for part in cleaned:
            if part.reason and part.value is None:
                self._issue(field, part.reason, part.raw)
        return [part.value for part in cleaned if part.value is not None and part.reason is None]

    def _contacts(self) -> None:
        phone = clean_phone(self._joined("telephone"))
        self._record["telephone"] = phone.value
        if phone.reason:
            self._issue("telephone", phone.reason, phone.raw)
        mails = clean_emails(self._joined("courriels"))
        self._record["courriels"] = self._kept("courriels", mails)
        people = [mail.value for mail in mails if mail.value and mail.reason]
        self._record["courriels_nominatifs"] = people
        for mail in people:
            # The report is read by people who have no business with this address.
            self._issue("courriels", "courriel-nominatif", f"…@{mail.split('@')[1]}")
        self._record["site_web"] = self._kept("site_web", clean_urls(self._joined("site_web")))
        for field in ("fiche_acces_libre", "prise_rdv"):
            links = self._kept(field, clean_urls(self._joined(field)))
            self._record[field] = links[0] if links else None

    def _hours(self) -> None:
        raw = values.text(self._scalar("horaires"))
        self._record |= {"horaires": None, "horaires_texte": None}
        if raw is None:
            return
        reading = read_hours(raw)
        self._record["horaires"] = reading.osm
        # Beside what was understood from a sentence, the sentence; beside OSM, nothing: nobody wrote it to be read.
        if reading.osm is None or "french" in reading.rules:
            self._record["horaires_texte"] = values.paragraphs(raw)
        if reading.osm is None:
            self._issue("horaires", "horaires-non-lus", raw)

    def _lists(self) -> None:
        lists = read_lists(self._row)
        self._record |= lists.fields
        self._record["demarches_sante"] = lists.health or None
        for field, text in lists.unknown:
            self._issue(field, "valeur-inconnue", text)
