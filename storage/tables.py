"""The schema: every table under one name."""

from __future__ import annotations

from storage.metadata import metadata
from storage.operation_tables import (
    associate,
    associate_skill,
    break_policy,
    contract,
    day_lock,
    holiday,
    leave,
    past_day,
    queue,
    request,
    requirement,
    shift_type,
    site,
    skill,
    team,
    volume,
)
from storage.roster_tables import (
    assignment,
    break_pattern,
    break_slot,
    carried_break,
    clash,
    coverage,
    published_day,
    roster,
    roster_associate,
    violation,
)
from storage.run_tables import audit, planning_run, planning_step

__all__ = [
    "assignment",
    "associate",
    "associate_skill",
    "audit",
    "break_pattern",
    "break_policy",
    "break_slot",
    "carried_break",
    "clash",
    "contract",
    "coverage",
    "day_lock",
    "holiday",
    "leave",
    "metadata",
    "past_day",
    "planning_run",
    "planning_step",
    "published_day",
    "queue",
    "request",
    "requirement",
    "roster",
    "roster_associate",
    "shift_type",
    "site",
    "skill",
    "team",
    "violation",
    "volume",
]
