"""What a source record says, in the words of the page. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from operator import itemgetter
from typing import Any
from uuid import UUID

from importers.cartographie import columns, values
from importers.cleaning.words import sentence
from importers.matching.scoring import metres
from importers.records.reading import Beside
from reseau.core.contacts import mails_without_people, without_people
from reseau.core.wording import _, written_date
from reseau.directory.fields import FIELDS
from reseau.directory.projection import is_empty
from reseau.directory.words import SOURCE_LABELS
from reseau.editing.values import FRENCH, LEFT_TO_RIGHT, Reader, lines, title

__all__ = ["Apart", "FieldView", "MendedView", "RecordView", "apart", "record_view"]

MAX_SHOWN = 300
MAX_LINES = 12
MAX_PARTS = 30
MAX_REPAIRS = 60
#: Columns of 0.1.0 that became two fields: shown with the first.
_SPLIT = {
    "publics_accueillis": "publics_specifiquement_adresses",
    "labels_nationaux": "dispositif_programmes_nationaux",
}
#: Fields that no other page shows by themselves.
_TITLES = {"source": _("Registre d’où vient le lieu"), "date_maj": _("Mise à jour, selon la source")}
_JOINED = {
    "score": _("Rapproché par l’import : même lieu à %(score)s sur 100."),
    "person": _("Rapproché par une personne du réseau."),
    "own": _("Le lieu était déjà dans l’annuaire : la source l’a trouvé après."),
}


_BETTER = _("Pas montré : « %(source)s » passe avant.")
_BETTER_OF_SOURCE = _("Pas montré : un autre enregistrement de la même source passe avant : %(source)s.")
FAR_M = 300.0
"""Metres between two records of a sheet from which a person should look."""


@dataclass(frozen=True, slots=True)
class MendedView:
    """One repair: the sentence of its rule, the text before and after."""

    rule: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field. ``raw``: as it came ("" when the source says nothing); ``value``: lines; ``shown``: on the sheet;
    ``why``: a sentence. ``lang`` and ``dir``: of the value."""

    title: str
    raw: str
    mended: list[MendedView]
    value: list[str]
    shown: bool
    why: str
    lang: str
    dir: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record. ``parts``: of its id, 30 at most, ``more``: how many others. ``joined``: why it is at this place, ""
    when its id says so. ``run``: that last changed it. ``separable``: its id, when an import joined it by itself."""

    source: str
    parts: list[str]
    more: int
    first_seen: datetime
    changed: datetime
    not_seen_since: datetime | None
    joined: str
    run: UUID | None
    fields: list[FieldView]
    separable: UUID | None = None


def record_view(
    row: Mapping[str, Any], sheet: Mapping[str, Any], others: Mapping[str, Beside], reader: Reader
) -> RecordView:
    """A record beside the sheet. :param row: of ``reading.records``. :param sheet: columns of the structure. :param
    others: records of the sheet by their id, as text."""
    parts = values.parts(row["source_id"])
    return RecordView(
        source_name(row["source"], row["source_title"], reader),
        [part[:MAX_SHOWN] for part in parts[:MAX_PARTS]],
        max(0, len(parts) - MAX_PARTS),
        row["first_seen_at"],
        row["changed_at"],
        row["not_seen_since"],
        _joined(row["joined"], reader),
        row["run"],
        list(_fields(row, sheet, others, reader)),
        row["id"] if (row["joined"] or {}).get("how") == "score" else None,
    )


def source_name(name: str, given: str | None, reader: Reader) -> str:
    """The name of a source for people: as the coordination calls it, or as the site does."""
    return given or (reader.say(SOURCE_LABELS[name]) if name in SOURCE_LABELS else name)


def _joined(said: Mapping[str, Any] | None, reader: Reader) -> str:
    how = str((said or {}).get("how"))
    score = (said or {}).get("score")
    return (
        reader.say(_JOINED[how], score=round(score) if isinstance(score, int | float) else "?")
        if how in _JOINED
        else ""
    )


def _fields(
    row: Mapping[str, Any], sheet: Mapping[str, Any], others: Mapping[str, Beside], reader: Reader
) -> Iterator[FieldView]:
    raw, mended = _raw(row["raw"]), defaultdict(list)
    for one in row["repairs"][:MAX_REPAIRS]:
        mended[one["field"]].append(
            MendedView(reader.say(sentence(one["rule"])), _shown(one["before"]), _shown(one["after"]))
        )
    for field in FIELDS:
        value, came = row["mapped"].get(field.name), raw.get(field.name, "")
        if is_empty(value) and not came:
            continue
        shown, why = _verdict(field.name, value, row, sheet)
        better = others.get(str((sheet["provenance"].get(field.name) or {}).get("record")))
        if why == _BETTER and better and better.source == row["source"]:
            why, named = _BETTER_OF_SOURCE, _named(better, row, reader)
        else:
            named = _other(field.name, sheet, reader)
        found = [_shown(line) for line in lines(field.name, value, reader)[:MAX_LINES]]
        lang = "fr" if field.name in FRENCH else reader.lang
        direction = "ltr" if field.name in LEFT_TO_RIGHT else "auto"
        said = reader.say(why, source=named)
        yield FieldView(_title(field.name, reader), came, mended[field.name], found, shown, said, lang, direction)


def _title(name: str, reader: Reader) -> str:
    return reader.say(_TITLES[name]) if name in _TITLES else title(name, reader)


def _raw(raw: Mapping[str, Any]) -> dict[str, str]:
    """Cells by the field that they speak of, people's mail addresses masked."""
    found: dict[str, list[str]] = defaultdict(list)
    for column, cell in raw.items():
        name = columns.normal_name(column)
        field, text = columns.ALIASES.get(name, _SPLIT.get(name, name)), values.said(cell)
        text = _shown(mails_without_people(text) if field == "courriels" else text)
        if text.strip():
            found[field].append(text)
    return {name: " | ".join(texts) for name, texts in found.items()}


