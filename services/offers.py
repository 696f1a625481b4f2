"""Offers: made with a deadline, taken first come first served, given back, and ended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine

from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.times import Clock, local_instant
from scheduling.words import Words
from services.editing import EditOutcome
from services.notices import tell
from services.offer_ground import offer_ground, reasons_against, seats_against
from services.roster_changes import DayEdit, change_days, follow
from services.supervisor_notices import tell_of_offer
from storage import days_away
from storage import offers as stored
from storage.errors import domain_errors
from storage.offer_tables import OfferKind, TakeState
from storage.offers import Offer, Take
from storage.rosters import audit_trail, record
from storage.sites import person, zone_of_site
from storage.tables import offer as offer_table

__all__ = [
    "NewOffer",
    "Offer",
    "OfferKind",
    "OfferView",
    "Take",
    "TakeState",
    "end_offer",
    "end_old_offers",
    "give_back",
    "list_offers",
    "make_offer",
    "offers_for",
    "take_offer",
]

SUBJECT: Final = "offer"
BY_ITSELF: Final = "automatic"
MOST_PLACES: Final = 1000


@dataclass(frozen=True)
class NewOffer:
    """An offer as it is filled in."""

    kind: OfferKind
    day: date
    shift_type_id: int | None
    skill_id: int | None
    team_id: int | None
    places: int
    closes_at: datetime
    note: str = ""


@dataclass(frozen=True)
class OfferView:
    """An offer with those who took its places, for a supervisor; or as one associate sees it.

    Parameters
    ----------
    takes
        Those who have a place or wait, in the order of coming.
    own
        The place of whoever looks, or in the waiting list.
    against
        Why whoever looks may not take it, empty where nothing is against it.
    starts_at
        When the shift of the offer begins, where it is one.
    """

    offer: Offer
    is_open: bool
    takes: tuple[Take, ...] = ()
    own: Take | None = None
    against: str = ""
    starts_at: datetime | None = None

    @property
    def is_to_take(self) -> bool:
        """Whether whoever looks may take it."""
        return self.is_open and self.own is None and not self.against


def make_offer(
    engine: Engine, site_id: int, new: NewOffer, *, by: str, clock: Clock, team_ids: Collection[int] | None = None
) -> Offer:  # fmt: skip
    """Make an offer and tell everybody who may take it.

    Parameters
    ----------
    team_ids
        The teams to which offers may be made, one at a time; all, and the whole site, without it.

    Raises
    ------
    BadInputError
        With every fault: places, a deadline that is over or after the start of the shift, a team that is not led.
    ConflictError
        When nothing is published for that day.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        values = {name: getattr(new, name) for name in NewOffer.__dataclass_fields__}
        faults = _faults(new, now, team_ids)
        if faults:
            raise BadInputError(faults)
        values |= {"kind": new.kind.value, "site_id": site_id, "made_by": by, "made_at": now}
        number = stored.insert_offer(connection, values)
        one = stored.offer_with_id(connection, number)
        ground = offer_ground(connection, one)
        if one.day not in ground.found.roster_of_day:
            raise ConflictError(f"No roster is published for {one.day}; publish one first.")
        if new.closes_at > ground.starts_at():
            raise BadInputError([_fault("closes_at", new.closes_at, "The deadline must lie before the start of the shift.")])
        able = [
            ground.found.associate_ids[row]
            for row, against in reasons_against(ground, range(len(ground.found.associate_ids))).items()
            if not against
        ]
        words = {"day": one.day.isoformat(), "starts_at": ground.starts_at().isoformat(), "answer_at": one.closes_at.isoformat()}
        kind = "overtime_offered" if one.kind is OfferKind.OVERTIME else "time_off_offered"
        tell(connection, able, kind, words, now=now)
        record(connection, now, by, "offer made", (SUBJECT, number), None, told=len(able), places=one.places)
        return one


def _faults(new: NewOffer, now: datetime, team_ids: Collection[int] | None) -> list[Fault]:
    wrong = [
        ("places", new.places, f"Offer 1 to {MOST_PLACES} places.", 1 <= new.places <= MOST_PLACES),
        ("closes_at", new.closes_at, "The deadline must lie in the future.", new.closes_at > now),
        ("shift", "", "Choose the shift that is offered.", new.kind is OfferKind.TIME_OFF or new.shift_type_id is not None),
        ("team", new.team_id or "", "Choose a team that you lead.", team_ids is None or new.team_id in team_ids),
    ]
    return [_fault(column, value, reason) for column, value, reason, right in wrong if not right]


