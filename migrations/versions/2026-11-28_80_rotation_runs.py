"""Planning runs that look for a rotation: they belong to no days, and end without a roster; rotations know what was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_80"
down_revision = "20261128_60"
branch_labels = None
depends_on = None

OLD_KINDS = ("roster", "repair", "scenario")
KINDS = (*OLD_KINDS, "rotation")
OLD_WORDS = (
    "roster: build a roster anew, ends with a draft; repair: mend a roster with the least change, ends with a draft; "
    "scenario: answer a scenario, ends without a roster."
)
WORDS = f"{OLD_WORDS[:-1]}; rotation: look for a rotation, ends without a roster."
ACTIVE = "state IN ('queued', 'running', 'stopping')"
WORKING = (
    "(state IN ('running', 'stopping')) <= (started_at IS NOT NULL AND heartbeat_at IS NOT NULL AND worker IS NOT NULL) "
    "AND (state IN ('done', 'failed')) = (finished_at IS NOT NULL) "
)
OLD_STATE = f"{WORKING}AND (roster_id IS NOT NULL) = (state = 'done' AND kind <> 'scenario')"
STATE = f"{WORKING}AND (roster_id IS NOT NULL) = (state = 'done' AND kind NOT IN ('scenario', 'rotation'))"
BASE = "(kind = 'repair') <= (base_roster_id IS NOT NULL) AND (base_roster_id IS NULL) = (base_version IS NULL)"
DAYS = "(first_day IS NULL) = (kind = 'rotation') AND (weeks IS NULL) = (kind = 'rotation')"
OLD_COMMENT = (
    "One request to a planner, from queued to done or failed: a site has at most one active that builds a roster anew, and "
    "a roster at most one that repairs it; task says what is asked beside days, seed and time."
)
COMMENT = f"{OLD_COMMENT[:-1]}, and of a rotation all of it."


def upgrade() -> None:
    # A rotation that was taken as the first one found was stored like one that is proven to have the most free weekends, and
    # nothing tells the two apart; what is not claimed can be proven again from its page.
    op.execute("UPDATE rotation SET is_proven = false WHERE state = 'feasible'")
    asked = sa.Column("most_free_weekends", sa.Boolean(), nullable=False, server_default=sa.text("true"))
    op.add_column("rotation", asked)
    with_kinds(KINDS, WORDS, STATE)
    for column, kind in (("first_day", sa.Date()), ("weeks", sa.SmallInteger())):
        op.alter_column("planning_run", column, existing_type=kind, nullable=True)
    op.create_check_constraint(op.f("ck_planning_run_days"), "planning_run", DAYS)
    op.create_table_comment("planning_run", COMMENT, existing_comment=OLD_COMMENT)


def downgrade() -> None:
    op.drop_column("rotation", "most_free_weekends")
    op.execute("DELETE FROM planning_run WHERE kind = 'rotation'")
    op.drop_constraint(op.f("ck_planning_run_days"), "planning_run")
    for column, kind in (("first_day", sa.Date()), ("weeks", sa.SmallInteger())):
        op.alter_column("planning_run", column, existing_type=kind, nullable=False)
    with_kinds(OLD_KINDS, OLD_WORDS, OLD_STATE)
    op.create_table_comment("planning_run", OLD_COMMENT, existing_comment=COMMENT)


def with_kinds(kinds: tuple[str, ...], words: str, state: str) -> None:
    """Give the column other words; what is written in its words has to go meanwhile, for a new word cannot be used at once."""
    for name in ("state", "base"):
        op.drop_constraint(op.f(f"ck_planning_run_{name}"), "planning_run")
    for name in ("ix_planning_run_one_active", "ix_planning_run_one_repair"):
        op.drop_index(name, "planning_run")
    op.alter_column("planning_run", "kind", server_default=None)
    op.execute("ALTER TYPE run_kind RENAME TO old_run_kind")
    quoted = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"CREATE TYPE run_kind AS ENUM ({quoted})")
    op.execute(f"COMMENT ON TYPE run_kind IS '{words}'")
    op.execute("ALTER TABLE planning_run ALTER COLUMN kind TYPE run_kind USING kind::text::run_kind")
    op.execute("DROP TYPE old_run_kind")
    op.alter_column("planning_run", "kind", server_default="roster")
    op.create_check_constraint(op.f("ck_planning_run_state"), "planning_run", state)
    op.create_check_constraint(op.f("ck_planning_run_base"), "planning_run", BASE)
    one_of_a_kind("ix_planning_run_one_active", "site_id", "roster")
    one_of_a_kind("ix_planning_run_one_repair", "base_roster_id", "repair")


def one_of_a_kind(name: str, column: str, kind: str) -> None:
    """Let there be one active run of a kind for each value of a column."""
    where = sa.text(f"{ACTIVE} AND kind = '{kind}'")
    op.create_index(name, "planning_run", [column], unique=True, postgresql_where=where)
