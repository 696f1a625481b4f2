"""Tables of rotations: a cyclic roster, and who goes through it from which row."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint

from storage.metadata import RotationState, enum_type, instant, key, metadata, reference, words

rotation_state = enum_type(RotationState, "rotation_state")

rotation = Table(
    "rotation",
    metadata,
    key(),
    reference("site", index=True),
    words("name"),
    reference("team", nullable=True),
    Column("shift_type_ids", ARRAY(BigInteger), nullable=False),
    Column("weeks", SmallInteger, nullable=False),
    Column("question", JSONB, nullable=False),
    Column("state", rotation_state, nullable=False),
    Column("days", ARRAY(SmallInteger), nullable=False),
    Column("cycle_weeks", ARRAY(SmallInteger), nullable=False),
    Column("free_weekends", Integer, nullable=False),
    Column("is_proven", Boolean, nullable=False),
    Column("most_free_weekends", Boolean, nullable=False, server_default=text("true")),
    Column("explanation", JSONB, nullable=False, server_default=text("'{}'")),
    Column("seconds", Float, nullable=False),
    Column("seed", BigInteger, nullable=False),
    instant("created_at"),
    words("created_by"),
    CheckConstraint("weeks BETWEEN 1 AND 500", name="weeks"),
    CheckConstraint("cardinality(shift_type_ids) BETWEEN 1 AND 26", name="shift_types"),
    CheckConstraint(
        "CASE WHEN state = 'feasible' THEN cardinality(days) = 7 * weeks AND cardinality(cycle_weeks) >= 1 "
        "ELSE cardinality(days) = 0 AND cardinality(cycle_weeks) = 0 END",
        name="days",
    ),
    comment="A cyclic roster; days are positions in shift_type_ids or -1, row by row, and each cycle is closed in itself.",
)

rotation_place = Table(
    "rotation_place",
    metadata,
    reference("rotation", cascade=True),
    reference("associate", cascade=True, index=True),
    Column("row_number", SmallInteger, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    PrimaryKeyConstraint("associate_id", "first_day"),
    UniqueConstraint("rotation_id", "first_day", "row_number"),
    CheckConstraint("row_number >= 0", name="row_number"),
    CheckConstraint("first_day < last_day", name="days_in_order"),
    # A range of one number takes the place of an equality, as in the contracts.
    ExcludeConstraint(
        (func.int8range(text("associate_id"), text("associate_id"), text("'[]'")), "&&"),
        (func.daterange(text("first_day"), text("last_day"), text("'[]'")), "&&"),
        name="ex_rotation_place_overlap",
    ),
    comment="An associate goes through a rotation from first to last day, beginning in a row; one rotation at a time.",
)
