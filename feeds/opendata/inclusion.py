"""Places as structures and services of data·inclusion v1. Every row that leaves was accepted by the official models
(``data-inclusion-schema``); what v1 requires and nobody said makes a row that is left out and counted, never filled in.

A place with offers of ours gives them as services. A place without any gives one, made of what the national standard
says of it (``services``, as data·inclusion itself does). Offers that came from data·inclusion and that nobody here has
changed are not sent back there.

The fields of v1 that nothing here can say (``zone_eligibilite``, ``volume_horaire_hebdomadaire``, ``nombre_semaines``)
and the name of a person (``contact_nom_prenom``) are never written.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from data_inclusion.schema.v1 import ReseauPorteur, Service, Structure, Thematique
from pydantic import BaseModel, ValidationError

from feeds.opendata import national
from feeds.opendata.reading import Place
from reseau.core import vocabularies
from reseau.core.slugs import slugify
from reseau.core.vocabularies import vocabulary
from reseau.directory.models import Service as Offer
from reseau.directory.offers import opening_hours
from reseau.directory.present import path
from reseau.settings import Settings

_NETWORKS: Final = frozenset(one.value for one in ReseauPorteur)
_THEMES: Final = frozenset(one.value for one in Thematique)
_SHARED: Final = (
    "commune", "code_postal", "code_insee", "adresse", "complement_adresse", "telephone", "courriel",
)  # fmt: skip
MAX_NAME: Final = 150
NUMERIQUE: Final = "Médiation numérique"


@dataclass(slots=True)
class Told:
    """What was written and what was not. ``left_out``: rows, by the field that they lack; ``dropped``: values that v1
    refuses, by field; ``theirs``: offers that data·inclusion has already."""

    written: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    theirs: int = 0


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes. ``name``: of the site; ``url``: its address without a slash at its end."""

    name: str
    url: str

    @classmethod
    def of(cls, settings: Settings) -> Publisher:
        """The site itself."""
        return cls(settings.site_name, settings.public_url.rstrip("/"))

    @property
    def source(self) -> str:
        """``source`` of v1, and the beginning of every id."""
        return slugify(self.name) or "reseau"

    def id_of(self, id_: object) -> str:
        """``source--key``."""
        return f"{self.source}--{id_}"


def structures(places: Iterable[Place], by: Publisher, told: Told) -> Iterator[dict[str, Any]]:
    """Structures of v1, those that can be said."""
    for place in places:
        if (made := _valid(Structure, structure(place, by), told)) is not None:
            yield made


def services(places: Iterable[Place], by: Publisher, told: Told) -> Iterator[dict[str, Any]]:
    """Services of v1 of the structures that can be said."""
    unseen = Told()
    for place in places:
        base = _valid(Structure, structure(place, by), unseen)
        offers = [offer for offer in place.offers if _is_ours(offer)]
        told.theirs += len(place.offers) - len(offers)
        found = [of_offer(place, offer, by) for offer in offers]
        if not place.offers and place.row["services"]:
            found = [of_place(place, by)]
        for one in found:
            if base is None:
                told.left_out["structure_id"] += 1
            elif (made := _valid(Service, one, told)) is not None:
                yield made


def structure(place: Place, by: Publisher) -> dict[str, Any]:
    """The structure of a place, not yet checked."""
    row = place.row
    detail = "\n\n".join(dict.fromkeys(filter(None, (row["presentation_resume"], row["presentation_detail"]))))
    return {
        "source": by.source, "id": by.id_of(row["id"]), "nom": row["nom"], "date_maj": _day(place),
        "description": national.without_mails(detail) or None,
        "lien_source": by.url + path(row["slug"], row["id"]),
        "siret": row["pivot"] if (row["pivot"] or "").isdigit() else None, **_located(place),
        "site_web": next(iter(row["site_web"]), None), "horaires_accueil": row["horaires"],
        "accessibilite_lieu": row["fiche_acces_libre"], "reseaux_porteurs": networks(row),
    }  # fmt: skip


def of_place(place: Place, by: Publisher) -> dict[str, Any]:
    """The service that the national fields of a place describe: its name and its description are their labels."""
    row = place.row
    labels = _labels("services", row["services"])
    ways, fees = row["modalites_acces"], row["frais_a_charge"]
    care = _labels("prises_en_charge", row["prise_en_charge_specifique"])
    return {
        "source": by.source, "structure_id": by.id_of(row["id"]), "id": f"{by.id_of(row['id'])}--mediation-numerique",
        "nom": labels[0] if len(labels) == 1 else NUMERIQUE, "description": f"{' ; '.join(labels)}.",
        "date_maj": _day(place), "lien_source": by.url + path(row["slug"], row["id"]),
        "type": _first_type(row["modalites_accompagnement"]),
        "thematiques": _values("services", row["services"], _THEMES)
        or _values("demarches", row["demarches"], _THEMES),
        "frais": fee(fees), "frais_precisions": ", ".join(_labels("frais", fees)) if fees != ["gratuit"] else None,
        # The standard: a place that names nobody is for everybody.
        "publics": _values("publics", row["publics_specifiquement_adresses"]) or ["tous-publics"],
        "publics_precisions": f"Prise en charge : {', '.join(care)}" if care else None, **_located(place),
        "modes_accueil": _mapped("modes_accueil", row["modalites_accompagnement"]),
        "modes_mobilisation": _values("modalites_acces", ways), "mobilisable_par": _mapped("mobilisable_par", ways),
        "lien_mobilisation": row["prise_rdv"], "horaires_accueil": row["horaires"],
    }  # fmt: skip


