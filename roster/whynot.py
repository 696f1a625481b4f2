"""Why not? What stands against one value in one cell of a roster, and what it would cost where nothing does.

The checker says which rules the cell alone would break. The nearest line that has the value and keeps all rules is a best
response with the cell given (`roster.standing`), so its cost is exact; where there is none, the smallest clash is named, and the
ways out of it are solved again before they are offered (`roster.relax`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from roster.automaton import LineGraph
from roster.check import check
from roster.explain import SEQUENCE_RULES, Explainer, Question
from roster.fair import WeekendShares
from roster.relax import ways_out
from roster.rules import RULES_OF_PEOPLE
from roster.standing import Letters, Standing
from scheduling.people import WorkMode
from scheduling.plan import HOME, NOWHERE, OFFICE, RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario

NEAR_DAY_COST = 50.0
"""What a day that changes beside the cell costs, in head-hours, when the nearest line is sought: more than it could gain."""
WAYS = 3


@dataclass(frozen=True)
class Price:
    """What a line costs more than the present one, in head-hours; less where it is negative."""

    coverage: float
    hours: float
    wishes: float
    fairness: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.coverage + self.hours + self.wishes + self.fairness


@dataclass(frozen=True)
class Found:
    """A line of an associate that has the value asked for.

    Parameters
    ----------
    letters
        Day values, shape (days,).
    changed
        Days that are not as they stand, the cell among them.
    broken
        Hard rules that the checker says it breaks and the present line does not.
    """

    letters: Letters
    changed: tuple[int, ...]
    price: Price
    broken: tuple[Violation, ...] = ()


@dataclass(frozen=True)
class Way:
    """A way out that was solved again: what is given up, in words, and the line that is possible then."""

    words: tuple[str, ...]
    found: Found


@dataclass(frozen=True)
class Answer:
    """What is to be said of one value in one cell.

    Parameters
    ----------
    stands
        Whether the cell has this value already.
    alone
        Rules that are broken when only this day is changed, hard ones first; without those that are broken anyway.
    price_alone
        What that costs; ``None`` where a hard rule is broken.
    nearest
        The line with the value that keeps all rules and changes least beside; ``None`` where there is none.
    best
        The best such line whatever changes; ``None`` where it is the nearest one, or there is none.
    clash
        Facts and rules that together rule the value out, where no line has it.
    ways
        The cheapest ways out of the clash.
    """

    index: int
    day: int
    value: int
    stands: bool
    alone: tuple[Violation, ...]
    price_alone: Price | None
    nearest: Found | None
    best: Found | None = None
    clash: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether the value could stand there with nothing else changed and no hard rule broken."""
        return not any(one.severity is Severity.BLOCKS_PUBLISHING for one in self.alone)


