"""Every address of adoption and what one needs to see it. They are below the resources that Les Bases brings."""

from __future__ import annotations

from reseau.web.security import Permission

ROUTES = {
    "writing.adopt": (
        "/{plural}/{slug}/adopter",
        {"GET": Permission.RESOURCE_ADOPT, "POST": Permission.RESOURCE_ADOPT},
    ),
    "writing.adopt.seen": ("/{plural}/{slug}/adopter/vu", {"POST": Permission.RESOURCE_EDIT}),
}
