"""Reads a result folder back, to be checked independently of the engine that wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from interchange.faults import FaultList
from interchange.result_writer import ASSIGNMENT_COLUMNS, BREAK_COLUMNS, COVERAGE_COLUMNS, REPORT_FILE
from interchange.rows import Row
from interchange.tables import Columns, read_csv, read_text
from scheduling.coverage import carried_shifts
from scheduling.plan import DAY_WORDS, NONE, PLACE_WORDS, BreakPattern, BreakPlan, BreakSlot, Coverage, RosterPlan
from scheduling.scenario import Scenario

CARRIED_DAY = -1


@dataclass(frozen=True)
class ReadResult:
    """A result folder as kernel data; `report` is report.json as it stands."""

    plan: RosterPlan
    breaks: BreakPlan
    coverage: Coverage
    report: Mapping[str, Any]


def _place_of(row: Row, scenario: Scenario) -> tuple[int, int] | None:
    """Return index of the associate and of the day, which may be the one before the horizon."""
    code = row.known("associate", scenario.associate_index, "no associate of the scenario")
    day = row.date("date")
    if code is None or day is None:
        return None
    index = scenario.horizon.day_index(day)
    if not CARRIED_DAY <= index < scenario.horizon.day_count:
        row.fault("date", "The day is not in the horizon.")
        return None
    return scenario.associate_index[code], index


def _check_shift_cells(row: Row, scenario: Scenario, shift: int, day: int) -> None:
    """Note start, end and productive minutes that are not those of the shift type under the policy."""
    span = scenario.shift_types[shift].span_minutes
    start = int(scenario.shift_start_minutes[day, shift])
    for column, minute in (("starts_at", start), ("ends_at", start + span)):
        instant = row.instant(column)
        if instant is not None and instant != scenario.horizon.instant_of(minute):
            row.fault(column, f"The shift type says {scenario.horizon.instant_of(minute).isoformat()}.")
    productive = scenario.break_policy.productive_minutes_of(span)
    minutes = row.whole("productive_minutes", 0, 1440)
    if minutes is not None and minutes != productive:
        row.fault("productive_minutes", f"The break policy leaves {productive} minutes.")


def _read_plan(path: Path, scenario: Scenario, faults: FaultList) -> RosterPlan:
    shape = (len(scenario.associates), scenario.horizon.day_count)
    values, places = np.full(shape, NONE, dtype=np.int16), np.zeros(shape, dtype=np.int8)
    words = {word: value for value, word in DAY_WORDS.items()} | scenario.shift_index
    place_words = {word: place for place, word in PLACE_WORDS.items()}
    seen = np.zeros(shape, dtype=bool)
    for row in read_csv(path, Columns(ASSIGNMENT_COLUMNS), faults):
        place, word = _place_of(row, scenario), row.known("value", words, "no day word and no shift type")
        if row.cell("place") not in place_words:
            row.fault("place", "This must be office, home or empty.")
        if place is None or word is None:
            continue
        if place[1] == CARRIED_DAY or seen[place]:
            row.fault(
                "date",
                "The day lies before the horizon." if place[1] == CARRIED_DAY else "This associate and day was there before.",
            )
            continue
        seen[place] = True
        values[place], places[place] = words[word], place_words.get(row.cell("place"), 0)
        if words[word] >= 0:
            _check_shift_cells(row, scenario, words[word], place[1])
    if not faults.count(path.name):
        for associate, day in np.argwhere(~seen).tolist():
            who, when = scenario.associates[associate].code, scenario.horizon.dates[day]
            faults.add(path.name, None, "", f"{who} {when}", "The row is missing; every associate has one for each day.")
    return RosterPlan(values, places)


def _break_slot(row: Row, scenario: Scenario, shift_start: int) -> BreakSlot | None:
    kinds = {kind.kind for kind in scenario.break_policy.breaks}
    kind, start, end = row.known("kind", kinds, "no kind of the break policy"), row.instant("starts_at"), row.instant("ends_at")
    if kind is None or start is None or end is None:
        return None
    minute, length = scenario.horizon.minute_of(start) - shift_start, round((end - start).total_seconds() / 60)
    policy = enumerate(scenario.break_policy.breaks)
    fitting = [index for index, one in policy if one.kind == kind and one.minutes == length]
    if not fitting:
        row.fault("ends_at", f"The break is {length} minutes long, which the policy does not have for {kind}.")
        return None
    if minute % scenario.break_policy.grid_minutes:
        row.fault("starts_at", f"The break does not start on the grid of {scenario.break_policy.grid_minutes} minutes.")
        return None
    # Two entries of the policy may share kind and length; the window tells them apart.
    windows = [scenario.break_policy.breaks[index].window_minutes for index in fitting]
    inside = [index for index, window in zip(fitting, windows, strict=True) if window is None or window[0] <= minute <= window[1]]
    return BreakSlot(minute, (inside or fitting)[0])


def _read_breaks(path: Path, scenario: Scenario, plan: RosterPlan, faults: FaultList) -> BreakPlan:
    carried = carried_shifts(scenario)
    slots: dict[tuple[int, int], list[BreakSlot]] = {}
    for row in read_csv(path, Columns(BREAK_COLUMNS), faults):
        place = _place_of(row, scenario)
        if place is None:
            continue
        associate, day = place
        shift = carried.get(associate, NONE) if day == CARRIED_DAY else int(plan.values[associate, day])
        if shift < 0:
            row.fault("date", "The associate has no shift on that day.")
            continue
        slot = _break_slot(row, scenario, int(scenario.shift_start_minutes[day, shift]))
        if slot is not None:
            slots.setdefault(place, []).append(slot)
    return _break_plan(slots, plan, carried)


def _break_plan(slots: Mapping[tuple[int, int], list[BreakSlot]], plan: RosterPlan, carried: Mapping[int, int]) -> BreakPlan:
    patterns: dict[BreakPattern, int] = {}
    assigned = np.full(plan.values.shape, -1, dtype=np.int32)
    past = np.full(len(plan.values), -1, dtype=np.int32)
    # A shift without any break in the file has the empty pattern, which the checker will refuse in its own words.
    for associate, day in np.argwhere(plan.values >= 0).tolist():
        pattern = tuple(sorted(slots.get((associate, day), ())))
        assigned[associate, day] = patterns.setdefault(pattern, len(patterns))
    for associate in carried:
        if (associate, CARRIED_DAY) in slots:
            pattern = tuple(sorted(slots[associate, CARRIED_DAY]))
            past[associate] = patterns.setdefault(pattern, len(patterns))
    return BreakPlan(tuple(patterns), assigned, past)


def _read_coverage(path: Path, scenario: Scenario, faults: FaultList) -> Coverage:
    horizon, skills = scenario.horizon, {skill: index for index, skill in enumerate(scenario.requirement.skills)}
    both = np.zeros((2, horizon.interval_count, len(skills)))
    seen = np.zeros(both.shape[1:], dtype=bool)
    for row in read_csv(path, Columns(COVERAGE_COLUMNS), faults):
        instant, skill = row.instant("starts_at"), row.known("skill", skills, "no skill of the requirement")
        numbers = row.number("required", 0.0, 1e9), row.number("scheduled", 0.0, 1e9)
        if instant is None or skill is None:
            continue
        interval, rest = divmod(horizon.minute_of(instant), horizon.interval_minutes)
        if rest or not 0 <= interval < horizon.interval_count or seen[interval, skills[skill]]:
            row.fault("starts_at", "This is no interval of the horizon, or it was there before.")
            continue
        seen[interval, skills[skill]] = True
        both[:, interval, skills[skill]] = [0.0 if number is None else number for number in numbers]
    if not faults.count(path.name) and not seen.all():
        faults.add(path.name, None, "", f"{int((~seen).sum())} rows", "Rows are missing; every interval has one for each skill.")
    return Coverage(required=both[0], scheduled=both[1])


def _read_report(path: Path, faults: FaultList) -> Mapping[str, Any]:
    text = read_text(path, faults)
    if text is None:
        return {}
    try:
        report = json.loads(text)
    except (ValueError, RecursionError):
        report = None
    if not isinstance(report, dict):
        faults.add(path.name, None, "", "", "The file is not a JSON object.")
        return {}
    return report


def read_result(folder: Path, scenario: Scenario) -> ReadResult:
    """Read a result folder that was made for a scenario.

    Raises
    ------
    BadInputError
        With every fault of every file, such as a shift whose times are not those of its type.
    """
    faults = FaultList()
    plan = _read_plan(folder / "assignments.csv", scenario, faults)
    breaks = _read_breaks(folder / "breaks.csv", scenario, plan, faults)
    coverage = _read_coverage(folder / "coverage.csv", scenario, faults)
    report = _read_report(folder / REPORT_FILE, faults)
    faults.raise_if_any()
    return ReadResult(plan, breaks, coverage, report)
