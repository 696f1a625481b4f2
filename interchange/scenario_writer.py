"""Writes a scenario folder."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pandas as pd

from interchange import facts, work
from interchange.csv_text import number_text, number_texts, quoted, table_text
from interchange.folders import write_folder
from interchange.settings import FILE as SETTINGS_FILE
from interchange.terms import TERMS, terms_line
from scheduling.people import Associate
from scheduling.planning_input import PlanningInput
from scheduling.rules import RuleSettings
from scheduling.scenario import Requirement
from scheduling.shifts import BreakPolicy
from scheduling.times import Horizon

TERMS_FILE = "terms.csv"

SCENARIO_FILES = frozenset(
    {
        SETTINGS_FILE,
        "associates.csv",
        "shift_types.csv",
        "requirement.csv",
        "volumes.csv",
        "queues.csv",
        "leave.csv",
        "requests.csv",
        "locks.csv",
        "history.csv",
        "holidays.csv",
        TERMS_FILE,
    }
)


def _toml(value: object) -> str:
    """Return a value as TOML; texts of JSON are texts of TOML."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _lines(values: Iterable[tuple[str, object]]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in values]


def _policy_lines(policy: BreakPolicy) -> list[str]:
    keys = [field.name for field in dataclasses.fields(policy) if field.name != "breaks"]
    lines = ["", "[break_policy]", *_lines((key, getattr(policy, key)) for key in keys)]
    if not policy.breaks:
        lines.append("breaks = []")
    for kind in policy.breaks:
        values = ((field.name, getattr(kind, field.name)) for field in dataclasses.fields(kind))
        lines += ["", "[[break_policy.breaks]]", *_lines((key, value) for key, value in values if value is not None)]
    return lines


def _settings_text(given: PlanningInput) -> str:
    horizon = given.horizon
    lines = [
        f"timezone = {_toml(horizon.zone_name)}",
        f"start = {horizon.first_day}",
        f"weeks = {horizon.weeks}",
        f"interval_minutes = {horizon.interval_minutes}",
        *_policy_lines(given.break_policy),
        "",
        "[rules]",
        *_lines((field.name, getattr(given.rules, field.name)) for field in dataclasses.fields(RuleSettings)),
    ]
    if given.office is not None:
        lines += ["", "[office]", f"seats = {given.office.seats}", f"days_per_week = {given.office.days_per_week}"]
    return "\n".join([*lines, ""])


def _associate_line(one: Associate) -> str:
    cells = (
        one.code,
        one.name,
        one.team,
        ";".join(sorted(one.skills)),
        one.work_mode,
        str(one.contract_start),
        str(one.contract_end),
    )
    return ",".join([*map(quoted, cells), quoted(one.timing or ""), "yes" if one.night_consent else "no"])


def _requirement_text(requirement: Requirement, horizon: Horizon) -> str:
    starts = [start.isoformat() for start in horizon.interval_starts]
    skills = [quoted(skill) for skill in requirement.skills]
    heads = iter(number_texts(requirement.heads.ravel()))
    # Zeros are written too: a skill that is needed at no time is a skill all the same.
    lines = [f"{start},{skill},{next(heads)}" for start in starts for skill in skills]
    return table_text(work.REQUIREMENT.required, lines)


def _volumes_text(volumes: pd.DataFrame, horizon: Horizon) -> str:
    distinct, places = volumes["starts_at"].dt.tz_convert(horizon.zone_name).factorize()[::-1]
    starts = [instant.isoformat() for instant in map(_as_datetime, distinct)]
    columns = (
        [starts[place] for place in places],
        [quoted(name) for name in volumes["queue"]],
        number_texts(volumes["jobs"]),
        number_texts(volumes["aht_seconds"]),
    )
    return table_text(work.VOLUMES.required, map(",".join, zip(*columns, strict=True)))


def _as_datetime(stamp: pd.Timestamp) -> datetime:
    return stamp.to_pydatetime()


def scenario_texts(given: PlanningInput) -> dict[str, str]:
    """Return the files of a scenario folder by name."""
    files = {
        SETTINGS_FILE: _settings_text(given),
        "associates.csv": table_text(
            (*facts.ASSOCIATES.required, *facts.ASSOCIATES.optional), map(_associate_line, given.associates)
        ),
        "shift_types.csv": table_text(
            facts.SHIFT_TYPES.required, (f"{quoted(one.code)},{one.start:%H:%M},{one.span_minutes}" for one in given.shift_types)
        ),
    }
    if given.requirement is not None:
        files["requirement.csv"] = _requirement_text(given.requirement, given.horizon)
    if given.volumes is not None:
        files["volumes.csv"] = _volumes_text(given.volumes, given.horizon)
    if given.queues:
        lines = (
            f"{quoted(one.name)},{quoted(one.skill)},{one.kind},{one.sla_seconds},{number_text(one.max_occupancy)}"
            for one in given.queues
        )
        files["queues.csv"] = table_text(work.QUEUES.required, lines)
    optional = {
        "leave.csv": (facts.LEAVE, [f"{quoted(one.associate)},{one.first_day},{one.last_day}" for one in given.leave]),
        "requests.csv": (
            facts.REQUESTS,
            [f"{quoted(one.associate)},{one.date},{quoted(one.want)},{number_text(one.weight)}" for one in given.requests],
        ),
        "locks.csv": (facts.LOCKS, [f"{quoted(one.associate)},{one.date},{quoted(one.value)}" for one in given.locks]),
        "history.csv": (facts.HISTORY, [f"{quoted(one.associate)},{one.date},{quoted(one.value)}" for one in given.history]),
        TERMS_FILE: (
            TERMS,
            [f"{quoted(one.code)},{terms_line(one.terms)}" for one in given.associates if one.terms is not None],
        ),
        "holidays.csv": (facts.HOLIDAYS, [f"{day},{quoted(name)}" for day, name in given.holidays.items()]),
    }
    return files | {name: table_text(columns.required, lines) for name, (columns, lines) in optional.items() if lines}


def write_scenario(folder: Path, given: PlanningInput) -> None:
    """Write a scenario folder as a whole or not at all; an earlier scenario folder is replaced.

    Raises
    ------
    BadInputError
        When the folder holds something else, or cannot be written.
    """
    write_folder(folder, scenario_texts(given), SCENARIO_FILES, SETTINGS_FILE)
