"""Accounts with their sessions, service tokens, attempts to sign in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_04"
down_revision = "20261123_03"
branch_labels = None
depends_on = None

ROLE = postgresql.ENUM("administrator", "planner", "supervisor", "associate", name="role", create_type=False)
WHAT_ROLES_ARE = (
    "administrator: runs the installation, accounts included; planner: makes and publishes rosters, sees the floor; "
    "supervisor: steers the floor and coaches the teams that he leads; associate: takes jobs, and sees what is about himself."
)


def upgrade() -> None:
    ROLE.create(op.get_bind())
    op.execute(f"COMMENT ON TYPE role IS '{WHAT_ROLES_ARE}'")
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sign_in_name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", ROLE, nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(role = 'associate') = (associate_id IS NOT NULL)", name=op.f("ck_account_associate")),
        sa.CheckConstraint(
            "char_length(sign_in_name) BETWEEN 1 AND 100 AND sign_in_name !~ '[[:space:]]'", name=op.f("ck_account_sign_in_name")
        ),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_account_associate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("associate_id", name=op.f("uq_account_associate_id")),
        comment="Who may sign in; names differ by more than capitals. An account is never removed, for the audit trail names it.",
    )
    op.create_index("ix_account_sign_in_name", "account", [sa.text("lower(sign_in_name)")], unique=True)
    op.create_table(
        "account_team",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_team_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_account_team_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "team_id", name=op.f("pk_account_team")),
        comment="The teams that a supervisor leads.",
    )
    op.create_index(op.f("ix_account_team_team_id"), "account_team", ["team_id"], unique=False)
    _make_credentials()


def _make_credentials() -> None:
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_session_token_hash")),
        sa.CheckConstraint("created_at < expires_at", name=op.f("ck_session_expires_at")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
        comment="Who is signed in, from sign-in to sign-out; last_seen_at is written once a minute at most.",
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_index("ix_session_expires_at", "session", ["expires_at"], unique=False)
    op.create_table(
        "service_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_service_token_token_hash")),
        sa.CheckConstraint("cardinality(scopes) >= 1 AND scopes <@ ARRAY['jobs:write']", name=op.f("ck_service_token_scopes")),
        sa.CheckConstraint("created_at < expires_at", name=op.f("ck_service_token_expires_at")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_service_token_created_by")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_service_token_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_service_token_token_hash")),
        comment="What other programs sign their requests with; created_by is null when the command line made it.",
    )
    op.create_index(
        "ix_service_token_one_name",
        "service_token",
        ["site_id", "name"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sign_in_name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
        comment="Attempts to sign in, by lowered name and network address; failures of the last minutes limit further ones.",
    )
    for columns in (["sign_in_name", "attempted_at"], ["address", "attempted_at"], ["attempted_at"]):
        op.create_index(f"ix_sign_in_attempt_{'_'.join(columns)}", "sign_in_attempt", columns, unique=False)


def downgrade() -> None:
    for table in ("sign_in_attempt", "service_token", "session", "account_team", "account"):
        op.drop_table(table)
    ROLE.drop(op.get_bind())
