"""The answers to a wish for a break at another time."""

from __future__ import annotations

from dataclasses import dataclass

from breaks.floor import Minutes
from breaks.sequence import Clock, SequenceFault, fault_words
from scheduling.plan import BreakPattern

NO_COST = 1e-6
"""Weighted head-minutes that are rounding."""


@dataclass(frozen=True)
class ShiftedBreak:
    """A break at another time; starts lie on the axis of the floor, `position` in the pattern that was in force."""

    position: int
    kind: str
    length_minutes: int
    from_minute: int
    to_minute: int


@dataclass(frozen=True)
class WorseInterval:
    """An interval and skill (column of the requirement) with more heads missing than before."""

    minutes: Minutes
    skill: int
    short_before: float
    short_after: float


@dataclass(frozen=True)
class BreakOffer:
    """Breaks that a person may have.

    Parameters
    ----------
    asked
        The wished break.
    pattern
        All breaks of the shift, in the order of time.
    others
        Other breaks that give way.
    cost
        Weighted head-minutes of shortage more than now; below zero when it covers better.
    short_minutes
        Head-minutes of shortage more than now, without weights.
    worse
        Where heads would be missing that are not missing now.
    """

    asked: ShiftedBreak
    pattern: BreakPattern
    others: tuple[ShiftedBreak, ...]
    cost: float
    short_minutes: float
    worse: tuple[WorseInterval, ...]

    @property
    def is_free(self) -> bool:
        """Whether coverage loses nothing."""
        return self.cost <= NO_COST


@dataclass(frozen=True)
class Yes:
    """Legal, and coverage loses nothing."""

    offer: BreakOffer


@dataclass(frozen=True)
class YesAtCost:
    """Legal, but coverage loses."""

    offer: BreakOffer


@dataclass(frozen=True)
class No:
    """Not legal, with every reason and the nearest start that is; ``None`` when there is none."""

    reasons: tuple[SequenceFault, ...]
    nearest: BreakOffer | None


Answer = Yes | YesAtCost | No


def answer_words(answer: Answer, clock: Clock) -> str:
    """Return an answer in plain words; `clock` writes a minute of the axis of the floor as local time."""
    if isinstance(answer, Yes):
        return f"Yes: {_times(answer.offer, clock)}."
    if isinstance(answer, YesAtCost):
        return f"Yes, {_cost(answer.offer, clock)}: {_times(answer.offer, clock)}."
    reasons = "; ".join(fault_words(reason, clock) for reason in answer.reasons)
    if answer.nearest is None:
        return f"No: {reasons}. No other start can be offered."
    cost = "" if answer.nearest.is_free else f", {_cost(answer.nearest, clock)}"
    return f"No: {reasons}. The nearest yes is {_times(answer.nearest, clock)}{cost}."


def _times(offer: BreakOffer, clock: Clock) -> str:
    others = [f"the {one.kind} of {clock(one.from_minute)} at {clock(one.to_minute)}" for one in offer.others]
    return ", with ".join(
        [f"the {offer.asked.kind} at {clock(offer.asked.to_minute)}", *([" and ".join(others)] if others else [])]
    )


def _cost(offer: BreakOffer, clock: Clock) -> str:
    when = " and ".join(f"{clock(first)} to {clock(end)}" for first, end in worse_spans(offer))
    return f"at {lost_minutes(offer):.0f} head-minutes short from {when}"


def worse_spans(offer: BreakOffer) -> list[Minutes]:
    """Return when more heads are missing than before; intervals that touch are one."""
    spans: list[Minutes] = []
    for first, end in sorted({one.minutes for one in offer.worse}):
        if spans and spans[-1][1] == first:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((first, end))
    return spans


def lost_minutes(offer: BreakOffer) -> float:
    """Return the head-minutes that are missing more than before."""
    return sum((one.short_after - one.short_before) * (one.minutes[1] - one.minutes[0]) for one in offer.worse)
