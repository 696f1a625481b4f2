"""Packed rosters say what the days themselves say, whatever was published, edited, packed again or not yet."""

from __future__ import annotations

import numpy as np
from sqlalchemy import text

from scheduling.times import Horizon
from services import drafting, publishing, upkeep
from storage.days_in_force import read_days
from storage.operation_reading import active_associate_ids
from storage.packed_rosters import published_between
from storage.publication import Days
from storage.year_burdens import years_before
from tests.builders import MONDAY
from tests.requests.asking_site import AskingSite, day
from tests.requests.test_leave_requests import ask, decide, people
from tests.stored import SITE, result

HORIZON = Horizon("Asia/Kolkata", day(-7), 5, 15)


def compare_with_days_alone(at: AskingSite) -> None:
    """Compare the days and the years of some associates with those that are read when no roster is packed."""
    chance = np.random.default_rng(len(at.rows("SELECT FROM packed_roster")))
    site = at.site.site_id
    with at.engine.connect() as connection:
        every = active_associate_ids(connection, site)
        drawn = [
            (tuple(chance.permutation(every)[:count].tolist()), day(int(chance.integers(1, 380))))
            for count in chance.integers(1, len(every) + 1, 6)
        ]

        def read() -> list[object]:
            days = [read_days(connection, site, HORIZON, some, policy=None, is_packed=True) for some, _ in drawn]
            cells = [sorted(zip(one.associate.tolist(), *map(np.ndarray.tolist, one.cells), strict=True)) for one in days]
            return [cells, [years_before(connection, site, some, before) for some, before in drawn]]

        quick = read()
        connection.execute(text("DELETE FROM packed_roster"))
        assert read() == quick


def loose(at: AskingSite) -> int:
    """Return how many rosters in force have to be read day by day."""
    with at.engine.connect() as connection:
        return len(published_between(connection, at.site.site_id, MONDAY, day(28)).loose)


def test_packed_rosters_say_what_the_days_say(asking: AskingSite) -> None:
    assert loose(asking) == 0, "publishing packs"
    compare_with_days_alone(asking)
    # Somebody's leave edits the roster in force: until it is packed again its days are read, and nothing old is said.
    decide(asking, ask(asking, people(asking, 1)[0], 7, 13))
    assert loose(asking) == 1
    compare_with_days_alone(asking)
    assert upkeep.pack_rosters(asking.engine) == 1
    assert loose(asking) == upkeep.pack_rosters(asking.engine) == 0
    compare_with_days_alone(asking)
    # A second roster takes over days in the middle of the first.
    scenario = asking.site.scenario
    head = drafting.save_draft(asking.engine, SITE, scenario, result(scenario, shift=2), by="p", clock=asking.clock)
    days = Days(day(10), day(16))
    publishing.publish_roster(asking.engine, head.id, head.version, by="p", clock=asking.clock, reason="r", days=days)
    assert loose(asking) == 0
    compare_with_days_alone(asking)


def test_a_roster_that_lacks_a_day_is_read_day_by_day(asking: AskingSite) -> None:
    with asking.engine.begin() as connection:
        connection.execute(text("DELETE FROM assignment WHERE day = :day AND associate_id = 1"), {"day": day(3)})
        connection.execute(text("UPDATE roster SET version = version + 1"))
    assert upkeep.pack_rosters(asking.engine) == 0
    assert loose(asking) == 1
    compare_with_days_alone(asking)
