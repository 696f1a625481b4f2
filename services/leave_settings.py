"""What planners set about leave: its kinds, limits of a day, entitlements; and what sites and teams let people swap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from scheduling.errors import BadInputError, Fault, NotFoundError
from scheduling.times import Clock
from services.editing import EditOutcome
from services.leave_requests import settle
from services.roster_changes import follow
from storage import leave as stored
from storage import leave_accounts as accounts
from storage import swaps as rules
from storage.errors import domain_errors
from storage.leave import LeaveKind, LeaveLimit
from storage.leave_tables import EntryKind
from storage.rosters import record
from storage.swaps import SiteRequestRule
from storage.tables import associate, contract, leave_entry

__all__ = [
    "LeaveKind",
    "LeaveLimit",
    "LeaveSettings",
    "SiteRequestRule",
    "add_limit",
    "correct_balances",
    "grant_year",
    "read_settings",
    "remove_limit",
    "save_kind",
    "save_site_rule",
    "save_team_rule",
]

MOST_LINES: Final = 20_000


@dataclass(frozen=True)
class LeaveSettings:
    """What is set about leave and swaps at a site.

    Parameters
    ----------
    teams
        Names of the teams by id.
    """

    kinds: tuple[LeaveKind, ...]
    limits: tuple[LeaveLimit, ...]
    rule: SiteRequestRule
    teams: dict[int, str]


def read_settings(engine: Engine, site_id: int) -> LeaveSettings:
    """Return what is set about leave and swaps at a site."""
    with domain_errors(), engine.connect() as connection:
        return LeaveSettings(
            stored.kinds_of(connection, site_id, current_only=False),
            stored.limits_of(connection, site_id),
            rules.site_rule(connection, site_id),
            rules.teams_of(connection, site_id),
        )


def save_kind(engine: Engine, site_id: int, kind_id: int | None, values: dict[str, Any], *, by: str, clock: Clock) -> int:
    """Write a kind of leave, a new one without `kind_id`; return its id.

    Raises
    ------
    BadInputError
        When code or name are missing, or numbers are out of range.
    ConflictError
        When another kind has the code.
    """
    wrong = [
        ("code", values["code"], "Give a short code.", 1 <= len(values["code"]) <= 20),
        ("name", values["name"], "Give a name that people know.", 1 <= len(values["name"]) <= 100),
        ("days_per_year", values["days_per_year"], "Days a year are 0 to 366.", 0 <= values["days_per_year"] <= 366),
        ("notice_days", values["notice_days"], "Days of notice are 0 to 366.", 0 <= values["notice_days"] <= 366),
    ]
    _refuse(wrong)
    with domain_errors(), engine.begin() as connection:
        number = stored.save_kind(connection, site_id, kind_id, values)
        record(connection, clock.now(), by, "kind of leave saved", ("leave kind", number), None, **values)
        return number


def add_limit(
    engine: Engine,
    site_id: int,
    team_id: int | None,
    days: tuple[date, date] | None,
    count: int | None,
    share: float | None,
    *,
    by: str,
    clock: Clock,
) -> None:
    """Write how many of a team, or of the whole site, may be on leave on one day; those who wait move up where there is room.

    Raises
    ------
    BadInputError
        When days are in the wrong order, or there is not exactly one number, in its range.
    """
    now = clock.now()
    wrong = [
        ("last_day", days or "", "The last day lies before the first one.", days is None or days[0] <= days[1]),
        ("count", "", "Give either a number of people or a share.", (count is None) != (share is None)),
        ("count", count, "The number of people is 0 to 30000.", count is None or 0 <= count <= 30_000),
        ("share", share, "The share is 0 to 100 per cent.", share is None or 0 <= share <= 1),
    ]
    _refuse(wrong)
    first, last = days or (None, None)
    values = {"team_id": team_id, "first_day": first, "last_day": last, "most_count": count, "most_share": share}
    with domain_errors(), engine.begin() as connection:
        if team_id is not None and team_id not in rules.teams_of(connection, site_id):
            raise NotFoundError(f"There is no team {team_id} at this site.")
        stored.lock_leave(connection, site_id)
        number = stored.add_limit(connection, site_id, values)
        detail = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
        record(connection, now, by, "limit of leave saved", ("leave limit", number), None, **detail)
        outcomes = settle(connection, site_id, now)
    follow(engine, outcomes, clock=clock)


def remove_limit(engine: Engine, site_id: int, limit_id: int, *, by: str, clock: Clock) -> None:
    """Remove a limit; those who wait move up. NotFoundError when it is not there."""
    now = clock.now()
    outcomes: tuple[EditOutcome, ...] = ()
    with domain_errors(), engine.begin() as connection:
        stored.lock_leave(connection, site_id)
        if not stored.remove_limit(connection, site_id, limit_id):
            raise NotFoundError(f"There is no limit {limit_id}; perhaps somebody removed it.")
        record(connection, now, by, "limit of leave removed", ("leave limit", limit_id), None)
        outcomes = settle(connection, site_id, now)
    follow(engine, outcomes, clock=clock)


def grant_year(engine: Engine, site_id: int, kind_id: int, year: int, *, by: str, clock: Clock) -> int:
    """Give everybody the entitlement of a year who does not have it yet, by the share of the year under contract.

    Returns
    -------
    How many were given something; asking again changes nothing.

    Raises
    ------
    BadInputError
        When the year makes no sense, or the kind has no balance or no days.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        kind = next((one for one in stored.kinds_of(connection, site_id) if one.id == kind_id), None)
        usable = kind is not None and kind.has_balance and kind.days_per_year > 0
        wrong = [
            ("year", year, "Choose a year near this one.", abs(year - now.year) <= 5),
            ("kind", kind_id, "Choose a kind with a balance and days a year.", usable),
        ]
        _refuse(wrong)
        assert kind is not None  # noqa: S101 - refused above.
        rows = [
            {"associate_id": who, "leave_kind_id": kind_id, "year": year, "days": days, "kind": EntryKind.GRANTED.value}
            for who, share in _contract_shares(connection, site_id, year).items()
            if (days := ceil(kind.days_per_year * share - 1e-9)) > 0
        ]
        had = set(connection.execute(_granted(kind_id, year)).scalars())
        fresh = [row for row in rows if row["associate_id"] not in had]
        accounts.add_entries(connection, fresh, by=by, at=now)
        record(connection, now, by, "leave granted", ("leave kind", kind_id), None, year=year, people=len(fresh))
        return len(fresh)


