"""Tables of what became of published days: every change of them, who has confirmed them, and all of them in one value."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
)

from storage.metadata import instant, key, metadata, reference, words
from storage.operation_tables import day_kind
from storage.roster_tables import place


def _side(name: str) -> tuple[Column[object], ...]:
    """Return the columns of what a day was before or is after a change."""
    return (
        Column(f"{name}_kind", day_kind, nullable=False),
        Column(f"{name}_shift_type_id", BigInteger, ForeignKey("shift_type.id")),
        Column(f"{name}_place", place),
        Column(f"{name}_break_pattern_id", BigInteger, ForeignKey("break_pattern.id")),
    )


def _whole(name: str) -> CheckConstraint:
    columns = f"{name}_shift_type_id, {name}_place, {name}_break_pattern_id"
    return CheckConstraint(
        f"CASE WHEN {name}_kind = 'shift' THEN num_nulls({columns}) = 0 ELSE num_nonnulls({columns}) = 0 END", name=name
    )


day_change = Table(
    "day_change",
    metadata,
    key(),
    reference("associate"),
    Column("day", Date, nullable=False),
    reference("roster"),
    *_side("before"),
    *_side("after"),
    instant("recorded_at"),
    words("recorded_by"),
    words("reason"),
    _whole("before"),
    _whole("after"),
    Index("ix_day_change_associate_id_day", "associate_id", "day"),
    Index("ix_day_change_associate_id_recorded_at", "associate_id", "recorded_at"),
    comment="A published day of an associate that became another, by a later roster or by hand. Append-only by a trigger.",
)

roster_confirmation = Table(
    "roster_confirmation",
    metadata,
    reference("roster", cascade=True),
    reference("associate", cascade=True, index=True),
    instant("confirmed_at"),
    PrimaryKeyConstraint("roster_id", "associate_id"),
    comment="An associate has read a published roster; a later change of one of their days wants a new confirmation.",
)

packed_roster = Table(
    "packed_roster",
    metadata,
    reference("roster", cascade=True),
    Column("version", Integer, nullable=False),
    Column("associates", LargeBinary, nullable=False),
    Column("cells", LargeBinary, nullable=False),
    Column("patterns", LargeBinary, nullable=False),
    PrimaryKeyConstraint("roster_id"),
    CheckConstraint("length(associates) > 0 AND length(cells) % (length(associates) / 4) = 0", name="shape"),
    CheckConstraint("length(patterns) = 4 * length(cells)", name="a_pattern_each"),
    comment="The days of a published roster in one value; true only while the roster has this version. Associates are int8, "
    "their days int2 each: four times an index into its shift types, or a negative word, and the place. Patterns are the id of "
    "the break pattern of each day, int8, 0 without one.",
)
