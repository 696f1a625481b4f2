"""An application on a database, and the rosters that tests draw in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Engine
from werkzeug.serving import make_server

from app import create_app
from config import Settings
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from scheduling.times import Clock
from services import drafting, loading, publishing
from services.reading import RosterSummary
from tests import stored

NOW = datetime(2027, 1, 6, 5, 0, tzinfo=UTC)
"""The Wednesday of the first week of the sample, 10:30 at the site."""


def make_app(engine: Engine, clock: Clock) -> Flask:
    """Return the pages on a database."""
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(_env_file=None, database_url=SecretStr(url), secret_key=SecretStr("only for tests, but long"))  # type: ignore[call-arg]
    app = create_app(settings)
    app.extensions.update(engine=engine, clock=clock)
    return app


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
