"""Moving waiting jobs from queue to queue, and back, in short steps while others claim them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine

from scheduling.errors import ConflictError
from scheduling.times import Clock
from services.moves import MoveJobs
from storage import steering
from storage.actions import FloorAction, action_with_id, record_action
from storage.steering import Fate

UNDO_FINISHED: Final = "undo_finished"
"""Written when the last job of an undo is back; an undo without it was interrupted, and goes on when it is asked for again."""


@dataclass(frozen=True)
class Pace:
    """How jobs are moved while others claim them.

    Parameters
    ----------
    chunk
        Jobs moved in one short transaction.
    pause_seconds
        Rest after each, so that claims are not slowed down.
    """

    chunk: int = 500
    pause_seconds: float = 0.02
    sleep: Callable[[float], None] = time.sleep

    def rest(self) -> None:
        """Wait until the next chunk."""
        if self.pause_seconds > 0:
            self.sleep(self.pause_seconds)


@dataclass(frozen=True)
class Undone:
    """What an undo did.

    Parameters
    ----------
    action_id
        Its own entry in the history.
    returned
        Jobs that went back into their queue.
    fate
        What had become of all jobs that were moved, before the first went back; nothing when no jobs were.
    """

    action_id: int
    returned: int
    fate: Fate | None

    @property
    def words(self) -> str:
        """What is back and what is not, in one sentence."""
        if self.fate is None:
            return "Everything is as it was before."
        gone = [
            f"{count:,} {what}"
            for count, what in (
                (self.fate.answered, "answered meanwhile"),
                (self.fate.leased, "in somebody's hands"),
                (self.fate.cancelled, "cancelled"),
                (self.fate.waiting_elsewhere, "moved on by somebody"),
            )
            if count
        ]
        stays = f"; {', '.join(gone)}" if gone else ""
        return f"{self.returned:,} of {self.fate.moved:,} jobs are back{stays}."


@contextmanager
def held(engine: Engine, action_id: int, *, wait: bool) -> Iterator[Connection | None]:
    """Give a connection that holds the lock of an action across its transactions; nothing when another one holds it."""
    with engine.connect() as connection:
        with connection.begin():
            is_held = steering.hold_move(connection, action_id, wait=wait)
        try:
            yield connection if is_held else None
        finally:
            connection.rollback()
            if is_held:
                with connection.begin():
                    steering.leave_move(connection, action_id)


def move_jobs(engine: Engine, action_id: int, move: MoveJobs, pace: Pace) -> int:
    """Move the jobs of an action in short transactions; return how many. It ends early when its undo begins."""
    moved, last = 0, None
    with held(engine, action_id, wait=True) as connection:
        assert connection is not None  # noqa: S101 - whoever waits for the lock gets it.
        while moved < move.count:
            limit = min(pace.chunk, move.count - moved)
            with connection.begin():
                if steering.is_undone(connection, action_id):
                    break
                chunk = steering.move_chunk(connection, action_id, move.from_queue_id, move.to_queue_id, limit=limit, before=last)
            moved, last = moved + chunk.moved, chunk.last
            if last is None:
                break
            pace.rest()
    return moved


def undone_already(connection: Connection, action: FloorAction) -> ConflictError:
    """Return the error that says who has undone an action."""
    undone = action_with_id(connection, action.undone_by_id or action.id)
    return ConflictError(f"{action.subject}: {undone.actor} has undone this already; an action is undone only once.")


def return_jobs(
    engine: Engine, action: FloorAction, undo_id: int, move: MoveJobs, *, is_first: bool, by: str, clock: Clock, pace: Pace
) -> Undone:  # fmt: skip
    """Put jobs back in short transactions; the move itself, if it is still under way, is waited for."""
    returned, after = 0, 0
    with held(engine, action.id, wait=is_first) as connection:
        if connection is None:
            raise ConflictError(f"{action.subject}: this is being undone at this moment; look at the history again.")
        with connection.begin():
            if not is_first and steering.finish_of(connection, action.site_id, action.id, UNDO_FINISHED) is not None:
                raise undone_already(connection, action)
            fate = steering.fate_of(connection, action.id, move.to_queue_id)
        while True:
            with connection.begin():
                count, last = steering.return_chunk(
                    connection, action.id, undo_id, move.to_queue_id, limit=pace.chunk, after=after
                )
            returned += count
            if last is None:
                break
            after = last
            pace.rest()
        undone = Undone(undo_id, returned, fate)
        with connection.begin():
            _record_finish(connection, action, undone, by=by, at=clock.now())
        return undone


def _record_finish(connection: Connection, action: FloorAction, undone: Undone, *, by: str, at: datetime) -> None:
    record_action(
        connection,
        action.site_id,
        at=at,
        by=by,
        kind=UNDO_FINISHED,
        subject=action.subject,
        why="",
        before={},
        after={"action_id": action.id, "returned": undone.returned, "words": undone.words},
    )
