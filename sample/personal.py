"""What belongs to single associates: leave, requests, locks, past days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from sample.facts import LEAVE_SHARE, PAST_DAYS, TRAINING_SHIFT, WORKING_DAYS
from scheduling.people import Associate, Leave, Lock, PastDay, Request

REQUESTS_PER_ASSOCIATE_WEEK = 0.15
LOCKED_SHARE = 0.03


def _contract_days(one: Associate, start: date, days: int) -> tuple[int, int]:
    """Return the first day of the contract and the day after its last, as indexes inside the horizon."""
    return max(0, (one.contract_start - start).days), min(days, (one.contract_end - start).days + 1)


def _leave_length(rng: np.random.Generator) -> int:
    kind = rng.random()
    if kind < 0.6:
        return int(rng.integers(1, 4))
    return int(rng.integers(5, 8)) if kind < 0.9 else int(rng.integers(12, 22))


def draw_leave(associates: tuple[Associate, ...], start: date, days: int, rng: np.random.Generator) -> tuple[Leave, ...]:
    """Return leave on about the published share of the contract days inside the horizon; a little began before it."""
    spans = [_contract_days(one, start, days) for one in associates]
    wanted = LEAVE_SHARE * sum(last - first for first, last in spans)
    taken: dict[int, list[tuple[int, int]]] = {}
    while wanted > 0:
        index = int(rng.integers(len(associates)))
        length = _leave_length(rng)
        earliest = max(-4, (associates[index].contract_start - start).days)
        latest = spans[index][1] - length
        if latest < earliest or len(taken.get(index, ())) >= 1 + days // 28:
            # A draw that does not fit counts a little, so that the loop ends where everybody has leave already.
            wanted -= 0.01
            continue
        first = int(rng.integers(earliest, latest + 1))
        # Two leaves of one person keep two weeks between them, as approvals do.
        if any(first < end + 14 and begin < first + length + 14 for begin, end in taken.get(index, ())):
            wanted -= 0.01
            continue
        taken.setdefault(index, []).append((first, first + length))
        wanted -= max(0, first + length - max(first, 0))
    return tuple(
        Leave(associates[index].code, start + timedelta(days=first), start + timedelta(days=last - 1))
        for index in sorted(taken)
        for first, last in sorted(taken[index])
    )


def leave_days(leave: tuple[Leave, ...]) -> dict[str, set[date]]:
    """Return the days of leave by associate."""
    days: dict[str, set[date]] = {}
    for one in leave:
        length = (one.last_day - one.first_day).days + 1
        days.setdefault(one.associate, set()).update(one.first_day + timedelta(days=day) for day in range(length))
    return days


def draw_requests(
    associates: tuple[Associate, ...],
    away: Mapping[str, set[date]],
    shifts: tuple[str, ...],
    start: date,
    days: int,
    rng: np.random.Generator,
) -> tuple[Request, ...]:
    """Return wishes for single days, most of them for a day off, at most one an associate and day."""
    counts = rng.poisson(REQUESTS_PER_ASSOCIATE_WEEK * days / 7, len(associates))
    requests = []
    for one, count in zip(associates, counts.tolist(), strict=True):
        first, last = _contract_days(one, start, days)
        free = [day for day in range(first, last) if start + timedelta(days=day) not in away.get(one.code, ())]
        for day in sorted(rng.choice(free, min(count, len(free)), replace=False).tolist()) if free else ():
            wished = one.timing or shifts[int(rng.integers(len(shifts)))]
            want = "off" if rng.random() < 0.85 else wished
            requests.append(Request(one.code, start + timedelta(days=int(day)), want, float(rng.choice([1.0, 2.0, 4.0, 8.0]))))
    return tuple(requests)


def draw_locks(
    associates: tuple[Associate, ...],
    away: Mapping[str, set[date]],
    history: tuple[PastDay, ...],
    start: date,
    days: int,
    rng: np.random.Generator,
) -> tuple[Lock, ...]:
    """Return a few decisions made by hand, none in the first days, where the past already binds.

    Each agrees with the associate keeping the weekdays off of the past week, so that all locks can be kept together. Where leave
    takes all working days of a week, no shift is locked in it.
    """
    weekdays_off: dict[str, set[int]] = {}
    for past in history:
        if past.value == "off" and (start - past.date).days <= 7:
            weekdays_off.setdefault(past.associate, set()).add(past.date.weekday())
    locks = []
    for index in sorted(rng.choice(len(associates), max(1, round(LOCKED_SHARE * len(associates))), replace=False).tolist()):
        one = associates[index]
        first, last = _contract_days(one, start, days)
        free = [start + timedelta(days=day) for day in range(max(3, first), last)]
        off = weekdays_off.get(one.code, set())
        wants_off = rng.random() < 0.5
        gone = away.get(one.code, set())
        taken = Counter((day - start).days // 7 for day in gone)
        open_days = [day for day in free if day not in gone and (wants_off or taken[(day - start).days // 7] < WORKING_DAYS)]
        fitting = [day for day in open_days if (day.weekday() in off) == wants_off]
        # A week partly on leave shows one day off or none of a pair, which is too little to go by.
        if one.timing is not None and fitting and (len(off) == 2 or one.contract_start >= start):
            locks.append(Lock(one.code, fitting[int(rng.integers(len(fitting)))], "off" if wants_off else one.timing))
    return tuple(locks)


def _past_off_days(rng: np.random.Generator) -> set[int]:
    """Return the days off of the past, two a week, as indexes before day 0.

    A pair keeps its weekdays or comes one day earlier, which makes runs of five or four working days and never six.
    """
    pair = int(rng.integers(7))
    earlier = int(rng.random() < 0.25 and 1 <= pair <= 5)
    firsts = (pair - 21, pair - 14, pair - 7 - earlier)
    return {day for first in firsts for day in (first, first + 1)}


def draw_history(
    associates: tuple[Associate, ...], away: Mapping[str, set[date]], start: date, rng: np.random.Generator
) -> tuple[PastDay, ...]:
    """Return what every associate did in the two weeks before `start`, consistent with the rules."""
    history = []
    for one in associates:
        off = _past_off_days(rng)
        for day in range(max(-PAST_DAYS, (one.contract_start - start).days), 0):
            when = start + timedelta(days=day)
            working = "off" if day in off else one.timing or TRAINING_SHIFT
            history.append(PastDay(one.code, when, "leave" if when in away.get(one.code, ()) else working))
    return tuple(history)
