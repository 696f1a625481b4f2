"""Tables of who may sign in: accounts with the teams they lead, sessions, service tokens, attempts to sign in."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from storage.metadata import enum_type, instant, key, metadata, reference, words

DIGEST = "octet_length(token_hash) = 32"
"""Of a token only its SHA-256 is stored, so that whoever reads the database cannot use it."""


class Role(StrEnum):
    """What somebody who signs in is in the operation."""

    ADMINISTRATOR = "administrator"
    """Runs the installation: everything, accounts included."""
    PLANNER = "planner"
    """Makes and publishes rosters, sees the floor."""
    SUPERVISOR = "supervisor"
    """Steers the floor and coaches the teams that he leads."""
    ASSOCIATE = "associate"
    """Takes jobs, and sees what is about himself."""


class Scope(StrEnum):
    """What a service token lets another program do."""

    WRITE_JOBS = "jobs:write"
    """Hand in jobs."""


role = enum_type(Role, "role")
SCOPES = ", ".join(f"'{scope.value}'" for scope in Scope)

account = Table(
    "account",
    metadata,
    key(),
    words("sign_in_name"),
    words("display_name"),
    Column("role", role, nullable=False),
    reference("associate", nullable=True),
    words("password_hash"),
    Column("must_change_password", Boolean, nullable=False, server_default=text("false")),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    instant("created_at"),
    instant("password_changed_at"),
    UniqueConstraint("associate_id"),
    CheckConstraint("(role = 'associate') = (associate_id IS NOT NULL)", name="associate"),
    CheckConstraint("char_length(sign_in_name) BETWEEN 1 AND 100 AND sign_in_name !~ '[[:space:]]'", name="sign_in_name"),
    Index("ix_account_sign_in_name", text("lower(sign_in_name)"), unique=True),
    comment="Who may sign in; names differ by more than capitals. An account is never removed, for the audit trail names it.",
)

account_team = Table(
    "account_team",
    metadata,
    reference("account", cascade=True),
    reference("team", cascade=True, index=True),
    PrimaryKeyConstraint("account_id", "team_id"),
    comment="The teams that a supervisor leads.",
)

session = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    reference("account", cascade=True, index=True),
    instant("created_at"),
    instant("last_seen_at"),
    instant("expires_at"),
    CheckConstraint(DIGEST, name="token_hash"),
    CheckConstraint("created_at < expires_at", name="expires_at"),
    Index("ix_session_expires_at", "expires_at"),
    comment="Who is signed in, from sign-in to sign-out; last_seen_at is written once a minute at most.",
)

service_token = Table(
    "service_token",
    metadata,
    key(),
    reference("site"),
    words("name"),
    Column("token_hash", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_by", ForeignKey("account.id"), nullable=True),
    instant("created_at"),
    instant("expires_at", nullable=True),
    instant("revoked_at", nullable=True),
    UniqueConstraint("token_hash"),
    CheckConstraint(DIGEST, name="token_hash"),
    CheckConstraint(f"cardinality(scopes) >= 1 AND scopes <@ ARRAY[{SCOPES}]", name="scopes"),
    CheckConstraint("created_at < expires_at", name="expires_at"),
    Index("ix_service_token_one_name", "site_id", "name", unique=True, postgresql_where=text("revoked_at IS NULL")),
    comment="What other programs sign their requests with; created_by is null when the command line made it.",
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    key(),
    words("sign_in_name"),
    words("address"),
    instant("attempted_at"),
    Column("succeeded", Boolean, nullable=False),
    Index("ix_sign_in_attempt_sign_in_name_attempted_at", "sign_in_name", "attempted_at"),
    Index("ix_sign_in_attempt_address_attempted_at", "address", "attempted_at"),
    Index("ix_sign_in_attempt_attempted_at", "attempted_at"),
    comment="Attempts to sign in, by lowered name and network address; failures of the last minutes limit further ones.",
)
