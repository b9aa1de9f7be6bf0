"""Addresses of the letter's writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.core.ids import UUID_PATTERN

if TYPE_CHECKING:
    from pyramid.config import Configurator

ISSUE = f"/gestion/lettre/{{id:{UUID_PATTERN}}}"
ROUTES = (
    ("letter.home", "/gestion/lettre"),
    ("letter.calendar", "/gestion/lettre/calendrier"),
    ("letter.issue", ISSUE),
    ("letter.update", ISSUE + "/mettre-a-jour"),
    ("letter.delete", ISSUE + "/supprimer"),
    ("letter.lines", ISSUE + "/lignes"),
    ("letter.line.new", ISSUE + "/lignes/nouvelle"),
    ("letter.line", ISSUE + f"/lignes/{{line:{UUID_PATTERN}}}"),
    ("letter.segments", ISSUE + "/destinataires"),
    ("letter.preview", ISSUE + "/apercu"),
    ("letter.preview.mail", ISSUE + "/apercu/courriel"),
    ("letter.plan", ISSUE + "/envoyer"),
    ("letter.test", ISSUE + "/essai"),
    ("letter.launch", ISSUE + "/lancer"),
    ("letter.approve", ISSUE + "/approuver"),
    ("letter.back", ISSUE + "/reprendre"),
    ("letter.follow", ISSUE + "/suivi"),
    ("letter.proof", ISSUE + "/preuve.csv"),
)


def includeme(config: Configurator) -> None:
    """All routes of the part."""
    for name, pattern in ROUTES:
        config.add_route(name, pattern)
