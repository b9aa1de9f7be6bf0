"""Every address of relays and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

_TAKEN = "/relais/{code}/{id}/{lang}/"
_FORWARD, _DESK = Permission.RELAY_FORWARD, Permission.NETWORK_COORDINATE
ROUTES = {
    "relays.desk": ("/gestion/relais", {"GET": _DESK, "POST": _DESK}),
    "relays.desk.one": ("/gestion/relais/{id}", {"GET": _DESK, "POST": _DESK}),
    "relays.home": ("/relais", {"GET": _FORWARD}),
    "relays.relay": ("/relais/{code}", {"GET": _FORWARD}),
    "relays.own": ("/relais/{code}/presentation", {"GET": _FORWARD, "POST": _FORWARD}),
    "relays.reach": ("/relais/{code}/diffusion", {"POST": _FORWARD}),
    "relays.reach.one": ("/relais/{code}/diffusion/{id}", {"GET": _FORWARD, "POST": _FORWARD}),
    "relays.mail": (_TAKEN + "lettre.html", {"GET": _FORWARD}),
    "relays.text": (_TAKEN + "lettre.txt", {"GET": _FORWARD}),
    "relays.paper": (_TAKEN + "lettre.pdf", {"GET": _FORWARD}),
    "relays.image": (_TAKEN + "image.png", {"GET": _FORWARD}),
}
