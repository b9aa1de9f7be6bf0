"""Every address of reading, and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

RESOURCE = "/{plural}/{slug}"
ROUTES = {
    "resource.page": (RESOURCE, {"GET": Permission.RESOURCE_READ}),
    "resource.print": (RESOURCE + "/imprimer", {"GET": Permission.RESOURCE_READ}),
    "resource.versions": (RESOURCE + "/versions", {"GET": Permission.RESOURCE_READ}),
    "resource.json": (RESOURCE + ".json", {"GET": Permission.RESOURCE_READ}),
}
