"""Tables of wishes before a rotation period: the window in which associates may wish, and what they wish."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    SmallInteger,
    Table,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from storage.metadata import instant, key, metadata, reference, words
from storage.operation_tables import DAYS_IN_ORDER

wish_window = Table(
    "wish_window",
    metadata,
    key(),
    reference("site"),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    instant("opens_at"),
    instant("closes_at"),
    Column("points", SmallInteger, nullable=False),
    Column("weight_per_point", Float, nullable=False),
    words("made_by"),
    instant("made_at"),
    CheckConstraint(DAYS_IN_ORDER, name="days_in_order"),
    CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),
    CheckConstraint("points BETWEEN 1 AND 1000", name="points"),
    CheckConstraint("weight_per_point > 0 AND weight_per_point <= 1000", name="weight_per_point"),
    ExcludeConstraint(
        (func.int8range(text("site_id"), text("site_id"), text("'[]'")), "&&"),
        (func.daterange(text("first_day"), text("last_day"), text("'[]'")), "&&"),
        name="ex_wish_window_overlap",
    ),
    comment="A period that is planned next, and when associates may say what they wish for it; points are to be shared out.",
)

wish = Table(
    "wish",
    metadata,
    key(),
    reference("wish_window", cascade=True),
    reference("associate", cascade=True, index=True),
    Column("day", Date),
    reference("shift_type", nullable=True),
    Column("points", SmallInteger, nullable=False),
    UniqueConstraint("wish_window_id", "associate_id", "day", "shift_type_id", postgresql_nulls_not_distinct=True),
    CheckConstraint("num_nonnulls(day, shift_type_id) = 1", name="one_thing"),
    CheckConstraint("points BETWEEN 1 AND 1000", name="points"),
    Index("ix_wish_wish_window_id", "wish_window_id"),
    comment="A day off, or a timing for the whole period, with the points that the associate puts on it.",
)