def _shown(text: str) -> str:
    masked = without_people(text[: 4 * MAX_SHOWN])[0]
    return masked if len(masked) <= MAX_SHOWN else f"{masked[: MAX_SHOWN - 1]}…"


def _verdict(name: str, value: Any, row: Mapping[str, Any], sheet: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether the sheet shows the value of this record, and why (a sentence to be said)."""
    origin = sheet["provenance"].get(name) or {}
    if origin.get("record") == str(row["id"]):
        return True, _("Montré sur la fiche.")
    if is_empty(value):
        return False, _("Pas montré : la valeur n’a pas pu être lue, ou ne dit rien.")
    if origin.get("source") == "reseau" or (name == "horaires_texte" and _corrected("horaires", sheet)):
        return False, _("Pas montré : une personne du réseau a écrit autre chose, sa valeur passe avant.")
    if origin.get("record"):
        return False, _BETTER
    return False, _("Pas montré : va avec une autre valeur, qui vient d’ailleurs.")


def _named(better: Beside, row: Mapping[str, Any], reader: Reader) -> str:
    """The record that goes before one of the same source: who issued it (its whole id when both have one issuer), and
    its date."""
    issuer = _issuer(better.source_id)
    name = better.source_id[:80] if issuer == _issuer(row["source_id"]) else issuer
    if better.day and better.day != row["date_maj"]:
        day = written_date(date.fromisoformat(better.day), reader.lang, "long")
        return reader.say(_("« %(name)s », mis à jour le %(date)s"), name=name, date=day)
    return reader.say(_("« %(name)s »"), name=name)


def _issuer(source_id: str) -> str:
    return source_id.partition("_")[0][:80]


@dataclass(frozen=True, slots=True)
class Apart:
    """Two records that put one place at two places. ``metres``: between them."""

    first: str
    second: str
    metres: float


def apart(others: Iterable[Beside], reader: Reader) -> Apart | None:
    """The two records of a sheet that are farthest from each other, when that is over ``FAR_M``."""
    there = [one for one in others if one.point]
    pairs = ((metres(one.point, two.point) or 0.0, one, two) for one, two in combinations(there, 2))
    far, one, two = max(pairs, key=itemgetter(0), default=(0.0, None, None))
    if one is None or two is None or far <= FAR_M:
        return None
    return Apart(_title_of(one, reader), _title_of(two, reader), far)


def _title_of(one: Beside, reader: Reader) -> str:
    return f"{source_name(one.source, None, reader)} ({one.source_id[:80]})"


def _corrected(name: str, sheet: Mapping[str, Any]) -> bool:
    return (sheet["provenance"].get(name) or {}).get("source") == "reseau"


def _other(name: str, sheet: Mapping[str, Any], reader: Reader) -> str:
    source = (sheet["provenance"].get(name) or {}).get("source", "")
    return source_name(source, None, reader)
