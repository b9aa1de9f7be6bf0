"""What comes in, for the matrix of ``tests/test_matrix.py`` and for the browser: sources and their runs, places that may
be one, a watched feed, a calendar, a spreadsheet, links from elsewhere, so that every address becomes a real one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from webtest import Upload

from importers.checking.findings import Report
from importers.checking.packing import packed
from importers.matching.pairs import pair_of
from importers.models import (
    ImportReject,
    ImportRun,
    ImportSource,
    MatchPair,
    RunState,
    SheetUpload,
    Verdict,
    WatchItem,
)
from importers.pipeline.contract import COUNTS, How
from importers.pipeline.raws import Raw, RawStore
from importers.tableur import running
from importers.targets.structures import Structures
from reseau.agenda.models import Event
from reseau.core.ids import new_id
from reseau.directory.apply import Incoming
from reseau.directory.models import SourceRecord, Structure
from resources.base import services
from resources.base.content import Content
from resources.base.models import Resource, ResourceAuthor, ResourceSource, Visibility
from resources.base.routes import path_of
from resources.base.shapes import Kind
from tests.directory.site import csv_of, row

ADOPT = "/{plural}/{slug}/adopter"
ADDRESSES = (
    "/gestion/sources", "/gestion/imports", "/gestion/rapprochements", "/gestion/veille", "/gestion/agenda",
    "/gestion/tableurs", "/flux/donnees", ADOPT, "/valider")  # fmt: skip
SOURCE, UNTOUCHED, PARTNER = "registre-essai", "registre-neuf", "partenaire-essai"
URL = "https://registre.example/lieux.csv"
CSV = "id;nom;commune;code_insee;code_postal;adresse\r\nZ1;Maison du Zéphyr;Roubaix;59512;59100;1 rue du Zéphyr\r\n"
#: Rank of a column of CSV → what it is.
COLUMNS = {"0": "id", "1": "nom", "2": "commune", "3": "code_insee", "4": "code_postal", "5": "adresse"}
WHERE = {"commune": "Roubaix", "code_insee": "59512", "code_postal": "59100", "date_maj": "2024-05-06"}
NAMES = ("Maison du Levant", "Bus du Levant", "Maison du Ponant", "Atelier du Ponant")
JOINED = {"nom": "CCAS du Midi", "adresse": "9 rue du Midi", "telephone": "+33320000077", **WHERE}
COUNTS_OF_RUN = {**dict.fromkeys(COUNTS, 0), "read": 3, "created": 1, "updated": 1, "rejected": 1}
REASONS = {"nom": 80, "adresse": 100, "telephone": "same", "distance": 12, "mots": ["bus"]}


@dataclass(frozen=True, slots=True)
class Brought:
    """``ids``: what stands for an id in addresses → the id. ``links``: who reads it (``public``, ``network``,
    ``draft``) → a resource from elsewhere. ``fields``: route → what its form must hold to be taken."""

    ids: dict[str, UUID]
    links: dict[str, Resource]
    fields: dict[str, dict[str, Any]]

    def fill(self, pattern: str, which: str = "public") -> str:
        """A real address for a pattern of ADDRESSES. :param which: who reads the resource that it names."""
        if pattern.startswith(ADOPT):
            return path_of(self.links[which]) + pattern.removeprefix("/{plural}/{slug}")
        if pattern == "/gestion/sources/nouvelle":
            return f"{pattern}?lecture=cartographie"
        known: dict[str, Any] = {
            "name": "lieux.csv" if pattern.startswith("/flux") else UNTOUCHED if _never(pattern) else SOURCE,
            "run": self.ids["held" if pattern.endswith(("/decision", "/changements")) else "run"], "kind": "csv",
        }  # fmt: skip
        for start, what in _IDS:
            if pattern.startswith(start):
                known["id"] = self.ids["decided" if pattern.endswith("/annuler") else what]
                break
        for name, value in known.items():
            pattern = pattern.replace(f"{{{name}}}", str(value))
        return pattern


_IDS = (
    ("/gestion/rapprochements/liens", "record"),
    ("/gestion/rapprochements", "pair"), ("/gestion/veille/flux", "feed"), ("/gestion/veille", "news"),
    ("/gestion/tableurs", "upload"),
)  # fmt: skip


def _never(pattern: str) -> bool:
    """Whether an address is of a source that never ran."""
    return pattern.endswith("/supprimer")


def brought(
    session: Session, raws: Path, here: UUID, author: UUID, now: datetime, url: str = "https://flux.example"
) -> Brought:
    """One of each thing that an address of the importers can name, none of it at ``here`` but links that its author
    ``author`` wrote. :param raws: the folder of raw files. :param url: beginning of the address of the feed."""
    kept = _raw(raws, CSV)
    session.add(_source(SOURCE, "cartographie", "Registre d’essai", URL, now))
    session.add(_source(UNTOUCHED, "cartographie", "Registre neuf", URL.replace("lieux", "neuf"), now))
    ids = {**_places(session, now), **_watch(session, url, now), **_calendar(session, url, now)}
    ids |= {**_runs(session, kept, ids["place"], now), "upload": _upload(session, kept, raws, now)}
    ids["record"] = session.scalars(sa.select(SourceRecord.id).where(SourceRecord.source_id == "dora_2")).one()
    links = {which: _link(session, which, here, author, now) for which in ("public", "network", "draft")}
    session.flush()
    return Brought(ids, links, _forms(ids, url))


def _raw(raws: Path, text: str) -> Raw:
    raws.mkdir(parents=True, exist_ok=True)
    path = raws / "sent.csv"
    path.write_text(text, encoding="utf-8", newline="")
    kept = RawStore(raws).keep(path)
    path.unlink()
    return kept


def _source(name: str, adapter: str, title: str, location: str, now: datetime, **more: Any) -> ImportSource:
    return ImportSource(name=name, adapter=adapter, title=title, location=location, enabled=True, created_at=now,
                        next_at=now + timedelta(days=1), **more)  # fmt: skip


def _places(session: Session, now: datetime) -> dict[str, UUID]:
    """Four places, a pair of them to decide, one that was decided; one place that two records tell of."""
    how = How("cartographie", ("cartographie",), now)
    wanted = [Incoming(name, (name,), {}, {"nom": name, "adresse": f"{n} rue des Vents", "latitude": 50.69 + n / 1000,
                                               "longitude": 3.18, **WHERE})
              for n, name in enumerate(NAMES)]  # fmt: skip
    joined = [Incoming(id_, (id_,), {}, JOINED) for id_ in ("SIILAB_1", "dora_2")]
    for one in (*wanted, *joined):
        Structures().apply(session, how, [one])
    session.flush()
    found = dict(session.execute(sa.select(Structure.nom, Structure.id).where(Structure.nom.in_(NAMES))).all())
    session.execute(sa.delete(MatchPair).where(MatchPair.left_id.in_(found.values())))
    left, right, west, shop = (found[name] for name in NAMES)
    made = {"pair": _pair(left, right, Verdict.OPEN, now), "decided": _pair(west, shop, Verdict.DISTINCT, now)}
    session.add_all(made.values())
    session.flush()
    return {"place": left, **{name: pair.id for name, pair in made.items()}}


def _pair(one: UUID, other: UUID, verdict: Verdict, now: datetime) -> MatchPair:
    left, right = pair_of(one, other)
    return MatchPair(left_id=left, right_id=right, score=75, reasons=REASONS, verdict=verdict.value, created_at=now,
                     decided_at=None if verdict is Verdict.OPEN else now)  # fmt: skip


def _runs(session: Session, kept: Raw, place: UUID, now: datetime) -> dict[str, UUID]:
    """A run that is done, with a row that was refused, and one that is held; the source is that of both."""
    source = session.scalars(sa.select(ImportSource).where(ImportSource.name == SOURCE)).one()
    common = {"source": SOURCE, "source_id": source.id, "location": URL, "raw": kept.digest, "size": kept.size}
    fields = [["telephone", "+33320000001", "+33320000002"], ["adresse", None, "2 rue des Vents"]]
    preview = {
        "counts": COUNTS_OF_RUN, "absent": [{"id": str(place), "name": NAMES[0]}], "more": False,
        "structures": [{"id": str(place), "name": NAMES[0], "op": "update", "fields": fields},
                       {"id": str(new_id()), "name": "Maison du Zéphyr", "op": "create", "fields": []}],
    }  # fmt: skip
    done = ImportRun(**common, state=RunState.DONE.value, started_at=now - timedelta(days=2), cursor=3,
                     ended_at=now - timedelta(days=2), summary={**COUNTS_OF_RUN, "seconds": 2})  # fmt: skip
    held = ImportRun(**common, state=RunState.HELD.value, started_at=now - timedelta(days=1), preview=preview,
                     ended_at=now - timedelta(days=1), error="trop-de-disparus", error_detail={})  # fmt: skip
    session.add_all([done, held])
    session.flush()
    session.add_all([
        ImportReject(run_id=done.id, row_number=2, source_id="Z2", field=None, reason="nom-absent", value="",
                     raw={"id": "Z2", "nom": "", "adresse": "une adresse très très longue " * 5}),
        ImportReject(run_id=done.id, row_number=3, source_id="Z3", field="telephone", reason="telephone-invalide",
                     value="03 20 <b>"),
    ])  # fmt: skip
    source.last_run_id, source.last_good_at = done.id, done.ended_at
    return {"run": done.id, "held": held.id}


def _watch(session: Session, url: str, now: datetime) -> dict[str, UUID]:
    """A feed with an entry."""
    feed = _source("flux-essai", "veille", "Flux d’essai", f"{url}/rss", now)
    session.add(feed)
    session.flush()
    return {"feed": feed.id, "news": news(session, feed.id, "Une permanence ouvre à l’hôpital", now)}


def news(session: Session, feed: UUID, title: str, now: datetime) -> UUID:
    """An entry of a feed that nobody has sorted."""
    id_ = new_id()
    session.add(WatchItem(id=id_, source_id=feed, guid=id_.hex, url=f"https://flux.example/{id_.hex}", title=title,
                          summary="On y va sans rendez-vous.", published_at=now - timedelta(hours=3), seen_at=now,
                          digest=id_.hex * 2, cluster_id=id_))  # fmt: skip
    session.flush()
    return id_


def _calendar(session: Session, url: str, now: datetime) -> dict[str, UUID]:
    """A calendar with a date."""
    session.add(_source("agenda-essai", "agenda", "Agenda d’essai", f"{url}/dates.ics", now))
    date = Event(source="agenda-essai", uid="1", title="Atelier du mardi", description="Pour toutes et tous.",
                 place="9 rue du Midi", starts_at=now + timedelta(days=3), url="https://flux.example/atelier",
                 ends_at=now + timedelta(days=3, hours=2), created_at=now, updated_at=now)  # fmt: skip
    session.add(date)
    session.flush()
    return {"event": date.id}


def _upload(session: Session, kept: Raw, raws: Path, now: datetime) -> UUID:
    """A spreadsheet of a partner that was tried."""
    partner = _source(PARTNER, "tableur", "Partenaire d’essai", "", now)
    partner.next_at = None
    session.add(partner)
    session.flush()
    with RawStore(raws).open(kept.digest) as path:
        columns = running.describe(path)["sheets"]
    trial = {"state": "done", "counts": COUNTS_OF_RUN, "reasons": {}, "structures": [], "joined": [], "problems": [],
             "absent": [], "at": now.isoformat()}  # fmt: skip
    made = SheetUpload(at=now, filename="lieux du partenaire.csv", raw=kept.digest, size=kept.size, columns=columns,
                       source_id=partner.id, trial=trial,
                       mapping={"sheet": 0, "columns": COLUMNS, "complete": False})  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def _link(session: Session, which: str, here: UUID, author: UUID, now: datetime) -> Resource:
    """A link of ``here`` and of ``author`` that came from elsewhere; nobody adopted it."""
    said = Content(Kind.LIEN, f"Lien d’ailleurs {which}", lang="fr", summary="Un dépliant.",
                   themes=("numerique_en_sante",), url="https://bases.example/un")  # fmt: skip
    made = services.create(session, said, by=author, structure_id=here, now=now)
    if author not in services.author_ids(session, made.id):
        session.add(ResourceAuthor(resource_id=made.id, person_id=author))
    if which != "draft":
        made.visibility = (Visibility.NETWORK if which == "network" else Visibility.PUBLIC).value
        services.publish(session, made, by=None, now=now)
    session.add(ResourceSource(resource_id=made.id, source="lesbases", source_id=which, url=said.url, digest="0" * 64,
                               base="Base d’essai", base_url="https://bases.example/", source_updated_at=now,
                               changed_at=now, fetched_at=now, said={"nom": "Les Bases"}))  # fmt: skip
    session.flush()
    return made


def _forms(ids: dict[str, UUID], url: str) -> dict[str, dict[str, Any]]:
    """What the forms must hold to be taken. Of adoption: see ``World.fields``."""
    source = {"titre": "Un registre", "adresse": "https://registre.example/autre.csv", "heures": "24", "bruts": "7"}
    columns = {f"c{rank}": field for rank, field in COLUMNS.items()}
    feed = {"theme": "", "langue": "", "actif": "y"}
    file = Upload("lieux.csv", CSV.replace(";", ",").encode(), "text/csv")
    return {
        "schedule.source.new": source, "schedule.source.edit": source, "schedule.order": {"haut": SOURCE},
        "schedule.source.switch": {"etat": "non"}, "schedule.run.decide": {"choix": "accepter"},
        "schedule.run.replay": {"faire": "essayer"}, "review.pair": {"verdict": "distinct"},
        "review.joined": {"separer": str(ids["record"])}, "veille.tray": {"garder": str(ids["news"])},
        "veille.feeds": {"adresse": f"{url}/autre", **feed},
        "veille.feed": {"adresse": f"{url}/rss", "titre": "Autre nom", **feed},
        "veille.link": {"titre": "Une permanence", "vaut": "Utile.", "theme": "numerique_en_sante"},
        "calendars.tray": {"garder": str(ids["event"])}, "calendars.list": {"adresse": f"{url}/autre.ics"},
        "tableur.list": {"fichier": file}, "tableur.columns": {**columns, "source": PARTNER, "feuille": "0"},
        "checking.page": {"fichier": Upload("lieux.csv", csv_of([row("Z1")]).encode(), "text/csv")}, "checking.table": {"tableau": packed(Report("national", "csv", rows=1))},
    }  # fmt: skip
