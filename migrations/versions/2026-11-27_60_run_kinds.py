"""Planning runs of several kinds: anew, or as a repair of a roster."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_60"
down_revision = "20261127_55"
branch_labels = None
depends_on = None

RUN_KIND = postgresql.ENUM("roster", "repair", "scenario", name="run_kind", create_type=False)
KIND_WORDS = (
    "roster: build a roster anew, ends with a draft; repair: mend a roster with the least change, ends with a draft; "
    "scenario: answer a scenario, ends without a roster."
)
ACTIVE = "state IN ('queued', 'running', 'stopping')"
WORKING = (
    "(state IN ('running', 'stopping')) <= (started_at IS NOT NULL AND heartbeat_at IS NOT NULL AND worker IS NOT NULL) "
    "AND (state IN ('done', 'failed')) = (finished_at IS NOT NULL) "
)
STATE = f"{WORKING}AND (roster_id IS NOT NULL) = (state = 'done' AND kind <> 'scenario')"
OLD_STATE = f"{WORKING}AND (state = 'done') = (roster_id IS NOT NULL)"
BASE = "(kind = 'repair') <= (base_roster_id IS NOT NULL) AND (base_roster_id IS NULL) = (base_version IS NULL)"
COMMENT = (
    "One request to a planner, from queued to done or failed: a site has at most one active that builds a roster anew, and "
    "a roster at most one that repairs it; task says what is asked beside days, seed and time."
)
OLD_COMMENT = "One request to build a roster, from queued to done or failed; a site has at most one that is not ended."


def upgrade() -> None:
    RUN_KIND.create(op.get_bind())
    op.execute(f"COMMENT ON TYPE run_kind IS '{KIND_WORDS}'")
    for column in (
        sa.Column("kind", RUN_KIND, server_default="roster", nullable=False),
        sa.Column("base_roster_id", sa.BigInteger(), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("task", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    ):
        op.add_column("planning_run", column)
    op.create_foreign_key(op.f("fk_planning_run_base_roster_id"), "planning_run", "roster", ["base_roster_id"], ["id"])
    op.create_index(op.f("ix_planning_run_base_roster_id"), "planning_run", ["base_roster_id"])
    _replace_state(STATE)
    op.create_check_constraint(op.f("ck_planning_run_base"), "planning_run", BASE)
    _replace_one_active(f"{ACTIVE} AND kind = 'roster'")
    op.create_index(
        "ix_planning_run_one_repair",
        "planning_run",
        ["base_roster_id"],
        unique=True,
        postgresql_where=sa.text(f"{ACTIVE} AND kind = 'repair'"),
    )
    op.create_table_comment("planning_run", COMMENT, existing_comment=OLD_COMMENT)


def downgrade() -> None:
    op.execute("DELETE FROM planning_run WHERE kind <> 'roster'")
    op.drop_index("ix_planning_run_one_repair", "planning_run")
    _replace_one_active(ACTIVE)
    op.drop_constraint(op.f("ck_planning_run_base"), "planning_run")
    _replace_state(OLD_STATE)
    op.drop_index(op.f("ix_planning_run_base_roster_id"), "planning_run")
    for column in ("task", "base_version", "base_roster_id", "kind"):
        op.drop_column("planning_run", column)
    RUN_KIND.drop(op.get_bind())
    op.create_table_comment("planning_run", OLD_COMMENT, existing_comment=COMMENT)


def _replace_state(check: str) -> None:
    op.drop_constraint(op.f("ck_planning_run_state"), "planning_run")
    op.create_check_constraint(op.f("ck_planning_run_state"), "planning_run", check)


def _replace_one_active(where: str) -> None:
    op.drop_index("ix_planning_run_one_active", "planning_run")
    op.create_index("ix_planning_run_one_active", "planning_run", ["site_id"], unique=True, postgresql_where=sa.text(where))