def list_offers(engine: Engine, site_id: int, *, clock: Clock, team_ids: Collection[int] | None = None) -> tuple[OfferView, ...]:
    """Return the offers of a site with those who took them, the latest day first; with `team_ids` those of some teams only."""
    now = clock.now()
    with domain_errors(), engine.connect() as connection:
        found = stored.offers_where(connection, offer_table.c.site_id == site_id)
        mine = [one for one in found if team_ids is None or one.team_id is None or one.team_id in team_ids]
        return tuple(OfferView(one, one.is_open(now), stored.takes_of(connection, one.id)) for one in mine)


def offers_for(engine: Engine, associate_id: int, *, clock: Clock) -> tuple[OfferView, ...]:
    """Return offers as an associate looks for them: what may be taken, then what is theirs, then what is not for them and why.

    Each of the three is in the order of days.
    """
    now = clock.now()
    with domain_errors(), engine.connect() as connection:
        who = person(connection, associate_id)
        ahead = (offer_table.c.site_id == who.site_id, offer_table.c.day >= now.date())
        views, zone = [], zone_of_site(connection, who.site_id)
        for one in stored.offers_where(connection, *ahead):
            own = stored.take_of(connection, one.id, associate_id)
            if (one.team_id in {None, who.team_id} and one.is_open(now)) or own:
                against = "" if own else _against(connection, one, associate_id)
                starts_at = local_instant(one.day, one.shift_starts_at, zone) if one.shift_starts_at else None
                views.append(OfferView(one, one.is_open(now), own=own, against=against, starts_at=starts_at))
        return tuple(sorted(views, key=lambda view: (not view.is_to_take, view.own is None, view.offer.day, view.offer.id)))


def _against(connection: Connection, one: Offer, associate_id: int) -> str:
    """Return why an associate may not take an offer, empty where nothing is against it."""
    ground = offer_ground(connection, one, [associate_id])
    row = ground.found.row_of.get(associate_id)
    if row is None:
        return Words("You are no longer in the operation.")
    return reasons_against(ground, [row])[row] or seats_against(connection, ground, associate_id)


def take_offer(engine: Engine, offer_id: int, associate_id: int, *, by: str, clock: Clock) -> Take:
    """Take a place of an offer, first come first served; whoever comes when all are gone waits.

    Raises
    ------
    ConflictError
        When the offer is over, the rules do not allow it, or it is taken already.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        one = stored.offer_with_id(connection, offer_id, lock=True)
        if not one.is_open(now):
            raise ConflictError(Words("This offer is over; nothing was changed."))
        if stored.take_of(connection, offer_id, associate_id) is not None:
            raise ConflictError(Words("You have this offer already, or wait for it."))
        against = _against(connection, one, associate_id)
        if against:
            raise ConflictError(against)
        place = stored.free_place(connection, one)
        number = stored.insert_take(connection, one, associate_id, place, now)
        outcomes: tuple[EditOutcome, ...] = ()
        if place is None:
            record(connection, now, by, "waits for offer", (SUBJECT, offer_id), None, associate=associate_id)
        else:
            outcomes = _apply(connection, one, number, associate_id, by=by, now=now)
            full = stored.offer_with_id(connection, offer_id)
            if full.taken == full.places:
                tell_of_offer(connection, full, "offer_filled", by=by, now=now)
        found = stored.take_of(connection, offer_id, associate_id)
        assert found is not None  # noqa: S101 - it was written above.
    follow(engine, outcomes, clock=clock)
    return found


def _apply(
    connection: Connection, one: Offer, take_id: int, associate_id: int, *, by: str, now: datetime
) -> tuple[EditOutcome, ...]:
    """Change the roster in force for somebody who took a place."""
    ground = offer_ground(connection, one, [associate_id])
    row = ground.found.row_of[associate_id]
    was, code = ground.found.word(row, ground.day), ground.found.scenario.associates[row].code
    if one.kind is OfferKind.TIME_OFF:
        days_away.insert_leave(connection, associate_id, [(one.day, one.day)], take_id=take_id)
    edit = DayEdit(ground.found.roster_of_day[one.day], code, one.day, was, ground.word)
    why = "Overtime taken" if one.kind is OfferKind.OVERTIME else "Time off taken"
    outcomes = change_days(connection, [edit], by=by, at=now, why=why, aside=ground.aside)
    record(connection, now, by, "offer taken", (SUBJECT, one.id), None, take=take_id, associate=code, was=was)
    _tell(connection, one, associate_id, "yours", now)
    return outcomes


def give_back(engine: Engine, offer_id: int, associate_id: int, *, by: str, clock: Clock) -> None:
    """Give a place back, or stop waiting; the next who waits gets the place.

    Raises
    ------
    ConflictError
        When the deadline is over, or the former shift cannot be given again.
    NotFoundError
        When the associate has no place and does not wait.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        one = stored.offer_with_id(connection, offer_id, lock=True)
        take = stored.take_of(connection, offer_id, associate_id)
        if take is None:
            raise NotFoundError(Words("You have no place in this offer."))
        outcomes: tuple[EditOutcome, ...] = ()
        if take.state is TakeState.TAKEN:
            if not one.is_open(now):
                raise ConflictError(Words("The deadline of this offer is over; ask your supervisor."))
            outcomes = _undo(connection, one, take, by=by, now=now)
        stored.end_take(connection, take.id, now)
        record(connection, now, by, "offer given back", (SUBJECT, offer_id), None, take=take.id, associate=take.code)
        if take.state is TakeState.TAKEN:
            outcomes += _promote(connection, stored.offer_with_id(connection, offer_id), now)
    follow(engine, outcomes, clock=clock)


