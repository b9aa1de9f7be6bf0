"""Places and people for the matrix of ``tests/test_matrix.py``: what hangs on a place, and what is of one person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from reseau.core import tokens
from reseau.core.actors import Actor, Side
from reseau.core.ids import new_id
from reseau.core.letters import Letter
from reseau.core.letters import Site as Sender
from reseau.core.mail import Mail, queue
from reseau.directory import edits
from reseau.directory.models import Cause, FieldChange, Service, Suggestion
from reseau.directory.reproject import Because
from reseau.directory.suggestions import Said, suggest
from reseau.editing import reminders as verify
from reseau.members import invitations, people_lists, profile, signin
from reseau.members.models import Invitation, JoinRequest, Person, PersonSession, SignIn
from tests.conftest import SECRET
from tests.directory.site import TUESDAY
from tests.people import person
from tests.threads import matrix_world as talks

SITE = Sender("Réseau", "http://localhost:6543", "Réseau <non@reseau.example>")


def hang(session: Any, place: UUID, requester: UUID, invited: UUID) -> dict[str, UUID]:
    """One of each thing that an address can name, all of the place."""
    because = Because(Cause.EDIT, Actor(Side.PLACE))
    edits.save(session, place, {"telephone": "+33320000009"}, {}, because, ("cartographie",), TUESDAY)
    suggest(session, place, Said("autre", "texte"), language="fr", nonce=new_id(), now=TUESDAY)
    request = JoinRequest(person_id=requester, structure_id=place, created_at=TUESDAY)
    proposal = JoinRequest(person_id=requester, proposal={"nom": "Nouveau lieu"}, created_at=TUESDAY)
    offer = Service(structure_id=place, nom="Atelier")
    invitation = Invitation(
        email="quelquun@reseau.example", structure_id=place, role="member", lang="fr", invited_by=invited,
        created_at=TUESDAY, expires_at=TUESDAY + timedelta(days=30),
    )  # fmt: skip
    people_list = people_lists.keep(session, [], [], invited, TUESDAY)
    governing = Invitation(
        email="relais@reseau.example", role="relay", lang="fr", invited_by=invited, created_at=TUESDAY,
        expires_at=TUESDAY + timedelta(days=30),
    )  # fmt: skip
    member = person(session, "extra", member_of=[place]).id
    signing = SignIn(email="nouvelle@reseau.example", created_at=TUESDAY)
    session.add_all([request, proposal, offer, invitation, governing, signing])
    session.flush()
    queue(session, Letter("test", "fr", "Test", ("Test",)), "a@reseau.example", site=SITE, now=TUESDAY)
    change = session.scalars(sa.select(FieldChange.id).where(FieldChange.field == "telephone")).first()
    return {
        "place": place, "change": change, "suggestion": session.scalars(sa.select(Suggestion.id)).one(), "service": offer.id, "invitation": invitation.id,
        "person": member, "/gestion/demandes": request.id, "/gestion/propositions": proposal.id,
        "/gestion/personnes/importer": people_list, "/gestion/personnes": requester,
        "/gestion/gouvernance": governing.id,
        "/demo/courriels": session.scalars(sa.select(Mail.id).order_by(Mail.created_at)).first(), "sign-in": signing.id,
    }  # fmt: skip


def own(session: Any, ids: dict[str, UUID], asking: Person) -> dict[str, str]:
    """What is of one person alone: a session, an invitation, a token of each purpose, as the mails carry them."""
    opened = PersonSession(digest=new_id().hex, person_id=asking.id, expires_at=TUESDAY + timedelta(days=1))
    invitation = Invitation(
        email=asking.email, structure_id=ids["place"], role="member", lang="fr", created_at=TUESDAY,
        expires_at=TUESDAY + timedelta(days=30),
    )  # fmt: skip
    session.add_all([opened, invitation])
    session.flush()

    def token(purpose: str, payload: Any) -> str:
        return tokens.sign(SECRET, purpose, payload, TUESDAY)

    return {
        "verifier": token(verify.PURPOSE, [str(ids["place"]), str(ids["referent"]), ""]),
        "invitation": token(invitations.PURPOSE, str(ids["invitation"])),
        "connexion/lien": token(signin.PURPOSE, str(ids["sign-in"])),
        "compte/adresse": token(profile.PURPOSE, [str(asking.id), asking.email, "autre@reseau.example"]),
        "compte/sessions": str(opened.id),
        "avis/stop": talks.stop_token(asking.id, TUESDAY),
        "compte/invitation": str(invitation.id),
    }
