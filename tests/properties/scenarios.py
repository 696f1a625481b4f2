"""Generated scenario folders: small operations of every kind that the format allows."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

DAY = timedelta(days=1)
STARTS = {
    "Asia/Kolkata": [date(2027, 1, 4), date(2027, 1, 7), date(2028, 2, 26)],
    "Europe/Berlin": [date(2027, 3, 22), date(2027, 3, 27), date(2027, 10, 25), date(2027, 10, 28)],
    "America/St_Johns": [date(2027, 3, 8), date(2027, 11, 2)],
    "UTC": [date(2026, 12, 30)],
}
POLICIES = [
    "",
    '[[break_policy.breaks]]\nkind = "meal"\nminutes = 45\nwindow_minutes = [180, 300]\n'
    '[[break_policy.breaks]]\nkind = "short"\nminutes = 15\ncount = 5\n',
    '[[break_policy.breaks]]\nkind = "meal"\nminutes = 60\nwindow_minutes = [180, 300]\n'
    '[[break_policy.breaks]]\nkind = "short"\nminutes = 15\ncount = 4\n'
    '[[break_policy.breaks]]\nkind = "huddle"\nminutes = 15\nproductive = true\n',
    '[[break_policy.breaks]]\nkind = "meal"\nminutes = 120\nwindow_minutes = [180, 240]\n',
]
POLICY_HEADS = [
    "",
    "[break_policy]\ngrid_minutes = 15\nwork_stretch_minutes = [15, 90]\n",
    "[break_policy]\nwork_stretch_minutes = [25, 100]\n",
    "[break_policy]\ngrid_minutes = 15\nwork_stretch_minutes = [60, 300]\n",
]
CLOCKS = ["06:00", "10:00", "14:00", "22:00", "00:00", "23:45", "18:30", "02:30"]
SKILLS = ["stow", "image", "text"]


@dataclass(frozen=True)
class Shape:
    """What hypothesis chooses; everything else follows from `seed`."""

    seed: int
    zone: str
    first: date
    weeks: int
    interval: int
    people: int
    shift_count: int
    skills: int
    policy: int
    rules: Mapping[str, Any]
    heads: str
    leave: float
    contracts: float
    locks: float
    requests: float
    history: bool
    timings: float
    office: int | None


@st.composite
def shapes(draw: st.DrawFn, most_people: int = 12, most_weeks: int = 2) -> Shape:
    zone = draw(st.sampled_from(sorted(STARTS)))
    rules = {
        "timing": draw(st.sampled_from(["fixed", "weekly", "free"])),
        "working_days_per_week": draw(st.sampled_from([5, 5, 3, 4, 6])),
        "days_off_consecutive": draw(st.sampled_from([2, 2, 1, 3])),
        "week_starts_on": draw(st.sampled_from(["monday", "sunday", "wednesday"])),
        "max_consecutive_nights": draw(st.sampled_from([5, 3, 0])),
        "night_consent_required": draw(st.booleans()),
    }
    share = st.sampled_from([0.0, 0.0, 0.3])
    return Shape(
        seed=draw(st.integers(0, 2**20)),
        zone=zone,
        first=draw(st.sampled_from(STARTS[zone])),
        weeks=draw(st.integers(1, most_weeks)),
        interval=draw(st.sampled_from([15, 30, 60])),
        people=draw(st.integers(1, most_people)),
        shift_count=draw(st.integers(1, 4)),
        skills=draw(st.integers(1, 3)),
        policy=draw(st.integers(0, len(POLICIES) - 1)),
        rules=rules,
        heads=draw(st.sampled_from(["fitting", "fitting", "none", "huge", "missing skill"])),
        leave=draw(st.sampled_from([0.0, 0.3, 0.3, 1.0])),
        contracts=draw(share),
        locks=draw(st.sampled_from([0.0, 0.0, 0.2])),
        requests=draw(share),
        history=draw(st.booleans()),
        timings=draw(share),
        office=draw(st.sampled_from([None, None, 1, 4, 50])),
    )


def write(shape: Shape, folder: Path) -> Path:
    """Write the scenario folder of a shape."""
    folder.mkdir()
    rng = random.Random(shape.seed)  # noqa: S311 - the seed makes it repeatable.
    dates = [shape.first + DAY * number for number in range(7 * shape.weeks)]
    codes = [f"S{number}" for number in range(shape.shift_count)]
    skills = SKILLS[: shape.skills]
    files = {
        "scenario.toml": _settings(shape),
        "shift_types.csv": _table("code,start,span_minutes", _shift_rows(shape, rng, codes)),
        "requirement.csv": _table("starts_at,skill,heads", _requirement(shape, rng, skills)),
        "associates.csv": _table(
            "code,name,team,skills,work_mode,contract_start,contract_end,timing,night_consent",
            _people(shape, rng, codes, skills, dates),
        ),
        **_days(shape, rng, codes, dates),
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def _table(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows]) + "\n"


def _settings(shape: Shape) -> str:
    rules = "\n".join(
        f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for name, value in shape.rules.items()
    )
    office = "" if shape.office is None else f"[office]\nseats = {shape.office}\ndays_per_week = 2\n"
    top = f'timezone = "{shape.zone}"\nstart = {shape.first}\nweeks = {shape.weeks}\ninterval_minutes = {shape.interval}\n'
    return f"{top}{POLICY_HEADS[shape.policy]}{POLICIES[shape.policy]}[rules]\n{rules}\n{office}"


def _shift_rows(shape: Shape, rng: random.Random, codes: list[str]) -> list[str]:
    return [f"{code},{start},540" for code, start in zip(codes, rng.sample(CLOCKS, len(codes)), strict=True)]


def _people(shape: Shape, rng: random.Random, codes: list[str], skills: list[str], dates: list[date]) -> list[str]:
    rows = []
    able = skills[:-1] if shape.heads == "missing skill" and len(skills) > 1 else skills
    for number in range(shape.people):
        own = ";".join(rng.sample(able, rng.randint(1, len(able))))
        first, last = date(2020, 1, 1), date(2039, 12, 31)
        if rng.random() < shape.contracts:
            first, last = rng.choice(
                [(rng.choice(dates), last), (first, rng.choice(dates)), (first, dates[0] - DAY), (dates[-1] + DAY, last)]
            )
        timing = rng.choice(codes) if rng.random() < shape.timings else ""
        mode, consent = rng.choice(["office", "home", "hybrid"]), rng.choice(["yes", "yes", "no", ""])
        rows.append(f"A{number},Name {number},T{number % 3},{own},{mode},{first},{last},{timing},{consent}")
    return rows


def _requirement(shape: Shape, rng: random.Random, skills: list[str]) -> list[str]:
    zone = ZoneInfo(shape.zone)
    now = datetime.combine(shape.first, time(), zone).astimezone(UTC)
    end = datetime.combine(shape.first + 7 * shape.weeks * DAY, time(), zone).astimezone(UTC)
    most = {"none": 0.0, "huge": 300.0}.get(shape.heads, shape.people / 3)
    level, rows = dict.fromkeys(skills, 0.0), []
    while now < end:
        if now.minute == 0:
            level = {skill: round(rng.random() * most, 2) for skill in skills}
        rows += [f"{now.astimezone(zone).isoformat()},{skill},{heads}" for skill, heads in level.items()]
        now += timedelta(minutes=shape.interval)
    return rows


def _days(shape: Shape, rng: random.Random, codes: list[str], dates: list[date]) -> dict[str, str]:
    """Return the files of leave, locks, requests and history."""
    leave, locks, requests, history = [], [], [], []
    for number in range(shape.people):
        away: set[date] = set()
        if shape.leave == 1.0 or rng.random() < shape.leave:
            first = dates[0] - 3 * DAY if shape.leave == 1.0 else rng.choice(dates)
            last = dates[-1] if shape.leave == 1.0 else first + DAY * rng.randint(0, 9)
            leave.append(f"A{number},{first},{last}")
            away = {day for day in dates if first <= day <= last}
        locked = rng.choice(codes)
        if shape.contracts == 0.0 and rng.random() < shape.locks:
            locks += [f"A{number},{day},{rng.choice(['off', locked])}" for day in rng.sample(dates, 2) if day not in away]
        if rng.random() < shape.requests:
            requests += [
                f"A{number},{day},{rng.choice(['off', *codes])},{rng.choice([0.5, 3, 500])}" for day in rng.sample(dates, 2)
            ]
        if shape.history:
            worked = rng.choice(codes)
            for back in range(rng.choice([1, 3, 9, 16]), 0, -1):
                value = rng.choices([worked, "off", "leave"], [5, 2, 0.3])[0]
                history.append(f"A{number},{dates[0] - back * DAY},{value}")
    return {
        "leave.csv": _table("associate,first_day,last_day", leave),
        "locks.csv": _table("associate,date,value", locks),
        "requests.csv": _table("associate,date,want,weight", requests),
        "history.csv": _table("associate,date,value", history),
    }
