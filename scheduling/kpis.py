"""Figures of a roster: one function a figure, the formula in its docstring."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scheduling.people import Request
from scheduling.plan import OFF, OFFICE, BreakPlan, Coverage, RosterPlan
from scheduling.scenario import Scenario
from scheduling.times import Horizon

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def kpis(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan, coverage: Coverage) -> dict[str, float]:
    """Return all figures of a roster by name; each is explained by the function of that name."""
    return kpis_of(scenario, plan, productive_minutes(scenario, plan, breaks), coverage)


def kpis_of(scenario: Scenario, plan: RosterPlan, productive: Ints, coverage: Coverage) -> dict[str, float]:
    """Return all figures of a roster whose productive minutes are known, shape (shifts,), in any order."""
    hours = scenario.horizon.interval_minutes / 60
    worst = worst_interval(coverage)
    weekends = weekend_days_worked(scenario, plan)[compared_associates(scenario)]
    figures = {
        "required_hours": required_hours(coverage, hours),
        "short_hours": short_hours(coverage, hours),
        "over_hours": over_hours(coverage, hours),
        "coverage_share": coverage_share(coverage),
        "worst_interval_minute": float(worst * scenario.horizon.interval_minutes),
        "worst_interval_short_heads": float(short_heads(coverage)[worst].sum()),
        "productive_minutes_min": float(productive.min(initial=productive.max(initial=0))),
        "productive_minutes_max": float(productive.max(initial=0)),
        "productive_minutes_mean": float(productive.mean()) if productive.size else 0.0,
        "shifts": float((plan.values >= 0).sum()),
        "nights": float(nights(scenario, plan)),
        "weekend_days_spread": float(weekends.max(initial=0) - weekends.min(initial=weekends.max(initial=0))),
        "weekend_days_gini": gini(weekends),
        "off_rotation_share": off_rotation_share(scenario, plan),
        "requests_granted_share": requests_granted_share(scenario, plan),
        "office_seat_peak": float(office_occupancy(scenario, plan).max(initial=0)),
        "timings_used": float(timings_used(plan)),
    }
    services = service_shares(coverage)
    return figures | {f"service_share_{skill}": share for skill, share in zip(scenario.requirement.skills, services, strict=True)}


def short_heads(coverage: Coverage) -> Floats:
    """Return ``max(0, required - scheduled)``, shape (intervals, skills)."""
    return np.maximum(0.0, coverage.required - coverage.scheduled)


def required_hours(coverage: Coverage, interval_hours: float) -> float:
    """Return the head-hours needed: the sum of ``required`` over intervals and skills, times the hours of an interval."""
    return float(coverage.required.sum() * interval_hours)


def short_hours(coverage: Coverage, interval_hours: float) -> float:
    """Return the head-hours missing: the sum of ``max(0, required - scheduled)``, times the hours of an interval."""
    return float(short_heads(coverage).sum() * interval_hours)


def over_hours(coverage: Coverage, interval_hours: float) -> float:
    """Return the head-hours beyond need: the sum of ``max(0, scheduled - required)``, times the hours of an interval."""
    return float(np.maximum(0.0, coverage.scheduled - coverage.required).sum() * interval_hours)


def coverage_share(coverage: Coverage) -> float:
    """Return the share of need that is met: ``1 - short / required``, 1 where nothing is required."""
    required = float(coverage.required.sum())
    return 1.0 - float(short_heads(coverage).sum()) / required if required else 1.0


def service_shares(coverage: Coverage) -> tuple[float, ...]:
    """Return the share of need that is met for each skill: ``1 - short / required``, 1 where nothing is required."""
    short, required = short_heads(coverage).sum(axis=0), coverage.required.sum(axis=0)
    return tuple(float(1.0 - part / whole) if whole else 1.0 for part, whole in zip(short, required, strict=True))


def worst_interval(coverage: Coverage) -> int:
    """Return the first interval with most heads missing: ``argmax`` of ``max(0, required - scheduled)``, summed over skills."""
    return int(short_heads(coverage).sum(axis=1).argmax())


def productive_minutes(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan) -> Ints:
    """Return the productive minutes of each shift, shape (shifts,), in the order of associate and day.

    ``span - sum of the minutes of the breaks that are not productive``; a shift without a break pattern has its whole span.
    """
    minutes = np.array([0 if kind.productive else kind.minutes for kind in scenario.break_policy.breaks], dtype=np.int64)
    slots = breaks.slots
    lost = np.bincount(slots.pattern, weights=minutes[slots.kind], minlength=len(breaks.patterns)).astype(np.int64)
    worked = plan.values >= 0
    spans = np.array([shift.span_minutes for shift in scenario.shift_types], dtype=np.int64)
    # The last entry stands for the pattern -1: no breaks.
    return np.asarray(spans[plan.values[worked]] - np.append(lost, 0)[breaks.assigned[worked]], dtype=np.int64)


def nights(scenario: Scenario, plan: RosterPlan) -> int:
    """Return the number of night shifts: those that cover 00:00-05:00."""
    is_night = [index for index, shift in enumerate(scenario.shift_types) if shift.is_night]
    return int(np.isin(plan.values, is_night).sum())


def weekend_days(horizon: Horizon) -> Bools:
    """Return whether each day is a Saturday or a Sunday, shape (days,)."""
    return np.array([day.weekday() >= 5 for day in horizon.dates], dtype=bool)


def weekend_days_worked(scenario: Scenario, plan: RosterPlan) -> Ints:
    """Return how many Saturdays and Sundays each associate works, shape (associates,)."""
    return np.asarray(((plan.values >= 0) & weekend_days(scenario.horizon)).sum(axis=1), dtype=np.int64)


def compared_associates(scenario: Scenario) -> Bools:
    """Return who may be compared: under contract in the whole horizon and never on leave in it, shape (associates,)."""
    first, last = scenario.horizon.dates[0], scenario.horizon.dates[-1]
    absent = {leave.associate for leave in scenario.leave if leave.first_day <= last and leave.last_day >= first}
    return np.array(
        [
            person.contract_start <= first and person.contract_end >= last and person.code not in absent
            for person in scenario.associates
        ],
        dtype=bool,
    )


def gini(counts: Ints) -> float:
    """Return the Gini coefficient of counts, 0 for even and near 1 for all on one.

    ``sum_i (2 i - n - 1) x_i / (n sum_i x_i)`` with ``x`` in rising order and ``i`` from 1; 0 where there is nothing to share.
    """
    return float(ginis(counts[:, None])[0])


def ginis(counts: Ints) -> Floats:
    """Return the Gini coefficient of each column of counts, shape (columns,) from (rows, columns)."""
    rising, totals = np.sort(counts, axis=0), counts.sum(axis=0)
    ranks = 2 * np.arange(1, len(rising) + 1) - len(rising) - 1
    return np.asarray((ranks[:, None] * rising).sum(axis=0) / np.maximum(1, len(rising) * totals), dtype=np.float64)


def off_rotation_share(scenario: Scenario, plan: RosterPlan) -> float:
    """Return how often the weekly off moves: pairs of weeks in a row whose days off differ, divided by all such pairs.

    Full weeks inside the horizon without leave or days outside the contract are compared; 1 where there is no such pair.
    """
    first = -scenario.week_offset % 7
    starts = range(first, scenario.horizon.day_count - 6, 7)
    pairs = moved = 0
    for before, now in pairwise(starts):
        both = plan.values[:, before : now + 7]
        known = (both >= OFF).all(axis=1)
        differs = ((both[:, :7] == OFF) != (both[:, 7:] == OFF)).any(axis=1)
        pairs, moved = pairs + int(known.sum()), moved + int((known & differs).sum())
    return moved / pairs if pairs else 1.0


def is_granted(scenario: Scenario, plan: RosterPlan, request: Request) -> bool | None:
    """Return whether a request is granted; ``None`` for a day beyond the horizon, on leave or outside the contract."""
    day = scenario.horizon.day_index(request.date)
    if not 0 <= day < scenario.horizon.day_count:
        return None
    value = int(plan.values[scenario.associate_index[request.associate], day])
    if value < OFF:
        return None
    return value == (OFF if request.want == "off" else scenario.shift_index.get(request.want))


def requests_granted_share(scenario: Scenario, plan: RosterPlan) -> float:
    """Return the granted requests divided by those that can be judged; 1 where there is none."""
    answers = [is_granted(scenario, plan, request) for request in scenario.requests]
    judged = [granted for granted in answers if granted is not None]
    return sum(judged) / len(judged) if judged else 1.0


def office_occupancy(scenario: Scenario, plan: RosterPlan) -> Ints:
    """Return how many people are on shift in the office, shape (minutes of the horizon,).

    Shifts of the day before the horizon are left out; shifts that run past its end are cut there.
    """
    total = scenario.horizon.total_minutes
    rows, days = np.nonzero((plan.places == OFFICE) & (plan.values >= 0) & (plan.values < len(scenario.shift_types)))
    shifts = plan.values[rows, days]
    spans = np.array([shift.span_minutes for shift in scenario.shift_types], dtype=np.int64)
    starts = scenario.shift_start_minutes[days, shifts]
    change = np.zeros(total + 1, dtype=np.int64)
    np.add.at(change, np.minimum(starts, total), 1)
    np.add.at(change, np.minimum(starts + spans[shifts], total), -1)
    return np.asarray(np.cumsum(change)[:total], dtype=np.int64)


def timings_used(plan: RosterPlan) -> int:
    """Return how many different shift types the roster uses."""
    return len(np.unique(plan.values[plan.values >= 0]))
