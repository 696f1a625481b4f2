"""Sessions: signing in and out, and who is behind a token."""

from __future__ import annotations

import hashlib
import math
import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from scheduling.errors import SchedulingError
from scheduling.times import Clock
from scheduling.words import Words
from services.passwords import Passwords
from storage import accounts, sessions
from storage.errors import domain_errors
from storage.sessions import Known, Program

__all__ = [
    "Known",
    "Program",
    "SignInRefusedError",
    "TooManyAttemptsError",
    "check_password",
    "new_token",
    "open_session",
    "sign_in",
    "sign_out",
    "which_program",
    "who",
]

LIFE: Final = timedelta(hours=12)
"""A session ends so long after its sign-in: a shift of nine hours with its handover."""
IDLE: Final = timedelta(hours=2)
"""A session that nobody used for so long is over."""
SEEN_EVERY: Final = timedelta(minutes=1)
"""How often at most it is written that a session was used."""
WINDOW: Final = timedelta(minutes=15)
MOST_FAILURES_OF_NAME, MOST_FAILURES_OF_ADDRESS = 5, 20
"""Failures within the window after which a name, or a network address, is not listened to."""
ATTEMPTS_KEPT: Final = timedelta(days=30)
TOKEN_BYTES = 32
SESSION_PREFIX, SERVICE_PREFIX = "ws_", "wt_"
"""What the two kinds of tokens begin with, so that one which is found somewhere is recognised."""
MOST_NAME_LENGTH = 100


class SignInRefusedError(SchedulingError):
    """The sign-in name or the password is wrong."""


class TooManyAttemptsError(SchedulingError):
    """Too many attempts to sign in failed; `free_at` is when the next one is listened to."""

    def __init__(self, free_at: datetime, now: datetime) -> None:
        self.free_at = free_at
        self.wait_seconds = max(1, math.ceil((free_at - now).total_seconds()))
        minutes = math.ceil(self.wait_seconds / 60)
        super().__init__(
            Words(
                "Too many attempts failed. Wait %(minutes)s min and try again; whoever forgot the password asks an administrator "
                "for a new one.",
                minutes=minutes,
            )
        )


def new_token(prefix: str) -> str:
    """Return a random token."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """Return what is stored of a token.

    A token is random, so unlike a password it needs no slow hash.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def given_name(name: str) -> str:
    """Return a sign-in name as somebody typed it in the form in which it is looked for and kept."""
    kept = unicodedata.normalize("NFC", name).strip()[:MOST_NAME_LENGTH].replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return kept.encode("utf-8", "replace").decode()


def sign_in(engine: Engine, name: str, password: str, *, address: str, clock: Clock, passwords: Passwords) -> str:
    """Open a session; return its token.

    Parameters
    ----------
    address
        Network address that the attempt comes from.

    Raises
    ------
    SignInRefusedError
        When name and password do not belong together, or the account may no longer sign in; which of them is not said.
    TooManyAttemptsError
        When too many attempts with this name, or from this address, failed.
    """
    account_id = check_password(engine, name, password, address=address, clock=clock, passwords=passwords)
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        sessions.delete_old(connection, now=now, idle_since=now - IDLE, attempts_before=now - ATTEMPTS_KEPT)
    return open_session(engine, account_id, clock=clock)


def check_password(
    engine: Engine, name: str, password: str, *, address: str, clock: Clock, passwords: Passwords
) -> int:  # fmt: skip
    """Return the account of a name and its password; raises as `sign_in` does.

    The attempt is counted as failed before the password is looked at, so that many at once are not more than allowed, and takes
    as long for a name that nobody has.
    """
    now, known_as = clock.now(), given_name(name)
    with domain_errors(), engine.begin() as connection:
        lowered = sessions.lowered(connection, known_as)
        sessions.take_turn(connection, f"sign-in name {lowered}", f"sign-in address {address}")
        free_at = sessions.free_at(
            connection,
            lowered,
            address,
            now=now,
            window=WINDOW,
            most_of_name=MOST_FAILURES_OF_NAME,
            most_of_address=MOST_FAILURES_OF_ADDRESS,
        )
        if free_at is not None:
            raise TooManyAttemptsError(free_at, now)
        attempt = sessions.insert_attempt(connection, lowered, address, at=now)
        found = accounts.credentials(connection, known_as)
    right = passwords.matches(found.password_hash if found else None, password)
    if found is None or not right or not found.is_active:
        raise SignInRefusedError(Words("The name or the password is wrong, or the account may no longer sign in."))
    renewed = passwords.hash(password) if passwords.is_outdated(found.password_hash) else None
    with domain_errors(), engine.begin() as connection:
        sessions.mark_succeeded(connection, attempt)
        if renewed:
            accounts.replace_hash(connection, found.account_id, found.password_hash, renewed)
    return found.account_id


def open_session(engine: Engine, account_id: int, *, clock: Clock) -> str:
    """Open a session of an account; return its token, which is stored nowhere."""
    token, now = new_token(SESSION_PREFIX), clock.now()
    with domain_errors(), engine.begin() as connection:
        sessions.insert_session(connection, token_hash(token), account_id, at=now, expires_at=now + LIFE)
    return token


def who(engine: Engine, token: str, *, now: datetime) -> Known | None:
    """Return who is behind the token of a session; nothing when it is over, or never was."""
    digest = token_hash(token)
    with domain_errors(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        known = sessions.who(connection, digest, now=now, seen_after=now - IDLE)
        if known is not None and known.last_seen_at <= now - SEEN_EVERY:
            sessions.touch(connection, digest, at=now)
    return known


def which_program(engine: Engine, token: str, *, now: datetime) -> Program | None:
    """Return which program is behind a service token; nothing when it is over, revoked, or never was."""
    with domain_errors(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return sessions.which_program(connection, token_hash(token), now=now)


def sign_out(engine: Engine, token: str) -> None:
    """End a session; one that is over already stays so."""
    with domain_errors(), engine.begin() as connection:
        sessions.delete_session(connection, token_hash(token))
