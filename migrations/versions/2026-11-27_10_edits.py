"""Edits of rosters by hand, and who looks at a roster."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261127_10"
down_revision = "20261123_08"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_edit",
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("undoes_version", sa.Integer()),
        sa.PrimaryKeyConstraint("roster_id", "version", name="pk_roster_edit"),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name="fk_roster_edit_roster_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["roster_id", "undoes_version"],
            ["roster_edit.roster_id", "roster_edit.version"],
            name="fk_roster_edit_roster_id_undoes_version",
        ),
        sa.CheckConstraint("undoes_version < version", name="undoes"),
        comment="One edit by hand, by the version of the roster that it made; who follows a roster reads on from the last one "
        "seen.",
    )
    op.create_table(
        "roster_edit_cell",
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("after", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("roster_id", "version", "associate_id", "day", name="pk_roster_edit_cell"),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name="fk_roster_edit_cell_associate_id"),
        sa.ForeignKeyConstraint(
            ["roster_id", "version"],
            ["roster_edit.roster_id", "roster_edit.version"],
            name="fk_roster_edit_cell_roster_id_version",
            ondelete="CASCADE",
        ),
        comment="One day of one associate before and after an edit, with place and breaks, so that it can be undone exactly.",
    )
    op.create_index("ix_roster_edit_cell_cell", "roster_edit_cell", ["roster_id", "associate_id", "day"])
    op.create_table(
        "roster_viewer",
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("associate_id", sa.BigInteger()),
        sa.Column("day", sa.Date()),
        sa.PrimaryKeyConstraint("roster_id", "client", name="pk_roster_viewer"),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name="fk_roster_viewer_roster_id", ondelete="CASCADE"),
        sa.CheckConstraint("num_nulls(associate_id, day) IN (0, 2)", name="cell"),
        comment="Who has a roster open, and which cell is looked at; a row that is not renewed says nothing any more.",
    )


def downgrade() -> None:
    op.drop_table("roster_viewer")
    op.drop_table("roster_edit_cell")
    op.drop_table("roster_edit")
