"""Ways to make a roster better, of which the one that has gained most a second lately is given most of the time.

Each way has a kind of neighbourhood of its own size (adaptive choice: Ropke, Pisinger, Transportation Science 40(4), 2006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

from roster.personal.choice import Chooser, Neighbourhood, Outcome
from roster.personal.question import Ints, Question

LEAST_SHARE = 0.05
"""Every way is given at least this share of the time, whatever it gained. Shares of turns would give nearly all to a slow one."""

FADING = 0.95
"""What gains and seconds of a way are multiplied by when it is taken again."""


@dataclass
class Way:
    """One way: how a neighbourhood is explored and chosen, what that gained lately in how many seconds, and all its seconds."""

    explore: Callable[[Ints, Neighbourhood], Outcome]
    chooser: Chooser
    gained: float = 0.0
    spent: float = 1.0
    seconds: float = 0.0


class Ways:
    """Ways to make rosters of a question better."""

    def __init__(self, question: Question, ways: Sequence[Way]) -> None:
        self._question, self._ways = question, ways

    def improve(self, lines: Ints, seconds_left: Callable[[], float]) -> Ints | None:
        """Explore one neighbourhood; return a better roster or ``None``."""
        way, began = self._next(), process_time()
        outcome = way.explore(lines, way.chooser.choose(lines))
        spent = process_time() - began
        if seconds_left() > 0:
            way.chooser.learn(outcome, spent)
        gained = 0.0 if outcome.lines is None else self._question.objective(lines) - self._question.objective(outcome.lines)
        way.seconds += spent
        way.gained, way.spent = FADING * way.gained + gained, FADING * way.spent + spent
        return outcome.lines

    def _next(self) -> Way:
        """Return the way that gains most a second, or the one that has had the least of the time."""
        behind = min(self._ways, key=lambda way: way.seconds)
        is_due = behind.seconds <= LEAST_SHARE * sum(way.seconds for way in self._ways)
        return behind if is_due or not any(way.gained > 0 for way in self._ways) else max(self._ways, key=_rate)


def _rate(way: Way) -> float:
    return way.gained / way.spent
