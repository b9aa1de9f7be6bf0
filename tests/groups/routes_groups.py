"""Every address of groups and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

GROUP = "/groupes/{slug}"
DOCUMENT = GROUP + "/documents/{doc_slug}"
_KEEP, _OWN, _READ = Permission.GROUP_KEEP, Permission.ACCOUNT_OWN, Permission.GROUP_READ
ROUTES = {
    "groups.list": ("/groupes", {"GET": _READ}),
    "groups.new": ("/groupes/nouveau", {"GET": Permission.GROUP_CREATE, "POST": Permission.GROUP_CREATE}),
    "groups.group": (GROUP, {"GET": _READ}),
    "groups.join": (GROUP + "/rejoindre", {"POST": Permission.GROUP_JOIN}),
    "groups.leave": (GROUP + "/quitter", {"POST": _OWN}),
    "groups.edit": (GROUP + "/modifier", {"GET": _KEEP, "POST": _KEEP}),
    "groups.archive": (GROUP + "/archiver", {"POST": _KEEP}),
    "groups.people": (GROUP + "/personnes", {"GET": _READ}),
    "groups.members": (GROUP + "/membres", {"GET": _KEEP, "POST": _KEEP}),
    "groups.accept": (GROUP + "/membres/accepter", {"POST": _KEEP}),
    "groups.refuse": (GROUP + "/membres/refuser", {"POST": _KEEP}),
    "groups.animator": (GROUP + "/membres/animateur", {"POST": _KEEP}),
    "groups.remove": (GROUP + "/membres/retirer", {"POST": _KEEP}),
    "groups.minutes.new": (GROUP + "/comptes-rendus/nouveau", {"GET": _OWN, "POST": _OWN}),
    "groups.pages.new": (GROUP + "/pages/nouvelle", {"GET": _OWN, "POST": _OWN}),
    "groups.minutes": (GROUP + "/comptes-rendus", {"GET": _READ}),
    "groups.pages": (GROUP + "/pages", {"GET": _READ}),
    "groups.document": (DOCUMENT, {"GET": _READ}),
    "groups.document.md": (DOCUMENT + ".md", {"GET": _READ}),
    "groups.document.print": (DOCUMENT + "/imprimer", {"GET": _READ}),
    "groups.document.edit": (DOCUMENT + "/modifier", {"GET": _OWN, "POST": _OWN}),
    "groups.document.delete": (DOCUMENT + "/supprimer", {"GET": _OWN, "POST": _OWN}),
}
