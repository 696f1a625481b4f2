"""The answer to a supervisor's floor page, and the figures behind it, with 5,000 associates and a million waiting jobs."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import Engine, text

from app import create_app
from benchmarks.floor.latency import milliseconds
from benchmarks.floor.server import fresh_server, migrated, report
from benchmarks.floor.site import fill_queues, open_site
from config import Settings
from scheduling.times import SystemClock
from services import floor, sessions
from services.floor import PROJECTED_EVERY
from web.access import TOKEN_KEY

ASSOCIATES = 5_000
ROUNDS = 30
SIGNED_WITH = "a key for this measurement only"


def run(*, seconds: float, most: int) -> None:
    """Print one line for computing the figures, and one for the page."""
    with fresh_server() as server, migrated(server) as engine:
        open_site(engine, ASSOCIATES)
        fill_queues(engine, most)
        with engine.begin() as connection:
            site_id = connection.execute(text("SELECT id FROM site")).scalar_one()
            # A tenth is on a break, a twentieth has not come.
            connection.execute(
                text("UPDATE desk SET state = 'on_break', since = now() - interval '25 min' WHERE associate_id % 10 = 0")
            )
            connection.execute(text("UPDATE desk SET state = 'signed_out' WHERE associate_id % 20 = 1"))
        client = supervisor(engine)
        counts: list[float] = []
        outlooks: list[float] = []
        fresh: list[float] = []
        kept: list[float] = []
        for number in range(ROUNDS):
            is_outlook = number % 5 == 0
            every = timedelta() if is_outlook else PROJECTED_EVERY * 1000
            (outlooks if is_outlook else counts).append(timed(lambda every=every: compute(engine, site_id, every)))
            fresh.append(timed(lambda: page(client)))
            kept.extend(timed(lambda: page(client)) for _ in range(5))
        size = {"associates": ASSOCIATES, "waiting": most}
        report(benchmark="floor figures", **size, counts_ms=milliseconds(counts), with_outlook_ms=milliseconds(outlooks))
        ms = {"first_of_a_version_ms": milliseconds(fresh), "further_ms": milliseconds(kept)}
        report(benchmark="floor page", **size, bytes=page(client), **ms)


def compute(engine: Engine, site_id: int, every: timedelta) -> None:
    """Compute the figures, with another outlook when the last one is older than `every`."""
    floor.compute_snapshot(engine, site_id, clock=SystemClock(), projected_every=every)


def supervisor(engine: Engine) -> FlaskClient:
    """Return a client that is signed in as a supervisor of twenty teams."""
    url = SecretStr(engine.url.render_as_string(hide_password=False))
    app = create_app(Settings(_env_file=None, database_url=url, secret_key=SecretStr(SIGNED_WITH)))  # type: ignore[call-arg]
    app.extensions.update(engine=engine, clock=SystemClock())
    with engine.begin() as connection:
        account = connection.execute(
            text(
                "INSERT INTO account (sign_in_name, display_name, role, password_hash, created_at, password_changed_at) "
                "VALUES ('supervisor', 'Supervisor', 'supervisor', 'unusable', now(), now()) RETURNING id"
            )
        ).scalar_one()
        connection.execute(
            text("INSERT INTO account_team SELECT :account, id FROM team ORDER BY id LIMIT 20"), {"account": account}
        )
    client = app.test_client()
    with client.session_transaction() as kept:
        kept[TOKEN_KEY] = sessions.open_session(engine, account, clock=SystemClock())
    return client


def page(client: FlaskClient) -> int:
    """Ask for the page; return its length."""
    answer = client.get("/floor?teams=all")
    if answer.status_code != 200:
        raise RuntimeError(f"The page was answered with {answer.status_code}.")
    return len(answer.data)


def timed(work: object) -> float:
    """Return how long something takes, in seconds."""
    began = perf_counter()
    work()  # type: ignore[operator]
    return perf_counter() - began
