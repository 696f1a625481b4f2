"""Packed rosters keep the breaks of their days, so that the effect of a request on coverage need not read the shifts one by one.

What is packed already is packed anew by the worker at its next turn; until then its days are read one by one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_60"
down_revision = "20261128_40"
branch_labels = None
depends_on = None

BEFORE = (
    "The days of a published roster in one value; true only while the roster has this version. Associates are int8, "
    "their days int2 each: four times an index into its shift types, or a negative word, and the place."
)
AFTER = f"{BEFORE} Patterns are the id of the break pattern of each day, int8, 0 without one."


def upgrade() -> None:
    op.execute("DELETE FROM packed_roster")
    op.add_column("packed_roster", sa.Column("patterns", sa.LargeBinary(), nullable=False))
    op.create_check_constraint(op.f("ck_packed_roster_a_pattern_each"), "packed_roster", "length(patterns) = 4 * length(cells)")
    op.create_table_comment("packed_roster", AFTER, existing_comment=BEFORE)


def downgrade() -> None:
    op.drop_column("packed_roster", "patterns")
    op.create_table_comment("packed_roster", BEFORE, existing_comment=AFTER)
