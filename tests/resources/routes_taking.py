"""Every address of the part and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

HERE = "/{plural}/{slug}"
ROUTES = {
    "resource.zip": (HERE + ".zip", {"GET": Permission.RESOURCE_READ}),
    "resource.pdf": (HERE + ".pdf", {"GET": Permission.RESOURCE_READ}),
    "resource.take": (HERE + "/telecharger", {"GET": Permission.RESOURCE_READ}),
    "resource.qr": (HERE + "/qr.svg", {"GET": Permission.RESOURCE_READ}),
    "resource.document": (HERE + "/documents/{key}.pdf", {"GET": Permission.RESOURCE_READ}),
}
