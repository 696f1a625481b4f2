"""Tables of what people are told: notices, the mails made of them, and how each of them wants to be told."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.metadata import instant, key, metadata, reference, words

ONE_ADDRESSEE = "num_nonnulls(associate_id, account_id) = 1"
"""Who is told something is an associate, or an account that is no associate's."""

notice_setting = Table(
    "notice_setting",
    metadata,
    reference("site", cascade=True),
    Column("urgent_hours", SmallInteger, nullable=False, server_default="24"),
    Column("batch_minutes", SmallInteger, nullable=False, server_default="10"),
    PrimaryKeyConstraint("site_id"),
    CheckConstraint("urgent_hours BETWEEN 0 AND 336", name="urgent_hours"),
    CheckConstraint("batch_minutes BETWEEN 0 AND 1440", name="batch_minutes"),
    comment="News of a shift that starts within urgent_hours are mailed at once; others wait batch_minutes for company.",
)

preference = Table(
    "preference",
    metadata,
    key(),
    reference("associate", nullable=True, cascade=True),
    reference("account", nullable=True, cascade=True),
    words("language", nullable=True),
    Column("hour_cycle", SmallInteger),
    words("mail_address", nullable=True),
    Column("wants_mail", Boolean, nullable=False, server_default=text("true")),
    instant("changes_seen_at", nullable=True),
    UniqueConstraint("associate_id"),
    UniqueConstraint("account_id"),
    CheckConstraint(ONE_ADDRESSEE, name="addressee"),
    CheckConstraint("hour_cycle IN (12, 24)", name="hour_cycle"),
    CheckConstraint("char_length(language) BETWEEN 2 AND 20", name="language"),
    CheckConstraint("char_length(mail_address) BETWEEN 3 AND 254 AND mail_address ~ '^[^@[:space:]]+@[^@[:space:]]+$'",
                    name="mail_address"),
    comment="How somebody reads the pages and is told; what is null follows the browser, and English without one.",
)  # fmt: skip

calendar_feed = Table(
    "calendar_feed",
    metadata,
    reference("associate", cascade=True),
    Column("token_hash", LargeBinary, nullable=False),
    instant("made_at"),
    PrimaryKeyConstraint("associate_id"),
    UniqueConstraint("token_hash"),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    comment="The secret address of the calendar of an associate; of the secret only its SHA-256 is stored.",
)

calendar_event = Table(
    "calendar_event",
    metadata,
    reference("associate", cascade=True),
    Column("day", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    words("summary"),
    Column("is_cancelled", Boolean, nullable=False),
    instant("modified_at"),
    PrimaryKeyConstraint("associate_id", "day"),
    CheckConstraint("sequence >= 0", name="sequence"),
    CheckConstraint("starts_at < ends_at", name="span"),
    CheckConstraint("octet_length(fingerprint) = 32", name="fingerprint"),
    comment="A shift as the calendar feed last gave it out, so that its sequence rises exactly when what it shows changes.",
)

mail = Table(
    "mail",
    metadata,
    key(),
    words("message_id"),
    reference("associate", nullable=True, index=True),
    reference("account", nullable=True, index=True),
    words("address"),
    words("subject"),
    words("body"),
    instant("created_at"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    instant("next_attempt_at", nullable=True),
    instant("sent_at", nullable=True),
    words("fault", nullable=True),
    UniqueConstraint("message_id"),
    CheckConstraint(ONE_ADDRESSEE, name="addressee"),
    CheckConstraint("sent_at IS NULL OR next_attempt_at IS NULL", name="sent"),
    Index("ix_mail_next_attempt_at", "next_attempt_at", postgresql_where=text("next_attempt_at IS NOT NULL")),
    comment="The outbox of mails: one row is one message; it waits for next_attempt_at, was sent, or was given up.",
)

notice = Table(
    "notice",
    metadata,
    key(),
    reference("associate", nullable=True, cascade=True),
    reference("account", nullable=True, cascade=True),
    words("kind"),
    Column("parameters", JSONB, nullable=False),
    instant("created_at"),
    instant("read_at", nullable=True),
    instant("mail_due_at", nullable=True),
    Column("mail_id", BigInteger, ForeignKey("mail.id")),
    CheckConstraint(ONE_ADDRESSEE, name="addressee"),
    Index("ix_notice_associate_id_id", "associate_id", "id"),
    Index("ix_notice_account_id_id", "account_id", "id", postgresql_where=text("account_id IS NOT NULL")),
    Index("ix_notice_unread", "associate_id", postgresql_where=text("read_at IS NULL")),
    Index("ix_notice_mail_due_at", "mail_due_at", postgresql_where=text("mail_due_at IS NOT NULL")),
    comment="What somebody is told, in no language: its words are found by kind and parameters when it is read. "
    "It waits for its mail until mail_due_at, which is then cleared.",
)
