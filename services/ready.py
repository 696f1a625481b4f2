"""Makes the planner ready: its machine code is compiled, or loaded, before any budget of seconds begins.

The first run after an installation compiles for some 20 seconds of processor time. A planner who asks for a minute shall not pay
for that, and neither shall the promise that the same seed and budget give the same roster.
"""

from __future__ import annotations

from dataclasses import replace

from scheduling.ports import StopSignal
from scheduling.scenario import Requirement, Scenario
from services.planning import plan

FEW_PEOPLE, LITTLE_SECONDS = 6, 0.2


def ready(scenario: Scenario, stop: StopSignal = lambda: False) -> None:
    """Plan a small part of a scenario, which calls everything that planning the whole will call."""
    # Its clock stands still, so that it ends by effort however long the compilation takes.
    plan(small_part(scenario), lambda _: None, stop, 1, LITTLE_SECONDS, workers=1, clock=lambda: 0.0)


def small_part(scenario: Scenario) -> Scenario:
    """Return the first week of a few people, with their facts."""
    people = scenario.associates[:FEW_PEOPLE]
    codes = {person.code for person in people}
    week = replace(scenario.horizon, weeks=1)
    requirement = Requirement(scenario.requirement.skills, scenario.requirement.heads[: week.interval_count])
    return replace(
        scenario,
        horizon=week,
        associates=people,
        requirement=requirement,
        leave=tuple(one for one in scenario.leave if one.associate in codes),
        requests=tuple(one for one in scenario.requests if one.associate in codes),
        locks=tuple(one for one in scenario.locks if one.associate in codes),
        history=tuple(one for one in scenario.history if one.associate in codes),
        years=tuple(one for one in scenario.years if one.associate in codes),
    )
