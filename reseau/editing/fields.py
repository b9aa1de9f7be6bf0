"""What the form of a sheet asks, how what is typed becomes a value, and how a value is typed again. Pure.

Fields that only mean something together are one *unit* (an address, hours): changed, compared and chosen whole, so that
the street of one person never stands beside the town of another.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reseau.core import contacts
from reseau.core.vocabularies import vocabulary
from reseau.directory.edits import seen
from reseau.directory.fields import BY_NAME
from reseau.editing.values import phone
from reseau.web.i18n import _

Pairs = list[tuple[str, str]]
Shape = Literal["line", "lines", "text", "choices"]

MAX_LINES = 5


class Refused(ValueError):
    """What was typed cannot be the value. ``sentence``: French msgid; ``values``: of its placeholders."""

    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values


_CONTACT_SENTENCES = {
    "telephone-illisible": _("Écrivez un numéro français à dix chiffres, par exemple 03 20 00 00 00."),
    "telephone-fictif": _("Ce numéro n’existe pas (il sert pour les films). Vérifiez-le."),
    "telephone-etranger": _("Ce numéro n’est pas français. Écrivez un numéro français."),
    "courriel-illisible": _("Écrivez une adresse complète, par exemple accueil@lieu.fr."),
    "courriel-fictif": _("Cette adresse ne peut pas recevoir de mail. Vérifiez-la."),
    "courriel-nominatif": _(
        "Cette adresse semble être celle d’une personne : elle ne peut pas être publiée. "
        "Écrivez une adresse du lieu, comme accueil@ ou contact@."
    ),
    "url-illisible": _("Écrivez une adresse de site complète, par exemple https://www.lieu.fr."),
    "url-interdite": _("Cette adresse ne peut pas être publiée : elle doit commencer par https://."),
    "url-fictive": _("Ce site n’existe pas. Vérifiez son adresse."),
}


_KEPT = "\n\t\u200c\u200d"  # the two joiners belong to the spelling of some languages


def tidy(text: str) -> str:
    """What was typed, without outer blanks, characters that nobody sees, and the line ends of Windows."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()


def read_text(text: str) -> str | None:
    """A text, or None. A mail address of a person in it is refused: a sheet is public."""
    if contacts.without_people(text)[1]:
        raise Refused(_CONTACT_SENTENCES["courriel-nominatif"])
    return text or None


def read_line(text: str) -> str | None:
    """The same on one line."""
    return read_text(" ".join(text.split()))


def read_name(text: str) -> str:
    """A name: with a letter or a digit in it."""
    if not (name := read_line(text)) or not any(char.isalnum() for char in name):
        raise Refused(_("Écrivez le nom du lieu."))
    return name


def read_phone(text: str) -> str | None:
    """A French number in E.164, or a short one."""
    cleaned = contacts.clean_phone(text)
    if text and cleaned.value is None:
        raise Refused(_CONTACT_SENTENCES[cleaned.reason or "telephone-illisible"])
    return cleaned.value


def read_mails(text: str) -> list[str]:
    """Addresses of the place, none of a person."""
    return _several(text, contacts.clean_emails(text), "courriel-illisible")


def read_mail(text: str) -> str | None:
    """One address of the place, or None."""
    return _one(read_mails(text))


def read_urls(text: str) -> list[str]:
    """Addresses of sites."""
    return _several(text, contacts.clean_urls(text), "url-illisible")


def read_url(text: str) -> str | None:
    """One address of a site, or None."""
    return _one(read_urls(text))


def read_lines(text: str) -> list[str]:
    """One value a line, each once."""
    found = list(dict.fromkeys(line for raw in text.split("\n") if (line := read_line(raw))))
    if len(found) > MAX_LINES:
        raise Refused(_("Écrivez %(limit)s lignes au plus."), limit=MAX_LINES)
    return found


