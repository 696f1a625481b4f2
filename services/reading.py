"""Read models: what pages, exports and commands show, as plain data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from scheduling.people import Associate, Lock
from scheduling.plan import BreakPlan, Coverage, RosterPlan
from scheduling.result import Clash
from scheduling.rules import RuleSettings, Violation
from scheduling.shifts import BreakPolicy, ShiftType
from scheduling.times import Horizon
from storage import operation_reading, rosters, runs, sites
from storage.errors import domain_errors
from storage.metadata import RosterState, RunKind, RunState
from storage.rosters import AuditEntry, RosterFrame, RosterSummary
from storage.runs import RunStep, RunView
from storage.sites import SiteFacts

__all__ = [
    "AuditEntry",
    "CoverageView",
    "RosterGrid",
    "RosterState",
    "RosterSummary",
    "RunKind",
    "RunState",
    "RunStep",
    "RunView",
    "SiteFacts",
    "active_run",
    "list_rosters",
    "list_runs",
    "list_sites",
    "queue_names",
    "roster_audit",
    "roster_clashes",
    "roster_coverage",
    "roster_grid",
    "roster_rules",
    "roster_summary",
    "roster_violations",
    "run_view",
]


@dataclass(frozen=True)
class RosterGrid:
    """A roster as the grid shows it: people down, days across.

    Parameters
    ----------
    horizon
        The days; its zone is the site's.
    associates
        One for each row of the plan, with team, skills, work mode, timing and contract dates.
    shift_types
        What the values of the plan from 0 on mean.
    plan
        Values and places, each of shape (associates, days); negative values are the words of `scheduling.plan.DAY_WORDS`.
    breaks
        Break pattern of each shift, shape (associates, days); a slot's kind is an index into `break_policy.breaks`.
    locks
        Those of the days of the roster.
    """

    summary: RosterSummary
    horizon: Horizon
    associates: tuple[Associate, ...]
    shift_types: tuple[ShiftType, ...]
    break_policy: BreakPolicy
    plan: RosterPlan
    breaks: BreakPlan
    locks: tuple[Lock, ...]


@dataclass(frozen=True)
class RosterFrameView:
    """The head of a roster with what its values mean."""

    summary: RosterSummary
    shift_types: tuple[ShiftType, ...]
    skills: tuple[str, ...]
    associate_count: int


@dataclass(frozen=True)
class CoverageView:
    """Required and scheduled heads of a roster; the columns of `coverage` are `skills`, its rows the horizon's intervals."""

    summary: RosterSummary
    horizon: Horizon
    skills: tuple[str, ...]
    coverage: Coverage


def list_sites(engine: Engine) -> tuple[SiteFacts, ...]:
    """Return all sites in the order of their codes."""
    with domain_errors(), engine.connect() as connection:
        return sites.list_sites(connection)


def list_rosters(engine: Engine, site: str | None = None, *, limit: int = 200) -> tuple[RosterSummary, ...]:
    """Return the rosters of a site (of all sites without one), the newest first."""
    with domain_errors(), engine.connect() as connection:
        return rosters.summaries(connection, site_code=site, limit=limit)


def roster_summary(engine: Engine, roster_id: int) -> RosterSummary:
    """Return the head of a roster; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return rosters.summary(connection, roster_id)


def roster_horizon(engine: Engine, roster_id: int) -> Horizon:
    """Return the days of a roster; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return rosters.horizon_of(connection, roster_id)


def roster_grid(
    engine: Engine, roster_id: int, *, break_days: Collection[int] | None = None, breaks_of: Collection[str] = ()
) -> RosterGrid:  # fmt: skip
    """Return a roster with everything that its grid shows; NotFoundError when there is none with this id.

    Parameters
    ----------
    break_days
        Indices of the days whose breaks are wanted, all of them without it; on other days the plan says -1, no pattern.
    breaks_of
        Codes of associates whose breaks are wanted on every day.
    """
    with domain_errors(), engine.connect() as connection:
        frame = rosters.frame(connection, roster_id)
        people = operation_reading.associates_with_ids(connection, frame.axes.associates, frame.horizon)
        rows = [row for row, one in enumerate(people) if one.code in breaks_of]
        plan, breaks = rosters.load_plan(connection, roster_id, frame.axes, frame.horizon, break_days, rows)
        return _grid(connection, rosters.summary(connection, roster_id), frame, people, (plan, breaks))