def _granted(kind_id: int, year: int) -> Any:
    same = (leave_entry.c.leave_kind_id == kind_id, leave_entry.c.year == year, leave_entry.c.kind == EntryKind.GRANTED.value)
    return select(leave_entry.c.associate_id).where(*same)


def _contract_shares(connection: Connection, site_id: int, year: int) -> dict[int, float]:
    """Return the share of a year that each active associate is under contract."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    query = (
        select(contract.c.associate_id, contract.c.first_day, contract.c.last_day)
        .join_from(contract, associate)
        .where(associate.c.site_id == site_id, associate.c.is_active)
        .where(contract.c.first_day <= last, contract.c.last_day >= first)
        .order_by(associate.c.position)
    )
    shares: dict[int, float] = {}
    for who, begins, ends in connection.execute(query):
        days = (min(ends, last) - max(begins, first)).days + 1
        shares[who] = shares.get(who, 0.0) + days / ((last - first) + timedelta(days=1)).days
    return shares


@dataclass(frozen=True)
class BalanceLine:
    """One line of an import: so many days more, or fewer, of a kind in a year; `row` is the line of the file."""

    row: int
    associate: str
    kind: str
    year: int
    days: int
    note: str = ""


def correct_balances(
    engine: Engine, site_id: int, lines: Sequence[BalanceLine], *, dry_run: bool, by: str, clock: Clock
) -> int:  # fmt: skip
    """Add days to balances, all lines or none; return how many lines there are.

    Parameters
    ----------
    dry_run
        Whether everything is checked and nothing kept.

    Raises
    ------
    BadInputError
        With row, column, value and reason of every fault.
    ConflictError
        When a balance would become negative.
    """
    now = clock.now()
    with domain_errors(), engine.connect() as connection, connection.begin() as transaction:
        query = select(associate.c.code, associate.c.id).where(associate.c.site_id == site_id)
        people: dict[str, int] = dict(connection.execute(query).all())
        kinds = {one.code: one for one in stored.kinds_of(connection, site_id)}
        faults = line_faults(lines, people, kinds)
        if faults:
            raise BadInputError(faults)
        rows = [
            {"associate_id": people[one.associate], "leave_kind_id": kinds[one.kind].id, "year": one.year, "days": one.days,
             "kind": EntryKind.CORRECTED.value, "note": one.note}
            for one in sorted(lines, key=lambda one: -one.days)
        ]  # fmt: skip
        accounts.add_entries(connection, rows, by=by, at=now)
        record(connection, now, by, "balances corrected", ("site", site_id), None, lines=len(rows))
        if dry_run:
            transaction.rollback()
        return len(rows)


def line_faults(lines: Sequence[BalanceLine], people: Collection[str], kinds: dict[str, LeaveKind]) -> list[Fault]:
    """Return everything that is wrong with lines of an import."""
    faults = []
    for one in lines[:MOST_LINES]:
        kind = kinds.get(one.kind)
        wrong = [
            ("associate", one.associate, "There is no associate with this code.", one.associate in people),
            ("kind", one.kind, "There is no such kind of leave with a balance.", kind is not None and kind.has_balance),
            ("year", one.year, "The year is 2000 to 2200.", 2000 <= one.year <= 2200),
            ("days", one.days, "Days are a whole number from -366 to 366, not 0.", one.days != 0 and abs(one.days) <= 366),
        ]
        faults += [Fault("balances", one.row, column, str(value), reason) for column, value, reason, right in wrong if not right]
    if len(lines) > MOST_LINES:
        faults.append(Fault("balances", None, "", str(len(lines)), f"These are more than {MOST_LINES} lines; split the file."))
    return faults


def save_site_rule(engine: Engine, site_id: int, rule: SiteRequestRule, *, by: str, clock: Clock) -> None:
    """Write what a site lets its people swap. BadInputError when the notice is out of range."""
    hours = rule.swap_notice_hours
    _refuse([("notice_hours", hours, "The notice is 0 to 720 hours.", 0 <= hours <= 720)])
    with domain_errors(), engine.begin() as connection:
        rules.save_site_rule(connection, site_id, rule)
        detail = {"across_timings": rule.swaps_across_timings, "notice_hours": hours}
        record(connection, clock.now(), by, "rule of swaps saved", ("site", site_id), None, **detail)


def save_team_rule(
    engine: Engine, site_id: int, team_id: int, *, automatic: bool, by: str, clock: Clock, team_ids: Collection[int] | None = None
) -> None:  # fmt: skip
    """Write whether swaps of a team need no decision. NotFoundError when it is none of the teams that are led."""
    with domain_errors(), engine.begin() as connection:
        if team_id not in rules.teams_of(connection, site_id) or (team_ids is not None and team_id not in team_ids):
            raise NotFoundError(f"There is no team {team_id} that you lead.")
        rules.save_team_rule(connection, team_id, automatic=automatic)
        record(connection, clock.now(), by, "rule of swaps saved", ("team", team_id), None, automatic=automatic)


def _refuse(checks: Sequence[tuple[str, object, str, bool]]) -> None:
    """Raise BadInputError with every check that failed."""
    faults = [
        Fault("leave", None, column, "" if value is None else str(value), reason)
        for column, value, reason, right in checks
        if not right
    ]
    if faults:
        raise BadInputError(faults)
