"""Tables of leave: its kinds, what everybody is entitled to, how many may be away at once, and who asked for which days."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    Integer,
    SmallInteger,
    Table,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from storage.metadata import enum_type, instant, key, metadata, reference, words
from storage.operation_tables import DAYS_IN_ORDER


class LeaveState(StrEnum):
    """Where a request for leave stands."""

    ASKED = "asked"
    """There is room on all of its days; a supervisor has to decide."""
    WAITLISTED = "waitlisted"
    """On at least one of its days as many are away as may be; it moves up by itself, in the order of asking."""
    APPROVED = "approved"
    """Granted; the days are leave in the roster."""
    REFUSED = "refused"
    """A supervisor said no, and why."""
    WITHDRAWN = "withdrawn"
    """The associate took it back before it was decided."""
    CANCELLED = "cancelled"
    """Was approved and given up again before it began."""
    EXPIRED = "expired"
    """Its first day came before anybody decided."""


class EntryKind(StrEnum):
    """Why days are added to an entitlement, or taken from it."""

    GRANTED = "granted"
    """The entitlement of the year."""
    CORRECTED = "corrected"
    """Carried over, imported or corrected by a planner; may be negative."""
    TAKEN = "taken"
    """Approved leave; negative."""
    RETURNED = "returned"
    """Approved leave that was cancelled."""


LIVE_LEAVE = "state IN ('asked', 'waitlisted', 'approved')"
leave_state = enum_type(LeaveState, "leave_state")
entry_kind = enum_type(EntryKind, "leave_entry_kind")

leave_kind = Table(
    "leave_kind",
    metadata,
    key(),
    reference("site"),
    words("code"),
    words("name"),
    Column("has_balance", Boolean, nullable=False),
    Column("days_per_year", SmallInteger, nullable=False, server_default="0"),
    Column("is_limited", Boolean, nullable=False),
    Column("is_automatic", Boolean, nullable=False),
    Column("notice_days", SmallInteger, nullable=False, server_default="0"),
    Column("is_current", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint("site_id", "code"),
    CheckConstraint("days_per_year BETWEEN 0 AND 366", name="days_per_year"),
    CheckConstraint("notice_days BETWEEN 0 AND 366", name="notice_days"),
    comment="A kind of leave: taken from a balance or not, held to limits of a day or not, decided by somebody or at once.",
)

leave_limit = Table(
    "leave_limit",
    metadata,
    key(),
    reference("site"),
    reference("team", nullable=True, cascade=True),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("most_count", SmallInteger),
    Column("most_share", Float),
    UniqueConstraint("site_id", "team_id", "first_day", postgresql_nulls_not_distinct=True),
    CheckConstraint("num_nonnulls(most_count, most_share) = 1", name="one_number"),
    CheckConstraint("most_count >= 0", name="most_count"),
    CheckConstraint("most_share >= 0 AND most_share <= 1", name="most_share"),
    CheckConstraint("num_nonnulls(first_day, last_day) IN (0, 2) AND first_day <= last_day", name="days_in_order"),
    comment="How many of a team, or of the whole site, may be on leave on one day; one with dates goes before one without.",
)

leave_request = Table(
    "leave_request",
    metadata,
    key(),
    reference("associate", cascade=True, index=True),
    reference("leave_kind"),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    words("note"),
    Column("state", leave_state, nullable=False),
    instant("asked_at"),
    instant("decided_at", nullable=True),
    words("decided_by", nullable=True),
    Column("reason", words("reason").type, nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint(f"{DAYS_IN_ORDER} AND last_day - first_day < 366", name="days_in_order"),
    CheckConstraint(
        "(decided_at IS NULL) = (decided_by IS NULL) AND (state IN ('asked', 'waitlisted')) = (decided_at IS NULL)",
        name="decided",
    ),
    CheckConstraint("state <> 'refused' OR btrim(reason) <> ''", name="reason"),
    CheckConstraint("version >= 1", name="version"),
    ExcludeConstraint(
        (func.int8range(text("associate_id"), text("associate_id"), text("'[]'")), "&&"),
        (func.daterange(text("first_day"), text("last_day"), text("'[]'")), "&&"),
        name="ex_leave_request_overlap",
        where=text(LIVE_LEAVE),
    ),
    Index(
        "ix_leave_request_open",
        "asked_at",
        "id",
        postgresql_where=text("state IN ('asked', 'waitlisted')"),
    ),
    comment="Leave that somebody asked for; the order of asking is that of asked_at, then id.",
)

leave_entry = Table(
    "leave_entry",
    metadata,
    key(),
    reference("associate"),
    reference("leave_kind"),
    Column("year", SmallInteger, nullable=False),
    Column("days", SmallInteger, nullable=False),
    Column("kind", entry_kind, nullable=False),
    reference("leave_request", nullable=True),
    words("note"),
    instant("recorded_at"),
    words("recorded_by"),
    UniqueConstraint("leave_request_id", "year", "kind"),
    CheckConstraint("year BETWEEN 2000 AND 2200", name="year"),
    CheckConstraint(
        "CASE kind WHEN 'granted' THEN days > 0 WHEN 'taken' THEN days < 0 WHEN 'returned' THEN days > 0 ELSE days <> 0 END",
        name="days",
    ),
    CheckConstraint("(kind IN ('taken', 'returned')) = (leave_request_id IS NOT NULL)", name="request"),
    Index("ix_leave_entry_account", "associate_id", "leave_kind_id", "year"),
    Index(
        "ix_leave_entry_one_grant",
        "associate_id",
        "leave_kind_id",
        "year",
        unique=True,
        postgresql_where=text("kind = 'granted'"),
    ),
    comment="Append-only; the balance of a year is the sum of its rows, which a trigger keeps from being negative.",
)
