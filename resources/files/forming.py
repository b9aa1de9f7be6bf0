"""Files of a form that writes what is not a resource: a post, a document of a group. Below the pages; whoever calls
commits.

What comes is kept at once, so that nothing is chosen twice when the form comes back, and only who brought it may have
it: under the id that its owner will have, or, when the owner is there already, beside it (:func:`waiting`), until the
change is saved (:func:`settle`). A refused form changes nothing that others see.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.core.files import SHA
from reseau.core.wording import Wording
from resources.files import attached
from resources.files.attached import Attached, Exists
from resources.files.errors import UploadError, sentence

if TYPE_CHECKING:
    from pyramid.request import Request


@dataclass(frozen=True, slots=True)
class Terms:
    """What a form takes. ``field``: that brings files; ``most``: of an owner; ``too_many``: the sentence that says so,
    with ``most`` and ``name``."""

    field: str
    most: int
    too_many: str


def register(kind: str, exists: Exists) -> None:
    """A kind of owner, and what waits beside its owners."""
    attached.register(kind, exists)
    attached.register(_beside(kind), lambda _session, _ids: set())


def _beside(kind: str) -> str:
    return f"{kind}-edit"


def waiting(owner: Ref, person_id: UUID) -> Ref:
    """Where files that a person brings to an owner which is there wait. No id that a form sends leads there: the kind
    is another one."""
    return _beside(owner[0]), uuid5(owner[1], str(person_id))


def mine(session: Session, owner: Ref, person_id: UUID) -> list[Attached]:
    """The files that a person gave to an owner; those of others are not told."""
    return [one for one in attached.of(session, owner[0], [owner[1]]).get(owner[1], []) if one.added_by == person_id]


def theirs(session: Session, owner: Ref, person_id: UUID) -> bool:
    """Whether somebody else has brought files under an id that a person's form names."""
    found = attached.of(session, owner[0], [owner[1]]).get(owner[1], [])
    return any(one.added_by != person_id for one in found)


def take(
    request: Request, owner: Ref, structure_id: UUID | None, removed: Collection[str], terms: Terms,
    beside: Collection[str] = (),
) -> str:  # fmt: skip
    """Take away those of one's own files that were ticked, attach those that came.

    :param owner: that is not there yet, or :func:`waiting`. :param beside: SHA-256 of files that the owner has
        elsewhere: they count. :return: why one was refused, or "".
    """
    have = {one.ref.sha for one in mine(request.db, owner, request.identity.person_id)}
    for sha in have & set(removed):
        attached.detach(request.db, owner, sha)
    have -= set(removed)
    if request.upload.error:
        return sentence(request.upload.error, Wording.of(request.lang))
    return _add(request, owner, structure_id, terms, have | set(beside))


def _add(request: Request, owner: Ref, structure_id: UUID | None, terms: Terms, have: set[str]) -> str:
    wording, registry, said = Wording.of(request.lang), request.registry, ""
    for field, staged, name in request.upload.files:
        if field != terms.field:
            continue
        if len(have) >= terms.most and staged.sha not in have:
            said = said or wording.gettext(terms.too_many, most=terms.most, name=name)
            continue
        try:
            ref = attached.attach(
                request.db, registry["files"], owner, staged, name, request.identity.person_id, structure_id,
                registry["clock"](), registry["files.limits"], inspected=True,
            )  # fmt: skip
        except UploadError as error:
            said = said or sentence(error, wording)
        else:
            have.add(ref.sha)
    return said


def settle(session: Session, owner: Ref, person_id: UUID, removed: Collection[str]) -> None:
    """A change is saved: the files that were ticked go, those that waited for it come. The caller has the owner locked,
    and has made sure that this person may change it."""
    for sha in removed:
        if SHA.fullmatch(sha):
            attached.detach(session, owner, sha)
    attached.give(session, waiting(owner, person_id), owner)


def drop_all(session: Session, owner: Ref, person_id: UUID) -> None:
    """The owner was taken away: so are its files, and those that waited for a change of this person. Those of others
    that waited go after a week, like whatever waits."""
    for one in (owner, waiting(owner, person_id)):
        attached.drop(session, one)
