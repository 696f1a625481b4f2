"""Tables of demand: events, which override the forecast by hand."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Float, Table

from storage.metadata import instant, key, metadata, reference, words

demand_event = Table(
    "demand_event",
    metadata,
    key(),
    reference("site", index=True),
    reference("queue", nullable=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("factor", Float),
    Column("jobs_per_day", Float),
    words("reason"),
    words("created_by"),
    instant("created_at"),
    CheckConstraint("first_day <= last_day", name="days_in_order"),
    CheckConstraint("num_nonnulls(factor, jobs_per_day) = 1", name="one_override"),
    CheckConstraint("factor > 0 AND factor <= 100", name="factor"),
    CheckConstraint("jobs_per_day >= 0 AND jobs_per_day < 'Infinity'", name="jobs_per_day"),
    comment="Days on which a queue (every queue without one) brings something else than the past says; both days included.",
)
