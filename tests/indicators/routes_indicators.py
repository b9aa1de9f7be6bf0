"""Every address of the indicators, and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

ROUTES = {
    "indicators": ("/indicateurs", {"GET": Permission.NETWORK_READ}),
    "indicators.csv": ("/indicateurs.csv", {"GET": Permission.NETWORK_READ}),
}
