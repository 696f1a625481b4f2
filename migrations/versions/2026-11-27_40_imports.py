"""Files between the steps of the import wizard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "20261127_40"
down_revision = "20261127_30"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("columns", ARRAY(sa.Text())),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_file"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_import_file_site_id"),
        sa.CheckConstraint("octet_length(content) <= 16777216", name="content_size"),
        sa.CheckConstraint("expires_at > created_at", name="expires_at"),
        comment="A file that somebody handed in and has not imported yet; it is seen by nobody else and dropped when it expires.",
    )
    op.create_index("ix_import_file_expires_at", "import_file", ["expires_at"])


def downgrade() -> None:
    op.drop_table("import_file")
