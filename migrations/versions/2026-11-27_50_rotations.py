"""Rotations, and who goes through them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_50"
down_revision = "20261127_42"
branch_labels = None
depends_on = None

STATE = postgresql.ENUM("feasible", "infeasible", "unknown", name="rotation_state", create_type=False)


def upgrade() -> None:
    STATE.create(op.get_bind())
    op.execute(
        "COMMENT ON TYPE rotation_state IS 'feasible: there is a rotation; infeasible: it is proven that there is none; "
        "unknown: the time ended before an answer was there.'"
    )
    op.create_table(
        "rotation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("shift_type_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("weeks", sa.SmallInteger(), nullable=False),
        sa.Column("question", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("days", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("cycle_weeks", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("free_weekends", sa.Integer(), nullable=False),
        sa.Column("is_proven", sa.Boolean(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("weeks BETWEEN 1 AND 500", name=op.f("ck_rotation_weeks")),
        sa.CheckConstraint("cardinality(shift_type_ids) BETWEEN 1 AND 26", name=op.f("ck_rotation_shift_types")),
        sa.CheckConstraint(
            "CASE WHEN state = 'feasible' THEN cardinality(days) = 7 * weeks AND cardinality(cycle_weeks) >= 1 "
            "ELSE cardinality(days) = 0 AND cardinality(cycle_weeks) = 0 END",
            name=op.f("ck_rotation_days"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rotation_site_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_rotation_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation")),
        comment="A cyclic roster; days are positions in shift_type_ids or -1, row by row, and each cycle is closed in itself.",
    )
    op.create_index(op.f("ix_rotation_site_id"), "rotation", ["site_id"])
    op.create_table(
        "rotation_place",
        sa.Column("rotation_id", sa.BigInteger(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("row_number", sa.SmallInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("row_number >= 0", name=op.f("ck_rotation_place_row_number")),
        sa.CheckConstraint("first_day < last_day", name=op.f("ck_rotation_place_days_in_order")),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(associate_id, associate_id, '[]')"), "&&"),
            (sa.text("daterange(first_day, last_day, '[]')"), "&&"),
            using="gist",
            name="ex_rotation_place_overlap",
        ),
        sa.ForeignKeyConstraint(["rotation_id"], ["rotation.id"], name=op.f("fk_rotation_place_rotation_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["associate_id"], ["associate.id"], name=op.f("fk_rotation_place_associate_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("associate_id", "first_day", name=op.f("pk_rotation_place")),
        sa.UniqueConstraint(
            "rotation_id", "first_day", "row_number", name=op.f("uq_rotation_place_rotation_id_first_day_row_number")
        ),
        comment="An associate goes through a rotation from first to last day, beginning in a row; one rotation at a time.",
    )
    op.create_index(op.f("ix_rotation_place_associate_id"), "rotation_place", ["associate_id"])


def downgrade() -> None:
    op.drop_table("rotation_place")
    op.drop_table("rotation")
    STATE.drop(op.get_bind())
