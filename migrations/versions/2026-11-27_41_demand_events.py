"""Events, which override the forecast by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_41"
down_revision = "20261127_40"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "demand_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger()),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("factor", sa.Float()),
        sa.Column("jobs_per_day", sa.Float()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_demand_event"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_demand_event_site_id"),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name="fk_demand_event_queue_id"),
        sa.CheckConstraint("first_day <= last_day", name="days_in_order"),
        sa.CheckConstraint("num_nonnulls(factor, jobs_per_day) = 1", name="one_override"),
        sa.CheckConstraint("factor > 0 AND factor <= 100", name="factor"),
        sa.CheckConstraint("jobs_per_day >= 0 AND jobs_per_day < 'Infinity'", name="jobs_per_day"),
        comment="Days on which a queue (every queue without one) brings something else than the past says; both days included.",
    )
    op.create_index("ix_demand_event_site_id", "demand_event", ["site_id"])


def downgrade() -> None:
    op.drop_table("demand_event")
