"""What goes out: the label, the letter with its ledger, relays, feeds that people keep, indicators."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0007"
down_revision = "0006"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "indicator_month",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", "month", name=op.f("pk_indicator_month")),
    )
    op.create_table(
        "label_criteria",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_criteria")),
        sa.UniqueConstraint("version", name=op.f("uq_label_criteria_version")),
    )
    op.create_table(
        "letter_issue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("subject", JSON, nullable=False),
        sa.Column("intro", JSON, nullable=False),
        sa.Column("langs", JSON, nullable=False),
        sa.Column("segments", JSON, nullable=False),
        sa.Column("log_from", sa.BigInteger(), nullable=False),
        sa.Column("log_to", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("scheduled_at", MOMENT, nullable=True),
        sa.Column("relay_at", MOMENT, nullable=True),
        sa.Column("relay_launched_at", MOMENT, nullable=True),
        sa.Column("launched_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("stopped", sa.String(length=20), nullable=False),
        sa.Column("resumed_at", MOMENT, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("launched", JSON, nullable=False),
        sa.Column("called_back", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_issue")),
        sa.UniqueConstraint("number", name=op.f("uq_letter_issue_number")),
    )
    with op.batch_alter_table("letter_issue", schema=None) as batch_op:
        batch_op.create_index("ix_letter_issue_state", ["state"], unique=False)

    op.create_table(
        "suppression",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_suppression")),
    )
    op.create_table(
        "feed_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_feed_key_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_feed_key_digest")),
    )
    with op.batch_alter_table("feed_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_key_person_id"), ["person_id"], unique=False)

    op.create_table(
        "label",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("criteria_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("reminded_people", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["criteria_id"], ["label_criteria.id"], name=op.f("fk_label_criteria_id_label_criteria")
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_label_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
    )
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.create_index("ix_label_structure_ends_on", ["structure_id", "ends_on"], unique=False)

    op.create_table(
        "letter_date",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["letter_issue.id"], name=op.f("fk_letter_date_issue_id_letter_issue"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_date")),
        sa.UniqueConstraint("day", name=op.f("uq_letter_date_day")),
    )
    op.create_table(
        "letter_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("object_kind", sa.String(length=20), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["letter_issue.id"], name=op.f("fk_letter_line_issue_id_letter_issue"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_line")),
    )
    with op.batch_alter_table("letter_line", schema=None) as batch_op:
        batch_op.create_index("ix_letter_line_issue", ["issue_id", "section", "position"], unique=False)

    op.create_table(
        "letter_text",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.String(length=24), nullable=False),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["letter_issue.id"], name=op.f("fk_letter_text_issue_id_letter_issue"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "edition", "lang", name=op.f("pk_letter_text")),
    )
    op.create_table(
        "relay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("intro", JSON, nullable=False),
        sa.Column("logo_sha", sa.String(length=64), nullable=True),
        sa.Column("logo_alt", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_relay_structure_id_structure"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay")),
        sa.UniqueConstraint("code", name=op.f("uq_relay_code")),
        sa.UniqueConstraint("structure_id", name=op.f("uq_relay_structure_id")),
    )
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_saved_search_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("person_id", "room", "query", name=op.f("uq_saved_search_person_id_room_query")),
    )
    with op.batch_alter_table("saved_search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_search_due_at"), ["due_at"], unique=False)

    op.create_table(
        "relay_reach",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("relay_id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["letter_issue.id"], name=op.f("fk_relay_reach_issue_id_letter_issue"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["relay_id"], ["relay.id"], name=op.f("fk_relay_reach_relay_id_relay"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_reach")),
    )
    with op.batch_alter_table("relay_reach", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relay_reach_relay_id"), ["relay_id"], unique=False)

    op.create_table(
        "relay_visit",
        sa.Column("relay_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["relay_id"], ["relay.id"], name=op.f("fk_relay_visit_relay_id_relay"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("relay_id", "day", name=op.f("pk_relay_visit")),
    )
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("edition", sa.String(length=10), nullable=False),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("themes", JSON, nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("health", sa.Boolean(), nullable=False),
        sa.Column("fewer", sa.Boolean(), nullable=False),
        sa.Column("relay_id", sa.Uuid(), nullable=True),
        sa.Column("came_by", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("last_sent_at", MOMENT, nullable=True),
        sa.Column("bounce_score", sa.Double(), nullable=False),
        sa.Column("bounced_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["came_by"], ["relay.id"], name=op.f("fk_subscriber_came_by_relay"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_subscriber_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["relay_id"], ["relay.id"], name=op.f("fk_subscriber_relay_id_relay"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("email", name=op.f("uq_subscriber_email")),
        sa.UniqueConstraint("key", name=op.f("uq_subscriber_key")),
        sa.UniqueConstraint("person_id", name=op.f("uq_subscriber_person_id")),
    )
    with op.batch_alter_table("subscriber", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscriber_came_by"), ["came_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_subscriber_relay_id"), ["relay_id"], unique=False)
        batch_op.create_index("ix_subscriber_state_edition", ["state", "edition"], unique=False)

    op.create_table(
        "consent_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscriber_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_consent_event_subscriber_id_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_event")),
    )
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_event_subscriber_id"), ["subscriber_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("subscriber_id", sa.Uuid(), nullable=True),
        sa.Column("edition", sa.String(length=10), nullable=False),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("bounce", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["letter_issue.id"], name=op.f("fk_delivery_issue_id_letter_issue"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_delivery_subscriber_id_subscriber"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("issue_id", "subscriber_id", name=op.f("uq_delivery_issue_id_subscriber_id")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_due", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_delivery_issue_state", ["issue_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_subscriber_id"), ["subscriber_id"], unique=False)

    op.create_table(
        "bounce_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("subscriber_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_bounce_event_delivery_id_delivery"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_bounce_event_subscriber_id_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounce_event")),
        sa.UniqueConstraint("digest", name=op.f("uq_bounce_event_digest")),
    )
    with op.batch_alter_table("bounce_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bounce_event_subscriber_id"), ["subscriber_id"], unique=False)

    with op.batch_alter_table("structure", schema=None) as batch_op:
        batch_op.add_column(sa.Column("label_until", sa.Date(), nullable=True))

    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_kind_seq", ["kind", "seq"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index("ix_change_kind_seq")

    with op.batch_alter_table("structure", schema=None) as batch_op:
        batch_op.drop_column("label_until")

    with op.batch_alter_table("bounce_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bounce_event_subscriber_id"))

    op.drop_table("bounce_event")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_subscriber_id"))
        batch_op.drop_index("ix_delivery_issue_state")
        batch_op.drop_index("ix_delivery_due")

    op.drop_table("delivery")
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_event_subscriber_id"))

    op.drop_table("consent_event")
    with op.batch_alter_table("subscriber", schema=None) as batch_op:
        batch_op.drop_index("ix_subscriber_state_edition")
        batch_op.drop_index(batch_op.f("ix_subscriber_relay_id"))
        batch_op.drop_index(batch_op.f("ix_subscriber_came_by"))

    op.drop_table("subscriber")
    op.drop_table("relay_visit")
    with op.batch_alter_table("relay_reach", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relay_reach_relay_id"))

    op.drop_table("relay_reach")
    with op.batch_alter_table("saved_search", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_search_due_at"))

    op.drop_table("saved_search")
    op.drop_table("relay")
    op.drop_table("letter_text")
    with op.batch_alter_table("letter_line", schema=None) as batch_op:
        batch_op.drop_index("ix_letter_line_issue")

    op.drop_table("letter_line")
    op.drop_table("letter_date")
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.drop_index("ix_label_structure_ends_on")

    op.drop_table("label")
    with op.batch_alter_table("feed_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feed_key_person_id"))

    op.drop_table("feed_key")
    op.drop_table("suppression")
    with op.batch_alter_table("letter_issue", schema=None) as batch_op:
        batch_op.drop_index("ix_letter_issue_state")

    op.drop_table("letter_issue")
    op.drop_table("label_criteria")
    op.drop_table("indicator_month")
