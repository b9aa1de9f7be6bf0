"""The exchanges: topics, threads, posts; what people are told; working groups; files of both."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0005"
down_revision = "0004"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "log_cursor",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_log_cursor")),
    )
    op.create_table(
        "thread_setting",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_thread_setting")),
    )
    op.create_table(
        "working_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("seen", sa.String(length=10), nullable=False),
        sa.Column("joining", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_group")),
        sa.UniqueConstraint("slug", name=op.f("uq_working_group_slug")),
    )
    op.create_table(
        "attached_file",
        sa.Column("owner_kind", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["person.id"], name=op.f("fk_attached_file_added_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["sha"], ["stored_file.sha"], name=op.f("fk_attached_file_sha_stored_file")),
        sa.ForeignKeyConstraint(
            ["structure_id"],
            ["structure.id"],
            name=op.f("fk_attached_file_structure_id_structure"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("owner_kind", "owner_id", "sha", name=op.f("pk_attached_file")),
    )
    with op.batch_alter_table("attached_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attached_file_added_by"), ["added_by"], unique=False)
        batch_op.create_index("ix_attached_file_sha", ["sha"], unique=False)
        batch_op.create_index(batch_op.f("ix_attached_file_structure_id"), ["structure_id"], unique=False)

    op.create_table(
        "group_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["working_group.id"],
            name=op.f("fk_group_document_group_id_working_group"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_document")),
        sa.UniqueConstraint("group_id", "slug", name=op.f("uq_group_document_group_id_slug")),
    )
    op.create_table(
        "group_member",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("belonging", sa.String(length=10), nullable=False),
        sa.Column("animates", sa.Boolean(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_group.id"], name=op.f("fk_group_member_group_id_working_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_group_member_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_group_member")),
    )
    with op.batch_alter_table("group_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "mail_received",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("thread_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_mail_received_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mail_received")),
    )
    with op.batch_alter_table("mail_received", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_received_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_received_person_id"), ["person_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("object_kind", sa.String(length=20), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("about_kind", sa.String(length=20), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("mail_key", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "person_id", "object_kind", "object_id", name=op.f("uq_notice_person_id_object_kind_object_id")
        ),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_about", ["about_kind", "about_id", "person_id"], unique=False)
        batch_op.create_index("ix_notice_due", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_notice_mail_key", ["mail_key"], unique=False)
        batch_op.create_index("ix_notice_object", ["object_kind", "object_id"], unique=False)
        batch_op.create_index("ix_notice_person_at", ["person_id", "at", "id"], unique=False)

    op.create_table(
        "notice_choice",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("modes", JSON, nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("off_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "read_all",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("before", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_read_all_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_read_all")),
    )
    op.create_table(
        "subscription",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("object_kind", sa.String(length=20), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_subscription_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "object_kind", "object_id", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index("ix_subscription_object", ["object_kind", "object_id"], unique=False)

    op.create_table(
        "topic",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("titles", JSON, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("seen", sa.String(length=10), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("procedures", JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_group.id"], name=op.f("fk_topic_group_id_working_group"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("slug", name=op.f("uq_topic_slug")),
    )
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_group_id"), ["group_id"], unique=False)

    op.create_table(
        "thread",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("object_kind", sa.String(length=20), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("helpers", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answer_ref_kind", sa.String(length=20), nullable=True),
        sa.Column("answer_ref_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("pinned_until", MOMENT, nullable=True),
        sa.Column("options", JSON, nullable=False),
        sa.Column("several", sa.Boolean(), nullable=False),
        sa.Column("closes_at", MOMENT, nullable=True),
        sa.Column("brought_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_thread_author_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["merged_into"], ["thread.id"], name=op.f("fk_thread_merged_into_thread")),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_thread_structure_id_structure"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_thread_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("request_id", name=op.f("uq_thread_request_id")),
    )
    with op.batch_alter_table("thread", schema=None) as batch_op:
        batch_op.create_index("ix_thread_author", ["author_id", "last_at"], unique=False)
        batch_op.create_index("ix_thread_last", ["last_at", "id"], unique=False)
        batch_op.create_index("ix_thread_object", ["object_kind", "object_id", "last_at"], unique=False)
        batch_op.create_index("ix_thread_pinned", ["pinned_until"], unique=False)
        batch_op.create_index("ix_thread_question", ["kind", "state", "helpers", "created_at"], unique=False)
        batch_op.create_index("ix_thread_topic_last", ["topic_id", "last_at", "id"], unique=False)

    op.create_table(
        "poll_vote",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("option", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_poll_vote_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_poll_vote_thread_id_thread"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thread_id", "person_id", "option", name=op.f("pk_poll_vote")),
    )
    with op.batch_alter_table("poll_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poll_vote_person_id"), ["person_id"], unique=False)

    op.create_table(
        "post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", JSON, nullable=False),
        sa.Column("links", JSON, nullable=False),
        sa.Column("quoted_id", sa.Uuid(), nullable=True),
        sa.Column("thanks", sa.Integer(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("hidden_by", sa.Uuid(), nullable=True),
        sa.Column("hidden_reason", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_post_author_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_post_structure_id_structure"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_post_thread_id_thread"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("thread_id", "at", name=op.f("uq_post_thread_id_at")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index("ix_post_author_at", ["author_id", "at"], unique=False)
        batch_op.create_index("ix_post_waiting", ["state", "at"], unique=False)

    op.create_table(
        "thread_bookmark",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_thread_bookmark_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_thread_bookmark_thread_id_thread"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "thread_id", name=op.f("pk_thread_bookmark")),
    )
    with op.batch_alter_table("thread_bookmark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_thread_bookmark_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "thread_read",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("read_to", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_thread_read_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_thread_read_thread_id_thread"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "thread_id", name=op.f("pk_thread_read")),
    )
    with op.batch_alter_table("thread_read", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_thread_read_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "post_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_post_report_author_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_report_post_id_post"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_report")),
    )
    with op.batch_alter_table("post_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_report_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_report_state"), ["state"], unique=False)

    op.create_table(
        "post_thank",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_post_thank_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_thank_post_id_post"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "person_id", name=op.f("pk_post_thank")),
    )
    with op.batch_alter_table("post_thank", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_thank_person_id"), ["person_id"], unique=False)

    op.create_table(
        "post_translation",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_post_translation_by_person"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_translation_post_id_post"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "lang", name=op.f("pk_post_translation")),
    )
    op.create_table(
        "post_translation_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_post_translation_wish_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_translation_wish_post_id_post"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_translation_wish")),
        sa.UniqueConstraint(
            "post_id", "lang", "person_id", name=op.f("uq_post_translation_wish_post_id_lang_person_id")
        ),
    )
    with op.batch_alter_table("post_translation_wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_translation_wish_person_id"), ["person_id"], unique=False)

    op.create_table(
        "post_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("translation", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_version_post_id_post"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_version")),
    )
    with op.batch_alter_table("post_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_version_post_id"), ["post_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("post_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_version_post_id"))

    op.drop_table("post_version")
    with op.batch_alter_table("post_translation_wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_translation_wish_person_id"))

    op.drop_table("post_translation_wish")
    op.drop_table("post_translation")
    with op.batch_alter_table("post_thank", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_thank_person_id"))

    op.drop_table("post_thank")
    with op.batch_alter_table("post_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_report_state"))
        batch_op.drop_index(batch_op.f("ix_post_report_post_id"))

    op.drop_table("post_report")
    with op.batch_alter_table("thread_read", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_thread_read_thread_id"))

    op.drop_table("thread_read")
    with op.batch_alter_table("thread_bookmark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_thread_bookmark_thread_id"))

    op.drop_table("thread_bookmark")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index("ix_post_waiting")
        batch_op.drop_index("ix_post_author_at")

    op.drop_table("post")
    with op.batch_alter_table("poll_vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_poll_vote_person_id"))

    op.drop_table("poll_vote")
    with op.batch_alter_table("thread", schema=None) as batch_op:
        batch_op.drop_index("ix_thread_topic_last")
        batch_op.drop_index("ix_thread_question")
        batch_op.drop_index("ix_thread_pinned")
        batch_op.drop_index("ix_thread_object")
        batch_op.drop_index("ix_thread_last")
        batch_op.drop_index("ix_thread_author")

    op.drop_table("thread")
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topic_group_id"))

    op.drop_table("topic")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index("ix_subscription_object")

    op.drop_table("subscription")
    op.drop_table("read_all")
    op.drop_table("notice_choice")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_person_at")
        batch_op.drop_index("ix_notice_object")
        batch_op.drop_index("ix_notice_mail_key")
        batch_op.drop_index("ix_notice_due")
        batch_op.drop_index("ix_notice_about")

    op.drop_table("notice")
    with op.batch_alter_table("mail_received", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_received_person_id"))
        batch_op.drop_index(batch_op.f("ix_mail_received_at"))

    op.drop_table("mail_received")
    with op.batch_alter_table("group_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_member_person_id"))

    op.drop_table("group_member")
    op.drop_table("group_document")
    with op.batch_alter_table("attached_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attached_file_structure_id"))
        batch_op.drop_index("ix_attached_file_sha")
        batch_op.drop_index(batch_op.f("ix_attached_file_added_by"))

    op.drop_table("attached_file")
    op.drop_table("working_group")
    op.drop_table("thread_setting")
    op.drop_table("log_cursor")
