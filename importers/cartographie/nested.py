"""Rows of JSON that are not flat: answers of the APIs, features of GeoJSON; and ids for rows without one.

Sources: the model of ``lieux-de-mediation-numerique`` (``adresse``, ``localisation``, ``contact``, ``presentation``),
the API of the ANCT (``adresse`` in pieces, arrays), RFC 7946 for GeoJSON (longitude first). What an API says of
mediators, and of any other person, is in no column that is known here: it is left where it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from importers.cartographie.columns import MADE_UP, normal_name

__all__ = ["flattened", "made_up_id", "where_items_are"]

_STREET: Final = ("numero_voie", "repetition", "nom_voie")
#: Object → its name in it → column. A column that the row has already stands.
_INNER: Final[Mapping[str, Mapping[str, str]]] = {
    "adresse": {"voie": "adresse", "adresse": "adresse", "commune": "commune", "code_postal": "code_postal",
                "code_insee": "code_insee", "complement_adresse": "complement_adresse"},
    "localisation": {"latitude": "latitude", "longitude": "longitude"},
    "contact": {"telephone": "telephone", "courriels": "courriels", "courriel": "courriels", "site_web": "site_web"},
    "presentation": {"resume": "presentation_resume", "detail": "presentation_detail"},
}  # fmt: skip
_FEATURES = re.compile(rb'"features"\s*:\s*\[')
_DATA = re.compile(rb'\A\s*\{\s*"data"\s*:\s*\[')


def where_items_are(head: bytes) -> str | None:
    """The path of the rows (of ``ijson``) in an object whose beginning is ``head``: GeoJSON, a page of an API."""
    if _DATA.match(head):
        return "data.item"
    return "features.item" if _FEATURES.search(head) else None


def flattened(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row with its columns side by side; itself when it is flat."""
    if item.get("type") == "Feature" and isinstance(item.get("properties"), Mapping):
        item = _feature(item)
    objects = [name for name in item if normal_name(name) in _INNER and isinstance(item[name], Mapping)]
    if not objects:
        return item
    flat = {name: value for name, value in item.items() if name not in objects}
    taken = {normal_name(name) for name in flat}
    for name in objects:
        inner = {normal_name(key): value for key, value in item[name].items() if isinstance(key, str)}
        if street := _street(inner):
            inner.setdefault("voie", street)
        for key, column in _INNER[normal_name(name)].items():
            if inner.get(key) is not None and column not in taken:
                flat[column] = inner[key]
                taken.add(column)
    return flat


def _street(inner: Mapping[str, Any]) -> str:
    pieces = (inner.get(name) for name in _STREET)
    return " ".join(str(piece).strip() for piece in pieces if isinstance(piece, str | int) and str(piece).strip())


def _feature(item: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = dict(item["properties"])
    if "id" not in properties and item.get("id") is not None:
        properties["id"] = item["id"]
    geometry = item.get("geometry")
    point = geometry.get("coordinates") if isinstance(geometry, Mapping) and geometry.get("type") == "Point" else None
    if isinstance(point, list) and len(point) >= 2 and not {"latitude", "longitude"} & set(properties):
        properties["longitude"], properties["latitude"] = point[:2]
    return properties


def made_up_id(values: Mapping[str, Any]) -> str | None:
    """An id for a row of a file that leaves it empty (Data Space): a digest of its name, commune and address. The same
    place has the same id in each file, until one of them changes. None when it has neither name nor place."""
    said = [" ".join(str(values.get(name) or "").split()).casefold() for name in ("nom", "commune", "adresse")]
    if not said[0] or not any(said[1:]):
        return None
    return MADE_UP + hashlib.sha256("\n".join(said).encode("utf-8", "replace")).hexdigest()[:24]
