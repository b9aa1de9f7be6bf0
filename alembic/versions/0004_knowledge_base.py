"""The knowledge base: resources, versions, translations, files, opinions, uses, collections, requests, tallies."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "glossary_term",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("folded", sa.String(length=120), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glossary_term")),
        sa.UniqueConstraint("folded", "lang", name=op.f("uq_glossary_term_folded_lang")),
    )
    op.create_table(
        "segment",
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", "lang", name=op.f("pk_segment")),
    )
    op.create_table(
        "stored_file",
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_state", sa.String(length=10), nullable=False),
        sa.Column("preview", sa.Boolean(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("scan", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("sha", name=op.f("pk_stored_file")),
    )
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_file_text_state"), ["text_state"], unique=False)

    op.create_table(
        "tally",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lang", sa.String(length=80), nullable=False),
        sa.Column("structure", sa.String(length=36), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "what", "object_id", "version", "lang", "structure", name=op.f("pk_tally")),
    )
    with op.batch_alter_table("tally", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tally_object_id"), ["object_id"], unique=False)

    op.create_table(
        "collection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("secret", sa.String(length=40), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_collection_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_collection_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("secret", name=op.f("uq_collection_secret")),
    )
    with op.batch_alter_table("collection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collection_structure_id"), ["structure_id"], unique=False)

    op.create_table(
        "resource",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("themes", JSON, nullable=False),
        sa.Column("demarches", JSON, nullable=False),
        sa.Column("publics", JSON, nullable=False),
        sa.Column("supports", JSON, nullable=False),
        sa.Column("niveau", sa.String(length=20), nullable=False),
        sa.Column("licence", sa.String(length=30), nullable=False),
        sa.Column("duree", sa.Integer(), nullable=True),
        sa.Column("langs", JSON, nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("verify_every", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("draft", JSON, nullable=True),
        sa.Column("draft_rev", sa.Integer(), nullable=False),
        sa.Column("draft_at", MOMENT, nullable=True),
        sa.Column("draft_by", sa.Uuid(), nullable=True),
        sa.Column("removed", JSON, nullable=True),
        sa.Column("review_at", MOMENT, nullable=True),
        sa.Column("review_by", sa.Uuid(), nullable=True),
        sa.Column("review", JSON, nullable=True),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("origin_version", sa.Integer(), nullable=True),
        sa.Column("origin_seen", JSON, nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["origin_id"], ["resource.id"], name=op.f("fk_resource_origin_id_resource"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_resource_structure_id_structure"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("kind", "slug", name=op.f("uq_resource_kind_slug")),
    )
    with op.batch_alter_table("resource", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_origin_id"), ["origin_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_review_at"), ["review_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_structure_id"), ["structure_id"], unique=False)

    op.create_table(
        "collection_item",
        sa.Column("collection_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collection.id"],
            name=op.f("fk_collection_item_collection_id_collection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_collection_item_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("collection_id", "resource_id", name=op.f("pk_collection_item")),
    )
    with op.batch_alter_table("collection_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_item_resource_id"), ["resource_id"], unique=False)

    op.create_table(
        "file_use",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_file_use_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sha"], ["stored_file.sha"], name=op.f("fk_file_use_sha_stored_file")),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_file_use_structure_id_structure"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("resource_id", "sha", name=op.f("pk_file_use")),
    )
    with op.batch_alter_table("file_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_use_sha"), ["sha"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_use_structure_id"), ["structure_id"], unique=False)

    op.create_table(
        "opinion",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("hidden_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_opinion_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_opinion_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "person_id", name=op.f("pk_opinion")),
    )
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinion_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinion_person_id"), ["person_id"], unique=False)

    op.create_table(
        "resource_author",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_resource_author_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_author_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "person_id", name=op.f("pk_resource_author")),
    )
    with op.batch_alter_table("resource_author", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_author_person_id"), ["person_id"], unique=False)

    op.create_table(
        "resource_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("contact", sa.String(length=254), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["other_id"], ["resource.id"], name=op.f("fk_resource_report_other_id_resource"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_report_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_report")),
    )
    with op.batch_alter_table("resource_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_report_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_report_state"), ["state"], unique=False)

    op.create_table(
        "resource_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("theme", sa.String(length=60), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["resource.id"], name=op.f("fk_resource_request_answer_id_resource"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_request")),
    )
    with op.batch_alter_table("resource_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_request_state"), ["state"], unique=False)

    op.create_table(
        "resource_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.String(length=10), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_use_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_resource_use_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_use")),
    )
    with op.batch_alter_table("resource_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_use_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_use_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_use_structure_id"), ["structure_id"], unique=False)

    op.create_table(
        "resource_version",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_version_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "number", name=op.f("pk_resource_version")),
    )
    op.create_table(
        "translation_ask",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_translation_ask_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "lang", name=op.f("pk_translation_ask")),
    )
    op.create_table(
        "translation_unit",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("words", JSON, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("source_digest", sa.String(length=16), nullable=False),
        sa.Column("source_words", JSON, nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("pending", JSON, nullable=True),
        sa.Column("pending_state", sa.String(length=10), nullable=False),
        sa.Column("pending_digest", sa.String(length=16), nullable=False),
        sa.Column("pending_source", JSON, nullable=True),
        sa.Column("pending_by", sa.Uuid(), nullable=True),
        sa.Column("pending_at", MOMENT, nullable=True),
        sa.Column("pending_word", sa.Text(), nullable=False),
        sa.Column("pending_word_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_translation_unit_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "section", "lang", name=op.f("pk_translation_unit")),
    )


def downgrade() -> None:
    op.drop_table("translation_unit")
    op.drop_table("translation_ask")
    op.drop_table("resource_version")
    with op.batch_alter_table("resource_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_use_structure_id"))
        batch_op.drop_index(batch_op.f("ix_resource_use_resource_id"))
        batch_op.drop_index(batch_op.f("ix_resource_use_at"))

    op.drop_table("resource_use")
    with op.batch_alter_table("resource_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_request_state"))

    op.drop_table("resource_request")
    with op.batch_alter_table("resource_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_report_state"))
        batch_op.drop_index(batch_op.f("ix_resource_report_resource_id"))

    op.drop_table("resource_report")
    with op.batch_alter_table("resource_author", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_author_person_id"))

    op.drop_table("resource_author")
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opinion_person_id"))
        batch_op.drop_index(batch_op.f("ix_opinion_at"))

    op.drop_table("opinion")
    with op.batch_alter_table("file_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_use_structure_id"))
        batch_op.drop_index(batch_op.f("ix_file_use_sha"))

    op.drop_table("file_use")
    with op.batch_alter_table("collection_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collection_item_resource_id"))

    op.drop_table("collection_item")
    with op.batch_alter_table("resource", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_structure_id"))
        batch_op.drop_index(batch_op.f("ix_resource_state"))
        batch_op.drop_index(batch_op.f("ix_resource_review_at"))
        batch_op.drop_index(batch_op.f("ix_resource_origin_id"))

    op.drop_table("resource")
    with op.batch_alter_table("collection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collection_structure_id"))
        batch_op.drop_index(batch_op.f("ix_collection_person_id"))

    op.drop_table("collection")
    with op.batch_alter_table("tally", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tally_object_id"))

    op.drop_table("tally")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_file_text_state"))

    op.drop_table("stored_file")
    op.drop_table("segment")
    op.drop_table("glossary_term")
