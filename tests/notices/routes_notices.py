"""Every address of notices and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

ROUTES = {
    "notices.list": ("/compte/avis", {"GET": Permission.ACCOUNT_OWN}),
    "notices.seen": ("/compte/avis/vus", {"POST": Permission.ACCOUNT_OWN}),
    "notices.choices": ("/compte/avis/reglages", {"GET": Permission.ACCOUNT_OWN, "POST": Permission.ACCOUNT_OWN}),
    "notices.off": ("/compte/avis/arreter", {"POST": Permission.ACCOUNT_OWN}),
    "notices.on": ("/compte/avis/reprendre", {"POST": Permission.ACCOUNT_OWN}),
    "notices.unfollow": ("/compte/avis/ne-plus-suivre", {"POST": Permission.ACCOUNT_OWN}),
    "notices.follow": ("/compte/avis/suivre", {"POST": Permission.ACCOUNT_OWN}),
    "notices.stop": ("/avis/stop/{token}", {"GET": Permission.NOTICE_STOP, "POST": Permission.NOTICE_STOP}),
}
