"""What a swap stands on: the rosters in force around its days, and what the rules say of an exchange in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Final

from sqlalchemy import Connection

from roster.exchange import Exchange, broken_by_exchange, keeps_skills
from roster.line_changes import TIMING_RULES
from scheduling.errors import ConflictError
from scheduling.rules import Violation
from scheduling.times import local_instant
from scheduling.words import Words, joined
from services.roster_changes import DayEdit
from services.rule_words import broken_words
from storage import swaps as stored
from storage.roster_in_force import InForce, read_in_force
from storage.swaps import AgreedDay, SiteRequestRule, Swap

NOTHING: Final = frozenset[str]()


@dataclass(frozen=True)
class SwapGround:
    """The rosters in force around some days, with the rules of the site.

    Parameters
    ----------
    rule
        What the site lets its people swap.
    first_day
        Index of the first day whose shifts are far enough away to be swapped.
    """

    found: InForce
    rule: SiteRequestRule
    first_day: int

    @property
    def aside(self) -> frozenset[str]:
        """Names of rules that are not asked."""
        return TIMING_RULES if self.rule.swaps_across_timings else NOTHING

    @cached_property
    def locked(self) -> frozenset[tuple[int, int]]:
        """Row and day of everything that is locked; it stays, also where the lock names something else than what stands there."""
        rows, horizon = self.found.scenario.associate_index, self.found.scenario.horizon
        return frozenset((rows[lock.associate], horizon.day_index(lock.date)) for lock in self.found.scenario.locks)

    def is_locked(self, exchange: Exchange) -> bool:
        """Return whether an exchange touches a day that is locked."""
        return any((row, day) in self.locked for row in (exchange.asker, exchange.partner) for day in exchange.days)

    def day(self, day: date) -> int:
        """Return the index of a day."""
        return self.found.scenario.horizon.day_index(day)

    def exchange(self, asker_id: int, partner_id: int, days: Collection[date]) -> Exchange:
        """Return the exchange of two associates on some days; ConflictError when one of them is no longer there."""
        rows = self.found.row_of
        if asker_id not in rows or partner_id not in rows:
            raise ConflictError(Words("One of the two is no longer in the operation; nothing was changed."))
        return Exchange(rows[asker_id], rows[partner_id], tuple(sorted(map(self.day, days))))

    def agreed(self, exchange: Exchange) -> tuple[AgreedDay, ...]:
        """Return what is in force for both on the days of an exchange."""
        found, dates = self.found, self.found.scenario.horizon.dates
        return tuple(
            AgreedDay(found.associate_ids[row], dates[day], *found.kind_of(row, day))
            for row in (exchange.asker, exchange.partner)
            for day in exchange.days
        )

    def edits(self, exchange: Exchange) -> tuple[DayEdit, ...]:
        """Return the days that an exchange changes in the rosters in force."""
        found, dates = self.found, self.found.scenario.horizon.dates
        pairs = ((exchange.asker, exchange.partner), (exchange.partner, exchange.asker))
        return tuple(
            DayEdit(
                found.roster_of_day[dates[day]],
                found.scenario.associates[row].code,
                dates[day],
                found.word(row, day),
                found.word(other, day),
            )
            for row, other in pairs
            for day in exchange.days
        )


def swap_ground(
    connection: Connection,
    site_id: int,
    first_day: date,
    last_day: date,
    now: datetime,
    *,
    with_past: bool = True,
    with_breaks: bool = True,
    only: Collection[int] | None = None,
) -> SwapGround:
    """Return what swaps on some days stand on; `with_past`, `with_breaks` and `only` are as for `read_in_force`.

    Coverage stays as it is, so that of what is required only the skills are read.
    """
    found = read_in_force(
        connection, site_id, first_day, last_day, with_past=with_past, with_breaks=with_breaks, heads_on=(), only=only
    )  # fmt: skip
    return ground_on(connection, site_id, found, now)


def ground_on(connection: Connection, site_id: int, found: InForce, now: datetime) -> SwapGround:
    """Return what swaps stand on, on days that were read already."""
    rule = stored.site_rule(connection, site_id)
    return SwapGround(found, rule, first_open_day(found, now + timedelta(hours=rule.swap_notice_hours)))


def first_open_day(found: InForce, soonest: datetime) -> int:
    """Return the index of the first day none of whose shifts begins before an instant."""
    horizon, shifts = found.scenario.horizon, found.scenario.shift_types
    earliest = min((shift.start for shift in shifts), default=time())
    later = (day for day, when in enumerate(horizon.dates) if local_instant(when, earliest, horizon.zone) >= soonest)
    return next(later, horizon.day_count)


def refuse_exchange(ground: SwapGround, exchange: Exchange) -> None:
    """Raise ConflictError when an exchange is not lawful, or not as the two saw it; the message says why."""
    plain = plainly_against(ground, exchange)
    if plain:
        raise ConflictError(plain)
    broken = broken_by_exchange(ground.found.scenario, ground.found.plan, exchange, aside=ground.aside)
    if broken:
        raise ConflictError(rule_against(ground, exchange, broken))


def rule_against(ground: SwapGround, exchange: Exchange, broken: Collection[Violation]) -> Words:
    """Return in words that an exchange would break rules."""
    return joined([Words("The swap would break a rule."), broken_words(broken, names_of(ground, exchange))])


def changed_since(one: Swap) -> str:
    """Return in words that a day of a swap is no longer what the two agreed on; empty when all are."""
    if not one.changed_days:
        return ""
    return Words("%(day)s has changed since this swap was offered, so it can no longer be done.", day=one.changed_days[0])


def plainly_against(ground: SwapGround, exchange: Exchange) -> str:
    """Return what stands against an exchange without asking the rules; empty when nothing does."""
    found = ground.found
    dates = found.scenario.horizon.dates
    if exchange.days[0] < ground.first_day:
        hours = ground.rule.swap_notice_hours
        return Words("A swap must be done %(hours)s hours before the first shift of its days; it is too late.", hours=hours)
    if any(dates[day] not in found.roster_of_day for day in exchange.days):
        return Words("No roster is published any more for one of these days; nothing was changed.")
    plan = found.plan
    if (plan.values[[exchange.asker, exchange.partner]][:, list(exchange.days)] < -1).any():
        return Words("One of the two is on leave on one of these days; nothing was changed.")
    if ground.is_locked(exchange):
        return Words("A planner has locked one of these days; it stays as it is until the lock is taken away.")
    if not keeps_skills(found.scenario, plan, exchange):
        return Words("One of the two lacks a skill that the shift of the other needs.")
    return ""


def names_of(ground: SwapGround, exchange: Exchange) -> dict[str, str]:
    """Return the names of the two by their codes."""
    people = (ground.found.scenario.associates[row] for row in (exchange.asker, exchange.partner))
    return {one.code: one.name for one in people}
