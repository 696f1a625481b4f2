"""The wish that a team is not on break all at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import BreakPlan, RosterPlan
from scheduling.rules import Severity, Violation
from scheduling.scenario import Scenario

TEAM_SHARE_WISHED = 0.5
"""Share of the team mates on one shift who should at most be on break at once."""

LEAST_TEAM = 10
"""Below so many team mates on a shift the share says nothing."""


def check_team_breaks(
    scenario: Scenario, plan: RosterPlan, breaks: BreakPlan, share_wished: float = TEAM_SHARE_WISHED
) -> Iterator[Violation]:
    """Yield for each day, shift and team the moment at which the largest share beyond the wished one is on break."""
    grid = scenario.break_policy.grid_minutes
    names = sorted({person.team for person in scenario.associates})
    team_of = np.array([names.index(person.team) for person in scenario.associates], dtype=np.int64)
    who, day = np.nonzero((plan.values >= 0) & (breaks.assigned >= 0))
    shift, team = plan.values[who, day].astype(np.int64), team_of[who]
    order = np.lexsort((team, shift, day))
    who, keys = who[order], np.stack([day, shift, team], axis=1)[order]
    if not len(who):
        return
    first = np.flatnonzero((np.diff(keys, axis=0, prepend=-1) != 0).any(axis=1))
    table = _on_break(scenario, breaks)
    for begin, end in zip(first.tolist(), [*first[1:].tolist(), len(keys)], strict=True):
        if end - begin < LEAST_TEAM:
            continue
        number, of_shift, mates = (int(value) for value in keys[begin])
        kind, team_name = scenario.shift_types[of_shift], names[mates]
        away = table[breaks.assigned[who[begin:end], number], : kind.span_minutes // grid].sum(axis=0, dtype=np.int64)
        share = float(away.max()) / (end - begin)
        if share > share_wished:
            at = scenario.horizon.instant_of(scenario.horizon.minute_at(number, kind.start) + int(away.argmax()) * grid)
            when = scenario.horizon.first_day + timedelta(days=number)
            message = (
                f"Team {team_name} on {when:%a} {when.day} {when:%b}, shift {kind.code}: {int(away.max())} of {end - begin} are "
                f"on break at {at:%H:%M}, at most {share_wished:.0%} wished."
            )
            yield Violation("team_on_break", Severity.NEEDS_A_REASON, "", when, share - share_wished, message)


def _on_break(scenario: Scenario, breaks: BreakPlan) -> NDArray[np.uint8]:
    """Return 1 for each grid slot of the longest shift that a pattern has a break in, else 0, shape (patterns, slots)."""
    policy = scenario.break_policy
    longest = max((shift.span_minutes for shift in scenario.shift_types), default=0)
    away = np.zeros((len(breaks.patterns), longest // policy.grid_minutes), dtype=np.uint8)
    slots = breaks.slots
    for kind, of_policy in enumerate(policy.breaks):
        where = np.flatnonzero(slots.kind == kind)
        first, last = (slots.minute[where] + minutes for minutes in (0, of_policy.minutes))
        for step in range(of_policy.minutes // policy.grid_minutes):
            slot = first // policy.grid_minutes + step
            inside = slot < np.minimum(last // policy.grid_minutes, away.shape[1])
            away[slots.pattern[where[inside]], slot[inside]] = 1
    return away
