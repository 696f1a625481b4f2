"""Forecast and figures of the moment, proposals, the history of actions, goals, coaching."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_07"
down_revision = "20261123_06"
branch_labels = None
depends_on = None

PROPOSAL_STATE = postgresql.ENUM("open", "held", "applied", "discarded", "expired", name="proposal_state", create_type=False)

# Types are made once here, because several tables share them; the comment explains each word.
TYPES = {
    PROPOSAL_STATE: (
        "open: waits for a supervisor; held: the supervisor thinks about it; applied: carried out; discarded: not wanted; "
        "expired: nobody decided in time, or its reason went away."
    ),
}

APPEND_ONLY = (
    "floor_action",
    "moved_task",
    "coaching_note",
)


def upgrade() -> None:
    bind = op.get_bind()
    for enum, comment in TYPES.items():
        enum.create(bind)
        op.execute(f"COMMENT ON TYPE {enum.name} IS '{comment}'")

    op.create_table(
        "floor_setting",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("applies_automatically", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("thresholds", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("pay_rule", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_floor_setting_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_floor_setting")),
        comment="How the floor of a site is steered; what a document leaves out takes the default of the code.",
    )
    op.create_table(
        "floor_snapshot",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_floor_snapshot_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_floor_snapshot")),
        comment="The figures of the moment, computed once for everybody who looks.",
    )
    op.create_table(
        "answer_day",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("gold", sa.Integer(), nullable=False),
        sa.Column("gold_correct", sa.Integer(), nullable=False),
        sa.Column("doubles", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("sum_ln_seconds", sa.Float(), nullable=False),
        sa.Column("sum_ln_squared", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "answers > 0 AND 0 <= gold_correct AND gold_correct <= gold AND 0 <= agreed AND agreed <= doubles "
            "AND greatest(gold, doubles) <= answers",
            name=op.f("ck_answer_day_counts"),
        ),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_answer_day_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_answer_day_queue_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("associate_id", "queue_id", "day", name=op.f("pk_answer_day")),
        comment="Answers of an associate to a queue on a local day, added up, so that figures of weeks need not read them again.",
    )
    op.create_index("ix_answer_day_day", "answer_day", ["day"], unique=False)
    op.create_table(
        "ledger_day",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("productive_minutes", sa.Float(), nullable=False),
        sa.Column("attended", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.CheckConstraint("cardinality(attended) % 2 = 0", name=op.f("ck_ledger_day_attended")),
        sa.ForeignKeyConstraint(
            ["associate_id", "day"],
            ["duty.associate_id", "duty.day"],
            name=op.f("fk_ledger_day_associate_id_day"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("associate_id", "day", name=op.f("pk_ledger_day")),
        comment="The ledger of a duty that is over; attended has the start and end of each time there, one after the other.",
    )
    op.create_index("ix_ledger_day_day", "ledger_day", ["day"], unique=False)
    op.create_table(
        "coaching_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_coaching_note_associate_id")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_coaching_note_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_note")),
        comment="A coaching that was held, with what it was based on. Append-only.",
    )
    op.create_index(op.f("ix_coaching_note_associate_id"), "coaching_note", ["associate_id"], unique=False)
    op.create_table(
        "forecast",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jobs", sa.Float(), nullable=False),
        sa.Column("aht_seconds", sa.Float(), nullable=False),
        sa.CheckConstraint("aht_seconds > 0 AND aht_seconds < 'Infinity'", name=op.f("ck_forecast_aht_seconds")),
        sa.CheckConstraint("jobs >= 0 AND jobs < 'Infinity'", name=op.f("ck_forecast_jobs_finite")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_forecast_queue_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("queue_id", "starts_at", name=op.f("pk_forecast")),
        comment="Jobs expected in the interval that starts here.",
    )
    op.create_table(
        "goal_step",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("from_week", sa.SmallInteger(), nullable=False),
        sa.Column("accuracy_share", sa.Float(), nullable=False),
        sa.Column("seconds_per_job", sa.Float(), nullable=False),
        sa.CheckConstraint("accuracy_share > 0 AND accuracy_share <= 1 AND seconds_per_job > 0", name=op.f("ck_goal_step_goal")),
        sa.CheckConstraint("from_week >= 1", name=op.f("ck_goal_step_from_week")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_goal_step_queue_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("queue_id", "from_week", name=op.f("pk_goal_step")),
        comment="What is asked of an associate from this week of their tenure on.",
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("move", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effect", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", PROPOSAL_STATE, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("ck_proposal_decision"),
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_proposal_queue_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_proposal_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        comment="A move offered to a supervisor; a queue has at most one that is not decided.",
    )
    op.create_index(
        "ix_proposal_one_open", "proposal", ["queue_id"], unique=True, postgresql_where=sa.text("state IN ('open', 'held')")
    )
    op.create_index("ix_proposal_site_id_created_at", "proposal", ["site_id", "created_at"], unique=False)
    op.create_table(
        "floor_action",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True),
        sa.Column("undoes_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_floor_action_proposal_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_floor_action_site_id")),
        sa.ForeignKeyConstraint(["undoes_id"], ["floor_action.id"], name=op.f("fk_floor_action_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_action")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_floor_action_undoes_id")),
        comment="Who did what on the floor, why, and how it was before and after. Append-only by a trigger; undone at most once.",
    )
    op.create_index("ix_floor_action_site_id_recorded_at", "floor_action", ["site_id", "recorded_at"], unique=False)
    op.create_table(
        "moved_task",
        sa.Column("floor_action_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("from_queue_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["floor_action_id"], ["floor_action.id"], name=op.f("fk_moved_task_floor_action_id")),
        sa.PrimaryKeyConstraint("floor_action_id", "task_id", name=op.f("pk_moved_task")),
        comment="Which tasks an action moved and from where, so that its undo is exact.",
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("moved_task")
    op.drop_table("floor_action")
    op.drop_table("proposal")
    op.drop_table("goal_step")
    op.drop_table("forecast")
    op.drop_table("coaching_note")
    op.drop_table("ledger_day")
    op.drop_table("answer_day")
    op.drop_table("floor_snapshot")
    op.drop_table("floor_setting")
    for enum in TYPES:
        enum.drop(op.get_bind())
