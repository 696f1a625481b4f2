"""The search for moves of breaks: the most gain a moved break first, until nobody's gain is worth its moves.

Everybody is priced exactly against the coverage that all others leave. Changes that touch no common interval are made in one
stroke, each only if it still keeps most of its promise, and whoever meets other prices afterwards is priced again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breaks.chains import Chains
from breaks.floor import Minutes
from breaks.floor_coverage import FloorCoverage
from breaks.repair_params import RepairParams
from breaks.retiming import RULE_MINUTE, best_choices, change_of, coverage_losses, plain_losses
from breaks.team_load import TeamLoad

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_GAIN = 1e-6
"""Weighted head-minutes below which a gain is rounding."""

FEWER_MOVES_PRICES = (4.0, 16.0, 64.0, 256.0)
"""Prices on top that are tried for people whose best breaks would need more moves than are left."""

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
class _Offers:
    """What some people could change: the choices found, what they are worth a moved break, and what they gain."""

    chains: Chains
    now: Ints
    taken: Ints
    losses: Floats
    found: Ints
    score: Floats
    promise: Floats


class RepairSearch:
    """The state of the search: the choice of every break, and the coverage that is left."""

    def __init__(self, chains: Chains, coverage: FloorCoverage, teams: TeamLoad, params: RepairParams) -> None:
        self.chains, self.coverage, self._teams, self._params = chains, coverage, teams, params
        self.choice = np.full(chains.position.shape, chains.middle, dtype=np.int64)
        self._plain = plain_losses(chains, params.price_per_move)
        self.changes = coverage.changes(np.arange(coverage.rows))
        self.taken = chains.taken(self.choice, coverage.rows)
        self._promised, self._promised_taken = self.choice.copy(), self.taken.copy()
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
        offers = _Offers(chains, now, taken, losses, found, score, promise)
        short = np.flatnonzero(_may_produce_more(chains, found))
        self._try(offers, short, -chains.saved[short], PRODUCTIVE_PRICES)
        over = np.flatnonzero((chains.moves(found) - chains.moves(now) > self._room()) & (score < SCORE_OF_RULES))
        score[over] = 0.0
        moves = np.arange(losses.shape[2]) != chains.middle
        self._try(offers, over, np.broadcast_to(moves.astype(np.int64), losses[over].shape), FEWER_MOVES_PRICES)
        self._promised[which], self._promised_taken[which] = found, chains.taken(found, self.coverage.rows)
        self._score[which], self._promise[which] = score, promise

    def _try(self, offers: _Offers, which: Ints, surcharge: Ints, prices: Sequence[float]) -> None:
        """Solve for some people again with a surcharge on choices, and keep what is worth more and within the most moves."""
        if not len(which):
            return
        chains, now, taken = offers.chains.part(which), offers.now[which], offers.taken[which]
        for price in prices:
            found = best_choices(chains, offers.losses[which] + price * surcharge)
            score, promise = self._worth(chains, now, found, taken)
            fits = (chains.moves(found) - chains.moves(now) <= self._room()) | (score >= SCORE_OF_RULES)
            wins = np.flatnonzero(fits & (score > offers.score[which]))
            offers.found[which[wins]], offers.score[which[wins]] = found[wins], score[wins]
            offers.promise[which[wins]] = promise[wins]

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
        touched = self.taken[tried] != self._promised_taken[tried]
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
        more = self.taken[members] - self._promised_taken[members]
        member, row = np.nonzero(more)
        width, group = self.coverage.interval_minutes, self.chains.group[members]
        saved = self.coverage.balance.saved(row)
        change = self.coverage.apply(row, group[member], np.clip(more[member, row], -width, width))
        gain = -np.bincount(member, weights=change, minlength=len(members)) - self._params.price_per_move * self._extra(members)
        mended = self._score[members] >= SCORE_OF_RULES
        kept = mended | ((gain > LEAST_GAIN) & (gain >= EAGERNESS * self._promise[members]))
        self.coverage.balance.restore(row, saved, ~kept[member])
        for who in members[~kept].tolist():
            self._teams.put(int(self.chains.index[who]), *reversed(self._spans(who)))
        done = members[kept]
        self.choice[done], self.taken[done] = self._promised[done], self._promised_taken[done]
        self._mended[members[mended]] = True
        self._gained += np.inf if mended.any() else float(gain[kept].sum())
        changed = np.zeros(self.coverage.rows, dtype=bool)
        changed[row[kept[member]]] = True
        return bool(kept.any()), changed

    def _within_limits(self, stroke: Ints) -> Ints:
        """Return those of a stroke whose change no limit forbids, and count them towards the limits of teams."""
        room, able = self._room(), []
        for who, more in zip(stroke.tolist(), self._extra(stroke).tolist(), strict=True):
            for_rules = self._score[who] >= SCORE_OF_RULES
            if (for_rules or more <= room) and self._teams.move(int(self.chains.index[who]), *self._spans(who)):
                able.append(who)
                room -= 0 if for_rules else more
        return np.array(able, dtype=np.int64)

    def _extra(self, which: Ints) -> Ints:
        """Return how many more breaks would be moved by the promised change of each, shape (which,)."""
        moved = [choice[which] != self.chains.middle for choice in (self._promised, self.choice)]
        return np.asarray(moved[0].sum(axis=1) - moved[1].sum(axis=1), dtype=np.int64)

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
