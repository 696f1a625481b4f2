"""Exchanges between two associates: which are possible, and which of them keep every rule.

On each day of an exchange the two take what the other has: a shift, with its timing, or a day off. So coverage stays what it is,
as long as whoever takes a shift has the skills that were counted for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roster.line_changes import LineChange, break_nothing, changed_line, newly_broken, seats_newly_broken
from scheduling.plan import OFF, RosterPlan
from scheduling.rules import Violation
from scheduling.scenario import Scenario

DAYS_PER_WEEK = 7


@dataclass(frozen=True, order=True)
class Exchange:
    """Two rows that take each other's values on some days.

    Parameters
    ----------
    asker, partner
        Indices of the associates.
    days
        Indices of the days, in order.
    """

    asker: int
    partner: int
    days: tuple[int, ...]

    def changes(self, plan: RosterPlan) -> tuple[LineChange, LineChange]:
        """Return the change of each of the two lines."""
        mine, theirs = plan.values[self.asker], plan.values[self.partner]
        return (
            LineChange(self.asker, {day: int(theirs[day]) for day in self.days}),
            LineChange(self.partner, {day: int(mine[day]) for day in self.days}),
        )


def shift_exchanges(plan: RosterPlan, asker: int, day: int, first_day: int) -> Iterator[Exchange]:
    """Yield the exchanges by which an associate may give the shift of a day away.

    It goes against another shift of that day, or against the shift of another day on which the associate is off, of somebody who
    is off on the day that is given.

    Parameters
    ----------
    first_day
        No earlier day is touched; the day that is taken lies within a week of the one that is given.
    """
    values, mine = plan.values, plan.values[asker]
    if mine[day] < 0:
        return
    last = min(values.shape[1], day + DAYS_PER_WEEK)
    taken = [other for other in range(max(first_day, day - DAYS_PER_WEEK + 1), last) if mine[other] == OFF]
    for partner in np.flatnonzero((values[:, day] >= 0) & (values[:, day] != mine[day])).tolist():
        yield Exchange(asker, partner, (day,))
    for other in taken:
        for partner in np.flatnonzero((values[:, day] == OFF) & (values[:, other] >= 0)).tolist():
            yield Exchange(asker, partner, tuple(sorted((day, other))))


def weekly_off_exchanges(plan: RosterPlan, asker: int, days: Sequence[int]) -> Iterator[Exchange]:
    """Yield the exchanges of the days off of an associate in a week against the different ones of somebody else.

    Parameters
    ----------
    days
        Indices of the days of the week that may be touched.
    """
    week = np.array(days, dtype=np.int64)
    off = plan.values[:, week] == OFF
    can = (off | (plan.values[:, week] >= 0)).all(axis=1) & off.any(axis=1)
    differ = off != off[asker]
    for partner in np.flatnonzero(can & can[asker] & differ.any(axis=1)).tolist():
        yield Exchange(asker, partner, tuple(week[differ[partner]].tolist()))


def covers(scenario: Scenario, taker: int, giver: int) -> bool:
    """Return whether somebody has every required skill for which another one may be counted."""
    required, people = set(scenario.requirement.skills), scenario.associates
    return people[giver].skills & required <= people[taker].skills


def keeps_skills(scenario: Scenario, plan: RosterPlan, exchange: Exchange) -> bool:
    """Return whether everybody who takes a shift in an exchange has the skills for it."""
    mine, theirs = plan.values[exchange.asker], plan.values[exchange.partner]
    asker_takes = any(theirs[day] >= 0 for day in exchange.days)
    partner_takes = any(mine[day] >= 0 for day in exchange.days)
    return (not asker_takes or covers(scenario, exchange.asker, exchange.partner)) and (
        not partner_takes or covers(scenario, exchange.partner, exchange.asker)
    )


def lawful_lines(
    scenario: Scenario, plan: RosterPlan, exchanges: Sequence[Exchange], *, aside: frozenset[str] = frozenset()
) -> tuple[Exchange, ...]:
    """Return the exchanges that keep the rules of both lines; skills, and seats of the office, are not asked."""
    changes = [change for one in exchanges for change in one.changes(plan)]
    kept = break_nothing(scenario, plan, changes, aside=aside)
    return tuple(one for number, one in enumerate(exchanges) if kept[2 * number] and kept[2 * number + 1])


def broken_by_exchange(
    scenario: Scenario, plan: RosterPlan, exchange: Exchange, *, aside: frozenset[str] = frozenset()
) -> tuple[Violation, ...]:
    """Return what an exchange would break anew of the rules that block publishing."""
    changes = exchange.changes(plan)
    lines = newly_broken(scenario, plan, changes, aside=aside)
    return (*lines[0], *lines[1], *seats_newly_broken(scenario, plan, changes))


def takes_other_seats(scenario: Scenario, plan: RosterPlan, exchange: Exchange) -> bool:
    """Return whether after an exchange other seats of the office are taken than before it; the seats of others play no part."""
    if scenario.office is None:
        return False
    rows = [exchange.asker, exchange.partner]
    before = _seats(plan.values[rows], plan.places[rows], exchange.days)
    lines = [changed_line(scenario, plan, change) for change in exchange.changes(plan)]
    after = _seats(np.array([values for values, _ in lines]), np.array([places for _, places in lines]), exchange.days)
    return before != after


def seats_broken(scenario: Scenario, plan: RosterPlan, exchange: Exchange) -> bool:
    """Return whether an exchange takes a seat that is not there."""
    changes = exchange.changes(plan)
    return takes_other_seats(scenario, plan, exchange) and bool(seats_newly_broken(scenario, plan, changes))


def _seats(values: NDArray[np.int16], places: NDArray[np.int8], days: Sequence[int]) -> list[list[tuple[int, int]]]:
    """Return who sits where on each of the days, whoever it is."""
    return [sorted(zip(values[:, day].tolist(), places[:, day].tolist(), strict=True)) for day in days]
