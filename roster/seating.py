"""Seats of the office: lines chosen together for those who come there, where lines chosen one at a time do not fit.

Everybody's line is a path through their own line graph, so all together are one integer flow with a row for the seats at each
start of a shift. It is only asked for when somebody has no seat, or owes office days that no seat can take.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from roster.automaton import BROKEN_RULE_COST
from roster.places import assign_places
from roster.problem import Problem
from roster.rules.place import OfficeDays, OfficeSeats
from roster.run import Run
from roster.workbench import Workbench
from scheduling.people import WorkMode
from scheduling.plan import RosterPlan
from scheduling.rules import Office

Letters = NDArray[np.int16]

SEATING_SHARE, SEATING_SECONDS = 0.1, (1.0, 10.0)
"""Share of the budget that choosing anew may take, and the least and most seconds for it."""
MOST_ARCS = 150_000
"""Arcs of line graphs in one model; with more, the lines of those who do not fit are chosen anew first."""
BROKEN_RULE, NO_SEAT, DAY_OWED, DAY_CHANGED = 10**6, 3000, 1000, 1
"""What is given up last, and what first: rules of an associate, seats, office days, the lines as they were."""


def seat(bench: Workbench, run: Run, *, seed: int) -> None:
    """Choose the lines of those who come to the office together, if they do not fit into it as they are.

    The effort follows from the budget; the clock ends it soon after the time is over, or the user asked to stop.
    """
    problem, letters = bench.problem, bench.lines()
    office = problem.scenario.office
    if office is None or fits(problem, letters, seed=seed):
        return
    run.tell("seats of the office", bench.objective)
    effort = float(np.clip(SEATING_SHARE * run.seconds, *SEATING_SECONDS))
    chosen = _Seating(problem, office, letters).solve(seed, effort, SEATING_SECONDS[0] if run.over() else 2 * effort)
    changed = np.flatnonzero((chosen != letters).any(axis=1)).tolist()
    for index in changed:
        bench.remove(index)
    for index in changed:
        bench.give(index, chosen[index])


def fits(problem: Problem, letters: Letters, *, seed: int) -> bool:
    """Return whether there is a seat for everybody who must be, or owes to be, in the office; lines as (associates, days)."""
    plan = RosterPlan(letters, assign_places(problem.scenario, letters, seed=seed))
    return not any(True for rule in (OfficeSeats(), OfficeDays()) for _ in rule.check(problem.scenario, plan))


class _Seating:
    """The integer flow."""

    def __init__(self, problem: Problem, office: Office, letters: Letters) -> None:
        self._problem, self._office, self._letters = problem, office, letters
        self._scenario = problem.scenario
        self._model = cp_model.CpModel()
        self._cost: list[cp_model.LinearExprT] = []
        self._works: dict[tuple[int, int, int], cp_model.LinearExprT] = {}
        self._present: dict[tuple[int, int, int], cp_model.LinearExprT] = {}
        self._chosen: dict[int, list[tuple[int, int, cp_model.IntVar]]] = {}
        arcs = 0
        for index in self._visitors():
            size = sum(int((layer.target >= 0).sum()) for graph in problem.people[index].graphs for layer in graph)
            arcs += size
            self._add_line(index) if arcs <= MOST_ARCS else self._keep_line(index)
        self._add_presence()
        self._add_seats()

    def _visitors(self) -> Sequence[int]:
        """Return who comes to the office, those with most shifts at crowded times first."""
        modes = [person.work_mode for person in self._scenario.associates]
        come = np.array([index for index, mode in enumerate(modes) if mode is not WorkMode.HOME], dtype=np.int64)
        shifts = len(self._scenario.shift_types)
        crowd = np.stack([(self._letters[come] == shift).sum(axis=0) for shift in range(shifts)])
        days = np.arange(self._letters.shape[1])
        lonely = [-int(crowd[line[line >= 0], days[line >= 0]].sum()) for line in self._letters[come]]
        return [int(index) for index in come[np.argsort(lonely, kind="stable")]]

    def _keep_line(self, index: int) -> None:
        for day in np.flatnonzero(self._letters[index] >= 0):
            self._works[index, int(day), int(self._letters[index, day])] = 1

    def _add_line(self, index: int) -> None:
        """Add the flow of one associate through the line graphs there are to choose from."""
        taken: defaultdict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        begin: list[cp_model.IntVar] = []
        self._chosen[index] = []
        for graph in self._problem.people[index].graphs:
            into: dict[int, list[cp_model.IntVar]] = {0: []}
            for day, layer in enumerate(graph):
                out: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
                following: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
                for state, column in np.argwhere(layer.target >= 0).tolist():
                    arc, letter = self._model.new_bool_var(""), layer.letters[column]
                    out[state].append(arc)
                    following[int(layer.target[state, column])].append(arc)
                    self._cost.append(arc * self._price(index, day, letter, float(layer.cost[state, column])))
                    if day < self._letters.shape[1]:
                        taken[day, letter].append(arc)
                if day == 0:
                    begin += out[0]
                else:
                    for state in into.keys() | out.keys():
                        self._model.add(sum(into.get(state, [])) == sum(out[state]))
                into = dict(following)
        self._model.add_exactly_one(begin)
        for (day, letter), arcs in taken.items():
            self._chosen[index] += [(day, letter, arc) for arc in arcs]
            if letter >= 0:
                self._works[index, day, letter] = sum(arcs)

    def _price(self, index: int, day: int, letter: int, cost: float) -> int:
        changed = day < self._letters.shape[1] and letter != self._letters[index, day]
        return BROKEN_RULE * int(cost // BROKEN_RULE_COST) + DAY_CHANGED * int(changed)

    def _add_presence(self) -> None:
        """Say who is in the office on which day; hybrid associates on the days they owe."""
        weeks: defaultdict[tuple[int, int], list[tuple[int, int, int]]] = defaultdict(list)
        first = -self._scenario.week_offset % 7
        for key, works in self._works.items():
            if self._scenario.associates[key[0]].work_mode is WorkMode.OFFICE:
                self._present[key] = works
                continue
            present = self._model.new_bool_var("")
            self._model.add(present <= works)
            self._present[key] = present
            if first <= key[1] < first + (self._scenario.horizon.day_count - first) // 7 * 7:
                weeks[key[0], (key[1] - first) // 7].append(key)
        dates = self._scenario.horizon.dates
        for (index, week), keys in weeks.items():
            person, start = self._scenario.associates[index], first + 7 * week
            if person.contract_start <= dates[start] and dates[start + 6] <= person.contract_end:
                self._owe(keys)

    def _owe(self, keys: Sequence[tuple[int, int, int]]) -> None:
        owed, all_days = self._office.days_per_week, self._model.new_bool_var("")
        missing = self._model.new_int_var(0, owed, "")
        here = cp_model.LinearExpr.sum([*(self._present[key] for key in keys), missing])
        self._model.add(here >= owed).only_enforce_if(~all_days)
        self._model.add(here >= sum(self._works[key] for key in keys)).only_enforce_if(all_days)
        self._cost.append(DAY_OWED * missing)

    def _add_seats(self) -> None:
        starts, types = self._scenario.shift_start_minutes, self._scenario.shift_types
        keys = sorted(self._present, key=lambda key: (int(starts[key[1], key[2]]), key))
        begin = np.array([starts[day, shift] for _, day, shift in keys], dtype=np.int64)
        end = begin + np.array([types[shift].span_minutes for _, _, shift in keys], dtype=np.int64)
        longest = int((end - begin).max(initial=0))
        rows = set()
        for moment in np.unique(begin[begin < self._scenario.horizon.total_minutes]):
            # Who is there started no longer ago than the longest shift takes.
            low, high = np.searchsorted(begin, moment - longest), np.searchsorted(begin, moment, side="right")
            rows.add(tuple(sorted(keys[number] for number in range(low, high) if end[number] > moment)))
        for there in sorted(rows):
            if len(there) > self._office.seats:
                over = self._model.new_int_var(0, len(there), "")
                self._model.add(sum(self._present[key] for key in there) <= self._office.seats + over)
                self._cost.append(NO_SEAT * over)

    def solve(self, seed: int, effort: float, seconds: float) -> Letters:
        """Return the lines that fit best, shape (associates, days); those there are where none is found in time.

        Parameters
        ----------
        effort, seconds
            Most deterministic seconds of the solver, and most seconds on the clock.
        """
        self._model.minimize(sum(self._cost))
        solver = cp_model.CpSolver()
        solver.parameters.random_seed = seed
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = effort
        solver.parameters.max_time_in_seconds = seconds
        chosen = self._letters.copy()
        if solver.solve(self._model) in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            for index, arcs in self._chosen.items():
                for day, letter, arc in arcs:
                    if solver.boolean_value(arc):
                        chosen[index, day] = letter
        return chosen
