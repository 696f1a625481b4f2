"""Planning runs with their progress, the append-only audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_03"
down_revision = "20261123_02"
branch_labels = None
depends_on = None

RUN_STATE = postgresql.ENUM("queued", "running", "stopping", "done", "failed", name="run_state", create_type=False)

# Types are made once here, because several tables share them; the comment explains each word.
TYPES = {
    RUN_STATE: (
        "queued: waits for a worker; running: a worker builds the roster; stopping: asked to stop, ends with the best "
        "so far; done: ended with a draft; failed: ended without one."
    ),
}

REFUSE = """
CREATE FUNCTION audit_refuses_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_audit_append_only', TABLE = 'audit';
END $$
"""


def upgrade() -> None:
    bind = op.get_bind()
    for enum, comment in TYPES.items():
        enum.create(bind)
        op.execute(f"COMMENT ON TYPE {enum.name} IS '{comment}'")
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        comment="Who did what when; a trigger refuses to change or remove entries.",
    )

    op.create_index("ix_audit_subject_subject_id", "audit", ["subject", "subject_id"], unique=False)

    op.create_table(
        "planning_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("weeks", sa.SmallInteger(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("state", RUN_STATE, nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_requested_by", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("phase", sa.Text(), server_default="", nullable=False),
        sa.Column("done", sa.Float(), server_default="0", nullable=False),
        sa.Column("objective", sa.Float(), nullable=True),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("roster_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('running', 'stopping')) <= (started_at IS NOT NULL AND heartbeat_at IS NOT NULL AND worker IS NOT "
            "NULL) AND (state IN ('done', 'failed')) = (finished_at IS NOT NULL) AND (state = 'done') = (roster_id IS NOT "
            "NULL)",
            name=op.f("ck_planning_run_state"),
        ),
        sa.CheckConstraint("seconds > 0 AND seconds < 'Infinity'", name=op.f("ck_planning_run_seconds")),
        sa.CheckConstraint("done BETWEEN 0 AND 1", name=op.f("ck_planning_run_done")),
        sa.CheckConstraint("weeks BETWEEN 1 AND 53", name=op.f("ck_planning_run_weeks")),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_planning_run_roster_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_planning_run_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planning_run")),
        comment="One request to build a roster, from queued to done or failed; a site has at most one that is not ended.",
    )

    op.create_index(
        "ix_planning_run_one_active",
        "planning_run",
        ["site_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running', 'stopping')"),
    )

    op.create_index(
        "ix_planning_run_queue", "planning_run", ["requested_at"], unique=False, postgresql_where=sa.text("state = 'queued'")
    )

    op.create_table(
        "planning_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("planning_run_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("done", sa.Float(), nullable=False),
        sa.Column("objective", sa.Float(), nullable=True),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["planning_run_id"], ["planning_run.id"], name=op.f("fk_planning_step_planning_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planning_step")),
        comment="How objective and bound of a planning run moved.",
    )

    op.create_index(op.f("ix_planning_step_planning_run_id"), "planning_step", ["planning_run_id"], unique=False)
    op.execute(REFUSE)
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses_change()"
    )


def downgrade() -> None:
    op.drop_table("planning_step")
    op.drop_table("planning_run")
    op.drop_table("audit")
    op.execute("DROP FUNCTION audit_refuses_change()")
    for enum in TYPES:
        enum.drop(op.get_bind())