class Asker:
    """Answers questions about the days of one associate; what is the same for all of them is computed once."""

    def __init__(self, standing: Standing, index: int) -> None:
        self._standing, self._index = standing, index
        self._now: Letters = standing.plan.values[index]
        self._free = np.ones(len(self._now), dtype=bool)
        self._alone = scenario_of(standing.scenario, index)
        self._broken_now = self._check(self._alone, self._now)
        self._explainer = Explainer(self._alone, standing.calendar)
        self._shares = WeekendShares(standing.scenario)
        self._shares.update(standing.plan.values)

    def _check(self, scenario: Scenario, letters: Letters) -> tuple[Violation, ...]:
        """Return what the rules of one associate say of a line; shifts are worked where the work mode has it."""
        office = self._standing.scenario.associates[self._index].work_mode is WorkMode.OFFICE
        places = np.where(letters >= 0, OFFICE if office else HOME, NOWHERE).astype(np.int8)
        return check(replace(scenario, office=None), RosterPlan(letters[None, :], places[None, :]), RULES_OF_PEOPLE)

    def ask(self, day: int, value: int, *, in_full: bool = True) -> Answer:
        """Answer for one value in one cell.

        Parameters
        ----------
        in_full
            Whether the best line is sought beside the nearest, and clash and ways out where there is none; that takes longest.
        """
        letters = self._now.copy()
        letters[day] = value
        stands = bool(self._now[day] == value)
        alone = self._new(self._check(self._alone, letters))
        nearest = self._forced(day, value, NEAR_DAY_COST)
        best = self._forced(day, value, 0.0) if in_full else None
        if nearest is not None and best is not None and (nearest.letters == best.letters).all():
            best = None
        price = None if any(_blocks(one) for one in alone) else self._price(letters)
        answer = Answer(self._index, day, value, stands, alone, price, nearest, best)
        if nearest is not None or stands or not in_full:
            return answer
        question = self._explainer.everything(0, {day: value})
        clash = tuple(self._explainer.words(0, self._explainer.smallest(0, question)))
        return replace(answer, clash=clash, ways=tuple(self._ways(question)))

    def clash(self) -> tuple[tuple[str, ...], tuple[Way, ...]]:
        """Return the smallest set of facts and rules of the associate that clash, and ways out; nothing where none do."""
        question = self._explainer.everything(0)
        if self._explainer.possible(0, question):
            return (), ()
        words = tuple(self._explainer.words(0, self._explainer.smallest(0, question)))
        return words, tuple(self._ways(question))

    def _new(self, violations: Sequence[Violation]) -> tuple[Violation, ...]:
        known = {(one.rule, one.when, one.message) for one in self._broken_now}
        return tuple(one for one in violations if (one.rule, one.when, one.message) not in known)

    def _forced(self, day: int, value: int, near: float) -> Found | None:
        """Return the best line that has the value, where days that change cost so much each."""
        standing = self._standing
        if value not in standing.facts.letters(self._index, tuple(range(len(standing.scenario.shift_types))))[day]:
            return None
        graphs = standing.graphs(self._index, self._free, {day: value})
        return self._found(graphs, near) if graphs else None

    def _found(self, graphs: tuple[LineGraph, ...], near: float, scenario: Scenario | None = None) -> Found:
        """Return the best of some lines, judged by the rules of a scenario of the associate alone."""
        person = self._standing.changing(self._index, graphs, self._free, near)
        bench = self._standing.bench([self._index], [person])
        bench.respond(0)
        work = bench.work[0]
        assert work is not None  # noqa: S101 - a response always gives work.
        letters = work.letters
        changed = tuple(int(day) for day in np.flatnonzero(letters != self._now))
        hard = [one for one in self._new(self._check(scenario or self._alone, letters)) if _blocks(one)]
        return Found(letters, changed, self._price(letters), tuple(hard))

    def _ways(self, question: Question) -> list[Way]:
        """Return the ways out that hold when they are solved again and judged by the checker."""
        ways = []
        for way in ways_out(self._explainer, 0, question, WAYS):
            graphs = self._explainer.graphs(0, question.without(way.given_up))
            found = self._found(graphs, NEAR_DAY_COST, scenario_without(self._alone, way.given_up))
            if all(one.rule in way.given_up.rules or one.rule not in SEQUENCE_RULES for one in found.broken):
                ways.append(Way(tuple(self._explainer.words(0, way.given_up)), found))
        return ways

    def _price(self, letters: Letters) -> Price:
        """Return what a line costs more than the present one; shifts that stay keep their breaks, others get the best."""
        standing, index = self._standing, self._index
        policy, types = standing.scenario.break_policy, standing.scenario.shift_types
        hours = [policy.productive_minutes_of(kind.span_minutes) / 60 for kind in types]

        def worked(line: Letters) -> float:
            return float(sum(hours[value] for value in line[line >= 0].tolist()))

        refused = standing.verdict(index, letters).wish_cost - standing.verdict(index, self._now).wish_cost
        return Price(
            coverage=self._coverage(letters) - self._coverage_now,
            hours=standing.cost.worked_hour * (worked(letters) - worked(self._now)),
            wishes=refused,
            fairness=self._shares.cost(letters) - self._shares.cost(self._now),
        )

    @cached_property
    def _coverage_now(self) -> float:
        return self._coverage(self._now)

    def _coverage(self, letters: Letters) -> float:
        """Return what shortage and surplus of the whole roster cost when the associate has this line."""
        standing, index = self._standing, self._index
        person = standing.whoever(index, letters)
        bench = standing.bench([index], [person])
        bench.give(0, letters)
        given = bench.patterns_of(0)
        old = standing.patterns(index)
        kept = {day: old[day] for day in np.flatnonzero(letters == self._now).tolist() if day in old}
        bench.remove(0)
        bench.hold(0, letters, {**given, **kept})
        return float(bench.board.coverage_cost)


def _blocks(violation: Violation) -> bool:
    return violation.severity is Severity.BLOCKS_PUBLISHING


def scenario_of(scenario: Scenario, index: int) -> Scenario:
    """Return the scenario of one associate alone."""
    code = scenario.associates[index].code
    return replace(
        scenario,
        associates=(scenario.associates[index],),
        leave=tuple(one for one in scenario.leave if one.associate == code),
        requests=tuple(one for one in scenario.requests if one.associate == code),
        locks=tuple(one for one in scenario.locks if one.associate == code),
        history=tuple(one for one in scenario.history if one.associate == code),
    )


def scenario_without(scenario: Scenario, given_up: Question) -> Scenario:
    """Return the scenario of one associate without the locks, days of leave and past that are given up."""
    days = scenario.horizon.dates
    freed, unlocked = {days[day] for day in given_up.leave}, {days[day] for day in given_up.locks}
    single = [
        replace(one, first_day=day, last_day=day)
        for one in scenario.leave
        for day in days
        if one.first_day <= day <= one.last_day and day not in freed
    ]
    return replace(
        scenario,
        leave=tuple(single) if freed else scenario.leave,
        locks=tuple(one for one in scenario.locks if one.date not in unlocked),
        history=() if given_up.history else scenario.history,
    )
