"""The wish that a team is not on break all at once."""

from __future__ import annotations

from collections import defaultdict
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
    mates: dict[tuple[int, int, str], list[int]] = defaultdict(list)
    for who, day in np.argwhere((plan.values >= 0) & (breaks.assigned >= 0)).tolist():
        mates[day, int(plan.values[who, day]), scenario.associates[who].team].append(int(breaks.assigned[who, day]))
    for (day, shift, team), patterns in sorted(mates.items()):
        if len(patterns) < LEAST_TEAM:
            continue
        kind = scenario.shift_types[shift]
        away = sum(
            (_on_break(scenario, breaks, pattern, kind.span_minutes) for pattern in patterns), np.zeros(kind.span_minutes // grid)
        )
        share = float(away.max()) / len(patterns)
        if share > share_wished:
            at = scenario.horizon.instant_of(scenario.horizon.minute_at(day, kind.start) + int(away.argmax()) * grid)
            when = scenario.horizon.first_day + timedelta(days=day)
            message = (
                f"Team {team} on {when:%a} {when.day} {when:%b}, shift {kind.code}: {int(away.max())} of {len(patterns)} are on "
                f"break at {at:%H:%M}, at most {share_wished:.0%} wished."
            )
            yield Violation("team_on_break", Severity.NEEDS_A_REASON, "", when, share - share_wished, message)


def _on_break(scenario: Scenario, breaks: BreakPlan, pattern: int, span_minutes: int) -> NDArray[np.float64]:
    """Return 1 for each grid slot of a shift that is on break, shape (slots,)."""
    policy = scenario.break_policy
    away = np.zeros(span_minutes // policy.grid_minutes)
    for slot in breaks.patterns[pattern]:
        end = slot.start_minute + policy.breaks[slot.kind].minutes
        away[slot.start_minute // policy.grid_minutes : end // policy.grid_minutes] = 1.0
    return away
