"""Drafts: writing the result of a planning run as a new roster, and reading a roster back as such a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from scheduling.coverage import carried_shifts
from scheduling.errors import ConflictError
from scheduling.plan import Coverage
from scheduling.result import PlanningResult
from scheduling.rules import Office
from scheduling.scenario import Requirement, Scenario
from storage.bulk import copy_rows
from storage.codecs import policy_document, rules_document
from storage.metadata import RosterState
from storage.operation_reading import associates_with_ids, history_before, leave_of, locks_of, requests_of
from storage.plans import Axes, PlanWriter, load_coverage, load_plan, save_coverage
from storage.rosters import RosterFrame, clashes, frame, save_findings, summary, violations
from storage.sites import ids_by, shift_types_with_ids, site_row
from storage.tables import associate, break_policy, holiday, roster, shift_type, skill


@dataclass(frozen=True)
class DraftHead:
    """What is known of a new draft beside the result of its planning run."""

    site: str
    name: str
    note: str
    created_at: datetime
    created_by: str
    parameters: Mapping[str, object]


def write_draft(connection: Connection, head: DraftHead, scenario: Scenario, result: PlanningResult) -> int:
    """Store a result as a draft; return its id.

    Raises
    ------
    ConflictError
        When the operation was changed since the scenario was read, so that the result speaks of things that are gone.
    """
    site_id = int(site_row(connection, head.site)._mapping["id"])
    people = _ids("associate", ids_by(connection, associate, "code", site_id), (one.code for one in scenario.associates))
    shifts = _ids("shift type", ids_by(connection, shift_type, "code", site_id), (one.code for one in scenario.shift_types))
    skills = _ids("skill", ids_by(connection, skill, "name", site_id), scenario.requirement.skills)
    axes = Axes(tuple(people.values()), tuple(shifts.values()), tuple(skills.values()))
    if shift_types_with_ids(connection, list(axes.shift_types)) != scenario.shift_types:
        raise ConflictError("The shift types of the site were changed in the meantime; generate the roster again.")
    policy_id = _policy_id(connection, site_id, scenario)
    roster_id = _insert_head(connection, head, site_id, policy_id, axes, scenario, result)
    copy_rows(
        connection,
        "roster_associate",
        ("roster_id", "associate_id", "position"),
        ((roster_id, number, position) for position, number in enumerate(axes.associates)),
    )
    writer = PlanWriter(roster_id, axes, scenario.horizon, scenario.shift_types, policy_id, scenario.break_policy)
    writer.save(connection, result.plan, result.breaks, carried_shifts(scenario))
    save_coverage(connection, roster_id, axes, scenario.horizon, result.coverage)
    save_findings(connection, roster_id, result, people)
    return roster_id


def _ids(kind: str, known: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    wanted = list(names)
    missing = [name for name in wanted if name not in known]
    if missing:
        raise ConflictError(
            f"The site no longer has {kind} {', '.join(map(repr, missing[:5]))}; load the operation and generate again."
        )
    return {name: known[name] for name in wanted}


def _policy_id(connection: Connection, site_id: int, scenario: Scenario) -> int:
    """Return the row of the scenario's break policy, which need not be the current one."""
    same = (break_policy.c.site_id == site_id, break_policy.c.settings == policy_document(scenario.break_policy))
    found = connection.execute(select(break_policy.c.id).where(*same).order_by(break_policy.c.id.desc()).limit(1))
    number = found.scalar_one_or_none()
    if number is None:
        raise ConflictError("The site never had the break policy of this roster; load the operation and generate again.")
    return int(number)


def _insert_head(
    connection: Connection,
    head: DraftHead,
    site_id: int,
    policy_id: int,
    axes: Axes,
    scenario: Scenario,
    result: PlanningResult,
) -> int:
    values = {
        "site_id": site_id,
        "break_policy_id": policy_id,
        "name": head.name,
        "note": head.note,
        "first_day": scenario.horizon.first_day,
        "weeks": scenario.horizon.weeks,
        "interval_minutes": scenario.horizon.interval_minutes,
        "state": RosterState.DRAFT.value,
        "created_at": head.created_at,
        "created_by": head.created_by,
        "rules": rules_document(scenario.rules),
        "skill_ids": list(axes.skills),
        "shift_type_ids": list(axes.shift_types),
        "status": result.status.value,
        "objective": float(result.objective),
        "bound": float(result.bound),
        "gap": float(result.gap),
        "wall_seconds": float(result.wall_seconds),
        "seed": result.seed,
        "versions": dict(result.versions),
        "parameters": dict(head.parameters),
        "objective_parts": {name: float(value) for name, value in result.objective_parts.items()},
        "kpis": {name: float(value) for name, value in result.kpis.items()},
    }
    return int(connection.execute(insert(roster).values(**values).returning(roster.c.id)).scalar_one())


def read_result(connection: Connection, roster_id: int) -> PlanningResult:
    """Return a roster as the result of its planning run; NotFoundError when there is none with this id."""
    head = summary(connection, roster_id)
    about = frame(connection, roster_id)
    plan, breaks = load_plan(connection, roster_id, about.axes, about.horizon)
    return PlanningResult(
        status=head.status,
        plan=plan,
        breaks=breaks,
        coverage=load_coverage(connection, roster_id, about.axes, about.horizon),
        objective=head.objective,
        bound=head.bound,
        wall_seconds=head.wall_seconds,
        seed=head.seed,
        versions=head.versions,
        violations=violations(connection, roster_id),
        kpis=head.kpis,
        clashes=clashes(connection, roster_id),
        objective_parts=head.objective_parts,
    )


def read_scenario(connection: Connection, roster_id: int) -> Scenario:
    """Return the scenario against which a roster is checked: its own rules and requirement, the people's facts of today."""
    about = frame(connection, roster_id)
    coverage = load_coverage(connection, roster_id, about.axes, about.horizon)
    return scenario_within(connection, about, coverage, about.axes.associates)


def scenario_within(connection: Connection, about: RosterFrame, coverage: Coverage, history_of: Sequence[int]) -> Scenario:
    """Return the scenario of a roster whose frame and coverage are read already.

    Parameters
    ----------
    history_of
        Associates whose days before the roster are wanted; they are by far the largest part of a scenario.
    """
    place = site_row(connection, about.site)._mapping
    people = about.axes.associates
    first, last = about.horizon.dates[0], about.horizon.dates[-1]
    days = select(holiday.c.day).where(holiday.c.site_id == place["id"], holiday.c.day.between(first, last))
    return Scenario(
        horizon=about.horizon,
        associates=associates_with_ids(connection, people, about.horizon),
        shift_types=about.shift_types,
        requirement=Requirement(about.skills, coverage.required),
        break_policy=about.policy,
        rules=about.rules,
        office=None if place["office_seats"] is None else Office(place["office_seats"], place["office_days_per_week"]),
        leave=leave_of(connection, people, about.horizon),
        requests=requests_of(connection, people, about.horizon),
        locks=locks_of(connection, people, about.horizon),
        history=history_before(connection, place["id"], history_of, first),
        holidays=frozenset(connection.execute(days).scalars()),
    )
