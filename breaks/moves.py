"""One break of a pattern moved by hand: where it may go while all others stay."""

from __future__ import annotations

from breaks.check import is_legal
from scheduling.plan import BreakPattern, BreakSlot
from scheduling.shifts import BreakPolicy


def moved(pattern: BreakPattern, start_minute: int, to_minute: int) -> BreakPattern:
    """Return a pattern in which the break that starts at one minute of the shift starts at another.

    Raises
    ------
    ValueError
        When no break starts there.
    """
    slot = next((one for one in pattern if one.start_minute == start_minute), None)
    if slot is None:
        raise ValueError(f"No break starts at minute {start_minute} of the shift.")
    others = [one for one in pattern if one is not slot]
    return tuple(sorted([*others, BreakSlot(to_minute, slot.kind)]))


def legal_starts(policy: BreakPolicy, span_minutes: int, pattern: BreakPattern, start_minute: int) -> tuple[int, ...]:
    """Return every minute at which the break could start with all others as they are, its own among them, rising.

    The independent checker decides, so that what is offered is what is taken.

    Raises
    ------
    ValueError
        When no break starts at `start_minute`.
    """
    taken = {one.start_minute for one in pattern} - {start_minute}
    places = (minute for minute in range(0, span_minutes, policy.grid_minutes) if minute not in taken)
    return tuple(minute for minute in places if is_legal(policy, span_minutes, moved(pattern, start_minute, minute)))
