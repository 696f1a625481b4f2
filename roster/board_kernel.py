"""Heads as single units come and go, and what shifts are worth, as machine code.

A unit is one associate, productive for one slot of the break grid. How the units of a group are split over its skills is kept at
least cost: a unit that comes raises the heads of one skill only, the cheapest that can be reached by passing units on between
skills, and a unit that goes lowers those of one (successive shortest paths: Ahuja, Magnanti, Orlin, Network Flows, 1993,
chapter 9).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduling.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Heads(NamedTuple):
    """Who is there, and what it costs.

    Parameters
    ----------
    units
        Units of each group given to each skill, shape (intervals, groups, skills).
    heads
        Units of each skill, the sum of `units` over groups, shape (intervals, skills).
    prices
        What one more unit of a skill costs, and what the last one cost, shape (intervals, skills, 2).
    allowed
        Whether a group may cover a skill, shape (groups, skills).
    points, weights, base
        What a unit more costs, see `marginal`: shape (intervals, skills, steps), (steps,), and a number.
    """

    units: Ints
    heads: Ints
    prices: Floats
    allowed: Bools
    points: Floats
    weights: Floats
    base: float


class Grid(NamedTuple):
    """Where shifts and breaks lie in slots of the break grid.

    Parameters
    ----------
    first
        Slot in which each shift type starts on each day, shape (days + 1, shifts); the last row is the day before the horizon.
    lengths
        Slots of each shift type.
    away
        Slots that a break of each kind takes from productive time, 0 for productive kinds.
    """

    first: Ints
    lengths: Ints
    away: Ints


@compiled
def marginal(points: Floats, weights: Floats, base: float, units: int) -> float:
    """Return what the unit costs that makes `units` one more: ``base + sum of weight * clip(units + 1 - point, 0, 1)``.

    Every step of shortage or surplus begins at a point and makes all further units dearer, so the cost is convex.
    """
    price = base
    for step in range(len(weights)):
        over = units + 1 - points[step]
        if over > 0.0:
            price += weights[step] * min(over, 1.0)
    return price


@compiled
def fill_prices(place: Heads) -> None:
    """Put the prices that follow from the heads."""
    for interval in range(place.heads.shape[0]):
        for skill in range(place.heads.shape[1]):
            for back in range(2):
                units = place.heads[interval, skill] - back
                place.prices[interval, skill, back] = marginal(place.points[interval, skill], place.weights, place.base, units)


@compiled
def _reach(units: Ints, allowed: Bools, forward: bool, skill_before: Ints, group_before: Ints) -> None:
    """Follow units that can be passed on between skills, from the skills marked -1 to all others that can be reached.

    Parameters
    ----------
    units
        Units of each group given to each skill in one interval, shape (groups, skills).
    forward
        Whether units are pushed from the marked skills on, or pulled towards them.
    skill_before
        -1 for a skill to begin with, -2 for one not reached; then the skill before it on the way; shape (skills,).
    group_before
        The group whose unit is passed on between the two, shape (skills,).
    """
    skills, found = len(skill_before), True
    while found:
        found = False
        for skill in range(skills):
            if skill_before[skill] != -2:
                continue
            for here in range(skills):
                if skill_before[here] == -2 or skill_before[skill] != -2:
                    continue
                source, target = (here, skill) if forward else (skill, here)
                for group in range(len(allowed)):
                    if allowed[group, target] and units[group, source] > 0:
                        skill_before[skill], group_before[skill] = here, group
                        found = True
                        break


@compiled
def _come(place: Heads, interval: int, group: int, skill_before: Ints, group_before: Ints) -> float:
    """Add a unit of a group; return the change of cost."""
    units, prices = place.units[interval], place.prices[interval]
    chosen = 0
    for skill in range(1, len(skill_before)):
        if prices[skill, 0] < prices[chosen, 0]:
            chosen = skill
    skill_before[chosen] = -1
    # Ways between skills are only sought when the cheapest skill is not one of the group.
    if not place.allowed[group, chosen]:
        for skill in range(len(skill_before)):
            skill_before[skill] = -1 if place.allowed[group, skill] else -2
        _reach(units, place.allowed, True, skill_before, group_before)
        chosen = -1
        for skill in range(len(skill_before)):
            if skill_before[skill] > -2 and (chosen < 0 or prices[skill, 0] < prices[chosen, 0]):
                chosen = skill
    least = prices[chosen, 0]
    place.heads[interval, chosen] += 1
    prices[chosen, 1] = least
    prices[chosen, 0] = marginal(place.points[interval, chosen], place.weights, place.base, place.heads[interval, chosen])
    while skill_before[chosen] >= 0:
        passed, source = group_before[chosen], skill_before[chosen]
        units[passed, source] -= 1
        units[passed, chosen] += 1
        chosen = source
    units[group, chosen] += 1
    return float(least)


@compiled
def _go(place: Heads, interval: int, group: int, skill_before: Ints, group_before: Ints) -> float:
    """Take a unit of a group away, which must have one; return the change of cost."""
    units, prices = place.units[interval], place.prices[interval]
    chosen = 0
    for skill in range(1, len(skill_before)):
        if prices[skill, 1] > prices[chosen, 1]:
            chosen = skill
    skill_before[chosen] = -1
    if units[group, chosen] <= 0:
        for skill in range(len(skill_before)):
            skill_before[skill] = -1 if units[group, skill] > 0 else -2
        _reach(units, place.allowed, False, skill_before, group_before)
        chosen = -1
        for skill in range(len(skill_before)):
            if skill_before[skill] > -2 and (chosen < 0 or prices[skill, 1] > prices[chosen, 1]):
                chosen = skill
    most = prices[chosen, 1]
    place.heads[interval, chosen] -= 1
    prices[chosen, 0] = most
    prices[chosen, 1] = marginal(place.points[interval, chosen], place.weights, place.base, place.heads[interval, chosen] - 1)
    while skill_before[chosen] >= 0:
        passed, target = group_before[chosen], skill_before[chosen]
        units[passed, chosen] -= 1
        units[passed, target] += 1
        chosen = target
    units[group, chosen] -= 1
    return -float(most)


@compiled
def fill_productive(productive: Ints, length: int, away: Ints, kinds: NDArray[np.int8], starts: NDArray[np.int16]) -> None:
    """Put 1 for each slot of a shift that is productive, else 0, into `productive`."""
    for slot in range(length):
        productive[slot] = 1
    for number in range(len(kinds)):
        for slot in range(starts[number], min(length, starts[number] + away[kinds[number]])):
            productive[slot] = 0


@compiled
def add_units(
    units: Ints,
    per_interval: int,
    grid: Grid,
    letters: NDArray[np.int16],
    kinds: NDArray[np.int8],
    starts: NDArray[np.int16],
    sign: int,
) -> None:
    """Add (`sign` 1) or take (-1) the productive units of a line to those of each interval, shape (intervals,)."""
    productive = np.empty(grid.lengths.max(), np.int64)
    for day in range(len(letters)):
        shift = letters[day]
        if shift >= 0:
            first, length = grid.first[day, shift], grid.lengths[shift]
            fill_productive(productive, length, grid.away, kinds[day], starts[day])
            for slot in range(max(0, -first), min(length, len(units) * per_interval - first)):
                units[(first + slot) // per_interval] += sign * productive[slot]


@compiled
def change(
    place: Heads,
    grid: Grid,
    per_interval: int,
    group: int,
    letters: NDArray[np.int16],
    kinds: NDArray[np.int8],
    starts: NDArray[np.int16],
    sign: int,
) -> float:
    """Add (`sign` 1) or remove (-1) the shifts of a line; return the change of cost.

    Parameters
    ----------
    letters
        Day values, shape (days,).
    kinds, starts
        Kind, and slot of the shift, of each break, shape (days, breaks).
    """
    intervals, skills = place.heads.shape
    total = 0.0
    if not place.allowed[group].any():
        return total
    skill_before, group_before = np.empty(skills, np.int64), np.zeros(skills, np.int64)
    productive = np.empty(grid.lengths.max(), np.int64)
    for day in range(len(letters)):
        shift = letters[day]
        if shift < 0:
            continue
        first, length = grid.first[day, shift], grid.lengths[shift]
        fill_productive(productive, length, grid.away, kinds[day], starts[day])
        for slot in range(max(0, -first), min(length, intervals * per_interval - first)):
            if productive[slot]:
                interval = (first + slot) // per_interval
                if sign > 0:
                    total += _come(place, interval, group, skill_before, group_before)
                else:
                    total += _go(place, interval, group, skill_before, group_before)
    return total


@compiled
def _open_ways(units: Ints, allowed: Bools, come: Ints) -> None:
    """Mark with 0 the skills, marked -2 so far, to which units can be passed on from those marked 0."""
    found = True
    while found:
        found = False
        for skill in range(len(come)):
            for here in range(len(come)):
                for group in range(len(allowed)):
                    if come[skill] == -2 and come[here] == 0 and allowed[group, skill] and units[group, here] > 0:
                        come[skill], found = 0, True


@compiled
def _unit_gains(
    units: Ints,
    heads: Ints,
    prices: Floats,
    points: Floats,
    weights: Floats,
    base: float,
    allowed: Bools,
    group: int,
    come: Ints,
    gains: Floats,
) -> None:
    """Put what 0, 1, ... units more of a group are worth in one interval into `gains`, shape (units + 1,).

    The first arrays are those of `Heads` at the interval; `come` has room for a number a skill. Units are passed on along
    the ways that are open now, which the first of them may close for the others.
    """
    cheapest = np.inf
    for number in range(len(gains)):
        gains[number] = 0.0
    for skill in range(len(come)):
        come[skill] = -2
        if allowed[group, skill]:
            come[skill] = 0
            cheapest = min(cheapest, prices[skill, 0])
    # Ways between skills are only sought when another skill is worth more.
    for skill in range(len(come)):
        if come[skill] == -2 and prices[skill, 0] < cheapest < np.inf:
            _open_ways(units, allowed, come)
            break
    for number in range(1, len(gains)):
        chosen, least = -1, np.inf
        for skill in range(len(come)):
            if come[skill] >= 0:
                price = prices[skill, 0]
                if come[skill] > 0:
                    price = marginal(points[skill], weights, base, heads[skill] + come[skill])
                if price < least:
                    chosen, least = skill, price
        if chosen < 0:
            return
        come[chosen] += 1
        gains[number] = gains[number - 1] - least


@compiled
def shift_worth(place: Heads, grid: Grid, per: int, group: int, shift: int, days: int) -> tuple[Floats, Floats]:
    """Return the worth of a whole shift of a group on each day, and what breaks lose of it.

    Returns
    -------
    Worth without breaks, shape (days,), and the loss of a break of each kind that starts at each slot of the shift, shape (kinds,
    days, slots). Two breaks that take parts of one interval are priced as if each were alone there.
    """
    intervals, skills = place.heads.shape
    length = grid.lengths[shift]
    worth, losses = np.zeros(days), np.zeros((len(grid.away), days, length))
    come, gains = np.empty(skills, np.int64), np.empty(per + 1)
    units, heads, prices, allowed, points = place.units, place.heads, place.prices, place.allowed, place.points
    weights, base = place.weights, place.base
    lost = np.zeros(((length - 1) // per + 2, per + 1))
    for day in range(days):
        first = grid.first[day, shift]
        lowest = first // per
        for number in range((first + length - 1) // per - lowest + 1):
            interval = lowest + number
            for taken in range(per + 1):
                lost[number, taken] = 0.0
            if 0 <= interval < intervals:
                there = heads[interval], prices[interval], points[interval]
                _unit_gains(units[interval], *there, weights, base, allowed, group, come, gains)
                for taken in range(1, per + 1):
                    lost[number, taken] = gains[per] - gains[per - taken]
                inside = min(first + length, (interval + 1) * per) - max(first, interval * per)
                worth[day] += gains[per] * inside / per
        break_losses(lost, first - lowest * per, per, grid.away, losses[:, day])
    return worth, losses


@compiled
def break_losses(lost: Floats, lead: int, per: int, away: Ints, losses: Floats) -> None:
    """Put what breaks lose of a shift into `losses`, shape (kinds, slots).

    Parameters
    ----------
    lost
        What is lost when units are taken out of a whole head in each interval of the shift, shape (intervals, units + 1).
    lead
        Slots from the start of the first interval to the start of the shift.
    """
    slots = losses.shape[1]
    for kind in range(len(away)):
        number, phase = 0, lead
        for start in range(slots if away[kind] else 0):
            # Whole intervals between two parts of one are walked through without a division, which would take most of the time.
            rest, at, taken = min(away[kind], slots - start), number, min(per - phase, away[kind], slots - start)
            total = 0.0
            while rest > 0:
                total += lost[at, taken]
                rest -= taken
                at += 1
                taken = min(per, rest)
            losses[kind, start] = total
            phase += 1
            if phase == per:
                number, phase = number + 1, 0
