"""Every address of the review and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

PAIR = "/gestion/rapprochements/{id}"
COORDINATE = Permission.NETWORK_COORDINATE
ROUTES = {
    "review.queue": ("/gestion/rapprochements", {"GET": COORDINATE}),
    "review.joined": ("/gestion/rapprochements/liens", {"GET": COORDINATE, "POST": COORDINATE}),
    "review.record": ("/gestion/rapprochements/liens/{id}", {"GET": COORDINATE}),
    "review.pair": (PAIR, {"GET": COORDINATE, "POST": COORDINATE}),
    "review.undo": (PAIR + "/annuler", {"POST": COORDINATE}),
}
