"""The addresses of joining and what one needs to see them: merged into ``tests/test_app.py``."""

from __future__ import annotations

from reseau.web.security import Permission as P

_SHEET = "/annuaire/{slug}-{id}"
_REQUESTS, _PROPOSALS, _PEOPLE, _GOVERNANCE = (
    f"/gestion/{name}" for name in ("demandes", "propositions", "personnes", "gouvernance")
)

ROUTES = {
    "members.team": (f"{_SHEET}/equipe", {"GET": P.TEAM_READ}),
    "members.team.invite": (f"{_SHEET}/equipe/inviter", {"POST": P.TEAM_MANAGE}),
    "members.team.leave": (f"{_SHEET}/equipe/quitter", {"POST": P.TEAM_READ}),
    "members.team.role": (_SHEET + "/equipe/{person}/role", {"POST": P.TEAM_MANAGE}),
    "members.team.remove": (_SHEET + "/equipe/{person}/retirer", {"POST": P.TEAM_MANAGE}),
    "members.team.revoke": (_SHEET + "/equipe/invitation/{invitation}/annuler", {"POST": P.TEAM_MANAGE}),
    "members.team.again": (_SHEET + "/equipe/invitation/{invitation}/renvoyer", {"POST": P.TEAM_MANAGE}),
    "members.join": (f"{_SHEET}/rejoindre", {"GET": P.STRUCTURE_JOIN, "POST": P.STRUCTURE_JOIN}),
    "members.join.withdraw": (f"{_SHEET}/rejoindre/retirer", {"POST": P.STRUCTURE_JOIN}),
    "members.invitation": ("/invitation/{token}", {"GET": P.ACCOUNT_ENTER, "POST": P.ACCOUNT_ENTER}),
    "members.invitation.own": ("/compte/invitation/{id}/accepter", {"POST": P.ACCOUNT_OWN}),
    "members.propose": ("/proposer-un-lieu", {"GET": P.STRUCTURE_JOIN, "POST": P.STRUCTURE_JOIN}),
    "members.requests": (_REQUESTS, {"GET": P.DESK_READ}),
    "members.request.accept": (_REQUESTS + "/{id}/accepter", {"POST": P.TEAM_MANAGE}),
    "members.request.refuse": (_REQUESTS + "/{id}/refuser", {"POST": P.TEAM_MANAGE}),
    "members.proposals": (_PROPOSALS, {"GET": P.NETWORK_COORDINATE}),
    "members.proposal.accept": (_PROPOSALS + "/{id}/accepter", {"POST": P.NETWORK_COORDINATE}),
    "members.proposal.refuse": (_PROPOSALS + "/{id}/refuser", {"POST": P.NETWORK_COORDINATE}),
    "members.people": (_PEOPLE, {"GET": P.NETWORK_COORDINATE}),
    "members.people.import": (f"{_PEOPLE}/importer", {"GET": P.NETWORK_COORDINATE, "POST": P.NETWORK_COORDINATE}),
    "members.people.list": (_PEOPLE + "/importer/{id}", {"GET": P.NETWORK_COORDINATE}),
    "members.people.apply": (_PEOPLE + "/importer/{id}/appliquer", {"POST": P.NETWORK_COORDINATE}),
    "members.people.access": (_PEOPLE + "/{id}/acces", {"GET": P.NETWORK_COORDINATE, "POST": P.NETWORK_COORDINATE}),
    "members.people.access.restore": (_PEOPLE + "/{id}/acces/rendre", {"POST": P.NETWORK_COORDINATE}),
    "members.people.suspend": (_PEOPLE + "/{id}/suspendre", {"POST": P.SITE_ADMINISTER}),
    "members.people.restore": (_PEOPLE + "/{id}/retablir", {"POST": P.SITE_ADMINISTER}),
    "members.governance": (_GOVERNANCE, {"GET": P.SITE_ADMINISTER, "POST": P.SITE_ADMINISTER}),
    "members.governance.add": (f"{_GOVERNANCE}/roles/ajouter", {"POST": P.SITE_ADMINISTER}),
    "members.governance.remove": (f"{_GOVERNANCE}/roles/retirer", {"POST": P.SITE_ADMINISTER}),
    "members.governance.revoke": (_GOVERNANCE + "/invitation/{id}/annuler", {"POST": P.SITE_ADMINISTER}),
    "members.about": ("/qui-sommes-nous", {"GET": P.DIRECTORY_READ}),
}
