"""Swaps: offered to a partner, answered, decided, and done in the roster that is in force."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from roster.exchange import Exchange, keeps_skills, lawful_lines, seats_broken, shift_exchanges, weekly_off_exchanges
from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.times import Clock, local_instant
from scheduling.words import N_, Words
from services.editing import EditOutcome
from services.notices import tell
from services.roster_changes import change_days, follow
from services.supervisor_notices import tell_of_swap
from services.swap_ground import SwapGround, changed_since, refuse_exchange, swap_ground
from storage import swaps as stored
from storage.days_away import PublishedCell, published_cells
from storage.errors import domain_errors
from storage.operation_reading import history_before
from storage.rosters import record
from storage.sites import earliest_start, person, zone_of_site
from storage.swap_tables import SwapKind, SwapState
from storage.swaps import Swap

__all__ = [
    "Partner",
    "Swap",
    "SwapKind",
    "SwapState",
    "answer_swap",
    "decide_swap",
    "expire_swaps",
    "offer_swap",
    "own_days",
    "partners_for",
    "swaps_of_associate",
    "withdraw_swap",
]

SUBJECT: Final = "swap"
BY_ITSELF: Final = "automatic"
MOST_PARTNERS: Final = 20
"""So many partners are offered, those of one's own team first."""
ASKED_FIRST: Final = 150
"""So many exchanges are held against the rules first; all others only where these do not give enough partners."""


STATES: Final[Mapping[SwapState, str]] = {
    SwapState.OFFERED: N_("offered"),
    SwapState.ACCEPTED: N_("accepted"),
    SwapState.DECLINED: N_("declined"),
    SwapState.WITHDRAWN: N_("withdrawn"),
    SwapState.APPROVED: N_("approved"),
    SwapState.REFUSED: N_("refused"),
    SwapState.EXPIRED: N_("expired"),
}


@dataclass(frozen=True)
class PartnerDay:
    """What changes on a day of a swap: what the asker has and would have; for the partner it is the other way round."""

    day: date
    mine: str
    theirs: str


@dataclass(frozen=True)
class Partner:
    """Somebody with whom a swap keeps every rule."""

    associate_id: int
    code: str
    name: str
    team: str
    is_own_team: bool
    days: tuple[PartnerDay, ...]


def swaps_of_associate(engine: Engine, associate_id: int) -> tuple[Swap, ...]:
    """Return the swaps that an associate offered or was offered, the newest first."""
    with domain_errors(), engine.connect() as connection:
        return stored.swaps_of(connection, associate_id)


def own_days(engine: Engine, associate_id: int, first_day: date, last_day: date) -> tuple[PublishedCell, ...]:
    """Return what is published for an associate on some days, in their order."""
    with domain_errors(), engine.connect() as connection:
        found = published_cells(connection, [associate_id], first_day, last_day).get(associate_id, {})
        return tuple(found[day] for day in sorted(found))


def partners_for(engine: Engine, associate_id: int, kind: SwapKind, day: date, *, clock: Clock) -> tuple[Partner, ...]:
    """Return those with whom an associate may swap, people of the own team first.

    Parameters
    ----------
    day
        The day whose shift is given away; for days off, any day of the week.
    """
    now = clock.now()
    with domain_errors(), engine.connect() as connection:
        who = person(connection, associate_id)
        # Everybody's past is long, and only the lines that are held against the rules need theirs; breaks stay with the shifts.
        every = swap_ground(connection, who.site_id, day, day, now, with_past=False, with_breaks=False)
        if associate_id not in every.found.row_of:
            return ()
        dates = every.found.scenario.horizon.dates
        busy = stored.busy_cells(connection, dates[0], dates[-1])
        wanted = in_order(every, possible(every, associate_id, kind, day, busy))
        lawful: list[Exchange] = []
        for some in (wanted[:ASKED_FIRST], wanted[ASKED_FIRST:]):
            if some and len(lawful) < MOST_PARTNERS:
                lawful += _lawful(connection, every, some, who.site_id)
    return tuple(_partner(every, one) for one in lawful[:MOST_PARTNERS])


