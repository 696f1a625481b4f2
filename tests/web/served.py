"""An application on a database, who signs in to it, and the rosters that tests draw in it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from pydantic import SecretStr
from sqlalchemy import Engine
from werkzeug.serving import make_server

from app import create_app
from config import Settings
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from scheduling.times import Clock
from services import drafting, loading, publishing, sessions
from services.accounts import Role
from services.reading import RosterSummary
from storage import accounts as stored_accounts
from storage import sessions as stored_sessions
from storage.accounts import NewAccount
from tests import stored
from web.access import TOKEN_KEY
from web.cookies import SessionCookies

NOW = datetime(2027, 1, 6, 5, 0, tzinfo=UTC)
"""The Wednesday of the first week of the sample, 10:30 at the site."""


def make_app(engine: Engine, clock: Clock) -> Flask:
    """Return the pages on a database."""
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(
        _env_file=None,
        database_url=SecretStr(url),
        secret_key=SecretStr("only for tests, but long"),
        password_memory_kib=8,
    )  # type: ignore[call-arg]
    app = create_app(settings)
    app.extensions.update(engine=engine, clock=clock)
    return app


def make_account(app: Flask, role: Role, *, name: str = "", associate: str = "", teams: Collection[str] = ()) -> int:
    """Return the account of a sign-in name, made with an unusable password where it is missing.

    Parameters
    ----------
    name
        The sign-in name; the role where it is left out, for an associate the code.
    associate
        Code of the associate, for that role.
    teams
        Names of the teams that a supervisor leads.
    """
    name, now = name or associate or role.value, app.extensions["clock"].now()
    with app.extensions["engine"].begin() as connection:
        found = stored_accounts.credentials(connection, name)
        if found is not None:
            return found.account_id
        people = stored_accounts.people_without_account(connection, code=associate) if associate else ()
        new = NewAccount(name, name.title(), role, "unusable", people[0].id if associate else None)
        number = stored_accounts.insert_account(connection, new, now)
        led = {team.id for team in stored_accounts.list_teams(connection) if team.name in set(teams)}
        stored_accounts.set_teams(connection, number, led)
    return number


def make_session(app: Flask, account_id: int) -> str:
    """Return the token of a new session that does not end however far the clock of the test goes."""
    token, now = sessions.new_token(sessions.SESSION_PREFIX), app.extensions["clock"].now()
    with app.extensions["engine"].begin() as connection:
        digest, end = sessions.token_hash(token), now + timedelta(days=3650)
        stored_sessions.insert_session(connection, digest, account_id, at=now, expires_at=end)
        stored_sessions.touch(connection, digest, at=end)
    return token


def bearer(app: Flask, role: Role = Role.PLANNER, **who: Any) -> dict[str, str]:
    """Return the header with which a request to the API is one of a role; `who` is as for `make_account`."""
    return {"Authorization": f"Bearer {make_session(app, make_account(app, role, **who))}"}


def sign_in(client: FlaskClient, role: Role = Role.PLANNER, **who: Any) -> FlaskClient:
    """Sign a client in and return it; `who` is as for `make_account`. Whoever it was before, it is no longer."""
    app = client.application
    token = make_session(app, make_account(app, role, **who))
    with client.session_transaction() as kept:
        kept.clear()
        kept[TOKEN_KEY] = token
    return client


def sign_in_page(page: Page, app: Flask, role: Role = Role.PLANNER, **who: Any) -> Page:
    """Sign the browser of a page in and return the page; `who` is as for `make_account`.

    A cookie belongs to a machine and not to a port, so every application of the test gets it; to those on another database than
    that of `app` it says nothing.
    """
    token = make_session(app, make_account(app, role, **who))
    signer = SessionCookies("127.0.0.1").get_signing_serializer(app)
    assert signer is not None
    value = str(signer.dumps({TOKEN_KEY: token}))
    page.context.add_cookies(
        [{"name": "session", "value": value, "url": "http://127.0.0.1", "httpOnly": True, "sameSite": "Lax"}]
    )
    return page


class Operation:
    """An operation in the database, of which tests draw rosters."""

    def __init__(self, engine: Engine, clock: Clock, associates: int = 20, weeks: int = 2) -> None:
        self.engine, self.clock = engine, clock
        given = stored.operation(associates, weeks)
        loading.load_operation(engine, given, site=stored.SITE, name="Pune audit floor", by="asha", clock=clock)
        self.scenario: Scenario = given.scenario()

    def draft(self, *, shift: int = 0, blocking: int = 0, reasons: int = 0) -> RosterSummary:
        """Store the rotation as a draft with so many violations."""
        return self.store(stored.result(self.scenario, shift=shift, blocking=blocking, reasons=reasons))

    def store(self, made: PlanningResult) -> RosterSummary:
        """Store a result as a draft."""
        return drafting.save_draft(self.engine, stored.SITE, self.scenario, made, by="asha", clock=self.clock)

    def published(self, *, reasons: int = 0) -> RosterSummary:
        """Store a draft and put it in force."""
        head = self.draft(reasons=reasons)
        return publishing.publish_roster(self.engine, head.id, head.version, by="asha", clock=self.clock, reason="for the test")


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """Serve an application on a free port and give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
