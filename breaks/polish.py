"""Ruin and recreate of break patterns: the breaks of people who work together are taken out at once and put back one by one.

Moving one person at a time ends where nobody alone can do better. Here the breaks of several people around an instant are
taken out, put back in a random order, each at least cost against all others, and the result is kept when it costs no more
(Schrimpf, Schneider, Stamm-Wilbrandt, Dueck, *Record breaking optimization results using the ruin and recreate principle*,
2000; Akkermans, Post, Uetz, 2019, for shifts with breaks). Instants two shifts apart do not disturb one another, so all of
them over the whole horizon are worked on in the same strokes, and each is accepted or refused for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from breaks.balance import Balance, bounding_sets
from breaks.duties import Duties, Taken
from breaks.placement import Placement, place_breaks
from breaks.policy import scenario_refusals
from breaks.pricer import PatternPricer
from breaks.strokes import BreakStrokes
from breaks.window import Site
from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, Split, productive_units
from scheduling.errors import PolicyError
from scheduling.plan import BreakPlan, RosterPlan
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

RUIN_SIZES = (3, 6)
"""Least and most people around an instant whose breaks are taken out at once."""

ROUNDS_PER_LOOK = 25
"""Rounds between two looks at the cost."""

MOST_SETS = 256
"""With more sets of skills than this to balance, single people are moved instead."""


def polish_breaks(
    scenario: Scenario,
    plan: RosterPlan,
    breaks: BreakPlan,
    *,
    seed: int,
    rounds: int,
    stop: StopSignal | None = None,
    cost: CoverageCost | None = None,
    progress: ProgressListener | None = None,
    least_gain: float = 2e-5,
) -> Placement:
    """Improve the breaks of a plan by ruin and recreate.

    Parameters
    ----------
    breaks
        Legal breaks to start from; the result costs no more.
    seed
        Decides who is taken out and in which order they are put back.
    rounds
        Most rounds; a round works once on instants two shifts apart over the whole horizon.
    stop
        Asked before each round; the result is then the best so far.
    least_gain
        When `ROUNDS_PER_LOOK` rounds lower the cost by a smaller share than this, they are the last.

    Returns
    -------
    The breaks; `sweeps` has the weighted head-hours after every `ROUNDS_PER_LOOK` rounds.

    Raises
    ------
    PolicyError
        When the shift types cannot keep the break policy, with every reason; when `breaks` does not fit plan or policy.
    ValueError
        When `rounds` or `least_gain` is below zero.
    """
    reasons = scenario_refusals(scenario)
    if reasons:
        raise PolicyError("\n".join(reasons))
    if rounds < 0 or not least_gain >= 0:
        raise ValueError(f"Neither rounds ({rounds}) nor least_gain ({least_gain}) may be below 0.")
    weights, stops, tell = cost or CoverageCost(), stop or (lambda: False), progress or (lambda _: None)
    groups = SkillGroups.of(scenario)
    sets = bounding_sets(groups.allowed, MOST_SETS)
    if sets is None:
        return place_breaks(scenario, plan, seed=seed, initial=breaks, cost=weights, stop=stops, progress=tell)
    work = _Polisher(scenario, plan, breaks, _site(scenario, groups, weights), groups, sets, np.random.default_rng(seed))
    before = work.cost(breaks)
    looks = work.run(before, rounds, stops, tell, least_gain)
    polished = work.plan()
    after = work.cost(polished)
    tell(Progress("breaks", 1.0, min(before, after)))
    # The balance spreads slack evenly too; should that have cost coverage, the start is returned.
    return Placement(polished if after <= before else breaks, before, min(before, after), looks)


def _site(scenario: Scenario, groups: SkillGroups, cost: CoverageCost) -> Site:
    per_interval = scenario.horizon.interval_minutes // scenario.break_policy.grid_minutes
    return Site(scenario.requirement.heads, per_interval, groups.allowed, cost)


def distinct_draws(rng: np.random.Generator, counts: Ints, size: int) -> Ints:
    """Return different numbers below each count, in random order (Bentley and Floyd, *A sample of brilliance*, CACM 30(9), 1987).

    Returns
    -------
    Shape (size, counts); where a count is smaller than `size` all its numbers are drawn, and -1 stands for the rest.
    """
    drawn = np.full((size, len(counts)), -1, dtype=np.int64)
    for number in range(size):
        top = counts - size + number
        value = np.floor(rng.random(len(counts)) * (top + 1)).astype(np.int64)
        again = (drawn[:number] == value).any(axis=0)
        drawn[number] = np.where(top < 0, -1, np.where(again, top, value))
    return rng.permuted(drawn, axis=0)


@dataclass(frozen=True)
class _Batch:
    """The duties of one round.

    Parameters
    ----------
    duties
        The first of every instant, then the second of every instant, and so on, shape (members,).
    instant
        Index of the instant that each belongs to, in rising order at each position, shape (members,).
    ends
        Bounds of the firsts, the seconds and so on, shape (positions + 1,).
    rows
        Intervals that the duties of each instant may touch, shape (instants, intervals).
    """

    duties: Ints
    instant: Ints
    ends: Ints
    rows: Ints

    @property
    def positions(self) -> list[slice]:
        """The members that are put back in the same stroke; no two touch the same interval."""
        return [slice(first, end) for first, end in pairwise(self.ends.tolist())]

    def total(self, values: Floats, where: slice | Ints) -> Floats:
        """Return the sum of the values of some members by instant, shape (instants,)."""
        return np.asarray(np.bincount(self.instant[where], weights=values, minlength=len(self.rows)), dtype=np.float64)


class _Polisher:
    """The state of the loop: the duties, their breaks and the heads they leave."""

    def __init__(
        self,
        scenario: Scenario,
        plan: RosterPlan,
        breaks: BreakPlan,
        site: Site,
        groups: SkillGroups,
        sets: Bools,
        rng: np.random.Generator,
    ) -> None:
        self._scenario, self._plan, self._site, self._groups, self._rng = scenario, plan, site, groups, rng
        self._duties = duties = Duties.of(scenario, groups, plan)
        self._taken = Taken.of(scenario, duties, breaks)
        policy, scale = scenario.break_policy, site.slots_per_interval
        first, last = duties.first_slot // scale, (duties.first_slot + duties.slots - 1) // scale
        self._width = int((last - first).max(initial=0)) + 1
        margin = 2 * self._width
        self._first_row, self._last_row, self._lead = first + margin, last + margin, duties.first_slot - first * scale
        away = [0 if kind.productive else kind.minutes // policy.grid_minutes for kind in policy.breaks]
        self._strokes = BreakStrokes(np.array(away, dtype=np.int64), scale, self._width)
        self._pricers = {int(slots): PatternPricer(policy, int(slots) * policy.grid_minutes) for slots in np.unique(duties.slots)}
        useful: Bools = np.asarray(groups.allowed.any(axis=1), dtype=bool)
        eligible = np.flatnonzero(useful[duties.group])
        self._eligible = eligible[np.argsort(self._first_row[eligible], kind="stable")]
        self._starts, self._latest = self._first_row[self._eligible], int(self._last_row[eligible].max(initial=0))
        self._balance = Balance(site, sets, productive_units(scenario, groups, plan, breaks), margin)

    def plan(self) -> BreakPlan:
        """Return the breaks as they are now."""
        return self._taken.plan(self._scenario, self._duties)

    def cost(self, breaks: BreakPlan) -> float:
        """Return the weighted head-hours of shortage and surplus of a break plan, counted from scratch."""
        site = self._site
        units = productive_units(self._scenario, self._groups, self._plan, breaks)
        return self._hours(Split(site.allowed, site.required, site.slots_per_interval, site.cost, units).heads)

    def _hours(self, heads: Floats) -> float:
        return float(self._site.cost.of(heads, self._site.required).sum() * self._scenario.horizon.interval_minutes / 60)

    def run(
        self, cost: float, rounds: int, stop: StopSignal, tell: ProgressListener, least_gain: float
    ) -> tuple[float, ...]:  # fmt: skip
        """Do rounds from a cost on while they gain; return the cost at each look."""
        costs = [cost]
        for number in range(1, rounds + 1):
            if stop() or not self.round():
                break
            if number % ROUNDS_PER_LOOK == 0:
                costs.append(self._hours(self._balance.heads))
                tell(Progress("breaks", number / rounds, costs[-1]))
                if costs[-2] - costs[-1] < least_gain * max(costs[-1], 1e-9):
                    break
        return tuple(costs[1:])

    def round(self) -> bool:
        """Ruin and recreate around instants two shifts apart; return whether anybody can be moved at all."""
        if not len(self._eligible):
            return False
        batch = self._draw()
        if batch is None:
            return True
        kinds, starts = self._taken.kinds[batch.duties], self._taken.starts[batch.duties]
        saved = self._balance.saved(batch.rows)
        change = self._ruin(batch, kinds, starts)
        change += self._recreate(batch, kinds, starts)
        kept = np.asarray(change <= 1e-9, dtype=bool)
        self._balance.restore(batch.rows, saved, ~kept)
        keeping = kept[batch.instant]
        self._taken.kinds[batch.duties[keeping]] = kinds[keeping]
        self._taken.starts[batch.duties[keeping]] = starts[keeping]
        return True

    def _draw(self) -> _Batch | None:
        """Return some of the people at work at each of a row of instants, in a random order; ``None`` when nobody is."""
        step = 2 * self._width - 1
        phase = int(self._rng.integers(step))
        size = int(self._rng.integers(RUIN_SIZES[0], RUIN_SIZES[1] + 1))
        instants = np.arange(phase, self._latest + 1, step)
        # Whoever is at work at an instant started less than the longest shift before it: one stretch in the order of starts.
        low, high = (np.searchsorted(self._starts, instants - back, side="right") for back in (self._width, 0))
        instants, low, high = (one[high > low] for one in (instants, low, high))
        drawn = distinct_draws(self._rng, high - low, size)
        position, instant = np.nonzero(drawn >= 0)
        duties = self._eligible[low[instant] + drawn[position, instant]]
        present = self._last_row[duties] >= instants[instant]
        position, instant, duties = position[present], instant[present], duties[present]
        if not len(duties):
            return None
        ends = np.flatnonzero(np.diff(position, prepend=-1, append=size))
        rows = instants[:, None] + np.arange(1 - self._width, self._width)
        return _Batch(duties, instant, ends, rows)

    def _ruin(self, batch: _Batch, kinds: Ints, starts: Ints) -> Floats:
        """Take all breaks of the batch out; return the change of cost around each instant, shape (instants,)."""
        away = self._strokes.away(self._lead[batch.duties], kinds, starts)
        group = self._duties.group[batch.duties]
        change = np.zeros(len(batch.rows))
        for where in batch.positions:
            for number in range(self._site.slots_per_interval):
                member, interval = np.nonzero(away[where] > number)
                member += where.start
                rows = self._first_row[batch.duties[member]] + interval
                change += batch.total(self._balance.come(rows, group[member]), member)
        return change

    def _recreate(self, batch: _Batch, kinds: Ints, starts: Ints) -> Floats:
        """Put breaks back at least cost, one person of each instant after the other; as `_ruin`, `kinds` and `starts` change."""
        change = np.zeros(len(batch.rows))
        for where in batch.positions:
            duties = batch.duties[where]
            rows, group = self._first_row[duties][:, None] + np.arange(self._width), self._duties.group[duties]
            losses, skills = self._balance.leaving(rows, group)
            kinds[where], starts[where] = self._best(duties, losses)
            away = self._strokes.away(self._lead[duties], kinds[where], starts[where])
            for number in range(self._site.slots_per_interval):
                member, interval = np.nonzero(away > number)
                self._balance.leave(rows[member, interval], group[member], skills[number, member, interval])
            lost = np.take_along_axis(losses, away[None], axis=0)[0].sum(axis=1)
            change += batch.total(lost, where)
        return change

    def _best(self, duties: Ints, losses: Floats) -> tuple[Ints, Ints]:
        """Return kinds and starts of the cheapest breaks of each duty, shape (duties, breaks)."""
        slots = self._duties.slots[duties]
        by_start = self._strokes.starts(losses, self._lead[duties], int(slots.max()))
        lengths = np.flatnonzero(np.bincount(slots)).tolist()
        if len(lengths) == 1:
            _, kinds, starts = self._pricers[lengths[0]].best_starts(by_start)
            return kinds, starts
        kinds, starts = np.zeros((2, len(duties), self._taken.kinds.shape[1]), dtype=np.int64)
        for length in lengths:
            part = np.flatnonzero(slots == length)
            _, kinds[part], starts[part] = self._pricers[length].best_starts(by_start[:, part, :length])
        return kinds, starts
