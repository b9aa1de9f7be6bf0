"""The address of the sources of a sheet and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

ROUTES = {"records.sheet": ("/annuaire/{slug}-{id}/sources", {"GET": Permission.SHEET_HISTORY})}
