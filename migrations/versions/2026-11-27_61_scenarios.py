"""Scenarios: copies of rosters under other people, rules or volumes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_61"
down_revision = "20261127_60"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scenario",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("base_roster_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(result IS NULL) = (solved_at IS NULL)", name=op.f("ck_scenario_solved")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_scenario_name")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_scenario_site_id")),
        sa.ForeignKeyConstraint(["base_roster_id"], ["roster.id"], name=op.f("fk_scenario_base_roster_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        comment=(
            "A copy of a roster under other people, rules or volumes; the document says what differs, and touches nothing else."
        ),
    )
    for column in ("site_id", "base_roster_id"):
        op.create_index(op.f(f"ix_scenario_{column}"), "scenario", [column])


def downgrade() -> None:
    op.execute("DELETE FROM planning_run WHERE kind = 'scenario'")
    op.drop_table("scenario")
