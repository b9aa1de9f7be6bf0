"""Every address of files and what one needs to see it; what is not public, the view refuses."""

from __future__ import annotations

from reseau.web.security import Permission

FILE = "/fichiers/{sha}"
ROUTES = {
    "files.preview": (FILE + "/apercu.webp", {"GET": Permission.RESOURCE_READ}),
    "files.picture": (FILE + "/image.webp", {"GET": Permission.RESOURCE_READ}),
    "files.download": (FILE + "/{name}", {"GET": Permission.RESOURCE_READ}),
}
