"""data·inclusion as a source of the pipeline: the weekly open files, or the API with a token."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import ijson

from importers.cartographie.mapping import Rejected
from importers.fetch import file_at, is_web
from importers.inclusion import formats, mapping, selecting
from importers.pipeline import rules
from importers.pipeline.contract import Fetched, Problem, Read, Refused, Where
from importers.shallow import Shallow
from importers.targets.inclusion import PlacesAndOffers
from reseau.core import territories
from reseau.core.clock import utcnow
from reseau.directory.apply import Incoming
from reseau.directory.imported_offers import IncomingOffer
from reseau.settings import is_private_host

if TYPE_CHECKING:
    from importers.fetch import Asker

MAX_BYTES = 2 * 1024**3
MAX_PAGE = 32 * 1024**2  # 5,000 services are some 14 MB
READERS = ("reseau.core.contacts", "reseau.core.hours_text", "reseau.core.mending", "reseau.core.vocabularies")
PAGE = 5_000  # rows: the API's own default; its authors measured no gain above
MAX_PAGES = 200


class Inclusion:
    """See :class:`importers.pipeline.contract.Source`.

    :param options: ``services``: address of the second file; ``token``: then the location is the API's; ``themes``.
    """

    def __init__(self, name: str = "inclusion", options: Mapping[str, Any] | None = None) -> None:
        self.name, self.options, self.target = name, dict(options or {}), PlacesAndOffers()

    local = True
    """A path is not the raw file: it is one of two files of this machine."""

    @property
    def rules(self) -> str:
        """Of what reads the files: other rules read the same bytes again."""
        return rules.version("importers.inclusion", "importers.cartographie", "importers.cleaning", *READERS)

    def fetch(self, where: Where, asker: Asker, folder: Path) -> Fetched:
        """Both files, or all pages, then what concerns the territory. :raises Refused: one of them is not to be had."""
        if not is_web(where.location):
            where = _here(where, folder)
            if selecting.is_bundle(Path(where.location)):
                return Fetched(Path(where.location))
        themes = where.options.get("themes") or list(mapping.DEFAULT_THEMES)
        if where.options.get("token"):
            paths = {kind: self._pages(where, asker, folder, kind) for kind in ("structures", "services")}
            fetched = Fetched(None)
        else:
            paths, fetched = _both(where, asker, folder)
            if not paths:
                return fetched
        found = selecting.select(
            formats.rows(paths["structures"], "structures"), formats.rows(paths["services"], "services"),
            themes, where.territory,
        )  # fmt: skip
        bundle = folder / "bundle.jsonl"
        selecting.write(found, bundle)
        return Fetched(bundle, fetched.etag, fetched.last_modified)

    def _pages(self, where: Where, asker: Asker, folder: Path, kind: str) -> Path:
        """All pages of the API as one array. Pages may shift while it reloads: ids are made unique later."""
        departements = sorted(set(map(territories.departement, where.territory or ())))
        address = urlsplit(where.location)
        if address.scheme != "https" and not is_private_host(address.hostname or ""):
            raise Refused("jeton-en-clair")  # whoever is on the way would read it
        headers = {"Authorization": f"Bearer {where.options['token']}"}
        path = folder / f"{kind}.json"
        with path.open("w", encoding="utf-8") as out:
            out.write("[")
            first = True
            for departement in departements or [""]:
                for item in _items(asker, where.location, kind, departement, headers):
                    out.write(("" if first else ",") + json.dumps(item))
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


KINDS = ("structures", "services")


def _here(where: Where, folder: Path) -> Where:
    """A path of this machine: a kept bundle, a file of structures (its services by the option), or, as ``reseau export
    inclusion`` writes them, a folder or a ``.zip`` with both."""
    path = Path(where.location)
    if path.is_dir():
        files = {kind: path / f"{kind}.json" for kind in KINDS}
    elif zipfile.is_zipfile(file_at(where.location)):
        files = {kind: _unzipped(path, kind, folder) for kind in KINDS}
    else:
        return where
    return replace(
        where, location=str(files["structures"]), options={**where.options, "services": str(files["services"])}
    )


def _unzipped(path: Path, kind: str, folder: Path) -> Path:
    target, left = folder / f"{kind}.unzipped.json", MAX_BYTES
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{kind}.json") as packed, target.open("wb") as out:
            while piece := packed.read(1 << 20):
                left -= len(piece)
                if left < 0:
                    raise Refused("trop-gros")
                out.write(piece)
    except KeyError:
        raise Refused("hors-schema", missing=f"{kind}.json") from None
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Refused("illisible") from error
    return target


def _both(where: Where, asker: Asker, folder: Path) -> tuple[dict[str, Path], Fetched]:
    """Both files; none when the server says that neither has changed. One that has not is asked for again when the
    other has: it was not kept. What is remembered of both is one text of JSON in ``etag``."""
    addresses = dict(zip(KINDS, (where.location, str(where.options.get("services") or "")), strict=True))
    if not addresses["services"]:
        raise Refused("sans-adresse", nom="services")
    known = _remembered(where.etag)
    got = {kind: _file(asker, Where(url, {}, *known[kind]), folder / kind) for kind, url in addresses.items()}
    if all(one.path is None for one in got.values()):
        return {}, Fetched(None, where.etag, where.last_modified)
    for kind, one in got.items():
        if one.path is None:
            got[kind] = _file(asker, Where(addresses[kind]), folder / kind)
    said = json.dumps([[got[kind].etag, got[kind].last_modified] for kind in KINDS])
    return {kind: one.path for kind, one in got.items() if one.path}, Fetched(None, said)


def _remembered(etag: str | None) -> dict[str, tuple[str | None, str | None]]:
    try:
        found = json.loads(etag or "")
        return {kind: (str(one[0]) if one[0] else None, str(one[1]) if one[1] else None)
                for kind, one in zip(KINDS, found, strict=True)}  # fmt: skip
    except (ValueError, TypeError, IndexError, KeyError):
        return dict.fromkeys(KINDS, (None, None))


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
            answer = asker.get(url, max_bytes=MAX_PAGE, headers=dict(headers))
        except Refused as error:
            if error.details.get("status") in (401, 403):
                raise Refused("jeton-refuse") from None
            raise
        items, pages = _page(answer.content)
        yield from (_public(item) for item in items if isinstance(item, dict))
        if page >= pages:
            return


def _page(content: bytes) -> tuple[list[Any], int]:
    """(items, number of pages). :raises Refused: an answer of another shape."""
    try:
        items = list(islice(ijson.items(Shallow(BytesIO(content), records=2), "items.item", use_float=True), PAGE + 1))
        pages = next(ijson.items(Shallow(BytesIO(content), records=2), "pages"), None)
    except (ijson.JSONError, ValueError, RecursionError):
        raise Refused("hors-schema", missing="items, pages") from None
    if not isinstance(pages, int) or len(items) > PAGE:
        raise Refused("hors-schema", missing="items, pages")
    return items, pages


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
    incoming = Incoming(part, (part,), dict(row), mapped.record, repairs=mapped.repairs)
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
