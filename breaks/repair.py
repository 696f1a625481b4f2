"""The repair of breaks on the day: as few breaks as it takes move, each a little, to keep the rules and to cover better."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from breaks.chain_layout import Remaining, lay_out, remaining_of
from breaks.floor import Floor, OnShift
from breaks.floor_coverage import FloorCoverage
from breaks.repair_params import RepairParams
from breaks.repair_result import BreakMove, MoveReason, Repair, Unrepairable
from breaks.repair_search import RepairSearch
from breaks.sequence import SequenceFault, sequence_faults
from breaks.team_load import TeamLoad
from scheduling.plan import BreakPattern
from scheduling.shifts import BreakPolicy

__all__ = ["RepairParams", "repair_breaks"]


def repair_breaks(floor: Floor, params: RepairParams | None = None) -> Repair:
    """Return the moves of breaks that are worth making now.

    Breaks that have begun are taken as they were. Whose breaks are not legal any more gets legal ones, with the productive
    minutes that the policy promises, where allowed moves within the limits of teams can; the others are named, with their breaks
    as near to it as can be. Coverage gets worse only for moves that rules ask for. The same floor gives the same repair.

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
    search = RepairSearch(chains, coverage, TeamLoad(floor, coverage), settings)
    if remaining:
        search.run()
    return _result(floor, remaining, search)


def _result(floor: Floor, remaining: list[Remaining], search: RepairSearch) -> Repair:
    chains = search.chains
    people, places = np.nonzero(search.choice != chains.middle)
    gains, rules = search.gains(people, places)
    changed = sorted({remaining[who].index for who in people.tolist()})
    starts = {index: list(floor.people[index].planned_starts) for index in changed}
    moves = []
    for who, place, gain, for_rules in zip(people.tolist(), places.tolist(), gains.tolist(), rules.tolist(), strict=True):
        one, position = remaining[who], int(chains.position[who, place])
        kind = one.person.policy.breaks[one.person.pattern[position].kind]
        start = int(chains.start[who, place, search.choice[who, place]])
        old, starts[one.index][position] = starts[one.index][position], start
        reason = MoveReason.RULES if for_rules else MoveReason.COVERAGE
        moves.append(BreakMove(one.person.associate_id, position, kind.kind, kind.minutes, old, start, gain, reason))
    patterns = {floor.people[index].associate_id: floor.people[index].pattern_of(starts[index]) for index in changed}
    movable = {one.index: one.movable for one in remaining}
    return Repair(
        patterns,
        tuple(sorted(moves, key=lambda move: (move.from_minute, move.associate_id, move.position))),
        tuple(_unrepairable(floor, starts, movable)),
        search.coverage.effect(search.coverage.heads_with(starts)),
    )


def _unrepairable(floor: Floor, starts: dict[int, list[int]], movable: dict[int, frozenset[int]]) -> Iterator[Unrepairable]:
    """Yield everybody whose breaks are not legal as they stand after the repair."""
    for index, person in enumerate(floor.people):
        if person.is_absent:
            continue
        planned = starts.get(index)
        # Most people stand as planned, and few patterns serve them all.
        if planned is None and _is_as_planned_and_legal(person):
            continue
        faults = sequence_faults(person, floor.now_minute, planned)
        if faults:
            yield _split(person, faults, movable.get(index, frozenset()))


def _is_as_planned_and_legal(person: OnShift) -> bool:
    if person.actual or person.lost:
        return False
    return _is_legal(person.policy, person.end_minute - person.start_minute, person.pattern)


@lru_cache(maxsize=65536)
def _is_legal(policy: BreakPolicy, span_minutes: int, pattern: BreakPattern) -> bool:
    return not sequence_faults(OnShift(0, 0, span_minutes, policy, pattern, frozenset()), 0)


def _split(person: OnShift, faults: list[SequenceFault], movable: frozenset[int]) -> Unrepairable:
    happened = tuple(fault for fault in faults if movable.isdisjoint(fault.positions))
    return Unrepairable(person.associate_id, happened, tuple(fault for fault in faults if fault not in happened))
