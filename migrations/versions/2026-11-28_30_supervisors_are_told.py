"""Notices, mails and preferences of accounts that are no associate's: a supervisor is told what waits for a decision.

Each row belongs to an associate or to an account, and never to both. What associates have stays as it is, in both directions;
going back takes away what accounts have, which had no place before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_30"
down_revision = "20261128_20"
branch_labels = None
depends_on = None

TABLES = ("preference", "mail", "notice")
CASCADES = {"preference": "CASCADE", "mail": None, "notice": "CASCADE"}
ONE_ADDRESSEE = "num_nonnulls(associate_id, account_id) = 1"
COMMENTS = {
    "preference": (
        "How an associate reads the pages; what is null follows the browser, and English without one.",
        "How somebody reads the pages and is told; what is null follows the browser, and English without one.",
    ),
    "notice": (
        "What an associate is told, in no language: its words are found by kind and parameters when it is read. "
        "It waits for its mail until mail_due_at, which is then cleared.",
        "What somebody is told, in no language: its words are found by kind and parameters when it is read. "
        "It waits for its mail until mail_due_at, which is then cleared.",
    ),
}


def upgrade() -> None:
    op.drop_constraint(op.f("pk_preference"), "preference", type_="primary")
    op.add_column("preference", sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False))
    op.create_primary_key(op.f("pk_preference"), "preference", ["id"])
    for table in TABLES:
        op.alter_column(table, "associate_id", existing_type=sa.BigInteger(), nullable=True)
        op.add_column(table, sa.Column("account_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_account_id"), table, "account", ["account_id"], ["id"], ondelete=CASCADES[table]
        )  # fmt: skip
        op.create_check_constraint(op.f(f"ck_{table}_addressee"), table, ONE_ADDRESSEE)
    for column in ("associate_id", "account_id"):
        op.create_unique_constraint(op.f(f"uq_preference_{column}"), "preference", [column])
    op.create_index(op.f("ix_mail_account_id"), "mail", ["account_id"])
    op.create_index(
        "ix_notice_account_id_id", "notice", ["account_id", "id"], postgresql_where=sa.text("account_id IS NOT NULL")
    )  # fmt: skip
    for table, (before, after) in COMMENTS.items():
        op.create_table_comment(table, after, existing_comment=before)


def downgrade() -> None:
    for table, (before, after) in COMMENTS.items():
        op.create_table_comment(table, before, existing_comment=after)
    op.drop_index("ix_notice_account_id_id", table_name="notice")
    op.drop_index(op.f("ix_mail_account_id"), table_name="mail")
    for column in ("associate_id", "account_id"):
        op.drop_constraint(op.f(f"uq_preference_{column}"), "preference", type_="unique")
    for table in ("notice", "mail", "preference"):
        op.execute(sa.text(f"DELETE FROM {table} WHERE associate_id IS NULL"))  # noqa: S608 (the names stand above)
        op.drop_column(table, "account_id")
        op.alter_column(table, "associate_id", existing_type=sa.BigInteger(), nullable=False)
    op.drop_column("preference", "id")
    op.create_primary_key(op.f("pk_preference"), "preference", ["associate_id"])
