"""Every address of the archive and what one needs to see it: nothing."""

from __future__ import annotations

from reseau.web.security import Permission

_READ = Permission.DIRECTORY_READ
ISSUE = "/lettre/{year}/{slug}"
ROUTES = {
    "letters.archive": ("/lettre/archives", {"GET": _READ}),
    "letters.qr.png": ("/lettre/qr.png", {"GET": _READ}),
    "letters.qr.svg": ("/lettre/qr.svg", {"GET": _READ}),
    "letters.qr.code.png": ("/lettre/qr/{code}.png", {"GET": _READ}),
    "letters.qr.code.svg": ("/lettre/qr/{code}.svg", {"GET": _READ}),
    "letters.logo": ("/lettre/logo/{code}.png", {"GET": _READ}),
    "letters.issue": (ISSUE, {"GET": _READ}),
    "letters.issue.print": (f"{ISSUE}/imprimer", {"GET": _READ}),
}
