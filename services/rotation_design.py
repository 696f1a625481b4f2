"""Design of rotations: what a planner asks for and the rules of the site as one question, and the answers that are stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Connection, Engine, select

from scheduling.errors import BadInputError, Fault
from scheduling.rotation import DAYS_IN_WEEK, Bounds, Forbidden, RotationProblem, RotationRules
from scheduling.rules import RuleSettings, Timing
from scheduling.shifts import MINUTES_PER_DAY, ShiftType
from scheduling.times import WEEKDAYS
from storage import rotations
from storage.codecs import rules_of
from storage.errors import domain_errors
from storage.metadata import RotationState
from storage.rotations import RotationHead, StoredRotation
from storage.sites import shift_types_with_ids, site_row
from storage.tables import associate, shift_type, team

__all__ = ["RotationHead", "RotationState", "StoredRotation"]

MOST_WEEKS: Final = 500
MOST_HEADS: Final = 500
MOST_SECONDS: Final = 600.0
MOST_DAYS_OFF: Final = 4
FILE: Final = "rotation"


@dataclass(frozen=True)
class RotationSite:
    """What a rotation of a site is designed from.

    Parameters
    ----------
    weekdays
        Names of the weekdays in the order of the columns of a row.
    teams
        Active associates of each team.
    """

    code: str
    shift_types: tuple[ShiftType, ...]
    rules: RuleSettings
    weekdays: tuple[str, ...]
    teams: Mapping[str, int]

    @property
    def saturday(self) -> int:
        """Column of the Saturday."""
        return self.weekdays.index("saturday")


@dataclass(frozen=True)
class ShiftNeed:
    """Heads of one shift type on each day of a row, and how many days in a row somebody may have it."""

    code: str
    heads: tuple[int, ...]
    block: Bounds


@dataclass(frozen=True)
class RotationRequest:
    """What a planner asks for.

    Parameters
    ----------
    team
        Name of the team that it is for; ``None`` when it is for anybody.
    needs
        The shift types that it uses.
    keeps_week
        Whether each row has the working days in a week of the site's rule.
    """

    name: str
    team: str | None
    weeks: int
    needs: tuple[ShiftNeed, ...]
    work: Bounds
    off: Bounds
    keeps_week: bool = True
    single: bool = True
    exact: bool = False
    most_free_weekends: bool = True
    seconds: float = 10.0
    seed: int = 1


def rotation_site(engine: Engine, site: str) -> RotationSite:
    """Return what rotations of a site are designed from; NotFoundError when there is no such site."""
    with domain_errors(), engine.connect() as connection:
        return _site(connection, site)


def _site(connection: Connection, site: str) -> RotationSite:
    row = site_row(connection, site)._mapping
    current = select(shift_type.c.id).where(shift_type.c.site_id == row["id"], shift_type.c.is_current)
    rules = rules_of(row["rules"])
    first = WEEKDAYS.index(rules.week_starts_on)
    members = (
        select(team.c.name, associate.c.id)
        .join_from(associate, team)
        .where(associate.c.site_id == row["id"], associate.c.is_active)
        .order_by(team.c.name)
    )
    names = [one.name for one in connection.execute(members)]
    return RotationSite(
        code=site,
        shift_types=shift_types_with_ids(connection, list(connection.execute(current.order_by(shift_type.c.position)).scalars())),
        rules=rules,
        weekdays=(*WEEKDAYS[first:], *WEEKDAYS[:first]),
        teams={name: names.count(name) for name in dict.fromkeys(names)},
    )


def problem_of(site: RotationSite, request: RotationRequest) -> RotationProblem:
    """Return the question that a request asks under the rules of the site; BadInputError with every fault."""
    faults = list(_faults(site, request))
    if faults:
        raise BadInputError(faults)
    by_code = {shift.code: shift for shift in site.shift_types}
    shifts = [by_code[need.code] for need in request.needs]
    rules = RotationRules(
        work=request.work,
        off=request.off,
        blocks=tuple(need.block for need in request.needs),
        forbidden=forbidden_successions(shifts, site.rules, request.off),
        week_days=(site.rules.working_days_per_week,) * 2 if request.keeps_week else None,
        one_type_a_week=site.rules.timing is Timing.WEEKLY and len(shifts) > 1,
    )
    heads = np.array([need.heads for need in request.needs], dtype=np.int64)
    codes = tuple(need.code for need in request.needs)
    return RotationProblem(codes, request.weeks, heads, rules, request.exact, request.single, site.saturday)


def forbidden_successions(shifts: Sequence[ShiftType], rules: RuleSettings, off: Bounds) -> frozenset[Forbidden]:
    """Return which shift types leave too little rest between them, with none and up to the most days off between.

    What is needed is the rest between shifts, over a weekly off the weekly rest, and where the timing changes the rest for that.
    """
    forbidden = set()
    for gap in range(off[1] + 1):
        needed = rules.rest_minutes
        if gap >= rules.days_off_consecutive:
            needed = max(needed, min(rules.weekly_rest_minutes, rules.days_off_consecutive * MINUTES_PER_DAY))
        for earlier, one in enumerate(shifts):
            for later, two in enumerate(shifts):
                rest = (gap + 1) * MINUTES_PER_DAY + two.start_minute - one.start_minute - one.span_minutes
                changes = earlier != later and rules.timing is not Timing.FREE
                if rest < max(needed, rules.timing_change_rest_minutes if changes else 0):
                    forbidden.add((earlier, gap, later))
    return frozenset(forbidden)


def _faults(site: RotationSite, request: RotationRequest) -> list[Fault]:
    """Return everything that makes no sense in a request."""
    found: list[Fault] = []

    def refuse(column: str, value: object, reason: str) -> None:
        found.append(Fault(FILE, None, column, str(value), reason))

    if not 1 <= len(request.name.strip()) <= 80:
        refuse("name", request.name, "Give the rotation a name of 1 to 80 characters.")
    if request.team is not None and request.team not in site.teams:
        refuse("team", request.team, "There is no such team.")
    if not 1 <= request.weeks <= MOST_WEEKS:
        refuse("rows", request.weeks, f"Choose 1 to {MOST_WEEKS} rows, one for each associate.")
    if not request.needs:
        refuse("heads", "", "Write how many heads are needed: at least one shift type on one day.")
    if len(request.needs) > 1 and site.rules.timing is Timing.FIXED:
        reason = "The site keeps one timing for the whole rotation period, so a rotation has one shift type; clear the others."
        refuse("heads", ", ".join(need.code for need in request.needs), reason)
    known = {shift.code for shift in site.shift_types}
    for need in request.needs:
        if need.code not in known:
            refuse("shift type", need.code, "The site has no such shift type any more.")
        if len(need.heads) != DAYS_IN_WEEK or not all(0 <= heads <= MOST_HEADS for heads in need.heads):
            refuse(f"heads of {need.code}", need.heads, f"Write 0 to {MOST_HEADS} heads for each of the seven days.")
    nights = {shift.code for shift in site.shift_types if shift.is_night}
    found.extend(_bound_faults(site.rules, request, nights))
    return found


def _bound_faults(rules: RuleSettings, request: RotationRequest, nights: Collection[str]) -> list[Fault]:
    bounds = {"working days in a row": (request.work, rules.max_consecutive_days), "days off in a row": (request.off, 7)}
    for need in request.needs:
        most = rules.max_consecutive_nights if need.code in nights else rules.max_consecutive_days
        bounds[f"days of {need.code} in a row"] = (need.block, most)
    return [
        Fault(FILE, None, name, f"{least} to {most}", f"Write a least and a most between 1 and {limit}, the least first.")
        for name, ((least, most), limit) in bounds.items()
        if not 1 <= least <= most <= limit
    ]


def list_rotations(engine: Engine, site: str) -> tuple[RotationHead, ...]:
    """Return the rotations of a site, the newest first."""
    with domain_errors(), engine.connect() as connection:
        return rotations.rotation_heads(connection, int(site_row(connection, site)._mapping["id"]))


def rotation_view(engine: Engine, rotation_id: int) -> StoredRotation:
    """Return a rotation; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return rotations.read_rotation(connection, rotation_id)
