"""Migrations lose nothing: SQLite alters a table by dropping it, with people's data hanging on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.orm import Session

from reseau.core import migrations
from reseau.core.db import Base
from reseau.directory.models import Override, Service, Structure, Suggestion
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
    migrations.downgrade(engine, "base")
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []


def test_what_the_previous_landing_holds_is_kept(engine: sa.Engine, do_import: Callable[..., Any]) -> None:
    """From 0001 with data: a report becomes a suggestion, an override keeps its value and knows its source."""
    do_import(ROUBAIX_CSV)
    migrations.downgrade(engine, "0001")
    with engine.begin() as connection:
        structure = connection.execute(sa.text("SELECT id FROM structure ORDER BY nom")).scalars().first()
        old = {"at": "2026-11-20 10:00:00+00:00", "id": uuid4(), "nonce": uuid4(), "structure": UUID(str(structure))}
        ids = [sa.bindparam(name, type_=sa.Uuid()) for name in ("id", "nonce", "structure")]
        for statement in (
            "INSERT INTO report (id, structure_id, reason, message, contact, language, nonce, created_at) "
            "VALUES (:id, :structure, 'horaires', 'Fermé le mardi', 'a@b.fr', 'fr', :nonce, :at)",
            "INSERT INTO override (id, structure_id, field, value, source_value, author, set_at) VALUES "
            """(:id, :structure, 'telephone', '{"v": "+33320000001"}', '{"v": "+33320000002"}', 'Amina', :at)""",
            "INSERT INTO service (id, structure_id, nom, thematiques, demarches, publics, modes_accueil, created_at) "
            "VALUES (:id, :structure, 'Atelier', '[]', '[]', '[]', '[]', :at)",
        ):
            bound = [parameter for parameter in ids if f":{parameter.key}" in statement]
            connection.execute(sa.text(statement).bindparams(*bound), old)
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []
    with Session(engine) as session:
        suggestion = session.scalars(sa.select(Suggestion)).one()
        assert (suggestion.message, suggestion.state, suggestion.contact) == ("Fermé le mardi", "open", "a@b.fr")
        override = session.scalars(sa.select(Override)).one()
        assert (override.value, override.source_now) == ({"v": "+33320000001"}, {"v": "+33320000002"})
        offer = session.scalars(sa.select(Service)).one()
        assert (offer.rev, offer.updated_at) == (1, offer.created_at)
        assert set(session.scalars(sa.select(Structure.quality))) == {-1}, "to be computed again by reseau init"
