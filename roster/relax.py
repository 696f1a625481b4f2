"""Ways out of a clash: the cheapest sets of facts and rules to give up, each proven by solving again.

A clash is a smallest set that cannot all be kept. Whatever makes the question possible gives up at least one thing of every such
set, so the ways out are hitting sets of clashes: the search gives up one thing of the first clash it finds, asks again, finds the
next clash, and so on, the cheapest first (Reiter, "A theory of diagnosis from first principles", Artificial Intelligence 32(1),
1987). What it returns is possible because a line was found, not because it should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Final

from roster.explain import NOTHING, Explainer, Question

LOCK_PRICE: Final = 1.0
"""A decision made by hand is the easiest to take back."""
LEAVE_PRICE: Final = 6.0
"""A day of leave that was approved is a promise."""
HISTORY_PRICE: Final = 100.0
"""The past cannot be changed; it is given up last, which says that nothing else helps."""
RULE_PRICES: Final[Mapping[str, float]] = {
    "timing-kept": 2.0,
    "working-days-in-a-week": 3.0,
    "days-off-together": 3.0,
    "rest-at-timing-change": 3.0,
    "rest-between-shifts": 5.0,
    "weekly-rest": 5.0,
    "night-consent": 8.0,
}
"""What breaking a rule for one associate weighs; a rule that is not here weighs `RULE_PRICE`."""
RULE_PRICE: Final = 4.0
MOST_QUESTIONS: Final = 10
"""Questions after which the search gives up; clashes of one associate have one or two ways deep."""


@dataclass(frozen=True)
class WayOut:
    """Something to give up, after which the rest can be kept.

    Parameters
    ----------
    given_up
        The facts and rules that are left out.
    price
        How much that weighs; only good for comparing ways out.
    """

    given_up: Question
    price: float


@dataclass(order=True)
class _Node:
    price: float
    number: int
    given_up: Question = field(compare=False)


def price_of(part: Question) -> float:
    """Return what giving up facts and rules weighs."""
    rules = sum(RULE_PRICES.get(name, RULE_PRICE) for name in part.rules)
    return rules + LOCK_PRICE * len(part.locks) + LEAVE_PRICE * len(part.leave) + HISTORY_PRICE * part.history


def ways_out(explainer: Explainer, index: int, question: Question, most: int = 3) -> Iterator[WayOut]:
    """Yield the cheapest ways to make a question possible, the cheapest first; none contains another.

    Where the cheapest are too many things deep to be found, one way is yielded that gives up rules before anything else.
    """
    numbers, seen = count(), {NOTHING}
    heap = [_Node(0.0, next(numbers), NOTHING)]
    found: list[Question] = []
    for _ in range(MOST_QUESTIONS):
        if not heap or len(found) == most:
            break
        node = heappop(heap)
        if any(_contains(node.given_up, way) for way in found):
            continue
        rest = question.without(node.given_up)
        if explainer.possible(index, rest):
            found.append(node.given_up)
            yield WayOut(node.given_up, node.price)
            continue
        for part in explainer.parts(explainer.smallest(index, rest)):
            given_up = node.given_up.joined(part)
            if given_up not in seen:
                seen.add(given_up)
                heappush(heap, _Node(price_of(given_up), next(numbers), given_up))
    way = None if found else _any_way_out(explainer, index, question)
    if way is not None:
        yield way


def _any_way_out(explainer: Explainer, index: int, question: Question) -> WayOut | None:
    """Return a way out in which nothing is given up in vain; rules go first, for one rule may clash with many locks.

    There is none where nothing can be given up, as for a day outside the contract.
    """
    given_up = NOTHING
    while not explainer.possible(index, question.without(given_up)):
        parts = list(explainer.parts(explainer.smallest(index, question.without(given_up))))
        if not parts:
            return None
        given_up = given_up.joined(max(parts, key=lambda part: (len(part.rules), -price_of(part))))
    for part in list(explainer.parts(given_up)):
        less = given_up.without(part)
        if explainer.possible(index, question.without(less)):
            given_up = less
    return WayOut(given_up, price_of(given_up))


def _contains(large: Question, small: Question) -> bool:
    return (
        small.rules <= large.rules
        and small.locks <= large.locks
        and small.leave <= large.leave
        and small.history <= large.history
    )
