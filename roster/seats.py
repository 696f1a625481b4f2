"""Seats of the office taken by those who must be there, while lines come and go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from roster.board import Slots
from scheduling.compiled import compiled
from scheduling.people import WorkMode
from scheduling.scenario import Scenario

Ints = NDArray[np.int64]
Letters = NDArray[np.int16]
Bools = NDArray[np.bool_]


class Seats:
    """Seats taken in each slot of the break grid; nothing is counted where there is no office."""

    def __init__(self, scenario: Scenario, slots: Slots) -> None:
        self._slots = slots
        self._seats = 0 if scenario.office is None else scenario.office.seats
        must = [associate.work_mode is WorkMode.OFFICE for associate in scenario.associates]
        self._counted = [scenario.office is not None and one for one in must]
        self._taken = np.zeros(slots.count + int(slots.lengths.max(initial=0)), dtype=np.int64)

    def change(self, index: int, letters: Letters, sign: int) -> None:
        """Take (`sign` 1) or free (-1) the seats of a line."""
        if self._counted[index]:
            _change(self._taken, self._slots.first, self._slots.lengths, letters, sign)

    def take(self, days: Ints, shifts: Ints) -> None:
        """Take a seat for each shift of a list, on the day beside it."""
        _take(self._taken, self._slots.first, self._slots.lengths, days, shifts)

    def full(self, index: int, shift: int) -> Bools:
        """Return on which days no seat is left for one more person of the shift, shape (days,)."""
        first = self._slots.first[:-1, shift]
        if not self._counted[index]:
            return np.zeros(len(first), dtype=bool)
        return _full(self._taken, first, int(self._slots.lengths[shift]), self._seats)


@compiled
def _change(taken: Ints, first: Ints, lengths: Ints, letters: Letters, sign: int) -> None:
    for day in range(len(letters)):
        shift = letters[day]
        if shift >= 0:
            for slot in range(max(0, first[day, shift]), first[day, shift] + lengths[shift]):
                taken[slot] += sign


@compiled
def _full(taken: Ints, first: Ints, length: int, seats: int) -> Bools:
    full = np.zeros(len(first), np.bool_)
    for day in range(len(first)):
        for slot in range(max(0, first[day]), first[day] + length):
            if taken[slot] >= seats:
                full[day] = True
                break
    return full


@compiled
def _take(taken: Ints, first: Ints, lengths: Ints, days: Ints, shifts: Ints) -> None:
    for place in range(len(days)):
        day, shift = days[place], shifts[place]
        for slot in range(max(0, first[day, shift]), first[day, shift] + lengths[shift]):
            taken[slot] += 1
