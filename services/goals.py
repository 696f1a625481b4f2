"""Goals: what is asked of an associate in a queue, in steps that rise with tenure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Final

from sqlalchemy import Engine

from scheduling.errors import BadInputError, Fault, NotFoundError
from scheduling.times import Clock
from storage import quality
from storage.actions import record_action
from storage.errors import domain_errors
from storage.quality import GoalStepRow

__all__ = ["GoalStepRow", "QueueGoals", "goals_of", "save_goals", "step_faults"]

MOST_STEPS: Final = 12
MOST_WEEKS: Final = 520
MOST_SECONDS: Final = 3600.0
CHANGED: Final = "goals changed"


@dataclass(frozen=True)
class QueueGoals:
    """The steps of one queue, by week; empty where nothing is asked yet."""

    queue_id: int
    queue: str
    steps: tuple[GoalStepRow, ...]


def goals_of(engine: Engine, site_id: int) -> tuple[QueueGoals, ...]:
    """Return the goals of every queue of a site, by name."""
    with domain_errors(), engine.connect() as connection:
        steps = quality.goal_steps(connection, site_id)
        queues = quality.queues_of(connection, site_id)
    return tuple(QueueGoals(queue.id, queue.name, steps.get(queue.id, ())) for queue in queues)


def step_faults(steps: Sequence[GoalStepRow]) -> list[Fault]:
    """Return everything that is wrong with steps; the row of a fault is the position of its step, from 1."""
    faults = [fault for number, step in enumerate(steps, 1) for fault in _own_faults(number, step)]
    if steps and steps[0].from_week != 1:
        faults.append(
            _fault(1, "from_week", steps[0].from_week, "The first step begins in week 1, so that everybody has a goal.")
        )
    for number, (before, step) in enumerate(pairwise(steps), 2):
        if step.from_week <= before.from_week:
            faults.append(_fault(number, "from_week", step.from_week, f"Begin after week {before.from_week}."))
        if step.accuracy_share < before.accuracy_share:
            faults.append(_fault(number, "accuracy_share", step.accuracy_share, "A later step asks for no less accuracy."))
        if step.seconds_per_job > before.seconds_per_job:
            faults.append(_fault(number, "seconds_per_job", step.seconds_per_job, "A later step allows no more seconds."))
    if len(steps) > MOST_STEPS:
        faults.append(_fault(None, "", "", f"At most {MOST_STEPS} steps; leave some out."))
    return faults


def _own_faults(number: int, step: GoalStepRow) -> list[Fault]:
    checks = (
        ("from_week", 1 <= step.from_week <= MOST_WEEKS, f"A week of tenure from 1 to {MOST_WEEKS}."),
        ("accuracy_share", 0 < step.accuracy_share <= 1, "A share above 0 and at most 100 %."),
        ("seconds_per_job", 0 < step.seconds_per_job <= MOST_SECONDS, f"Seconds above 0, at most {MOST_SECONDS:.0f}."),
    )
    return [_fault(number, name, getattr(step, name), reason) for name, is_right, reason in checks if not is_right]


def _fault(row: int | None, column: str, value: object, reason: str) -> Fault:
    return Fault("goals", row, column, str(value), reason)


def save_goals(engine: Engine, site_id: int, queue_id: int, steps: Sequence[GoalStepRow], *, by: str, clock: Clock) -> None:
    """Replace the steps of a queue, with a line in the history; from now on quality is held against them.

    Raises
    ------
    BadInputError
        With every fault of the steps.
    NotFoundError
        When the site has no such queue.
    """
    if faults := step_faults(steps):
        raise BadInputError(faults)
    with domain_errors(), engine.begin() as connection:
        names = {queue.id: queue.name for queue in quality.queues_of(connection, site_id)}
        if queue_id not in names:
            raise NotFoundError(f"There is no queue {queue_id} at this site.")
        before = quality.goal_steps(connection, site_id).get(queue_id, ())
        if before == tuple(steps):
            return
        quality.replace_goal_steps(connection, queue_id, steps)
        record_action(
            connection,
            site_id,
            at=clock.now(),
            by=by,
            kind=CHANGED,
            subject=names[queue_id],
            why="",
            before={"steps": [asdict(step) for step in before]},
            after={"steps": [asdict(step) for step in steps]},
        )
