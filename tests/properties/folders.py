"""A scenario folder and its result folder as plain text: the reader of the verifier, which shares nothing with the product."""

from __future__ import annotations

import csv
import json
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, str]

RULES: dict[str, Any] = {
    "rest_minutes": 660,
    "max_consecutive_days": 6,
    "working_days_per_week": 5,
    "days_off_consecutive": 2,
    "weekly_rest_minutes": 2880,
    "max_weekly_work_minutes": 2880,
    "max_consecutive_nights": 5,
    "night_consent_required": False,
    "timing": "fixed",
    "timing_change_rest_minutes": 2880,
    "week_starts_on": "monday",
}
POLICY: dict[str, Any] = {
    "grid_minutes": 5,
    "productive_minutes": [408, 420],
    "work_stretch_minutes": [25, 60],
    "not_before_minutes": 45,
    "not_after_minutes": 30,
    "breaks": [
        {"kind": "meal", "minutes": 30, "window_minutes": [180, 300]},
        {"kind": "short", "minutes": 10, "count": 7},
        {"kind": "coaching", "minutes": 20},
    ],
}
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def rows_of(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def day_of(text: str) -> date:
    return date.fromisoformat(text)


@dataclass(frozen=True)
class ShiftFacts:
    """A shift type: local start, minutes of span and without breaks, and whether it covers 00:00-05:00."""

    start: time
    span: int
    productive: int
    night: bool


class Folder:
    """What a scenario folder says."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.settings = tomllib.loads((folder / "scenario.toml").read_text())
        self.zone = ZoneInfo(self.settings["timezone"])
        self.first: date = self.settings["start"]
        self.interval: int = self.settings.get("interval_minutes", 15)
        self.dates = [self.first + timedelta(days=index) for index in range(7 * self.settings["weeks"])]
        self.policy = {**POLICY, **self.settings.get("break_policy", {})}
        self.rules = {**RULES, **self.settings.get("rules", {})}
        self.office: dict[str, int] | None = self.settings.get("office")
        self.people = rows_of(folder / "associates.csv")
        self.skills = {row["code"]: frozenset(row["skills"].split(";")) for row in self.people}

    @cached_property
    def shifts(self) -> dict[str, ShiftFacts]:
        lost = sum(one["minutes"] * one.get("count", 1) for one in self.policy["breaks"] if not one.get("productive", False))
        found = {}
        for row in rows_of(self.path / "shift_types.csv"):
            hour, minute = row["start"].split(":")
            first, span = 60 * int(hour) + int(minute), int(row["span_minutes"])
            night = (first == 0 and span >= 300) or first + span >= 1440 + 300
            found[row["code"]] = ShiftFacts(time(int(hour), int(minute)), span, span - lost, night)
        return found

    def minute(self, day: date, wall: time) -> int:
        """Return the elapsed minute since the epoch at which clocks show a time; one that does not exist is that before it."""
        return int(datetime.combine(day, wall, self.zone).timestamp()) // 60

    def shift_minutes(self, day: date, code: str) -> tuple[int, int]:
        start = self.minute(day, self.shifts[code].start)
        return start, start + self.shifts[code].span

    @cached_property
    def bounds(self) -> tuple[int, int]:
        return self.minute(self.first, time()), self.minute(self.dates[-1] + timedelta(days=1), time())

    @cached_property
    def leave(self) -> dict[str, set[date]]:
        found: dict[str, set[date]] = {row["code"]: set() for row in self.people}
        for row in rows_of(self.path / "leave.csv"):
            first, last = day_of(row["first_day"]), day_of(row["last_day"])
            found[row["associate"]] |= {day for day in self.dates if first <= day <= last}
        return found

    @cached_property
    def locks(self) -> dict[tuple[str, date], str]:
        return {(row["associate"], day_of(row["date"])): row["value"] for row in rows_of(self.path / "locks.csv")}

    @cached_property
    def history(self) -> dict[tuple[str, date], str]:
        return {(row["associate"], day_of(row["date"])): row["value"] for row in rows_of(self.path / "history.csv")}

    def in_contract(self, person: Row, day: date) -> bool:
        return day_of(person["contract_start"]) <= day <= day_of(person["contract_end"])

    def week_start(self, day: date) -> date:
        return day - timedelta(days=(day.weekday() - WEEKDAYS.index(self.rules["week_starts_on"])) % 7)

    @cached_property
    def required(self) -> dict[tuple[int, str], float]:
        """Heads by elapsed minute of the interval's start and skill."""
        found = {}
        for row in rows_of(self.path / "requirement.csv"):
            found[minute_of(row["starts_at"]), row["skill"]] = float(row["heads"])
        return found


class Outcome:
    """What a result folder says."""

    def __init__(self, folder: Path) -> None:
        self.assignments = rows_of(folder / "assignments.csv")
        self.breaks = rows_of(folder / "breaks.csv")
        self.coverage = rows_of(folder / "coverage.csv")
        self.report: dict[str, Any] = json.loads((folder / "report.json").read_text())

    @cached_property
    def values(self) -> dict[str, dict[date, str]]:
        found: dict[str, dict[date, str]] = {}
        for row in self.assignments:
            found.setdefault(row["associate"], {})[day_of(row["date"])] = row["value"]
        return found

    @cached_property
    def breaks_of(self) -> dict[tuple[str, date], list[Row]]:
        found: dict[tuple[str, date], list[Row]] = {}
        for row in self.breaks:
            found.setdefault((row["associate"], day_of(row["date"])), []).append(row)
        return found


def minute_of(text: str) -> int:
    """Return an ISO instant with offset as minutes since the epoch."""
    instant = datetime.fromisoformat(text)
    assert instant.utcoffset() is not None, f"{text} has no offset"
    seconds = instant.astimezone(UTC).timestamp()
    assert seconds % 60 == 0
    return int(seconds) // 60
