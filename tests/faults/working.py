"""A process that works as associates do, and says what was acknowledged; tests kill it in the middle.

Run ``python tests/faults/working.py URL FIRST COUNT``: associates FIRST to FIRST + COUNT - 1, in turn, without end.
"""

from __future__ import annotations

import sys

from sqlalchemy import make_url

from scheduling.errors import ConflictError, SchedulingError
from scheduling.times import SystemClock
from services import work
from storage.database import engine_at


def main() -> None:
    """Work until killed; a line for each answer that was taken."""
    url, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    engine, clock = engine_at(make_url(url), pool_size=1), SystemClock()
    while True:
        for associate in range(first, first + count):
            try:
                task = work.next_work(engine, associate, clock=clock).open
                if task is not None:
                    work.answer(engine, associate, task.task_id, task.token, {"verdict": "ok"}, clock=clock)
                    sys.stdout.write(f"{task.task_id}\n")
                    sys.stdout.flush()
            except ConflictError as error:
                sys.stdout.write(f"refused {error}\n")
            except SchedulingError:
                # The database is away; whoever works tries again.
                engine.dispose()


if __name__ == "__main__":
    main()
