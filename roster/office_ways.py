"""Ways out of an office that is too small: other office days, more seats, fewer office days, shifts worked from home.

The lines of everybody stay as they are; for each way the places of work are chosen again (`roster.places`) with what it gives
up, and the checker judges the outcome. So a way that is offered is one that was solved, not one that should do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from roster.places import Places, assign_places
from roster.rules.place import OfficeDays, OfficeSeats, PlaceOfWork
from roster.rules.words import count_text, day_text
from scheduling.kpis import office_occupancy
from scheduling.people import WorkMode
from scheduling.plan import HOME, NOWHERE, OFFICE, RosterPlan
from scheduling.rules import Office, Violation
from scheduling.scenario import Scenario

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

RULES: Final = (OfficeSeats(), OfficeDays(), PlaceOfWork())
SOLVE_SECONDS: Final = 1.0
"""Effort for each choice of places, in seconds of a quiet machine; the search for more seats makes some of them."""
SEAT_PRICE, HOME_PRICE, OWED_PRICE = 8.0, 2.0, 1.0
"""What a seat more, a shift at home against the work mode, and an office day left out weigh; only good for comparing ways."""
MOST_DAYS_NAMED: Final = 4


@dataclass(frozen=True)
class OfficeWay:
    """A way out that was solved again.

    Parameters
    ----------
    words
        What is given up.
    office
        The office that the way asks for.
    places
        Places of work, shape (associates, days).
    given_up
        What the checker says of it: the rules that are given up on purpose, none about seats.
    """

    words: str
    office: Office
    places: Places
    given_up: tuple[Violation, ...]
    price: float


def office_faults(scenario: Scenario, plan: RosterPlan) -> tuple[Violation, ...]:
    """Return what the checker says of seats, office days and places of work."""
    return tuple(violation for rule in RULES for violation in rule.check(scenario, plan))


def office_ways(scenario: Scenario, plan: RosterPlan) -> tuple[OfficeWay, ...]:
    """Return the ways out of a full office, the cheapest first; other office days alone where they do, nothing where all fits."""
    office = scenario.office
    if office is None or not office_faults(scenario, plan):
        return ()
    places = _places(scenario, office, plan)
    if not _faults(scenario, office, plan, places):
        words = "Other office days, and the place that fits the work mode; nothing else is given up"
        return (OfficeWay(words, office, places, (), 0.0),)
    found = (_more_seats(scenario, office, plan), _fewer_days(scenario, office, plan), _from_home(scenario, office, plan, places))
    return tuple(sorted((way for way in found if way is not None), key=lambda way: way.price))


def _places(scenario: Scenario, office: Office, plan: RosterPlan) -> Places:
    return assign_places(replace(scenario, office=office), plan.values, seed=0, seconds=SOLVE_SECONDS)


def _faults(scenario: Scenario, office: Office, plan: RosterPlan, places: Places) -> tuple[Violation, ...]:
    return office_faults(replace(scenario, office=office), RosterPlan(plan.values, places))


def _more_seats(scenario: Scenario, office: Office, plan: RosterPlan) -> OfficeWay | None:
    """Return the fewest seats with which all fits, found by halving."""
    everybody = RosterPlan(plan.values, np.where(plan.values >= 0, OFFICE, NOWHERE).astype(np.int8))
    best = replace(office, seats=int(office_occupancy(scenario, everybody).max(initial=0)))
    places, too_few = _places(scenario, best, plan), office.seats
    if _faults(scenario, best, plan, places):
        return None
    while best.seats - too_few > 1:
        fewer = replace(office, seats=(best.seats + too_few) // 2)
        tried = _places(scenario, fewer, plan)
        if _faults(scenario, fewer, plan, tried):
            too_few = fewer.seats
        else:
            best, places = fewer, tried
    more = best.seats - office.seats
    named = _seats_by_day(scenario, office, RosterPlan(plan.values, places))
    return OfficeWay(f"{count_text(more, 'seat')} more: {named}", best, places, (), SEAT_PRICE * more)


def _seats_by_day(scenario: Scenario, office: Office, plan: RosterPlan) -> str:
    """Return on which days how many seats more are taken than there are."""
    over = office_occupancy(scenario, plan) - office.seats
    worst = [int(over[low:high].max()) for low, high in pairwise(scenario.horizon.day_starts)]
    named = [f"{missing} on {day_text(day)}" for day, missing in zip(scenario.horizon.dates, worst, strict=True) if missing > 0]
    further = f" and {count_text(len(named) - MOST_DAYS_NAMED, 'day')} more" if len(named) > MOST_DAYS_NAMED else ""
    return ", ".join(named[:MOST_DAYS_NAMED]) + further


def _fewer_days(scenario: Scenario, office: Office, plan: RosterPlan) -> OfficeWay | None:
    """Return the most office days a week with which all fits; none where seats are missing even without any."""
    hybrids = sum(person.work_mode is WorkMode.HYBRID for person in scenario.associates)
    for days in range(office.days_per_week - 1, -1, -1):
        fewer = replace(office, days_per_week=days)
        places = _places(scenario, fewer, plan)
        if not _faults(scenario, fewer, plan, places):
            words = f"{count_text(days, 'office day')} a week for hybrid associates in place of {office.days_per_week}"
            left_out = (office.days_per_week - days) * hybrids * scenario.horizon.weeks
            return OfficeWay(words, fewer, places, (), OWED_PRICE * left_out)
    return None


def _from_home(scenario: Scenario, office: Office, plan: RosterPlan, places: Places) -> OfficeWay | None:
    """Return who works from home against the work mode so that the seats do, and which office days are left out."""
    places = places.copy()
    over = office_occupancy(scenario, RosterPlan(plan.values, places)) - office.seats
    seated, days = np.nonzero(places == OFFICE)
    kinds = plan.values[seated, days]
    spans = np.array([shift.span_minutes for shift in scenario.shift_types], dtype=np.int64)
    begin = scenario.shift_start_minutes[days, kinds]
    end, left = np.minimum(begin + spans[kinds], len(over)), np.ones(len(begin), dtype=bool)
    while over.max(initial=0) > 0:
        chosen = _best_to_send_home(begin, end, over, left)
        over[begin[chosen] : end[chosen]] -= 1
        left[chosen] = False
    places[seated[~left], days[~left]] = HOME
    given_up, at_home = _faults(scenario, office, plan, places), int((~left).sum())
    if any(one.rule == OfficeSeats.name for one in given_up):
        return None
    owed = sum(one.amount for one in given_up if one.rule == OfficeDays.name)
    parts = [f"{count_text(at_home, 'shift')} from home against the work mode"] if at_home else []
    parts += [f"{count_text(int(owed), 'office day')} of hybrid associates left out"] if owed else []
    return OfficeWay("; ".join(parts), office, places, given_up, HOME_PRICE * at_home + OWED_PRICE * owed)


def _best_to_send_home(begin: Ints, end: Ints, over: Ints, left: Bools) -> int:
    """Return which shift in the office frees a seat where most are missing, and for longest.

    In whole arrays, for a site of a thousand that loses its seats sends thousands of shifts home, one after the other.

    Parameters
    ----------
    begin, end
        First minute of each shift, and the one after its last, shape (shifts,).
    over
        How many seats are missing in each minute.
    left
        The shifts that are still in the office, shape (shifts,).
    """
    worst, full = int(np.argmax(over)), np.cumsum(np.concatenate([[0], over > 0]))
    return int(np.where(left & (begin <= worst) & (worst < end), full[end] - full[begin], -1).argmax())
