"""Full-text search: the engine protocol, its engines, the indexer that reads the log.

What it is: a cache that ranks the documents which rooms give it (``registry["search.sources"]``: kind →
loader). It can be deleted while the site runs and comes back.

What it is not: it filters, counts and sorts nothing (rooms do, on their own facts), and knows no room.

Tables (PostgreSQL only): ``search_document``, ``search_word``, ``search_state``. No address. Command:
``reseau index``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from reseau.search.protocol import Engine
from reseau.settings import Settings

if TYPE_CHECKING:
    from pyramid.config import Configurator


def make_engine(settings: Settings, database: sa.Engine) -> Engine:
    """The engine that the settings ask for."""
    if settings.search == "null":
        from reseau.search.null_engine import NullEngine

        return NullEngine()
    if settings.search == "postgresql":
        from reseau.search.postgres_engine import PostgresEngine
        from reseau.search.tables import TABLES

        return PostgresEngine(database, TABLES)
    from reseau.search.whoosh_engine import WhooshEngine

    return WhooshEngine(settings.index_dir)


def includeme(config: Configurator) -> None:
    """Engine at ``registry["search.engine"]``, indexer at ``registry["search.indexer"]``, its thread if asked for."""
    from reseau.search.indexer import Indexer, IndexerThread

    registry = config.registry
    settings: Settings = registry.settings_typed
    registry["search.sources"] = {}
    registry["search.engine"] = engine = make_engine(settings, registry["engine"])

    def start() -> None:
        registry["search.indexer"] = indexer = Indexer(engine, registry["search.sources"])
        if settings.search_interval > 0 and settings.search != "null":
            thread = IndexerThread(indexer, registry["read_sessions"], settings.search_interval)
            registry["search.thread"] = thread
            thread.start()

    # Last of all: rooms have then said what they put into the index.
    config.action("reseau.search.indexer", start, order=1000)
