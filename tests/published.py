"""Operations with a published roster, for tests of the floor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import Engine, text

from scheduling.scenario import Requirement, Scenario
from scheduling.times import Clock
from services.drafting import save_draft
from services.loading import load_operation
from services.opening import open_floor
from services.publishing import publish_roster
from tests.builders import MONDAY
from tests.stored import SITE, operation, result


@dataclass(frozen=True)
class Site:
    """A site whose roster is published."""

    engine: Engine
    site_id: int
    scenario: Scenario
    clock: Clock

    def publish(self, *, shift: int = 0, pattern_count: int = 16) -> int:
        """Publish the rotation with everybody's days off `shift` days later; return the roster."""
        made = result(self.scenario, shift=shift, pattern_count=pattern_count)
        head = save_draft(self.engine, SITE, self.scenario, made, by="planner", clock=self.clock, parameters={})
        return publish_roster(self.engine, head.id, 1, by="planner", clock=self.clock, reason="for the test").id

    def associate_id(self, code: str) -> int:
        """Return the id of an associate."""
        with self.engine.connect() as connection:
            return int(connection.execute(text("SELECT id FROM associate WHERE code = :code"), {"code": code}).scalar_one())


def published_site(
    engine: Engine,
    clock: Clock,
    *,
    associates: int = 20,
    weeks: int = 1,
    start: date = MONDAY,
    zone: str = "Asia/Kolkata",
    pattern_count: int = 16,
) -> Site:
    """Return a site of the sample's people and queues whose roster is published."""
    drawn = operation(associates, weeks, start)
    horizon = replace(drawn.horizon, zone_name=zone)
    skills = tuple(dict.fromkeys(queue.skill for queue in drawn.queues))
    requirement = Requirement(skills, np.ones((horizon.interval_count, len(skills))))
    loaded = replace(drawn, horizon=horizon, requirement=requirement)
    load_operation(engine, loaded, site=SITE, name="Pune 1", by="planner", clock=clock)
    with engine.connect() as connection:
        site_id = int(connection.execute(text("SELECT id FROM site")).scalar_one())
    made = Site(engine, site_id, loaded.scenario(), clock)
    made.publish(pattern_count=pattern_count)
    return made


def open_site(engine: Engine, clock: Clock, **wishes: int | str | date) -> Site:
    """Return a site as of `published_site` whose floor is open."""
    made = published_site(engine, clock, **wishes)  # type: ignore[arg-type]
    open_floor(engine, made.site_id, clock=clock)
    return made
