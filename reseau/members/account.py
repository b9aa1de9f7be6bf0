"""What the page of one's own account shows, next to the profile: drafts, requests that wait, roles on the site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core.ids import UUID_PATTERN
from reseau.core.wording import _
from reseau.directory.models import Structure
from reseau.members import drafts, places
from reseau.members.joining_emails import ROLE_NAMES, ROLE_SENTENCES
from reseau.members.models import Decision, JoinRequest
from reseau.web.security import SITE_ROLES, Role

#: Words of another room for drafts of a person, by their paths: what it is about, and which part of it.
Named = Callable[[Session, UUID, Sequence[str]], Mapping[str, tuple[str, str]]]

_ID = re.compile(UUID_PATTERN)
_DESK = ("/gestion", _("Ouvrir la page de gestion"))
#: The page that a role opens, and what its link says.
_OPENS = {
    Role.COORDINATOR: _DESK,
    Role.LABEL_COMMITTEE: ("/gestion/label", _("Ouvrir la page du label")),
    Role.RELAY: ("/relais", _("Transmettre la lettre")),
    Role.ADMINISTRATOR: _DESK,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as the page names it. ``path``: of its form, on this site. ``place``: name of the place it is about; ""
    when it is about none, or one that is gone. ``resource``: title of the resource that it is about, or
    "". ``section``: title of the section of it; "": its whole.
    """

    path: str
    place: str
    saved_at: datetime
    resource: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits for an answer. ``path``: where it can be taken back; "" for a place that is proposed."""

    place: str
    path: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SiteRole:
    """A role on the site. ``name`` and ``sentence``: msgids. ``path``: of the page that it opens; ``opens``: what the
    link to it says, a msgid."""

    name: str
    sentence: str
    path: str
    opens: str


def my_drafts(session: Session, person_id: UUID, script_name: str = "", named: Named | None = None) -> list[Draft]:
    """The drafts of a person, the newest first, by the name of their place or resource; three statements at most.

    :param script_name: in front of the paths of this site. :param named: of the room that comes after this one.
    """
    mine = [(draft, _ID.search(draft.path)) for draft in drafts.mine(session, person_id)]
    ids = {draft.path: UUID(match[0]) for draft, match in mine if match}
    rows = places.structures_named(session, ids.values())
    about = named(session, person_id, [draft.path.removeprefix(script_name) for draft, _ in mine]) if named else {}
    found = []
    for draft, match in mine:
        row = rows.get(ids[draft.path]) if match else None
        if match and row:  # by the name of today: the path of the draft may have another, or none
            path = f"{script_name}/annuaire/{row['slug']}-{row['id']}{draft.path[match.end() :]}"
            found.append(Draft(path, row["nom"], draft.saved_at))
        else:
            words = about.get(draft.path.removeprefix(script_name), ("", ""))
            found.append(Draft(draft.path, "", draft.saved_at, *words))
    return found


def requests_of(session: Session, person_id: UUID) -> list[Asked]:
    """What a person asked for and is not answered yet, oldest first; one statement."""
    was, now = aliased(Structure), aliased(Structure)
    found = (
        sa.select(JoinRequest.proposal, JoinRequest.created_at, now.id, now.slug, now.nom)
        .outerjoin(was, was.id == JoinRequest.structure_id)
        .outerjoin(now, now.id == sa.func.coalesce(was.merged_into, was.id))
        .where(JoinRequest.person_id == person_id, JoinRequest.state == Decision.OPEN.value)
        .order_by(JoinRequest.created_at, JoinRequest.id)
    )
    return [_asked(row) for row in session.execute(found)]


def _asked(row: Any) -> Asked:
    if row.id is None:
        return Asked(str((row.proposal or {}).get("nom", "")), "", row.created_at)
    return Asked(row.nom, f"/annuaire/{row.slug}-{row.id}/rejoindre", row.created_at)


def roles_of(codes: Iterable[str]) -> list[SiteRole]:
    """The roles of a person on the site, in the order of ``SITE_ROLES``."""
    held = set(codes)
    return [
        SiteRole(ROLE_NAMES[role.value], ROLE_SENTENCES[role.value], *_OPENS[role])
        for role in SITE_ROLES
        if role.value in held
    ]


# --- which mails there are for whom ---------------------------------------------------------------------------

#: Kind of mail (``profile.MAILS``) → as it is said to a référent, to the coordination; "": it is not for them.
_SAID = {
    "demandes": (
        _("Quelqu’un demande à rejoindre mon lieu"),
        _("Quelqu’un propose un lieu, ou demande à rejoindre un lieu sans référent"),
    ),
    "suggestions": (
        _("Quelqu’un signale une erreur sur une fiche que je tiens"),
        _("Quelqu’un signale une erreur sur un lieu sans référent"),
    ),
    "rappels": (_("Une fiche que je tiens est à vérifier"), ""),
    "bilan": ("", _("Chaque lundi, ce qui attend la coordination")),
}
#: The one that is for everyone: whoever is signed in may write a resource.
_RESOURCES = (
    _("Il arrive quelque chose à mes ressources : avis, signalement, relecture, vérification, demande du même thème"),
    _("Il arrive quelque chose aux ressources : demande, relecture, signalement, et ce qui concerne les miennes"),
)


def mail_choices(roles: Sequence[str], *, refers: bool) -> list[tuple[str, str]]:
    """(kind, msgid) of the mails that someone may get and can do without.

    :param roles: codes, on the site. :param refers: whether they keep the sheet of a place.
    """
    coordinates = Role.COORDINATOR.value in roles
    said = {kind: (refers and mine) or (coordinates and theirs) for kind, (mine, theirs) in _SAID.items()}
    return [*((kind, text) for kind, text in said.items() if text), ("ressources", _RESOURCES[coordinates])]
