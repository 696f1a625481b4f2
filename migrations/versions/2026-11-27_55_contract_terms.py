"""Personal terms of a contract: minutes, runs, weekends, shifts of a type, successions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_55"
down_revision = "20261127_50"
branch_labels = None
depends_on = None

NUMBERS = (
    "least_minutes",
    "most_minutes",
    "most_days_in_a_row",
    "least_days_in_a_row",
    "least_days_off_in_a_row",
    "most_weekends",
)


def upgrade() -> None:
    op.create_table(
        "contract_terms",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in NUMBERS),
        sa.Column("most_shifts", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("forbidden_successions", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.CheckConstraint(" AND ".join(f"{name} >= 0" for name in NUMBERS), name=op.f("ck_contract_terms_numbers")),
        sa.CheckConstraint("least_minutes <= most_minutes", name=op.f("ck_contract_terms_minutes_in_order")),
        sa.ForeignKeyConstraint(
            ["associate_id"], ["associate.id"], name=op.f("fk_contract_terms_associate_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("associate_id", name=op.f("pk_contract_terms")),
        comment="What a contract asks for over a horizon beside the rules of the site; who has no row has the usual contract.",
    )


def downgrade() -> None:
    op.drop_table("contract_terms")
