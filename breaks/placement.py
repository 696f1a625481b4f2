"""The choice of break patterns for every shift of a plan against true coverage.

One person's breaks are taken out and put back where they cost least, exactly, by dynamic programming; everybody who does not
share an interval with another is moved in the same stroke, and the loop ends when nothing improves (Akkermans, Post, Uetz,
*Solving the shift and break design problem using integer linear programming*, 2019, re-solve shifts in the same way).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breaks.duties import Duties, Taken
from breaks.policy import scenario_refusals
from breaks.pricer import PatternPricer
from breaks.window import Site, Window
from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, Split, productive_units
from scheduling.errors import PolicyError
from scheduling.plan import BreakPlan, RosterPlan
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.scenario import Scenario
from scheduling.shifts import BreakPolicy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNEVENNESS_WEIGHT = 1e-5
"""Weight of the squared distance of a work stretch from the mean, in slots: decides between patterns that cover the same."""


@dataclass(frozen=True)
class PlacementParams:
    """When the loop ends.

    Parameters
    ----------
    max_sweeps
        Most times that every shift is solved again.
    least_gain
        A sweep that lowers the cost by a smaller share than this is the last.
    """

    max_sweeps: int = 12
    least_gain: float = 5e-4

    def __post_init__(self) -> None:
        """Refuse numbers below zero, all at once."""
        wrong = []
        if self.max_sweeps < 0:
            wrong.append(f"max_sweeps must be a whole number of 0 or more, not {self.max_sweeps}.")
        if not self.least_gain >= 0:
            wrong.append(f"least_gain must be a share of 0 or more, not {self.least_gain}.")
        if wrong:
            raise ValueError(" ".join(wrong))


@dataclass(frozen=True)
class Placement:
    """Breaks and what they cost.

    Parameters
    ----------
    cost_before, cost_after
        Weighted head-hours of shortage and surplus with the initial breaks and with the result; never more after than before.
    sweeps
        Weighted head-hours after each sweep.
    """

    breaks: BreakPlan
    cost_before: float
    cost_after: float
    sweeps: tuple[float, ...]


def place_breaks(
    scenario: Scenario,
    plan: RosterPlan,
    *,
    seed: int,
    initial: BreakPlan | None = None,
    cost: CoverageCost | None = None,
    params: PlacementParams | None = None,
    stop: StopSignal = lambda: False,
    progress: ProgressListener = lambda _: None,
) -> Placement:
    """Choose the breaks of every shift of a plan.

    Parameters
    ----------
    seed
        Decides the order in which shifts are solved, and the first breaks when there is no `initial` plan.
    initial
        Legal breaks to start from; the result costs no more.
    stop
        Asked between rounds of shifts; the result is then the best so far.

    Raises
    ------
    PolicyError
        When the shift types cannot keep the break policy, with every reason; when `initial` does not fit plan or policy.
    """
    reasons = scenario_refusals(scenario)
    if reasons:
        raise PolicyError("\n".join(reasons))
    search = _Search(scenario, plan, cost or CoverageCost(), np.random.default_rng(seed))
    taken = search.scattered() if initial is None else Taken.of(scenario, search.duties, initial)
    first = search.begin(taken)
    before, best, sweeps = search.cost(), taken.copy(), [search.cost()]
    settings = params or PlacementParams()
    for sweep in range(settings.max_sweeps):
        if stop() or not len(search.duties):
            break
        share = sweep / settings.max_sweeps
        progress(Progress("breaks", share, sweeps[-1]))
        search.sweep(first, stop)
        sweeps.append(search.cost())
        if sweeps[-1] < min(sweeps[:-1]):
            best = first.copy()
        if sweeps[-2] - sweeps[-1] < settings.least_gain * max(sweeps[-1], 1e-9):
            break
    progress(Progress("breaks", 1.0, min(sweeps)))
    return Placement(best.plan(scenario, search.duties), before, min(sweeps), tuple(sweeps[1:]))


class _Search:
    """The state of the loop: the duties, their breaks and the coverage they leave."""

    def __init__(self, scenario: Scenario, plan: RosterPlan, cost: CoverageCost, rng: np.random.Generator) -> None:
        self._scenario, self._plan, self._rng = scenario, plan, rng
        self._groups = SkillGroups.of(scenario)
        self.duties = Duties.of(scenario, self._groups, plan)
        policy = scenario.break_policy
        per_interval = scenario.horizon.interval_minutes // policy.grid_minutes
        self._site = Site(scenario.requirement.heads, per_interval, self._groups.allowed, cost)
        self._lengths = np.array([kind.minutes // policy.grid_minutes for kind in policy.breaks], dtype=np.int64)
        unproductive = np.array([not kind.productive for kind in policy.breaks], dtype=bool)
        self._away = np.where(unproductive, self._lengths, 0)
        self._unevenness = {
            int(slots): unevenness(policy, int(slots) * policy.grid_minutes) for slots in np.unique(self.duties.slots)
        }
        self._pricers = {
            slots: PatternPricer(policy, slots * policy.grid_minutes, losses) for slots, losses in self._unevenness.items()
        }

    def scattered(self) -> Taken:
        """Return legal breaks that lie as if drawn at random, so that the first coverage is that of the expected profile."""
        kinds = len(self._lengths)
        breaks = sum(kind.count for kind in self._scenario.break_policy.breaks)
        taken = Taken(*(np.zeros((len(self.duties), breaks), dtype=np.int64) for _ in range(2)))
        for slots, pricer in self._pricers.items():
            members = np.flatnonzero(self.duties.slots == slots)
            for part in np.array_split(members, -(-len(members) // 4096)):
                noise = self._rng.random((kinds, len(part), slots))
                _, taken.kinds[part], taken.starts[part] = pricer.best_starts(noise)
        return taken

    def begin(self, taken: Taken) -> Taken:
        """Count the coverage of these breaks from scratch; return a copy to work on."""
        units = productive_units(self._scenario, self._groups, self._plan, taken.plan(self._scenario, self.duties))
        site = self._site
        self._split = Split(site.allowed, site.required, site.slots_per_interval, site.cost, units)
        return taken.copy()

    def cost(self) -> float:
        """Return the weighted head-hours of shortage and surplus."""
        hours = self._scenario.horizon.interval_minutes / 60
        return float(self._site.cost.of(self._split.heads, self._site.required).sum() * hours)

    def sweep(self, taken: Taken, stop: Callable[[], bool]) -> None:
        """Solve every duty once more, in a random order."""
        rounds = self.duties.rounds(self._site.slots_per_interval, self._rng)
        for number in self._rng.permutation(len(rounds)):
            if stop():
                return
            self._solve(rounds[number], taken)

    def _solve(self, members: Ints, taken: Taken) -> None:
        """Give the duties of one round their best breaks, each kept only when it lowers the potential."""
        window = Window(self._site, self._split, self.duties, members)
        kinds, starts = taken.kinds[members], taken.starts[members]
        before = window.potentials() + self._uneven(members, kinds, starts)
        window.put_back(window.away(self._away, kinds, starts))
        new_kinds, new_starts = self._best(window, members)
        window.take(window.away(self._away, new_kinds, new_starts))
        worse = window.potentials() + self._uneven(members, new_kinds, new_starts) > before - 1e-10
        window.restore(worse)
        better = members[~worse]
        taken.kinds[better], taken.starts[better] = new_kinds[~worse], new_starts[~worse]

    def _best(self, window: Window, members: Ints) -> tuple[Ints, Ints]:
        losses = window.losses_of_units()
        slots = self.duties.slots[members]
        by_start = window.starts(np.minimum(losses, 1e9), self._away, int(slots.max()))
        breaks = sum(kind.count for kind in self._scenario.break_policy.breaks)
        kinds, starts = (np.zeros((len(members), breaks), dtype=np.int64) for _ in range(2))
        for length in np.unique(slots).tolist():
            part = np.flatnonzero(slots == length)
            _, kinds[part], starts[part] = self._pricers[length].best_starts(by_start[:, part, :length])
        return kinds, starts

    def _uneven(self, members: Ints, kinds: Ints, starts: Ints) -> Floats:
        """Return the loss by uneven work stretches of each duty, shape (members,)."""
        slots = self.duties.slots[members]
        begin = np.concatenate([starts, slots[:, None]], axis=1)
        end = np.concatenate([np.zeros((len(members), 1), dtype=np.int64), starts + self._lengths[kinds]], axis=1)
        loss = np.zeros(len(members))
        for length, table in self._unevenness.items():
            part = slots == length
            loss[part] = table[(begin - end)[part]].sum(axis=1)
        return loss


def unevenness(policy: BreakPolicy, span_minutes: int) -> Floats:
    """Return the small loss of a work stretch of each number of grid slots, shape (slots + 1,)."""
    grid = policy.grid_minutes
    work = span_minutes - sum(kind.count * kind.minutes for kind in policy.breaks)
    mean = work / grid / (sum(kind.count for kind in policy.breaks) + 1)
    return np.asarray(UNEVENNESS_WEIGHT * np.square(np.arange(span_minutes // grid + 1) - mean), dtype=np.float64)
