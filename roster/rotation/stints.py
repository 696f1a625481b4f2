"""Stints: every run of work that the rules allow, from its first shift to its last.

Becker, Schiffer and Walther call a run of work with the rest after it a stint. Here the two are pieces of their own, which
keeps the number of pieces a sum and not a product; what they know of each other stands in the node between them.
"""

from __future__ import annotations

from collections.abc import Iterator

from scheduling.errors import SchedulingError
from scheduling.rotation import RotationRules

Letters = tuple[int, ...]
MOST_STINTS = 20_000
"""Rules that allow more are refused: no planner means them, and the integer programme grows with their number."""


class LooseRulesError(SchedulingError):
    """The rules of the rotation leave too many different runs of work; narrow the lengths of runs or forbid some successions."""


def work_stints(rules: RotationRules) -> tuple[Letters, ...]:
    """Return every run of work, shorter beginnings first.

    Raises
    ------
    LooseRulesError
        When there are more than `MOST_STINTS`.
    """
    found: list[Letters] = []
    for stint in _grown((), rules):
        found.append(stint)
        if len(found) > MOST_STINTS:
            raise LooseRulesError(LooseRulesError.__doc__)
    return tuple(found)


def _grown(begun: Letters, rules: RotationRules) -> Iterator[Letters]:
    """Yield `begun` if it is long enough, and everything that grows from it block by block."""
    least, most = rules.work
    if least <= len(begun):
        yield begun
    for shift, (shortest, longest) in enumerate(rules.blocks):
        if begun and (begun[-1] == shift or (begun[-1], 0, shift) in rules.forbidden):
            continue
        top = 1 if (shift, 0, shift) in rules.forbidden else longest
        for length in range(shortest, min(top, most - len(begun)) + 1):
            yield from _grown((*begun, *[shift] * length), rules)
