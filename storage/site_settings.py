"""Settings of a site as forms show and write them: rules, office, break policy; each under the id of its site."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from scheduling.rules import RuleSettings
from scheduling.shifts import BreakPolicy, ShiftType
from storage.codecs import policy_document, rules_document, rules_of
from storage.sites import current_policy
from storage.tables import break_policy, shift_type, site


@dataclass(frozen=True)
class OfficeRecord:
    """The office of a site; without seats there is none, and nobody counts them."""

    seats: int | None
    days_per_week: int = 0


@dataclass(frozen=True)
class NoticeRecord:
    """How many days before the first change a roster is published at the latest."""

    days: int


def read_notice(connection: Connection, site_id: int) -> dict[int, NoticeRecord]:
    """Return the notice that a site gives."""
    return {site_id: NoticeRecord(connection.execute(select(site.c.notice_days).where(site.c.id == site_id)).scalar_one())}


def write_notice(connection: Connection, site_id: int, _id: int | None, notice: NoticeRecord) -> int:
    """Write the notice that a site gives."""
    connection.execute(update(site).where(site.c.id == site_id).values(notice_days=notice.days))
    return site_id


def notice_of_site(connection: Connection, code: str) -> int:
    """Return how many days of notice the site of a code gives."""
    return int(connection.execute(select(site.c.notice_days).where(site.c.code == code)).scalar_one())


def read_rules(connection: Connection, site_id: int) -> dict[int, RuleSettings]:
    """Return the rules of a site."""
    return {site_id: rules_of(connection.execute(select(site.c.rules).where(site.c.id == site_id)).scalar_one())}


def write_rules(connection: Connection, site_id: int, _id: int | None, rules: RuleSettings) -> int:
    """Write the rules of a site, in a new version."""
    values = {"rules": rules_document(rules), "rules_version": site.c.rules_version + 1}
    connection.execute(update(site).where(site.c.id == site_id).values(**values))
    return site_id


def read_office(connection: Connection, site_id: int) -> dict[int, OfficeRecord]:
    """Return the office of a site."""
    query = select(site.c.office_seats, site.c.office_days_per_week).where(site.c.id == site_id)
    return {site_id: OfficeRecord(*connection.execute(query).one())}


def write_office(connection: Connection, site_id: int, _id: int | None, office: OfficeRecord) -> int:
    """Write the office of a site."""
    values = {"office_seats": office.seats, "office_days_per_week": office.days_per_week}
    connection.execute(update(site).where(site.c.id == site_id).values(**values))
    return site_id


def read_policy(connection: Connection, site_id: int) -> dict[int, BreakPolicy]:
    """Return the break policy that a site has now."""
    return {site_id: current_policy(connection, site_id)[1]}


def write_policy(connection: Connection, site_id: int, _id: int | None, policy: BreakPolicy) -> int:
    """Write a break policy as a new row: rosters that are there keep the one they were built with."""
    mine = (break_policy.c.site_id == site_id, break_policy.c.is_current)
    connection.execute(update(break_policy).where(*mine).values(is_current=False))
    least, most = policy.productive_minutes
    limits = {"least_productive_minutes": least, "most_productive_minutes": most}
    connection.execute(insert(break_policy).values(site_id=site_id, settings=policy_document(policy), **limits))
    return site_id


def current_shifts(connection: Connection, site_id: int) -> tuple[ShiftType, ...]:
    """Return the shift types that a site plans with, in their order."""
    query = select(shift_type).where(shift_type.c.site_id == site_id, shift_type.c.is_current).order_by(shift_type.c.position)
    return tuple(ShiftType(row.code, row.starts_at, row.span_minutes) for row in connection.execute(query))


def interval_minutes(connection: Connection, site_id: int) -> int:
    """Return the length of an interval of the requirement of a site."""
    return int(connection.execute(select(site.c.interval_minutes).where(site.c.id == site_id)).scalar_one())
