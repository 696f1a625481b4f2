"""Why hard rules clash: the smallest set of facts and rules of one associate that cannot all be kept.

All hard rules but the seats of the office concern one associate at a time, so a clash is an empty rule automaton, and leaving
facts and rules out one by one, keeping out what the clash does not need, ends in a smallest set (deletion filter, Chinneck and
Dravnieks, ORSA J. Computing 3(2), 1991)::

    for each c of C in turn:  C <- C without c, where C without c still has no line

No solver is asked, so nothing depends on its presolve.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from roster.automaton import LineGraph
from roster.problem import Facts, GraphMaker, Problem
from roster.rules import RULES
from roster.rules.place import OfficeDays, OfficeSeats
from roster.rules.rule import Face, Rule
from roster.setting import LineChoice, WishCosts, line_choices
from roster.successions import Calendar
from scheduling.people import WorkMode
from scheduling.plan import DAY_WORDS, NONE, OFF
from scheduling.result import Clash
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario

SEQUENCE_RULES: dict[str, Rule] = {
    rule.name: rule for rule in RULES if rule.face is Face.MACHINE and rule.severity is Severity.BLOCKS_PUBLISHING
}
"""The hard rules of one associate's sequence of days, by name."""

MOST_MESSAGES = 3
"""Messages with which a clash of the whole site shows its nearest roster."""


@dataclass(frozen=True)
class Question:
    """What is kept while the clash is narrowed down.

    Parameters
    ----------
    rules
        Names of the sequence rules kept.
    locks, leave
        Days of the locks and of the leave kept.
    history
        Whether the past is kept.
    asked
        Values that days must have whatever else is left out, as (day, value).
    """

    rules: frozenset[str]
    locks: frozenset[int]
    leave: frozenset[int]
    history: bool = True
    asked: frozenset[tuple[int, int]] = frozenset()

    def without(self, part: Question) -> Question:
        """Return the question with what `part` keeps left out."""
        return Question(
            self.rules - part.rules,
            self.locks - part.locks,
            self.leave - part.leave,
            history=self.history and not part.history,
            asked=self.asked,
        )

    def joined(self, part: Question) -> Question:
        """Return the question with what `part` keeps kept as well."""
        return Question(
            self.rules | part.rules, self.locks | part.locks, self.leave | part.leave, history=self.history or part.history
        )


NOTHING = Question(frozenset(), frozenset(), frozenset(), history=False)
"""A question that keeps nothing."""


def explain_clashes(problem: Problem, violations: Sequence[Violation]) -> tuple[Clash, ...]:
    """Return one clash for each associate whose hard rules cannot all be kept, and one for an office that is too small.

    Parameters
    ----------
    violations
        What the checker says of the relaxed roster: its hard violations are the nearest relaxation.
    """
    explainer = Explainer(problem.scenario, problem.calendar)
    clashes = [
        explainer.clash(index, [one for one in violations if one.who == problem.scenario.associates[index].code])
        for index, person in enumerate(problem.people)
        if person.relaxed
    ]
    return (*clashes, *_office_clash(problem.scenario, violations))


def _office_clash(scenario: Scenario, violations: Sequence[Violation]) -> Iterator[Clash]:
    """Yield the clash of an office without room for those who must, or owe to, be there.

    The lines of the roster were chosen together so that as few seats as can be are missing; seats are given up after office
    days, so only where seats are missing those who have no choice are in each other's way.
    """
    seats = [one for one in violations if one.rule == OfficeSeats.name]
    days = [one for one in violations if one.rule == OfficeDays.name]
    if scenario.office is None or not seats + days:
        return
    modes = Counter(person.work_mode for person in scenario.associates)
    facts = [f"{OfficeSeats.title} ({scenario.office.seats})"]
    if seats or modes[WorkMode.OFFICE]:
        facts.append(f"{modes[WorkMode.OFFICE]} associates with work mode office")
    if days:
        facts.append(f"{OfficeDays.title} ({scenario.office.days_per_week}, {modes[WorkMode.HYBRID]} hybrid associates)")
    told = list(dict.fromkeys(one.message for one in [*seats, *days]))
    more = f"; {len(told) - MOST_MESSAGES} more like these" if len(told) > MOST_MESSAGES else ""
    yield Clash("", tuple(facts), f"Nearest roster: {'; '.join(told[:MOST_MESSAGES])}{more}")


