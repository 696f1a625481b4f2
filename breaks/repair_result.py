"""What a repair of breaks moves, gains and cannot mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from breaks.floor_coverage import CoverageEffect
from breaks.sequence import Clock, SequenceFault, fault_words
from scheduling.plan import BreakPattern


class MoveReason(StrEnum):
    """Why a break is moved."""

    COVERAGE = "covers better"
    RULES = "keeps the rules"


@dataclass(frozen=True)
class BreakMove:
    """One break that is to start at another time.

    Parameters
    ----------
    position
        Which break of the pattern in force, from 0.
    kind
        Name of the kind of break.
    length_minutes
        How long the break is.
    from_minute, to_minute
        Starts, on the axis of the floor.
    gain
        Weighted head-minutes of shortage that would come back if this break alone stayed where it was; below zero when it moves
        for the rules or makes room for another.
    """

    associate_id: int
    position: int
    kind: str
    length_minutes: int
    from_minute: int
    to_minute: int
    gain: float
    reason: MoveReason


@dataclass(frozen=True)
class Unrepairable:
    """A person whose breaks cannot all be legal any more; the nearest to it was chosen.

    Parameters
    ----------
    happened
        Faults of breaks that have begun or start before the freeze ends, and of the shift as a whole.
    out_of_reach
        Faults that a break which may move has a part in, but no allowed move mends.
    """

    associate_id: int
    happened: tuple[SequenceFault, ...]
    out_of_reach: tuple[SequenceFault, ...]

    @property
    def faults(self) -> tuple[SequenceFault, ...]:
        """All faults."""
        return (*self.happened, *self.out_of_reach)


@dataclass(frozen=True)
class Repair:
    """A repair of the breaks on the floor.

    Parameters
    ----------
    patterns
        The new pattern of everybody of whom a break moves, by associate.
    moves
        Every moved break, in the order of the old starts.
    unrepairable
        Who cannot be brought inside the rules any more, in the order of the floor.
    effect
        Coverage before and after.
    """

    patterns: Mapping[int, BreakPattern]
    moves: tuple[BreakMove, ...]
    unrepairable: tuple[Unrepairable, ...]
    effect: CoverageEffect

    @property
    def gain(self) -> float:
        """Weighted head-minutes of shortage saved; below zero when keeping the rules costs coverage."""
        return self.effect.cost_before - self.effect.cost_after


def move_words(move: BreakMove, clock: Clock) -> str:
    """Return a move in a planner's words, without who; `clock` writes a minute of the axis of the floor as local time."""
    what = f"{move.kind} of {move.length_minutes} minutes from {clock(move.from_minute)} to {clock(move.to_minute)}"
    if move.reason is MoveReason.RULES:
        return f"{what}, so that the breaks keep the rules"
    if move.gain > 0:
        return f"{what}, which saves {move.gain:.0f} weighted minutes of shortage"
    return f"{what}, to make room for another break"


def unrepairable_words(person: Unrepairable, clock: Clock) -> str:
    """Return why a person's breaks cannot be made legal in a planner's words, without who; `clock` as in `move_words`."""
    parts = {
        "It has happened: ": person.happened,
        "No break can be moved far enough to mend this: ": person.out_of_reach,
    }
    return " ".join(f"{lead}{'; '.join(fault_words(one, clock) for one in faults)}." for lead, faults in parts.items() if faults)


def repair_words(repair: Repair) -> str:
    """Return what a repair does in one sentence."""
    if not repair.moves:
        return "No break is worth moving."
    people, saved = len(repair.patterns), repair.effect.short_minutes_saved
    what = f"{_count(len(repair.moves), 'break')} of {_count(people, 'associate')}"
    effect = f"{abs(saved):.0f} head-minutes {'less' if saved >= 0 else 'more'} shortage"
    return f"Moving {what} leaves {effect}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
