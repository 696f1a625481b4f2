"""Goals of the sample: accuracy and speed that rise with tenure, from what the queues usually take."""

from __future__ import annotations

from typing import Final

from sample.facts import QUEUES

STEPS: Final = ((1, 0.90, 1.35), (5, 0.94, 1.15), (13, 0.96, 1.0))
"""From which week of tenure on, the share of right answers, and the seconds as a multiple of the usual handling time."""


def sample_goals() -> dict[str, tuple[tuple[int, float, float], ...]]:
    """Return by queue the steps of its goals: week, share of right answers, seconds a job."""
    return {
        one.queue.name: tuple((week, accuracy, round(times * one.aht_seconds, 1)) for week, accuracy, times in STEPS)
        for one in QUEUES
    }
