"""Every address of subscribers and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

ANYBODY, OWN, STAFF = Permission.LETTER_SUBSCRIBE, Permission.ACCOUNT_OWN, Permission.NETWORK_COORDINATE
ROUTES = {
    "subscribing.page": ("/lettre", {"GET": ANYBODY, "POST": ANYBODY}),
    "subscribing.sent": ("/lettre/envoye", {"GET": ANYBODY}),
    "subscribing.confirm": ("/lettre/confirmer/{token}", {"GET": ANYBODY, "POST": ANYBODY}),
    "subscribing.reader": ("/lettre/d/{token}", {"GET": ANYBODY, "POST": ANYBODY}),
    "subscribing.own": ("/compte/lettre", {"GET": OWN, "POST": OWN}),
    "subscribing.subscribers": ("/gestion/lettre/abonnes", {"GET": STAFF, "POST": STAFF}),
    "subscribing.subscribers.csv": ("/gestion/lettre/abonnes.csv", {"GET": STAFF}),
    "subscribing.invite": ("/gestion/lettre/abonnes/inviter", {"GET": STAFF, "POST": STAFF}),
    "subscribing.subscriber": ("/gestion/lettre/abonnes/{id}", {"GET": STAFF, "POST": STAFF}),
}
