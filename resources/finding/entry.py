"""What another room's page (the home page) shows of the resources: the kits, and tutorials by language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from resources.base import langs
from resources.base.shapes import Kind
from resources.finding import items
from resources.finding.facts import Moment

KITS, LANGUAGES = 8, 6


@dataclass(frozen=True, slots=True)
class Spoken:
    """Tutorials that can be read in a language. ``name``: of the language, in itself."""

    lang: str
    dir: str
    name: str
    total: int


@dataclass(frozen=True, slots=True)
class Entry:
    """``kits``: the newest (see ``items.item``). ``total``: resources that everyone reads. ``tutorials``: by language,
    those most asked for first."""

    kits: list[dict[str, Any]]
    tutorials: list[Spoken]
    total: int

    @staticmethod
    def direction(lang: str) -> str:
        """Direction of a title."""
        return langs.direction(lang)


def entry(session: Session, moment: Moment, lang: str, timezone: str) -> Entry:
    """What everyone may read; three statements at most. :param lang: of the reader."""
    facts = moment.facts
    public = facts.visible(network=False)
    rows = np.flatnonzero(public & facts.having("type", [Kind.KIT.value]))
    newest = rows[np.argsort(facts.by_date[rows], kind="stable")][:KITS].tolist()
    kits = items.load(session, [facts.items[row].id for row in newest], lang, timezone)
    tutorials = public & facts.having("type", [Kind.TUTORIEL.value])
    spoken = []
    for code in facts.languages:
        if total := int(np.count_nonzero(tutorials & facts.having("langue_contenu", [code]))):
            spoken.append(Spoken(code, langs.direction(code), langs.own_name(code), total))
    return Entry(kits, spoken[:LANGUAGES], int(np.count_nonzero(public)))
