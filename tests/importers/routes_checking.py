"""Every address of the checking of files and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

ROUTES = {
    "checking.page": ("/valider", {"GET": Permission.DIRECTORY_READ, "POST": Permission.DIRECTORY_READ}),
    "checking.template": ("/valider/modele.{kind}", {"GET": Permission.DIRECTORY_READ}),
    "checking.table": ("/valider/tableau.csv", {"POST": Permission.DIRECTORY_READ}),
}
