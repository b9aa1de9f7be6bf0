"""data·inclusion as a source of the pipeline: the weekly open files, or the API with a token."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from importers.cartographie.mapping import Rejected
from importers.fetch import file_at, is_web
from importers.inclusion import formats, mapping, selecting
from importers.locating import locate
from importers.pipeline.contract import Fetched, Problem, Read, Refused, Where
from importers.targets.inclusion import PlacesAndOffers
from reseau.core.clock import utcnow
from reseau.directory.apply import Incoming
from reseau.directory.imported_offers import IncomingOffer

if TYPE_CHECKING:
    from importers.fetch import Asker

MAX_BYTES = 2 * 1024**3
PAGE = 5_000  # rows: the API's own default; its authors measured no gain above
MAX_PAGES = 200


class Inclusion:
    """See :class:`importers.pipeline.contract.Source`.

    :param options: ``services``: address of the second file; ``token``: then the location is the API's; ``themes``.
    """

    def __init__(self, name: str = "inclusion", options: Mapping[str, Any] | None = None) -> None:
        self.name, self.options, self.target = name, dict(options or {}), PlacesAndOffers()

    def fetch(self, where: Where, asker: Asker, folder: Path) -> Fetched:
        """Both files, or all pages, then what concerns the territory. :raises Refused: one of them is not to be had."""
        themes = where.options.get("themes") or list(mapping.DEFAULT_THEMES)
        if where.options.get("token"):
            paths = {kind: self._pages(where, asker, folder, kind) for kind in ("structures", "services")}
            fetched = Fetched(None)
        else:
            # Published together each Monday: while the services have not changed, nothing has.
            services = where.options.get("services") or ""
            if not services:
                raise Refused("sans-adresse", nom="services")
            fetched = _file(asker, replace(where, location=services), folder / "services")
            if fetched.path is None:
                return fetched
            alone = Where(where.location)  # whole, whatever was known of it
            structures = _file(asker, alone, folder / "structures").path
            paths = {"services": fetched.path, "structures": structures or fetched.path}
        found = selecting.select(
            formats.rows(paths["structures"], "structures"), formats.rows(paths["services"], "services"),
            themes, where.territory,
        )  # fmt: skip
        bundle = folder / "bundle.jsonl"
        selecting.write(found, bundle)
        return Fetched(bundle, fetched.etag, fetched.last_modified)

    def _pages(self, where: Where, asker: Asker, folder: Path, kind: str) -> Path:
        """All pages of the API as one array. Pages may shift while it reloads: ids are made unique later."""
        departements = sorted({code[:3] if code[:2] == "97" else code[:2] for code in where.territory or ()})
        headers = {"Authorization": f"Bearer {where.options['token']}"}
        path = folder / f"{kind}.json"
        with path.open("w", encoding="utf-8") as out:
            out.write("[")
            first = True
            for departement in departements or [""]:
                for item in _items(asker, where.location, kind, departement, headers):
                    out.write(("" if first else ",") + json.dumps(item, ensure_ascii=False))
                    first = False
            out.write("]")
        return path

    def check(self, path: Path) -> Mapping[str, Any]:
        """Read the bundle to its end."""
        facts: dict[str, Any] = {"format": "data-inclusion-v1"}
        for document in selecting.documents(path):
            if document["kind"] == selecting.ABOUT:
                facts |= {"columns": document["columns"], "seen": document["seen"]}
        return facts

    def read(self, path: Path) -> Iterator[Read]:
        """Structures, then services; a service whose structure could not be used is refused with it."""
        known: set[str] = set()
        for number, document in enumerate(selecting.documents(path)):
            if document["kind"] == selecting.STRUCTURE:
                read = _structure(number, document)
                if read.incoming:
                    known.add(str(document["row"]["id"]))
                yield read
            elif document["kind"] == selecting.SERVICE:
                yield _service(number, document, known)


def _file(asker: Asker, where: Where, folder: Path) -> Fetched:
    folder.mkdir(exist_ok=True)  # a download that was cut goes on in the same folder
    if not is_web(where.location):
        return Fetched(file_at(where.location))
    return asker.download(where, folder, max_bytes=MAX_BYTES)


def _items(
    asker: Asker, base: str, kind: str, departement: str, headers: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for page in range(1, MAX_PAGES + 1):
        asked = {"page": page, "size": PAGE} | ({"code_departement": departement} if departement else {})
        url = f"{base.rstrip('/').removesuffix('/api/v1')}/api/v1/{kind}?{urlencode(asked)}"
        try:
            answer = asker.get(url, max_bytes=MAX_BYTES, headers=dict(headers))
        except Refused as error:
            if error.details.get("status") in (401, 403):
                raise Refused("jeton-refuse") from None
            raise
        try:
            found = json.loads(answer.content)
            items, pages = found["items"], int(found["pages"])
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Refused("hors-schema", missing="items, pages") from None
        if answer.status != 200 or not isinstance(items, list):
            raise Refused("hors-schema", missing="items")
        yield from (_public(item) for item in items if isinstance(item, dict))
        if page >= pages:
            return


def _public(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in formats.PERSONAL}


def _structure(number: int, document: Mapping[str, Any]) -> Read:
    row, part = document["row"], str(document["row"].get("id") or "")
    try:
        mapped = mapping.structure(row, document["themes"])
    except Rejected as error:
        problem = Problem(number, part or None, None, error.reason, f"{error.field} : {error.value}")
        return Read(number, None, (problem,), (part,) if part else (), row)
    problems = tuple(Problem(number, part, issue.field, issue.reason, issue.value) for issue in mapped.issues)
    incoming = Incoming(part, (part,), dict(row), locate(mapped.record), repairs=mapped.repairs)
    return Read(number, incoming, problems, (part,), row)


def _service(number: int, document: Mapping[str, Any], known: set[str]) -> Read:
    row, part = document["row"], str(document["row"].get("id") or "")
    said, issues = mapping.offer(row, document["themes"], utcnow().date())
    incoming = IncomingOffer(part, str(row.get("structure_id")), said)
    if not part or len(part) > 255 or not said["nom"] or incoming.structure_part not in known:
        reason = "id-manquant" if not part else "id-trop-long" if len(part) > 255 else "nom-manquant"
        reason = "structure-inconnue" if said["nom"] and part and len(part) <= 255 else reason
        return Read(number, None, (Problem(number, part, None, reason, ""),), incoming.parts, row)
    problems = tuple(Problem(number, part, field, reason, value) for field, reason, value in issues)
    return Read(number, incoming, problems, incoming.parts, row)
