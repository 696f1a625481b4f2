"""Places of work: who comes to the office on which day.

Office associates always come and home associates never do. Hybrid associates owe some office days a week; a CP-SAT model picks
those that fit the seats. Days owed that no seat can take are left out at a price, so that there always is an answer, and the
checker shows them.
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
    if scenario.office is not None and scenario.office.days_per_week > 0:
        chosen = _emptiest_days(scenario, scenario.office, letters, places)
        if chosen is None:
            chosen = _office_days(scenario, scenario.office, letters, places, seed, seconds)
        for associate, day in chosen:
            places[associate, day] = OFFICE
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
        for week in _weeks(scenario, letters[associate]):
            for day in week[~same[associate, week]].tolist():
                quarters = _quarters(scenario, day, int(letters[associate, day]))
                seats = free[quarters.start : quarters.stop]
                owed = min(office.days_per_week, len(week)) - int((places[associate, week] == OFFICE).sum())
                if owed > 0 and seats.min() > 0:
                    places[associate, day] = OFFICE
                    seats -= 1
    return places


def _emptiest_days(
    scenario: Scenario, office: Office, letters: NDArray[np.int16], places: Places
) -> list[tuple[int, int]] | None:  # fmt: skip
    """Return office days by letting everybody in turn come on the emptiest days, ``None`` when somebody finds no seat.

    Where all owed days find a seat no choice is better, and a model of thousands of people need not be built.
    """
    free = office.seats - _seats_taken(scenario, letters, places)
    chosen: list[tuple[int, int]] = []
    for associate, person in enumerate(scenario.associates):
        if person.work_mode is not WorkMode.HYBRID:
            continue
        for days in _weeks(scenario, letters[associate]):
            seats = {int(day): _quarters(scenario, int(day), int(letters[associate, day])) for day in days}
            left = {day: int(free[quarters.start : quarters.stop].min()) for day, quarters in seats.items()}
            emptiest = sorted(left, key=lambda day: (-left[day], day))[: office.days_per_week]
            if any(left[day] <= 0 for day in emptiest):
                return None
            for day in emptiest:
                free[seats[day].start : seats[day].stop] -= 1
                chosen.append((associate, day))
    return chosen


def _office_days(
    scenario: Scenario, office: Office, letters: NDArray[np.int16], places: Places, seed: int, seconds: float
) -> list[tuple[int, int]]:
    """Return the office days of hybrid associates."""
    model = cp_model.CpModel()
    free = office.seats - _seats_taken(scenario, letters, places)
    demand: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    chosen: dict[tuple[int, int], cp_model.IntVar] = {}
    cost: list[cp_model.LinearExprT] = []
    for associate, person in enumerate(scenario.associates):
        if person.work_mode is not WorkMode.HYBRID:
            continue
        for days in _weeks(scenario, letters[associate]):
            week = {int(day): model.new_bool_var("") for day in days}
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


def _weeks(scenario: Scenario, letters: NDArray[np.int16]) -> list[NDArray[np.int64]]:
    """Return the worked days of each calendar week that lies inside horizon and contract; others owe no office days."""
    first = -scenario.week_offset % 7
    weeks = [np.arange(day, day + 7) for day in range(first, len(letters) - 6, 7)]
    return [week[letters[week] >= 0] for week in weeks if (letters[week] != NONE).all()]


def _quarters(scenario: Scenario, day: int, shift: int) -> range:
    start = int(scenario.shift_start_minutes[day, shift])
    end = start + scenario.shift_types[shift].span_minutes
    return range(start // SEAT_MINUTES, -(-end // SEAT_MINUTES))


def _seats_taken(scenario: Scenario, letters: NDArray[np.int16], places: Places) -> NDArray[np.int64]:
    """Return the seats taken in each quarter hour by those who must come, with room for shifts that run past the end."""
    longest = max((shift.span_minutes for shift in scenario.shift_types), default=0)
    taken = np.zeros((scenario.horizon.total_minutes + longest) // SEAT_MINUTES + 2, dtype=np.int64)
    for associate, day in np.argwhere(places == OFFICE):
        quarters = _quarters(scenario, int(day), int(letters[associate, day]))
        taken[quarters.start : quarters.stop] += 1
    return taken
