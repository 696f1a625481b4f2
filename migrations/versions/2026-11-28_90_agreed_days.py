"""Days of a swap keep what the two agreed on, so that nobody has to find out from times whether they changed since."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261128_90"
down_revision = "20261128_80"
branch_labels = None
depends_on = None

OLD_COMMENT = "A day of one of the two associates; a day of a person is in at most one swap that is open."
COMMENT = f"{OLD_COMMENT[:-1]}. What they agreed on is what was published for it when the swap was offered."
# What the first change since the offer found there, else what is published now.
AGREED = """
UPDATE swap_cell c SET (agreed_kind, agreed_shift_type_id) = (
    SELECT found.kind, found.shift_type_id FROM (
        SELECT d.before_kind AS kind, d.before_shift_type_id AS shift_type_id, 1 AS choice, d.id FROM day_change d
        JOIN swap s ON s.id = c.swap_id
        WHERE d.associate_id = c.associate_id AND d.day = c.day AND d.recorded_at > s.asked_at
        UNION ALL
        SELECT a.kind, a.shift_type_id, 2, 0 FROM associate w
        JOIN published_day p ON p.site_id = w.site_id AND p.day = c.day
        JOIN assignment a ON a.roster_id = p.roster_id AND a.associate_id = w.id AND a.day = c.day
        WHERE w.id = c.associate_id
        UNION ALL
        SELECT 'none', NULL, 3, 0
    ) AS found ORDER BY found.choice, found.id LIMIT 1
) WHERE c.is_open
"""


def upgrade() -> None:
    kind = postgresql.ENUM(name="day_kind", create_type=False)
    op.add_column("swap_cell", sa.Column("agreed_kind", kind, nullable=True))
    op.add_column("swap_cell", sa.Column("agreed_shift_type_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_swap_cell_agreed_shift_type_id"), "swap_cell", "shift_type", ["agreed_shift_type_id"], ["id"]
    )  # fmt: skip
    op.execute(AGREED)
    op.create_check_constraint(
        op.f("ck_swap_cell_agreed_shift"),
        "swap_cell",
        "(agreed_kind IS NOT DISTINCT FROM 'shift') = (agreed_shift_type_id IS NOT NULL)",
    )
    op.create_check_constraint(op.f("ck_swap_cell_agreed"), "swap_cell", "is_open <= (agreed_kind IS NOT NULL)")
    op.create_table_comment("swap_cell", COMMENT, existing_comment=OLD_COMMENT)


def downgrade() -> None:
    op.create_table_comment("swap_cell", OLD_COMMENT, existing_comment=COMMENT)
    for name in ("agreed", "agreed_shift"):
        op.drop_constraint(op.f(f"ck_swap_cell_{name}"), "swap_cell")
    op.drop_column("swap_cell", "agreed_shift_type_id")
    op.drop_column("swap_cell", "agreed_kind")
