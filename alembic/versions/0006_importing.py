"""What comes in: sources and their runs, pairs of places, the watch, spreadsheets; events; resources from elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0006"
down_revision = "0005"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "declined_offer",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=255), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("source", "source_id", name=op.f("pk_declined_offer")),
    )
    op.create_table(
        "column_mapping",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_column_mapping")),
    )
    op.create_table(
        "import_source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("adapter", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("territory", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("every_h", sa.Integer(), nullable=False),
        sa.Column("keep_raw", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("last_run_id", sa.Uuid(), nullable=True),
        sa.Column("last_good_at", MOMENT, nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_source")),
        sa.UniqueConstraint("name", name=op.f("uq_import_source_name")),
    )
    with op.batch_alter_table("import_source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_source_adapter"), ["adapter"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_source_next_at"), ["next_at"], unique=False)

    op.create_table(
        "source_rank",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_rank")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("occurrence", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_event_structure_id_structure"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("source", "uid", "occurrence", name=op.f("uq_event_source_uid_occurrence")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_structure_id"), ["structure_id"], unique=False)
        batch_op.create_index("ix_event_tray", ["state", "starts_at"], unique=False)

    op.create_table(
        "match_pair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("left_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["left_id"], ["structure.id"], name=op.f("fk_match_pair_left_id_structure"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["right_id"], ["structure.id"], name=op.f("fk_match_pair_right_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_pair")),
        sa.UniqueConstraint("left_id", "right_id", name=op.f("uq_match_pair_left_id_right_id")),
    )
    with op.batch_alter_table("match_pair", schema=None) as batch_op:
        batch_op.create_index("ix_match_pair_queue", ["verdict", "score"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_pair_right_id"), ["right_id"], unique=False)

    op.create_table(
        "resource_source",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("licence", sa.String(length=30), nullable=False),
        sa.Column("licence_text", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("source_updated_at", MOMENT, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("said", JSON, nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("adopted_at", MOMENT, nullable=True),
        sa.Column("adopted_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_source_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_resource_source")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_resource_source_source_source_id")),
    )
    op.create_table(
        "sheet_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("raw", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("trial", JSON, nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_sheet_upload_run_id_import_run"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["import_source.id"],
            name=op.f("fk_sheet_upload_source_id_import_source"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_upload")),
    )
    with op.batch_alter_table("sheet_upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_upload_source_id"), ["source_id"], unique=False)

    op.create_table(
        "watch_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("guid", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("theme", sa.String(length=40), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("for_letter", sa.Boolean(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_watch_item_resource_id_resource"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["import_source.id"], name=op.f("fk_watch_item_source_id_import_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_item")),
        sa.UniqueConstraint("source_id", "guid", name=op.f("uq_watch_item_source_id_guid")),
    )
    with op.batch_alter_table("watch_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_watch_item_cluster_id"), ["cluster_id"], unique=False)
        batch_op.create_index("ix_watch_item_tray", ["state", "seen_at"], unique=False)

    with op.batch_alter_table("field_change", schema=None) as batch_op:
        batch_op.create_index("ix_field_change_ref", ["ref", "id"], unique=False)

    with op.batch_alter_table("import_reject", schema=None) as batch_op:
        batch_op.add_column(sa.Column("raw", JSON, nullable=True))

    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("trigger", sa.String(length=10), nullable=False, server_default="command"))
        batch_op.add_column(sa.Column("options", JSON, nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("raw", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("size", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("cursor", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("error", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("error_detail", JSON, nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("preview", JSON, nullable=True))
        batch_op.add_column(sa.Column("decided_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_import_run_newest", ["source", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_run_source_id"), ["source_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_import_run_source_id_import_source"),
            "import_source",
            ["source_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("source_id", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("said", JSON, nullable=True))
        batch_op.add_column(sa.Column("not_seen_since", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("absent_runs", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_unique_constraint(batch_op.f("uq_service_source_source_id"), ["source", "source_id"])

    with op.batch_alter_table("source_record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("absent_runs", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("raw_digest", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("repairs", JSON, nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("joined", JSON, nullable=True))
        there = sa.text("joined IS NOT NULL")
        batch_op.create_index(
            "ix_source_record_joined", ["first_seen_at", "id"], sqlite_where=there, postgresql_where=there
        )

    with op.batch_alter_table("structure", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archived_at", MOMENT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("structure", schema=None) as batch_op:
        batch_op.drop_column("archived_at")

    with op.batch_alter_table("source_record", schema=None) as batch_op:
        batch_op.drop_index("ix_source_record_joined")
        batch_op.drop_column("joined")
        batch_op.drop_column("repairs")
        batch_op.drop_column("raw_digest")
        batch_op.drop_column("absent_runs")

    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_service_source_source_id"), type_="unique")
        batch_op.drop_column("absent_runs")
        batch_op.drop_column("not_seen_since")
        batch_op.drop_column("said")
        batch_op.drop_column("source_id")
        batch_op.drop_column("source")

    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_import_run_source_id_import_source"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_import_run_source_id"))
        batch_op.drop_index("ix_import_run_newest")
        batch_op.drop_column("decided_by")
        batch_op.drop_column("decided_at")
        batch_op.drop_column("preview")
        batch_op.drop_column("error_detail")
        batch_op.drop_column("error")
        batch_op.drop_column("cursor")
        batch_op.drop_column("size")
        batch_op.drop_column("raw")
        batch_op.drop_column("options")
        batch_op.drop_column("trigger")
        batch_op.drop_column("source_id")

    with op.batch_alter_table("import_reject", schema=None) as batch_op:
        batch_op.drop_column("raw")

    with op.batch_alter_table("field_change", schema=None) as batch_op:
        batch_op.drop_index("ix_field_change_ref")

    with op.batch_alter_table("watch_item", schema=None) as batch_op:
        batch_op.drop_index("ix_watch_item_tray")
        batch_op.drop_index(batch_op.f("ix_watch_item_cluster_id"))

    op.drop_table("watch_item")
    with op.batch_alter_table("sheet_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sheet_upload_source_id"))

    op.drop_table("sheet_upload")
    op.drop_table("resource_source")
    with op.batch_alter_table("match_pair", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_pair_right_id"))
        batch_op.drop_index("ix_match_pair_queue")

    op.drop_table("match_pair")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_tray")
        batch_op.drop_index(batch_op.f("ix_event_structure_id"))

    op.drop_table("event")
    op.drop_table("source_rank")
    with op.batch_alter_table("import_source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_source_next_at"))
        batch_op.drop_index(batch_op.f("ix_import_source_adapter"))

    op.drop_table("import_source")
    op.drop_table("column_mapping")
    op.drop_table("declined_offer")
