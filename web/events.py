"""Live events of a planning run: hints that something moved, after which a page fetches the state again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic, sleep

from scheduling.errors import SchedulingError

State = dict[str, object]


@dataclass(frozen=True)
class Pace:
    """How often a stream looks and speaks, in seconds.

    Parameters
    ----------
    poll_seconds
        Between two looks at the run.
    heartbeat_seconds
        Silence after which a comment keeps the connection open through proxies.
    life_seconds
        After so long the stream ends and the browser connects again, so that no thread is kept by a forgotten page.
    """

    poll_seconds: float = 0.5
    heartbeat_seconds: float = 20.0
    life_seconds: float = 600.0


def event(name: str, state: State) -> str:
    """Return one event of the protocol."""
    return f"event: {name}\ndata: {json.dumps(state)}\n\n"


def run_events(
    read: Callable[[], State],
    *,
    pace: Pace | None = None,
    now: Callable[[], float] = monotonic,
    wait: Callable[[float], None] = sleep,
) -> Iterator[str]:
    """Yield events while a run moves, the last one named ``ended``.

    `read` opens and closes its own connection to the database, so none is held while the stream waits. When it fails the
    stream ends, and the browser connects again after a time that differs from one to the next.
    """
    pace = pace or Pace()
    yield f"retry: {2000 + secrets.randbelow(3000)}\n\n"
    started = spoken = now()
    last: State | None = None
    while now() - started < pace.life_seconds:
        try:
            state = read()
        except SchedulingError:
            return
        if state["is_ended"]:
            yield event("ended", state)
            return
        if state != last:
            yield event("progress", state)
            last, spoken = state, now()
        elif now() - spoken >= pace.heartbeat_seconds:
            yield ": still here\n\n"
            spoken = now()
        wait(pace.poll_seconds)
