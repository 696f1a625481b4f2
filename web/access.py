"""The one place where it is decided who may do what: every endpoint needs a permission, every user has roles.

An endpoint that is not in the table is refused, so that a new page is closed until somebody decides who may see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from flask import Flask, Request, abort, g, request


class Permission(StrEnum):
    """What a page lets somebody do."""

    OPEN = "open to everybody"
    READ_ROSTERS = "read rosters"
    GENERATE_ROSTERS = "generate rosters"
    PUBLISH_ROSTERS = "publish rosters"


class Role(StrEnum):
    """What somebody is in the operation."""

    PLANNER = "planner"


GRANTED: Final[Mapping[Role, frozenset[Permission]]] = {Role.PLANNER: frozenset(Permission)}

NEEDED: Final[Mapping[str, Permission]] = {
    "static": Permission.OPEN,
    "bootstrap.static": Permission.OPEN,
    "rosters.index": Permission.READ_ROSTERS,
    "rosters.grid": Permission.READ_ROSTERS,
    "rosters.rows": Permission.READ_ROSTERS,
    "rosters.associate": Permission.READ_ROSTERS,
    "rosters.breaks": Permission.READ_ROSTERS,
    "rosters.coverage": Permission.READ_ROSTERS,
    "rosters.figures": Permission.READ_ROSTERS,
    "rosters.violations": Permission.READ_ROSTERS,
    "exports.roster": Permission.READ_ROSTERS,
    "publishing.publish": Permission.PUBLISH_ROSTERS,
    "publishing.confirm": Permission.PUBLISH_ROSTERS,
    "runs.new": Permission.GENERATE_ROSTERS,
    "runs.start": Permission.GENERATE_ROSTERS,
    "runs.show": Permission.GENERATE_ROSTERS,
    "runs.live": Permission.GENERATE_ROSTERS,
    "runs.state": Permission.GENERATE_ROSTERS,
    "runs.events": Permission.GENERATE_ROSTERS,
    "runs.stop": Permission.GENERATE_ROSTERS,
}
"""The permission that each endpoint needs."""

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True)
class User:
    """Who asks, with the roles that are known of them."""

    name: str
    roles: frozenset[Role]

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that the roles grant, and what is open to everybody."""
        return frozenset({Permission.OPEN}).union(*(GRANTED[role] for role in self.roles))


NOBODY: Final = User("nobody", frozenset())
LOCAL_PLANNER: Final = User("planner", frozenset({Role.PLANNER}))


def user_of(asked: Request) -> User:
    """Return who asks: until there is a sign-in, whoever sits at the machine itself is the planner.

    The name of the host is looked at as well, because a foreign page may point a name of its own at this address.
    """
    try:
        is_local = ip_address(asked.remote_addr or "").is_loopback
    except ValueError:
        is_local = False
    host = asked.host.rpartition(":")[0] if asked.host.rpartition(":")[2].isdigit() else asked.host
    return LOCAL_PLANNER if is_local and host in LOCAL_HOSTS else NOBODY


def may(user: User, endpoint: str) -> bool:
    """Return whether a user may use an endpoint; one that nobody listed is closed."""
    needed = NEEDED.get(endpoint)
    return needed is not None and needed in user.permissions


def current_user() -> User:
    """Return the user of this request."""
    user: User = g.user
    return user


def guard() -> None:
    """Stop the request when its user may not use its endpoint; an address without an endpoint is a plain 404."""
    g.user = user_of(request)
    if request.endpoint is not None and not may(g.user, request.endpoint):
        abort(403)


def register(app: Flask) -> None:
    """Put the guard before every request of an application."""
    app.before_request(guard)
    app.jinja_env.globals["may"] = lambda endpoint: may(current_user(), endpoint)
