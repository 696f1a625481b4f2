"""Published rosters packed into one value each, so that a look back over a year reads a dozen rows and not one for every day.

What was published before is packed by the worker at its next turn; until then its days are read one by one, as before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_40"
down_revision = "20261128_30"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packed_roster",
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("associates", sa.LargeBinary(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "length(associates) > 0 AND length(cells) % (length(associates) / 4) = 0", name=op.f("ck_packed_roster_shape")
        ),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_packed_roster_roster_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("roster_id", name=op.f("pk_packed_roster")),
        comment="The days of a published roster in one value; true only while the roster has this version. Associates are int8, "
        "their days int2 each: four times an index into its shift types, or a negative word, and the place.",
    )


def downgrade() -> None:
    op.drop_table("packed_roster")
