"""Sites and their vocabularies: the ids that stand for codes of skills, shift types, teams and associates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Table, func, select

from scheduling.errors import NotFoundError
from scheduling.shifts import BreakPolicy, ShiftType
from storage.codecs import policy_of, rules_of
from storage.tables import associate, break_policy, shift_type, site


@dataclass(frozen=True)
class SiteFacts:
    """A site as lists show it."""

    id: int
    code: str
    name: str
    zone_name: str
    interval_minutes: int


@dataclass(frozen=True)
class PersonFacts:
    """An associate as messages name them."""

    id: int
    code: str
    name: str
    site_id: int
    team_id: int


def person(connection: Connection, associate_id: int) -> PersonFacts:
    """Return an associate; NotFoundError when there is none with this id."""
    columns = (associate.c.id, associate.c.code, associate.c.name, associate.c.site_id, associate.c.team_id)
    row = connection.execute(select(*columns).where(associate.c.id == associate_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no associate {associate_id}.")
    return PersonFacts(*row)


def list_sites(connection: Connection) -> tuple[SiteFacts, ...]:
    """Return all sites in the order of their codes."""
    columns = (site.c.id, site.c.code, site.c.name, site.c.zone_name, site.c.interval_minutes)
    return tuple(SiteFacts(*row) for row in connection.execute(select(*columns).order_by(site.c.code)))


def site_id(connection: Connection, code: str) -> int:
    """Return the id of a site; NotFoundError when there is none with this code."""
    number: int = site_row(connection, code)._mapping["id"]
    return number


def site_row(connection: Connection, code: str, *, lock: bool = False) -> Row[tuple[object, ...]]:
    """Return the row of a site; with `lock` nobody else changes the site before the transaction ends.

    Raises
    ------
    NotFoundError
        When there is no site with this code.
    """
    query = select(site).where(site.c.code == code)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no site {code!r}; load an operation first.")
    return row


def zone_of_site(connection: Connection, site_id: int) -> ZoneInfo:
    """Return the time zone of a site; NotFoundError when there is no such site."""
    name = connection.execute(select(site.c.zone_name).where(site.c.id == site_id)).scalar_one_or_none()
    if name is None:
        raise NotFoundError(f"There is no site {site_id}.")
    return ZoneInfo(name)


def ids_by(connection: Connection, table: Table, column: str, site_id: int) -> dict[str, int]:
    """Return the id of each row of a site by the text that names it."""
    query = select(table.c[column], table.c.id).where(table.c.site_id == site_id)
    if "is_current" in table.c:
        query = query.where(table.c.is_current)
    return dict(connection.execute(query).all())


def current_policy(connection: Connection, site_id: int) -> tuple[int, BreakPolicy]:
    """Return id and content of the break policy that a site has now."""
    query = select(break_policy.c.id, break_policy.c.settings).where(break_policy.c.site_id == site_id, break_policy.c.is_current)
    number, settings = connection.execute(query).one()
    return number, policy_of(settings)


def policy_with_id(connection: Connection, policy_id: int) -> BreakPolicy:
    """Return the break policy of an id."""
    return policy_of(connection.execute(select(break_policy.c.settings).where(break_policy.c.id == policy_id)).scalar_one())


def shift_types_with_ids(connection: Connection, ids: list[int]) -> tuple[ShiftType, ...]:
    """Return shift types in the order of their ids as given."""
    query = select(shift_type.c.id, shift_type.c.code, shift_type.c.starts_at, shift_type.c.span_minutes)
    found: Mapping[int, ShiftType] = {
        row.id: ShiftType(row.code, row.starts_at, row.span_minutes)
        for row in connection.execute(query.where(shift_type.c.id.in_(ids)))
    }
    return tuple(found[number] for number in ids)


def working_week(connection: Connection, site_id: int) -> tuple[str, int]:
    """Return the day on which the weeks of a site start, and how many days are worked in one."""
    rules = rules_of(connection.execute(select(site.c.rules).where(site.c.id == site_id)).scalar_one())
    return rules.week_starts_on, rules.working_days_per_week


def earliest_start(connection: Connection, site_id: int) -> time:
    """Return the earliest local start of a shift at a site, midnight where it has no shift types."""
    query = select(func.min(shift_type.c.starts_at)).where(shift_type.c.site_id == site_id, shift_type.c.is_current)
    return connection.execute(query).scalar_one() or time()
