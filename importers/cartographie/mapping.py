"""One row of the cartography, in any of its dialects, as a record of standard-mediation-num 1.0.2.

Pure: no file but the list of communes, no database, no network. Nothing of the row is lost in silence: what cannot be
used is an ``Issue``, what was mended is in ``repairs``, what makes the row no place at all is ``Rejected``.

Source: LaMednum/standard-mediation-num 1.0.2; 0.1.0 → 1.0.0 by its "descriptif des évolutions".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from importers.cartographie import columns, values
from importers.cartographie.lists import read_lists
from importers.cleaning import codes, places, reach, texts
from importers.cleaning.rules import Mended, repairs
from importers.locating import located
from reseau.core.clock import utcnow
from reseau.core.contacts import without_people
from reseau.core.mending import Step

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
    never shown), ``demarches_sante``. ``repairs``: what was mended, ``{"rule", "field", "before", "after"}`` each, in
    order (``cleaning.rules``)."""

    id: str
    parts: tuple[str, ...]
    record: dict[str, Any]
    issues: tuple[Issue, ...]
    repairs: tuple[dict[str, Any], ...] = ()


def map_row(row: Mapping[str, Any], *, today: date | None = None) -> Mapped:
    """Translate one row. ``row``: cells by column name (any case, names of 0.1.0 and drafts accepted), values of
    any type. ``today``: for dates in the future; the clock's day by default. Raises ``Rejected`` and nothing else.
    """
    return _RowMapper(row, today or utcnow().date()).map()


