"""Tables of swaps between two associates, and the rules by which teams and sites let them happen."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from storage.metadata import enum_type, instant, key, metadata, reference, words
from storage.operation_tables import day_kind


class SwapKind(StrEnum):
    """What is swapped."""

    SHIFT = "shift"
    """A shift against another one, or against a day off."""
    WEEKLY_OFF = "weekly_off"
    """The days off of a week."""


class SwapState(StrEnum):
    """Where a swap stands."""

    OFFERED = "offered"
    """The partner has to answer."""
    ACCEPTED = "accepted"
    """The partner said yes; a supervisor has to decide."""
    APPROVED = "approved"
    """Done; the roster in force is changed."""
    DECLINED = "declined"
    """The partner said no."""
    REFUSED = "refused"
    """A supervisor said no, and why."""
    WITHDRAWN = "withdrawn"
    """Whoever offered it took it back."""
    EXPIRED = "expired"
    """Its first day came, or the roster changed, before it was done."""


swap_kind = enum_type(SwapKind, "swap_kind")
swap_state = enum_type(SwapState, "swap_state")

swap = Table(
    "swap",
    metadata,
    key(),
    Column("kind", swap_kind, nullable=False),
    reference("associate", name="asker_id", cascade=True, index=True),
    reference("associate", name="partner_id", cascade=True, index=True),
    Column("first_day", Date, nullable=False),
    words("note"),
    Column("state", swap_state, nullable=False),
    Column("is_open", Boolean, nullable=False),
    instant("asked_at"),
    instant("answered_at", nullable=True),
    instant("decided_at", nullable=True),
    words("decided_by", nullable=True),
    Column("reason", words("reason").type, nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("id", "is_open"),
    CheckConstraint("asker_id <> partner_id", name="two_people"),
    CheckConstraint("is_open = (state IN ('offered', 'accepted'))", name="is_open"),
    CheckConstraint("(state IN ('accepted', 'approved', 'declined', 'refused')) <= (answered_at IS NOT NULL)", name="answered"),
    CheckConstraint(
        "(decided_at IS NULL) = (decided_by IS NULL) AND (state IN ('approved', 'refused')) = (decided_at IS NOT NULL)",
        name="decided",
    ),
    CheckConstraint("state <> 'refused' OR btrim(reason) <> ''", name="reason"),
    Index("ix_swap_open", "first_day", postgresql_where=text("is_open")),
    comment="Two associates exchange what they have on the days of its cells.",
)

swap_cell = Table(
    "swap_cell",
    metadata,
    Column("swap_id", BigInteger, nullable=False),
    reference("associate", cascade=True),
    Column("day", Date, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("agreed_kind", day_kind),
    reference("shift_type", name="agreed_shift_type_id", nullable=True),
    PrimaryKeyConstraint("swap_id", "associate_id", "day"),
    # Whether the swap is open stands in the key, so that a cell follows it and the index below can ask for it.
    ForeignKeyConstraint(["swap_id", "is_open"], ["swap.id", "swap.is_open"], onupdate="CASCADE", ondelete="CASCADE"),
    Index("ix_swap_cell_one_open", "associate_id", "day", unique=True, postgresql_where=text("is_open")),
    CheckConstraint("(agreed_kind IS NOT DISTINCT FROM 'shift') = (agreed_shift_type_id IS NOT NULL)", name="agreed_shift"),
    CheckConstraint("is_open <= (agreed_kind IS NOT NULL)", name="agreed"),
    comment="A day of one of the two associates; a day of a person is in at most one swap that is open. What they agreed on is "
    "what was published for it when the swap was offered.",
)

site_request_rule = Table(
    "site_request_rule",
    metadata,
    reference("site", cascade=True),
    Column("swaps_across_timings", Boolean, nullable=False, server_default=text("false")),
    Column("swap_notice_hours", SmallInteger, nullable=False, server_default="12"),
    PrimaryKeyConstraint("site_id"),
    CheckConstraint("swap_notice_hours BETWEEN 0 AND 720", name="swap_notice_hours"),
    comment="What a site lets its people swap; a site without a row has the defaults.",
)

team_request_rule = Table(
    "team_request_rule",
    metadata,
    reference("team", cascade=True),
    Column("swaps_are_automatic", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("team_id"),
    comment="Whether swaps that keep every rule need no decision, when both teams say so; a team without a row decides each.",
)
