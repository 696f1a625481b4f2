"""One boolean an associate, shift and day, in CP-SAT: the model that most descriptions of rostering begin with.

What it says: one shift or day off a day; leave, contract, locks and timings; working days of full weeks; runs of work and of
nights; days off together; rest after the past; seats for who must come to the office; requests; heads short an hour, each head
counted for one skill. What it leaves out: breaks (a shift counts with its mean productive share), wishes on sequences, fair
weekends, and that many heads short at once weigh more, for all of which it would need many more variables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from roster.problem import Facts
from roster.setting import line_choices
from roster.successions import calendar_of
from scheduling.coverage import SkillGroups
from scheduling.people import WorkMode
from scheduling.plan import LEAVE, NONE, OFF
from scheduling.scenario import Scenario

Letters = NDArray[np.int16]
Linear = cp_model.LinearExpr | cp_model.IntVar

HOUR_MINUTES = 60
HEAD = 100
"""Heads are counted in hundredths, for CP-SAT knows whole numbers alone."""
SHORT_COST = 2
"""Cost of a head-hour short, as the engine's first step of shortage has it; the objective is in hundredths of head-hours."""


def plain_cp_sat(scenario: Scenario, seconds: float, *, workers: int, seed: int) -> Letters | None:
    """Return the day values that CP-SAT finds, shape (associates, days); ``None`` where it finds none in time."""
    plain = _Plain(scenario)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    if solver.solve(plain.model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    values = plain.absences.copy()
    for (who, day, shift), given in plain.works.items():
        if solver.boolean_value(given):
            values[who, day] = shift
    return values


class _Plain:
    """The model.

    Attributes
    ----------
    works
        The booleans by (associate, day, shift); only those that facts allow are made.
    absences
        Day values where nobody works: off, leave or none.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario, self._facts = scenario, Facts(scenario, calendar_of(scenario))
        self._days, self._rules = scenario.horizon.day_count, scenario.rules
        self.model = cp_model.CpModel()
        self.works: dict[tuple[int, int, int], cp_model.IntVar] = {}
        self.absences = np.full((len(scenario.associates), self._days), OFF, dtype=np.int16)
        self._costs: list[Linear] = []
        for who in range(len(scenario.associates)):
            self._post_line(who)
        self._post_requests()
        self._post_seats()
        self._post_cover()
        self.model.minimize(cp_model.LinearExpr.sum(self._costs))

    def _post_line(self, who: int) -> None:
        """Post facts and rules of one associate."""
        timings = [self.model.new_bool_var("") for _ in line_choices(self._scenario, self._scenario.associates[who])]
        self.model.add_exactly_one(timings)
        chosen: list[list[cp_model.IntVar]] = [[] for _ in range(self._days)]
        for timing, choice in zip(timings, line_choices(self._scenario, self._scenario.associates[who]), strict=True):
            for day, letters in enumerate(self._facts.letters(who, choice.shifts)[: self._days]):
                if letters[0] < OFF:
                    self.absences[who, day] = letters[0]
                for shift in (letter for letter in letters if letter >= 0):
                    if (who, day, shift) not in self.works:
                        self.works[who, day, shift] = self.model.new_bool_var("")
                        chosen[day].append(self.works[who, day, shift])
                    if day in self._facts.locked[who]:
                        self.model.add(self.works[who, day, shift] == 1)
                    else:
                        self.model.add_implication(self.works[who, day, shift], timing)
        for works in chosen:
            self.model.add_at_most_one(works)
        at_work = [cp_model.LinearExpr.sum(works) for works in chosen]
        self._post_weeks(who, at_work)
        self._post_runs(who, at_work)
        self._post_rest(who)

    def _post_weeks(self, who: int, at_work: Sequence[Linear]) -> None:
        """Post the working days of weeks that lie in the horizon."""
        first, most = -self._scenario.week_offset % 7, self._rules.working_days_per_week
        for start in range(first, self._days - 6, 7):
            week = self.absences[who, start : start + 7]
            on_leave, outside = int((week == LEAVE).sum()), int((week == NONE).sum())
            worked = cp_model.LinearExpr.sum(at_work[start : start + 7])
            self.model.add_linear_constraint(worked, max(0, most - on_leave - outside), max(0, most - on_leave))

    def _post_runs(self, who: int, at_work: Sequence[Linear]) -> None:
        """Post the most days and nights in a row, and that no day off stands alone between two shifts; the past counts."""
        past, types = self._facts.past[who], self._scenario.shift_types
        lead, known = len(past), (self.model.new_constant(0), self.model.new_constant(1))
        night_types = [shift for shift, kind in enumerate(types) if kind.is_night]
        nights = [
            cp_model.LinearExpr.sum([works for (_, _, shift), works in self._on(who, day) if shift in night_types])
            for day in range(self._days)
        ]
        days: list[Linear] = [*(known[value >= 0] for value in past), *at_work]
        nights = [*(known[value in night_types] for value in past), *nights]
        for row, most in ((days, self._rules.max_consecutive_days), (nights, self._rules.max_consecutive_nights)):
            for end in range(max(most, lead), len(row)):
                self.model.add(cp_model.LinearExpr.sum(row[end - most : end + 1]) <= most)
        values = [*past, *self.absences[who]]
        for middle in range(max(1, lead - 1), len(days) - 1):
            if values[middle] == OFF:
                self.model.add(days[middle - 1] + days[middle + 1] - days[middle] <= 1)

    def _post_rest(self, who: int) -> None:
        """Forbid shifts too soon after the last known one; with one timing in the horizon there is rest between all others."""
        worked = [(day, value) for day, value in enumerate(self._facts.past[who]) if value >= 0]
        if not worked:
            return
        horizon, types, rules = self._scenario.horizon, self._scenario.shift_types, self._rules
        column, last = worked[-1]
        day_before = column - len(self._facts.past[who])
        ended = horizon.minute_at(day_before, types[last].start) + types[last].span_minutes
        for day in range(min(7, self._days)):
            for shift in range(len(types)):
                least = rules.rest_minutes if shift == last else max(rules.rest_minutes, rules.timing_change_rest_minutes)
                given = self.works.get((who, day, shift))
                if given is not None and self._scenario.shift_start_minutes[day, shift] - ended < least:
                    self.model.add(given == 0)

    def _post_requests(self) -> None:
        """Let a refused request cost its weight."""
        for request in self._scenario.requests:
            who, day = self._scenario.associate_index[request.associate], self._scenario.horizon.day_index(request.date)
            if not 0 <= day < self._days or self.absences[who, day] < OFF:
                continue
            weight = round(HEAD * request.weight)
            given = {shift: works for (_, _, shift), works in self._on(who, day)}
            if request.want == "off":
                self._costs += [weight * works for works in given.values()]
            elif self._scenario.shift_index[request.want] in given:
                self._costs.append(weight * (1 - given[self._scenario.shift_index[request.want]]))

    def _on(self, who: int, day: int) -> list[tuple[tuple[int, int, int], cp_model.IntVar]]:
        keys = ((who, day, shift) for shift in range(len(self._scenario.shift_types)))
        return [(key, self.works[key]) for key in keys if key in self.works]

    def _post_seats(self) -> None:
        """Post the seats for those who must come, at each start of a shift."""
        office, starts = self._scenario.office, self._scenario.shift_start_minutes
        if office is None:
            return
        must = [associate.work_mode is WorkMode.OFFICE for associate in self._scenario.associates]
        there: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
        moments = np.unique(starts[: self._days])
        for (who, day, shift), works in self.works.items():
            if must[who]:
                start = int(starts[day, shift])
                first, beyond = np.searchsorted(moments, [start, start + self._scenario.shift_types[shift].span_minutes])
                for moment in moments[first:beyond]:
                    there[int(moment)].append(works)
        for people in there.values():
            if len(people) > office.seats:
                self.model.add(sum(people) <= office.seats)

    def _post_cover(self) -> None:
        """Let each head-hour short cost, with heads of several skills counted for one of them at a time."""
        scenario, groups = self._scenario, SkillGroups.of(self._scenario)
        per = HOUR_MINUTES // scenario.horizon.interval_minutes
        hours = len(scenario.requirement.heads) // per
        wanted = np.round(HEAD * scenario.requirement.heads.reshape(hours, per, -1).mean(axis=1)).astype(np.int64)
        here: defaultdict[tuple[int, int], list[Linear]] = defaultdict(list)
        for (who, day, shift), works in self.works.items():
            kind = scenario.shift_types[shift]
            share = scenario.break_policy.productive_minutes_of(kind.span_minutes) / kind.span_minutes
            start = int(scenario.shift_start_minutes[day, shift])
            for hour in range(start // HOUR_MINUTES, -(-(start + kind.span_minutes) // HOUR_MINUTES)):
                inside = min(start + kind.span_minutes, (hour + 1) * HOUR_MINUTES) - max(start, hour * HOUR_MINUTES)
                weight = round(HEAD * share * inside / HOUR_MINUTES)
                here[int(groups.of_associate[who]), hour].append(weight * works)
        for hour in range(hours):
            given: list[list[cp_model.IntVar]] = [[] for _ in scenario.requirement.skills]
            for group, allowed in enumerate(groups.allowed):
                heads, most = here.get((group, hour), []), HEAD * len(scenario.associates)
                skills = np.flatnonzero(allowed).tolist()
                counted = [self.model.new_int_var(0, most, "") for _ in skills]
                self.model.add(cp_model.LinearExpr.sum(counted) <= cp_model.LinearExpr.sum(heads))
                for skill, part in zip(skills, counted, strict=True):
                    given[skill].append(part)
            for skill, parts in enumerate(given):
                short = self.model.new_int_var(0, int(wanted[hour, skill]), "")
                self.model.add(cp_model.LinearExpr.sum([short, *parts]) >= int(wanted[hour, skill]))
                self._costs.append(SHORT_COST * short)