class _RowMapper:
    def __init__(self, row: Mapping[str, Any], today: date) -> None:
        self._today = today
        self._issues: list[Issue] = []
        self._repairs: list[dict[str, Any]] = []
        self._record: dict[str, Any] = {}
        self._row: dict[str, Any] = {}
        for column, cell in row.items():
            if isinstance(column, str):
                self._row.setdefault(columns.normal_name(column), cell)

    def map(self) -> Mapped:
        identifier, reason = values.identifier(self._row.get("id"))
        parts = values.parts(identifier) if identifier else ()
        if identifier is None or reason or not parts:
            raise Rejected(reason or "id-manquant", "id", values.text(self._row.get("id")) or "")
        if columns.is_made_up(identifier):
            self._mended("id", (("id-de-remplacement", "", identifier),))
        self._name()
        self._place()
        self._locate()
        self._texts()
        self._contacts()  # after the commune is known: it says how numbers are dialled
        self._lists()
        self._mask_people()
        record = {name: self._record[name] for name in columns.FIELDS if name != "id"}
        for extra in ("horaires_texte", "courriels_nominatifs", "demarches_sante"):
            record[extra] = self._record[extra]
        return Mapped(identifier, parts, record, tuple(self._issues), tuple(self._repairs))

    def _mask_people(self) -> None:
        """A person's mail address may be in any text, not only in the field of addresses."""
        for field, value in self._record.items():
            if not isinstance(value, str | list) or field in ("courriels", "courriels_nominatifs"):
                continue
            masked = [without_people(text) for text in (value if isinstance(value, list) else [value])]
            if any(found for _, found in masked):
                kept = [text for text, _ in masked]
                self._record[field] = kept if isinstance(value, list) else kept[0]
                self._issues.append(Issue(field, "courriel-nominatif", "…"))

    # --- cells ---

    def _cell(self, field: str) -> Any:
        """Return the first cell of a field that says something, under any of its names."""
        cells = [self._row.get(column) for column in columns.sources(field)]
        return next((cell for cell in cells if values.text(cell) is not None or values.is_odd(cell)), None)

    def _scalar(self, field: str) -> Any:
        cell = self._cell(field)
        if values.is_odd(cell):
            self._issue(field, "type-inattendu", cell)
            return None
        return cell

    def _joined(self, field: str) -> str | None:
        """Return every cell of a field of several links or addresses as one text (JSON may hold arrays)."""
        found: list[str] = []
        for column in columns.sources(field):
            cell = self._row.get(column)
            cells = cell if isinstance(cell, list | tuple) else [cell]
            found += [text for text in map(values.text, cells[:50]) if text]
        return "|".join(found) or None

    def _issue(self, field: str, reason: str, value: Any) -> None:
        shown = value if isinstance(value, str) else values.text(value) or type(value).__name__
        self._issues.append(Issue(field, reason, without_people(shown[:_MAX_SHOWN])[0]))

    def _mended(self, field: str, steps: Iterable[Step]) -> None:
        self._repairs.extend(repairs(field, steps))

    def _set(self, field: str, found: Mended) -> None:
        self._record[field] = found.value
        if found.reason:
            self._issue(field, found.reason, self._cell(field))
        if found.steps:
            self._mended(field, found.steps)

    # --- fields ---

    def _name(self) -> None:
        self._set("nom", texts.line(self._row.get("nom")))
        name = self._record["nom"]
        if name is None:
            raise Rejected("nom-manquant", "nom", values.text(self._row.get("nom")) or "")
        if name.casefold() in places.NAMES_OF_NO_PLACE:
            self._issue("nom", "nom-sans-lieu", name)

    def _place(self) -> None:
        name, carried = places.commune(self._scalar("commune"))
        self._set("commune", name)
        self._set("code_postal", codes.postcode(self._scalar("code_postal")))
        self._fill("code_postal", "code-postal-de-la-commune", carried)
        self._set("code_insee", codes.insee(self._scalar("code_insee")))
        self._set("adresse", places.address(self._scalar("adresse")))
        self._part()
        latitude, longitude = self._row.get("latitude"), self._row.get("longitude")
        found = codes.coordinates(latitude, longitude)
        self._record["latitude"], self._record["longitude"] = found.value
        self._mended("latitude", found.steps)
        if found.reason:
            shown = ", ".join(values.text(cell) or "" for cell in (latitude, longitude))
            self._issue("latitude", found.reason, shown)
        if self._record["commune"] is None and self._record["code_postal"] is None and found.value[0] is None:
            raise Rejected("sans-lieu", "commune", values.text(self._cell("commune")) or "")

    def _part(self) -> None:
        """A street that also holds its postcode and town gives them to the cells that lack them."""
        street = self._record["adresse"]
        if street is None:
            return
        found = places.part(street, self._record["commune"], self._record["code_postal"])
        if found is None:
            return
        self._record["adresse"] = found.street
        self._mended("adresse", (("commune-dans-l-adresse", street, found.street or ""),))
        self._fill("code_postal", "commune-dans-l-adresse", found.postcode)
        self._fill("commune", "commune-dans-l-adresse", found.town)

    def _fill(self, field: str, rule: str, value: str | None) -> None:
        if self._record[field] is None and value is not None:
            self._record[field] = value
            self._mended(field, ((rule, "", value),))

    def _locate(self) -> None:
        self._record, steps = located(self._record)
        for field, step in steps:
            self._mended(field, (step,))
        postcode = places.cedex(self._record["code_insee"], self._record["code_postal"])
        if postcode:
            self._mended("code_postal", (("code-postal-cedex", self._record["code_postal"], postcode),))
            self._record["code_postal"] = postcode
        only = places.only_postcode(self._record["code_insee"])
        self._fill("code_postal", "code-postal-retrouve", only)

    def _texts(self) -> None:
        for field in ("complement_adresse", "source", "structure_parente"):
            self._set(field, texts.line(self._scalar(field)))
        for field in ("presentation_resume", "presentation_detail"):
            self._set(field, texts.paragraphs(self._scalar(field)))
        self._set("pivot", codes.pivot(self._scalar("pivot")))
        self._set("date_maj", codes.day(self._scalar("date_maj"), self._today))

    def _contacts(self) -> None:
        region = places.region(self._record["code_insee"], self._record["code_postal"])
        phones = self._reached("telephone", reach.phone(self._joined("telephone"), region))
        self._record["telephone"] = phones.values[0] if phones.values else None
        mails = self._reached("courriels", reach.mails(self._joined("courriels")))
        self._record |= {"courriels": mails.values, "courriels_nominatifs": mails.people}
        self._record["site_web"] = self._reached("site_web", reach.links(self._joined("site_web"))).values
        for field in ("fiche_acces_libre", "prise_rdv"):
            links = self._reached(field, reach.links(self._joined(field))).values
            self._record[field] = links[0] if links else None
        hours = reach.hours(self._scalar("horaires"))
        self._record |= {"horaires": hours.osm, "horaires_texte": hours.words}
        self._mended("horaires", hours.steps)
        if hours.problem:
            self._issue("horaires", *hours.problem)

    def _reached(self, field: str, found: reach.Reached) -> reach.Reached:
        for reason, raw in found.problems:
            self._issue(field, reason, raw)
        self._mended(field, found.steps)
        return found

    def _lists(self) -> None:
        lists = read_lists(self._row)
        self._record |= lists.fields
        self._record["demarches_sante"] = lists.health or None
        for field, text in lists.unknown:
            self._issue(field, "valeur-inconnue", text)
        for field, step in lists.moved:
            self._mended(field, (step,))
