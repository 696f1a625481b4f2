"""Events of the calendar feeds as they were last given out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_21"
down_revision = "20261127_20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_event",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(fingerprint) = 32", name=op.f("ck_calendar_event_fingerprint")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_calendar_event_sequence")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_calendar_event_span")),
        sa.ForeignKeyConstraint(
            ["associate_id"], ["associate.id"], name=op.f("fk_calendar_event_associate_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("associate_id", "day", name=op.f("pk_calendar_event")),
        comment="A shift as the calendar feed last gave it out, so that its sequence rises exactly when what it shows changes.",
    )


def downgrade() -> None:
    op.drop_table("calendar_event")
