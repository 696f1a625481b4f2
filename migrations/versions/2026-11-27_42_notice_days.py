"""How many days of notice a site gives when it publishes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_42"
down_revision = "20261127_41"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("site", sa.Column("notice_days", sa.SmallInteger(), nullable=False, server_default="14"))
    op.create_check_constraint(op.f("ck_site_notice_days"), "site", "notice_days BETWEEN 0 AND 90")


def downgrade() -> None:
    op.drop_column("site", "notice_days")
