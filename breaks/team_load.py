"""How many of each team are on break minute by minute, held to the limits of the teams."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from breaks.chains import Chains
from breaks.floor import Floor, Minutes
from breaks.floor_coverage import FloorCoverage

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class TeamLoad:
    """People on break of the teams that have a limit; where a team is beyond it already, nobody more may come.

    Parameters
    ----------
    floor, coverage
        The people, and the minutes that matter.
    """

    def __init__(self, floor: Floor, coverage: FloorCoverage) -> None:
        names = sorted(floor.team_limits)
        number = {team: index for index, team in enumerate(names)}
        self._first, self._minutes = coverage.first_minute, coverage.rows * coverage.interval_minutes
        self._limits: Ints = np.array([floor.team_limits[team] for team in names], dtype=np.int64)
        self.team: Ints = np.array([number.get(person.team, -1) for person in floor.people], dtype=np.int64)
        self._counts = np.zeros((len(names), self._minutes), dtype=np.int64)
        for person, team, standing in zip(floor.people, self.team.tolist(), floor.standing, strict=True):
            if team >= 0 and not person.is_absent:
                for one in standing:
                    self._counts[team, self._part((one.start_minute, one.end_minute))] += 1

    def _part(self, minutes: Minutes) -> slice:
        return slice(max(0, minutes[0] - self._first), max(0, minutes[1] - self._first))

    def closed(self, chains: Chains, choice: Ints) -> Bools:
        """Return which choices would put a team beyond its limit, shape (people, places, choices); never the present choice."""
        closed = np.zeros(chains.start.shape, dtype=bool)
        which = np.flatnonzero(self.team[chains.index] >= 0)
        if not len(which):
            return closed
        team = self.team[chains.index[which]]
        start, length = chains.start[which] - self._first, chains.length[which]
        own = self._own(start, length, choice[which])
        # Without the person there would be one fewer where the person is on break.
        full = (self._counts[team] - own) >= self._limits[team][:, None]
        before = np.zeros((len(which), self._minutes + 1), dtype=np.int64)
        np.cumsum(full, axis=1, out=before[:, 1:])
        begin, end = np.clip(start, 0, self._minutes), np.clip(start + length[:, :, None], 0, self._minutes)
        who = np.arange(len(which))[:, None, None]
        closed[which] = before[who, end] > before[who, begin]
        np.put_along_axis(closed, choice[:, :, None], values=False, axis=2)
        return closed

    def _own(self, start: Ints, length: Ints, choice: Ints) -> Ints:
        """Return 1 where the people themselves are on break, shape (people, minutes)."""
        begin = np.take_along_axis(start, choice[:, :, None], axis=2)[:, :, 0]
        edges = np.zeros((len(start), self._minutes + 1), dtype=np.int64)
        who = np.broadcast_to(np.arange(len(start))[:, None], begin.shape)
        np.add.at(edges, (who, np.clip(begin, 0, self._minutes)), 1)
        np.add.at(edges, (who, np.clip(begin + length, 0, self._minutes)), -1)
        return np.asarray(edges[:, :-1].cumsum(axis=1), dtype=np.int64)

    def move(self, index: int, leaves: Iterable[Minutes], takes: Iterable[Minutes]) -> bool:
        """Move breaks of a person when that brings nobody more beyond the limit; return whether it was done."""
        team, new = int(self.team[index]), list(takes)
        if team < 0:
            return True
        old, counts = list(leaves), self._counts[team]
        self.put(index, old, ())
        fits = all(counts[self._part(minutes)].max(initial=-1) < self._limits[team] for minutes in new)
        self.put(index, (), new if fits else old)
        return fits

    def put(self, index: int, leaves: Iterable[Minutes], takes: Iterable[Minutes]) -> None:
        """Move breaks of a person whatever the limit."""
        team = int(self.team[index])
        if team >= 0:
            for minutes in leaves:
                self._counts[team, self._part(minutes)] -= 1
            for minutes in takes:
                self._counts[team, self._part(minutes)] += 1


def mates_on_break(floor: Floor, coverage: FloorCoverage, index: int) -> Ints:
    """Return how many of a person's team, without the person, are on break in each minute of the coverage, shape (minutes,)."""
    minutes = coverage.rows * coverage.interval_minutes
    edges = np.zeros(minutes + 1, dtype=np.int64)
    team = floor.people[index].team
    for mate, standing in zip(floor.people, floor.standing, strict=True):
        if mate.team == team and not mate.is_absent and mate is not floor.people[index]:
            for one in standing:
                edges[min(max(0, one.start_minute - coverage.first_minute), minutes)] += 1
                edges[min(max(0, one.end_minute - coverage.first_minute), minutes)] -= 1
    return np.asarray(edges[:-1].cumsum(), dtype=np.int64)
