"""Tables of rosters: versions, assignments, break patterns, coverage, and what is known about them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from scheduling.result import Status
from scheduling.rules import Severity
from storage.metadata import Place, RosterState, enum_type, finite, instant, key, metadata, reference, words
from storage.operation_tables import day_kind

roster_state = enum_type(RosterState, "roster_state")
roster_status = enum_type(Status, "roster_status")
severity = enum_type(Severity, "severity")
place = enum_type(Place, "place")

roster = Table(
    "roster",
    metadata,
    key(),
    reference("site", index=True),
    reference("break_policy"),
    words("name"),
    words("note"),
    Column("first_day", Date, nullable=False),
    Column("weeks", SmallInteger, nullable=False),
    Column("interval_minutes", SmallInteger, nullable=False),
    Column("state", roster_state, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    instant("created_at"),
    words("created_by"),
    instant("published_at", nullable=True),
    words("published_by", nullable=True),
    Column("rules", JSONB, nullable=False),
    Column("skill_ids", ARRAY(BigInteger), nullable=False),
    Column("shift_type_ids", ARRAY(BigInteger), nullable=False),
    Column("status", roster_status, nullable=False),
    Column("objective", Float, nullable=False),
    Column("bound", Float, nullable=False),
    Column("gap", Float, nullable=False),
    Column("wall_seconds", Float, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("versions", JSONB, nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("objective_parts", JSONB, nullable=False),
    Column("kpis", JSONB, nullable=False),
    CheckConstraint("weeks BETWEEN 1 AND 53", name="weeks"),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint(
        "(published_at IS NULL) = (published_by IS NULL) AND (state = 'draft') = (published_at IS NULL)", name="publication"
    ),
    CheckConstraint("bound <= objective + 1e-4 * greatest(1, abs(objective))", name="bound"),
    finite("objective"),
    finite("bound"),
    finite("gap", least="0"),
    comment="One version of a roster; `version` rises with every change and guards against two people changing it at once.",
)

roster_associate = Table(
    "roster_associate",
    metadata,
    reference("roster", cascade=True),
    reference("associate", index=True),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("roster_id", "associate_id"),
    comment="The associates of a roster in the order of its rows.",
)

published_day = Table(
    "published_day",
    metadata,
    reference("site"),
    Column("day", Date, nullable=False),
    reference("roster", index=True),
    PrimaryKeyConstraint("site_id", "day"),
    comment="The one roster that is in force on a day; publishing a roster takes its days over from older ones.",
)

publication = Table(
    "publication",
    metadata,
    key(),
    reference("roster", cascade=True, index=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    instant("recorded_at"),
    words("recorded_by"),
    words("reason"),
    Column("notice_days", Integer),
    Column("notice_asked", SmallInteger, nullable=False),
    CheckConstraint("first_day <= last_day", name="days_in_order"),
    CheckConstraint("notice_days >= notice_asked OR btrim(reason) <> ''", name="notice"),
    comment="A publication of days of a roster: who, when, why, and the days of notice until the first day that it changes.",
)

break_pattern = Table(
    "break_pattern",
    metadata,
    key(),
    reference("break_policy"),
    Column("span_minutes", SmallInteger, nullable=False),
    Column("productive_minutes", SmallInteger, nullable=False),
    words("fingerprint"),
    UniqueConstraint("break_policy_id", "span_minutes", "fingerprint"),
    UniqueConstraint("id", "span_minutes"),
    CheckConstraint("productive_minutes BETWEEN 408 AND 420", name="productive_minutes"),
    comment="One legal set of breaks in a shift of one span, shared by every assignment that has it.",
)

break_slot = Table(
    "break_slot",
    metadata,
    reference("break_pattern", cascade=True),
    Column("start_minute", SmallInteger, nullable=False),
    Column("minutes", SmallInteger, nullable=False),
    Column("kind_index", SmallInteger, nullable=False),
    words("kind"),
    Column("productive", Boolean, nullable=False),
    PrimaryKeyConstraint("break_pattern_id", "start_minute"),
    CheckConstraint("start_minute >= 0 AND minutes > 0", name="minutes"),
    comment="One break of a pattern; minutes are counted from the start of the shift.",
)

assignment = Table(
    "assignment",
    metadata,
    Column("roster_id", BigInteger, nullable=False),
    Column("associate_id", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", day_kind, nullable=False),
    Column("shift_type_id", BigInteger),
    Column("break_pattern_id", BigInteger),
    Column("span_minutes", SmallInteger),
    Column("place", place),
    PrimaryKeyConstraint("roster_id", "associate_id", "day"),
    ForeignKeyConstraint(
        ["roster_id", "associate_id"], ["roster_associate.roster_id", "roster_associate.associate_id"], ondelete="CASCADE"
    ),
    # The span stands in both keys, so that a break pattern always fits the span of the shift it is given to.
    ForeignKeyConstraint(["shift_type_id", "span_minutes"], ["shift_type.id", "shift_type.span_minutes"]),
    ForeignKeyConstraint(["break_pattern_id", "span_minutes"], ["break_pattern.id", "break_pattern.span_minutes"]),
    CheckConstraint(
        "CASE WHEN kind = 'shift' THEN num_nulls(shift_type_id, break_pattern_id, span_minutes, place) = 0 "
        "ELSE num_nonnulls(shift_type_id, break_pattern_id, span_minutes, place) = 0 END",
        name="state",
    ),
    comment="What an associate does on a day; a shift belongs to the local date on which it starts.",
)

carried_break = Table(
    "carried_break",
    metadata,
    Column("roster_id", BigInteger, nullable=False),
    Column("associate_id", BigInteger, nullable=False),
    reference("break_pattern"),
    PrimaryKeyConstraint("roster_id", "associate_id"),
    ForeignKeyConstraint(
        ["roster_id", "associate_id"], ["roster_associate.roster_id", "roster_associate.associate_id"], ondelete="CASCADE"
    ),
    comment="The breaks of the shift that began on the day before the roster and runs into it.",
)

coverage = Table(
    "coverage",
    metadata,
    reference("roster", cascade=True),
    reference("skill"),
    instant("starts_at"),
    Column("required", Float, nullable=False),
    Column("scheduled", Float, nullable=False),
    PrimaryKeyConstraint("roster_id", "skill_id", "starts_at"),
    finite("required", least="0"),
    finite("scheduled", least="0"),
    comment="Average productive heads, needed and there, in the interval that starts here.",
)

violation = Table(
    "violation",
    metadata,
    key(),
    reference("roster", cascade=True),
    Column("position", Integer, nullable=False),
    words("rule"),
    Column("severity", severity, nullable=False),
    reference("associate", nullable=True),
    Column("day", Date),
    Column("amount", Float, nullable=False),
    words("message"),
    UniqueConstraint("roster_id", "position"),
    Index("ix_violation_roster_id_severity", "roster_id", "severity"),
    comment="One rule broken once, as the independent checker says.",
)

clash = Table(
    "clash",
    metadata,
    key(),
    Column("roster_id", BigInteger, ForeignKey("roster.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    reference("associate", nullable=True),
    Column("facts", ARRAY(Text), nullable=False),
    words("relaxation"),
    UniqueConstraint("roster_id", "position"),
    comment="A smallest set of facts and rules that cannot all be kept, with the nearest way out.",
)
