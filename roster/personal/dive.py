"""A dive from the fractions of the master programme to one line for everybody.

The lines that the programme takes most of are fixed, the others are asked for at the new prices, and so on until everybody has a
line ("diving" in column generation: Sadykov et al., INFORMS Journal on Computing 31(2), 2019). Fixing removes people from the
question, never a legal line, so a dive always ends with a roster.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import numpy as np

from roster.personal.columns import Ask, Master, generate
from roster.personal.question import Ints

SURE = 0.8
"""A line of which at least this share is taken is fixed."""

ROUNDS = 3
"""Rounds of pricing after each fixing."""


def dive(master: Master, ask: Ask, lines: Ints, random: np.random.Generator, seconds_left: Callable[[], float]) -> Ints | None:
    """Return lines of everybody in the master programme, those of `lines` for the others; ``None`` when time ran out.

    The programme has been solved before, and is of no further use afterwards.
    """
    lines, open_people = lines.copy(), set(master.people)
    while seconds_left() > 0:
        for number in _to_fix(master, master.shares(), open_people, random):
            column = master.columns[number]
            lines[column.associate] = column.line
            open_people.discard(column.associate)
            master.fix(number)
        if not open_people:
            return lines
        master.people = tuple(sorted(open_people))
        for _ in islice(generate(master, ask, seconds_left), ROUNDS):
            pass
        if not master.solve(max(0.0, seconds_left())):
            return None
    return None


def _to_fix(master: Master, shares: np.ndarray, open_people: set[int], random: np.random.Generator) -> list[int]:
    """Return the columns to fix: all that are nearly sure, else the one that is taken most; ties fall by chance."""
    candidates = [
        (float(shares[number]), random.random(), number)
        for number in np.flatnonzero(shares > 1e-6)
        if master.columns[number].associate in open_people
    ]
    candidates.sort(reverse=True)
    sure = [int(number) for share, _, number in candidates if share >= SURE]
    return sure or [int(candidates[0][2])]