def roster_with_coverage(
    engine: Engine, roster_id: int, *, only_day: int | None = None
) -> tuple[RosterGrid, CoverageView]:  # fmt: skip
    """Return a roster with its coverage; NotFoundError when there is none with this id.

    Parameters
    ----------
    only_day
        Index of the one day that is wanted, with its breaks, and every other one is empty; without it all days, without breaks.
    """
    with domain_errors(), engine.connect() as connection:
        frame, head = rosters.frame(connection, roster_id), rosters.summary(connection, roster_id)
        people = operation_reading.associates_with_ids(connection, frame.axes.associates, frame.horizon)
        plan = rosters.load_plan(
            connection, roster_id, frame.axes, frame.horizon, () if only_day is None else None, only_day=only_day
        )
        return _grid(connection, head, frame, people, plan), _coverage(connection, head, frame)


def _grid(
    connection: Connection,
    head: RosterSummary,
    frame: RosterFrame,
    people: tuple[Associate, ...],
    plan: tuple[RosterPlan, BreakPlan],
) -> RosterGrid:
    locks = operation_reading.locks_of(connection, frame.axes.associates, frame.horizon)
    return RosterGrid(head, frame.horizon, people, frame.shift_types, frame.policy, *plan, locks)


def roster_coverage(engine: Engine, roster_id: int) -> CoverageView:
    """Return the coverage of a roster; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        frame = rosters.frame(connection, roster_id)
        return _coverage(connection, rosters.summary(connection, roster_id), frame)


def _coverage(connection: Connection, head: RosterSummary, frame: RosterFrame) -> CoverageView:
    found = rosters.load_coverage(connection, head.id, frame.axes, frame.horizon)
    return CoverageView(summary=head, horizon=frame.horizon, skills=frame.skills, coverage=found)


def roster_violations(engine: Engine, roster_id: int) -> tuple[Violation, ...]:
    """Return the rules that a roster breaks, those that block publishing first."""
    with domain_errors(), engine.connect() as connection:
        return rosters.violations(connection, roster_id)


def roster_frame_view(engine: Engine, roster_id: int) -> RosterFrameView:
    """Return the head of a roster with its shift types and skills; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        about = rosters.frame(connection, roster_id)
        return RosterFrameView(
            rosters.summary(connection, roster_id), about.shift_types, about.skills, len(about.axes.associates)
        )


def roster_codes(engine: Engine, roster_id: int) -> tuple[str, ...]:
    """Return the codes of the associates of a roster in the order of its rows."""
    with domain_errors(), engine.connect() as connection:
        return rosters.codes_in_order(connection, roster_id)


def roster_names(engine: Engine, roster_id: int) -> dict[str, str]:
    """Return the names of the associates of a roster by their codes."""
    with domain_errors(), engine.connect() as connection:
        return rosters.names_by_code(connection, roster_id)


def roster_clashes(engine: Engine, roster_id: int) -> tuple[Clash, ...]:
    """Return the sets of facts and rules that could not all be kept."""
    with domain_errors(), engine.connect() as connection:
        return rosters.clashes(connection, roster_id)


def roster_audit(engine: Engine, roster_id: int) -> tuple[AuditEntry, ...]:
    """Return who did what with a roster, the oldest first."""
    with domain_errors(), engine.connect() as connection:
        return rosters.audit_trail(connection, "roster", roster_id)


def roster_rules(engine: Engine, roster_id: int) -> RuleSettings:
    """Return the rules with which a roster was built."""
    with domain_errors(), engine.connect() as connection:
        return rosters.frame(connection, roster_id).rules


def queue_names(engine: Engine, site: str) -> list[str]:
    """Return the names of the queues of a site in the order in which they came."""
    with domain_errors(), engine.connect() as connection:
        return [queue.name for queue in operation_reading.queues_of(connection, sites.site_id(connection, site))]


def run_view(engine: Engine, run_id: int) -> RunView:
    """Return where a planning run stands; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return runs.view(connection, run_id)


def active_run(engine: Engine, site: str) -> RunView | None:
    """Return the planning run of a site that is queued, running or stopping, if there is one."""
    with domain_errors(), engine.connect() as connection:
        return runs.active(connection, site)


def list_runs(engine: Engine, site: str | None = None, *, limit: int = 20) -> tuple[RunView, ...]:
    """Return the planning runs of a site (of all sites without one), the newest first, without their history."""
    with domain_errors(), engine.connect() as connection:
        return runs.latest(connection, site_code=site, limit=limit)
