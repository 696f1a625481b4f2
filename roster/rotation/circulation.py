"""The circulation: stints and rests as arcs over the weekdays, and how many times each is walked as an integer programme.

A node is the morning of a weekday, before a stint or before a rest, with what the next piece must know: which shift types may
come over the rest, and how many days of this week are worked already where weeks are held to a number. Rests that may lie
between any two shift types all pass through nodes that know no shift type, so that walks meet there. With x the number of
times that each arc is walked:

    sum of x into a node = sum of x out of it                                            (balance)
    sum of x over the arcs with shift type t on weekday d = or >= requirement[t, d]      (coverage)
    sum of x over the arcs that lie on weekday d = rows                                  (everybody is somewhere)

The size depends on the rules alone, not on the number of associates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from roster.rotation.stints import Letters, work_stints
from scheduling.plan import OFF
from scheduling.rotation import DAYS_IN_WEEK, Counts, RotationProblem, RotationRules

WeekState = tuple[int, int]
"""Days worked in this week so far, and the shift type that the week keeps (`OFF` while it has none)."""
FRESH: WeekState = (0, OFF)
Class = frozenset[tuple[int, int]] | None
"""What a shift type may not have on the other side of a rest: pairs of days off and shift type; ``None`` where no matter."""
Node = tuple[bool, int, WeekState, Class]
"""Whether it is before a rest, the weekday, the week so far, and the class of the shift before, or after, the rest."""


@dataclass(frozen=True)
class Arc:
    """One piece of a walk.

    Parameters
    ----------
    tail, head
        Numbers of the nodes.
    weekday
        Column of its first day.
    letters
        Its days: indices of shift types, or `OFF`.
    """

    tail: int
    head: int
    weekday: int
    letters: Letters


@dataclass(frozen=True)
class Circulation:
    """The arcs that lie on closed walks, and what each gives."""

    problem: RotationProblem
    arcs: tuple[Arc, ...]
    node_count: int

    @cached_property
    def given(self) -> Counts:
        """Times that each arc has each letter on each weekday, shape (arcs, shift types + 1, 7); the last letter is off."""
        given = np.zeros((len(self.arcs), len(self.problem.shifts) + 1, DAYS_IN_WEEK), dtype=np.int64)
        for number, arc in enumerate(self.arcs):
            days = (arc.weekday + np.arange(len(arc.letters))) % DAYS_IN_WEEK
            np.add.at(given[number], (np.array(arc.letters, dtype=np.int64), days), 1)
        return given

    @cached_property
    def free_weekends(self) -> Counts:
        """Free weekends in each arc, shape (arcs,)."""
        saturday = self.problem.saturday
        return np.array(
            [
                sum((arc.weekday + day) % DAYS_IN_WEEK == saturday for day in range(len(arc.letters) - 1))
                if arc.letters[:1] == (OFF,)
                else 0
                for arc in self.arcs
            ],
            dtype=np.int64,
        )

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Tail and head of each arc, shape (arcs, 2)."""
        return np.array([(arc.tail, arc.head) for arc in self.arcs], dtype=np.int64).reshape(len(self.arcs), 2)


def circulation_of(problem: RotationProblem) -> Circulation:
    """Return the arcs of a problem that lie on closed walks."""
    rules = problem.rules
    numbers: dict[Node, int] = {}
    arcs = [
        Arc(numbers.setdefault(tail, len(numbers)), numbers.setdefault(head, len(numbers)), tail[1], letters)
        for tail, head, letters in _pieces(rules)
    ]
    return Circulation(problem, tuple(_on_closed_walks(arcs)), len(numbers))


