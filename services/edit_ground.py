"""The ground of an edit: as much of a roster as it takes to place breaks, count coverage and check a few associates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from scheduling.plan import BreakPlan, Coverage, RosterPlan
from scheduling.scenario import Scenario
from storage import drafts, plans, rosters
from storage.rosters import RosterFrame, RosterSummary

Ints = NDArray[np.int64]

Cell = tuple[int, int]
"""Row of an associate and index of a day."""


@dataclass(frozen=True)
class Ground:
    """A roster before an edit.

    Parameters
    ----------
    breaks
        Of the days that the edit touches and their neighbours, and of the edited associates on every day; -1 elsewhere.
    scenario
        With the days before the roster of the edited associates, and of those whose shifts run into it.
    """

    head: RosterSummary
    policy_id: int
    about: RosterFrame
    plan: RosterPlan
    breaks: BreakPlan
    coverage: Coverage
    scenario: Scenario

    @cached_property
    def row_of(self) -> dict[int, int]:
        """Row of each associate by id."""
        return {number: row for row, number in enumerate(self.about.axes.associates)}

    @cached_property
    def ids(self) -> dict[str, int]:
        """Id of each associate by code."""
        codes = (one.code for one in self.scenario.associates)
        return dict(zip(codes, self.about.axes.associates, strict=True))

    @cached_property
    def shift_of(self) -> dict[int, int]:
        """Index of each shift type by id."""
        return {number: index for index, number in enumerate(self.about.axes.shift_types)}


def read_ground(connection: Connection, roster_id: int, associates: Collection[int], days: Collection[date]) -> Ground:
    """Return what an edit of some associates on some days stands on."""
    about = rosters.frame(connection, roster_id)
    axes, horizon = about.axes, about.horizon
    indices = [horizon.day_index(day) for day in days]
    near = {day + step for day in indices for step in (-1, 0, 1)} & set(range(horizon.day_count))
    rows = [row for row, number in enumerate(axes.associates) if number in associates]
    plan, breaks = plans.load_plan(connection, roster_id, axes, horizon, near, rows)
    coverage = plans.load_coverage(connection, roster_id, axes, horizon)
    # Coverage of the first day counts shifts that run into it, and the days before say which those are.
    running_in = np.flatnonzero(breaks.carried >= 0).tolist() if 0 in near else []
    wanted = [axes.associates[row] for row in sorted({*rows, *running_in})]
    if 0 not in near:
        breaks = replace(breaks, carried=np.where(np.isin(np.arange(len(axes.associates)), rows), breaks.carried, -1))
    scenario = drafts.scenario_within(connection, about, coverage, wanted)
    head, policy_id = rosters.summary(connection, roster_id), rosters.policy_id(connection, roster_id)
    return Ground(head, policy_id, about, plan, breaks, coverage, scenario)


def only_of(scenario: Scenario, rows: Ints) -> Scenario:
    """Return the scenario of some associates alone, in the order of their rows."""
    people = tuple(scenario.associates[row] for row in rows)
    codes = {one.code for one in people}
    return replace(
        scenario,
        associates=people,
        leave=tuple(one for one in scenario.leave if one.associate in codes),
        requests=tuple(one for one in scenario.requests if one.associate in codes),
        locks=tuple(one for one in scenario.locks if one.associate in codes),
        history=tuple(one for one in scenario.history if one.associate in codes),
    )


def only_rows(plan: RosterPlan, breaks: BreakPlan, rows: Ints) -> tuple[RosterPlan, BreakPlan]:
    """Return the plan of some associates alone."""
    kept = replace(breaks, assigned=breaks.assigned[rows], carried=breaks.carried[rows])
    return RosterPlan(plan.values[rows], plan.places[rows]), kept
