"""Column generation: lines are asked for at prices until none that is not known could improve the master programme.

At any prices pi between ``-over`` and ``under`` the cheapest lines of everybody are a bound (Lagrange):

    bound(pi) = sum pi(d, s) required(d, s) + sum over p of the cheapest line of p at pi

The programme of the known lines promises a higher value than that, and its prices swing as long as few lines are known. So
they are held in a box around the best prices so far (du Merle, Villeneuve, Desrosiers, Hansen, Discrete Mathematics 194, 1999):
heads too few and too many cost no more than the box says. Lines are asked for between the middle of the box and the prices of
the programme (Wentges, International Transactions in OR 4(2), 1997). Where the bound gains much of what was promised, the box
grows; where it gains nothing a few times, the box shrinks (trust regions: Conn, Gould, Toint, 2000). The end is where the
bound is as high as the promise and no price is at an edge of the box.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from roster.personal.columns import Master
from roster.personal.question import Floats, Ints

FIRST_WIDTH = 0.01
"""Half of the first width of the box as a part of the dearest head too few."""

LEANING = 0.5
"""Share of the middle of the box in the prices that lines are asked for at."""

TRUSTED, USEFUL = 0.4, 0.2
"""From which part of the promise on a gain makes the box much or a little wider."""

MUCH_WIDER, WIDER, NARROWER, PATIENCE = 2.0, 1.2, 0.6, 3
"""What the width is multiplied by, and how many times without a gain make it narrower."""

CLOSED = 1e-4
"""The programme is solved when the bound is below its value by no more than this part of the bound."""

Ask = Callable[[int, Floats], tuple[Ints | None, float]]
"""Returns a cheapest line of an associate at prices of heads, and a bound of its cost."""


@dataclass
class Convergence:
    """How far column generation has come.

    Parameters
    ----------
    prices, bound
        The best bound so far and the prices that gave it, the middle of the box.
    width
        How far prices may be from the middle of the box.
    value
        What the programme promises: no bound within the box is higher as far as the known lines tell.
    waited
        Rounds since the last gain.
    """

    prices: Floats
    width: float
    bound: float = -math.inf
    value: float = math.inf
    waited: int = 0

    def learn(self, bound: float, asked: Floats) -> None:
        """Move the box to better prices and trust it more, or trust it less."""
        if bound <= self.bound:
            self.waited += 1
            if self.waited % PATIENCE == 0:
                self.width *= NARROWER
            return
        # The first bound keeps no promise.
        gain = (bound - self.bound) / max(1e-9, self.value - self.bound) if math.isfinite(self.bound) else 0.0
        self.width *= MUCH_WIDER if gain > TRUSTED else WIDER if gain > USEFUL else 1.0
        self.bound, self.prices, self.waited = bound, asked, 0

    def closed(self, near: float = CLOSED) -> bool:
        """Whether no price within the box gives a bound that is better by more than this part."""
        return self.value - self.bound < near * max(1.0, abs(self.bound))


def generate(
    master: Master,
    ask: Ask,
    seconds_left: Callable[[], float],
    *,
    start: Floats | None = None,
    width: float | None = None,
    near: float = CLOSED,
) -> Iterator[Convergence]:
    """Add lines until none improves the programme or time is up; yield how far it has come after each round.

    Parameters
    ----------
    start
        Prices to ask at first, where good ones are known.
    width
        First width of the box, where one is known.
    near
        Part of the bound by which the value may be higher in the end.
    """
    lowest, highest = -master.question.over_weights, master.question.under_weights
    if start is None and master.solve(seconds_left()):
        start = master.prices()
    asked = np.zeros(highest.shape) if start is None else np.clip(start, lowest, highest)
    width = FIRST_WIDTH * float(highest.max(initial=1.0)) if width is None else width
    found, leaning = Convergence(asked, width), LEANING
    try:
        while True:
            before = found.bound
            bound, added = _ask_all(master, ask, asked, seconds_left)
            found.learn(bound, asked)
            yield found
            if not added and leaning == 0 and found.bound <= before:
                break
            low, high = np.maximum(lowest, found.prices - found.width), np.minimum(highest, found.prices + found.width)
            master.hold_prices(low, high)
            if seconds_left() <= 0 or not master.solve(seconds_left()):
                break
            found.value, worth = master.objective, np.clip(master.prices(), low, high)
            if found.closed(near):
                if not _at_edge(worth, low, high, lowest, highest):
                    break
                found.width *= MUCH_WIDER
            leaning = LEANING if added else 0.0
            asked = leaning * found.prices + (1 - leaning) * worth
    finally:
        # Whoever asks may have seen enough before the end.
        master.hold_prices(lowest, highest)


def _at_edge(worth: Floats, low: Floats, high: Floats, lowest: Floats, highest: Floats) -> bool:
    """Whether a price is at an edge of the box that is not an edge of what prices may be."""
    at_low, at_high = (worth <= low + 1e-9) & (low > lowest), (worth >= high - 1e-9) & (high < highest)
    return bool((at_low | at_high).any())


def _ask_all(master: Master, ask: Ask, prices: Floats, seconds_left: Callable[[], float]) -> tuple[float, int]:
    """Add the cheapest lines of everybody; return the bound (none when time ran out) and how many lines were new."""
    question = master.question
    bound, added = float((prices * master.heads)[master.weighted].sum()), 0
    for person in master.people:
        if seconds_left() <= 0:
            return -math.inf, added
        line, least = ask(person, question.shift_costs[person] - prices)
        bound += least + float(question.base_costs[person].sum())
        added += line is not None and master.add(person, line)
    return bound, added
