"""The answer to an associate's wish for a break at another time: yes, yes at a cost to coverage, or no with the nearest yes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from breaks.ask_answer import Answer, BreakOffer, No, ShiftedBreak, WorseInterval, Yes, YesAtCost
from breaks.chain_layout import Remaining, lay_out
from breaks.floor import Floor, OnShift, StandingBreak
from breaks.floor_coverage import FloorCoverage
from breaks.retiming import best_choices, coverage_losses, plain_losses
from breaks.sequence import SequenceFault, sequence_faults
from breaks.team_load import mates_on_break
from scheduling.cost import CoverageCost
from scheduling.errors import NotFoundError

Ints = NDArray[np.int64]

STARTS_AT_ONCE = 8
"""Starts nearest to the wish that are looked at together when other breaks have to give way."""


@dataclass(frozen=True)
class AskParams:
    """What a wish may change.

    Parameters
    ----------
    notice_minutes
        The wished break starts at or after now and so many minutes. It is the person's own wish, so no freeze holds for it.
    freeze_minutes, largest_move_minutes
        Which other breaks of the person may give way, and how far: those that start at or after now and the freeze.
    price_per_move
        Weighted head-minutes that it must save to let one more break give way.
    cost
        How shortage is weighted.
    """

    notice_minutes: int = 0
    freeze_minutes: int = 60
    largest_move_minutes: int = 30
    price_per_move: float = 6.0
    cost: CoverageCost = field(default_factory=CoverageCost)

    def __post_init__(self) -> None:
        """Refuse numbers below zero, all at once."""
        names = ("notice_minutes", "freeze_minutes", "largest_move_minutes", "price_per_move")
        wrong = [
            f"{name} must be a number of 0 or more, not {getattr(self, name)}." for name in names if not getattr(self, name) >= 0
        ]
        if wrong:
            raise ValueError(" ".join(wrong))


def ask_break(
    floor: Floor,
    associate_id: int,
    which: int | str,
    wanted_minute: int,
    params: AskParams | None = None,
    coverage: FloorCoverage | None = None,
) -> Answer:
    """Say whether a person may take a break at another time.

    First only this break moves. Where that is not legal, other breaks of the person may give way; the answer lists them. What is
    not legal today already, because of what has happened, is not held against a wish that makes it no worse.

    Parameters
    ----------
    which
        Position of the break in the pattern, or the name of a kind: the next break of that kind that has not begun.
    wanted_minute
        Wished start on the axis of the floor.
    coverage
        Of this floor with the cost of `params`, to answer many wishes without counting heads again; it is only read.

    Raises
    ------
    NotFoundError
        When the person is not on the floor or has no such break.
    ValueError
        When people combine skills in more ways than can be priced.
    """
    settings = params or AskParams()
    if associate_id not in floor.index_of:
        raise NotFoundError(f"Associate {associate_id} is not on shift now or soon.")
    index = floor.index_of[associate_id]
    position = _position(floor, index, which)
    standing = next(one for one in floor.standing[index] if one.position == position)
    person = floor.people[index]
    kind = person.policy.breaks[standing.kind].kind
    when = (standing.start_minute, standing.end_minute)
    if person.is_absent:
        return No((SequenceFault("absent", 1, (), kind, when, 1, (0, 0)),), None)
    if standing.is_recorded or standing.start_minute < floor.now_minute:
        return No((SequenceFault("break_begun", 1, (position,), kind, when, 1, (0, 0)),), None)
    wish = _Wish(floor, index, standing, settings, coverage or FloorCoverage(floor, settings.cost))
    reasons = wish.reasons_against(wish.alone(wanted_minute))
    if not reasons:
        return _yes(wish.offer(wish.alone(wanted_minute)))
    starts = wish.with_others([wanted_minute])
    return _yes(wish.offer(starts)) if starts else No(tuple(reasons), wish.nearest(wanted_minute))


def _yes(offer: BreakOffer) -> Answer:
    return Yes(offer) if offer.is_free else YesAtCost(offer)


def _position(floor: Floor, index: int, which: int | str) -> int:
    person = floor.people[index]
    if isinstance(which, int):
        if 0 <= which < len(person.pattern):
            return which
        raise NotFoundError(
            f"Associate {person.associate_id} has {len(person.pattern)} breaks, there is none at position {which}."
        )
    ours = [one for one in floor.standing[index] if person.policy.breaks[one.kind].kind == which]
    later = [one.position for one in ours if not one.is_recorded and one.start_minute >= floor.now_minute]
    if not later:
        raise NotFoundError(f"Associate {person.associate_id} has no {which} any more that has not begun.")
    return later[0]


class _Wish:
    """One break of one person, and everything that an answer needs of the floor."""

    def __init__(self, floor: Floor, index: int, asked: StandingBreak, params: AskParams, coverage: FloorCoverage) -> None:
        self._floor, self._index, self._asked, self._params, self._coverage = floor, index, asked, params, coverage
        self._person: OnShift = floor.people[index]
        self._length = asked.end_minute - asked.start_minute
        self._first = floor.now_minute + params.notice_minutes
        self._today = {(fault.rule, fault.positions): fault.amount for fault in sequence_faults(self._person, floor.now_minute)}
        limit = floor.team_limits.get(self._person.team)
        self._limit = len(floor.people) if limit is None else limit
        self._mates = mates_on_break(floor, coverage, index) if limit is not None else np.zeros(1, dtype=np.int64)
        frozen_until = floor.now_minute + params.freeze_minutes
        self._others = [one for one in floor.standing[index] if one is not asked]
        self._movable = frozenset(
            one.position for one in self._others if not one.is_recorded and one.start_minute >= frozen_until
        )

    def alone(self, start: int) -> list[int]:
        """Return the starts of all breaks when only this one moves."""
        starts = list(self._person.planned_starts)
        starts[self._asked.position] = start
        return starts

    def reasons_against(self, starts: Sequence[int]) -> list[SequenceFault]:
        """Return what these starts break that is kept today, the wished break first."""
        start, position = starts[self._asked.position], self._asked.position
        kind = self._person.policy.breaks[self._asked.kind].kind
        when, reasons = (start, start + self._length), []
        if start < self._first:
            reasons.append(
                SequenceFault(
                    "notice", self._first - start, (position,), kind, when, start, (self._first, self._person.end_minute)
                )
            )
        faults = sequence_faults(self._person, self._floor.now_minute, starts)
        reasons += [fault for fault in faults if fault.amount > self._today.get((fault.rule, fault.positions), 0)]
        return [*reasons, *self._team_faults(starts)]

    def _team_faults(self, starts: Sequence[int]) -> Iterator[SequenceFault]:
        """Yield where a break that moves would bring the team beyond its limit."""
        kinds, base = self._person.policy.breaks, self._coverage.first_minute
        for position, (start, was) in enumerate(zip(starts, self._person.planned_starts, strict=True)):
            kind = kinds[self._person.pattern[position].kind]
            begin = max(0, start - base)
            mates = self._mates[begin : max(0, start + kind.minutes - base)]
            if start != was and mates.max(initial=-1) >= self._limit:
                when = (base + begin + int(mates.argmax()), start + kind.minutes)
                there = int(mates.max()) + 1
                yield SequenceFault("team_limit", there - self._limit, (position,), kind.kind, when, there, (0, self._limit))

    def offer(self, starts: Sequence[int]) -> BreakOffer:
        """Return legal starts with what they cost."""
        effect = self._coverage.effect(self._coverage.heads_with({self._index: starts}))
        before, after, width = effect.short_before, effect.short_after, effect.interval_minutes
        worse = tuple(
            WorseInterval(
                (effect.first_minute + row * width, effect.first_minute + (row + 1) * width),
                skill,
                float(before[row, skill]),
                float(after[row, skill]),
            )
            for row, skill in np.argwhere(after > before + 1e-9).tolist()
        )
        others = []
        for position, (start, was) in enumerate(zip(starts, self._person.planned_starts, strict=True)):
            if start != was and position != self._asked.position:
                kind = self._person.policy.breaks[self._person.pattern[position].kind]
                others.append(ShiftedBreak(position, kind.kind, kind.minutes, was, start))
        kind = self._person.policy.breaks[self._asked.kind]
        return BreakOffer(
            ShiftedBreak(self._asked.position, kind.kind, kind.minutes, self._asked.start_minute, starts[self._asked.position]),
            self._person.pattern_of(starts),
            tuple(others),
            effect.cost_after - effect.cost_before,
            -effect.short_minutes_saved,
            worse,
        )

    def nearest(self, wanted: int) -> BreakOffer | None:
        """Return the legal start nearest to a wish, the earlier of two; with other breaks giving way only where it is nearer."""
        starts = sorted(self._possible_starts(), key=lambda start: (abs(start - wanted), start))
        alone = next((place for place, start in enumerate(starts) if not self.reasons_against(self.alone(start))), len(starts))
        for first in range(0, alone, STARTS_AT_ONCE):
            found = self.with_others(starts[first : min(alone, first + STARTS_AT_ONCE)])
            if found:
                return self.offer(found)
        return self.offer(self.alone(starts[alone])) if alone < len(starts) else None

    def _possible_starts(self) -> Iterable[int]:
        """Return the starts on the grid that notice, window and edges leave to the wished break."""
        person, policy, kind = self._person, self._person.policy, self._person.policy.breaks[self._asked.kind]
        low, high = kind.window_minutes or (0, person.end_minute - person.start_minute)
        low = max(low, policy.not_before_minutes, self._first - person.start_minute)
        high = min(high, person.end_minute - person.start_minute - policy.not_after_minutes - kind.minutes)
        grid = policy.grid_minutes
        return range(person.start_minute - (-low // grid) * grid, person.start_minute + high + 1, grid)

    def with_others(self, wanted: Sequence[int]) -> list[int] | None:
        """Return legal starts of all breaks with the wished one at the first of these that others can give way to."""
        cases = [(start, one) for start in wanted for one in self._orders(start)]
        if not cases:
            return None
        coverage, params = self._coverage, self._params
        opens = self._floor.now_minute + params.freeze_minutes
        chains = lay_out(coverage, [one for _, one in cases], opens, params.largest_move_minutes)
        now = np.full(chains.position.shape, chains.middle, dtype=np.int64)
        changes = coverage.changes(np.arange(coverage.rows), chains.group[:1])
        alike = chains.with_group(0)
        losses = plain_losses(alike, params.price_per_move) + coverage_losses(alike, changes, alike.taken(now, coverage.rows))
        losses[self._closed(chains.start, chains.length)] = np.inf
        choice = best_choices(alike, losses)
        value = np.take_along_axis(losses, choice[:, :, None], axis=2)[:, :, 0].sum(axis=1)
        begins = chains.chosen(chains.start, choice)
        for start in wanted:
            mine = [case for case, (asked, _) in enumerate(cases) if asked == start]
            for case in sorted(mine, key=lambda case: (float(value[case]), case)):
                starts = self.alone(start)
                for position, begin in zip(chains.position[case].tolist(), begins[case].tolist(), strict=True):
                    if position in self._movable:
                        starts[position] = begin
                if not self.reasons_against(starts):
                    return starts
        return None

    def _closed(self, start: Ints, length: Ints) -> NDArray[np.bool_]:
        """Return which choices the team's limit forbids, shape (people, places, choices); never to stay."""
        full = np.concatenate([[0], (self._mates >= self._limit).cumsum()])
        begin = np.clip(start - self._coverage.first_minute, 0, len(full) - 1)
        end = np.clip(start - self._coverage.first_minute + length[:, :, None], 0, len(full) - 1)
        closed = np.asarray(full[end] > full[begin], dtype=bool)
        closed[:, :, start.shape[2] // 2] = False
        return closed

    def _orders(self, start: int) -> Iterator[Remaining]:
        """Yield the orders in which the other breaks can lie around the wished one at a start."""
        if not self._movable:
            return
        asked = StandingBreak(self._asked.position, self._asked.kind, start, start + self._length, is_recorded=True)
        reach = self._params.largest_move_minutes
        slack = [reach if one.position in self._movable else 0 for one in self._others]
        for place in range(len(self._others) + 1):
            before = all(one.end_minute - by <= start for one, by in zip(self._others[:place], slack[:place], strict=True))
            after = all(
                one.start_minute + by >= start + self._length for one, by in zip(self._others[place:], slack[place:], strict=True)
            )
            if before and after:
                order = (*self._others[:place], asked, *self._others[place:])
                yield Remaining(self._index, self._person, order, self._movable)