def read_degrees(limit: int) -> Callable[[str], float | None]:
    """A coordinate: degrees, with a point or a comma. :param limit: 90 or 180."""

    def read(text: str) -> float | None:
        if not text:
            return None
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = math.nan
        if not abs(value) <= limit:  # also what is no number
            raise Refused(_("Écrivez un nombre de degrés, par exemple 50,6916."))
        return round(value, 7)

    return read


def read_postcode(text: str) -> str | None:
    """Five digits, or None."""
    digits = "".join(text.split())
    if digits and not (len(digits) == 5 and digits.isascii() and digits.isdigit()):
        raise Refused(_("Écrivez un code postal à cinq chiffres, par exemple 59100."))
    return digits or None


def _several(text: str, found: Iterable[contacts.Cleaned], unreadable: str) -> list[str]:
    cleaned = list(found)
    if refused := [one for one in cleaned if one.reason]:
        raise Refused(_CONTACT_SENTENCES[refused[0].reason or unreadable])
    if text and not cleaned:
        raise Refused(_CONTACT_SENTENCES[unreadable])
    if len(cleaned) > MAX_LINES:
        raise Refused(_("Écrivez %(limit)s lignes au plus."), limit=MAX_LINES)
    return [one.value for one in cleaned if one.value]


def _one(values: list[str]) -> str | None:
    if len(values) > 1:
        raise Refused(_("Écrivez une seule adresse."))
    return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Editable:
    """One field of the form. ``limit``: characters. ``read``: of what was typed, tidied. ``hint``: French msgid.

    :raises Refused: from ``read``, what was typed cannot be the value.
    """

    name: str
    shape: Shape = "line"
    read: Callable[[str], Any] = read_line
    limit: int = 255
    hint: str = ""
    input: str = "text"

    @property
    def vocabulary(self) -> str | None:
        """Of a field with choices."""
        return BY_NAME[self.name].vocabulary


def choices(name: str, hint: str = "") -> Editable:
    """A field whose values are ticked."""
    return Editable(name, "choices", hint=hint)


_HINT_LINES = _("Une adresse par ligne.")
EDITABLES = (
    Editable("telephone", read=read_phone, limit=40, input="tel"),
    choices("services"),
    choices("demarches"),
    choices("frais_a_charge"),
    Editable(
        "courriels", "lines", read_mails, 600,
        _("Une adresse par ligne. Pas d’adresse de personne : elle serait visible de tous."),
    ),
    Editable("site_web", "lines", read_urls, 4000, _HINT_LINES),
    Editable("prise_rdv", read=read_url, limit=2000, input="url"),
    Editable("adresse", limit=250),
    Editable("complement_adresse", hint=_("Bâtiment, étage, entrée…")),
    Editable("code_postal", read=read_postcode, limit=10),
    Editable("commune"),
    Editable("latitude", read=read_degrees(90), limit=20),
    Editable("longitude", read=read_degrees(180), limit=20),
    Editable("presentation_resume", "text", read_line, 280, _("280 caractères au plus : c’est lu en premier.")),
    Editable("presentation_detail", "text", read_text, 5000, _("Ce qu’on fait chez vous, en mots simples.")),
    choices("publics_specifiquement_adresses", _("Ne cochez rien si tout le monde peut venir.")),
    choices("prise_en_charge_specifique"),
    choices("modalites_acces"),
    choices("modalites_accompagnement"),
    choices("itinerance"),
    Editable(
        "fiche_acces_libre", "line", read_url, 2000,
        _("L’adresse de la page du lieu sur acceslibre.beta.gouv.fr."), "url",
    ),
    Editable("nom", read=read_name),
    choices("typologie"),
    Editable("structure_parente", hint=_("L’organisme dont dépend le lieu, par exemple une mairie.")),
    choices("dispositif_programmes_nationaux"),
    choices("formations_labels"),
    Editable("autres_formations_labels", "lines", read_lines, 600, _("Un nom par ligne.")),
)  # fmt: skip
BY_FORM_NAME = {one.name: one for one in EDITABLES}

