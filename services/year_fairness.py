"""Fairness over the rolling year: how evenly burdens lay before a roster, and how they lie with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine, select

from scheduling.burdens import burden_days, whole_years
from scheduling.plan import RosterPlan
from services.rotation_places import Evenness, evenness
from storage import rosters
from storage.errors import domain_errors
from storage.sites import site_row
from storage.tables import holiday
from storage.year_burdens import years_before

EVERYBODY = "Everybody"
LEAST_MEMBERS = 2
"""One person is even with themselves."""


@dataclass(frozen=True)
class GroupEvenness:
    """How evenly burdens lie on a group of associates, before and after a roster."""

    group: str
    associates: int
    burdens: tuple[Evenness, ...]


def year_fairness(engine: Engine, roster_id: int, plan: RosterPlan | None = None) -> tuple[GroupEvenness, ...]:
    """Return how evenly burdens lie on everybody and on each team, in the 52 weeks before a roster and with its days.

    Who came later counts as if they had borne the average before. NotFoundError when there is no such roster.

    Parameters
    ----------
    plan
        The days of the roster, where they have been read already.
    """
    with domain_errors(), engine.connect() as connection:
        frame = rosters.frame(connection, roster_id)
        if plan is None:
            plan, _breaks = rosters.load_plan(connection, roster_id, frame.axes, frame.horizon, ())
        site_id = int(site_row(connection, frame.site)._mapping["id"])
        years = years_before(connection, site_id, frame.axes.associates, frame.horizon.first_day)
        holidays = frozenset(connection.execute(select(holiday.c.day).where(holiday.c.site_id == site_id)).scalars())
        teams = np.array(rosters.teams_in_order(connection, roster_id))
    before = whole_years(years)
    after = before + burden_days(frame.shift_types, frame.horizon.dates, holidays, plan.values)
    groups = [(EVERYBODY, np.ones(len(teams), dtype=bool)), *((name, teams == name) for name in sorted(set(teams.tolist())))]
    return tuple(
        GroupEvenness(name, int(members.sum()), evenness(before[members], after[members]))
        for name, members in groups
        if members.sum() >= LEAST_MEMBERS
    )
