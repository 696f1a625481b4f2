"""Sessions, service tokens, attempts to sign in: who is behind a token, and how often somebody guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, text, update

from scheduling.errors import NotFoundError
from storage.account_tables import Role, Scope
from storage.bulk import raw
from storage.sites import site_row
from storage.tables import account, service_token, session, sign_in_attempt, site

WHO = (
    "SELECT a.id, a.sign_in_name, a.display_name, a.role::text, a.associate_id, a.must_change_password, s.last_seen_at, "
    "ARRAY(SELECT t.team_id FROM account_team t WHERE t.account_id = a.id) "
    "FROM session s JOIN account a ON a.id = s.account_id "
    "WHERE s.token_hash = %s AND s.expires_at > %s AND s.last_seen_at > %s AND a.is_active"
)
WHICH_PROGRAM = (
    "SELECT id, site_id, name, scopes FROM service_token "
    "WHERE token_hash = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %s)"
)
TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")
LOWERED = text("SELECT lower(:name)")
# A success clears the failures of the name before it, but not those of the address: whoever has one account of their own
# could otherwise go on guessing at others.
FAILURES = text(
    "SELECT attempted_at FROM sign_in_attempt f WHERE sign_in_name = :name AND attempted_at > :since AND NOT succeeded "
    "AND NOT EXISTS (SELECT FROM sign_in_attempt g WHERE g.sign_in_name = f.sign_in_name AND g.succeeded AND g.id > f.id) "
    "ORDER BY attempted_at DESC LIMIT :limit"
)
FAILURES_OF_ADDRESS = text(
    "SELECT attempted_at FROM sign_in_attempt WHERE address = :address AND attempted_at > :since AND NOT succeeded "
    "ORDER BY attempted_at DESC LIMIT :limit"
)


@dataclass(frozen=True)
class Known:
    """Who is behind a session."""

    account_id: int
    sign_in_name: str
    display_name: str
    role: Role
    associate_id: int | None
    team_ids: frozenset[int]
    must_change_password: bool
    last_seen_at: datetime


@dataclass(frozen=True)
class Program:
    """Which program is behind a service token, and what it may do."""

    id: int
    site_id: int
    name: str
    scopes: frozenset[Scope]


@dataclass(frozen=True)
class TokenView:
    """A service token as lists show it; the token itself is known to nobody but the program."""

    id: int
    site: str
    name: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def insert_session(connection: Connection, token_hash: bytes, account_id: int, *, at: datetime, expires_at: datetime) -> None:
    """Store a session."""
    values = {"token_hash": token_hash, "account_id": account_id, "created_at": at, "last_seen_at": at, "expires_at": expires_at}
    connection.execute(insert(session).values(**values))


def who(connection: Connection, token_hash: bytes, *, now: datetime, seen_after: datetime) -> Known | None:
    """Return who is behind a session that is neither over nor idle since `seen_after`, of an active account.

    Every request asks this, so it is one prepared statement on the driver's own connection.
    """
    row = raw(connection).execute(WHO, (token_hash, now, seen_after), prepare=True).fetchone()
    if row is None:
        return None
    number, name, display_name, role, associate_id, must_change, last_seen_at, teams = row
    return Known(number, name, display_name, Role(role), associate_id, frozenset(teams), must_change, last_seen_at)


def touch(connection: Connection, token_hash: bytes, *, at: datetime) -> None:
    """Write that a session was seen; a later sign of life stays."""
    seen = (session.c.token_hash == token_hash, session.c.last_seen_at < at)
    connection.execute(update(session).where(*seen).values(last_seen_at=at))


def delete_session(connection: Connection, token_hash: bytes) -> None:
    """End a session."""
    connection.execute(delete(session).where(session.c.token_hash == token_hash))


def delete_sessions_of(connection: Connection, account_id: int) -> int:
    """End all sessions of an account; return how many there were."""
    return int(connection.execute(delete(session).where(session.c.account_id == account_id)).rowcount)


def delete_old(connection: Connection, *, now: datetime, idle_since: datetime, attempts_before: datetime) -> None:
    """Remove sessions that are over, and attempts that nobody asks about any more."""
    over = (session.c.expires_at <= now) | (session.c.last_seen_at <= idle_since)
    connection.execute(delete(session).where(over))
    connection.execute(delete(sign_in_attempt).where(sign_in_attempt.c.attempted_at < attempts_before))


def take_turn(connection: Connection, *whats: str) -> None:
    """Let attempts with the same name or address come one after the other, until the transaction ends."""
    # Always in the same order, so that two never wait for each other.
    for what in sorted(whats):
        connection.execute(TURN, {"what": what})


def lowered(connection: Connection, name: str) -> str:
    """Return a sign-in name in small letters, as the database makes them."""
    return str(connection.execute(LOWERED, {"name": name}).scalar_one())


def free_at(
    connection: Connection, name: str, address: str, *, now: datetime, window: timedelta, most_of_name: int, most_of_address: int
) -> datetime | None:
    """Return when a lowered name or an address may be tried again; nothing when it may be now."""
    given = {"since": now - window, "name": name, "address": address}
    of_name = list(connection.execute(FAILURES, {**given, "limit": most_of_name}).scalars())
    of_address = list(connection.execute(FAILURES_OF_ADDRESS, {**given, "limit": most_of_address}).scalars())
    full = [times[-1] + window for times, most in ((of_name, most_of_name), (of_address, most_of_address)) if len(times) >= most]
    return max(full, default=None)


def insert_attempt(connection: Connection, name: str, address: str, *, at: datetime) -> int:
    """Store an attempt of a lowered name as failed, before anybody knows; return its id."""
    values = {"sign_in_name": name, "address": address, "attempted_at": at, "succeeded": False}
    return int(connection.execute(insert(sign_in_attempt).values(**values).returning(sign_in_attempt.c.id)).scalar_one())


def mark_succeeded(connection: Connection, attempt_id: int) -> None:
    """Say that an attempt was right."""
    connection.execute(update(sign_in_attempt).where(sign_in_attempt.c.id == attempt_id).values(succeeded=True))


def insert_token(
    connection: Connection,
    site_code: str,
    name: str,
    token_hash: bytes,
    scopes: frozenset[Scope],
    *,
    by: int | None,
    at: datetime,
    expires_at: datetime | None,
) -> int:
    """Store a service token; return its id. NotFoundError when there is no such site."""
    values = {
        "site_id": site_row(connection, site_code)._mapping["id"],
        "name": name,
        "token_hash": token_hash,
        "scopes": sorted(scope.value for scope in scopes),
        "created_by": by,
        "created_at": at,
        "expires_at": expires_at,
    }
    return int(connection.execute(insert(service_token).values(**values).returning(service_token.c.id)).scalar_one())


def which_program(connection: Connection, token_hash: bytes, *, now: datetime) -> Program | None:
    """Return which program is behind a service token that is neither over nor revoked."""
    row = raw(connection).execute(WHICH_PROGRAM, (token_hash, now), prepare=True).fetchone()
    return None if row is None else Program(row[0], row[1], row[2], frozenset(map(Scope, row[3])))


def revoke_token(connection: Connection, token_id: int, *, at: datetime) -> str:
    """Let a service token no longer be used; return its name. NotFoundError when there is none that could be."""
    statement = (
        update(service_token)
        .where(service_token.c.id == token_id, service_token.c.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(service_token.c.name)
    )
    name = connection.execute(statement).scalar_one_or_none()
    if name is None:
        raise NotFoundError(f"There is no token {token_id} in use; somebody may have revoked it already.")
    return str(name)


def token_views(connection: Connection) -> tuple[TokenView, ...]:
    """Return all service tokens, those in use first, the newest first."""
    token = service_token.c
    query = (
        select(
            token.id,
            site.c.code,
            token.name,
            token.scopes,
            func.coalesce(account.c.sign_in_name, "command line"),
            token.created_at,
            token.expires_at,
            token.revoked_at,
        )
        .select_from(service_token)
        .join(site)
        .outerjoin(account, account.c.id == token.created_by)
        .order_by(token.revoked_at.isnot(None), token.created_at.desc(), token.id.desc())
    )
    return tuple(TokenView(row[0], row[1], row[2], tuple(row[3]), *row[4:]) for row in connection.execute(query))
