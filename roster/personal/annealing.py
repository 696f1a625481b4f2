"""Simulated annealing over legal rosters (Kirkpatrick, Gelatt, Vecchi, Science 220, 1983), compiled by numba.

A move writes a stretch of days of one line anew, or trades a stretch between two lines, which keeps all heads. A move that costs
`c` more is taken with probability ``exp(-c / temperature)``; the temperature falls by the same factor from move to move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numba
import numpy as np

from roster.personal.moves import board_of, change_line, counts_of, trade_stretch
from roster.personal.question import OFF, Ints, Question

MOVES_A_SECOND = 1_500_000
"""Moves that are planned for a second; where a machine is slower, the clock cools."""

MOVES_AT_ONCE = 400_000
"""Moves between two looks at the clock."""

WARM, COLD = 0.3, 0.15
"""First temperature as a part of the dearest head too few, and last as a part of the least difference of two objectives."""

LONGEST_CHANGE, LONGEST_TRADE = 7, 10
"""Most days that are written anew, and traded."""


def anneal(
    question: Question, lines: Ints, seed: int, seconds_left: Callable[[], float], *, warm: float | None = None
) -> Iterator[tuple[Ints, float]]:
    """Yield better and better rosters while cooling; the pace follows the time that is left at the start.

    Parameters
    ----------
    warm
        First temperature; the usual one where it is not given.
    """
    random = np.random.default_rng(seed)
    board, counts, lines = board_of(question), counts_of(question, lines), lines.astype(np.int64)
    warm = max(question.step, WARM * float(question.under_weights.max(initial=0.0))) if warm is None else warm
    cold = min(warm, COLD * question.step)
    seconds = seconds_left()
    planned, done = max(1.0, seconds * MOVES_A_SECOND), 0
    now = least = question.objective(lines)
    while seconds_left() > 0 and done < planned:
        at = max(done / planned, 1 - seconds_left() / seconds)
        moves = int(min(MOVES_AT_ONCE, planned - done)) + 1
        temperature, factor = warm * (cold / warm) ** at, (cold / warm) ** (1 / planned)
        best = lines.copy()
        now, found = cool(board, lines, counts, best, int(random.integers(2**31)), moves, temperature, factor, now, least)
        done += moves
        if found < least:
            least = found
            yield best, least


@numba.njit(cache=True, nogil=True)
def cool(  # type: ignore[no-untyped-def] # pragma: no cover
    board, lines, counts, best, seed, moves, temperature, factor, now, least
):
    """Make `moves` moves and return the cost of `lines`, and the least cost on the way, whose roster is in `best`."""
    np.random.seed(seed)
    people, days, shifts = lines.shape[0], lines.shape[1], board.required.shape[1]
    one, two = np.empty(days, np.int64), np.empty(days, np.int64)
    for _ in range(moves):
        temperature *= factor
        dearest = -temperature * np.log(1.0 - np.random.random())
        person, kind = np.random.randint(people), np.random.randint(8)
        longest = min(days, 1 if kind < 3 else LONGEST_CHANGE if kind < 5 else LONGEST_TRADE)
        length = 1 + np.random.randint(longest)
        first = np.random.randint(days - length + 1)
        if kind < 5:
            draw_stretch(lines[person], first, length, shifts, one)
            now += change_line(board, lines, counts, person, first, one, length, dearest)
        else:
            other = np.random.randint(people)
            now += trade_stretch(board, lines, counts, person, other, first, one, two, length, dearest)
        if now < least - 1e-6:
            least = now
            best[:] = lines
    return now, least


@numba.njit(cache=True, nogil=True)
def draw_stretch(line, first, length, shifts, new):  # type: ignore[no-untyped-def] # pragma: no cover
    """Fill `new` with another content of a stretch: one other day, all days later or earlier by one, or one shift."""
    for place in range(length):
        new[place] = line[first + place]
    kind = 0 if length == 1 else np.random.randint(5)
    if kind == 0:
        new[np.random.randint(length)] = np.random.randint(OFF, shifts)
    elif kind <= 2:
        step = 1 if kind == 1 else length - 1
        for place in range(length):
            new[place] = line[first + (place + step) % length]
    else:
        # Either the whole stretch, or only the days on which there is work already.
        shift = np.random.randint(OFF, shifts)
        for place in range(length):
            if kind == 3 or new[place] >= 0:
                new[place] = shift
