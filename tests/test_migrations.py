"""Migrations lose nothing: SQLite alters a table by dropping it, with people's data hanging on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from reseau.core import migrations
from reseau.core.db import Base
from tests.conftest import ROUBAIX_CSV


def counts(engine: sa.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def alter_like_a_migration(connection: sa.Connection) -> None:
    operations = Operations(MigrationContext.configure(connection))
    for name in ("structure", "source_record"):
        with operations.batch_alter_table(name, recreate="auto") as batch:
            batch.alter_column("created_at" if name == "structure" else "changed_at", nullable=True)


def test_altering_a_table_with_data_loses_none(
    engine: sa.Engine, do_import: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    do_import(ROUBAIX_CSV)
    before = counts(engine)
    monkeypatch.setattr(migrations.command, "upgrade", lambda config, _revision: alter_like_a_migration(
        config.attributes[migrations.ENGINE_KEY]))  # fmt: skip
    migrations.upgrade(engine)
    assert counts(engine) == before
    assert before["source_part"] == 39
    assert do_import(ROUBAIX_CSV).unchanged == 39
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_down_and_up_again(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        migrations.command.downgrade(migrations._config(connection), "base")
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []
