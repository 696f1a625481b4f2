"""A neighbourhood: a few people, or a few weeks of more people, may change; everything else stays.

Who may change is asked for again by column generation at the prices of the whole, which are nearly right from the start. When
the bound of the neighbourhood says that it holds nothing better it is left at once; else the lines that are now known are
combined by branch and bound (large-neighbourhood search: Shaw, CP 1998; with columns: Legrain, Omer, Rosat, Computers &
Operations Research 2017).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from roster.personal.choice import Neighbourhood, Outcome
from roster.personal.columns import Master
from roster.personal.generation import generate
from roster.personal.pricing import Pricer, Window
from roster.personal.question import Floats, Ints, Question

COMBINE_SECONDS = 3.0
"""Time for combining the lines of one neighbourhood."""

NOTICEABLE = 1e-6


def marginal_prices(question: Question, cover: Ints, associate: int) -> Floats:
    """Return what one more head on each day in each shift costs an associate, shape (days, shifts)."""
    heads = np.where(cover < question.required, -question.under_weights, question.over_weights)
    return np.asarray(question.shift_costs[associate] + heads)


def explore(
    question: Question,
    pricer: Pricer,
    lines: Ints,
    where: Neighbourhood,
    prices: Floats | None,
    seconds_left: Callable[[], float],
) -> Outcome:
    """Look for a better roster in a neighbourhood of `lines`."""
    master = Master.around(question, lines, where.people, where.window)
    kept = {person: _kept_cost(question, person, lines[person], where.window) for person in where.people}
    now = master.cost_of([lines[person] for person in where.people])

    def ask(person: int, at: Floats) -> tuple[Ints | None, float]:
        priced = pricer.best(person, at, where.window, lines[person])
        return priced.line, priced.bound + kept[person]

    for state in generate(master, ask, seconds_left, start=prices):
        if state.bound > now - question.step + 1e-3:
            return Outcome(None, exhausted=True)
    better = master.combine(min(COMBINE_SECONDS, seconds_left()))
    if better is None or master.cost_of(better) > now - NOTICEABLE:
        return Outcome(None, exhausted=False)
    found = lines.copy()
    found[list(where.people)] = better
    return Outcome(found, exhausted=False)


def _kept_cost(question: Question, person: int, line: Ints, window: Window) -> float:
    """Return what the days outside a window add to the cost of a line."""
    days = np.flatnonzero(line >= 0)
    days = days[(days < window.first) | (days >= window.last)]
    return float(question.shift_costs[person, days, line[days]].sum())
