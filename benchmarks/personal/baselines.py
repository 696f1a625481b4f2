"""Simpler ways to decide the same instances, to compare with: one boolean an associate, shift and day in CP-SAT."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from time import monotonic

import numpy as np
from ortools.sat.python import cp_model

from roster.personal.check import cost_of, faults_of
from roster.personal.question import OFF, SATURDAY, Question, Terms
from roster.personal.solver import Answer

Boolean = cp_model.IntVar
Literal = cp_model.LiteralT


def plain_cp_sat(question: Question, seconds: float, *, workers: int = 2, seed: int = 1) -> Answer:
    """Return what CP-SAT finds with a boolean for each associate, shift and day and the rules written out."""
    began = monotonic()
    model = cp_model.CpModel()
    works = [
        [[model.new_bool_var("") for _ in range(question.shifts)] for _ in range(question.days)] for _ in range(question.people)
    ]
    for terms, days in zip(question.terms, works, strict=True):
        _post_line(model, question, terms, days)
    model.minimize(_requests(question, works) + _cover(model, question, works))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.1, seconds - (monotonic() - began) - 0.5)
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return Answer(None, math.inf, solver.best_objective_bound, monotonic() - began, ())
    lines = np.full((question.people, question.days), OFF)
    for person, days in enumerate(works):
        for day, shifts in enumerate(days):
            lines[person, day] = next((shift for shift, given in enumerate(shifts) if solver.boolean_value(given)), OFF)
    rows = lines.tolist()
    bound = math.ceil(solver.best_objective_bound - 1e-6)
    return Answer(lines, cost_of(question, rows), bound, monotonic() - began, tuple(faults_of(question, rows)))


def _post_line(model: cp_model.CpModel, question: Question, terms: Terms, days: list[list[Boolean]]) -> None:
    """Post the terms of one associate."""
    at_work = [model.new_bool_var("") for _ in days]
    for day, shifts in enumerate(days):
        model.add(sum(shifts) == at_work[day])
        if day in terms.days_off:
            model.add(at_work[day] == 0)
    for today, tomorrow in pairwise(days):
        for before, after in np.argwhere(question.forbidden):
            model.add_bool_or(~today[before], ~tomorrow[after])
    for shift, most in enumerate(terms.most_shifts):
        model.add(sum(shifts[shift] for shifts in days) <= min(most, len(days)))
    minutes = sum(int(length) * shifts[number] for shifts in days for number, length in enumerate(question.minutes))
    model.add_linear_constraint(minutes, terms.least_minutes, terms.most_minutes)
    for first in range(len(days) - terms.most_in_a_row):
        model.add(sum(at_work[first : first + terms.most_in_a_row + 1]) <= terms.most_in_a_row)
    resting = [~work for work in at_work]
    _post_least_run(model, at_work, resting, terms.least_in_a_row)
    _post_least_run(model, resting, at_work, terms.least_off_in_a_row)
    weekends = [at_work[first : first + 2] for first in range(SATURDAY, len(days), 7)]
    worked = [model.new_bool_var("") for _ in weekends]
    for weekend, given in zip(weekends, worked, strict=True):
        model.add_max_equality(given, weekend)
    model.add(sum(worked) <= terms.most_weekends)


def _post_least_run(model: cp_model.CpModel, inside: Sequence[Literal], outside: Sequence[Literal], least: int) -> None:
    """Forbid runs inside the horizon that are shorter than `least`."""
    for length in range(1, least):
        for first in range(1, len(inside) - length):
            broken = [~day for day in inside[first : first + length]]
            model.add_bool_or(~outside[first - 1], *broken, ~outside[first + length])


def _requests(question: Question, works: list[list[list[Boolean]]]) -> cp_model.LinearExpr:
    """Return what refused requests cost."""
    places = np.argwhere(question.shift_costs != 0)
    given = [works[person][day][shift] for person, day, shift in places]
    costs = [int(question.shift_costs[tuple(place)]) for place in places]
    return cp_model.LinearExpr.weighted_sum(given, costs) + int(question.base_costs.sum())


def _cover(model: cp_model.CpModel, question: Question, works: list[list[list[Boolean]]]) -> cp_model.LinearExpr:
    """Return what heads too few and too many cost."""
    variables, costs = [], []
    for day, shift in np.argwhere((question.under_weights > 0) | (question.over_weights > 0)):
        under, over = model.new_int_var(0, question.people * 2, ""), model.new_int_var(0, question.people, "")
        heads = sum(days[day][shift] for days in works)
        model.add(heads + under - over == int(question.required[day, shift]))
        variables += [under, over]
        costs += [int(question.under_weights[day, shift]), int(question.over_weights[day, shift])]
    return cp_model.LinearExpr.weighted_sum(variables, costs)


def pyworkforce_roster(question: Question, seconds: float, *, workers: int = 2, seed: int = 1) -> Answer:
    """Return what the rostering of pyworkforce 0.5.1 finds, with as many of the rules as it has words for.

    It knows cover as a hard least, hours as a least for all, bans, successions and a most of days off. It has no words for runs,
    weekends, a most of minutes, shifts of a type or weights; the checker names what that breaks.
    """
    from pyworkforce.rostering import MinHoursRoster  # noqa: PLC0415 (an optional dependency of benchmarks)

    began = monotonic()
    names = list(question.shift_names)
    banned = [
        {"resource": name, "shift": names[shift], "day": day}
        for name, terms in zip(question.names, question.terms, strict=True)
        for day in range(question.days)
        for shift in range(question.shifts)
        if day in terms.days_off or terms.most_shifts[shift] == 0
    ]
    roster = MinHoursRoster(
        num_days=question.days,
        resources=list(question.names),
        shifts=names,
        shifts_hours=[int(minutes) // 60 for minutes in question.minutes],
        min_working_hours=min(terms.least_minutes for terms in question.terms) // 60,
        banned_shifts=banned,
        max_resting=question.days,
        required_resources={name: question.required[:, shift].tolist() for shift, name in enumerate(names)},
        non_sequential_shifts=[{"origin": names[a], "destination": names[b]} for a, b in np.argwhere(question.forbidden)],
        max_search_time=max(1.0, seconds - 1.0),
        num_search_workers=workers,
    )
    found = roster.solve()
    given = found.get("resource_shifts") or []
    if not given:
        return Answer(None, math.inf, -math.inf, monotonic() - began, ())
    lines = np.full((question.people, question.days), OFF)
    for one in given:
        lines[question.names.index(one["resource"]), int(one["day"])] = names.index(one["shift"])
    rows = lines.tolist()
    return Answer(lines, cost_of(question, rows), -math.inf, monotonic() - began, tuple(faults_of(question, rows)))


BASELINES: dict[str, Callable[..., Answer]] = {"cp-sat": plain_cp_sat, "pyworkforce": pyworkforce_roster}
