"""A stored roster as what a search begins with: its days for the people and shift types of another scenario."""

from __future__ import annotations

from datetime import date

import numpy as np
from sqlalchemy import Engine

from scheduling.errors import ConflictError
from scheduling.plan import NONE, NOWHERE, RosterPlan
from scheduling.scenario import Scenario
from storage import rosters
from storage.errors import domain_errors
from storage.operation_reading import associates_with_ids
from storage.rosters import RosterSummary


def refuse_other_days(head: RosterSummary, site: str, first_day: date, weeks: int) -> None:
    """Refuse a roster to begin with that is not of this site and these days; ConflictError with what it is of."""
    if (head.site, head.first_day, head.weeks) != (site, first_day, weeks):
        raise ConflictError(
            f"Roster {head.id} is of site {head.site}, {head.weeks} weeks from {head.first_day}; a search can begin only with a "
            f"roster of its own {weeks} weeks from {first_day} at {site}."
        )


def start_of(engine: Engine, roster_id: int, site: str, scenario: Scenario) -> RosterPlan:
    """Return the days of a stored roster for the people of a scenario of a site.

    Whoever is new has no days, and shift types that are no longer there are none; such lines are made anew by the search.

    Raises
    ------
    ConflictError
        When the roster is of another site or other days.
    NotFoundError
        When there is no roster with this id.
    """
    with domain_errors(), engine.connect() as connection:
        frame = rosters.frame(connection, roster_id)
        refuse_other_days(rosters.summary(connection, roster_id), site, scenario.horizon.first_day, scenario.horizon.weeks)
        stored, _ = rosters.load_plan(connection, roster_id, frame.axes, frame.horizon)
        people = associates_with_ids(connection, frame.axes.associates, frame.horizon)
    rows = {one.code: row for row, one in enumerate(people)}
    shifts = np.array([scenario.shift_index.get(shift.code, NONE) for shift in frame.shift_types], dtype=np.int16)
    # Days that are no shift are negative and mean the same in every roster.
    values = np.where(stored.values >= 0, shifts[np.maximum(stored.values, 0)], stored.values)
    days = np.full((len(scenario.associates), scenario.horizon.day_count), NONE, dtype=np.int16)
    for index, one in enumerate(scenario.associates):
        if one.code in rows:
            days[index] = values[rows[one.code]]
    return RosterPlan(days, np.full(days.shape, NOWHERE, dtype=np.int8))
