"""The rule automaton: the sequence rules of a site as one automaton, unfolded over the days of one associate.

Each sequence rule brings a small machine (`Machine`). Their product is explored only where it can be reached with the letters
that an associate may have on each day; its states remember just enough of the past to judge the next day. A line of an
associate is a walk through the unfolded graph, so a best line is a shortest path (Strandmark, Qu, Curtois, "First-order linear
programming in a column generation based heuristic approach to the nurse rostering problem", C&OR 2020).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

State = Hashable
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DayKind:
    """What a machine may know of a day: days of one kind share their transitions.

    Parameters
    ----------
    week_position
        0 for the first day of the week, 6 for the last.
    past
        Whether the day lies before the horizon, where nothing can be mended any more.
    last
        Whether the horizon ends with the day, so that what it owes is due.
    succession
        Codes of forbidden or unwished successions, one byte for each (gap, earlier shift, later shift); see
        `roster.successions`.
    """

    week_position: int
    succession: bytes = b""
    past: bool = False
    last: bool = False

    @property
    def ends_week(self) -> bool:
        """Whether the week ends with this day."""
        return self.week_position == 6


@dataclass(frozen=True)
class Step:
    """Where a machine goes with a letter, how often its rule is broken by that, and what it costs."""

    state: State
    broken: int = 0
    cost: float = 0.0


class Machine(Protocol):
    """The model face of a sequence rule: a deterministic automaton over day values."""

    def start(self) -> State:
        """Return the state in which nothing is known of the past."""
        ...

    def step(self, state: State, letter: int, day: DayKind) -> Step:
        """Return what `letter` (a shift index, OFF, LEAVE or NONE) does; total, so that a broken past can be followed too."""
        ...


class Automaton:
    """The product of machines; states get numbers and transitions are computed when first asked for.

    A machine has far fewer states than the product, so its own steps are kept as well.
    """

    def __init__(self, machines: Sequence[Machine], kinds: Sequence[DayKind]) -> None:
        self._machines = tuple(machines)
        self._kinds = tuple(kinds)
        self._parts: list[tuple[State, ...]] = [tuple(machine.start() for machine in machines)]
        self._number: dict[tuple[State, ...], int] = {self._parts[0]: 0}
        self._steps: dict[tuple[int, int, int], tuple[int, int, float]] = {}
        self._own: list[dict[tuple[State, int, int], Step]] = [{} for _ in machines]

    def step(self, state: int, letter: int, kind: int) -> tuple[int, int, float]:
        """Return next state, hard rules broken, and cost of refused wishes."""
        key = (state, letter, kind)
        known = self._steps.get(key)
        if known is None:
            parts = [self._part(number, part, letter, kind) for number, part in enumerate(self._parts[state])]
            target = tuple(part.state for part in parts)
            if target not in self._number:
                self._number[target] = len(self._parts)
                self._parts.append(target)
            known = (self._number[target], sum(part.broken for part in parts), sum(part.cost for part in parts))
            self._steps[key] = known
        return known

    def _part(self, number: int, state: State, letter: int, kind: int) -> Step:
        """Return the step of one machine."""
        key, own = (state, letter, kind), self._own[number]
        if key not in own:
            own[key] = self._machines[number].step(state, letter, self._kinds[kind])
        return own[key]

    def run(self, letters: Iterable[int], kinds: Iterable[int]) -> int:
        """Return the state after a past, whether or not that past kept the rules."""
        state = 0
        for letter, kind in zip(letters, kinds, strict=True):
            state = self.step(state, letter, kind)[0]
        return state


@dataclass(frozen=True)
class Layer:
    """The transitions of one day in a line graph, sources by letters.

    Parameters
    ----------
    letters
        Day values in the order of the columns.
    target
        Index of the state of the next day, -1 where the letter is not possible; shape (states, letters).
    cost
        Cost of wishes refused, plus `BROKEN_RULE_COST` for every hard rule broken; same shape.
    """

    letters: tuple[int, ...]
    target: NDArray[np.int32]
    cost: Floats


LineGraph = tuple[Layer, ...]
"""The automaton unfolded over the days of the horizon: every path from state 0 of the first layer is a line."""

BROKEN_RULE_COST = 1e6
"""More than any coverage can be worth, so that a relaxed line breaks as few hard rules as can be."""


def unfold(
    automaton: Automaton,
    origins: Sequence[int],
    kinds: Sequence[int],
    letters: Sequence[Sequence[int]],
    *,
    relaxed: bool = False,
) -> LineGraph | None:
    """Unfold the automaton from any of `origins` over days with the letters allowed on each.

    Parameters
    ----------
    origins
        States in which the first day may begin; the rows of the first layer, without those that lead nowhere.
    kinds, letters
        Kind and allowed day values of each day.
    relaxed
        Follow transitions that break hard rules too, at `BROKEN_RULE_COST` each.

    Returns
    -------
    The graph without dead ends, or ``None`` when no line keeps all hard rules.
    """
    states = list(origins)
    layers: list[Layer] = []
    for kind, allowed in zip(kinds, letters, strict=True):
        index: dict[int, int] = {}
        target = np.full((len(states), len(allowed)), -1, dtype=np.int32)
        cost = np.zeros((len(states), len(allowed)))
        for row, state in enumerate(states):
            for column, letter in enumerate(allowed):
                following, broken, price = automaton.step(state, letter, kind)
                if broken and not relaxed:
                    continue
                target[row, column] = index.setdefault(following, len(index))
                cost[row, column] = price + BROKEN_RULE_COST * broken
        if not index:
            return None
        layers.append(Layer(tuple(allowed), target, cost))
        states = list(index)
    return _merge(layers)


def _merge(layers: Sequence[Layer]) -> LineGraph | None:
    """Drop dead ends and merge states with equal futures, last day first (minimisation of an acyclic automaton)."""
    merged: list[Layer] = []
    renumber: Ints | None = None
    for layer in reversed(layers):
        following = np.zeros_like(layer.target) if renumber is None else renumber[layer.target]
        target = np.where(layer.target >= 0, following, -1)
        cost = np.where(target >= 0, layer.cost, 0.0)
        alive = (target >= 0).any(axis=1)
        if not alive.any():
            return None
        futures = np.concatenate([target.astype(np.float64), cost], axis=1)[alive]
        _, first, inverse = np.unique(futures, axis=0, return_index=True, return_inverse=True)
        renumber = np.full(len(target), -1, dtype=np.int64)
        renumber[alive] = inverse.reshape(-1)
        rows = np.flatnonzero(alive)[first]
        merged.append(Layer(layer.letters, target[rows].astype(np.int32), cost[rows]))
    return tuple(reversed(merged))
