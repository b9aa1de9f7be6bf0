"""Every address of the exchanges and what one needs to see it."""

from __future__ import annotations

from tests.threads.routes_listing import ROUTES as LISTING
from tests.threads.routes_moderating import ROUTES as MODERATING
from tests.threads.routes_reading import ROUTES as READING
from tests.threads.routes_requests import ROUTES as REQUESTS
from tests.threads.routes_writing import ROUTES as WRITING

ROUTES = {**LISTING, **MODERATING, **READING, **REQUESTS, **WRITING}
