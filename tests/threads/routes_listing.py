"""Every address of the lists of threads and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

TOPIC = "/echanges/sujets/{slug}"
ROUTES = {
    "threads.list": ("/echanges", {"GET": Permission.THREAD_READ}),
    "threads.list.json": ("/echanges.json", {"GET": Permission.THREAD_READ}),
    "threads.similar": ("/echanges/semblables.json", {"GET": Permission.THREAD_READ}),
    "threads.read-all": ("/echanges/tout-lu", {"POST": Permission.ACCOUNT_OWN}),
    "threads.topics": ("/echanges/sujets", {"GET": Permission.THREAD_READ}),
    "threads.topic": (TOPIC, {"GET": Permission.THREAD_READ}),
    "threads.topic.follow": (f"{TOPIC}/suivre", {"POST": Permission.ACCOUNT_OWN}),
}
