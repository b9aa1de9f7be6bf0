"""Migrations run on the engine that ``reseau.core.migrations`` hands over; there is no offline mode."""

from __future__ import annotations

from alembic import context
from reseau.core.migrations import ENGINE_KEY, include_object, load_models

connection = context.config.attributes[ENGINE_KEY]
context.configure(
    connection=connection,
    target_metadata=load_models(),
    include_object=include_object(connection.dialect.name),
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
