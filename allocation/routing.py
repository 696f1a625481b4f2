"""Routing: sending a share of the jobs of one queue to others, evenly and without chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Routed:
    """Where jobs go.

    Parameters
    ----------
    choices
        For each job in the order of arrival the queue it goes to; ``None`` for one that stays.
    credit
        What each route is owed after them.
    """

    choices: tuple[int | None, ...]
    credit: Mapping[int, float]


def spread(shares: Mapping[int, float], credit: Mapping[int, float], jobs: int) -> Routed:
    """Return where jobs go so that each route gets its share of every run of them.

    Every job earns each route its share, and what stays the rest; whoever is owed most gets the job and pays one for it. With one
    route the count in any run of jobs, in whatever batches they come, differs from its share by at most one. Source: smooth
    weighted round robin; R. Tijdeman, The chairman assignment problem, Discrete Mathematics 32(3), 1980.

    Parameters
    ----------
    shares
        By the queue to go to; where they add up to more than one, nothing stays and each gets its part of the whole.
    credit
        What each route is owed before; those of what stays are the negative sum.
    """
    total = sum(shares.values())
    scale = 1 / total if total > 1 else 1.0
    targets: Sequence[int | None] = (None, *sorted(shares))
    earned = [max(0.0, 1 - total), *(shares[queue] * scale for queue in sorted(shares))]
    owed = [0.0, *(credit.get(queue, 0.0) for queue in sorted(shares))]
    owed[0] = -sum(owed)
    chosen: list[int | None] = []
    for _ in range(jobs):
        owed = [before + share for before, share in zip(owed, earned, strict=True)]
        best = max(range(len(owed)), key=lambda place: (owed[place], -place))
        owed[best] -= 1
        chosen.append(targets[best])
    return Routed(tuple(chosen), dict(zip(sorted(shares), owed[1:], strict=True)))
