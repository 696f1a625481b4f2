"""Writes a result folder."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np

from interchange.csv_text import number_texts, quoted, table_text
from interchange.folders import check_target, write_folder
from scheduling.coverage import carried_shifts
from scheduling.plan import DAY_WORDS, PLACE_WORDS, BreakPlan, Coverage, RosterPlan
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario

ASSIGNMENT_COLUMNS = ("associate", "date", "value", "starts_at", "ends_at", "productive_minutes", "place")
BREAK_COLUMNS = ("associate", "date", "kind", "starts_at", "ends_at")
COVERAGE_COLUMNS = ("starts_at", "skill", "required", "scheduled")
REPORT_FILE = "report.json"
RESULT_FILES = frozenset({"assignments.csv", "breaks.csv", "coverage.csv", REPORT_FILE})


class LocalTimes:
    """ISO local times with offset by elapsed minute of the horizon, each formatted once."""

    def __init__(self, scenario: Scenario) -> None:
        self._horizon = scenario.horizon
        self._texts: dict[int, str] = {}

    def text(self, minute: int) -> str:
        """Return the local time of an elapsed minute."""
        found = self._texts.get(minute)
        if found is None:
            found = self._texts[minute] = self._horizon.instant_of(minute).isoformat()
        return found


def _assignment_lines(scenario: Scenario, plan: RosterPlan, times: LocalTimes) -> Iterator[str]:
    dates = [str(day) for day in scenario.horizon.dates]
    codes = [quoted(shift.code) for shift in scenario.shift_types]
    middles: dict[tuple[int, int], str] = {}
    for day in range(len(dates)):
        for index, shift in enumerate(scenario.shift_types):
            start = int(scenario.shift_start_minutes[day, index])
            minutes = scenario.break_policy.productive_minutes_of(shift.span_minutes)
            middles[index, day] = f"{codes[index]},{times.text(start)},{times.text(start + shift.span_minutes)},{minutes}"
    rows = zip(scenario.associates, plan.values.tolist(), plan.places.tolist(), strict=True)
    for associate, values, places in rows:
        code = quoted(associate.code)
        for day, (value, place) in enumerate(zip(values, places, strict=True)):
            middle = middles[value, day] if value >= 0 else f"{DAY_WORDS[value]},,,"
            yield f"{code},{dates[day]},{middle},{PLACE_WORDS[place]}"


def _break_lines(scenario: Scenario, plan: RosterPlan, breaks: BreakPlan, times: LocalTimes) -> Iterator[str]:
    kinds = [quoted(kind.kind) for kind in scenario.break_policy.breaks]
    lengths = [kind.minutes for kind in scenario.break_policy.breaks]
    dates = [str(day) for day in scenario.horizon.dates]
    before = str(scenario.horizon.first_day - timedelta(days=1))
    starts = scenario.shift_start_minutes.tolist()
    endings: dict[tuple[int, int], list[str]] = {}

    def of_shift(start: int, pattern: int) -> list[str]:
        if (start, pattern) not in endings:
            bounds = [(slot.kind, start + slot.start_minute) for slot in breaks.patterns[pattern]]
            endings[start, pattern] = [
                f"{kinds[kind]},{times.text(first)},{times.text(first + lengths[kind])}" for kind, first in bounds
            ]
        return endings[start, pattern]

    carried = carried_shifts(scenario)
    rows = zip(scenario.associates, plan.values.tolist(), breaks.assigned.tolist(), breaks.carried.tolist(), strict=True)
    for index, (associate, values, patterns, past) in enumerate(rows):
        code = quoted(associate.code)
        if past >= 0:
            for ending in of_shift(starts[-1][carried[index]], past):
                yield f"{code},{before},{ending}"
        for day, pattern in enumerate(patterns):
            if pattern >= 0:
                for ending in of_shift(starts[day][values[day]], pattern):
                    yield f"{code},{dates[day]},{ending}"


def _coverage_lines(scenario: Scenario, coverage: Coverage) -> Iterator[str]:
    skills = [quoted(skill) for skill in scenario.requirement.skills]
    required = iter(number_texts(coverage.required.ravel()))
    scheduled = iter(number_texts(coverage.scheduled.ravel()))
    for start in scenario.horizon.interval_starts:
        text = start.isoformat()
        for skill in skills:
            yield f"{text},{skill},{next(required)},{next(scheduled)}"


def _number(value: float) -> float | int | None:
    """Return a number that JSON can hold; ``None`` for one that is not finite."""
    plain = value.item() if isinstance(value, np.generic) else value
    return plain if math.isfinite(plain) else None


def report_of(result: PlanningResult) -> dict[str, object]:
    """Return what report.json holds."""
    return {
        "status": str(result.status),
        "objective": _number(result.objective),
        "bound": _number(result.bound),
        "gap": _number(result.gap),
        "wall_seconds": _number(result.wall_seconds),
        "seed": result.seed,
        "versions": dict(result.versions),
        "kpis": {name: _number(value) for name, value in result.kpis.items()},
        "objective_parts": {name: _number(value) for name, value in result.objective_parts.items()},
        "violations": [
            {
                "rule": one.rule,
                "severity": str(one.severity),
                "who": one.who,
                "when": None if one.when is None else one.when.isoformat(),
                "amount": _number(one.amount),
                "message": one.message,
            }
            for one in result.violations
        ],
        "clashes": [{"who": one.who, "facts": list(one.facts), "relaxation": one.relaxation} for one in result.clashes],
    }


def result_texts(scenario: Scenario, result: PlanningResult) -> dict[str, str]:
    """Return the files of a result folder by name."""
    shape = (scenario.horizon.interval_count, len(scenario.requirement.skills))
    if result.coverage.required.shape != shape or result.coverage.scheduled.shape != shape:
        raise ValueError(f"The coverage has not the shape {shape} of the scenario.")
    times = LocalTimes(scenario)
    return {
        "assignments.csv": table_text(ASSIGNMENT_COLUMNS, _assignment_lines(scenario, result.plan, times)),
        "breaks.csv": table_text(BREAK_COLUMNS, _break_lines(scenario, result.plan, result.breaks, times)),
        "coverage.csv": table_text(COVERAGE_COLUMNS, _coverage_lines(scenario, result.coverage)),
        REPORT_FILE: json.dumps(report_of(result), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
    }


def check_result_folder(folder: Path) -> None:
    """Refuse a folder that a result may not replace, before a long computation rather than after it.

    Raises
    ------
    BadInputError
        When the folder holds anything but an earlier result.
    """
    check_target(folder, RESULT_FILES, REPORT_FILE)


def write_result(folder: Path, scenario: Scenario, result: PlanningResult) -> None:
    """Write a result folder as a whole or not at all; an earlier result folder is replaced.

    Breaks of a shift that began on the day before the horizon carry that date.

    Raises
    ------
    BadInputError
        When the folder holds anything but an earlier result, or cannot be written.
    """
    write_folder(folder, result_texts(scenario, result), RESULT_FILES, REPORT_FILE)
