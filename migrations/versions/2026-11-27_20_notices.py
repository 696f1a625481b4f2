"""Notices with their mails, preferences and calendar feeds of associates; changes of published days, and confirmations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_20"
down_revision = "20261127_10"
branch_labels = None
depends_on = None

DAY_KIND = postgresql.ENUM("shift", "off", "leave", "none", name="day_kind", create_type=False)
PLACE = postgresql.ENUM("office", "home", name="place", create_type=False)

WHOLE = (
    "CASE WHEN {side}_kind = 'shift' THEN num_nulls({side}_shift_type_id, {side}_place, {side}_break_pattern_id) = 0 "
    "ELSE num_nonnulls({side}_shift_type_id, {side}_place, {side}_break_pattern_id) = 0 END"
)

TABLES = ("notice_setting", "preference", "calendar_feed", "mail", "notice", "day_change", "roster_confirmation")


def upgrade() -> None:
    op.create_table(
        "notice_setting",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("urgent_hours", sa.SmallInteger(), server_default="24", nullable=False),
        sa.Column("batch_minutes", sa.SmallInteger(), server_default="10", nullable=False),
        sa.CheckConstraint("batch_minutes BETWEEN 0 AND 1440", name=op.f("ck_notice_setting_batch_minutes")),
        sa.CheckConstraint("urgent_hours BETWEEN 0 AND 336", name=op.f("ck_notice_setting_urgent_hours")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_notice_setting_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_notice_setting")),
        comment="News of a shift that starts within urgent_hours are mailed at once; others wait batch_minutes for company.",
    )
    op.create_table(
        "preference",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("hour_cycle", sa.SmallInteger(), nullable=True),
        sa.Column("mail_address", sa.Text(), nullable=True),
        sa.Column("wants_mail", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("changes_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "char_length(mail_address) BETWEEN 3 AND 254 AND mail_address ~ '^[^@[:space:]]+@[^@[:space:]]+$'",
            name=op.f("ck_preference_mail_address"),
        ),
        sa.CheckConstraint("char_length(language) BETWEEN 2 AND 20", name=op.f("ck_preference_language")),
        sa.CheckConstraint("hour_cycle IN (12, 24)", name=op.f("ck_preference_hour_cycle")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_preference_associate_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("associate_id", name=op.f("pk_preference")),
        comment="How an associate reads the pages; what is null follows the browser, and English without one.",
    )
    op.create_table(
        "calendar_feed",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_calendar_feed_token_hash")),
        sa.ForeignKeyConstraint(
            ["associate_id"], ["associate.id"], name=op.f("fk_calendar_feed_associate_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("associate_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
        comment="The secret address of the calendar of an associate; of the secret only its SHA-256 is stored.",
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.CheckConstraint("sent_at IS NULL OR next_attempt_at IS NULL", name=op.f("ck_mail_sent")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_mail_associate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_id")),
        comment="The outbox of mails: one row is one message; it waits for next_attempt_at, was sent, or was given up.",
    )
    op.create_index(op.f("ix_mail_associate_id"), "mail", ["associate_id"], unique=False)
    op.create_index(
        "ix_mail_next_attempt_at",
        "mail",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_notice_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_notice_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        comment="What an associate is told, in no language: its words are found by kind and parameters when it is read. "
        "It waits for its mail until mail_due_at, which is then cleared.",
    )
    op.create_index("ix_notice_associate_id_id", "notice", ["associate_id", "id"], unique=False)
    op.create_index(
        "ix_notice_mail_due_at", "notice", ["mail_due_at"], unique=False, postgresql_where=sa.text("mail_due_at IS NOT NULL")
    )
    op.create_index("ix_notice_unread", "notice", ["associate_id"], unique=False, postgresql_where=sa.text("read_at IS NULL"))
    op.create_table(
        "day_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("before_kind", DAY_KIND, nullable=False),
        sa.Column("before_shift_type_id", sa.BigInteger(), nullable=True),
        sa.Column("before_place", PLACE, nullable=True),
        sa.Column("before_break_pattern_id", sa.BigInteger(), nullable=True),
        sa.Column("after_kind", DAY_KIND, nullable=False),
        sa.Column("after_shift_type_id", sa.BigInteger(), nullable=True),
        sa.Column("after_place", PLACE, nullable=True),
        sa.Column("after_break_pattern_id", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(WHOLE.format(side="after"), name=op.f("ck_day_change_after")),
        sa.CheckConstraint(WHOLE.format(side="before"), name=op.f("ck_day_change_before")),
        sa.ForeignKeyConstraint(
            ["after_break_pattern_id"], ["break_pattern.id"], name=op.f("fk_day_change_after_break_pattern_id")
        ),
        sa.ForeignKeyConstraint(["after_shift_type_id"], ["shift_type.id"], name=op.f("fk_day_change_after_shift_type_id")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_day_change_associate_id")),
        sa.ForeignKeyConstraint(
            ["before_break_pattern_id"], ["break_pattern.id"], name=op.f("fk_day_change_before_break_pattern_id")
        ),
        sa.ForeignKeyConstraint(["before_shift_type_id"], ["shift_type.id"], name=op.f("fk_day_change_before_shift_type_id")),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_day_change_roster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_change")),
        comment="A published day of an associate that became another, by a later roster or by hand. Append-only by a trigger.",
    )
    op.create_index("ix_day_change_associate_id_day", "day_change", ["associate_id", "day"], unique=False)
    op.create_index("ix_day_change_associate_id_recorded_at", "day_change", ["associate_id", "recorded_at"], unique=False)
    op.create_table(
        "roster_confirmation",
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["associate_id"], ["associate.id"], name=op.f("fk_roster_confirmation_associate_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_roster_confirmation_roster_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("roster_id", "associate_id", name=op.f("pk_roster_confirmation")),
        comment="An associate has read a published roster; a later change of one of their days wants a new confirmation.",
    )
    op.create_index(op.f("ix_roster_confirmation_associate_id"), "roster_confirmation", ["associate_id"], unique=False)
    op.execute(
        "CREATE TRIGGER day_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON day_change "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
