"""Every address of the feeds and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

ROUTES = {
    "feeds.threads": ("/echanges/flux.atom", {"GET": Permission.THREAD_READ}),
    "feeds.topic": ("/echanges/sujets/{slug}/flux.atom", {"GET": Permission.THREAD_READ}),
    "opendata.page": ("/flux/donnees/", {"GET": Permission.DIRECTORY_READ}),
    "opendata.file": ("/flux/donnees/{name}", {"GET": Permission.DIRECTORY_READ}),
}
