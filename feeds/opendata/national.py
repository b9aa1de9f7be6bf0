"""One place as a row of standard-mediation-num 1.0.2 (32 columns, in their order). Pure: no database, no file.

What the standard cannot say is left out, never bent: a label that is not of a closed list, a telephone that its pattern
refuses. What it requires and we do not know (``REQUIRED``) makes a place that cannot be said: ``Unsaid``. Two unknowns
have a spelling of their own there: the pivot of fourteen zeros, the day 1970-01-01.

Source: LaMednum/standard-mediation-num ``schema.json`` 1.0.2 (Licence Ouverte 2.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from importers.cartographie.columns import FIELDS
from reseau.core.contacts import is_nominative, without_people
from reseau.core.vocabularies import for_field
from reseau.directory.own import part_of

NUMBERS: Final = ("latitude", "longitude")
REQUIRED: Final = ("nom", "commune", "code_postal", "adresse")
UNKNOWN_PIVOT: Final = "0" * 14
UNKNOWN_DAY: Final = "1970-01-01"
MAX_ID: Final = 2_000  # bytes: what the national data space accepts
MAX_RESUME: Final = 280
OPEN_LISTS: Final = ("typologie", "autres_formations_labels")
CLOSED_LISTS: Final = (
    "itinerance", "services", "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge",
    "dispositif_programmes_nationaux", "formations_labels", "modalites_acces", "modalites_accompagnement",
)  # fmt: skip
_TEXTS: Final = ("commune", "adresse", "complement_adresse", "structure_parente", "presentation_detail")
_PATTERNS: Final = {
    "pivot": re.compile(r"[a-zA-Z0-9]{9,14}"),
    "code_postal": re.compile(r"[0-9]{5}"),
    "code_insee": re.compile(r"([013-9][0-9]|2[AB1-9])[0-9]{3}"),
    "telephone": re.compile(r"\+(33|590|594|262|596|269|687|689|508|681)[0-9]{6,9}"),
    "date_maj": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
}
# The pattern of the standard has this label without the space that its own documentation and the national library
# write: a file with the space is refused by validators, a file without it is read by both.
_SPELLED: Final = {"Étapes numériques (La Poste)": "Étapes numériques(La Poste)"}
#: The parts of an id that belong to the national file: ``Source_local``. Those of data·inclusion (``dora--…``) do not.
_NATIONAL_PART = re.compile(r"(?!.*--.*_)[^_|]+_.+", re.DOTALL)


class Unsaid(Exception):
    """The standard requires ``field``, and nobody said it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def row(place: Mapping[str, Any], parts: Iterable[str], site: str) -> dict[str, str]:
    """The 32 values of a place, as text; "" for what is not known.

    :param place: columns of ``structure``. :param parts: ids that the registers gave it. :param site: name of the site,
        the source of what no register said.
    :raises Unsaid: it lacks what the standard requires.
    """
    known = national_parts(parts)
    found = dict.fromkeys(FIELDS, "")
    found |= {name: _text(place[name]) for name in _TEXTS}
    found |= {name: _matching(name, place[name]) for name in _PATTERNS}
    found |= {name: _closed(name, place[name]) for name in CLOSED_LISTS}
    found |= {name: _open(place[name]) for name in OPEN_LISTS}
    found |= {
        "id": identifier(place["id"], known), "nom": _text(place["nom"]), "pivot": found["pivot"] or UNKNOWN_PIVOT,
        "date_maj": newest_day(place), "courriels": "|".join(mails(place["courriels"])),
        "site_web": "|".join(url.replace("|", "%7C") for url in place["site_web"]),
        "horaires": place["horaires"] or _text(place["horaires_texte"]),
        "fiche_acces_libre": place["fiche_acces_libre"] or "", "prise_rdv": place["prise_rdv"] or "",
        "source": _text(place["source"]) or ("" if known else site),
    }  # fmt: skip
    found |= _point(place) | _presentation(place)
    for name in REQUIRED:
        if not found[name]:
            raise Unsaid(name)
    return found


def national_parts(parts: Iterable[str]) -> list[str]:
    """Those of the parts that belong in an id of the national file."""
    return sorted({part for part in parts if _NATIONAL_PART.fullmatch(part)})


def identifier(id_: UUID, parts: Sequence[str]) -> str:
    """The parts and our own, sorted, joined by two underscores; never longer than what importers accept."""
    own = part_of(id_)
    kept, length = {own}, len(own)
    for part in parts:
        length += 2 + len(part.encode())
        if length > MAX_ID and part not in kept:
            break  # ours is there: whoever sends it back is recognised by that
        kept.add(part)
    return "__".join(sorted(kept))


def mails(found: Iterable[str]) -> list[str]:
    """Mail addresses of offices: that of a person never leaves, whoever wrote it on the sheet."""
    return [mail for mail in found if not is_nominative(mail) and "|" not in mail]


def number(value: float) -> str:
    """A number without exponent: ``1e-05`` → ``0.00001``. Reading it gives the same float."""
    plain = format(Decimal(repr(float(value))), "f")
    return plain.rstrip("0").removesuffix(".") if "." in plain else plain


def without_mails(value: str | None) -> str:
    """A text without the mail addresses of people."""
    return without_people(value)[0].strip() if value and "@" in value else (value or "").strip()


_text = without_mails


def _matching(name: str, value: str | None) -> str:
    return value if value and _PATTERNS[name].fullmatch(value) else ""


def _closed(name: str, codes: Iterable[str]) -> str:
    vocabulary = for_field(name)
    terms = [vocabulary.get(code) for code in codes] if vocabulary else []
    return "|".join(_SPELLED.get(term.national, term.national) for term in terms if term)


def _open(values: Iterable[str]) -> str:
    return "|".join(filter(None, (_text(value).replace("|", "/") for value in values)))


def _point(place: Mapping[str, Any]) -> dict[str, str]:
    point = place["latitude"], place["longitude"]
    return {name: "" if None in point else number(value) for name, value in zip(NUMBERS, point, strict=True)}


def _presentation(place: Mapping[str, Any]) -> dict[str, str]:
    """A summary that is too long is cut at a word; whole in the detail, if nothing else is there."""
    resume, detail = _text(place["presentation_resume"]), _text(place["presentation_detail"])
    if len(resume) <= MAX_RESUME:
        return {"presentation_resume": resume}
    cut = resume[: MAX_RESUME - 1].rsplit(None, 1)[0] or resume[: MAX_RESUME - 1]
    return {"presentation_resume": f"{cut}…", "presentation_detail": detail or resume}


def newest_day(place: Mapping[str, Any]) -> str:
    """The newest day on which somebody said something of the place: a register, the network, who verified it. A
    correction of ours under the register's old date would lose against that register, everywhere."""
    own = (one.get("date") for one in (place["provenance"] or {}).values() if one.get("source") == "reseau")
    verified = place["verified_at"]
    days = [place["date_maj"], *own, verified.date().isoformat() if isinstance(verified, datetime) else None]
    sound = [day for day in days if day and _is_day(day)]
    return max(sound, default=UNKNOWN_DAY)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(_PATTERNS["date_maj"].fullmatch(text))
