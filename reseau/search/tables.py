"""The tables of the PostgreSQL engine, in the house's metadata (``core.migrations`` knows them by this module)."""

from __future__ import annotations

from reseau.core.db import Base
from reseau.search.postgres_engine import tables

TABLES = tables(Base.metadata)
