"""People, sessions, audit, drafts, suggestions (reports become suggestions), history, conflicts, verification."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
CONFLICT = sa.text("conflict_since IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_action"), "audit", ["action"])
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.create_index(op.f("ix_audit_object_id"), "audit", ["object_id"])
    op.create_index(op.f("ix_audit_person_id"), "audit", ["person_id"])

    op.create_table(
        "governance",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_governance")),
    )
    op.create_table(
        "people_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("applied_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_list")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("mails", JSON, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("warned_at", MOMENT, nullable=True),
        sa.Column("gone_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_index(op.f("ix_person_last_seen_at"), "person", ["last_seen_at"])

    op.create_table(
        "rate_count",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_count")),
    )
    op.create_index(op.f("ix_rate_count_ends_at"), "rate_count", ["ends_at"])

    op.create_table(
        "spent_token",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("forget_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_token")),
    )
    op.create_index(op.f("ix_spent_token_forget_at"), "spent_token", ["forget_at"])

    op.create_table(
        "draft",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_draft_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "path", name=op.f("pk_draft")),
    )
    op.create_table(
        "field_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("ref", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_field_change_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_change")),
    )
    op.create_index(op.f("ix_field_change_author_id"), "field_change", ["author_id"])
    op.create_index("ix_field_change_sheet", "field_change", ["structure_id", "id"])

    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_invitation_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_email"), "invitation", ["email"])
    op.create_index(op.f("ix_invitation_structure_id"), "invitation", ["structure_id"])

    op.create_table(
        "join_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("proposal", JSON, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_join_request_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_join_request_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_request")),
    )
    op.create_index(op.f("ix_join_request_person_id"), "join_request", ["person_id"])
    op.create_index(op.f("ix_join_request_state"), "join_request", ["state"])
    op.create_index(op.f("ix_join_request_structure_id"), "join_request", ["structure_id"])

    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_membership_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("person_id", "structure_id", name=op.f("uq_membership_person_id_structure_id")),
    )
    op.create_index(op.f("ix_membership_structure_id"), "membership", ["structure_id"])

    op.create_table(
        "person_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("resume", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_session_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_person_session_digest")),
    )
    op.create_index(op.f("ix_person_session_expires_at"), "person_session", ["expires_at"])
    op.create_index(op.f("ix_person_session_person_id"), "person_session", ["person_id"])

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("held", JSON, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_created_at"), "sign_in", ["created_at"])
    op.create_index(op.f("ix_sign_in_email"), "sign_in", ["email"])

    op.create_table(
        "suggestion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=True),
        sa.Column("proposed", JSON, nullable=True),
        sa.Column("seen", JSON, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_suggestion_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint("nonce", name=op.f("uq_suggestion_nonce")),
    )
    op.create_index(op.f("ix_suggestion_author_id"), "suggestion", ["author_id"])
    op.create_index(op.f("ix_suggestion_state"), "suggestion", ["state"])
    op.create_index(op.f("ix_suggestion_structure_id"), "suggestion", ["structure_id"])

    op.execute(
        "INSERT INTO suggestion (id, structure_id, reason, message, contact, language, nonce, created_at, state, answer) "
        "SELECT id, structure_id, reason, message, contact, language, nonce, created_at, 'open', '' FROM report"
    )
    op.drop_index(op.f("ix_report_structure_id"), "report")
    op.drop_table("report")

    with op.batch_alter_table("override") as batch_op:
        batch_op.add_column(sa.Column("source_now", JSON))
        batch_op.add_column(sa.Column("conflict_since", MOMENT))
        batch_op.add_column(sa.Column("side", sa.String(length=20), nullable=False, server_default="lieu"))
        batch_op.add_column(sa.Column("author_id", sa.Uuid()))
        batch_op.add_column(sa.Column("suggestion_id", sa.Uuid()))
        batch_op.drop_column("author")
    op.execute("UPDATE override SET source_now = source_value")
    with op.batch_alter_table("override") as batch_op:
        batch_op.alter_column("source_now", existing_type=JSON, nullable=False)
        batch_op.create_index(batch_op.f("ix_override_author_id"), ["author_id"])
        batch_op.create_index(
            "ix_override_conflict", ["structure_id"], sqlite_where=CONFLICT, postgresql_where=CONFLICT
        )

    with op.batch_alter_table("service") as batch_op:
        batch_op.add_column(sa.Column("rev", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("updated_at", MOMENT))
        batch_op.add_column(sa.Column("updated_by", sa.Uuid()))
    op.execute("UPDATE service SET updated_at = created_at")
    with op.batch_alter_table("service") as batch_op:
        batch_op.alter_column("updated_at", existing_type=MOMENT, nullable=False)

    # quality -1: not computed yet. `reseau init` computes the structures again after this migration.
    with op.batch_alter_table("structure") as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("in_territory", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("closed_on", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("closed_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("verified_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("verified_by", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("verify_every", sa.Integer(), nullable=False, server_default="6"))
        batch_op.add_column(sa.Column("fresh_on", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("due_on", sa.String(length=10), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("reminded_for", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("quality", sa.Integer(), nullable=False, server_default="-1"))
        batch_op.create_index("ix_structure_age", ["status", "created_at"])
        batch_op.create_index("ix_structure_due", ["status", "due_on", "nom"])
        batch_op.create_index("ix_structure_quality", ["status", "quality", "nom"])
        batch_op.create_index(batch_op.f("ix_structure_parent_id"), ["parent_id"])
        batch_op.create_foreign_key(batch_op.f("fk_structure_parent_id_structure"), "structure", ["parent_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("structure") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_structure_parent_id_structure"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_structure_parent_id"))
        batch_op.drop_index("ix_structure_quality")
        batch_op.drop_index("ix_structure_due")
        batch_op.drop_index("ix_structure_age")
        batch_op.drop_column("quality")
        batch_op.drop_column("reminders")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("reminded_for")
        batch_op.drop_column("due_on")
        batch_op.drop_column("fresh_on")
        batch_op.drop_column("verify_every")
        batch_op.drop_column("verified_by")
        batch_op.drop_column("verified_at")
        batch_op.drop_column("closed_reason")
        batch_op.drop_column("closed_on")
        batch_op.drop_column("in_territory")
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("service") as batch_op:
        batch_op.drop_column("updated_by")
        batch_op.drop_column("updated_at")
        batch_op.drop_column("rev")

    with op.batch_alter_table("override") as batch_op:
        batch_op.add_column(sa.Column("author", sa.String(length=120), nullable=False, server_default=""))
        batch_op.drop_index("ix_override_conflict", sqlite_where=CONFLICT, postgresql_where=CONFLICT)
        batch_op.drop_index(batch_op.f("ix_override_author_id"))
        batch_op.drop_column("suggestion_id")
        batch_op.drop_column("author_id")
        batch_op.drop_column("side")
        batch_op.drop_column("conflict_since")
        batch_op.drop_column("source_now")

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
    op.execute(
        "INSERT INTO report (id, structure_id, reason, message, contact, language, nonce, created_at) "
        "SELECT id, structure_id, reason, message, contact, language, nonce, created_at FROM suggestion"
    )

    op.drop_index(op.f("ix_suggestion_structure_id"), "suggestion")
    op.drop_index(op.f("ix_suggestion_state"), "suggestion")
    op.drop_index(op.f("ix_suggestion_author_id"), "suggestion")

    op.drop_table("suggestion")
    op.drop_index(op.f("ix_sign_in_email"), "sign_in")
    op.drop_index(op.f("ix_sign_in_created_at"), "sign_in")

    op.drop_table("sign_in")
    op.drop_index(op.f("ix_person_session_person_id"), "person_session")
    op.drop_index(op.f("ix_person_session_expires_at"), "person_session")

    op.drop_table("person_session")
    op.drop_index(op.f("ix_membership_structure_id"), "membership")

    op.drop_table("membership")
    op.drop_index(op.f("ix_join_request_structure_id"), "join_request")
    op.drop_index(op.f("ix_join_request_state"), "join_request")
    op.drop_index(op.f("ix_join_request_person_id"), "join_request")

    op.drop_table("join_request")
    op.drop_index(op.f("ix_invitation_structure_id"), "invitation")
    op.drop_index(op.f("ix_invitation_email"), "invitation")

    op.drop_table("invitation")
    op.drop_index("ix_field_change_sheet", "field_change")
    op.drop_index(op.f("ix_field_change_author_id"), "field_change")

    op.drop_table("field_change")
    op.drop_table("draft")
    op.drop_index(op.f("ix_spent_token_forget_at"), "spent_token")

    op.drop_table("spent_token")
    op.drop_index(op.f("ix_rate_count_ends_at"), "rate_count")

    op.drop_table("rate_count")
    op.drop_index(op.f("ix_person_last_seen_at"), "person")

    op.drop_table("person")
    op.drop_table("people_list")
    op.drop_table("governance")
    op.drop_index(op.f("ix_audit_person_id"), "audit")
    op.drop_index(op.f("ix_audit_object_id"), "audit")
    op.drop_index(op.f("ix_audit_at"), "audit")
    op.drop_index(op.f("ix_audit_action"), "audit")

    op.drop_table("audit")
