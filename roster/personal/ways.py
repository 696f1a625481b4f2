"""Ways to make a roster better, of which the one that has gained most a second lately is taken most often.

Each way has a kind of neighbourhood of its own size (adaptive choice: Ropke, Pisinger, Transportation Science 40(4), 2006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np

from roster.personal.choice import Chooser, Neighbourhood, Outcome
from roster.personal.question import Ints, Question

CURIOUS = 0.5
"""How often any way is taken, whatever it gained."""

FADING = 0.95
"""What gains and seconds of a way are multiplied by when it is taken again."""


@dataclass
class Way:
    """One way: how a neighbourhood is explored and chosen, and what that gained in how many seconds."""

    explore: Callable[[Ints, Neighbourhood], Outcome]
    chooser: Chooser
    gained: float = 0.0
    spent: float = 1.0


class Ways:
    """Ways to make rosters of a question better."""

    def __init__(self, question: Question, random: np.random.Generator, ways: Sequence[Way]) -> None:
        self._question, self._random, self._ways = question, random, ways

    def improve(self, lines: Ints, seconds_left: Callable[[], float]) -> Ints | None:
        """Explore one neighbourhood; return a better roster or ``None``."""
        way, began = self._next(), process_time()
        outcome = way.explore(lines, way.chooser.choose(lines))
        spent = process_time() - began
        if seconds_left() > 0:
            way.chooser.learn(outcome, spent)
        gained = 0.0 if outcome.lines is None else self._question.objective(lines) - self._question.objective(outcome.lines)
        way.gained, way.spent = FADING * way.gained + gained, FADING * way.spent + spent
        return outcome.lines

    def _next(self) -> Way:
        """Return the way that gains most a second, or any."""
        if self._random.random() < CURIOUS or not any(way.gained > 0 for way in self._ways):
            return self._ways[int(self._random.integers(len(self._ways)))]
        return max(self._ways, key=lambda way: way.gained / way.spent)
