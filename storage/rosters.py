"""Rosters: their heads, versions and findings; the plan itself is in `storage.plans`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from scheduling.errors import NotFoundError
from scheduling.result import Clash, PlanningResult, Status
from scheduling.rules import RuleSettings, Severity, Violation
from scheduling.shifts import BreakPolicy, ShiftType
from scheduling.times import Horizon
from storage.bulk import copy_rows, one_array
from storage.codecs import rules_of
from storage.metadata import RosterState
from storage.plans import Axes, load_coverage, load_plan
from storage.sites import policy_with_id, shift_types_with_ids
from storage.tables import associate, audit, clash, roster, roster_associate, site, skill, violation

__all__ = ["load_coverage", "load_plan"]


@dataclass(frozen=True)
class RosterSummary:
    """The head of a roster, as lists and titles show it.

    Parameters
    ----------
    version
        Hand it back when changing the roster; a change with an old version is refused.
    gap
        Relative distance of the objective from the proven bound.
    blocking_count, reason_count
        Violations that block publishing, and violations that need a reason.
    """

    id: int
    name: str
    site: str
    site_name: str
    zone_name: str
    first_day: date
    weeks: int
    interval_minutes: int
    state: RosterState
    version: int
    created_at: datetime
    created_by: str
    published_at: datetime | None
    published_by: str | None
    note: str
    status: Status
    objective: float
    bound: float
    gap: float
    wall_seconds: float
    seed: int
    versions: Mapping[str, str]
    parameters: Mapping[str, Any]
    objective_parts: Mapping[str, float]
    kpis: Mapping[str, float]
    blocking_count: int
    reason_count: int

    @property
    def last_day(self) -> date:
        """Local date of the last day."""
        return self.first_day + timedelta(days=7 * self.weeks - 1)

    @property
    def is_bounded(self) -> bool:
        """Whether more is proven than that a roster costs something; a repair looks for the least change and proves nothing."""
        return self.bound > 0 or self.objective <= 0


@dataclass(frozen=True)
class RosterFrame:
    """What the indices of a roster's arrays mean, and the rules it was built with."""

    axes: Axes
    site: str
    horizon: Horizon
    shift_types: tuple[ShiftType, ...]
    skills: tuple[str, ...]
    policy: BreakPolicy
    rules: RuleSettings


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit trail."""

    recorded_at: datetime
    actor: str
    action: str
    subject_version: int | None
    detail: Mapping[str, Any]


def _summary_query() -> Select[tuple[Any, ...]]:
    def count(severity: Severity, name: str) -> Any:
        found = select(func.count()).where(violation.c.roster_id == roster.c.id, violation.c.severity == severity.value)
        return found.scalar_subquery().label(name)

    hidden = {"id", "site_id", "break_policy_id", "rules", "skill_ids", "shift_type_ids"}
    columns = [column for column in roster.c if column.name not in hidden]
    return select(
        roster.c.id,
        site.c.code.label("site"),
        site.c.name.label("site_name"),
        site.c.zone_name,
        *columns,
        count(Severity.BLOCKS_PUBLISHING, "blocking_count"),
        count(Severity.NEEDS_A_REASON, "reason_count"),
    ).join_from(roster, site)


def _summary_of(row: Row[tuple[Any, ...]]) -> RosterSummary:
    return RosterSummary(**{**row._mapping, "state": RosterState(row.state), "status": Status(row.status)})


def summaries(connection: Connection, *, site_code: str | None, limit: int) -> tuple[RosterSummary, ...]:
    """Return heads of rosters, the newest first."""
    query = _summary_query().order_by(roster.c.created_at.desc(), roster.c.id.desc()).limit(limit)
    if site_code is not None:
        query = query.where(site.c.code == site_code)
    return tuple(_summary_of(row) for row in connection.execute(query))


def summary(connection: Connection, roster_id: int) -> RosterSummary:
    """Return the head of a roster.

    Raises
    ------
    NotFoundError
        When there is none with this id.
    """
    row = connection.execute(_summary_query().where(roster.c.id == roster_id)).one_or_none()
    if row is None:
        raise _missing(roster_id)
    return _summary_of(row)


def _missing(roster_id: int) -> NotFoundError:
    return NotFoundError(f"There is no roster {roster_id}; look at the roster list.")


def frame(connection: Connection, roster_id: int) -> RosterFrame:
    """Return what the indices of a roster's arrays mean; NotFoundError when there is none with this id."""
    columns = (roster, site.c.zone_name, site.c.code.label("site"), one_array(_in_order(roster_id)).label("people"))
    query = select(*columns).join_from(roster, site).where(roster.c.id == roster_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise _missing(roster_id)
    names = dict(connection.execute(select(skill.c.id, skill.c.name).where(skill.c.id.in_(row.skill_ids))).all())
    return RosterFrame(
        axes=Axes(
            associates=tuple(row.people),
            shift_types=tuple(row.shift_type_ids),
            skills=tuple(row.skill_ids),
        ),
        site=row.site,
        horizon=Horizon(row.zone_name, row.first_day, row.weeks, row.interval_minutes),
        shift_types=shift_types_with_ids(connection, row.shift_type_ids),
        skills=tuple(names[number] for number in row.skill_ids),
        policy=policy_with_id(connection, row.break_policy_id),
        rules=rules_of(row.rules),
    )


def horizon_of(connection: Connection, roster_id: int) -> Horizon:
    """Return the days of a roster; NotFoundError when there is none with this id."""
    query = select(site.c.zone_name, roster.c.first_day, roster.c.weeks, roster.c.interval_minutes).join_from(roster, site)
    row = connection.execute(query.where(roster.c.id == roster_id)).one_or_none()
    if row is None:
        raise _missing(roster_id)
    return Horizon(*row)


def people_in_order(connection: Connection, roster_id: int) -> tuple[int, ...]:
    """Return the ids of the associates of a roster in the order of its rows."""
    return tuple(connection.execute(select(one_array(_in_order(roster_id)))).scalar_one())


def _in_order(roster_id: int) -> Select[tuple[int]]:
    query = select(roster_associate.c.associate_id).where(roster_associate.c.roster_id == roster_id)
    return query.order_by(roster_associate.c.position)


def names_by_code(connection: Connection, roster_id: int) -> dict[str, str]:
    """Return the names of the associates of a roster by their codes."""
    query = select(associate.c.code, associate.c.name).join_from(roster_associate, associate)
    return dict(connection.execute(query.where(roster_associate.c.roster_id == roster_id)).all())


def codes_in_order(connection: Connection, roster_id: int) -> tuple[str, ...]:
    """Return the codes of the associates of a roster in the order of its rows."""
    query = select(associate.c.code).join_from(roster_associate, associate).where(roster_associate.c.roster_id == roster_id)
    return tuple(connection.execute(query.order_by(roster_associate.c.position)).scalars())


def policy_id(connection: Connection, roster_id: int) -> int:
    """Return the id of the break policy with which a roster was built."""
    return int(connection.execute(select(roster.c.break_policy_id).where(roster.c.id == roster_id)).scalar_one())


def save_findings(connection: Connection, roster_id: int, result: PlanningResult, ids: Mapping[str, int]) -> None:
    """Write violations and clashes of a result; `ids` are the associates by code."""
    copy_rows(
        connection,
        "violation",
        ("roster_id", "position", "rule", "severity", "associate_id", "day", "amount", "message"),
        (
            (roster_id, position, one.rule, one.severity.value, ids.get(one.who), one.when, one.amount, one.message)
            for position, one in enumerate(result.violations)
        ),
    )
    copy_rows(
        connection,
        "clash",
        ("roster_id", "position", "associate_id", "facts", "relaxation"),
        ((roster_id, position, ids.get(one.who), list(one.facts), one.relaxation) for position, one in enumerate(result.clashes)),
    )


def violations(connection: Connection, roster_id: int) -> tuple[Violation, ...]:
    """Return the violations of a roster, those that block publishing first."""
    query = (
        select(violation, associate.c.code)
        .outerjoin_from(violation, associate)
        .where(violation.c.roster_id == roster_id)
        .order_by(violation.c.severity, violation.c.position)
    )
    return tuple(
        Violation(row.rule, Severity(row.severity), row.code or "", row.day, row.amount, row.message)
        for row in connection.execute(query)
    )


def violations_of(connection: Connection, roster_id: int, code: str) -> tuple[Violation, ...]:
    """Return the violations of a roster that concern one associate."""
    query = (
        select(violation)
        .join_from(violation, associate)
        .where(violation.c.roster_id == roster_id, associate.c.code == code)
        .order_by(violation.c.severity, violation.c.position)
    )
    return tuple(
        Violation(row.rule, Severity(row.severity), code, row.day, row.amount, row.message) for row in connection.execute(query)
    )


def clashes(connection: Connection, roster_id: int) -> tuple[Clash, ...]:
    """Return the clashes of a roster."""
    query = select(clash, associate.c.code).outerjoin_from(clash, associate).where(clash.c.roster_id == roster_id)
    return tuple(
        Clash(row.code or "", tuple(row.facts), row.relaxation) for row in connection.execute(query.order_by(clash.c.position))
    )


def record(
    connection: Connection, at: datetime, actor: str, action: str, subject: tuple[str, int], version: int | None, **detail: object
) -> None:
    """Write a line of the audit trail; `subject` is a kind of thing and its id."""
    kind, number = subject
    entry = {"recorded_at": at, "actor": actor, "action": action, "subject": kind, "subject_id": number}
    connection.execute(audit.insert().values(**entry, subject_version=version, detail=detail))


def audit_trail(connection: Connection, subject: str, subject_id: int) -> tuple[AuditEntry, ...]:
    """Return what was done with one thing, the oldest first."""
    columns = (audit.c.recorded_at, audit.c.actor, audit.c.action, audit.c.subject_version, audit.c.detail)
    query = select(*columns).where(audit.c.subject == subject, audit.c.subject_id == subject_id).order_by(audit.c.id)
    return tuple(AuditEntry(*row) for row in connection.execute(query))
