"""Swaps between two associates, and the rules by which sites and teams let them happen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select, func, insert, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scheduling.errors import NotFoundError
from storage.operation_tables import day_kind
from storage.swap_tables import SwapKind, SwapState
from storage.tables import (
    assignment,
    associate,
    published_day,
    roster,
    shift_type,
    site,
    site_request_rule,
    swap,
    swap_cell,
    team,
    team_request_rule,
)

asker, partner = associate.alias("asker"), associate.alias("partner")
asker_team, partner_team = team.alias("asker_team"), team.alias("partner_team")


@dataclass(frozen=True)
class SwapPerson:
    """One side of a swap."""

    id: int
    code: str
    name: str
    team_id: int
    team: str


@dataclass(frozen=True)
class Swap:
    """An exchange of days between two associates.

    Parameters
    ----------
    days
        The days on which the two take what the other has.
    changed_days
        Those of them that are not what was agreed on for one of the two; empty once it is over.
    """

    id: int
    kind: SwapKind
    site_id: int
    asker: SwapPerson
    partner: SwapPerson
    days: tuple[date, ...]
    changed_days: tuple[date, ...]
    note: str
    state: SwapState
    is_open: bool
    asked_at: datetime
    answered_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str

    def side_of(self, associate_id: int) -> SwapPerson | None:
        """Return the side of an associate, ``None`` for somebody else."""
        return next((one for one in (self.asker, self.partner) if one.id == associate_id), None)


@dataclass(frozen=True)
class AgreedDay:
    """A day of one side of a swap as it is when the swap is offered."""

    associate_id: int
    day: date
    kind: str
    shift_type_id: int | None


@dataclass(frozen=True)
class TeamSwaps:
    """A team, and whether swaps in it that keep every rule need no decision."""

    id: int
    name: str
    is_automatic: bool


@dataclass(frozen=True)
class SiteRequestRule:
    """What a site lets its people swap.

    Parameters
    ----------
    swaps_across_timings
        Whether somebody may take a shift of another timing; rest between shifts holds in any case.
    swap_notice_hours
        How long before the first shift concerned a swap must be done.
    """

    swaps_across_timings: bool = False
    swap_notice_hours: int = 12


def site_rule(connection: Connection, site_id: int) -> SiteRequestRule:
    """Return what a site lets its people swap."""
    query = select(site_request_rule.c.swaps_across_timings, site_request_rule.c.swap_notice_hours)
    row = connection.execute(query.where(site_request_rule.c.site_id == site_id)).one_or_none()
    return SiteRequestRule() if row is None else SiteRequestRule(*row)


def save_site_rule(connection: Connection, site_id: int, rule: SiteRequestRule) -> None:
    """Write what a site lets its people swap."""
    values = {"swaps_across_timings": rule.swaps_across_timings, "swap_notice_hours": rule.swap_notice_hours}
    statement = upsert(site_request_rule).values(site_id=site_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=values))


def automatic_teams(connection: Connection, team_ids: Collection[int]) -> frozenset[int]:
    """Return those of some teams in which swaps that keep every rule need no decision."""
    query = select(team_request_rule.c.team_id).where(
        team_request_rule.c.swaps_are_automatic, team_request_rule.c.team_id.in_(team_ids)
    )
    return frozenset(connection.execute(query).scalars())


def teams_with_rule(connection: Connection, site_id: int) -> tuple[TeamSwaps, ...]:
    """Return the teams of a site with their rule, in the order of their names."""
    is_automatic = func.coalesce(team_request_rule.c.swaps_are_automatic, False)
    query = select(team.c.id, team.c.name, is_automatic).outerjoin_from(team, team_request_rule).where(team.c.site_id == site_id)
    return tuple(TeamSwaps(*row) for row in connection.execute(query.order_by(team.c.name)))


def save_team_rule(connection: Connection, team_id: int, *, automatic: bool) -> None:
    """Write whether swaps of a team need no decision."""
    values = {"swaps_are_automatic": automatic}
    statement = upsert(team_request_rule).values(team_id=team_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["team_id"], set_=values))


def teams_of(connection: Connection, site_id: int) -> dict[int, str]:
    """Return the teams of a site by id, in the order of their names."""
    return dict(connection.execute(select(team.c.id, team.c.name).where(team.c.site_id == site_id).order_by(team.c.name)).all())


def _changed_days() -> ScalarSelect[Any]:
    """Return the days of an open swap of which something else is in force than was agreed on.

    What counts is whether and when somebody works: breaks may move, and a shift type that was changed is a new row with the same
    code, whose days stay where start and span stay.
    """
    cell, now, then_type, now_type = swap_cell.c, assignment.c, shift_type.alias(), shift_type.alias()
    agreed = tuple_(cell.agreed_kind, then_type.c.starts_at, then_type.c.span_minutes)
    in_force = tuple_(func.coalesce(now.kind, literal("none", day_kind)), now_type.c.starts_at, now_type.c.span_minutes)
    return (
        select(func.array_agg(cell.day.distinct()))
        .join_from(swap_cell, associate)
        .outerjoin(published_day, (published_day.c.site_id == associate.c.site_id) & (published_day.c.day == cell.day))
        .outerjoin(
            assignment,
            (now.roster_id == published_day.c.roster_id) & (now.associate_id == cell.associate_id) & (now.day == cell.day),
        )
        .outerjoin(then_type, then_type.c.id == cell.agreed_shift_type_id)
        .outerjoin(now_type, now_type.c.id == now.shift_type_id)
        .where(cell.swap_id == swap.c.id, cell.is_open, agreed.is_distinct_from(in_force))
        .correlate(swap)
        .scalar_subquery()
    )


@cache
def _swaps() -> Select[tuple[Any, ...]]:
    days = select(func.array_agg(swap_cell.c.day.distinct())).where(swap_cell.c.swap_id == swap.c.id).scalar_subquery()
    found = (days.label("days"), _changed_days().label("changed_days"))
    columns = (swap.c[name] for name in ("id", "kind", "note", "state", "is_open", "asked_at", "answered_at", "decided_at"))
    sides = (
        (asker, asker_team, "asker"),
        (partner, partner_team, "partner"),
    )
    people = [
        column
        for person, home, name in sides
        for column in (
            person.c.id.label(f"{name}_id"),
            person.c.code.label(f"{name}_code"),
            person.c.name.label(f"{name}_name"),
            person.c.team_id.label(f"{name}_team_id"),
            home.c.name.label(f"{name}_team"),
        )
    ]
    return (
        select(*columns, swap.c.decided_by, swap.c.reason, asker.c.site_id, *found, *people)
        .select_from(swap)
        .join(asker, asker.c.id == swap.c.asker_id)
        .join(partner, partner.c.id == swap.c.partner_id)
        .join(asker_team, asker_team.c.id == asker.c.team_id)
        .join(partner_team, partner_team.c.id == partner.c.team_id)
    )


def _swap_of(row: Row[tuple[Any, ...]]) -> Swap:
    found = row._mapping
    sides = [
        SwapPerson(**{name: found[f"{side}_{name}"] for name in SwapPerson.__dataclass_fields__}) for side in ("asker", "partner")
    ]
    plain = ("id", "site_id", "note", "is_open", "asked_at", "answered_at", "decided_at", "decided_by", "reason")
    return Swap(
        **{name: found[name] for name in plain},
        asker=sides[0],
        partner=sides[1],
        kind=SwapKind(found["kind"]),
        state=SwapState(found["state"]),
        days=tuple(sorted(found["days"])),
        changed_days=tuple(sorted(found["changed_days"] or ())),
    )


def swaps_where(connection: Connection, *conditions: ColumnElement[bool], limit: int = 500) -> tuple[Swap, ...]:
    """Return swaps, the newest first."""
    query = _swaps().where(*conditions).order_by(swap.c.asked_at.desc(), swap.c.id.desc()).limit(limit)
    return tuple(_swap_of(row) for row in connection.execute(query))


def swaps_of(connection: Connection, associate_id: int, *, limit: int = 100) -> tuple[Swap, ...]:
    """Return the swaps that an associate offered or was offered, the newest first."""
    mine = or_(swap.c.asker_id == associate_id, swap.c.partner_id == associate_id)
    return swaps_where(connection, mine, limit=limit)


def open_swaps(connection: Connection, site_id: int) -> tuple[Swap, ...]:
    """Return the swaps of a site that are not ended, the newest first."""
    return swaps_where(connection, swap.c.is_open, asker.c.site_id == site_id, limit=100_000)


def accepted_swaps(connection: Connection, site_id: int) -> tuple[Swap, ...]:
    """Return the swaps of a site that wait for a decision, in the order of asking."""
    waiting = (swap.c.is_open, swap.c.state == SwapState.ACCEPTED.value, asker.c.site_id == site_id)
    return swaps_where(connection, *waiting, limit=100_000)[::-1]


def swaps_with_ids(connection: Connection, ids: Collection[int]) -> tuple[Swap, ...]:
    """Return some swaps in the order of asking."""
    return swaps_where(connection, swap.c.id.in_(ids), limit=len(ids))[::-1] if ids else ()


def accepted_count(team_ids: Collection[int] | None = None) -> ScalarSelect[int]:
    """Return the query of how many swaps wait for a decision, of some teams (by who asked) or of all."""
    query = select(func.count()).select_from(swap).where(swap.c.is_open, swap.c.state == SwapState.ACCEPTED.value)
    if team_ids is not None:
        query = query.join(associate, associate.c.id == swap.c.asker_id).where(associate.c.team_id.in_(team_ids))
    return query.scalar_subquery()


def swap_with_id(connection: Connection, swap_id: int, *, lock: bool = False) -> Swap:
    """Return a swap, which with `lock` nobody else changes before the transaction ends; NotFoundError when there is none."""
    if lock:
        connection.execute(select(swap.c.id).where(swap.c.id == swap_id).with_for_update())
    found = swaps_where(connection, swap.c.id == swap_id)
    if not found:
        raise NotFoundError(f"There is no swap {swap_id}.")
    return found[0]


def busy_cells(connection: Connection, first_day: date, last_day: date) -> frozenset[tuple[int, date]]:
    """Return associate and day of every cell that stands in an open swap."""
    query = select(swap_cell.c.associate_id, swap_cell.c.day)
    return frozenset(
        (row.associate_id, row.day)
        for row in connection.execute(query.where(swap_cell.c.is_open, swap_cell.c.day.between(first_day, last_day)))
    )


def insert_swap(
    connection: Connection, kind: SwapKind, people: tuple[int, int], agreed: Collection[AgreedDay], note: str, at: datetime
) -> int:
    """Write a swap that is offered; return its id. ConflictError when one of its cells stands in another open swap."""
    values = {
        "kind": kind.value,
        "asker_id": people[0],
        "partner_id": people[1],
        "first_day": min(one.day for one in agreed),
        "note": note,
        "state": SwapState.OFFERED.value,
        "is_open": True,
        "asked_at": at,
    }
    number = int(connection.execute(insert(swap).values(**values).returning(swap.c.id)).scalar_one())
    # One order for everybody, so that two swaps of the same cells do not wait for each other in a circle.
    cells = [
        {
            "swap_id": number,
            "associate_id": one.associate_id,
            "day": one.day,
            "is_open": True,
            "agreed_kind": one.kind,
            "agreed_shift_type_id": one.shift_type_id,
        }
        for one in sorted(agreed, key=lambda one: (one.associate_id, one.day))
    ]
    connection.execute(insert(swap_cell), cells)
    return number


def lock_days_in_force(connection: Connection, site_id: int, days: Collection[date]) -> None:
    """Keep others from changing the rosters in force on some days, and from publishing at their site, in this transaction."""
    # In the order in which an edit and a publication take them, so that nobody waits in a circle.
    connection.execute(select(site.c.id).where(site.c.id == site_id).with_for_update(read=True))
    in_force = select(published_day.c.roster_id).where(published_day.c.site_id == site_id, published_day.c.day.in_(days))
    connection.execute(select(roster.c.id).where(roster.c.id.in_(in_force)).order_by(roster.c.id).with_for_update())


def move_swap(connection: Connection, swap_id: int, state: SwapState, **values: Any) -> None:
    """Move a swap to another state; its cells follow."""
    is_open = state in {SwapState.OFFERED, SwapState.ACCEPTED}
    statement = update(swap).where(swap.c.id == swap_id)
    connection.execute(statement.values(state=state.value, is_open=is_open, version=swap.c.version + 1, **values))
