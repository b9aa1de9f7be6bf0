"""One structure or one service of data·inclusion v1, in our fields. Pure: no file, no database.

A structure becomes a row of the national standard and goes through the same cleaning as the cartography's. A service
becomes an offer; what our offers have no field for (conditions, who may call) goes to the end of its description.

Source: data-inclusion-schema v1 (Licence Ouverte 2.0).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from importers.cartographie.mapping import Mapped, map_row
from importers.cleaning import codes, reach, texts
from importers.cleaning.rules import Mended
from reseau.core.contacts import without_people
from reseau.core.vocabularies import vocabulary
from reseau.directory.offers import MODES, THEMES, TYPES

#: Themes that are looked for, when the source does not say its own: procedures, health, carers, reading.
DEFAULT_THEMES = (
    "numerique--*", "sante--acces-aux-soins", "sante--constituer-un-dossier-mdph-invalidite",
    "famille--soutien-aidants", "difficultes-administratives-ou-juridiques--*", "lecture-ecriture-calcul--*",
)  # fmt: skip
#: What a structure helps with, by the themes of its services (data·inclusion's own mapping of the national standard).
SERVICES = {
    "numerique--acceder-a-des-services-en-ligne": "Aide aux démarches administratives",
    "numerique--maitriser-les-fondamentaux-du-numerique": "Maîtrise des outils numériques du quotidien",
    "numerique--acceder-a-une-connexion-internet": "Accès internet et matériel informatique",
    "numerique--acquerir-un-equipement": "Acquisition de matériel informatique à prix solidaire",
}
RESUME = 280  # characters of ``presentation_resume`` in standard-mediation-num 1.0.2
NAME = 150
Issue = tuple[str, str, str]


def wanted(themes: Any, patterns: Sequence[str]) -> list[str]:
    """Those of a service's themes that are looked for. :param patterns: ``numerique--*`` or whole themes."""
    return [theme for theme in texts_of(themes) if any(fnmatchcase(theme, pattern) for pattern in patterns)]


def texts_of(value: Any) -> list[str]:
    """The texts of a list; of anything else, none."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def structure(row: Mapping[str, Any], themes: Iterable[str]) -> Mapped:
    """A structure, cleaned. :param themes: of its services. :raises cartographie.mapping.Rejected: it is no place."""
    text = row.get("description")
    short = isinstance(text, str) and len(text) <= RESUME
    codes, programmes = _networks(row.get("reseaux_porteurs"))
    return map_row(
        {
            **{name: row.get(name) for name in SAME},
            "pivot": row.get("siret"),
            "typologie": "|".join(codes),
            "dispositif_programmes_nationaux": "|".join(programmes),
            "courriels": row.get("courriel"),
            "horaires": row.get("horaires_accueil"),
            "presentation_resume": text if short else None,
            "presentation_detail": None if short else text,
            "fiche_acces_libre": row.get("accessibilite_lieu"),
            "services": "|".join(dict.fromkeys(SERVICES[theme] for theme in themes if theme in SERVICES)),
        }
    )


SAME = (
    "id", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse", "longitude", "latitude",
    "telephone", "site_web", "date_maj", "source",
)  # fmt: skip


@cache
def _by_network() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for name in ("typologies", "programmes"):
        for term in vocabulary(name).terms:
            for network in term.data_inclusion:
                found.setdefault(network, {}).setdefault(name, []).append(term.code)
    return found


def _networks(networks: Any) -> tuple[list[str], list[str]]:
    """Types of place and national programmes that networks mean; one that means several types says none."""
    codes: list[str] = []
    programmes: list[str] = []
    for network in texts_of(networks):
        means = _by_network().get(network, {})
        if len(means.get("typologies", ())) == 1:
            codes += means["typologies"]
        programmes += means.get("programmes", ())
    return codes, programmes


def offer(row: Mapping[str, Any], themes: Sequence[str], today: Any) -> tuple[dict[str, Any], list[Issue]]:
    """(what an offer says, what could not be used as (field, reason, value)); ``nom`` may be None: it is no offer."""
    issues: list[Issue] = []
    said: dict[str, Any] = {
        "nom": _masked(texts.line(row.get("nom"), NAME)),
        "description": _description(row),
        "type": _known("type", row.get("type"), TYPES, issues),
        "thematiques": [theme for theme in themes if theme in THEMES],
        "publics": _publics(row.get("publics")),
        "frais": _known("frais", row.get("frais"), {term.code: "" for term in vocabulary("frais").terms}, issues),
        "frais_precisions": _masked(texts.paragraphs(row.get("frais_precisions"))),
        "modes_accueil": [mode for mode in texts_of(row.get("modes_accueil")) if mode in MODES],
        "horaires_accueil": _masked(texts.line(row.get("horaires_accueil"), 1_000)),
        "date_maj": codes.day(row.get("date_maj"), today).value,
    }
    for field, found in (
        ("telephone", reach.phone(texts.text(row.get("telephone")))),
        ("courriel", reach.mails(texts.text(row.get("courriel")))),
        ("lien_mobilisation", reach.links(texts.text(row.get("lien_mobilisation")))),
    ):
        said[field] = found.values[0] if found.values else None
        issues += [(field, reason, value) for reason, value in found.problems]
    return said, issues


_ENDS = (
    ("conditions_acces", "Conditions : "),
    ("publics_precisions", "Pour qui : "),
    ("mobilisation_precisions", "Comment faire : "),
)


def _description(row: Mapping[str, Any]) -> str | None:
    parts = [_masked(texts.paragraphs(row.get("description")))]
    for name, label in _ENDS:
        if text := _masked(texts.paragraphs(row.get(name))):
            parts.append(label + text)
    return "\n\n".join(part for part in parts if part) or None


def _publics(found: Any) -> list[str]:
    """Our words for whom it is; everybody is said by nothing, as in the national standard."""
    asked = texts_of(found)
    return [term.code for term in vocabulary("publics").terms if any(one in asked for one in term.data_inclusion)]


def _known(field: str, value: Any, terms: Mapping[str, Any], issues: list[Issue]) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and value in terms:
        return value
    issues.append((field, "valeur-inconnue", str(value)[:200]))
    return None


def _masked(read: Mended) -> str | None:
    return without_people(read.value)[0] if read.value else None
