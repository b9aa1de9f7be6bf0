"""The ground floor: log, directory, imports, search documents."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
VECTOR = postgresql.TSVECTOR().with_variant(sa.Text(), "sqlite")
WORDS = postgresql.ARRAY(sa.Text()).with_variant(sa.JSON(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("op", sa.String(length=10), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_object_id"), "change", ["object_id"])

    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.execute("INSERT INTO clock (id, seq) VALUES (1, 0)")
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("summary", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(op.f("ix_import_run_source"), "import_run", ["source"])

    op.create_table(
        "search_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("vector", VECTOR, nullable=False),
        sa.Column("words", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_document")),
    )
    op.create_index(op.f("ix_search_document_kind"), "search_document", ["kind"])
    op.create_index("ix_search_document_vector", "search_document", ["vector"], postgresql_using="gin")

    op.create_table(
        "search_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_state")),
    )
    op.create_table(
        "search_word",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("folded", sa.String(length=64), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "folded", "surface", name=op.f("pk_search_word")),
    )
    op.create_table(
        "structure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("provenance", JSON, nullable=False),
        sa.Column("opens_evening", sa.Boolean(), nullable=False),
        sa.Column("opens_weekend", sa.Boolean(), nullable=False),
        sa.Column("pivot", sa.String(length=14), nullable=True),
        sa.Column("nom", sa.String(length=255), nullable=False),
        sa.Column("commune", sa.String(length=255), nullable=True),
        sa.Column("code_postal", sa.String(length=5), nullable=True),
        sa.Column("code_insee", sa.String(length=5), nullable=True),
        sa.Column("adresse", sa.Text(), nullable=True),
        sa.Column("complement_adresse", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("typologie", JSON, nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=True),
        sa.Column("courriels", JSON, nullable=False),
        sa.Column("site_web", JSON, nullable=False),
        sa.Column("horaires", sa.Text(), nullable=True),
        sa.Column("horaires_texte", sa.Text(), nullable=True),
        sa.Column("presentation_resume", sa.Text(), nullable=True),
        sa.Column("presentation_detail", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("itinerance", JSON, nullable=False),
        sa.Column("structure_parente", sa.Text(), nullable=True),
        sa.Column("date_maj", sa.String(length=10), nullable=True),
        sa.Column("services", JSON, nullable=False),
        sa.Column("publics_specifiquement_adresses", JSON, nullable=False),
        sa.Column("prise_en_charge_specifique", JSON, nullable=False),
        sa.Column("frais_a_charge", JSON, nullable=False),
        sa.Column("dispositif_programmes_nationaux", JSON, nullable=False),
        sa.Column("formations_labels", JSON, nullable=False),
        sa.Column("autres_formations_labels", JSON, nullable=False),
        sa.Column("modalites_acces", JSON, nullable=False),
        sa.Column("modalites_accompagnement", JSON, nullable=False),
        sa.Column("fiche_acces_libre", sa.Text(), nullable=True),
        sa.Column("prise_rdv", sa.Text(), nullable=True),
        sa.Column("demarches", JSON, nullable=False),
        sa.Column("demarches_sante", sa.Boolean()),
        sa.ForeignKeyConstraint(["merged_into"], ["structure.id"], name=op.f("fk_structure_merged_into_structure")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure")),
    )
    op.create_index("ix_structure_commune", "structure", ["status", "code_insee"])
    op.create_index("ix_structure_hours", "structure", ["status", "opens_evening", "opens_weekend"])
    op.create_index(op.f("ix_structure_pivot"), "structure", ["pivot"])

    op.create_table(
        "import_reject",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_reject_run_id_import_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_reject")),
    )
    op.create_index(op.f("ix_import_reject_run_id"), "import_reject", ["run_id"])

    op.create_table(
        "override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("source_value", JSON, nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_override_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_override")),
        sa.UniqueConstraint("structure_id", "field", name=op.f("uq_override_structure_id_field")),
    )
    op.create_index(op.f("ix_override_structure_id"), "override", ["structure_id"])

    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_report_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("nonce", name=op.f("uq_report_nonce")),
    )
    op.create_index(op.f("ix_report_structure_id"), "report", ["structure_id"])

    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("nom", sa.String(length=150), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.String(length=40), nullable=True),
        sa.Column("thematiques", JSON, nullable=False),
        sa.Column("demarches", JSON, nullable=False),
        sa.Column("publics", JSON, nullable=False),
        sa.Column("frais", sa.String(length=40), nullable=True),
        sa.Column("frais_precisions", sa.Text(), nullable=True),
        sa.Column("modes_accueil", JSON, nullable=False),
        sa.Column("horaires_accueil", sa.Text(), nullable=True),
        sa.Column("telephone", sa.String(length=40), nullable=True),
        sa.Column("courriel", sa.String(length=254), nullable=True),
        sa.Column("lien_mobilisation", sa.Text(), nullable=True),
        sa.Column("date_maj", sa.String(length=10), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_service_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
    )
    op.create_index(op.f("ix_service_structure_id"), "service", ["structure_id"])

    op.create_table(
        "source_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("raw", JSON, nullable=False),
        sa.Column("mapped", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("date_maj", sa.String(length=10), nullable=True),
        sa.Column("code_insee", sa.String(length=5), nullable=True),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("not_seen_since", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_source_record_structure_id_structure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_record")),
    )
    op.create_index(op.f("ix_source_record_structure_id"), "source_record", ["structure_id"])
    op.create_index("ix_source_record_territory", "source_record", ["source", "code_insee"])

    op.create_table(
        "source_part",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("part", sa.String(length=2000), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["source_record.id"], name=op.f("fk_source_part_record_id_source_record"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "part", name=op.f("pk_source_part")),
    )
    op.create_index(op.f("ix_source_part_record_id"), "source_part", ["record_id"])


def downgrade() -> None:
    for table in (
        "source_part",
        "source_record",
        "service",
        "report",
        "override",
        "import_reject",
        "structure",
        "search_word",
        "search_state",
        "search_document",
        "import_run",
        "clock",
        "change",
    ):
        op.drop_table(table)
