"""Places of work: who comes to the office on which day.

Office associates always come and home associates never do. Hybrid associates owe some office days a week. Week by week everybody
in turn comes on the emptiest days; where that leaves somebody without a seat, a CP-SAT model picks the days of that week. Days
owed that no seat can take are left out at a price, so that there always is an answer, and the checker shows them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from scheduling.people import WorkMode
from scheduling.plan import HOME, NONE, NOWHERE, OFFICE
from scheduling.rules import Office
from scheduling.scenario import Scenario

Places = NDArray[np.int8]
Seats = NDArray[np.int64]
"""Free seats, or those taken, in each quarter hour from the start of the horizon."""
Owed = list[tuple[int, list[int]]]
"""Who owes office days in a week, with the days of it that they work."""

SEAT_MINUTES = 15
"""Seats are counted on this grid; shift starts lie on it in practice, and a finer start takes its whole quarter hour."""

OWED_DAY_COST = 100
"""What an office day left out costs against one seat-day more than needed, which costs one."""


def assign_places(scenario: Scenario, letters: NDArray[np.int16], *, seed: int, seconds: float = 10.0) -> Places:
    """Return NOWHERE, OFFICE or HOME for each associate and day, shape (associates, days)."""
    places = np.full(letters.shape, NOWHERE, dtype=np.int8)
    modes = np.array([associate.work_mode for associate in scenario.associates])
    works = letters >= 0
    places[works & (modes == WorkMode.OFFICE)[:, None]] = OFFICE
    places[works & (modes != WorkMode.OFFICE)[:, None]] = HOME
    office = scenario.office
    if office is None or office.days_per_week == 0:
        return places
    free = office.seats - _seats_taken(scenario, letters, places)
    for owed in _owed(scenario, letters):
        chosen = _emptiest_days(scenario, office, letters, owed, free.copy())
        if chosen is None:
            chosen = _office_days(scenario, office, letters, owed, free, seed, seconds / scenario.horizon.weeks)
        for associate, day in chosen:
            places[associate, day] = OFFICE
            _take(free, _quarters(scenario, day, int(letters[associate, day])))
    return places


def keep_places(scenario: Scenario, standing: Places, before: NDArray[np.int16], letters: NDArray[np.int16]) -> Places:
    """Return the places of a roster that was changed here and there; shifts that stay are worked where they were.

    Hybrid associates who lost an office day that they owe come to the office on a changed day of the same week, where a seat is
    free for the whole shift.
    """
    places = assign_places(replace(scenario, office=None), letters, seed=0)
    same = (before == letters) & (standing != NOWHERE)
    places[same] = standing[same]
    office = scenario.office
    if office is None or office.days_per_week == 0:
        return places
    free = office.seats - _seats_taken(scenario, letters, places)
    for associate in np.flatnonzero((before != letters).any(axis=1)).tolist():
        if scenario.associates[associate].work_mode is not WorkMode.HYBRID:
            continue
        for _, week in _weeks(scenario, letters[associate]):
            for day in week[~same[associate, week]].tolist():
                quarters = _quarters(scenario, day, int(letters[associate, day]))
                seats = free[quarters.start : quarters.stop]
                owed = min(office.days_per_week, len(week)) - int((places[associate, week] == OFFICE).sum())
                if owed > 0 and seats.min() > 0:
                    places[associate, day] = OFFICE
                    seats -= 1
    return places


def _owed(scenario: Scenario, letters: NDArray[np.int16]) -> list[Owed]:
    """Return, week by week, on which worked days each hybrid associate may come to the office."""
    weeks: defaultdict[int, Owed] = defaultdict(list)
    for associate, person in enumerate(scenario.associates):
        if person.work_mode is WorkMode.HYBRID:
            for first, days in _weeks(scenario, letters[associate]):
                weeks[first].append((associate, days.tolist()))
    return [weeks[first] for first in sorted(weeks)]


def _emptiest_days(
    scenario: Scenario, office: Office, letters: NDArray[np.int16], owed: Owed, free: Seats
) -> list[tuple[int, int]] | None:  # fmt: skip
    """Return office days by letting everybody in turn come on the emptiest days, ``None`` when somebody finds no seat.

    Where all owed days find a seat no choice is better, and no model need be built. The seats that are taken leave `free`.
    """
    chosen: list[tuple[int, int]] = []
    for associate, days in owed:
        quarters = {day: _quarters(scenario, day, int(letters[associate, day])) for day in days}
        left = {day: int(free[there.start : there.stop].min()) for day, there in quarters.items()}
        for day in sorted(left, key=lambda day: (-left[day], day))[: office.days_per_week]:
            if left[day] <= 0:
                return None
            _take(free, quarters[day])
            chosen.append((associate, day))
    return chosen


def _take(free: Seats, quarters: range) -> None:
    free[quarters.start : quarters.stop] -= 1


def _office_days(
    scenario: Scenario, office: Office, letters: NDArray[np.int16], owed: Owed, free: Seats, seed: int, seconds: float
) -> list[tuple[int, int]]:
    """Return the office days of one week."""
    model = cp_model.CpModel()
    demand: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    chosen: dict[tuple[int, int], cp_model.IntVar] = {}
    cost: list[cp_model.LinearExprT] = []
    for associate, days in owed:
        week = {day: model.new_bool_var("") for day in days}
        for day, variable in week.items():
            chosen[associate, day] = variable
            for quarter in _quarters(scenario, day, int(letters[associate, day])):
                demand[quarter].append(variable)
        missing = model.new_int_var(0, office.days_per_week, "")
        model.add(sum(week.values()) + missing >= min(office.days_per_week, len(week)))
        cost.extend([*week.values(), OWED_DAY_COST * missing])
    # Quarters with the same people need one row, that of the quarter with the fewest seats left.
    rows: dict[tuple[int, ...], int] = {}
    for quarter, variables in demand.items():
        people = tuple(variable.index for variable in variables)
        if people not in rows or free[quarter] < free[rows[people]]:
            rows[people] = quarter
    for quarter in rows.values():
        model.add(sum(demand[quarter]) <= max(0, int(free[quarter])))
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = seconds
    solver.parameters.relative_gap_limit = 0.001
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return []
    return [key for key, variable in chosen.items() if solver.boolean_value(variable)]


def _weeks(scenario: Scenario, letters: NDArray[np.int16]) -> list[tuple[int, NDArray[np.int64]]]:
    """Return first day and worked days of each calendar week that lies inside horizon and contract; others owe no office days."""
    first = -scenario.week_offset % 7
    weeks = [np.arange(day, day + 7) for day in range(first, len(letters) - 6, 7)]
    return [(int(week[0]), week[letters[week] >= 0]) for week in weeks if (letters[week] != NONE).all()]


def _quarters(scenario: Scenario, day: int, shift: int) -> range:
    start = int(scenario.shift_start_minutes[day, shift])
    end = start + scenario.shift_types[shift].span_minutes
    return range(start // SEAT_MINUTES, -(-end // SEAT_MINUTES))


def _seats_taken(scenario: Scenario, letters: NDArray[np.int16], places: Places) -> Seats:
    """Return the seats taken in each quarter hour by those who must come, with room for shifts that run past the end."""
    longest = max((shift.span_minutes for shift in scenario.shift_types), default=0)
    taken = np.zeros((scenario.horizon.total_minutes + longest) // SEAT_MINUTES + 2, dtype=np.int64)
    associate, day = np.nonzero(places == OFFICE)
    shift = letters[associate, day]
    spans = np.array([kind.span_minutes for kind in scenario.shift_types], dtype=np.int64)
    start = scenario.shift_start_minutes[day, shift]
    np.add.at(taken, start // SEAT_MINUTES, 1)
    np.add.at(taken, -(-(start + spans[shift]) // SEAT_MINUTES), -1)
    return np.cumsum(taken)