class Explainer:
    """Asks the rule automaton which facts and rules of an associate can be kept together."""

    def __init__(self, scenario: Scenario, calendar: Calendar) -> None:
        self._scenario = scenario
        self._facts = Facts(scenario, calendar)
        self._maker = GraphMaker(scenario, calendar, WishCosts())

    def clash(self, index: int, violations: Sequence[Violation]) -> Clash:
        """Narrow down the clash of one associate."""
        kept = self.smallest(index)
        hard = [one for one in violations if one.severity is Severity.BLOCKS_PUBLISHING]
        allow = "; ".join(dict.fromkeys(one.message for one in hard)) or "leave one of these out"
        return Clash(self._scenario.associates[index].code, tuple(self.words(index, kept)), f"Nearest roster: {allow}")

    def everything(self, index: int, asked: Mapping[int, int] | None = None) -> Question:
        """Return the question that keeps all facts and rules of an associate, and values that are asked for."""
        leave = frozenset(int(day) for day in np.flatnonzero(self._facts.on_leave[index]))
        locks = frozenset(self._facts.locked[index]) - leave
        return Question(frozenset(SEQUENCE_RULES), locks, leave, asked=frozenset((asked or {}).items()))

    def smallest(self, index: int, question: Question | None = None) -> Question:
        """Return a set of facts and rules that cannot all be kept, while all but any one of them can.

        Parameters
        ----------
        question
            What to narrow down; nothing that keeps it may be possible. All facts and rules without it.
        """
        kept = self._narrowed_to_one_rule(index, question or self.everything(index))
        for part in self.parts(kept):
            narrowed = kept.without(part)
            if not self.possible(index, narrowed):
                kept = narrowed
        return kept

    def _narrowed_to_one_rule(self, index: int, question: Question) -> Question:
        """Return the question with no rule or one, where facts clash with that alone; the automaton of one rule is tiny."""
        for rules in (frozenset[str](), *(frozenset({name}) for name in SEQUENCE_RULES if name in question.rules)):
            narrow = replace(question, rules=rules)
            if not self.possible(index, narrow):
                return narrow
        return question

    def parts(self, question: Question) -> Iterator[Question]:
        """Yield what would be left out, one thing at a time, what a planner can change most easily last."""
        yield from (replace(NOTHING, leave=frozenset({day})) for day in sorted(question.leave))
        if question.history:
            yield replace(NOTHING, history=True)
        yield from (replace(NOTHING, rules=frozenset({name})) for name in SEQUENCE_RULES if name in question.rules)
        yield from (replace(NOTHING, locks=frozenset({day})) for day in sorted(question.locks))

    def possible(self, index: int, question: Question) -> bool:
        """Whether some line keeps what the question keeps."""
        left_out = frozenset(SEQUENCE_RULES) - question.rules
        past = self._past(index, question)
        return any(
            self._maker.has_line(choice, past, self._letters(index, question, choice.shifts), left_out)
            for choice in self._choices(index, question)
        )

    def graphs(self, index: int, question: Question) -> tuple[LineGraph, ...]:
        """Return the lines that keep what the question keeps, one graph for each timing that has any."""
        left_out = frozenset(SEQUENCE_RULES) - question.rules
        past = self._past(index, question)
        found = (
            self._maker.graph(choice, past, self._letters(index, question, choice.shifts), left_out)
            for choice in self._choices(index, question)
        )
        return tuple(graph for graph in found if graph is not None)

    def _past(self, index: int, question: Question) -> list[int]:
        past = self._facts.past[index]
        return past if question.history else [NONE] * len(past)

    def _choices(self, index: int, question: Question) -> tuple[LineChoice, ...]:
        return line_choices(
            self._scenario,
            self._scenario.associates[index],
            # Who is asked for one shift of another timing still has the own timing on all other days.
            timing_kept="timing-kept" in question.rules or bool(question.asked),
            consent_kept="night-consent" in question.rules,
        )

    def _letters(self, index: int, question: Question, shifts: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        facts, asked = self._facts, dict(question.asked)
        letters = list(facts.letters(index, shifts))
        for day in range(self._scenario.horizon.day_count):
            leave_away = facts.on_leave[index, day] and day not in question.leave
            locked_away = day in facts.locked[index] and day not in question.locks
            if leave_away or (locked_away and not facts.on_leave[index, day]):
                letters[day] = (*shifts, OFF)
            if day in asked:
                # What is asked for may be a shift of another timing; the rule of the timing judges that.
                is_open = len(letters[day]) > 1 or asked[day] in letters[day]
                letters[day] = (asked[day],) if is_open else ()
        return tuple(letters)

    def words(self, index: int, question: Question) -> list[str]:
        """Return what a question keeps in a planner's words."""
        scenario = self._scenario
        words = [self._rule_words(index, rule) for name, rule in SEQUENCE_RULES.items() if name in question.rules]
        words += [f"leave {first:%a %d %b %Y} to {last:%a %d %b %Y}" for first, last in self._ranges(question.leave)]
        for day in sorted(question.locks):
            value = self._facts.locked[index][day]
            word = DAY_WORDS.get(value) or scenario.shift_types[value].code
            words.append(f"lock {word} on {scenario.horizon.dates[day]:%a %d %b %Y}")
        if question.history:
            words.append("the days worked before the roster begins")
        return words

    def _rule_words(self, index: int, rule: Rule) -> str:
        """Return the title of a rule with the numbers of the site, or with the timing of the associate."""
        timing = self._scenario.associates[index].timing
        given = f"timing {timing}" if rule.name == "timing-kept" and timing else None
        limit = given or rule.limit.format(**vars(self._scenario.rules))
        return f"{rule.title} ({limit})" if limit else rule.title

    def _ranges(self, days: frozenset[int]) -> list[tuple[date, date]]:
        """Return runs of days as first and last date."""
        dates = self._scenario.horizon.dates
        ordered: NDArray[np.int64] = np.array(sorted(days), dtype=np.int64)
        runs = np.split(ordered, np.flatnonzero(np.diff(ordered) > 1) + 1)
        return [(dates[int(run[0])], dates[int(run[-1])]) for run in runs if len(run)]
