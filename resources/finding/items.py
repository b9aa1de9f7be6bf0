"""The resources of a list as cards and JSON show them: one dictionary each, in a few statements however many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.clock import local_day
from reseau.core.db import dicts
from reseau.core.text import Marks
from resources.base.content import HEADER, TRANSLATED
from resources.base.models import Opinion, Resource, ResourceSource, ResourceUse, ResourceVersion, TranslationUnit
from resources.base.shapes import PLURALS, Kind
from resources.finding.extracts import Unit, extracts, units_in

USEFUL_FROM = 3
"""Grade from which a reader found it useful (1 to 4)."""
_COLUMNS = (
    "id", "kind", "slug", "lang", "visibility", "version", "title", "summary", "themes", "demarches", "publics",
    "supports", "niveau", "licence", "duree", "langs", "published_at", "updated_at", "verified_at", "due_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What readers said of a resource. ``useful``: of ``opinions``. ``structures``: that used it."""

    opinions: int = 0
    useful: int = 0
    structures: int = 0

    @property
    def percent(self) -> int | None:
        """How many in a hundred found it useful; None when nobody said."""
        return round(100 * self.useful / self.opinions) if self.opinions else None

    @property
    def score(self) -> float:
        """For the order: the share of who found it useful, pulled towards one half where few people said (two
        imaginary opinions, one each way)."""
        return (self.useful + 1) / (self.opinions + 2) if self.opinions else 0.0


def _useful() -> sa.ColumnElement[Any]:
    return sa.func.coalesce(sa.func.sum(sa.case((Opinion.grade >= USEFUL_FROM, 1), else_=0)), 0)


def useful(session: Session) -> dict[UUID, float]:
    """How useful each resource was found; one statement."""
    found = sa.select(Opinion.resource_id, sa.func.count(), _useful()).group_by(Opinion.resource_id)
    return {id_: Said(int(total), int(good)).score for id_, total, good in session.execute(found)}


def load(
    session: Session, ids: Sequence[UUID], lang: str, timezone: str, marks: Marks = (), spoken: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The resources of ``ids``, in their order; four statements at most.

    :param lang: in which titles and summaries are shown, where there are. :param marks: what to look for in the texts.
    :param spoken: languages that were asked for: title and summary are shown in the first of them that there is.
    """
    if not ids:
        return []
    rows = {row["id"]: row for row in _rows(session, ids)}
    header = TranslationUnit.section == HEADER
    own = TranslationUnit.lang == lang
    wanted = sa.and_(header, TranslationUnit.lang.in_(list(spoken)))
    units = units_in(session, ids, sa.or_(own if marks else sa.and_(own, header), wanted))
    in_lang = {id_: [unit for unit in found if unit.lang == lang] for id_, found in units.items()}
    parts = extracts(session, rows, in_lang, lang, marks) if marks else {}
    items = []
    for id_ in ids:
        if id_ in rows:  # it may have gone since the facts were made
            titles = {unit.lang: unit for unit in units.get(id_, ()) if unit.section == HEADER}
            shown = next((code for code in spoken if code in rows[id_]["langs"]), lang)
            made = item(rows[id_], titles.get(shown), timezone)
            items.append(made | {"extrait": parts.get(id_), "langues_en_partie": _partly(rows[id_])})
    return items


def _partly(row: Mapping[str, Any]) -> list[str]:
    """The languages in which less than half of the sections of a resource can be read."""
    # As stored: twenty contents are not built for a count. A block may have no words.
    blocks = [one for one in row["content"].get("blocks", ()) if any(one.get(name) for name in TRANSLATED)]
    units = Counter((row["units"] or "").split(","))
    return [lang for lang in row["langs"] if lang != row["lang"] and 2 * units[lang] < 1 + len(blocks)]


def _rows(session: Session, ids: Sequence[UUID]) -> Iterator[Mapping[str, Any]]:
    """Their columns, their contents, the language of each translated section, and what readers said."""
    columns: list[Any] = [getattr(Resource, name) for name in _COLUMNS]
    structures = sa.func.count(ResourceUse.structure_id.distinct())
    told = [
        sa.select(count).where(table.resource_id == Resource.id).scalar_subquery().label(name)
        for name, table, count in (
            ("opinions", Opinion, sa.func.count(Opinion.person_id)),
            ("useful", Opinion, _useful()),
            ("structures", ResourceUse, structures),
        )
    ]
    number = sa.and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.version)
    translated = sa.select(sa.func.aggregate_strings(TranslationUnit.lang, ","))
    translated = translated.where(TranslationUnit.resource_id == Resource.id, TranslationUnit.words.is_not(None))
    told.append(translated.scalar_subquery().label("units"))
    origin = sa.select(ResourceSource.said["nom"].as_string()).where(ResourceSource.resource_id == Resource.id)
    told.append(origin.scalar_subquery().label("provided_by"))
    wanted = sa.select(*columns, *told, ResourceVersion.content).join(ResourceVersion, number)
    return dicts(session.execute(wanted.where(Resource.id.in_(ids))))


def item(row: Mapping[str, Any], header: Unit | None, timezone: str) -> dict[str, Any]:
    """One resource. :param row: see ``_rows``. :param header: its words in the language to show, if it has any."""
    words, source = (header.words, row["lang"]) if header else ({}, row["lang"])
    told = Said(row["opinions"], int(row["useful"]), row["structures"])

    def worded(name: str, own: str) -> tuple[str, str]:
        return (str(words[name]), header.lang) if header and own and words.get(name) else (own, source)

    (title, title_lang), (summary, summary_lang) = worded("title", row["title"]), worded("text", row["summary"])

    def day(moment: datetime | None) -> str | None:
        return local_day(moment, timezone).isoformat() if moment else None

    return {
        "id": str(row["id"]), "type": row["kind"], "slug": row["slug"],
        "url": f"/{PLURALS[Kind(row['kind'])]}/{row['slug']}",
        "titre": title, "titre_langue": title_lang, "titre_source": row["title"],
        "resume": summary, "resume_langue": summary_lang,
        "traduit_par_machine": bool(header and header.machine and source != title_lang),
        "duree": row["duree"], "niveau": row["niveau"] or None, "langue": row["lang"], "langues": row["langs"],
        "themes": row["themes"], "demarches": row["demarches"], "publics": row["publics"],
        "supports": row["supports"], "licence": row["licence"] or None, "visibilite": row["visibility"],
        "version": row["version"], "publie_le": day(row["published_at"]), "modifie_le": day(row["updated_at"]),
        "verifie_le": day(row["verified_at"]), "a_verifier_le": row["due_on"] or None,
        "avis": told.opinions, "utile_pour_cent": told.percent, "structures_utilisatrices": told.structures,
        "vient_de": row["provided_by"],
    }  # fmt: skip


def as_data(one: Mapping[str, Any]) -> dict[str, Any]:
    """The same for machines: the part that matched as plain text."""
    extract = one["extrait"]
    text = extract and {
        "texte": "".join(text for text, _ in extract["segments"]),
        "langue": extract["langue"],
        "fichier": extract["fichier"],
    }
    return {**one, "extrait": text}
