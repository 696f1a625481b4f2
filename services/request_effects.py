"""What a page of requests would do to coverage and to the rules, worked out for all of them at once.

Of the rules only the lines of those who ask are asked, and of coverage only the days concerned are read: neither grows with the
number of associates beyond what a page can show.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from roster.exchange import Exchange, broken_by_exchange, takes_other_seats
from roster.line_changes import LineChange, newly_broken
from scheduling.coverage_effect import CoverageBase, SkillEffect, WorkedDay
from scheduling.errors import ConflictError
from scheduling.plan import LEAVE
from scheduling.rules import Violation
from services.leave_requests import LeaveDays, LeaveRequest
from services.swap_ground import SwapGround, changed_since, ground_on, plainly_against, rule_against, swap_ground
from services.swaps import Swap
from storage.roster_in_force import InForce, read_in_force
from storage.supply_in_force import Supply, read_supplies

LONGEST_EFFECT_DAYS: Final = 35
"""The effect is worked out for so many days from the first one."""
Both = tuple[Sequence[WorkedDay | None], Sequence[WorkedDay | None]]
"""The shifts that go, and those that come."""
NOTHING: Final[Both] = ((), ())
Violations = tuple[Violation, ...]
Broken = tuple[list[Violations], list[Violations]]
"""What each leave breaks, and what each swap."""


@dataclass(frozen=True)
class LeaveEffect:
    """What approving leave would do.

    Parameters
    ----------
    published
        Number of its days of leave for which a roster is published.
    coverage
        Shortage before and after, by day and skill; empty when nothing is short.
    broken
        Rules that block publishing and would be broken.
    """

    published: int
    coverage: tuple[SkillEffect, ...]
    broken: tuple[Violation, ...]


@dataclass(frozen=True)
class SwapEffect:
    """What a swap would do: each of its days with what the two have, and what stands against it."""

    days: tuple[tuple[date, str, str], ...]
    coverage: tuple[SkillEffect, ...]
    against: str

    @property
    def hours_worse(self) -> float:
        """Head-hours that are short only because of it."""
        return sum(one.short_after - one.short_before for one in self.coverage)


def effects_of(
    connection: Connection,
    site_id: int,
    leave: Sequence[LeaveRequest],
    leave_days: Mapping[int, LeaveDays],
    swaps: Sequence[Swap],
    now: datetime,
) -> tuple[tuple[LeaveEffect, ...], tuple[SwapEffect, ...]]:
    """Return what requests for leave and swaps would do, each taken alone, in the order given."""
    wanted = [leave_days[one.id].leave[:LONGEST_EFFECT_DAYS] for one in leave]
    days = {day for days in wanted for day in days} | {day for one in swaps for day in one.days}
    if not days:
        return tuple(LeaveEffect(0, (), ()) for _ in leave), ()
    people = {one.associate_id for one in leave} | {side.id for one in swaps for side in (one.asker, one.partner)}
    around = {day + timedelta(days=step) for day in days for step in (-1, 0, 1)}
    found = read_in_force(connection, site_id, min(days), max(days), with_breaks=False, heads_on=around, only=people)
    near = around & found.roster_of_day.keys()
    columns = [_columns(found, days) for days in wanted]
    ground = ground_on(connection, site_id, found, now)
    plain = [_plain(ground, one) for one in swaps]
    judged = [None if against else exchange for exchange, against in plain]
    by_leave, by_swaps = _broken(ground, _leave_changes(found, leave, columns), judged)
    trades = _Trades.of(connection, ground, swaps, plain, by_swaps, now)
    effects = _on_coverage(read_supplies(connection, site_id, found, near), leave, columns, trades)
    of_leave = zip(columns, effects, by_leave, strict=False)
    return (
        tuple(LeaveEffect(len(of_days), effect, rules) for of_days, effect, rules in of_leave),
        trades.effects(effects[len(leave) :]),
    )


def _on_coverage(
    supplies: Collection[Supply], leave: Sequence[LeaveRequest], columns: Sequence[Sequence[int]], trades: _Trades
) -> list[tuple[SkillEffect, ...]]:
    """Return what the requests for leave and then the swaps do to coverage; each supply knows the days under its break policy."""
    found: list[tuple[SkillEffect, ...]] = [() for _ in (*leave, *trades.exchanges)]
    for supply in supplies:
        base = CoverageBase(supply.scenario, supply.plan, supply.breaks, supply.groups)
        gone: list[Both] = [
            ([_worked(base, supply, one.associate_id, column) for column in of_days], ())
            for one, of_days in zip(leave, columns, strict=True)
        ]
        effects = base.effects([*gone, *(trades.both(base, supply, one) for one in trades.exchanges)])
        found = [(*known, *more) for known, more in zip(found, effects, strict=True)]
    return [tuple(sorted(lines, key=lambda line: line.day)) for lines in found]


def _columns(found: InForce, days: Collection[date]) -> list[int]:
    """Return the indices of the days for which a roster is published."""
    return [found.scenario.horizon.day_index(day) for day in days if day in found.roster_of_day]


def _worked(base: CoverageBase, supply: Supply, associate_id: int, column: int) -> WorkedDay | None:
    row = supply.row_of.get(associate_id)
    return None if row is None else base.worked(row, column)


def _leave_changes(found: InForce, leave: Sequence[LeaveRequest], columns: Sequence[Sequence[int]]) -> list[list[LineChange]]:
    """Return the change that each leave makes to a line, none where nothing is published for it."""
    return [
        [LineChange(found.row_of[one.associate_id], dict.fromkeys(of_days, LEAVE))]
        if one.associate_id in found.row_of and of_days
        else []
        for one, of_days in zip(leave, columns, strict=True)
    ]


def _broken(ground: SwapGround, leave: Sequence[Sequence[LineChange]], exchanges: Sequence[Exchange | None]) -> Broken:
    """Return the rules that each leave and each exchange would break anew; all lines are one check."""
    scenario, plan = ground.found.scenario, ground.found.plan
    changes = [*leave, *(one.changes(plan) if one else () for one in exchanges)]
    of_line = iter(newly_broken(scenario, plan, [change for some in changes for change in some]))
    broken = [tuple(one for _ in some for one in next(of_line)) for some in changes]
    of_swaps = (tuple(one for one in some if one.rule not in ground.aside) for some in broken[len(leave) :])
    return broken[: len(leave)], list(of_swaps)


@dataclass(frozen=True)
class _Trades:
    """Swaps as exchanges of the lines that were read, with what stands against each.

    Parameters
    ----------
    asked
        Every swap as an exchange, ``None`` where one of the two is gone.
    exchanges
        Those of them that can be done, ``None`` for the others.
    """

    ground: SwapGround
    swaps: Sequence[Swap]
    asked: Sequence[Exchange | None]
    exchanges: Sequence[Exchange | None]
    against: Sequence[str]

    @classmethod
    def of(
        cls,
        connection: Connection,
        ground: SwapGround,
        swaps: Sequence[Swap],
        plain: Sequence[tuple[Exchange | None, str]],
        broken: Sequence[Violations],
        now: datetime,
    ) -> _Trades:
        """Return swaps with what stands against each plainly, else by the rules that it breaks."""
        against = [
            text or (_by_rules(connection, ground, swap, exchange, rules, now) if exchange else "")
            for swap, (exchange, text), rules in zip(swaps, plain, broken, strict=True)
        ]
        done = [exchange if not text else None for (exchange, _), text in zip(plain, against, strict=True)]
        return cls(ground, swaps, [exchange for exchange, _ in plain], done, against)

    def both(self, base: CoverageBase, supply: Supply, exchange: Exchange | None) -> Both:
        """Return the shifts that go and come when two exchange their days."""
        if exchange is None:
            return NOTHING
        ids = self.ground.found.associate_ids
        sides = ((ids[exchange.asker], ids[exchange.partner]), (ids[exchange.partner], ids[exchange.asker]))
        gone = [_worked(base, supply, mine, day) for mine, _ in sides for day in exchange.days]
        come = [_taken_over(base, supply, mine, theirs, day) for mine, theirs in sides for day in exchange.days]
        return gone, come

    def effects(self, found: Sequence[tuple[SkillEffect, ...]]) -> tuple[SwapEffect, ...]:
        """Return what each swap would do."""
        rows = zip(self.asked, found, self.against, strict=True)
        return tuple(SwapEffect(self._days(exchange), effect, against) for exchange, effect, against in rows)

    def _days(self, exchange: Exchange | None) -> tuple[tuple[date, str, str], ...]:
        if exchange is None:
            return ()
        found, dates = self.ground.found, self.ground.found.scenario.horizon.dates
        return tuple(
            (dates[day], found.word(exchange.asker, day), found.word(exchange.partner, day)) for day in exchange.days
        )  # fmt: skip


def _plain(ground: SwapGround, one: Swap) -> tuple[Exchange | None, str]:
    """Return a swap as an exchange of lines, with what stands against it before any rule is asked."""
    try:
        exchange = ground.exchange(one.asker.id, one.partner.id, one.days)
    except ConflictError as error:
        return None, error.args[0]
    return exchange, changed_since(one) or plainly_against(ground, exchange)


def _by_rules(
    connection: Connection, ground: SwapGround, swap: Swap, exchange: Exchange, broken: Sequence[Violation], now: datetime
) -> str:  # fmt: skip
    """Return what the rules say against an exchange; seats are asked of everybody, where other ones would be taken."""
    if not broken and takes_other_seats(ground.found.scenario, ground.found.plan, exchange):
        every = swap_ground(connection, swap.site_id, swap.days[0], swap.days[-1], now)
        same = every.exchange(swap.asker.id, swap.partner.id, swap.days)
        broken = broken_by_exchange(every.found.scenario, every.found.plan, same, aside=every.aside)
    return rule_against(ground, exchange, broken) if broken else ""


def _taken_over(base: CoverageBase, supply: Supply, mine: int, theirs: int, day: int) -> WorkedDay | None:
    """Return the shift of somebody else as the one that takes it over works it, with the same breaks."""
    shift, row = _worked(base, supply, theirs, day), supply.row_of.get(mine)
    return None if shift is None or row is None else WorkedDay(row, day, shift.shift, shift.pattern)
