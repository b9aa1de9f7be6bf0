"""Addresses of the demonstration, which a real site does not have."""

from __future__ import annotations

from reseau.web.security import Permission

ROUTES = {
    "demo.home": ("/demo", {"GET": Permission.DEMO_PLAY}),
    "demo.enter": ("/demo/entrer", {"POST": Permission.DEMO_PLAY}),
    "demo.mails": ("/demo/courriels", {"GET": Permission.DEMO_PLAY}),
    "demo.mail": ("/demo/courriels/{id}", {"GET": Permission.DEMO_PLAY}),
}
