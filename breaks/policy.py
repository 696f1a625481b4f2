"""Break policies: ready-made ones, and why a policy cannot be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from breaks.lattice import Lattice
from scheduling.errors import PolicyError
from scheduling.scenario import Scenario
from scheduling.shifts import BreakKind, BreakPolicy, ShiftType

MEAL_WINDOW_MINUTES = (180, 300)
"""A meal starts 3 h to 5 h after the start of the shift."""

PRESETS: Mapping[str, BreakPolicy] = MappingProxyType(
    {
        "meal 30, 7 x 10, coaching 20": BreakPolicy(
            breaks=(
                BreakKind("meal", 30, window_minutes=MEAL_WINDOW_MINUTES),
                BreakKind("short", 10, count=7),
                BreakKind("coaching", 20),
            )
        ),
        "meal 45, 5 x 15": BreakPolicy(
            breaks=(BreakKind("meal", 45, window_minutes=MEAL_WINDOW_MINUTES), BreakKind("short", 15, count=5)),
            work_stretch_minutes=(25, 75),
        ),
        "meal 60, 4 x 15": BreakPolicy(
            breaks=(BreakKind("meal", 60, window_minutes=MEAL_WINDOW_MINUTES), BreakKind("short", 15, count=4)),
            work_stretch_minutes=(25, 90),
        ),
    }
)
"""Policies that leave 420 productive minutes in a shift of nine hours.

