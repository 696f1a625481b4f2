"""The integer programme of a circulation in CP-SAT: one thread, so that the same seed gives the same answer.

CP-SAT decides these small programmes of equations faster than HiGHS does (docs/adr/010-rotations.md has the figures).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from roster.rotation.circulation import Circulation
from scheduling.ports import StopSignal
from scheduling.rotation import DAYS_IN_WEEK, Counts

PRESOLVED_ARCS = 1000
"""Larger programmes are not presolved: it would take longer than the search, and make it slower (docs/adr/010-rotations.md)."""
STOP_ASKED_SECONDS = 0.05
"""How often the stop signal is asked while CP-SAT computes."""

BoundListener = Callable[[int], None]
"""Hears that no circulation has more free weekends than this."""


@dataclass(frozen=True)
class Answer:
    """What the programme says.

    Parameters
    ----------
    counts
        How many times each arc is walked, shape (arcs,); ``None`` where there is no circulation, or none was found.
    decided
        Whether it is proven: the best circulation where there is one, and otherwise that there is none.
    bound
        No circulation has more free weekends; only where they are counted.
    """

    counts: Counts | None
    decided: bool
    bound: int


class Programme:
    """How many times each arc is walked, under balance, coverage and the cuts that are added.

    Parameters
    ----------
    uncovered
        Shift types whose heads do not matter.
    nearest
        Whether other heads than those required are allowed, as few as can be; for explanations.
    """

    def __init__(
        self, circulation: Circulation, *, seed: int, uncovered: frozenset[int] = frozenset(), nearest: bool = False
    ) -> None:
        self._circulation, self._seed = circulation, seed
        problem, given = circulation.problem, circulation.given
        strict = not nearest and not uncovered and problem.exact
        most = _most_walks(circulation) if strict else np.full(len(circulation.arcs), problem.weeks)
        self._model = cp_model.CpModel()
        self._walked = [self._model.new_int_var(0, count, "") for count in most.tolist()]
        self.cuts = 0
        self._amiss: list[cp_model.IntVar] = []
        for shift in sorted(set(range(len(problem.shifts))) - uncovered):
            for day in range(DAYS_IN_WEEK):
                self._cover(self._sum(given[:, shift, day]), int(problem.requirement[shift, day]), nearest)
        if nearest:
            self._model.minimize(cp_model.LinearExpr.sum(self._amiss))
        for day in range(DAYS_IN_WEEK):
            self._model.add(self._sum(given[:, :, day].sum(axis=1)) == problem.weeks)
        for node in range(circulation.node_count):
            net = (circulation.ends[:, 0] == node).astype(np.int64) - (circulation.ends[:, 1] == node)
            if net.any():
                self._model.add(self._sum(net) == 0)

    def _cover(self, heads: cp_model.LinearExpr, needed: int, nearest: bool) -> None:
        """Ask for the heads of one shift type on one weekday; where the nearest are asked for, count those amiss."""
        if nearest:
            short, over = (self._model.new_int_var(0, self._circulation.problem.weeks, "") for _ in range(2))
            self._amiss += [short, over]
            self._model.add(heads + short - over == needed)
        else:
            self._model.add(heads == needed if self._circulation.problem.exact else heads >= needed)

    def _sum(self, weights: NDArray[np.int64]) -> cp_model.LinearExpr:
        """Return the weighted sum of the walks."""
        touched = np.flatnonzero(weights)
        chosen = [self._walked[arc] for arc in touched]
        # Coverage that cannot be had is an empty sum, so that the model says by itself that there is no circulation.
        return cp_model.LinearExpr.weighted_sum(chosen, weights[touched].tolist()) + 0

    def cut(self, inside: Sequence[bool] | NDArray[np.bool_]) -> None:
        """Let some walk lead out of a set of nodes, unless all walks stay inside or none comes there; shape (nodes,)."""
        self.cuts += 1
        starts, ends = (np.asarray(inside)[self._circulation.ends[:, side]] for side in (0, 1))
        leads_out, all_inside, none_inside = (self._model.new_bool_var("") for _ in range(3))
        self._model.add_bool_or(leads_out, all_inside, none_inside)
        for literal, arcs, least in (
            (leads_out, starts & ~ends, 1),
            (all_inside, ~starts, 0),
            (none_inside, starts, 0),
        ):
            total = self._sum(arcs.astype(np.int64))
            self._model.add(total >= least if least else total == 0).only_enforce_if(literal)

    def most_free_weekends(self, above: int | None = None) -> None:
        """Ask for as many free weekends as can be, and where some are known already, for more than those."""
        weekends = self._sum(self._circulation.free_weekends)
        if above is not None:
            self._model.add(weekends >= above + 1)
        self._model.maximize(weekends)

    def hint(self, counts: Counts) -> None:
        """Begin the search at a known circulation."""
        self._model.clear_hints()  # type: ignore[no-untyped-call]
        for variable, count in zip(self._walked, counts.tolist(), strict=True):
            self._model.add_hint(variable, count)

    def solve(self, seconds: float, stop: StopSignal, bounded: BoundListener = lambda _: None) -> Answer:
        """Return what is found in the time; `bounded` hears each time that fewer free weekends are known to be possible."""
        if stop():
            return Answer(None, decided=False, bound=0)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self._seed
        solver.parameters.max_time_in_seconds = max(0.001, seconds)
        # Equations over small numbers have little to probe, and the symmetry of these models is in the people, who are gone.
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.symmetry_level = 0
        solver.parameters.cp_model_presolve = len(self._walked) <= PRESOLVED_ARCS
        # The bound is told of every objective; without one it says nothing.
        solver.best_bound_callback = lambda bound: bounded(round(bound))
        with _stopped(solver, stop):
            status = solver.solve(self._model)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Answer(None, decided=status == cp_model.INFEASIBLE, bound=0)
        counts = np.array([solver.value(variable) for variable in self._walked], dtype=np.int64)
        return Answer(counts, decided=status == cp_model.OPTIMAL, bound=round(solver.best_objective_bound))


def _most_walks(circulation: Circulation) -> NDArray[np.int64]:
    """Return how often each arc can be walked at most: never more often than its days have heads."""
    problem, given = circulation.problem, circulation.given
    off = np.maximum(0, problem.weeks - problem.requirement.sum(axis=0))
    heads = np.vstack([problem.requirement, off])
    ratio = np.where(given > 0, heads // np.maximum(given, 1), problem.weeks)
    return np.asarray(ratio.min(axis=(1, 2), initial=problem.weeks), dtype=np.int64)


@contextmanager
def _stopped(solver: cp_model.CpSolver, stop: StopSignal) -> Iterator[None]:
    """Ask the stop signal beside the search, and end the search when it says so."""
    over = Event()

    def watch() -> None:
        while not over.wait(STOP_ASKED_SECONDS):
            if stop():
                solver.stop_search()
                return

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
