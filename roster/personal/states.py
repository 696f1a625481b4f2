"""The sequence rules of one associate as a small automaton: runs of work and of days off, and forbidden successions.

A state is a run of days off, or a run of work with the kind of its last shift. Shifts that may follow and be followed by the
same shifts and that are equally long are of one *kind*: at given prices only the cheapest of a kind on a day can be in a best
line, so that the automaton has kinds for letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from roster.personal.question import Bools, Ints, Terms


class State(NamedTuple):
    """Where a line is after a day.

    Parameters
    ----------
    kind
        Kind of the last shift, -1 in a run of days off.
    length
        Days of the run; a run of days off is not counted beyond the least.
    owed
        Whether the run must still reach its least length before it may end.
    """

    kind: int
    length: int
    owed: bool


@dataclass(frozen=True)
class Kinds:
    """Kinds of shifts: `of_shift` has shape (shifts,), `minutes` (kinds,), `forbidden` (kinds, kinds)."""

    of_shift: Ints
    minutes: Ints
    forbidden: Bools

    @staticmethod
    def of(minutes: Ints, forbidden: Bools) -> Kinds:
        """Return the kinds of the shifts of a question."""
        traits = np.concatenate([minutes[:, None], forbidden, forbidden.T], axis=1)
        _, first, of_shift = np.unique(traits, axis=0, return_index=True, return_inverse=True)
        return Kinds(of_shift.reshape(-1).astype(np.int64), minutes[first], forbidden[np.ix_(first, first)])


@dataclass(frozen=True)
class Automaton:
    """States and where letters lead.

    Parameters
    ----------
    states
        State 0 is the start, before the first day: the only run of no days.
    target
        State after a kind (columns) or a day off (last column), -1 where forbidden; shape (states, kinds + 1).
    works
        Whether the last day was worked, shape (states,).
    """

    states: tuple[State, ...]
    target: NDArray[np.int32]
    works: Bools


def automaton_of(kinds: Kinds, terms: Terms) -> Automaton:
    """Explore the states that can be reached from the first day."""
    states = [State(-1, 0, owed=False)]
    number = {states[0]: 0}
    rows: list[list[int]] = []
    while len(rows) < len(states):
        row = []
        for kind in (*range(len(kinds.minutes)), -1):
            following = _follow(states[len(rows)], kind, kinds, terms)
            if following is not None and following not in number:
                number[following] = len(states)
                states.append(following)
            row.append(-1 if following is None else number[following])
        rows.append(row)
    works = np.array([state.kind >= 0 for state in states])
    return Automaton(tuple(states), np.array(rows, dtype=np.int32), works)


def _follow(state: State, kind: int, kinds: Kinds, terms: Terms) -> State | None:
    """Return the state after one more day, ``None`` where a rule forbids it; a run from the first day on owes nothing."""
    least = terms.least_in_a_row if kind >= 0 else terms.least_off_in_a_row
    if state.length == 0:
        return State(kind, 1 if kind >= 0 else least, owed=False)
    if (kind >= 0) != (state.kind >= 0):
        return None if state.owed else State(kind, 1, owed=least > 1)
    length = state.length + 1
    if kind < 0:
        return State(-1, min(length, least), state.owed and length < least)
    if length > terms.most_in_a_row or kinds.forbidden[state.kind, kind]:
        return None
    return State(kind, length, state.owed and length < least)
