"""Service tokens: what other programs sign their requests with."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Engine

from scheduling.errors import BadInputError, Fault
from scheduling.times import Clock
from services.sessions import SERVICE_PREFIX, new_token, token_hash
from storage import sessions
from storage.account_tables import Scope
from storage.errors import domain_errors
from storage.rosters import record
from storage.sessions import TokenView

__all__ = ["Scope", "TokenView", "create_token", "list_tokens", "revoke_token"]

MOST_TOKEN_DAYS = 3650
MOST_NAME_LENGTH = 100


def create_token(
    engine: Engine,
    site: str,
    name: str,
    scopes: Collection[Scope],
    *,
    by: str,
    by_account: int | None,
    days: int | None,
    clock: Clock,
) -> str:
    """Make a token with which another program signs its requests; return it: it is stored nowhere.

    Parameters
    ----------
    days
        How long it is good; without end when left out.

    Raises
    ------
    BadInputError
        When the name, the scopes or the days make no sense.
    ConflictError
        When a token of the same name is in use at the site.
    """
    faults = []
    if not name.strip() or len(name) > MOST_NAME_LENGTH or not name.strip().isprintable():
        faults.append(
            Fault("token", None, "name", name[:40], f"Name the program, in at most {MOST_NAME_LENGTH} characters on one line.")
        )
    if not scopes:
        faults.append(Fault("token", None, "scopes", "", "Say what the program may do."))
    if days is not None and not 1 <= days <= MOST_TOKEN_DAYS:
        faults.append(Fault("token", None, "days", str(days), f"Choose 1 to {MOST_TOKEN_DAYS} days."))
    if faults:
        raise BadInputError(faults)
    token, now = new_token(SERVICE_PREFIX), clock.now()
    expires_at = None if days is None else now + timedelta(days=days)
    with domain_errors(), engine.begin() as connection:
        number = sessions.insert_token(
            connection, site, name.strip(), token_hash(token), frozenset(scopes), by=by_account, at=now, expires_at=expires_at
        )
        detail = {"name": name.strip(), "scopes": sorted(scopes)}
        record(connection, now, by, "token created", ("service token", number), None, **detail)
    return token


def revoke_token(engine: Engine, token_id: int, *, by: str, clock: Clock) -> str:
    """Let a service token no longer be used; return its name. NotFoundError when there is none in use with this id."""
    with domain_errors(), engine.begin() as connection:
        name = sessions.revoke_token(connection, token_id, at=clock.now())
        record(connection, clock.now(), by, "token revoked", ("service token", token_id), None, name=name)
    return name


def list_tokens(engine: Engine) -> tuple[TokenView, ...]:
    """Return all service tokens, those in use first, the newest first."""
    with domain_errors(), engine.connect() as connection:
        return sessions.token_views(connection)
