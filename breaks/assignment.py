"""Who of equal associates takes which of the break patterns chosen for them.

Associates with the same shift on the same day and the same skills are equal to the coverage, so their patterns may be dealt out
among them freely. Each wants the meal near a target: the meal of the last shift, drawn a little towards that of the team. On a
line the least sum of distances is reached by giving the earliest meal to the earliest target, and so on (both sorted), so no
search is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scheduling.coverage import SkillGroups
from scheduling.plan import BreakPlan, RosterPlan
from scheduling.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class AssignmentParams:
    """What is wished.

    Parameters
    ----------
    team_share
        How far the target of a meal is drawn from the associate's last meal (0) to the mean of team mates on the shift (1).
    """

    team_share: float = 0.3

    def __post_init__(self) -> None:
        """Refuse a share outside 0 to 1."""
        if not 0 <= self.team_share <= 1:
            raise ValueError(f"team_share must be a share from 0 to 1, not {self.team_share}.")


@dataclass(frozen=True)
class AssignmentFigures:
    """How well the wishes are met.

    Parameters
    ----------
    mean_meal_move_minutes
        Mean change of the meal's start, from the start of the shift, between two shifts of an associate that follow another.
    mean_team_distance_minutes
        Mean distance of a meal from the mean of team mates with the same shift on the same day.
    """

    mean_meal_move_minutes: float
    mean_team_distance_minutes: float


def assign_breaks(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan, params: AssignmentParams | None = None) -> BreakPlan:
    """Deal the patterns of each (day, shift, skill group) out among its associates; coverage stays exactly the same.

    Of associates who want the same meal, the one whose meals have been later so far takes the earlier.
    """
    share = (params or AssignmentParams()).team_share
    meal_of = _meal_of_patterns(scenario, breaks)
    skill_group = SkillGroups.of(scenario).of_associate
    team = _teams(scenario)
    last = np.where(breaks.carried >= 0, meal_of[breaks.carried], np.nan) if len(meal_of) else np.full(len(team), np.nan)
    late = np.zeros(len(team))
    assigned = breaks.assigned.copy()
    for day in range(plan.values.shape[1]):
        who = np.flatnonzero(plan.values[:, day] >= 0)
        if not len(who):
            continue
        shift = plan.values[who, day].astype(np.int64)
        equal = shift * (int(skill_group.max()) + 1) + skill_group[who]
        patterns = breaks.assigned[who, day]
        target = _targets(last[who], team[who], shift, share)
        taking = who[np.lexsort((who, -late[who], target, equal))]
        given = patterns[np.lexsort((patterns, meal_of[patterns], equal))]
        assigned[taking, day] = given
        last[taking] = meal_of[given]
        late[who] += last[who] - _means(last[who], equal)
    return replace(breaks, assigned=assigned)


def assignment_figures(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan) -> AssignmentFigures:
    """Return how close meals are to the last shift's and to team mates'."""
    meals, team = meal_starts(scenario, breaks), _teams(scenario)
    moves, distances = [np.zeros(0)], [np.zeros(0)]
    last = np.full(len(team), np.nan)
    for day in range(meals.shape[1]):
        who = np.flatnonzero(~np.isnan(meals[:, day]))
        moves.append(np.abs(meals[who, day] - last[who]))
        last[who] = meals[who, day]
        mates = _pairs(plan.values[who, day].astype(np.int64), team[who])
        distances.append(np.abs(meals[who, day] - _means(meals[who, day], mates)))
    moved, apart = np.concatenate(moves), np.concatenate(distances)
    moved = moved[~np.isnan(moved)]
    return AssignmentFigures(float(moved.mean()) if len(moved) else 0.0, float(apart.mean()) if len(apart) else 0.0)


def meal_starts(scenario: Scenario, breaks: BreakPlan) -> Floats:
    """Return the start of each meal in minutes from the start of the shift, NaN without shift, shape (associates, days)."""
    meal_of = np.append(_meal_of_patterns(scenario, breaks), np.nan)
    return np.asarray(np.where(breaks.assigned >= 0, meal_of[breaks.assigned], np.nan), dtype=np.float64)


def _meal_of_patterns(scenario: Scenario, breaks: BreakPlan) -> Floats:
    """Return the start of the first longest unproductive break of each pattern, 0 for a pattern without, shape (patterns,)."""
    kinds, slots = scenario.break_policy.breaks, breaks.slots
    longest = max((kind.minutes for kind in kinds if not kind.productive and kind.count), default=0)
    meals = [index for index, kind in enumerate(kinds) if kind.minutes == longest and not kind.productive]
    meal_of = np.zeros(len(breaks.patterns))
    # Written from the last to the first, so that the first meal of a pattern stays.
    of_meal = np.flatnonzero(np.isin(slots.kind, meals))[::-1]
    meal_of[slots.pattern[of_meal]] = slots.minute[of_meal]
    return meal_of


def _teams(scenario: Scenario) -> Ints:
    names = sorted({person.team for person in scenario.associates})
    return np.array([names.index(person.team) for person in scenario.associates], dtype=np.int64)


def _targets(last: Floats, team: Ints, shift: Ints, share: float) -> Floats:
    """Return the wished start of each meal; people of whom nothing is known line up by team, so that team mates eat together."""
    known = ~np.isnan(last)
    mates = _pairs(shift, team)
    met = np.isin(mates, mates[known])
    everyone = float(last[known].mean()) if known.any() else 0.0
    team_mean = np.where(met, _means(np.where(known, last, 0.0), mates, known), everyone + 1e-3 * team)
    return np.where(known, (1 - share) * np.where(known, last, 0.0) + share * team_mean, team_mean)


def _pairs(first: Ints, second: Ints) -> Ints:
    return first * (int(second.max(initial=0)) + 1) + second


def _means(values: Floats, label: Ints, counted: NDArray[np.bool_] | None = None) -> Floats:
    """Return for each element the mean of the counted values of its label, 0 where none is counted."""
    weight = np.ones(len(values)) if counted is None else counted.astype(np.float64)
    _, where = np.unique(label, return_inverse=True)
    sums, counts = np.bincount(where, weights=values * weight), np.bincount(where, weights=weight)
    return np.asarray((sums / np.maximum(counts, 1.0))[where], dtype=np.float64)
