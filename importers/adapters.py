"""All ways of reading a source. A package of a source has its own in ``ADAPTERS``, and is added here."""

from __future__ import annotations

from importers import cartographie
from importers.pipeline.contract import Adapter

ADAPTERS: dict[str, Adapter] = {one.code: one for package in (cartographie,) for one in package.ADAPTERS}
