"""The operation in bulk: writing everything that a planner hands in, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Table, delete, insert, select, text, true, update

from scheduling.planning_input import PlanningInput
from scheduling.shifts import BreakPolicy
from scheduling.times import Horizon
from storage.bulk import copy_rows, merge_rows
from storage.codecs import day_columns, policy_document, rules_document
from storage.sites import ids_by, site_row
from storage.tables import (
    associate,
    associate_skill,
    break_policy,
    contract,
    day_lock,
    holiday,
    leave,
    past_day,
    queue,
    request,
    requirement,
    shift_type,
    site,
    skill,
    team,
    volume,
)
from storage.terms import write_terms


@dataclass(frozen=True)
class SiteIds:
    """The ids behind the names of a site."""

    site: int
    skills: Mapping[str, int]
    shift_types: Mapping[str, int]
    associates: Mapping[str, int]


def write_operation(connection: Connection, operation: PlanningInput, code: str, name: str) -> SiteIds:
    """Make the database hold an operation; what it held of the same site and the same days is replaced.

    Loading the same twice changes nothing. Associates and shift types that are no longer there stay for the sake of old
    rosters, but are not planned with.
    """
    site_id = _write_site(connection, operation, code, name)
    _write_policy(connection, site_id, operation.break_policy)
    skills = _write_skills(connection, site_id, operation)
    shifts = _write_shift_types(connection, site_id, operation)
    people = _write_associates(connection, site_id, operation, shifts)
    ids = SiteIds(site_id, skills, shifts, people)
    _write_contracts(connection, operation, ids)
    _write_personal_facts(connection, operation, ids)
    _write_holidays(connection, operation, site_id)
    _write_queues(connection, operation, ids)
    if operation.volumes is not None:
        write_volumes(connection, site_id, operation.volumes)
    if operation.requirement is not None:
        write_requirement(connection, ids, operation.horizon, operation.requirement.skills, operation.requirement.heads)
    return ids


def _write_site(connection: Connection, operation: PlanningInput, code: str, name: str) -> int:
    office = operation.office
    facts = {
        "name": name,
        "zone_name": operation.horizon.zone_name,
        "interval_minutes": operation.horizon.interval_minutes,
        "office_seats": None if office is None else office.seats,
        "office_days_per_week": 0 if office is None else office.days_per_week,
    }
    rules = rules_document(operation.rules)
    if connection.execute(select(site.c.id).where(site.c.code == code)).first() is None:
        return int(
            connection.execute(
                insert(site).values(code=code, rules=rules, rules_version=1, **facts).returning(site.c.id)
            ).scalar_one()
        )
    row = site_row(connection, code, lock=True)._mapping
    version = row["rules_version"] + (row["rules"] != rules)
    connection.execute(update(site).where(site.c.id == row["id"]).values(rules=rules, rules_version=version, **facts))
    return int(row["id"])


def _write_policy(connection: Connection, site_id: int, policy: BreakPolicy) -> None:
    settings = policy_document(policy)
    mine = (break_policy.c.site_id == site_id, break_policy.c.is_current)
    if connection.execute(select(break_policy.c.settings).where(*mine)).scalar_one_or_none() == settings:
        return
    connection.execute(update(break_policy).where(*mine).values(is_current=False))
    least, most = policy.productive_minutes
    connection.execute(
        insert(break_policy).values(
            site_id=site_id, settings=settings, least_productive_minutes=least, most_productive_minutes=most
        )
    )


def _write_skills(connection: Connection, site_id: int, operation: PlanningInput) -> dict[str, int]:
    named = () if operation.requirement is None else operation.requirement.skills
    of_people = sorted({name for one in operation.associates for name in one.skills})
    names = dict.fromkeys([*named, *(one.skill for one in operation.queues), *of_people])
    rows = [(site_id, name, position) for position, name in enumerate(names)]
    merge_rows(connection, skill, ("site_id", "name", "position"), rows, ("site_id", "name"))
    return ids_by(connection, skill, "name", site_id)


def _write_shift_types(connection: Connection, site_id: int, operation: PlanningInput) -> dict[str, int]:
    """Write shift types; one whose start or span changed becomes a new row, so that old rosters stay what they were."""
    query = select(shift_type).where(shift_type.c.site_id == site_id, shift_type.c.is_current)
    known = {row.code: row for row in connection.execute(query)}
    wanted = {one.code: one for one in operation.shift_types}
    kept = {
        code
        for code, row in known.items()
        if code in wanted and (row.starts_at, row.span_minutes) == (wanted[code].start, wanted[code].span_minutes)
    }
    gone = [row.id for code, row in known.items() if code not in kept]
    connection.execute(update(shift_type).where(shift_type.c.id.in_(gone)).values(is_current=False))
    for position, (code, one) in enumerate(wanted.items()):
        if code in kept:
            if known[code].position != position:
                connection.execute(update(shift_type).where(shift_type.c.id == known[code].id).values(position=position))
        else:
            values = {"site_id": site_id, "code": code, "starts_at": one.start, "span_minutes": one.span_minutes}
            connection.execute(insert(shift_type).values(position=position, **values))
    return ids_by(connection, shift_type, "code", site_id)


def _write_associates(
    connection: Connection, site_id: int, operation: PlanningInput, shifts: Mapping[str, int]
) -> dict[str, int]:
    """Write teams and associates; those who are no longer there stay, but are not active."""
    names = sorted({one.team for one in operation.associates})
    known = ids_by(connection, team, "name", site_id)
    copy_rows(connection, "team", ("site_id", "name"), [(site_id, name) for name in names if name not in known])
    teams = ids_by(connection, team, "name", site_id)
    rows = [
        (site_id, one.code, teams[one.team], one.name, one.work_mode.value, None if one.timing is None else shifts[one.timing],
         one.night_consent, position, True)
        for position, one in enumerate(operation.associates)
    ]  # fmt: skip
    columns = (
        "site_id", "code", "team_id", "name", "work_mode", "timing_shift_type_id", "night_consent", "position", "is_active",
    )  # fmt: skip
    merge_rows(connection, associate, columns, rows, ("site_id", "code"))
    codes = {one.code for one in operation.associates}
    ids = ids_by(connection, associate, "code", site_id)
    gone = [number for code, number in ids.items() if code not in codes]
    connection.execute(update(associate).where(associate.c.id.in_(gone), associate.c.is_active).values(is_active=False))
    return {code: number for code, number in ids.items() if code in codes}


def _write_contracts(connection: Connection, operation: PlanningInput, ids: SiteIds) -> None:
    """Replace the skills, the contract and its terms of every associate of the operation."""
    write_terms(connection, {ids.associates[one.code]: one.terms for one in operation.associates})
    people = list(ids.associates.values())
    for table in (associate_skill, contract):
        connection.execute(delete(table).where(table.c.associate_id == text("ANY(:people)")), {"people": people})
    copy_rows(
        connection,
        "associate_skill",
        ("associate_id", "skill_id"),
        ((ids.associates[one.code], ids.skills[name]) for one in operation.associates for name in sorted(one.skills)),
    )
    copy_rows(
        connection,
        "contract",
        ("associate_id", "first_day", "last_day"),
        ((ids.associates[one.code], one.contract_start, one.contract_end) for one in operation.associates),
    )


def _write_personal_facts(connection: Connection, operation: PlanningInput, ids: SiteIds) -> None:
    """Replace leave, requests, locks and history; facts of days outside what was handed in stay as they are."""
    people, shifts, horizon = ids.associates, ids.shift_types, operation.horizon
    first, last = _range(horizon, [day for one in operation.leave for day in (one.first_day, one.last_day)])
    mine = leave.c.associate_id == text("ANY(:people)")
    # Leave that was granted here stays, whether or not the file knows of it.
    from_file = leave.c.leave_request_id.is_(None) & leave.c.offer_take_id.is_(None)
    overlapping = (mine, from_file, leave.c.first_day <= last, leave.c.last_day >= first)
    connection.execute(delete(leave).where(*overlapping), {"people": list(people.values())})
    granted = {tuple(row) for row in connection.execute(select(leave.c.associate_id, leave.c.first_day).where(~from_file))}
    spans = {
        (people[one.associate], one.first_day): one.last_day for one in sorted(operation.leave, key=lambda one: one.last_day)
    }
    fresh = ((*start, end) for start, end in spans.items() if start not in granted)
    copy_rows(connection, "leave", ("associate_id", "first_day", "last_day"), fresh)
    wishes = [(people[one.associate], one.date, *day_columns(one.want, shifts), one.weight) for one in operation.requests]
    wished = _wished_here(connection)
    _replace_days(connection, request, people.values(), horizon, [row for row in wishes if row[:4] not in wished])
    locked = [(people[one.associate], one.date, *day_columns(one.value, shifts)) for one in operation.locks]
    _replace_days(connection, day_lock, people.values(), horizon, locked)
    # History lies before the horizon; what is known of days that were not handed in is kept.
    past = [(people[one.associate], one.date, *day_columns(one.value, shifts)) for one in operation.history]
    merge_rows(connection, past_day, ("associate_id", "day", "kind", "shift_type_id"), past, ("associate_id", "day"))


def _range(horizon: Horizon, days: Iterable[date]) -> tuple[date, date]:
    every = [horizon.dates[0], horizon.dates[-1], *days]
    return min(every), max(every)


def _wished_here(connection: Connection) -> set[tuple[object, ...]]:
    """Return associate, day, kind and shift type of the requests that come from wishing windows, which no file replaces."""
    columns = (request.c.associate_id, request.c.day, request.c.kind, request.c.shift_type_id)
    return {tuple(row) for row in connection.execute(select(*columns).where(request.c.wish_id.is_not(None)))}


def _replace_days(
    connection: Connection, table: Table, people: Collection[int], horizon: Horizon, rows: Sequence[tuple[object, ...]]
) -> None:
    first, last = _range(horizon, [row[1] for row in rows if isinstance(row[1], date)])
    mine = table.c.associate_id == text("ANY(:people)")
    from_file = request.c.wish_id.is_(None) if table is request else true()
    connection.execute(delete(table).where(mine, from_file, table.c.day.between(first, last)), {"people": list(people)})
    columns = ("associate_id", "day", "kind", "shift_type_id", "weight")
    copy_rows(connection, table.name, [column for column in columns if column in table.c], rows)


def _write_holidays(connection: Connection, operation: PlanningInput, site_id: int) -> None:
    rows = [(site_id, day, name) for day, name in operation.holidays.items()]
    first, last = _range(operation.horizon, operation.holidays)
    connection.execute(delete(holiday).where(holiday.c.site_id == site_id, holiday.c.day.between(first, last)))
    copy_rows(connection, "holiday", ("site_id", "day", "name"), rows)


def _write_queues(connection: Connection, operation: PlanningInput, ids: SiteIds) -> None:
    rows = [
        (ids.site, one.name, ids.skills[one.skill], one.kind.value, one.sla_seconds, one.max_occupancy)
        for one in operation.queues
    ]
    columns = ("site_id", "name", "skill_id", "kind", "sla_seconds", "max_occupancy")
    merge_rows(connection, queue, columns, rows, ("site_id", "name"))


def write_volumes(connection: Connection, site_id: int, volumes: pd.DataFrame) -> None:
    """Write volumes (columns starts_at, queue, jobs, aht_seconds); an interval that is there already is replaced."""
    queues = ids_by(connection, queue, "name", site_id)
    rows = zip(
        volumes["queue"].map(queues).tolist(),
        volumes["starts_at"].dt.tz_convert("UTC").dt.to_pydatetime().tolist(),
        volumes["jobs"].astype(float).tolist(),
        volumes["aht_seconds"].astype(float).tolist(),
        strict=True,
    )
    merge_rows(connection, volume, ("queue_id", "starts_at", "jobs", "aht_seconds"), rows, ("queue_id", "starts_at"))


def write_requirement(
    connection: Connection,
    ids: SiteIds,
    horizon: Horizon,
    skills: tuple[str, ...],
    heads: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    """Replace the requirement of a horizon; `heads` has shape (intervals, skills)."""
    mine = (requirement.c.site_id == ids.site, requirement.c.starts_at >= horizon.start, requirement.c.starts_at < horizon.end)
    connection.execute(delete(requirement).where(*mine))
    copy_rows(
        connection,
        "requirement",
        ("site_id", "skill_id", "starts_at", "heads"),
        (
            (ids.site, ids.skills[name], start, value)
            for column, name in enumerate(skills)
            for start, value in zip(horizon.interval_starts, heads[:, column].tolist(), strict=True)
        ),
    )
