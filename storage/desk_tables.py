"""Tables of who is there: duties of the day with their breaks, presence, absences, and what teams work on."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Uuid,
)

from scheduling.presence import PresenceKind, PresenceState
from storage.metadata import enum_type, instant, key, metadata, reference, words
from storage.roster_tables import place


class AbsenceKind(StrEnum):
    """Why somebody who should be there is not."""

    SICK = "sick"
    NO_SHOW = "no_show"
    LATE = "late"
    LEFT_EARLY = "left_early"
    EXCUSED = "excused"


absence_kind = enum_type(AbsenceKind, "absence_kind")
presence_kind = enum_type(PresenceKind, "presence_kind")
presence_state = enum_type(PresenceState, "presence_state")

duty = Table(
    "duty",
    metadata,
    reference("associate"),
    Column("day", Date, nullable=False),
    reference("roster"),
    Column("shift_type_id", BigInteger, nullable=False),
    Column("span_minutes", SmallInteger, nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    Column("break_pattern_id", BigInteger, nullable=False),
    Column("published_break_pattern_id", BigInteger, nullable=False),
    Column("place", place, nullable=False),
    PrimaryKeyConstraint("associate_id", "day"),
    ForeignKeyConstraint(["shift_type_id", "span_minutes"], ["shift_type.id", "shift_type.span_minutes"]),
    ForeignKeyConstraint(["break_pattern_id", "span_minutes"], ["break_pattern.id", "break_pattern.span_minutes"]),
    ForeignKeyConstraint(["published_break_pattern_id", "span_minutes"], ["break_pattern.id", "break_pattern.span_minutes"]),
    CheckConstraint("ends_at = starts_at + span_minutes * interval '1 minute'", name="span"),
    Index("ix_duty_starts_at", "starts_at"),
    comment="A published shift put on the floor; break_pattern_id is what is in force, which a repair on the day may change.",
)

stretch = Table(
    "stretch",
    metadata,
    Column("associate_id", BigInteger, nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    Column("day", Date, nullable=False),
    PrimaryKeyConstraint("associate_id", "starts_at"),
    ForeignKeyConstraint(["associate_id", "day"], ["duty.associate_id", "duty.day"], ondelete="CASCADE"),
    CheckConstraint("starts_at < ends_at", name="span"),
    Index("ix_stretch_associate_id_day", "associate_id", "day"),
    comment="Work between two breaks of a duty, without absences: the only time in which an associate is given jobs.",
)

desk = Table(
    "desk",
    metadata,
    reference("associate", cascade=True),
    reference("site", index=True),
    reference("team", index=True),
    Column("state", presence_state, nullable=False),
    instant("since"),
    instant("lent_until", nullable=True),
    PrimaryKeyConstraint("associate_id"),
    comment="What an associate is doing now, and for which team: the home team, or another until lent_until.",
    postgresql_with={"fillfactor": "70"},
)

presence_event = Table(
    "presence_event",
    metadata,
    Column("id", Uuid, nullable=False),
    reference("associate"),
    Column("kind", presence_kind, nullable=False),
    instant("occurred_at"),
    instant("recorded_at"),
    words("recorded_by"),
    PrimaryKeyConstraint("id"),
    Index("ix_presence_event_associate_id_occurred_at", "associate_id", "occurred_at"),
    comment="Append-only; the id comes from the sender, so that an event that is sent twice counts once.",
)

absence = Table(
    "absence",
    metadata,
    key(),
    reference("associate"),
    Column("day", Date, nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    Column("kind", absence_kind, nullable=False),
    words("reason"),
    words("recorded_by"),
    instant("recorded_at"),
    words("withdrawn_by", nullable=True),
    instant("withdrawn_at", nullable=True),
    CheckConstraint("starts_at < ends_at", name="span"),
    CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="withdrawn"),
    Index("ix_absence_associate_id_day", "associate_id", "day"),
    comment="Time of a duty in which the associate is not there; a mistake is withdrawn, not removed.",
)

mix = Table(
    "mix",
    metadata,
    reference("team", cascade=True),
    reference("queue", cascade=True),
    Column("share", Float, nullable=False),
    Column("reserved_share", Float, nullable=False),
    PrimaryKeyConstraint("team_id", "queue_id"),
    CheckConstraint("share >= 0 AND share <= 100", name="share"),
    CheckConstraint("reserved_share >= 0 AND reserved_share <= 0.5", name="reserved_share"),
    comment="How much a queue counts for a team (0: not served by it), and the share of claims it gets in any case.",
)
