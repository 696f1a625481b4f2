"""Fairness over the rolling year: how evenly burdens lay before a roster, and how they lie with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine, select

from scheduling.burdens import burden_days, over_whole_years
from services.reading import RosterGrid
from services.rotation_places import Evenness, evenness
from storage import rosters
from storage.errors import domain_errors
from storage.sites import site_id
from storage.tables import holiday
from storage.year_burdens import burdens_before

EVERYBODY = "Everybody"
LEAST_MEMBERS = 2
"""One person is even with themselves."""


@dataclass(frozen=True)
class GroupEvenness:
    """How evenly burdens lie on a group of associates, before and after a roster."""

    group: str
    associates: int
    burdens: tuple[Evenness, ...]


def year_fairness(engine: Engine, roster: RosterGrid) -> tuple[GroupEvenness, ...]:
    """Return how evenly burdens lie on everybody and on each team, in the 52 weeks before a roster and with its days.

    Who came later counts as if they had borne the average before.
    """
    with domain_errors(), engine.connect() as connection:
        place = site_id(connection, roster.summary.site)
        people = rosters.people_in_order(connection, roster.summary.id)
        borne = burdens_before(connection, place, people, roster.horizon.first_day)
        holidays = frozenset(connection.execute(select(holiday.c.day).where(holiday.c.site_id == place)).scalars())
    teams = np.array([one.team for one in roster.associates])
    before = over_whole_years(*borne)
    after = before + burden_days(roster.shift_types, roster.horizon.dates, holidays, roster.plan.values)
    groups = [(EVERYBODY, np.ones(len(teams), dtype=bool)), *((name, teams == name) for name in sorted(set(teams.tolist())))]
    return tuple(
        GroupEvenness(name, int(members.sum()), evenness(before[members], after[members]))
        for name, members in groups
        if members.sum() >= LEAST_MEMBERS
    )