def of_offer(place: Place, offer: Offer, by: Publisher) -> dict[str, Any]:
    """An offer as a service; where it says nothing of how to reach it, the place does."""
    row, located = place.row, _located(place)
    public = [mail for mail in national.mails([offer.courriel]) if mail] if offer.courriel else []
    return {
        "source": by.source, "structure_id": by.id_of(row["id"]), "id": by.id_of(offer.id), "nom": offer.nom,
        "description": national.without_mails(offer.description or "") or None,
        "date_maj": offer.date_maj or offer.updated_at.date().isoformat(),
        "lien_source": by.url + path(row["slug"], row["id"]), "type": offer.type,
        "thematiques": sorted({*offer.thematiques, *_values("demarches", offer.demarches)} & _THEMES),
        "frais": fee([offer.frais]) if offer.frais else None, "frais_precisions": offer.frais_precisions,
        "publics": _publics(offer.publics),
        **located, "telephone": offer.telephone or located["telephone"],
        "courriel": next(iter(public), located["courriel"]), "modes_accueil": list(offer.modes_accueil),
        "lien_mobilisation": offer.lien_mobilisation, "horaires_accueil": opening_hours(offer),
    }  # fmt: skip


def networks(row: Mapping[str, Any]) -> list[str]:
    """``reseaux_porteurs`` of a place: by its kind, its programmes, its labels."""
    special = _tables()["reseaux"]
    found = {value for code in row["typologie"] for value in special.get(code) or ()}
    usual = [code for code in row["typologie"] if code not in special]
    for name, codes in (
        ("typologies", usual), ("programmes", row["dispositif_programmes_nationaux"]),
        ("labels", row["formations_labels"]),
    ):  # fmt: skip
        found.update(_values(name, codes))
    return sorted(found & _NETWORKS)


def fee(codes: Sequence[str]) -> str | None:
    """``gratuit`` or ``payant``; both: v1 has no word, the precision says it. "Sous condition" is ``gratuit`` there."""
    found = set(_values("frais", codes))
    return found.pop() if len(found) == 1 else None


def _publics(codes: Iterable[str]) -> list[str]:
    """Ours by their vocabulary; those of v1 stay as they are (a register brought them)."""
    found: set[str] = set()
    for code in codes:
        term = vocabulary("publics").get(code)
        found.update(term.data_inclusion if term else (code,))
    return sorted(found)


def _is_ours(offer: Offer) -> bool:
    return offer.source is None or offer.updated_by is not None


def _located(place: Place) -> dict[str, Any]:
    row = place.row
    found = {name: row[name] for name in _SHARED if name != "courriel"}
    point = {name: row[name] for name in ("longitude", "latitude")}
    return {
        **found, "courriel": next(iter(national.mails(row["courriels"])), None),
        **(dict.fromkeys(point) if None in point.values() else point),
    }  # fmt: skip


def _day(place: Place) -> str | None:
    day = national.newest_day(place.row)
    return None if day == national.UNKNOWN_DAY else day


def _first_type(codes: Sequence[str]) -> str | None:
    table = _tables()["types"]
    return next((table[code] for code in table["ordre"] if code in codes), None)


def _mapped(table: str, codes: Iterable[str]) -> list[str]:
    known = _tables()[table]
    return sorted({known[code] for code in codes if code in known})


def _values(name: str, codes: Iterable[str], among: frozenset[str] | None = None) -> list[str]:
    terms = (vocabulary(name).get(code) for code in codes)
    found = {value for term in terms if term for value in term.data_inclusion}
    return sorted(found & among if among is not None else found)


def _labels(name: str, codes: Iterable[str]) -> list[str]:
    return [term.national for term in map(vocabulary(name).get, codes) if term]


@cache
def _tables() -> Mapping[str, Any]:
    text = files(vocabularies).joinpath("data_inclusion.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _valid(model: type[BaseModel], values: Mapping[str, Any], told: Told) -> dict[str, Any] | None:
    """The row as the model takes it, without what it refuses; None: something that it requires is among that."""
    kept = {name: value for name, value in values.items() if value not in (None, "", [])}
    for _ in model.model_fields:  # each round takes at least one value away
        try:
            model.model_validate(kept)
        except ValidationError as error:
            wrong = {str(one["loc"][0]) for one in error.errors()}
            if lacking := sorted(name for name in wrong if model.model_fields[name].is_required()):
                told.left_out[lacking[0]] += 1
                return None
            told.dropped.update(wrong)
            kept = {name: value for name, value in kept.items() if name not in wrong}
        else:
            break
    told.written += 1
    return {name: kept[name] for name in model.model_fields if name in kept}
