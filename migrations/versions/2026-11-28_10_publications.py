"""Publications of days of a roster, each with its notice; a short one needs a reason.

Rosters that were published before are taken over with the days on which they are in force, and without a figure of notice, which
nobody kept.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_10"
down_revision = "20261128_02"
branch_labels = None
depends_on = None

TAKEN_OVER = """
INSERT INTO publication (roster_id, first_day, last_day, recorded_at, recorded_by, reason, notice_days, notice_asked)
SELECT r.id, min(p.day), max(p.day), r.published_at, r.published_by, '', NULL, 0
FROM roster r JOIN published_day p ON p.roster_id = r.id WHERE r.published_at IS NOT NULL
GROUP BY r.id, r.published_at, r.published_by ORDER BY r.published_at
"""


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=True),
        sa.Column("notice_asked", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_publication_roster_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_publication_days_in_order")),
        sa.CheckConstraint("notice_days >= notice_asked OR btrim(reason) <> ''", name=op.f("ck_publication_notice")),
        comment="A publication of days of a roster: who, when, why, and the days of notice until the first day that it changes.",
    )
    op.create_index(op.f("ix_publication_roster_id"), "publication", ["roster_id"])
    op.execute(TAKEN_OVER)


def downgrade() -> None:
    op.drop_table("publication")
