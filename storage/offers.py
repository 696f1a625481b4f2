"""Offers of overtime and of voluntary time off, and who took their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from scheduling.errors import NotFoundError
from storage.offer_tables import OfferKind, TakeState
from storage.tables import associate, offer, offer_take, shift_type, skill, team


@dataclass(frozen=True)
class Offer:
    """So many places on a day.

    Parameters
    ----------
    team_id
        The team to which it is made; the whole site without one.
    shift, shift_starts_at
        Code and start of the shift that is offered, or that may be given up; empty where any may be.
    skill
        What whoever takes it must have; empty where nothing is asked for.
    taken, waiting
        How many have a place, and how many wait for one.
    """

    id: int
    site_id: int
    team_id: int | None
    team: str
    kind: OfferKind
    day: date
    shift_type_id: int | None
    shift: str
    shift_starts_at: time | None
    skill_id: int | None
    skill: str
    places: int
    closes_at: datetime
    note: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    taken: int
    waiting: int

    def is_open(self, now: datetime) -> bool:
        """Return whether places may be taken."""
        return self.ended_at is None and now < self.closes_at


@dataclass(frozen=True)
class Take:
    """Somebody who took a place of an offer, or waits for one."""

    id: int
    offer_id: int
    associate_id: int
    code: str
    name: str
    state: TakeState
    place: int | None
    asked_at: datetime


def _offers() -> Select[tuple[Any, ...]]:
    def count(state: TakeState) -> Any:
        return (
            select(func.count()).where(offer_take.c.offer_id == offer.c.id, offer_take.c.state == state.value).scalar_subquery()
        )

    plain = [offer.c[name] for name in Offer.__dataclass_fields__ if name in offer.c]
    return (
        select(
            *plain,
            func.coalesce(team.c.name, "").label("team"),
            func.coalesce(shift_type.c.code, "").label("shift"),
            shift_type.c.starts_at.label("shift_starts_at"),
            func.coalesce(skill.c.name, "").label("skill"),
            count(TakeState.TAKEN).label("taken"),
            count(TakeState.WAITING).label("waiting"),
        )
        .select_from(offer)
        .outerjoin(team, team.c.id == offer.c.team_id)
        .outerjoin(shift_type, shift_type.c.id == offer.c.shift_type_id)
        .outerjoin(skill, skill.c.id == offer.c.skill_id)
    )


def _offer_of(row: Row[tuple[Any, ...]]) -> Offer:
    return Offer(**{**row._mapping, "kind": OfferKind(row.kind)})


def offers_where(connection: Connection, *conditions: ColumnElement[bool], limit: int = 200) -> tuple[Offer, ...]:
    """Return offers, the latest day first."""
    query = _offers().where(*conditions).order_by(offer.c.day.desc(), offer.c.id.desc()).limit(limit)
    return tuple(_offer_of(row) for row in connection.execute(query))


def offer_with_id(connection: Connection, offer_id: int, *, lock: bool = False) -> Offer:
    """Return an offer, which with `lock` nobody else takes from before the transaction ends; NotFoundError when there is none."""
    if lock:
        connection.execute(select(offer.c.id).where(offer.c.id == offer_id).with_for_update())
    found = offers_where(connection, offer.c.id == offer_id)
    if not found:
        raise NotFoundError(f"There is no offer {offer_id}.")
    return found[0]


def insert_offer(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write an offer; return its id."""
    return int(connection.execute(insert(offer).values(**values).returning(offer.c.id)).scalar_one())


def end_offer(connection: Connection, offer_id: int, *, by: str, at: datetime) -> None:
    """End an offer; whoever waits has missed it."""
    connection.execute(update(offer).where(offer.c.id == offer_id).values(ended_at=at, ended_by=by))
    waiting = (offer_take.c.offer_id == offer_id, offer_take.c.state == TakeState.WAITING.value)
    connection.execute(update(offer_take).where(*waiting).values(state=TakeState.MISSED.value, ended_at=at))


def takes_where(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Take, ...]:
    """Return those who took places or wait for them, in the order of coming."""
    columns = (offer_take.c.id, offer_take.c.offer_id, offer_take.c.associate_id, associate.c.code, associate.c.name)
    query = select(*columns, offer_take.c.state, offer_take.c.place, offer_take.c.asked_at).join_from(offer_take, associate)
    rows = connection.execute(query.where(*conditions).order_by(offer_take.c.id))
    return tuple(Take(**{**row._mapping, "state": TakeState(row.state)}) for row in rows)


def takes_of(connection: Connection, offer_id: int) -> tuple[Take, ...]:
    """Return those who have a place of an offer or wait for one, in the order of coming."""
    return takes_where(connection, offer_take.c.offer_id == offer_id, offer_take.c.ended_at.is_(None))


def take_of(connection: Connection, offer_id: int, associate_id: int) -> Take | None:
    """Return the place of an associate in an offer, or in its waiting list."""
    mine = takes_where(
        connection, offer_take.c.offer_id == offer_id, offer_take.c.associate_id == associate_id, offer_take.c.ended_at.is_(None)
    )
    return mine[0] if mine else None


def free_place(connection: Connection, one: Offer) -> int | None:
    """Return the first place of an offer that nobody has, ``None`` when all are taken; the caller holds its lock."""
    had = {take.place for take in takes_of(connection, one.id)}
    return next((place for place in range(1, one.places + 1) if place not in had), None)


def insert_take(connection: Connection, one: Offer, associate_id: int, place: int | None, at: datetime) -> int:
    """Write that somebody took a place, or waits without one; return the id."""
    state = TakeState.WAITING if place is None else TakeState.TAKEN
    values = {"offer_id": one.id, "places": one.places, "associate_id": associate_id, "state": state.value, "place": place}
    return int(connection.execute(insert(offer_take).values(**values, asked_at=at).returning(offer_take.c.id)).scalar_one())


def give_place(connection: Connection, take_id: int, place: int) -> None:
    """Give a place to somebody who waits."""
    statement = update(offer_take).where(offer_take.c.id == take_id)
    connection.execute(statement.values(state=TakeState.TAKEN.value, place=place))


def end_take(connection: Connection, take_id: int, at: datetime) -> None:
    """Write that somebody gave a place back, or stopped waiting."""
    statement = update(offer_take).where(offer_take.c.id == take_id)
    connection.execute(statement.values(state=TakeState.GIVEN_BACK.value, place=None, ended_at=at))