#: Part of the form → (title, its units). The first one is open, the others are folded.
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("court", "", ("horaires", "telephone", "services", "demarches", "frais_a_charge")),
    ("contact", _("Mail, site, rendez-vous"), ("courriels", "site_web", "prise_rdv")),
    ("adresse", _("Adresse"), ("adresse",)),
    ("position", _("Place sur la carte"), ("position",)),
    ("presentation", _("Présentation"), ("presentation_resume", "presentation_detail")),
    ("publics", _("Pour qui"), ("publics_specifiquement_adresses", "prise_en_charge_specifique")),
    ("acces", _("Comment venir et se faire aider"),
     ("modalites_acces", "modalites_accompagnement", "itinerance", "fiche_acces_libre")),
    ("lieu", _("Nom et type du lieu, programmes, labels"),
     ("nom", "typologie", "structure_parente", "dispositif_programmes_nationaux", "formations_labels",
      "autres_formations_labels")),
)  # fmt: skip

#: Unit → the fields of the sheet that it holds.
UNITS: dict[str, tuple[str, ...]] = {
    unit: {
        "horaires": ("horaires", "horaires_texte"),
        "adresse": ("adresse", "complement_adresse", "code_postal", "commune", "code_insee"),
        "position": ("latitude", "longitude"),
    }.get(unit, (unit,))
    for _code, _title, units in SECTIONS
    for unit in units
}
UNIT_OF = {name: unit for unit, names in UNITS.items() for name in names}
ADDITIONS = {"typologie": "typologie_plus"}
MARK, CHOICE = "vu-", "choix-"


def posted_by(unit: str, name: str) -> bool:
    """Whether a posted name says something of a unit."""
    if unit == "horaires":
        return name.startswith("h-")
    return name in UNITS[unit] or name == ADDITIONS.get(unit)


def typed_digest(unit: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Digest of what is typed and ticked of a unit: the same twice, nobody touched it. An empty field is no field."""
    said = sorted((name, text) for name, value in pairs if posted_by(unit, name) and (text := tidy(value)))
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def mark(unit: str, row: Mapping[str, Any], pairs: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """The hidden field that says what the person saw of a unit: :func:`edits.seen` of each of its fields, and the
    digest of the form as it was given. :param pairs: the form as it was given."""
    values = ".".join(seen(row[name]) for name in UNITS[unit])
    return MARK + unit, f"{values}-{typed_digest(unit, pairs)}"


def read_mark(unit: str, text: str) -> tuple[dict[str, str], str]:
    """(field → digest of the value that was seen, digest of the form as given). What was tampered with matches nothing:
    it clashes, it never overwrites."""
    values, _dash, typed = text.partition("-")
    digests = values.split(".")
    digests += ["?"] * (len(UNITS[unit]) - len(digests))
    return dict(zip(UNITS[unit], digests, strict=False)), typed


def codes_of(name: str, row: Mapping[str, Any]) -> list[str]:
    """The values that can be ticked: the vocabulary, then what the sheet has that is in no vocabulary."""
    known = BY_NAME[name].vocabulary
    terms = [term.code for term in vocabulary(known).terms] if known else []
    if name == "typologie":  # ninety: those that the sheet has; another one is added from a list
        return list(row[name])
    return terms + [value for value in row[name] if value not in terms]


def typed(name: str, value: Any) -> Pairs:
    """A value of the sheet as its fields of the form hold it."""
    if value is None or value == []:
        return []
    if BY_FORM_NAME[name].shape == "choices":
        return [(name, code) for code in value]
    if isinstance(value, list):
        return [(name, "\n".join(value))]
    if name == "telephone":
        return [(name, phone(value))]
    if isinstance(value, float):
        return [(name, f"{value:.7f}".rstrip("0").rstrip(".").replace(".", ","))]
    return [(name, str(value))]
