"""Tables of steering: forecast, figures of the moment, proposals, the history of every action, goals, coaching, pay."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from storage.metadata import enum_type, finite, instant, key, metadata, reference, words


class ProposalState(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    """Waits for a supervisor."""
    HELD = "held"
    """A supervisor wants to think about it; nothing new is proposed for the queue meanwhile."""
    APPLIED = "applied"
    DISCARDED = "discarded"
    EXPIRED = "expired"
    """Nobody decided before the deadline, or its reason went away."""


proposal_state = enum_type(ProposalState, "proposal_state")

floor_setting = Table(
    "floor_setting",
    metadata,
    reference("site", cascade=True),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("applies_automatically", Boolean, nullable=False, server_default=text("false")),
    Column("thresholds", JSONB, nullable=False, server_default=text("'{}'")),
    Column("pay_rule", JSONB, nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("site_id"),
    comment="How the floor of a site is steered; what a document leaves out takes the default of the code.",
)

forecast = Table(
    "forecast",
    metadata,
    reference("queue", cascade=True),
    instant("starts_at"),
    Column("jobs", Float, nullable=False),
    Column("aht_seconds", Float, nullable=False),
    PrimaryKeyConstraint("queue_id", "starts_at"),
    finite("jobs", least="0"),
    CheckConstraint("aht_seconds > 0 AND aht_seconds < 'Infinity'", name="aht_seconds"),
    comment="Jobs expected in the interval that starts here.",
)

floor_snapshot = Table(
    "floor_snapshot",
    metadata,
    reference("site", cascade=True),
    Column("version", BigInteger, nullable=False),
    instant("computed_at"),
    Column("document", JSONB, nullable=False),
    PrimaryKeyConstraint("site_id"),
    comment="The figures of the moment, computed once for everybody who looks.",
)

proposal = Table(
    "proposal",
    metadata,
    key(),
    reference("site"),
    reference("queue"),
    words("kind"),
    Column("move", JSONB, nullable=False),
    words("reason"),
    Column("effect", JSONB, nullable=False),
    instant("created_at"),
    instant("deadline_at"),
    Column("state", proposal_state, nullable=False),
    words("decided_by", nullable=True),
    instant("decided_at", nullable=True),
    CheckConstraint("(state = 'open') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)", name="decision"),
    Index("ix_proposal_one_open", "queue_id", unique=True, postgresql_where=text("state IN ('open', 'held')")),
    Index("ix_proposal_site_id_created_at", "site_id", "created_at"),
    comment="A move offered to a supervisor; a queue has at most one that is not decided.",
)

floor_action = Table(
    "floor_action",
    metadata,
    key(),
    reference("site"),
    instant("recorded_at"),
    words("actor"),
    words("kind"),
    words("subject"),
    words("why"),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
    reference("proposal", nullable=True),
    reference("floor_action", name="undoes_id", nullable=True),
    UniqueConstraint("undoes_id"),
    Index("ix_floor_action_site_id_recorded_at", "site_id", "recorded_at"),
    comment="Who did what on the floor, why, and how it was before and after. Append-only by a trigger; undone at most once.",
)

moved_task = Table(
    "moved_task",
    metadata,
    reference("floor_action"),
    Column("task_id", BigInteger, nullable=False),
    Column("from_queue_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("floor_action_id", "task_id"),
    comment="Which tasks an action moved and from where, so that its undo is exact.",
)

goal_step = Table(
    "goal_step",
    metadata,
    reference("queue", cascade=True),
    Column("from_week", SmallInteger, nullable=False),
    Column("accuracy_share", Float, nullable=False),
    Column("seconds_per_job", Float, nullable=False),
    PrimaryKeyConstraint("queue_id", "from_week"),
    CheckConstraint("from_week >= 1", name="from_week"),
    CheckConstraint("accuracy_share > 0 AND accuracy_share <= 1 AND seconds_per_job > 0", name="goal"),
    comment="What is asked of an associate from this week of their tenure on.",
)

answer_day = Table(
    "answer_day",
    metadata,
    reference("associate", cascade=True),
    reference("queue", cascade=True),
    Column("day", Date, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("gold", Integer, nullable=False),
    Column("gold_correct", Integer, nullable=False),
    Column("doubles", Integer, nullable=False),
    Column("agreed", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("sum_ln_seconds", Float, nullable=False),
    Column("sum_ln_squared", Float, nullable=False),
    PrimaryKeyConstraint("associate_id", "queue_id", "day"),
    CheckConstraint(
        "answers > 0 AND 0 <= gold_correct AND gold_correct <= gold AND 0 <= agreed AND agreed <= doubles "
        "AND greatest(gold, doubles) <= answers",
        name="counts",
    ),
    Index("ix_answer_day_day", "day"),
    comment="Answers of an associate to a queue on a local day, added up, so that figures of weeks need not read them again.",
)

ledger_day = Table(
    "ledger_day",
    metadata,
    Column("associate_id", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    instant("computed_at"),
    Column("productive_minutes", Float, nullable=False),
    Column("attended", ARRAY(DateTime(timezone=True)), nullable=False),
    PrimaryKeyConstraint("associate_id", "day"),
    ForeignKeyConstraint(["associate_id", "day"], ["duty.associate_id", "duty.day"], ondelete="CASCADE"),
    CheckConstraint("cardinality(attended) % 2 = 0", name="attended"),
    Index("ix_ledger_day_day", "day"),
    comment="The ledger of a duty that is over; attended has the start and end of each time there, one after the other.",
)

coaching_note = Table(
    "coaching_note",
    metadata,
    key(),
    reference("associate", index=True),
    reference("queue", nullable=True),
    words("topic"),
    words("based_on"),
    words("note"),
    Column("held_on", Date, nullable=False),
    words("held_by"),
    instant("recorded_at"),
    comment="A coaching that was held, with what it was based on. Append-only.",
)