def _undo(connection: Connection, one: Offer, take: Take, *, by: str, now: datetime) -> tuple[EditOutcome, ...]:
    """Bring the day of somebody back to what it was before the place was taken."""
    if one.kind is OfferKind.TIME_OFF:
        days_away.delete_leave(connection, take_id=take.id)
    ground = offer_ground(connection, one, [take.associate_id])
    row = ground.found.row_of[take.associate_id]
    history = audit_trail(connection, SUBJECT, one.id)
    was = next((str(entry.detail["was"]) for entry in reversed(history) if entry.detail.get("take") == take.id), "off")
    edit = DayEdit(ground.found.roster_of_day[one.day], take.code, one.day, ground.found.word(row, ground.day), was)
    return change_days(connection, [edit], by=by, at=now, why="Offer given back", aside=ground.aside)


def _promote(connection: Connection, one: Offer, now: datetime) -> tuple[EditOutcome, ...]:
    """Give free places to those who wait, in the order of coming, as far as the rules still let them."""
    outcomes: tuple[EditOutcome, ...] = ()
    for take in stored.takes_of(connection, one.id):
        place = stored.free_place(connection, one)
        if take.state is TakeState.WAITING and place is not None:
            try:
                with connection.begin_nested(), domain_errors():
                    stored.give_place(connection, take.id, place)
                    outcomes += _apply(connection, one, take.id, take.associate_id, by=BY_ITSELF, now=now)
            except (ConflictError, BadInputError) as error:
                record(
                    connection, now, BY_ITSELF, "offer passed by", (SUBJECT, one.id), None, associate=take.code, why=str(error)
                )
    return outcomes


def end_offer(
    engine: Engine, offer_id: int, *, by: str, clock: Clock, team_ids: Collection[int] | None = None
) -> None:  # fmt: skip
    """End an offer before its deadline; places that are taken stay taken.

    Raises
    ------
    ConflictError
        When it is over already.
    NotFoundError
        When there is no such offer in these teams.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        one = stored.offer_with_id(connection, offer_id, lock=True)
        if team_ids is not None and one.team_id not in team_ids:
            raise NotFoundError(f"There is no offer {offer_id} to the teams that you lead.")
        if one.ended_at is not None:
            raise ConflictError("This offer is over already.")
        _end(connection, one, by=by, now=now)


def end_old_offers(engine: Engine, site_id: int, *, clock: Clock) -> int:
    """End the offers of a site whose deadline is over; return how many."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        old = (offer_table.c.site_id == site_id, offer_table.c.ended_at.is_(None), offer_table.c.closes_at <= now)
        over = stored.offers_where(connection, *old)
        for one in over:
            _end(connection, stored.offer_with_id(connection, one.id, lock=True), by=BY_ITSELF, now=now)
    return len(over)


def _end(connection: Connection, one: Offer, *, by: str, now: datetime) -> None:
    waiting = [take for take in stored.takes_of(connection, one.id) if take.state is TakeState.WAITING]
    stored.end_offer(connection, one.id, by=by, at=now)
    record(connection, now, by, "offer ended", (SUBJECT, one.id), None, taken=one.taken, waiting=len(waiting))
    for take in waiting:
        _tell(connection, one, take.associate_id, "gone", now)
    tell_of_offer(connection, one, "offer_over", by=by, now=now)


def _tell(connection: Connection, one: Offer, associate_id: int, decision: str, now: datetime) -> None:
    parameters: dict[str, Any] = {"day": one.day.isoformat(), "decision": decision, "reason": one.note}
    tell(connection, [associate_id], "offer_decided", parameters, now=now)


def _fault(column: str, value: object, reason: str) -> Fault:
    return Fault("offer", None, column, str(value), reason)
