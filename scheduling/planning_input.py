"""What a planner hands in: the facts of a scenario, with the requirement or with the volumes it is computed from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from scheduling.burdens import YearOfBurdens
from scheduling.events import DemandEvent
from scheduling.people import Associate, Leave, Lock, PastDay, Request
from scheduling.queues import Queue
from scheduling.rules import Office, RuleSettings
from scheduling.scenario import Requirement, Scenario
from scheduling.shifts import DEFAULT_BREAK_POLICY, BreakPolicy, ShiftType
from scheduling.times import Horizon


@dataclass(frozen=True)
class PlanningInput:
    """The parts of a scenario; either `requirement`, or `volumes` with `queues`, is present.

    Parameters
    ----------
    requirement
        Productive heads needed; ``None`` when they are to be computed from the volumes.
    volumes
        Past or forecast work with the columns ``starts_at`` (aware), ``queue``, ``jobs``, ``aht_seconds``; ``None`` when the
        requirement is given.
    queues
        The queues that the volumes name.
    events
        Overrides of the forecast by hand.
    years
        What associates bore in the rolling year before the horizon, where that is known.
    """

    horizon: Horizon
    associates: tuple[Associate, ...]
    shift_types: tuple[ShiftType, ...]
    break_policy: BreakPolicy = DEFAULT_BREAK_POLICY
    rules: RuleSettings = field(default_factory=RuleSettings)
    office: Office | None = None
    leave: tuple[Leave, ...] = ()
    requests: tuple[Request, ...] = ()
    locks: tuple[Lock, ...] = ()
    history: tuple[PastDay, ...] = ()
    holidays: dict[date, str] = field(default_factory=dict)
    requirement: Requirement | None = None
    volumes: pd.DataFrame | None = None
    queues: tuple[Queue, ...] = ()
    events: tuple[DemandEvent, ...] = ()
    years: tuple[YearOfBurdens, ...] = ()

    def scenario(self, requirement: Requirement | None = None) -> Scenario:
        """Return the scenario with the given requirement, or with its own.

        Raises
        ------
        ValueError
            When neither is there.
        """
        chosen = requirement or self.requirement
        if chosen is None:
            raise ValueError("A scenario needs a requirement: give one, or compute it from the volumes first.")
        return Scenario(
            horizon=self.horizon,
            associates=self.associates,
            shift_types=self.shift_types,
            requirement=chosen,
            break_policy=self.break_policy,
            rules=self.rules,
            office=self.office,
            leave=self.leave,
            requests=self.requests,
            locks=self.locks,
            history=self.history,
            holidays=frozenset(self.holidays),
            years=self.years,
        )