def in_order(ground: SwapGround, exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Return the exchanges for which both have the skills: those with people of the own team first, then by name and day."""
    found = ground.found
    people = found.scenario.associates
    able = [one for one in exchanges if keeps_skills(found.scenario, found.plan, one)]
    return sorted(
        able,
        key=lambda one: (people[one.partner].team != people[one.asker].team, people[one.partner].name, one.days, one.partner),
    )


def _lawful(connection: Connection, every: SwapGround, exchanges: Sequence[Exchange], site_id: int) -> list[Exchange]:
    """Return those of some exchanges that break no rule; of the lines that they touch the past is read first."""
    scenario, plan = every.found.scenario, every.found.plan
    touched = sorted({every.found.associate_ids[row] for one in exchanges for row in (one.asker, one.partner)})
    past = history_before(connection, site_id, touched, scenario.horizon.first_day)
    kept = lawful_lines(replace(scenario, history=past), plan, exchanges, aside=every.aside)
    return [one for one in kept if not seats_broken(scenario, plan, one)]


def possible(
    ground: SwapGround, associate_id: int, kind: SwapKind, day: date, busy: Collection[tuple[int, date]]
) -> list[Exchange]:
    """Return the exchanges from which the rules choose: on published days ahead that are not locked and stand in no open swap."""
    found, index = ground.found, ground.day(day)
    row, dates = found.row_of[associate_id], found.scenario.horizon.dates
    if kind is SwapKind.SHIFT:
        every = shift_exchanges(found.plan, row, index, ground.first_day) if index >= ground.first_day else ()
    else:
        week = index - (index + found.scenario.week_offset) % 7
        days = [one for one in range(max(week, 0), week + 7) if one >= ground.first_day]
        every = weekly_off_exchanges(found.plan, row, days) if len(days) == 7 else ()
    away = {index for index, when in enumerate(dates) if when not in found.roster_of_day}
    taken = ground.locked | {(found.row_of[who], ground.day(when)) for who, when in busy if who in found.row_of}
    return [
        one
        for one in every
        if away.isdisjoint(one.days) and taken.isdisjoint((side, day) for side in (one.asker, one.partner) for day in one.days)
    ]


def _partner(ground: SwapGround, exchange: Exchange) -> Partner:
    found = ground.found
    team = found.scenario.associates[exchange.asker].team
    them, dates = found.scenario.associates[exchange.partner], found.scenario.horizon.dates
    days = tuple(
        PartnerDay(dates[day], found.word(exchange.asker, day), found.word(exchange.partner, day)) for day in exchange.days
    )
    return Partner(found.associate_ids[exchange.partner], them.code, them.name, them.team, them.team == team, days)


def offer_swap(
    engine: Engine,
    associate_id: int,
    partner_id: int,
    kind: SwapKind,
    days: Collection[date],
    note: str,
    *,
    by: str,
    clock: Clock,
) -> Swap:
    """Offer a swap to a partner; the rules are asked now and once more when it is done.

    Raises
    ------
    BadInputError
        When no day is named, or days lie too far apart.
    ConflictError
        When the rules do not allow it, or one of the days stands in another open swap.
    """
    now = clock.now()
    days = sorted(set(days))
    refuse_days(days)
    with domain_errors(), engine.begin() as connection:
        who, other = person(connection, associate_id), person(connection, partner_id)
        if who.site_id != other.site_id or who.id == other.id:
            raise NotFoundError(Words("There is no such partner at this site."))
        ground = swap_ground(connection, who.site_id, min(days), max(days), now)
        exchange = ground.exchange(who.id, other.id, days)
        refuse_exchange(ground, exchange)
        number = stored.insert_swap(connection, kind, (who.id, other.id), ground.agreed(exchange), note.strip(), now)
        record(connection, now, by, "swap offered", (SUBJECT, number), None, partner=other.code, days=_days(days))
        answer_by = deadline(ground, min(days))
        words = {"name": who.name, "give_day": _their_day(ground, other.id, days), "take_day": _their_day(ground, who.id, days)}
        tell(connection, [other.id], "swap_offered", {**words, "answer_at": answer_by.isoformat()}, now=now)
        return stored.swap_with_id(connection, number)


def refuse_days(days: Collection[date]) -> None:
    """Raise BadInputError when the days of a swap make no sense."""
    if not days or (max(days) - min(days)).days > 13:
        raise BadInputError(
            [Fault("swap", None, "days", "", Words("Choose the days of the swap again; they lie within two weeks."))]
        )


def deadline(ground: SwapGround, first_day: date) -> datetime:
    """Return until when a swap has to be done."""
    scenario = ground.found.scenario
    earliest = min(shift.start for shift in scenario.shift_types)
    return local_instant(first_day, earliest, scenario.horizon.zone) - timedelta(hours=ground.rule.swap_notice_hours)


def _their_day(ground: SwapGround, associate_id: int, days: Collection[date]) -> str:
    """Return the first day on which somebody has a shift that the other takes, in ISO form."""
    row = ground.found.row_of[associate_id]
    worked = [day for day in sorted(days) if ground.found.plan.values[row, ground.day(day)] >= 0]
    return (worked or sorted(days))[0].isoformat()


def answer_swap(engine: Engine, swap_id: int, associate_id: int, *, accepted: bool, by: str, clock: Clock) -> Swap:
    """Accept or decline a swap that one was offered; it is done at once where both teams let it.

    Raises
    ------
    ConflictError
        When it is no longer open, or the rules no longer allow it.
    NotFoundError
        When the associate was offered no such swap.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        one = stored.swap_with_id(connection, swap_id, lock=True)
        if one.partner.id != associate_id:
            raise NotFoundError(Words("You were offered no swap %(id)s.", id=str(swap_id)))
        _refuse_unless(one, SwapState.OFFERED)
        outcomes: tuple[EditOutcome, ...] = ()
        if not accepted:
            stored.move_swap(connection, swap_id, SwapState.DECLINED, answered_at=now)
            record(connection, now, by, "swap declined", (SUBJECT, swap_id), None)
            _tell(connection, one, [one.asker.id], "declined", "", now)
        else:
            _refuse_changed(one)
            stored.move_swap(connection, swap_id, SwapState.ACCEPTED, answered_at=now)
            record(connection, now, by, "swap accepted", (SUBJECT, swap_id), None)
            teams = {one.asker.team_id, one.partner.team_id}
            if stored.automatic_teams(connection, teams) == teams:
                outcomes = _do(connection, stored.swap_with_id(connection, swap_id), "", by=BY_ITSELF, now=now)
            else:
                tell_of_swap(connection, one, now)
        one = stored.swap_with_id(connection, swap_id)
    follow(engine, outcomes, clock=clock)
    return one


def withdraw_swap(engine: Engine, swap_id: int, associate_id: int, *, by: str, clock: Clock) -> Swap:
    """Take a swap back that one offered, as long as it is open.

    Raises
    ------
    ConflictError
        When it is no longer open.
    NotFoundError
        When the associate offered no such swap.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        one = stored.swap_with_id(connection, swap_id, lock=True)
        if one.asker.id != associate_id:
            raise NotFoundError(Words("You offered no swap %(id)s.", id=str(swap_id)))
        _refuse_unless(one, SwapState.OFFERED, SwapState.ACCEPTED)
        stored.move_swap(connection, swap_id, SwapState.WITHDRAWN)
        record(connection, now, by, "swap withdrawn", (SUBJECT, swap_id), None)
        _tell(connection, one, [one.partner.id], "withdrawn", "", now)
        return stored.swap_with_id(connection, swap_id)


def decide_swap(
    engine: Engine,
    swap_id: int,
    reason: str,
    *,
    approved: bool,
    by: str,
    clock: Clock,
    team_ids: Collection[int] | None = None,
) -> Swap:
    """Approve or refuse a swap to which both said yes.

    Parameters
    ----------
    team_ids
        The teams whose swaps may be decided, by the team of whoever asked; all without it.

    Raises
    ------
    BadInputError
        When it is refused without a reason.
    ConflictError
        When it is not waiting for a decision, or the rules no longer allow it.
    NotFoundError
        When there is no such swap in these teams.
    """
    now = clock.now()
    if not approved and not reason.strip():
        raise BadInputError([Fault("swap", None, "reason", "", "Say why the swap is refused; both will read it.")])
    with domain_errors(), engine.begin() as connection:
        one = stored.swap_with_id(connection, swap_id, lock=True)
        if team_ids is not None and one.asker.team_id not in team_ids:
            raise NotFoundError(f"There is no swap {swap_id} in the teams that you lead.")
        _refuse_unless(one, SwapState.ACCEPTED)
        outcomes: tuple[EditOutcome, ...] = ()
        if approved:
            outcomes = _do(connection, one, reason.strip(), by=by, now=now)
        else:
            stored.move_swap(connection, swap_id, SwapState.REFUSED, decided_at=now, decided_by=by, reason=reason.strip())
            record(connection, now, by, "swap refused", (SUBJECT, swap_id), None, reason=reason.strip())
            _tell(connection, one, [one.asker.id, one.partner.id], "declined", reason.strip(), now)
        one = stored.swap_with_id(connection, swap_id)
    follow(engine, outcomes, clock=clock)
    return one


def _do(connection: Connection, one: Swap, reason: str, *, by: str, now: datetime) -> tuple[EditOutcome, ...]:
    """Do a swap to which both said yes: the rules are asked on the roster as it is now, then it is changed."""
    stored.lock_days_in_force(connection, one.site_id, one.days)
    # What was read before the days were locked may be old.
    _refuse_changed(stored.swap_with_id(connection, one.id))
    ground = swap_ground(connection, one.site_id, one.days[0], one.days[-1], now)
    exchange = ground.exchange(one.asker.id, one.partner.id, one.days)
    refuse_exchange(ground, exchange)
    edits = ground.edits(exchange)
    outcomes = change_days(connection, edits, by=by, at=now, why="Swap", aside=ground.aside)
    stored.move_swap(connection, one.id, SwapState.APPROVED, decided_at=now, decided_by=by, reason=reason)
    days = [{"who": edit.associate, "day": edit.day.isoformat(), "was": edit.seen, "is": edit.value} for edit in edits]
    record(connection, now, by, "swap done", (SUBJECT, one.id), None, reason=reason, days=days)
    _tell(connection, one, [one.asker.id, one.partner.id], "approved", reason, now)
    return outcomes


def expire_swaps(engine: Engine, site_id: int, *, clock: Clock) -> int:
    """End the open swaps of a site for which it is too late, or of which a day has changed since; return how many."""
    now, ended = clock.now(), 0
    with domain_errors(), engine.begin() as connection:
        zone, earliest = zone_of_site(connection, site_id), earliest_start(connection, site_id)
        soonest = now + timedelta(hours=stored.site_rule(connection, site_id).swap_notice_hours)

        def is_over(one: Swap) -> bool:
            return bool(one.is_open and (one.changed_days or local_instant(one.days[0], earliest, zone) < soonest))

        for seen in filter(is_over, stored.open_swaps(connection, site_id)):
            one = stored.swap_with_id(connection, seen.id, lock=True)
            if not is_over(one):
                # Somebody was faster.
                continue
            ended += 1
            stored.move_swap(connection, one.id, SwapState.EXPIRED)
            record(connection, now, BY_ITSELF, "swap expired", (SUBJECT, one.id), None, changed=_days(one.changed_days))
            _tell(connection, one, [one.asker.id, one.partner.id], "changed" if one.changed_days else "expired", "", now)
    return ended


def _tell(connection: Connection, one: Swap, who: Collection[int], decision: str, reason: str, now: datetime) -> None:
    parameters = {"day": one.days[0].isoformat(), "decision": decision, "reason": reason}
    tell(connection, who, "swap_decided", parameters, now=now)


def _days(days: Collection[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]


def _refuse_changed(one: Swap) -> None:
    against = changed_since(one)
    if against:
        raise ConflictError(against)


def _refuse_unless(one: Swap, *states: SwapState) -> None:
    if one.state not in states:
        raise ConflictError(Words("This swap is %(state)s already; nothing was changed.", state=Words(STATES[one.state])))
