"""A bound for horizons that are too long for the master programme of all lines.

Any prices of heads give a bound: the prices of the requirement and the cheapest line of everybody (Lagrange; see `columns`). Here
the cheapest line need not keep its minutes, but pays ``mu`` for each unit of them, and shifts of a type are not counted; the
best ``mu`` is found by bisection, since the bound is concave in it. So a line of a year costs milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from roster.personal.kernel import FAR, cheapest_path
from roster.personal.pricing import Pricer, whole_prices
from roster.personal.question import OFF, Floats

BISECTIONS = 10


def bound_at(pricer: Pricer, worth: Floats, seconds_left: Callable[[], float] = lambda: 1.0) -> float:
    """Return a bound of the objective at prices of heads, shape (days, shifts); none when time runs out."""
    question = pricer.question
    worth = np.clip(worth, -question.over_weights, question.under_weights)
    bound = float((worth * question.required).sum() + question.base_costs.sum())
    for person in range(question.people):
        if seconds_left() <= 0:
            return -np.inf
        bound += least_cost(pricer, person, question.shift_costs[person] - worth)
    return bound


def least_cost(pricer: Pricer, associate: int, prices: Floats) -> float:
    """Return a cost that no line of an associate can be below at prices of shape (days, shifts)."""
    terms = pricer.question.terms[associate]
    most, least = terms.most_minutes // pricer.unit, -(-terms.least_minutes // pricer.unit)
    best, low, high, mu = -np.inf, -float(np.abs(prices).max() + 1), float(np.abs(prices).max() + 1), 0.0
    for _ in range(BISECTIONS):
        cost, units = _without_minutes(pricer, associate, prices, mu)
        best = max(best, cost - (mu * most if mu > 0 else mu * least))
        if least <= units <= most:
            break
        low, high = (mu, high) if units > most else (low, mu)
        mu = (low + high) / 2
    return best


def _without_minutes(pricer: Pricer, associate: int, prices: Floats, mu: float) -> tuple[float, int]:
    """Return the cost of the cheapest line that pays `mu` a unit of minutes, and its units."""
    question = pricer.question
    units = question.minutes // pricer.unit
    possible = np.where(pricer.people[associate].possible, prices + mu * units, np.inf)
    options, shifts = pricer.options(possible, ())
    kept = np.full(question.days, OFF)
    graph = pricer.graph(associate, pricer.whole, kept, (), np.array(question.terms[associate].most_shifts))
    if graph is None:
        return np.inf, 0
    nothing = np.zeros(question.days + 1, dtype=np.int64)
    graph = graph._replace(units=np.zeros_like(graph.units), low=nothing, high=nothing)
    scale, whole = whole_prices(options)
    cost, choice = cheapest_path(graph, whole, pricer.room(question.days, graph))
    if cost >= FAR // 2:
        return np.inf, 0
    worked = np.flatnonzero(choice >= 0)
    return cost / scale, int(units[shifts[worked, choice[worked]]].sum())
