"""The rule automaton: the sequence rules of a site as one automaton, unfolded over the days of one associate.

Each sequence rule brings a small machine (`Machine`). A state of their product has one state of each, and a letter ``a`` on a day
of kind ``k`` moves all of them at once::

    step((q1, ..., qn), a, k) = (step1(q1, a, k), ..., stepn(qn, a, k)),   broken and cost are the sums of the parts

The product is explored only where it can be reached with the letters that an associate may have on each day, and states of a day
that have the same future are merged, last day first (Revuz, "Minimisation of acyclic deterministic automata in linear time",
Theoretical Computer Science 92(1), 1992). A line of an associate is a walk through the unfolded graph, so a best line is a
shortest path (Strandmark, Qu, Curtois, "First-order linear programming in a column generation based heuristic approach to the
nurse rostering problem", C&OR 2020).
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

    Attributes
    ----------
    unfolded
        The layers that were made of it.
    """

    def __init__(self, machines: Sequence[Machine], kinds: Sequence[DayKind]) -> None:
        self._machines = tuple(machines)
        self._kinds = tuple(kinds)
        self._parts: list[tuple[State, ...]] = [tuple(machine.start() for machine in machines)]
        self._number: dict[tuple[State, ...], int] = {self._parts[0]: 0}
        self._steps: dict[tuple[int, int, int], tuple[int, int, float]] = {}
        self._own: list[dict[tuple[State, int, int], Step]] = [{} for _ in machines]
        self.unfolded = Unfolded(self)

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
    letters: Sequence[tuple[int, ...]],
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
    states = tuple(origins)
    layers: list[Layer] = []
    for kind, allowed in zip(kinds, letters, strict=True):
        layer, states = automaton.unfolded.layer(kind, allowed, states, relaxed=relaxed)
        if not states:
            return None
        layers.append(layer)
    return automaton.unfolded.merge(layers)


def has_line(automaton: Automaton, origin: int, kinds: Sequence[int], letters: Sequence[tuple[int, ...]]) -> bool:
    """Return whether some line keeps all hard rules; depth first, so that a line that is there ends the search.

    Parameters
    ----------
    kinds, letters
        Kind and allowed day values of each day.
    """
    days, tried = len(letters), {(0, origin)}
    waiting = [(0, origin)]
    while waiting:
        day, state = waiting.pop()
        if day == days:
            return True
        for letter in letters[day]:
            following, broken, _ = automaton.step(state, letter, kinds[day])
            if not broken and (day + 1, following) not in tried:
                tried.add((day + 1, following))
                waiting.append((day + 1, following))
    return False


class Unfolded:
    """Layers of one automaton, each made once.

    The weeks of associates without facts of their own look alike after a while, whatever their past, and so do the weeks far
    ahead of a fact. So nearly every layer has been made before, and graphs share it.
    """

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        self._layers: dict[tuple[int, tuple[int, ...], tuple[int, ...], bool], tuple[Layer, tuple[int, ...]]] = {}
        self._merged: dict[tuple[int, bytes], tuple[Layer, Ints] | None] = {}
        self._equal: dict[tuple[tuple[int, ...], int, bytes, bytes], Layer] = {}

    def layer(
        self, kind: int, allowed: tuple[int, ...], states: tuple[int, ...], *, relaxed: bool
    ) -> tuple[Layer, tuple[int, ...]]:
        """Return the transitions of a day from some states, and the states of the next day in rising order."""
        key = (kind, allowed, states, relaxed)
        if key not in self._layers:
            self._layers[key] = self._make(kind, allowed, states, relaxed=relaxed)
        return self._layers[key]

    def _make(
        self, kind: int, allowed: tuple[int, ...], states: tuple[int, ...], *, relaxed: bool
    ) -> tuple[Layer, tuple[int, ...]]:
        steps = [[self._automaton.step(state, letter, kind) for letter in allowed] for state in states]
        following = tuple(sorted({step[0] for row in steps for step in row if relaxed or not step[1]}))
        index = {state: number for number, state in enumerate(following)}
        target = [[index[state] if relaxed or not broken else -1 for state, broken, _ in row] for row in steps]
        cost = [[price + BROKEN_RULE_COST * broken for _, broken, price in row] for row in steps]
        shape = (len(states), len(allowed))
        layer = Layer(allowed, np.array(target, dtype=np.int32).reshape(shape), np.array(cost, dtype=float).reshape(shape))
        return layer, following

    def merge(self, layers: Sequence[Layer]) -> LineGraph | None:
        """Drop dead ends and merge states with equal futures, last day first (minimisation of an acyclic automaton).

        `layers` come from `layer`.
        """
        merged: list[Layer] = []
        renumber = np.zeros(int(layers[-1].target.max(initial=0)) + 1 if layers else 1, dtype=np.int64)
        for layer in reversed(layers):
            key = (id(layer), renumber.tobytes())
            if key not in self._merged:
                self._merged[key] = self._merge(layer, renumber)
            found = self._merged[key]
            if found is None:
                return None
            merged.append(found[0])
            renumber = found[1]
        return tuple(reversed(merged))

    def _merge(self, layer: Layer, following: Ints) -> tuple[Layer, Ints] | None:
        """Return a layer with its equal states merged, and the new number of each state (-1 for a dead end).

        Parameters
        ----------
        following
            New number of each state of the next day.
        """
        target = np.where(layer.target >= 0, following[layer.target], -1)
        cost = np.where(target >= 0, layer.cost, 0.0)
        alive = (target >= 0).any(axis=1)
        if not alive.any():
            return None
        futures = np.concatenate([target.astype(np.float64), cost], axis=1)[alive]
        order = np.lexsort(futures.T[::-1])
        new = np.ones(len(order), dtype=bool)
        new[1:] = (futures[order[1:]] != futures[order[:-1]]).any(axis=1)
        renumber = np.full(len(target), -1, dtype=np.int64)
        renumber[np.flatnonzero(alive)[order]] = np.cumsum(new) - 1
        rows = np.flatnonzero(alive)[order[new]]
        return self._shared(Layer(layer.letters, target[rows].astype(np.int32), cost[rows])), renumber

    def _shared(self, layer: Layer) -> Layer:
        """Return the layer that was first made with this content."""
        key = (layer.letters, len(layer.target), layer.target.tobytes(), layer.cost.tobytes())
        return self._equal.setdefault(key, layer)
