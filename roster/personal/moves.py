"""Moves of a legal roster to another legal roster, compiled by numba: a stretch of days of one or two lines is written anew.

Whether a line stays legal is seen from the runs that touch the stretch and from its counts, and what the move costs from the
cells that change, so that a move is judged in a microsecond and not in the time of a whole line.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from roster.personal.question import SATURDAY, SUNDAY, Bools, Floats, Ints, Question

MOST_MINUTES, LEAST_MINUTES, MOST_RUN, LEAST_RUN, LEAST_OFF, MOST_WEEKENDS = range(6)
"""Columns of the limits of a person."""


class Board(NamedTuple):
    """A question as the kernel reads it; shapes as there.

    Parameters
    ----------
    possible
        Whether a shift may be given, shape (associates, days, shifts).
    limits
        Numbers of the terms, shape (associates, 6).
    most_shifts
        Most shifts of each type, shape (associates, shifts).
    """

    possible: Bools
    shift_costs: Floats
    required: Ints
    under: Floats
    over: Floats
    minutes: Ints
    forbidden: Bools
    limits: Ints
    most_shifts: Ints


class Counts(NamedTuple):
    """What is counted of a roster: heads (days, shifts), shifts of a type (associates, shifts), minutes and weekends."""

    cover: Ints
    shifts: Ints
    minutes: Ints
    weekends: Ints


def board_of(question: Question) -> Board:
    """Return a question as the kernel reads it."""
    most = np.array([terms.most_shifts for terms in question.terms], dtype=np.int64)
    possible = np.repeat((most > 0)[:, None, :], question.days, axis=1)
    for person, terms in enumerate(question.terms):
        possible[person, list(terms.days_off)] = False
    limits = [
        (
            terms.most_minutes,
            terms.least_minutes,
            terms.most_in_a_row,
            terms.least_in_a_row,
            terms.least_off_in_a_row,
            terms.most_weekends,
        )
        for terms in question.terms
    ]
    return Board(
        possible,
        question.shift_costs.astype(np.float64),
        question.required.astype(np.int64),
        question.under_weights.astype(np.float64),
        question.over_weights.astype(np.float64),
        question.minutes.astype(np.int64),
        question.forbidden,
        np.array(limits, dtype=np.int64),
        most,
    )


def counts_of(question: Question, lines: Ints) -> Counts:
    """Return what is counted of a roster."""
    worked = lines >= 0
    shifts = np.stack([(lines == shift).sum(axis=1) for shift in range(question.shifts)], axis=1)
    weekday = np.arange(question.days) % 7
    weekends = [len(set(np.flatnonzero(row & (weekday >= SATURDAY)) // 7)) for row in worked]
    return Counts(question.cover_of(lines), shifts, shifts @ question.minutes, np.array(weekends, dtype=np.int64))


@numba.njit(cache=True, nogil=True)
def runs_are_legal(board, person, line, first, last):  # type: ignore[no-untyped-def] # pragma: no cover
    """Whether runs and successions that touch the days from before `first` to `last` (not included) keep the terms."""
    days = len(line)
    for day in range(max(1, first), min(last + 1, days)):
        if line[day] >= 0 and line[day - 1] >= 0 and board.forbidden[line[day - 1], line[day]]:
            return False
    begin = max(0, first - 1)
    works = line[begin] >= 0
    while begin > 0 and (line[begin - 1] >= 0) == works:
        begin -= 1
    while begin < days and begin <= last:
        works = line[begin] >= 0
        end = begin + 1
        while end < days and (line[end] >= 0) == works:
            end += 1
        least = board.limits[person, LEAST_RUN if works else LEAST_OFF]
        if begin > 0 and end < days and end - begin < least:
            return False
        if works and end - begin > board.limits[person, MOST_RUN]:
            return False
        begin = end
    return True


@numba.njit(cache=True, nogil=True)
def _weekends_of(line, first, last):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the worked weekends that the days from `first` to `last` (not included) touch."""
    worked = 0
    for week in range(first // 7, (last - 1) // 7 + 1):
        saturday, sunday = 7 * week + SATURDAY, 7 * week + SUNDAY
        if (saturday < len(line) and line[saturday] >= 0) or (sunday < len(line) and line[sunday] >= 0):
            worked += 1
    return worked


@numba.njit(cache=True, nogil=True)
def write(board, lines, counts, person, first, new, length):  # type: ignore[no-untyped-def] # pragma: no cover
    """Write `length` new values into a line from day `first` on if it stays legal, and say whether it was written.

    `new` holds the old values afterwards, so that the same call takes the move back. Counts of the person follow; heads do not.
    """
    minutes = counts.minutes[person]
    for place in range(length):
        value, old = new[place], lines[person, first + place]
        if value >= 0:
            if not board.possible[person, first + place, value]:
                return False
            minutes += board.minutes[value]
        if old >= 0:
            minutes -= board.minutes[old]
    if minutes > board.limits[person, MOST_MINUTES] or minutes < board.limits[person, LEAST_MINUTES]:
        return False
    line = lines[person]
    before = _weekends_of(line, first, first + length)
    _exchange(line, counts.shifts[person], first, new, length)
    weekends = counts.weekends[person] + _weekends_of(line, first, first + length) - before
    legal = weekends <= board.limits[person, MOST_WEEKENDS]
    place = 0
    while legal and place < length:
        value = line[first + place]
        legal = value < 0 or counts.shifts[person, value] <= board.most_shifts[person, value]
        place += 1
    if not legal or not runs_are_legal(board, person, line, first, first + length):
        _exchange(line, counts.shifts[person], first, new, length)
        return False
    counts.minutes[person], counts.weekends[person] = minutes, weekends
    return True


@numba.njit(cache=True, nogil=True)
def _exchange(line, shifts, first, new, length):  # type: ignore[no-untyped-def] # pragma: no cover
    """Exchange values of a line and of `new`, and count shifts of each type."""
    for place in range(length):
        old = line[first + place]
        if old >= 0:
            shifts[old] -= 1
        if new[place] >= 0:
            shifts[new[place]] += 1
        line[first + place], new[place] = new[place], old


@numba.njit(cache=True, nogil=True)
def request_change(board, person, first, line, old, length):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return what written values cost in requests more than the old ones."""
    change = 0.0
    for place in range(length):
        if line[first + place] >= 0:
            change += board.shift_costs[person, first + place, line[first + place]]
        if old[place] >= 0:
            change -= board.shift_costs[person, first + place, old[place]]
    return change


@numba.njit(cache=True, nogil=True)
def cover_change(board, cover, first, line, old, length):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return what written values cost in heads more than the old ones; each day has a cost of its own."""
    change = 0.0
    for place in range(length):
        day, now, then = first + place, line[first + place], old[place]
        if now == then:
            continue
        if now >= 0:
            change += -board.under[day, now] if cover[day, now] < board.required[day, now] else board.over[day, now]
        if then >= 0:
            change += board.under[day, then] if cover[day, then] <= board.required[day, then] else -board.over[day, then]
    return change


@numba.njit(cache=True, nogil=True)
def count_heads(cover, first, line, old, length):  # type: ignore[no-untyped-def] # pragma: no cover
    """Count the heads of written values."""
    for place in range(length):
        if line[first + place] >= 0:
            cover[first + place, line[first + place]] += 1
        if old[place] >= 0:
            cover[first + place, old[place]] -= 1


@numba.njit(cache=True, nogil=True)
def change_line(board, lines, counts, person, first, new, length, dearest):  # type: ignore[no-untyped-def] # pragma: no cover
    """Write a stretch of a line anew where that is legal and costs at most `dearest` more; return what it costs more."""
    if not _differs(lines[person], first, new, length) or not write(board, lines, counts, person, first, new, length):
        return 0.0
    change = request_change(board, person, first, lines[person], new, length)
    change += cover_change(board, counts.cover, first, lines[person], new, length)
    if change > dearest:
        write(board, lines, counts, person, first, new, length)
        return 0.0
    count_heads(counts.cover, first, lines[person], new, length)
    return change


@numba.njit(cache=True, nogil=True)
def trade_stretch(  # type: ignore[no-untyped-def] # pragma: no cover
    board, lines, counts, person, other, first, one, two, length, dearest
):
    """Trade a stretch between two lines where that is legal and costs at most `dearest` more; return what it costs more.

    Heads stay as they are. `one` and `two` are room for the stretch of either.
    """
    for place in range(length):
        one[place], two[place] = lines[other, first + place], lines[person, first + place]
    if not _differs(lines[person], first, one, length) or not write(board, lines, counts, person, first, one, length):
        return 0.0
    if not write(board, lines, counts, other, first, two, length):
        write(board, lines, counts, person, first, one, length)
        return 0.0
    change = request_change(board, person, first, lines[person], one, length)
    change += request_change(board, other, first, lines[other], two, length)
    if change > dearest:
        write(board, lines, counts, person, first, one, length)
        write(board, lines, counts, other, first, two, length)
        return 0.0
    return change


@numba.njit(cache=True, nogil=True)
def _differs(line, first, new, length):  # type: ignore[no-untyped-def] # pragma: no cover
    """Whether a stretch would change at all."""
    same = 0
    while same < length and line[first + same] == new[same]:
        same += 1
    return same < length
