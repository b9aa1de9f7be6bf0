"""The schema: brought to the newest migration, and compared with the models."""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from alembic import command
from reseau.core.db import Base, create_engine

ENGINE_KEY = "reseau.connection"
ROOT = Path(__file__).resolve().parents[2]
#: Modules that define tables. Named, not discovered: importing all the house to migrate would be slow and fragile.
MODELS = (
    "reseau.core.audit",
    "reseau.core.changes",
    "reseau.core.jobs",
    "reseau.core.limits",
    "reseau.core.mail",
    "reseau.core.tokens",
    "reseau.agenda.models",
    "reseau.directory.models",
    "reseau.members.models",
    "reseau.search.tables",
    "reseau.groups.models",
    "reseau.notices.models",
    "reseau.threads.base.models",
    "resources.base.models",
    "importers.models",
    "reseau.label.models",
    "reseau.indicators.models",
    "feeds.syndication.models",
    "feeds.newsletter.models",
)


def load_models() -> sa.MetaData:
    """Import all tables; the metadata that holds them."""
    for module in MODELS:
        importlib.import_module(module)
    return Base.metadata


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the database to ``revision``, in one transaction; nothing to do is no error.

    :raises RuntimeError: rows would refer to nothing; nothing was changed.
    """
    _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Bring the database back to ``revision``: what only newer models hold is lost.

    :raises RuntimeError: rows would refer to nothing; nothing was changed.
    """
    _run(engine, lambda config: command.downgrade(config, revision))


def _run(engine: sa.Engine, move: Callable[[Config], None]) -> None:
    """SQLite alters a table by copying and dropping it: with foreign keys on, the drop deletes what refers to it. They
    are off during a migration, and checked before its commit.
    """
    with engine.connect() as connection:
        lite = engine.dialect.name == "sqlite"
        driver: Any = connection.connection.driver_connection
        if lite:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                move(_config(connection))
                if lite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    raise RuntimeError(f"the migration breaks references: {broken[:5]}")
        finally:
            if lite:
                driver.execute("PRAGMA foreign_keys=ON")


def differences(engine: sa.Engine) -> list[Any]:
    """What the models have and the database does not, or the reverse; empty when they are equal."""
    with engine.connect() as connection:
        options = {"include_object": include_object(engine.dialect.name), "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(context, load_models())
        return found


def include_object(dialect: str) -> Callable[..., bool]:
    """Alembic's filter: a table may be of one engine only (``info={"engine": "postgresql"}``)."""

    def include(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        table = item if kind == "table" else getattr(item, "table", None)
        return table is None or table.info.get("engine", dialect) == dialect

    return include


def _config(connection: sa.Connection) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes[ENGINE_KEY] = connection
    return config


def create(message: str) -> None:
    """Write a migration for what the models have more, to be read and corrected by hand: ``-m … new "message"``."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.sqlite3")
        upgrade(engine)
        with engine.begin() as connection:
            number = f"{len(list((ROOT / 'alembic' / 'versions').glob('*.py'))) + 1:04d}"
            command.revision(_config(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()


def main(arguments: list[str]) -> int:
    """``python -m reseau.core.migrations``: migrate an empty SQLite database and compare it with the models."""
    if arguments[:1] == ["new"]:
        create(" ".join(arguments[1:]))
        return 0
    found = differences_of_empty()
    for difference in found:
        print(f"models and migrations differ: {difference}")
    return 1 if found else 0


def differences_of_empty() -> list[Any]:
    """:func:`differences` of a new database in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.sqlite3")
        upgrade(engine)
        found = differences(engine)
        engine.dispose()
        return found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