def _pieces(rules: RotationRules) -> Iterator[tuple[Node, Node, Letters]]:
    """Yield each stint and each rest from every state of the week in which it may begin."""
    before, after = _classes(rules)
    rests = list(_rests(rules, before, after))
    stints = work_stints(rules)
    for weekday, week in _week_starts(rules):
        for letters in stints:
            if (end := _followed(week, weekday, letters, rules)) is not None:
                tail = (False, weekday, week, after[letters[0]])
                yield tail, (True, (weekday + len(letters)) % DAYS_IN_WEEK, end, before[letters[-1]]), letters
        for earlier, letters, later in rests:
            if (end := _followed(week, weekday, letters, rules)) is not None:
                head = (False, (weekday + len(letters)) % DAYS_IN_WEEK, end, later)
                yield (True, weekday, week, earlier), head, letters
        # Steps of no days to the nodes that know no shift type, and away from them.
        for known in dict.fromkeys(one for one in before if one is not None):
            yield (True, weekday, week, known), (True, weekday, week, None), ()
        for known in dict.fromkeys(one for one in after if one is not None):
            yield (False, weekday, week, None), (False, weekday, week, known), ()


def _classes(rules: RotationRules) -> tuple[list[Class], list[Class]]:
    """Return the class of each shift type before a rest, and after one; types of one class are alike to the rest."""
    over_rest = [one for one in rules.forbidden if rules.off[0] <= one[1] <= rules.off[1]]
    types = range(len(rules.blocks))
    if not over_rest:
        return [None for _ in types], [None for _ in types]
    before = [frozenset((gap, later) for earlier, gap, later in over_rest if earlier == shift) for shift in types]
    after = [frozenset((gap, earlier) for earlier, gap, later in over_rest if later == shift) for shift in types]
    return list(before), list(after)


def _rests(
    rules: RotationRules, before: Sequence[Class], after: Sequence[Class]
) -> Iterator[tuple[Class, Letters, Class]]:  # fmt: skip
    """Yield the rests with the classes that they may lie between; one that may lie between any two knows none."""
    types = range(len(rules.blocks))
    restless = {gap for _, gap, _ in rules.forbidden}
    for length in range(rules.off[0], rules.off[1] + 1):
        letters = (OFF,) * length
        if length not in restless:
            yield None, letters, None
            continue
        pairs = ((one, two) for one in types for two in types if (one, length, two) not in rules.forbidden)
        for earlier, later in dict.fromkeys((before[one], after[two]) for one, two in pairs):
            yield earlier, letters, later


def _week_starts(rules: RotationRules) -> Iterator[tuple[int, WeekState]]:
    """Yield the weekdays with the states of the week in which a piece may begin."""
    kept = [OFF, *range(len(rules.blocks))] if rules.one_type_a_week else [OFF]
    for weekday in range(DAYS_IN_WEEK):
        most = min(weekday, rules.week_days[1]) if rules.week_days else 0
        for worked in range(most + 1):
            for shift in kept:
                if weekday or shift == OFF:
                    yield weekday, (worked, shift)


def _followed(week: WeekState, weekday: int, letters: Letters, rules: RotationRules) -> WeekState | None:
    """Return the state of the week after some days, ``None`` where a rule of the week forbids them."""
    for letter in letters:
        worked, kept = week
        if letter != OFF:
            if rules.one_type_a_week and kept not in {OFF, letter}:
                return None
            week = (worked + (rules.week_days is not None), letter if rules.one_type_a_week else OFF)
        weekday += 1
        if weekday % DAYS_IN_WEEK == 0:
            if rules.week_days and not rules.week_days[0] <= week[0] <= rules.week_days[1]:
                return None
            week = FRESH
        elif rules.week_days and week[0] > rules.week_days[1]:
            return None
    return week


def _on_closed_walks(arcs: list[Arc]) -> list[Arc]:
    """Drop arcs that begin where nothing ends, or end where nothing begins, until none is left."""
    while True:
        tails, heads = {arc.tail for arc in arcs}, {arc.head for arc in arcs}
        kept = [arc for arc in arcs if arc.tail in heads and arc.head in tails]
        if len(kept) == len(arcs):
            return kept
        arcs = kept
