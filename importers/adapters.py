"""All ways of reading a source. A package of a source has its own in ``ADAPTERS``, and is added here."""

from __future__ import annotations

from importers import calendars, cartographie, inclusion, lesbases, tableur, veille
from importers.pipeline.contract import Adapter

ADAPTERS: dict[str, Adapter] = {
    one.code: one
    for package in (calendars, cartographie, inclusion, lesbases, tableur, veille)
    for one in package.ADAPTERS
}
