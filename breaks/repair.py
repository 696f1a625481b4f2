"""The repair of breaks on the day: as few breaks as it takes move, each a little, to keep the rules and to cover better.

Every person's remaining breaks are re-timed exactly against the coverage that all others leave, with a price on every break that
moves. The changes that gain the most a moved break are made first, those that share no interval in one stroke, and whoever's
intervals have changed is priced again, until nobody's gain is worth its moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from breaks.chain_layout import Remaining, lay_out, remaining_of
from breaks.chains import Chains
from breaks.floor import Floor, Minutes, OnShift
from breaks.floor_coverage import FloorCoverage
from breaks.repair_result import BreakMove, MoveReason, Repair, Unrepairable
from breaks.retiming import RULE_MINUTE, best_choices, change_of, coverage_losses, plain_losses
from breaks.sequence import SequenceFault, sequence_faults
from breaks.team_load import TeamLoad
from scheduling.cost import CoverageCost
from scheduling.plan import BreakPattern
from scheduling.shifts import BreakPolicy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_GAIN = 1e-6
"""Weighted head-minutes below which a gain is rounding."""

SCORE_OF_RULES = 1e4
"""A change of this worth a moved break is made for the rules; coverage gains less."""

EAGERNESS = 0.5
"""Share of the best gain a move that others must reach for the same round, and share of its promise that a change must keep."""

LEAST_SWEEP_GAIN = 1e-3
"""Share of the cost that must be gained between two pricings of everybody for the second to be made."""

IDLE_STROKES = 4
"""After so many strokes in a row that make nothing, people are priced again."""

PRODUCTIVE_PRICES = (0.5, 2.0, 8.0, 32.0, 1e4)
"""Prices of a minute of break outside lost time that are tried for people whose productive minutes fall short."""


@dataclass(frozen=True)
class RepairParams:
    """What may move, and what a move must be worth.

    Parameters
    ----------
    freeze_minutes
        Breaks that start earlier than this from now stay, and none is moved to an earlier start than this from now.
    largest_move_minutes
        How far a break may move from its start in force.
    price_per_move
        Weighted head-minutes of shortage that a moved break must save; 6 is one head missing for three minutes.
    most_moves
        Most breaks to move for coverage; ``None`` for no limit. Moves that rules ask for are made in any case.
    cost
        How shortage is weighted; only its shortage matters here.
    most_rounds
        Most times that people are priced again; rules are kept first, so that an early end costs coverage only.
    """

    freeze_minutes: int = 60
    largest_move_minutes: int = 30
    price_per_move: float = 6.0
    most_moves: int | None = None
    cost: CoverageCost = field(default_factory=CoverageCost)
    most_rounds: int = 60

    def __post_init__(self) -> None:
        """Refuse numbers below zero, all at once."""
        numbers = {
            name: getattr(self, name) for name in ("freeze_minutes", "largest_move_minutes", "price_per_move", "most_rounds")
        }
        numbers["most_moves"] = 0 if self.most_moves is None else self.most_moves
        wrong = [f"{name} must be a number of 0 or more, not {value}." for name, value in numbers.items() if not value >= 0]
        if wrong:
            raise ValueError(" ".join(wrong))


def repair_breaks(floor: Floor, params: RepairParams | None = None) -> Repair:
    """Return the moves of breaks that are worth making now.

    Breaks that have begun are taken as they were. Everybody whose remaining breaks can be legal, with the productive minutes that
    the policy promises, has legal breaks afterwards; the others are named, with their breaks as near to it as moves can bring
    them. Coverage never gets worse but for moves that rules ask for. The same floor gives the same repair.

    Raises
    ------
    ValueError
        When people combine skills in more ways than can be priced.
    """
    settings = params or RepairParams()
    coverage = FloorCoverage(floor, settings.cost)
    drawn = (remaining_of(floor, index, settings.freeze_minutes) for index in range(len(floor.people)))
    remaining = [one for one in drawn if one is not None]
    chains = lay_out(coverage, remaining, floor.now_minute + settings.freeze_minutes, settings.largest_move_minutes)
    search = _Search(chains, coverage, TeamLoad(floor, coverage), settings)
    if remaining:
        search.run()
    return _result(floor, remaining, search)


class _Search:
    """The state of the search: the choice of every break, and the coverage that is left."""

    def __init__(self, chains: Chains, coverage: FloorCoverage, teams: TeamLoad, params: RepairParams) -> None:
        self.chains, self.coverage, self._teams, self._params = chains, coverage, teams, params
        self.choice = np.full(chains.position.shape, chains.middle, dtype=np.int64)
        self._plain = plain_losses(chains, params.price_per_move)
        self.changes = coverage.changes(np.arange(coverage.rows))
        self.taken = chains.taken(self.choice, coverage.rows)
        self._promised = self.choice.copy()
        self._promise = np.zeros(len(chains))
        self._score = np.full(len(chains), np.inf)
        self._stale = np.ones(len(chains), dtype=bool)
        self._reach = self._rows_in_reach()
        self._mended = np.zeros(len(chains), dtype=bool)
        self._gained = 0.0

    def _rows_in_reach(self) -> Bools:
        """Return which rows the breaks of each may touch, shape (people, rows)."""
        chains, rows = self.chains, self.coverage.rows
        reach = np.zeros((len(chains), rows), dtype=bool)
        people, places, choices, touched = np.nonzero(chains.minutes)
        reach[people, np.minimum(chains.row[people, places, choices] + touched, rows - 1)] = True
        return reach

    def run(self) -> None:
        """Make the changes that gain most, round after round, until none is worth its moves."""
        for _ in range(self._params.most_rounds):
            if self._best_score() <= LEAST_GAIN:
                # All gains known are taken; what they have left to others is worth a look when they were not tiny.
                if self._gained < LEAST_SWEEP_GAIN * self.coverage.total(self.coverage.balance.heads):
                    return
                self._gained = 0.0
                self._price(np.flatnonzero(self._stale))
            best = float(self._score.max())
            if best <= LEAST_GAIN:
                return
            self._make_best(np.flatnonzero(~self._stale & (self._score >= EAGERNESS * best)))

    def _best_score(self) -> float:
        """Return the best score, having priced everybody again who may have it."""
        while True:
            best = float(self._score.max())
            due = np.flatnonzero(self._stale & (self._score >= EAGERNESS * best))
            if best <= LEAST_GAIN or not len(due):
                return best
            self._price(due)

    def _make_best(self, tried: Ints) -> None:
        """Make the changes of some people, the best first, as far as they keep their promise."""
        tried = tried[np.argsort(-self._score[tried], kind="stable")]
        changed, idle = np.zeros(self.coverage.rows, dtype=bool), 0
        for stroke in self._strokes(tried):
            kept, rows = self._make(stroke)
            changed |= rows
            # When strokes make nothing any more, what the others were promised is gone too.
            idle = 0 if kept else idle + 1
            if idle >= IDLE_STROKES:
                break
        self._stale[tried] = True
        self._renew(np.flatnonzero(changed))

    def _renew(self, rows: Ints) -> None:
        """Look up the prices of changed rows again, and mark whoever meets a price that is another one now."""
        fresh = self.coverage.changes(rows)
        differs = np.asarray((np.abs(fresh - self.changes[:, rows]) > LEAST_GAIN).any(axis=2), dtype=bool)
        self._stale |= (self._reach[:, rows] & differs[self.chains.group]).any(axis=1)
        self.changes[:, rows] = fresh

    def _price(self, which: Ints) -> None:
        """Find the best breaks of some people against the coverage as it is now."""
        self._score[which], self._stale[which] = 0.0, False
        if not len(which):
            return
        chains, now, taken = self.chains.part(which), self.choice[which], self.taken[which]
        losses = self._plain[which] + coverage_losses(chains, self.changes, taken)
        losses[self._teams.closed(chains, now)] = np.inf
        hopeful = np.flatnonzero(_may_gain(chains, now, losses))
        if not len(hopeful):
            return
        which, chains, now, taken, losses = which[hopeful], chains.part(hopeful), now[hopeful], taken[hopeful], losses[hopeful]
        found = best_choices(chains, losses)
        score, promise = self._worth(chains, now, found, taken)
        short = np.flatnonzero(_may_produce_more(chains, found))
        if len(short):
            part = chains.part(short)
            for price in PRODUCTIVE_PRICES:
                other = best_choices(part, losses[short] - price * part.saved)
                better, gain = self._worth(part, now[short], other, taken[short])
                wins = np.flatnonzero(better > score[short])
                found[short[wins]], score[short[wins]], promise[short[wins]] = other[wins], better[wins], gain[wins]
        extra = chains.moves(found) - chains.moves(now)
        score[(extra > self._room()) & (score < SCORE_OF_RULES)] = 0.0
        self._promised[which], self._score[which], self._promise[which] = found, score, promise

    def _worth(self, chains: Chains, now: Ints, found: Ints, taken: Ints) -> tuple[Floats, Floats]:
        """Return what a change is worth a moved break, rules before coverage, and what it gains less the price of its moves."""
        more = taken - chains.taken(found, self.coverage.rows)
        extra = chains.moves(found) - chains.moves(now)
        promise = -change_of(self.changes, chains.group, more) - self._params.price_per_move * extra
        mended = chains.violation(now) - chains.violation(found)
        changed = (found != now).sum(axis=1)
        worth = np.where(mended > 0, RULE_MINUTE * mended + promise, np.where(mended < 0, 0.0, promise))
        return np.where(changed > 0, worth / np.maximum(1, changed), 0.0), promise

    def _strokes(self, tried: Ints) -> Iterator[Ints]:
        """Part people, the best first, into strokes in which no two change the same row."""
        touched = self.taken[tried] != self.chains.part(tried).taken(self._promised[tried], self.coverage.rows)
        strokes: list[tuple[Bools, list[int]]] = []
        for who, rows in zip(tried.tolist(), touched, strict=True):
            for busy, members in strokes:
                if not (busy & rows).any():
                    np.logical_or(busy, rows, out=busy)
                    members.append(who)
                    break
            else:
                strokes.append((rows.copy(), [who]))
        return (np.array(members, dtype=np.int64) for _, members in strokes)

    def _make(self, members: Ints) -> tuple[bool, Bools]:
        """Make the changes of people who share no row, each unless it gains too little now; return if any, and rows changed."""
        members = self._within_limits(members)
        chains, rows = self.chains.part(members), self.coverage.rows
        taken = chains.taken(self._promised[members], rows)
        member, row = np.nonzero(taken != self.taken[members])
        width, group = self.coverage.interval_minutes, chains.group
        more = np.clip(self.taken[members] - taken, -width, width)
        saved = self.coverage.balance.saved(row)
        change = self.coverage.apply(row, group[member], more[member, row])
        extra = chains.moves(self._promised[members]) - chains.moves(self.choice[members])
        gain = -np.bincount(member, weights=change, minlength=len(members)) - self._params.price_per_move * extra
        mended = chains.violation(self._promised[members]) < chains.violation(self.choice[members])
        kept = mended | ((gain > LEAST_GAIN) & (gain >= EAGERNESS * self._promise[members]))
        self.coverage.balance.restore(row, saved, ~kept[member])
        for who in members[~kept].tolist():
            self._teams.move(int(self.chains.index[who]), *reversed(self._spans(who)))
        done = members[kept]
        self.choice[done], self.taken[done] = self._promised[done], taken[kept]
        self._mended[members[mended]] = True
        self._gained += np.inf if mended.any() else float(gain[kept].sum())
        changed = np.zeros(rows, dtype=bool)
        changed[row[kept[member]]] = True
        return bool(kept.any()), changed

    def _within_limits(self, stroke: Ints) -> Ints:
        """Return those of a stroke whose change no limit forbids, and count them towards the limits of teams."""
        room, middle = self._room(), self.chains.middle
        extra = (self._promised[stroke] != middle).sum(axis=1) - (self.choice[stroke] != middle).sum(axis=1)
        able = []
        for who, more in zip(stroke.tolist(), extra.tolist(), strict=True):
            for_rules = self._score[who] >= SCORE_OF_RULES
            if (for_rules or more <= room) and self._teams.move(int(self.chains.index[who]), *self._spans(who)):
                able.append(who)
                room -= 0 if for_rules else more
        return np.array(able, dtype=np.int64)

    def _room(self) -> float:
        """Return how many more breaks may be moved for coverage: those of people whose breaks kept the rules anyway count."""
        if self._params.most_moves is None:
            return np.inf
        return self._params.most_moves - int(self.chains.moves(self.choice)[~self._mended].sum())

    def _spans(self, who: int) -> tuple[list[Minutes], list[Minutes]]:
        """Return the minutes that breaks of a person leave and take by the promised change."""
        spans = []
        places = np.flatnonzero(self.choice[who] != self._promised[who])
        for choice in (self.choice[who], self._promised[who]):
            begins = self.chains.start[who, places, choice[places]]
            spans.append(list(zip(begins.tolist(), (begins + self.chains.length[who, places]).tolist(), strict=True)))
        return spans[0], spans[1]

    def gains(self, people: Ints, places: Ints) -> tuple[Floats, Bools]:
        """Return what undoing each of some moves alone would cost, and whether it would break rules; shape (moves,)."""
        chains, now = self.chains.part(people), self.choice[people]
        back = now.copy()
        back[np.arange(len(people)), places] = chains.middle
        more = self.taken[people] - chains.taken(back, self.coverage.rows)
        worse = chains.violation(back) > chains.violation(now)
        return change_of(self.changes, chains.group, more), np.asarray(worse & self._mended[people], dtype=bool)


def _may_gain(chains: Chains, now: Ints, losses: Floats) -> Bools:
    """Return who may gain at all, if every break could move for itself or rules are missed that a move may mend, (people,)."""
    here = np.take_along_axis(losses, now[:, :, None], axis=2)[:, :, 0]
    gain = (here - losses.min(axis=2)).sum(axis=1)
    mends = chains.violation(now) > chains.unproductive(now)
    return np.asarray((gain > LEAST_GAIN) | mends | _may_produce_more(chains, now), dtype=bool)


def _may_produce_more(chains: Chains, choice: Ints) -> Bools:
    """Return who has too few productive minutes, and breaks that more of lost time could hold, shape (people,)."""
    most = np.where(chains.may, chains.saved, 0).max(axis=2).sum(axis=1)
    return np.asarray((chains.unproductive(choice) > 0) & (chains.chosen(chains.saved, choice).sum(axis=1) < most), dtype=bool)


def _result(floor: Floor, remaining: list[Remaining], search: _Search) -> Repair:
    chains = search.chains
    people, places = np.nonzero(search.choice != chains.middle)
    gains, rules = search.gains(people, places)
    starts = {one.index: list(one.person.planned_starts) for one in remaining}
    moves = []
    for who, place, gain, for_rules in zip(people.tolist(), places.tolist(), gains.tolist(), rules.tolist(), strict=True):
        one, position = remaining[who], int(chains.position[who, place])
        kind = one.person.policy.breaks[one.person.pattern[position].kind]
        start = int(chains.start[who, place, search.choice[who, place]])
        old, starts[one.index][position] = starts[one.index][position], start
        reason = MoveReason.RULES if for_rules else MoveReason.COVERAGE
        moves.append(BreakMove(one.person.associate_id, position, kind.kind, kind.minutes, old, start, gain, reason))
    changed = sorted({remaining[who].index for who in people.tolist()})
    patterns = {floor.people[index].associate_id: floor.people[index].pattern_of(starts[index]) for index in changed}
    movable = {one.index: one.movable for one in remaining}
    return Repair(
        patterns,
        tuple(sorted(moves, key=lambda move: (move.from_minute, move.associate_id, move.position))),
        tuple(_unrepairable(floor, starts, movable)),
        search.coverage.effect(search.coverage.heads_with({index: starts[index] for index in changed})),
    )


def _unrepairable(floor: Floor, starts: dict[int, list[int]], movable: dict[int, frozenset[int]]) -> Iterator[Unrepairable]:
    """Yield everybody whose breaks are not legal as they stand after the repair."""
    legal: dict[tuple[BreakPolicy, int, BreakPattern], bool] = {}
    for index, person in enumerate(floor.people):
        if person.is_absent:
            continue
        pattern = person.pattern_of(starts[index]) if index in starts else person.pattern
        key = (person.policy, person.end_minute - person.start_minute, pattern)
        # Of people of whom nothing is recorded, equal breaks are judged once.
        plain = not person.actual and not person.lost
        if plain and legal.get(key, False):
            continue
        faults = sequence_faults(person, floor.now_minute, starts.get(index))
        if plain:
            legal[key] = not faults
        if faults:
            yield _split(person, faults, movable.get(index, frozenset()))


def _split(person: OnShift, faults: list[SequenceFault], movable: frozenset[int]) -> Unrepairable:
    happened = tuple(fault for fault in faults if movable.isdisjoint(fault.positions))
    return Unrepairable(person.associate_id, happened, tuple(fault for fault in faults if fault not in happened))
