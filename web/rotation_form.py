"""The form of a rotation as it is typed: read into a request, or shown again with what was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scheduling.errors import BadInputError, Fault
from scheduling.rotation import DAYS_IN_WEEK, Bounds
from scheduling.rules import Timing
from services.rotation_design import MOST_SECONDS, RotationRequest, RotationSite, ShiftNeed

Typed = Mapping[str, str]
LARGEST: Final = 10_000
SEED_LARGEST: Final = 2**31 - 1
CHOICES: Final = ("keeps_week", "single", "exact", "most_free_weekends")


@dataclass(frozen=True)
class ShiftLine:
    """One line of the form: a shift type with what is typed in its fields."""

    code: str
    times: str
    heads: tuple[str, ...]
    least: str
    most: str


def defaults(site: RotationSite, team: str) -> dict[str, str]:
    """Return what an empty form proposes: a row for each of a team, and five days of work with two off for everybody."""
    rules = site.rules
    rows = site.teams.get(team) or max(site.teams.values(), default=7)
    least_work = max(1, 2 * rules.working_days_per_week - rules.max_consecutive_days)
    typed = {
        "name": f"Rotation of {team}" if team else "",
        "team": team,
        "rows": str(rows),
        "work_least": str(min(least_work, rules.max_consecutive_days)),
        "work_most": str(rules.max_consecutive_days),
        "off_least": str(rules.days_off_consecutive),
        "off_most": str(max(rules.days_off_consecutive, 4)),
        "seconds": "10",
        "seed": "1",
        "keeps_week": "on",
        "single": "on",
        "most_free_weekends": "on",
    }
    for shift in site.shift_types:
        typed[f"least_{shift.code}"] = "1"
        most = rules.max_consecutive_nights if shift.is_night else rules.max_consecutive_days
        typed[f"most_{shift.code}"] = str(most)
    if first := next((shift for shift in site.shift_types if not shift.is_night), None):
        shifts_a_week = rows * rules.working_days_per_week
        for day in range(DAYS_IN_WEEK):
            typed[f"heads_{first.code}_{day}"] = str(shifts_a_week // DAYS_IN_WEEK)
    return typed


def lines_of(site: RotationSite, typed: Typed) -> tuple[ShiftLine, ...]:
    """Return the lines of the form, one a shift type."""
    return tuple(
        ShiftLine(
            shift.code,
            f"{shift.start:%H:%M}, {shift.span_minutes // 60} h {shift.span_minutes % 60:02d} min",
            tuple(typed.get(f"heads_{shift.code}_{day}", "") for day in range(DAYS_IN_WEEK)),
            typed.get(f"least_{shift.code}", "1"),
            typed.get(f"most_{shift.code}", str(site.rules.max_consecutive_days)),
        )
        for shift in site.shift_types
    )


def is_one_timing(site: RotationSite) -> bool:
    """Whether a rotation of the site has one shift type only."""
    return site.rules.timing is Timing.FIXED


class _Reader:
    """Reads numbers and keeps what is wrong with them."""

    def __init__(self, typed: Typed) -> None:
        self._typed = typed
        self.faults: list[Fault] = []

    def number(self, name: str, label: str, *, empty: int | None = None, most: int = LARGEST) -> int:
        """Return a field as a whole number; `empty` is what an empty one means."""
        text = self._typed.get(name, "").strip()
        if not text and empty is not None:
            return empty
        if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= most:
            return int(text)
        self.faults.append(Fault("rotation", None, label, text[:20], f"Write a whole number from 0 to {most}."))
        return 1

    def bounds(self, first: str, second: str, label: str) -> Bounds:
        """Return two fields as least and most."""
        return self.number(first, f"least {label}"), self.number(second, f"most {label}")


def request_of(site: RotationSite, typed: Typed) -> RotationRequest:
    """Return what is typed as a request; BadInputError with every field that is no number."""
    read = _Reader(typed)
    needs = []
    for shift in site.shift_types:
        heads = tuple(read.number(f"heads_{shift.code}_{day}", f"heads of {shift.code}", empty=0) for day in range(DAYS_IN_WEEK))
        if any(heads):
            block = read.bounds(f"least_{shift.code}", f"most_{shift.code}", f"days of {shift.code} in a row")
            needs.append(ShiftNeed(shift.code, heads, block))
    keeps_week, single, exact, most_free_weekends = (typed.get(name) == "on" for name in CHOICES)
    request = RotationRequest(
        name=typed.get("name", "").strip(),
        team=typed.get("team", "").strip() or None,
        weeks=read.number("rows", "rows"),
        needs=tuple(needs),
        work=read.bounds("work_least", "work_most", "working days in a row"),
        off=read.bounds("off_least", "off_most", "days off in a row"),
        keeps_week=keeps_week,
        single=single,
        exact=exact,
        most_free_weekends=most_free_weekends,
        seconds=float(read.number("seconds", "seconds", most=round(MOST_SECONDS))),
        seed=read.number("seed", "seed", most=SEED_LARGEST),
    )
    if read.faults:
        raise BadInputError(read.faults)
    return request
