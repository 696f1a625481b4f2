"""Least change: mend a standing roster by changing as few days of as few associates as pays.

Each changed day costs head-hours (`AmendParams.changed_day_cost`), so a change happens only where it gains more coverage than
that, and of two ways to gain the same the one that disturbs less wins. Days inside the notice period, and whatever else is not
free, cannot change at all. The search begins with the roster as it stands and asks only those who have to change, and those to
whom a change of one shift or day off could be worth its price.

A best response is exact (`roster.workbench`), and an unchanged line is among the answers, so a change that no longer pays is
taken back whenever its associate is asked again (Legrain, Omer, Rosat 2017, repair rosters in this way with a neighbourhood
search around the incumbent).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roster.lines import best_line, line_cost
from roster.problem import Person
from roster.run import Run
from roster.setting import line_choices
from roster.standing import Bools, Letters, Standing
from roster.workbench import Workbench
from scheduling.plan import NONE, BreakPattern, BreakPlan, RosterPlan
from scheduling.ports import ProgressListener, StopSignal

LEAST_GAIN = 1e-6
"""An answer that gains less, in head-hours, changes nothing."""


@dataclass(frozen=True)
class AmendParams:
    """How much a change must gain, and how widely to look for it.

    Parameters
    ----------
    changed_day_cost
        Head-hours that each changed day of an associate costs.
    most_candidates
        Associates who are asked although they do not have to change: those to whom a change could be worth most.
    joint_answers
        Times that two to four of those asked give up their work together and answer one after the other.
    """

    changed_day_cost: float = 2.0
    most_candidates: int = 160
    joint_answers: int = 20


@dataclass(frozen=True)
class Amended:
    """A roster after the least change.

    Parameters
    ----------
    values
        Day values, shape (associates, days).
    asked
        Associates who were asked to answer again, by index.
    clashing
        Those whose facts and rules leave no line, by index; they got the one that breaks fewest.
    """

    values: NDArray[np.int16]
    breaks: BreakPlan
    asked: tuple[int, ...]
    clashing: tuple[int, ...]


def amend_roster(
    standing: Standing,
    free: Bools,
    *,
    seed: int,
    seconds: float,
    stop: StopSignal,
    progress: ProgressListener,
    params: AmendParams | None = None,
) -> Amended:
    """Return the roster with the least change that keeps the hard rules and pays.

    Parameters
    ----------
    free
        Days that may change, shape (associates, days). A day that is not free changes only where a fact of today (leave, the
        contract, a lock) forbids what stands there.
    """
    params, run = params or AmendParams(), Run(seconds, stop, progress)
    run.tell("looking who has to change", None)
    must = [index for index in np.flatnonzero(_touched(standing, free)).tolist() if _is_broken(standing, index)]
    asked = [*must, *_candidates(standing, free, must, params)]
    search = _Search(standing, free, asked, len(must), params, run)
    search.settle()
    search.improve(np.random.default_rng(seed))
    return search.result()


def _touched(standing: Standing, free: Bools) -> NDArray[np.bool_]:
    """Return who may change: by a free day, or by a fact that forbids what stands, shape (associates,)."""
    touched: Bools = np.array(free.any(axis=1))
    for index in np.flatnonzero(~touched):
        touched[index] = standing.forbidden_days(int(index)).any()
    return touched


def _is_broken(standing: Standing, index: int) -> bool:
    return standing.verdict(index, standing.plan.values[index]).broken > 0


def _candidates(standing: Standing, free: Bools, must: Sequence[int], params: AmendParams) -> list[int]:
    """Return who could gain by a change, those with most to gain first.

    The estimate takes the best day to work more on, or the best other shift, and the cheapest day to give up for it.
    """
    worths, lines = standing.worths(standing.supply_without(must)), standing.plan.values
    gains = np.full(len(lines), -np.inf)
    days = np.arange(lines.shape[1])
    for index in sorted(set(np.flatnonzero(free.any(axis=1)).tolist()) - set(must)):
        line = lines[index]
        choices = line_choices(standing.scenario, standing.scenario.associates[index])
        shifts = sorted({shift for choice in choices for shift in choice.shifts})
        values = worths.values(int(standing.groups.of_associate[index]), line)
        now = np.where(line >= 0, values[days, np.maximum(line, 0)], 0.0)
        open_days = free[index] & (line > NONE)
        up = (values[:, shifts].max(axis=1) - now)[open_days].max(initial=-np.inf)
        down = (-now)[open_days & (line >= 0)].max(initial=0.0 if (line < 0).all() else -np.inf)
        gains[index] = max(up + min(down, 0.0), down)
    order = np.argsort(-gains, kind="stable")[: params.most_candidates]
    return [int(index) for index in order if gains[index] > params.changed_day_cost]


def line_wishes(person: Person, letters: Letters) -> float:
    """Return what the wishes cost that a line of an associate refuses, and the rules that it breaks."""
    padded = np.full(len(person.graphs[0]), NONE, dtype=np.int16)
    padded[: len(letters)] = letters
    return min(line_cost(graph, padded) for graph in person.graphs)


class _Search:
    """The associates asked, on a bench of their own."""

    def __init__(
        self, standing: Standing, free: Bools, asked: Sequence[int], must: int, params: AmendParams, run: Run
    ) -> None:  # fmt: skip
        self._standing, self._rows, self._must, self._params, self._run = standing, list(asked), must, params, run
        people = []
        for row in self._rows:
            people.append(standing.person(row, free[row], params.changed_day_cost))
            run.tell("compiling the rules of those asked", None)
        self._bench: Workbench = standing.bench(self._rows, people)
        self._old = [standing.patterns(row) for row in self._rows]

    def settle(self) -> None:
        """Give everybody the days they have, and those who cannot keep them the nearest line."""
        standing, bench = self._standing, self._bench
        for place in range(self._must, len(self._rows)):
            row = self._rows[place]
            bench.hold(place, standing.plan.values[row], self._old[place])
        choices = [len(bench.problem.people[place].graphs) for place in range(self._must)]
        for place in np.argsort(np.array(choices, dtype=np.int64), kind="stable").tolist():
            self._respond(place)
        self._tell()

    def improve(self, rng: np.random.Generator) -> None:
        """Ask those who could gain, most promising first, until nobody does; then some of them together."""
        gained = True
        while gained and not self._run.over():
            gained = False
            for place in self._promising():
                gained |= self._answer([place])
                self._tell()
                if self._run.over():
                    return
        count = len(self._rows)
        for _ in range(self._params.joint_answers if count > 1 else 0):
            if self._run.over():
                return
            size = min(count, int(rng.integers(2, 5)))
            self._answer([int(place) for place in rng.choice(count, size, replace=False)])
            self._tell()

    def _promising(self) -> list[int]:
        """Return whose best line seems better than the present one, by place, those that gain most first.

        What a line is worth is estimated day by day on the board as it is, which costs a tenth of a whole answer.
        """
        bench, standing = self._bench, self._standing
        worths = standing.worths(standing.supply_of(bench))
        gains = np.zeros(len(self._rows))
        for place, (person, work) in enumerate(zip(bench.problem.people, bench.work, strict=True)):
            if work is None:
                continue
            letters = work.letters
            values = np.zeros((len(person.graphs[0]), person.day_costs.shape[1]))
            values[: len(letters)] -= person.day_costs
            shifts = worths.values(person.group, letters)
            values[: len(letters), : shifts.shape[1]] += shifts
            now = float(values[np.arange(len(letters)), letters].sum()) - line_wishes(person, letters)
            gains[place] = max(best_line(graph, values)[0] for graph in person.graphs) - now
        return [int(place) for place in np.argsort(-gains, kind="stable") if gains[place] > LEAST_GAIN]

    def _answer(self, places: Sequence[int]) -> bool:
        """Let some answer again, one after the other; return whether that gained anything, else nothing changes."""
        bench = self._bench
        before, objective = [bench.work[place] for place in places], bench.objective
        for place in places:
            bench.remove(place)
        for place in places:
            self._respond(place)
        if bench.objective < objective - LEAST_GAIN:
            return True
        bench.restore(places, before)
        return False

    def _respond(self, place: int) -> None:
        """Give the best line; days that stay as they are keep their breaks."""
        bench, standing = self._bench, self._standing
        bench.respond(place)
        work = bench.work[place]
        if work is None:
            return
        same = np.flatnonzero(work.letters == standing.plan.values[self._rows[place]]).tolist()
        kept = {day: self._old[place][day] for day in same if day in self._old[place]}
        patterns = bench.patterns_of(place)
        bench.remove(place)
        bench.hold(place, work.letters, {**patterns, **kept})

    def _tell(self) -> None:
        self._run.tell("mending with the least change", self._bench.objective)

    def result(self) -> Amended:
        """Return the whole roster with the answers put into it."""
        standing, values = self._standing, self._standing.plan.values.copy()
        patterns: dict[tuple[int, int], BreakPattern] = {}
        for place, row in enumerate(self._rows):
            work = self._bench.work[place]
            if work is not None:
                values[row] = work.letters
                patterns |= {(row, day): pattern for day, pattern in self._bench.patterns_of(place).items()}
        clashing = tuple(row for row, person in zip(self._rows, self._bench.problem.people, strict=True) if person.relaxed)
        return Amended(values, _with_patterns(standing.breaks, self._rows, patterns), tuple(self._rows), clashing)


def _with_patterns(
    breaks: BreakPlan, rows: Sequence[int], patterns: Mapping[tuple[int, int], BreakPattern]
) -> BreakPlan:  # fmt: skip
    """Return the break plan with the patterns of some rows replaced."""
    everything = dict(patterns)
    replaced = set(rows)
    for row, day in np.argwhere(breaks.assigned >= 0).tolist():
        if row not in replaced:
            everything[row, day] = breaks.patterns[breaks.assigned[row, day]]
    for row in np.flatnonzero(breaks.carried >= 0).tolist():
        everything[row, -1] = breaks.patterns[breaks.carried[row]]
    return BreakPlan.of(everything, *breaks.assigned.shape)


def changed_days(before: RosterPlan, values: NDArray[np.int16]) -> int:
    """Return on how many days of associates a roster differs from the one that stood, days new to it apart."""
    return int(((before.values != values) & (before.values != NONE)).sum())
