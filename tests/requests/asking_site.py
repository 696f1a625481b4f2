"""A small published site with kinds of leave, for tests of what associates ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, text

from scheduling.people import WorkMode
from scheduling.scenario import Requirement
from scheduling.times import Clock
from services import leave_settings
from services.loading import load_operation
from tests.builders import MONDAY
from tests.published import Site
from tests.stored import SITE, operation

NOW = datetime(2027, 1, 4, 4, 0, tzinfo=UTC)
"""Monday of the first week, 09:30 at the site."""


def day(number: int) -> date:
    """Return a day by its number from the first Monday."""
    return MONDAY + timedelta(days=number)


@dataclass(frozen=True)
class AskingSite:
    """A published site with an annual leave of 20 days a year, an unpaid one without balance, and what tests read of it."""

    site: Site
    annual: int
    unpaid: int

    @property
    def engine(self) -> Engine:
        return self.site.engine

    @property
    def clock(self) -> Clock:
        return self.site.clock

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(one.code for one in self.site.scenario.associates)

    def rows(self, statement: str, **given: Any) -> list[Any]:
        """Return the rows of a query."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), given))

    def cell(self, associate_id: int, when: date) -> str:
        """Return what is in force for an associate on a day."""
        found = self.rows(
            "SELECT coalesce(t.code, a.kind::text) FROM published_day p "
            "JOIN assignment a ON a.roster_id = p.roster_id AND a.day = p.day "
            "LEFT JOIN shift_type t ON t.id = a.shift_type_id WHERE a.associate_id = :who AND a.day = :day",
            who=associate_id, day=when,
        )  # fmt: skip
        return str(found[0][0]) if found else ""

    def shifts_of(self, associate_id: int) -> list[date]:
        """Return the days on which an associate has a shift."""
        return [when for when in map(day, range(21)) if self.cell(associate_id, when) not in {"off", "leave", "none", ""}]

    def limit(self, count: int, team_id: int | None = None) -> None:
        """Let so many be away on one day."""
        leave_settings.add_limit(
            self.engine, self.site.site_id, team_id, None, count, None, by="planner", clock=self.clock
        )  # fmt: skip


def lawful_site(engine: Engine, clock: Clock, *, associates: int, weeks: int) -> Site:
    """Return a site whose published rotation breaks no rule: nobody has a past, leave or a seat in an office.

    All have the same timing by day and the same skills, so that there is somebody to swap with.
    """
    drawn = operation(associates, weeks, MONDAY)
    facts: dict[str, Any] = {
        "contract_start": date(2026, 1, 1),
        "contract_end": date(2028, 12, 31),
        "work_mode": WorkMode.HOME,
        "timing": next(shift.code for shift in drawn.shift_types if not shift.is_night),
        "skills": frozenset(queue.skill for queue in drawn.queues),
    }
    people = tuple(replace(one, **facts) for one in drawn.associates)
    horizon = replace(drawn.horizon, zone_name="Asia/Kolkata")
    skills = tuple(dict.fromkeys(queue.skill for queue in drawn.queues))
    loaded = replace(
        drawn,
        associates=people,
        horizon=horizon,
        requirement=Requirement(skills, np.full((horizon.interval_count, len(skills)), 2.0)),
        office=None,
        history=(),
        leave=(),
        requests=(),
    )
    load_operation(engine, loaded, site=SITE, name="Pune 1", by="planner", clock=clock)
    with engine.connect() as connection:
        site_id = int(connection.execute(text("SELECT id FROM site")).scalar_one())
    made = Site(engine, site_id, loaded.scenario(), clock)
    made.publish()
    return made


def asking_site(engine: Engine, clock: Clock, *, associates: int = 20, weeks: int = 3, limited: bool = True) -> AskingSite:
    """Return a new site, everybody with the entitlement of 2027."""
    site = lawful_site(engine, clock, associates=associates, weeks=weeks)
    plain = {"days_per_year": 0, "is_limited": limited, "is_automatic": False, "notice_days": 0}
    annual = {**plain, "code": "AL", "name": "Annual leave", "has_balance": True, "days_per_year": 20}
    unpaid = {**plain, "code": "UL", "name": "Unpaid leave", "has_balance": False}
    ids = [leave_settings.save_kind(engine, site.site_id, None, one, by="planner", clock=clock) for one in (annual, unpaid)]
    leave_settings.grant_year(engine, site.site_id, ids[0], 2027, by="planner", clock=clock)
    return AskingSite(site, *ids)
