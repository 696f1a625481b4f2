"""The search for a roster: lines on ever finer blocks, then with their breaks on the true intervals.

Quarter hours only distract while days off are sought, so everybody answers first on blocks of 8 hours, then on blocks of 4, 2
and 1. On the true intervals the polisher mends the breaks, which blocks can't see; then everybody answers again, a few at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from roster.carry import carried_units
from roster.improve import Watch, construct, ruin_and_recreate, sweep
from roster.line_table import LineTable
from roster.problem import Problem
from roster.prove import Proof
from roster.run import Run, SolveParams
from roster.workbench import Workbench
from scheduling.plan import NOWHERE, BreakPattern, RosterPlan
from scheduling.ports import BreakPolisher, BreakPricer, StopSignal
from scheduling.scenario import Scenario

TELL_EVERY_EFFORT = 50_000.0
LEAST_POLISH_ROUNDS = 20


@dataclass
class Search:
    """One search; what its steps share.

    Parameters
    ----------
    carried
        Breaks of the shifts carried over from before the horizon, by associate.
    run, proof
        The clock and the proof beside the search, which goes on whenever it is asked how far it is.
    """

    problem: Problem
    pricers: Mapping[int, BreakPricer]
    params: SolveParams
    carried: Mapping[int, BreakPattern]
    rng: np.random.Generator
    run: Run
    proof: Proof

    def __post_init__(self) -> None:
        """Lay the lines out, and count the effort that there is."""
        self._table = LineTable(self.problem)
        share = 1.0 if self.proof.beside else 1.0 - self.params.proof_share
        self._budget = self.run.seconds * self.params.effort_per_second * share

    def roster(self, polisher: BreakPolisher | None, warm_start: RosterPlan | None) -> Workbench:
        """Return the best roster found.

        A roster to begin with is improved on the true intervals alone, for blocks would take it apart.
        """
        former = self._on_blocks() if warm_start is None else None
        bench = self._bench(self.problem.scenario)
        if former is not None:
            bench.take(former)
        else:
            if warm_start is not None:
                bench.begin_with(warm_start.values)
            # Where clocks change in the horizon it may not be a whole number of blocks.
            self._answer(bench, "lines", self.params.sweep_shares[0], self.params.ruin_shares[0])
        if polisher is None:
            self._answer(bench, "lines with breaks", self.params.sweep_shares[1], self.params.ruin_shares[1])
        else:
            self._with_breaks(bench, polisher)
        return bench

    def _bench(self, scenario: Scenario) -> Workbench:
        carried = carried_units(scenario, self.problem.groups, self.carried)
        return Workbench(self.problem, scenario, self.pricers, self.params.cost, carried, self._table)

    def _on_blocks(self) -> Workbench | None:
        """Return everybody's lines on the finest blocks, ``None`` where the horizon is no whole number of blocks."""
        params = self.params
        bench: Workbench | None = None
        asked = (in_blocks(self.problem.scenario, minutes) for minutes in params.block_minutes)
        scales = [blocks for blocks in asked if blocks is not None]
        for number, blocks in enumerate(scales, start=1):
            former, bench = bench, self._bench(blocks)
            if former is not None:
                bench.take(former)
            # Where there is not effort enough for everybody to answer often, every length of blocks has its part of it.
            last = number == len(scales)
            self._answer(bench, "lines", params.sweep_shares[0] * number / len(scales), params.ruin_shares[0] if last else 0.0)
        return bench

    def _answer(self, bench: Workbench, phase: str, sweep_share: float, ruin_share: float) -> None:
        """Let everybody answer, and go on a few at a time; each until a share of the budget is spent."""
        watch = self._watch(bench, sweep_share, phase)
        construct(bench, self.rng, watch)
        sweep(bench, self.rng, self.params.improve, watch)
        ruin_and_recreate(bench, self.rng, self.params.improve, self._watch(bench, ruin_share, phase))

    def _with_breaks(self, bench: Workbench, polisher: BreakPolisher) -> None:
        """Polish breaks, let everybody answer, polish again; then in turn ruin and recreate, and polish."""
        params, days = self.params, self.problem.scenario.horizon.day_count
        rounds = [max(LEAST_POLISH_ROUNDS, int(each * self.run.seconds / days)) for each in params.polish_days_per_second]
        # What the breaks of blocks cost on the true intervals would only alarm whoever watches.
        self.run.tell("breaks", None)
        # Breaks that only suit blocks of an hour leave a tenth of the work uncovered, so this polish is done even after a stop.
        self._polish(bench, polisher, rounds[0], lambda: False)
        self._answer(bench, "lines with breaks", params.sweep_shares[1], 0.0)
        self.run.tell("breaks", bench.objective)
        self._polish(bench, polisher, rounds[1], self.run.over)
        share = bench.effort / self._budget
        for part in range(1, params.ruin_parts + 1):
            watch = self._watch(bench, share + (params.ruin_shares[1] - share) * part / params.ruin_parts, "lines with breaks")
            if watch():
                break
            ruin_and_recreate(bench, self.rng, params.improve, watch)
            self._polish(bench, polisher, rounds[2], self.run.over)

    def _polish(self, bench: Workbench, polisher: BreakPolisher, rounds: int, stop: StopSignal) -> None:
        """Polish the breaks of the lines on the bench; those of the shifts carried over stay, for the bench counts on them."""

        def asked() -> bool:
            self.proof.collect()
            return stop()

        lines = bench.lines()
        plan = RosterPlan(lines, np.full(lines.shape, NOWHERE, dtype=np.int8))
        bench.take_breaks(polisher(plan, bench.breaks(self.carried), rounds, asked))

    def _watch(self, bench: Workbench, share: float, phase: str) -> Watch:
        """Return a watch that tells of the search now and then, and ends it after a share of the effort or of the time."""
        told, run = bench.effort, self.run

        def watch() -> bool:
            nonlocal told
            if bench.effort - told >= TELL_EVERY_EFFORT:
                told = bench.effort
                objective = bench.objective if all(bench.work) else None
                run.bound = self.proof.collect()
                run.tell(phase, objective)
            # The clock leaves half of the rest to a busy machine, so that the effort decides wherever it can.
            return bench.effort >= share * self._budget or run.over((1 + share) / 2)

        return watch


def in_blocks(scenario: Scenario, block_minutes: int) -> Scenario | None:
    """Return the scenario with its requirement averaged over blocks, ``None`` when its intervals are as long as that."""
    horizon = scenario.horizon
    if horizon.interval_minutes >= block_minutes or horizon.total_minutes % block_minutes:
        return None
    heads = scenario.requirement.heads
    mean = heads.reshape(-1, block_minutes // horizon.interval_minutes, heads.shape[1]).mean(axis=1)
    return replace(
        scenario,
        horizon=replace(horizon, interval_minutes=block_minutes),
        requirement=replace(scenario.requirement, heads=mean),
    )
