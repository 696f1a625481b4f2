"""Server time of the pages of requests at a full site; prints one JSON line for each page.

Run as ``python -m benchmarks.request_pages [--associates 1000] [--requests 60] [--repeats 15] [--varied]``. The roster is a
lawful rotation that is published, and every request touches its days. With `--varied` people have different skills and heads are
short on every day, so that an effect on coverage is the most work. As in `benchmarks.page_time`, the time of the processor is
that of the web process alone.
"""

from __future__ import annotations

import argparse
import json
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import text

from app import create_app
from benchmarks.page_time import measure
from config import Settings
from services import leave_requests, swaps
from services.accounts import Role
from services.request_inbox import MOST_SHOWN
from services.swaps import SwapKind
from storage import migrate
from tests.conftest import SteppedClock
from tests.requests.asking_site import NOW, AskingSite, asking_site, day
from tests.web.served import sign_in

TARGET_MS = 100.0
VARIED = (
    "SELECT setseed(0.5)",
    "DELETE FROM associate_skill WHERE random() < 0.4 AND associate_id > (SELECT 0.4 * max(id) FROM associate)",
    "UPDATE coverage SET required = 20 + 180 * random()",
)
"""Swaps are offered before, while all have the same skills."""


def ask_leave(at: AskingSite, number: int, kind: int) -> None:
    """Let so many associates ask for two days of leave each, spread over three weeks."""
    for index in range(number):
        first = day(7 + 3 * (index % 6))
        who = at.site.associate_id(at.codes[index])
        leave_requests.ask_leave(at.engine, who, kind, first, first + timedelta(days=2), "", by="a", clock=at.clock)


def swappable(at: AskingSite) -> date:
    """Return a day of the second week on which the last associate has a shift to give away."""
    return next(when for when in at.shifts_of(at.site.associate_id(at.codes[-1])) if when >= day(7))


def accept_swaps(at: AskingSite, number: int) -> None:
    """Let so many swaps wait for a decision."""
    for code in reversed(at.codes[-number:]):
        who = at.site.associate_id(code)
        for when in (one for one in at.shifts_of(who) if one >= day(7)):
            found = swaps.partners_for(at.engine, who, SwapKind.SHIFT, when, clock=at.clock)
            if found:
                days = [one.day for one in found[0].days]
                made = swaps.offer_swap(
                    at.engine, who, found[0].associate_id, SwapKind.SHIFT, days, "", by="a", clock=at.clock
                )  # fmt: skip
                swaps.answer_swap(at.engine, made.id, found[0].associate_id, accepted=True, by="b", clock=at.clock)
                break


def show(client: FlaskClient, name: str, address: str, asked: argparse.Namespace) -> None:
    """Measure a page and print its line."""
    times, processor, size = measure(client, address, asked.repeats)
    line = {"benchmark": "request_pages", "page": name, "associates": asked.associates, "requests": asked.requests}
    line |= {
        "best_ms": round(min(times), 1),
        "median_ms": round(median(times), 1),
        "processor_median_ms": round(median(processor), 1),
        "p90_ms": round(quantiles(times, n=10)[-1], 1),
        "kilobytes": size // 1024,
        "target_ms": TARGET_MS,
    }
    print(json.dumps(line), flush=True)


def main() -> None:
    """Publish a roster, let people ask, and print how long the server took for each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--associates", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--varied", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        settings = Settings(
            database_url=None, instance_dir=Path(folder) / "instance", secret_key=SecretStr("only for a benchmark")
        )
        app, clock = create_app(settings), SteppedClock(NOW)
        engine = app.extensions["engine"]
        app.extensions["clock"] = clock
        migrate.upgrade(engine)
        at = asking_site(engine, clock, associates=asked.associates, weeks=4)
        ask_leave(at, asked.requests, at.annual)
        accept_swaps(at, MOST_SHOWN)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in (*(VARIED if asked.varied else ()), "VACUUM ANALYZE"):
                connection.execute(text(statement))
        when = swappable(at)
        planner = sign_in(app.test_client(), Role.PLANNER)
        for address in ("/requests", "/leave?month=2027-01-01", f"/tomorrow?day={day(8)}", "/offers"):
            show(planner, address.partition("?")[0], address, asked)
        own = sign_in(app.test_client(), Role.ASSOCIATE, associate=at.codes[-1])
        swap = f"/me/requests/swap?day={when}"
        for name, address in (
            ("/me", "/me"),
            ("/me/week", "/me/week"),
            ("/me/month", "/me/month"),
            ("/me/requests", "/me/requests"),
            ("swap of a shift", f"{swap}&kind=shift"),
            ("swap of days off", f"{swap}&kind=weekly_off"),
            ("/me/notices", "/me/notices"),
        ):
            show(own, name, address, asked)
        engine.dispose()


if __name__ == "__main__":
    main()
