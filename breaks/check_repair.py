"""The independent checker of repairs: plain rules on plain minutes, knowing nothing of how moves are found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from breaks.floor import Floor, OnShift, standing_breaks
from breaks.repair_params import RepairParams
from breaks.repair_result import BreakMove, Repair
from breaks.sequence import SequenceFault, sequence_faults
from scheduling.cost import CoverageCost
from scheduling.coverage import Split
from scheduling.plan import BreakSlot
from scheduling.rules import Severity, Violation

Floats = NDArray[np.float64]
Starts = dict[int, list[int]]

REPAIR_RULES = {
    "who_may_move": "Only breaks of people who are there and may be moved are moved.",
    "freeze": "No break that has begun, or starts before the freeze ends, is moved, and none is moved into the freeze.",
    "distance": "No break is moved further than allowed.",
    "most_moves": "No more breaks are moved for coverage than allowed.",
    "patterns": "The new patterns are the old ones with the moves, and only moved people have one.",
    "legal": "Everybody's breaks are legal, or the faults are named, and none is worse off than before.",
    "team_limit": "No team has more on break at once than its limit, or than before where it is beyond it.",
    "coverage": "Shortage before and after are as reported, and not higher after unless somebody's breaks had to be made legal.",
}
"""The rules on repairs, in the order in which they are checked."""

TOLERANCE = 1e-3
"""Weighted head-minutes that two ways of counting may differ by, for each row."""


def check_repair(floor: Floor, params: RepairParams, repair: Repair) -> Iterator[Violation]:
    """Yield every rule that a repair breaks."""
    people = {person.associate_id: person for person in floor.people}
    starts: Starts = {who: list(person.planned_starts) for who, person in people.items()}
    for move in repair.moves:
        yield from _check_move(floor, params, people.get(move.associate_id), move)
        if move.associate_id in people:
            starts[move.associate_id][move.position] = move.to_minute
    yield from _check_patterns(people, starts, repair)
    mended: set[int] = set()
    named = {one.associate_id: one for one in repair.unrepairable}
    for who, person in people.items():
        before = [] if person.is_absent else sequence_faults(person, floor.now_minute)
        after = [] if person.is_absent else sequence_faults(person, floor.now_minute, starts[who])
        if _missed(after) < _missed(before):
            mended.add(who)
        declared = named[who].faults if who in named else ()
        if Counter(declared) != Counter(after):
            yield _violation("legal", who, len(after), f"{len(after)} rules are missed, {len(declared)} are named.")
        if _missed(after) > _missed(before):
            yield _violation("legal", who, _missed(after) - _missed(before), "Rules are missed by more than before.")
    for_coverage = sum(move.associate_id not in mended for move in repair.moves)
    if params.most_moves is not None and for_coverage > params.most_moves:
        yield _violation("most_moves", "", for_coverage - params.most_moves, f"{for_coverage} are, of {params.most_moves}.")
    yield from _check_teams(floor, starts)
    yield from _check_coverage(floor, params.cost, starts, repair, mended=bool(mended))


def _violation(rule: str, who: object, amount: float, message: str) -> Violation:
    return Violation(rule, Severity.BLOCKS_PUBLISHING, str(who), None, float(amount), f"{REPAIR_RULES[rule]} {message}")


def _missed(faults: list[SequenceFault]) -> int:
    """Return the minutes by which rules are missed; breaks that overlap miss the rest between them as well."""
    return sum(fault.amount + (fault.limits[0] if fault.rule == "breaks_apart" else 0) for fault in faults)


def _check_move(floor: Floor, params: RepairParams, person: OnShift | None, move: BreakMove) -> Iterator[Violation]:
    who = move.associate_id
    if person is None or person.is_absent or not person.may_move:
        yield _violation("who_may_move", who, 1, "This person is absent, kept or unknown.")
        return
    opens = floor.now_minute + params.freeze_minutes
    first = min(move.from_minute, move.to_minute)
    if first < opens:
        yield _violation("freeze", who, opens - first, f"Break {move.position} starts or would start at minute {first}.")
    if move.position in person.records:
        yield _violation("freeze", who, 1, f"Break {move.position} is recorded.")
    if abs(move.to_minute - move.from_minute) > params.largest_move_minutes:
        yield _violation("distance", who, abs(move.to_minute - move.from_minute), f"Break {move.position} moves too far.")
    slot = person.pattern[move.position]
    if (move.from_minute, move.kind) != (person.start_minute + slot.start_minute, person.policy.breaks[slot.kind].kind):
        yield _violation("patterns", who, 1, f"Break {move.position} is not where or what the move says.")


def _check_patterns(people: dict[int, OnShift], starts: Starts, repair: Repair) -> Iterator[Violation]:
    for who, person in people.items():
        slots = [
            BreakSlot(start - person.start_minute, slot.kind) for start, slot in zip(starts[who], person.pattern, strict=True)
        ]
        wanted = tuple(sorted(slots)) if tuple(starts[who]) != person.planned_starts else None
        if repair.patterns.get(who) != wanted:
            yield _violation("patterns", who, 1, "The pattern is not the old one with the moves.")


def _check_teams(floor: Floor, starts: Starts) -> Iterator[Violation]:
    counts: dict[str, list[Counter[int]]] = defaultdict(lambda: [Counter(), Counter()])
    for person in floor.people:
        if person.team in floor.team_limits and not person.is_absent:
            for which, planned in enumerate((None, starts[person.associate_id])):
                for one in standing_breaks(person, floor.now_minute, planned):
                    counts[person.team][which].update(range(one.start_minute, one.end_minute))
    for team, (before, after) in sorted(counts.items()):
        limit = floor.team_limits[team]
        beyond = {minute: count for minute, count in after.items() if count > max(limit, before[minute])}
        if beyond:
            worst = max(sorted(beyond), key=lambda minute: beyond[minute])
            words = f"{beyond[worst]} of team {team} are on break at minute {worst}, at most {limit} may be."
            yield _violation("team_limit", team, beyond[worst] - limit, words)


def _check_coverage(floor: Floor, cost: CoverageCost, starts: Starts, repair: Repair, *, mended: bool) -> Iterator[Violation]:
    planned = {person.associate_id: list(person.planned_starts) for person in floor.people}
    reported = (repair.effect.cost_before, repair.effect.cost_after)
    for when, value, of in zip(("before", "after"), reported, (planned, starts), strict=True):
        counted = _shortage(floor, cost, of)
        if abs(counted - value) > TOLERANCE * max(1, len(floor.required)):
            yield _violation(
                "coverage", "", abs(counted - value), f"Shortage {when}: reported {value:.3f}, counted {counted:.3f}."
            )
    if not mended and reported[1] > reported[0] + TOLERANCE:
        yield _violation("coverage", "", reported[1] - reported[0], "Shortage rises although all breaks were legal.")


def _shortage(floor: Floor, cost: CoverageCost, starts: Starts) -> float:
    """Return the weighted head-minutes of shortage from the interval of now to the last end of a shift, minute by minute."""
    width, (intervals, skills) = floor.interval_minutes, floor.required.shape
    groups = sorted({tuple(sorted(person.skills)) for person in floor.people})
    worked = np.zeros((len(groups), intervals * width), dtype=np.int64)
    for person in floor.people:
        if not person.is_absent:
            at_work = set(range(person.start_minute, person.end_minute))
            for first, end in person.lost:
                at_work.difference_update(range(first, end))
            for one in standing_breaks(person, floor.now_minute, starts[person.associate_id]):
                if not person.policy.breaks[one.kind].productive:
                    at_work.difference_update(range(one.start_minute, one.end_minute))
            minutes = np.array(sorted(at_work), dtype=np.int64) - floor.first_minute
            worked[groups.index(tuple(sorted(person.skills))), minutes[(minutes >= 0) & (minutes < intervals * width)]] += 1
    last = max([floor.now_minute + 1, *(person.end_minute for person in floor.people)])
    rows = slice(max(0, (floor.now_minute - floor.first_minute) // width), max(0, -(-(last - floor.first_minute) // width)))
    units = worked.reshape(len(groups), intervals, width).sum(axis=2)[:, rows]
    allowed = np.array([[skill in group for skill in range(skills)] for group in groups], dtype=bool).reshape(-1, skills)
    short = CoverageCost(short_steps=cost.short_steps, over_steps=(), least_step_heads=cost.least_step_heads)
    required = floor.required[rows]
    heads = Split(allowed, required, width, short, units).heads
    return float(short.of(heads, required).sum() * width)
