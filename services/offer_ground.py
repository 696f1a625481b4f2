"""Who may take an offer: what the rules say of a further shift on a day off, or of a shift that is given up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from roster.line_changes import TIMING_RULES, WEEKLY_OFF_RULES, LineChange, newly_broken, seats_newly_broken
from scheduling.plan import LEAVE, OFF
from scheduling.times import local_instant
from scheduling.words import Words
from services.rule_words import broken_words
from storage import swaps as rules
from storage.offer_tables import OfferKind
from storage.offers import Offer
from storage.roster_in_force import InForce, read_in_force


@dataclass(frozen=True)
class OfferGround:
    """The roster in force around the day of an offer, with the rules of the site.

    Parameters
    ----------
    aside
        Names of rules that an offer sets aside, since whoever takes it does so of free will.
    """

    offer: Offer
    found: InForce
    aside: frozenset[str]

    @property
    def day(self) -> int:
        """Index of the day of the offer."""
        return self.found.scenario.horizon.day_index(self.offer.day)

    @property
    def value(self) -> int:
        """What stands in the cell of whoever takes the offer."""
        if self.offer.kind is OfferKind.TIME_OFF or self.offer.shift_type_id is None:
            return LEAVE
        return self.found.shift_type_ids.index(self.offer.shift_type_id)

    @property
    def word(self) -> str:
        """The same in words of a roster."""
        return "leave" if self.value == LEAVE else self.found.scenario.shift_types[self.value].code

    def change(self, row: int) -> LineChange:
        """Return the change of the line of somebody who takes the offer."""
        return LineChange(row, {self.day: self.value})

    def starts_at(self) -> datetime:
        """Return when the shift begins: that of the offer, else the first of the day."""
        shifts, horizon = self.found.scenario.shift_types, self.found.scenario.horizon
        offered = [shift.start for shift in shifts if not self.offer.shift or shift.code == self.offer.shift]
        return local_instant(self.offer.day, min(offered), horizon.zone)


def offer_ground(connection: Connection, offer: Offer, only: Collection[int] | None = None) -> OfferGround:
    """Return what an offer stands on, for some associates or for all."""
    found = read_in_force(connection, offer.site_id, offer.day, offer.day, only=only)
    timings = TIMING_RULES if rules.site_rule(connection, offer.site_id).swaps_across_timings else frozenset()
    return OfferGround(offer, found, WEEKLY_OFF_RULES | timings if offer.kind is OfferKind.OVERTIME else frozenset())


def reasons_against(ground: OfferGround, rows: Collection[int]) -> dict[int, str]:
    """Return for each row why the associate may not take the offer; an empty text where nothing is against it."""
    plain = {row: _plain_reason(ground, row) for row in rows}
    open_rows = [row for row, reason in plain.items() if not reason]
    changes = [ground.change(row) for row in open_rows]
    broken = newly_broken(ground.found.scenario, ground.found.plan, changes, aside=ground.aside)
    by_rules = {row: broken_words(found, {}) if found else "" for row, found in zip(open_rows, broken, strict=True)}
    return {**plain, **by_rules}


def _plain_reason(ground: OfferGround, row: int) -> str:
    """Return what stands against it without asking the rules."""
    offer, found = ground.offer, ground.found
    who, value = found.scenario.associates[row], int(found.plan.values[row, ground.day])
    if offer.day not in found.roster_of_day:
        return Words("No roster is published for this day.")
    if offer.team and who.team != offer.team:
        return Words("It is offered to %(team)s.", team=offer.team)
    if offer.skill and offer.skill not in who.skills:
        return Words("It needs the skill %(skill)s.", skill=offer.skill)
    if offer.kind is OfferKind.OVERTIME:
        return "" if value == OFF else Words("Overtime is for those who have a day off on that day.")
    if value >= 0 and offer.shift in {"", found.word(row, ground.day)}:
        return ""
    other = Words("It is for those who have the shift %(shift)s on that day.", shift=offer.shift)
    return other if offer.shift else Words("You have no shift on that day.")


def seats_against(connection: Connection, ground: OfferGround, associate_id: int) -> str:
    """Return what the seats of the office say against it, which only the roster of everybody shows."""
    if ground.found.scenario.office is None or ground.value < 0:
        return ""
    everybody = read_in_force(connection, ground.offer.site_id, ground.offer.day, ground.offer.day)
    change = replace(ground, found=everybody).change(everybody.row_of[associate_id])
    broken = seats_newly_broken(everybody.scenario, everybody.plan, [change])
    return broken_words(broken, {}) if broken else ""
