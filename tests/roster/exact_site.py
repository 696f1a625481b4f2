"""The true optimum of a tiny site as one integer programme over all legal lines and all break patterns.

It shares nothing with the engine but the words of the kernel: legal lines come from the checker, patterns from the list of all
legal ones, and the solver is another.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt.python import mathopt

from breaks.patterns import enumerate_patterns
from roster.check import check
from scheduling.cost import CoverageCost
from scheduling.coverage import SkillGroups, working_slots
from scheduling.plan import HOME, NOWHERE, RosterPlan
from scheduling.rules import Severity
from scheduling.scenario import Scenario
from tests.roster.small_sites import all_lines

Sum = Any
"""A linear expression of the modelling library, which has no types."""


def legal_lines(of: Scenario, index: int) -> NDArray[np.int16]:
    """Return every line that the checker lets an associate have, shape (lines, days)."""
    lines, person = all_lines(of), of.associates[index]
    copies = tuple(replace(person, code=f"{number:05d}") for number in range(len(lines)))
    site = replace(of, associates=copies)
    plan = RosterPlan(lines, np.where(lines >= 0, HOME, NOWHERE).astype(np.int8))
    wrong = {one.who for one in check(site, plan) if one.severity is Severity.BLOCKS_PUBLISHING}
    return lines[[copy.code not in wrong for copy in copies]]


def wishes_refused(of: Scenario, line: NDArray[np.int16]) -> float:
    """Return the cost of the days beyond a wished run, the only wishes that small sites refuse within a week."""
    cost, run, nights = 0.0, 0, 0
    for letter in line:
        run = run + 1 if letter >= 0 else 0
        nights = nights + 1 if letter >= 0 and of.shift_types[letter].is_night else 0
        cost += 0.25 * (run > of.rules.wished_consecutive_days) + 0.05 * (nights > of.rules.wished_consecutive_nights)
    return cost


def optimum(of: Scenario, cost: CoverageCost) -> float:
    """Return the least cost of hours worked, coverage and refused wishes, weekends apart."""
    model, groups = mathopt.Model(), SkillGroups.of(of)
    grid, horizon, policy = of.break_policy.grid_minutes, of.horizon, of.break_policy
    per_interval = horizon.interval_minutes // grid
    supply: list[list[list[Sum]]] = [[[] for _ in range(horizon.interval_count)] for _ in range(groups.count)]
    total: list[Sum] = []
    for index in range(len(of.associates)):
        lines = legal_lines(of, index)
        chosen = [model.add_binary_variable() for _ in lines]
        model.add_linear_constraint(mathopt.fast_sum(chosen) == 1)
        for line, variable in zip(lines, chosen, strict=True):
            hours = sum(policy.productive_minutes_of(of.shift_types[letter].span_minutes) / 60 for letter in line if letter >= 0)
            total.append((hours * cost.worked_hour + wishes_refused(of, line)) * variable)
        for day in range(horizon.day_count):
            for shift, kind in enumerate(of.shift_types):
                patterns = enumerate_patterns(policy, kind.span_minutes, 1000)
                taken = [model.add_binary_variable() for _ in patterns]
                works = [chosen[row] for row in np.flatnonzero(lines[:, day] == shift)]
                model.add_linear_constraint(mathopt.fast_sum(taken) - mathopt.fast_sum(works) == 0)
                first = horizon.minute_of(horizon.start + timedelta(minutes=horizon.minute_at(day, kind.start))) // grid
                for pattern, variable in zip(patterns, taken, strict=True):
                    for slot in np.flatnonzero(working_slots(policy, kind.span_minutes, pattern)) + first:
                        if slot // per_interval < horizon.interval_count:
                            supply[groups.of_associate[index]][slot // per_interval].append(variable * (1 / per_interval))
    _add_coverage(model, of, groups, supply, cost, total)
    model.minimize(mathopt.fast_sum(total))
    return float(mathopt.solve(model, mathopt.SolverType.GSCIP).objective_value())


def _add_coverage(
    model: mathopt.Model,
    of: Scenario,
    groups: SkillGroups,
    supply: list[list[list[Sum]]],
    cost: CoverageCost,
    total: list[Sum],
) -> None:
    """Split the supply of each interval over skills and add what is short or over, one piece a step."""
    hours = of.horizon.interval_minutes / 60
    for interval in range(of.horizon.interval_count):
        heads: list[list[Sum]] = [[] for _ in of.requirement.skills]
        for group, allowed in enumerate(groups.allowed):
            given = [model.add_variable(lb=0.0) for _ in np.flatnonzero(allowed)]
            if not given:
                continue
            model.add_linear_constraint(mathopt.fast_sum(given) - mathopt.fast_sum(supply[group][interval]) == 0)
            for skill, variable in zip(np.flatnonzero(allowed), given, strict=True):
                heads[skill].append(variable)
        for there, wanted in zip(heads, of.requirement.heads[interval], strict=True):
            required = float(wanted)
            for sign, steps in ((1, cost.short_steps), (-1, cost.over_steps)):
                for share, weight in steps:
                    step = 0.0 if share == 0.0 else max(share * required, cost.least_step_heads)
                    beyond = model.add_variable(lb=0.0)
                    model.add_linear_constraint(beyond + sign * mathopt.fast_sum(there) >= sign * required - step)
                    total.append(weight * hours * beyond)