Few breaks need longer stretches: 6 breaks leave 7 stretches for 420 minutes of work, which at 60 minutes would all be exactly
full (two patterns in all), and 5 breaks leave 6, which at 60 minutes hold only 360 of the 420.
"""


def arithmetic(policy: BreakPolicy, span_minutes: int) -> str:
    """Return the sum that leads from the span to the productive minutes, for people to check.

    For instance ``540 - 1 x 30 (meal) - 7 x 10 (short) - 1 x 20 (coaching) = 420``.
    """
    terms = [f"{kind.count} x {kind.minutes} ({kind.kind})" for kind in policy.breaks if not kind.productive]
    return " - ".join([str(span_minutes), *terms]) + f" = {policy.productive_minutes_of(span_minutes)}"


def refusals(policy: BreakPolicy, span_minutes: int) -> list[str]:
    """Return every reason why shifts of this span cannot keep the policy, each one sentence; empty when they can."""
    reasons = _senseless(policy, span_minutes)
    least, most = policy.productive_minutes
    productive = policy.productive_minutes_of(span_minutes)
    if not least <= productive <= most:
        wrong = f"{least - productive} too few" if productive < least else f"{productive - most} too many"
        reasons.append(
            f"A shift must leave {least} to {most} productive minutes, but {arithmetic(policy, span_minutes)}, which is {wrong}."
        )
    try:
        lattice = Lattice(policy, span_minutes)
    except PolicyError as error:
        return [*reasons, str(error)]
    if not lattice.has_pattern:
        reasons += _why_no_pattern(lattice)
    return reasons


def require_possible(policy: BreakPolicy, span_minutes: int) -> None:
    """Do nothing when shifts of this span can keep the policy.

    Raises
    ------
    PolicyError
        When they cannot, with every reason on a line of its own.
    """
    reasons = refusals(policy, span_minutes)
    if reasons:
        raise PolicyError("\n".join(reasons))


def scenario_refusals(scenario: Scenario) -> list[str]:
    """Return every reason why the break policy does not fit the shift types and intervals of a scenario."""
    return policy_refusals(scenario.break_policy, scenario.shift_types, scenario.horizon.interval_minutes)


def policy_refusals(policy: BreakPolicy, shift_types: Sequence[ShiftType], interval_minutes: int) -> list[str]:
    """Return every reason why a policy does not fit shift types and intervals, each one sentence."""
    grid = policy.grid_minutes
    reasons: list[str] = []
    for span in sorted({shift.span_minutes for shift in shift_types}):
        codes = ", ".join(shift.code for shift in shift_types if shift.span_minutes == span)
        reasons += [f"Shift types {codes}: {reason}" for reason in refusals(policy, span)]
    if grid > 0 and interval_minutes % grid:
        reasons.append(
            f"The requirement interval of {interval_minutes} minutes is not a multiple of the break grid of "
            f"{grid} minutes: choose a grid that divides it."
        )
    reasons += [
        f"Shift type {shift.code} starts at {shift.start:%H:%M}, which is off the break grid of {grid} minutes."
        for shift in shift_types
        if grid > 0 and shift.start_minute % grid
    ]
    return reasons


def _senseless(policy: BreakPolicy, span_minutes: int) -> list[str]:
    """Return limits that contradict themselves, whatever the shift."""
    pairs = {
        "productive minutes": policy.productive_minutes,
        "work stretch": policy.work_stretch_minutes,
        **{f"window of {kind.kind}": kind.window_minutes for kind in policy.breaks if kind.window_minutes},
    }
    reasons = [
        f"The {name} runs from {low} to {high} minutes: the first must not be above the second, nor below 0."
        for name, (low, high) in pairs.items()
        if low > high or low < 0
    ]
    edges = {"not_before_minutes": policy.not_before_minutes, "not_after_minutes": policy.not_after_minutes}
    reasons += [
        f"{name} is {minutes}: it must lie between 0 and the span of {span_minutes} minutes."
        for name, minutes in edges.items()
        if not 0 <= minutes <= span_minutes
    ]
    return reasons


def _why_no_pattern(lattice: Lattice) -> list[str]:
    """Return which limits leave no legal pattern: those that fail alone, or else those whose removal would help."""
    policy, span = lattice.policy, lattice.span_minutes
    reasons = _stretches_too_few_or_many(policy, span)
    reasons += [
        f"No {kind.kind} of {kind.minutes} minutes can start anywhere: {_limits_of(kind, policy, span)}."
        for kind, may in zip(policy.breaks, lattice.may_start, strict=True)
        if kind.count and not may.any()
    ]
    return reasons or [_clash(policy, span)]


def _stretches_too_few_or_many(policy: BreakPolicy, span_minutes: int) -> list[str]:
    breaks = sum(kind.count for kind in policy.breaks)
    work = span_minutes - sum(kind.count * kind.minutes for kind in policy.breaks)
    least, most = policy.work_stretch_minutes
    if work < 0:
        return [f"The breaks take {span_minutes - work} minutes, more than the whole shift of {span_minutes} minutes."]
    parts = f"{breaks} breaks cut the {work} minutes between them into {breaks + 1} stretches of work"
    if (breaks + 1) * most < work:
        return [
            f"{parts}, which hold at most {breaks + 1} x {most} = {(breaks + 1) * most} minutes: add breaks or allow "
            f"stretches of {-(-work // (breaks + 1))} minutes."
        ]
    if (breaks + 1) * least > work:
        return [
            f"{parts}, which need at least {breaks + 1} x {least} = {(breaks + 1) * least} minutes: take breaks away or allow "
            f"stretches of {work // (breaks + 1)} minutes."
        ]
    return []


def _limits_of(kind: BreakKind, policy: BreakPolicy, span_minutes: int) -> str:
    latest = span_minutes - policy.not_after_minutes - kind.minutes
    window = f"its window is {kind.window_minutes[0]} to {kind.window_minutes[1]}, " if kind.window_minutes else ""
    return (
        f"{window}the edges of the shift leave {policy.not_before_minutes} to {latest}, and starts lie on multiples of "
        f"{policy.grid_minutes} minutes"
    )


def _clash(policy: BreakPolicy, span_minutes: int) -> str:
    """Return a sentence on limits that are possible alone but not together, naming each whose removal would help."""
    least, most = policy.work_stretch_minutes
    relaxed = {
        f"the least work stretch of {least} minutes": replace(policy, work_stretch_minutes=(0, most)),
        f"the longest work stretch of {most} minutes": replace(policy, work_stretch_minutes=(least, span_minutes)),
        f"no break before minute {policy.not_before_minutes}": replace(policy, not_before_minutes=0),
        f"no break in the last {policy.not_after_minutes} minutes": replace(policy, not_after_minutes=0),
        f"the grid of {policy.grid_minutes} minutes": replace(policy, grid_minutes=1),
    }
    for index, kind in enumerate(policy.breaks):
        if kind.window_minutes:
            free = (*policy.breaks[:index], replace(kind, window_minutes=None), *policy.breaks[index + 1 :])
            relaxed[f"the window of {kind.kind}, {kind.window_minutes[0]} to {kind.window_minutes[1]} minutes"] = replace(
                policy, breaks=free
            )
    helpful = [name for name, other in relaxed.items() if Lattice(other, span_minutes).has_pattern]
    advice = f"give up one of: {'; '.join(helpful)}" if helpful else "more than one of them has to give way"
    return f"No break pattern keeps all limits of the policy in a shift of {span_minutes} minutes together: {advice}."
