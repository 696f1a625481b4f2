"""The balance of the floor, which holds whatever died when."""

from __future__ import annotations

import time
from collections import Counter

from sqlalchemy import Engine

from benchmarks.floor.server import address, connected

ASSOCIATES = 40
JOBS = 3000
TASKS = JOBS * 105 // 100
"""Five of a hundred jobs want two answers."""


def assert_balanced(engine: Engine, answered: list[int]) -> None:
    """Nothing lost, nothing twice: arrived = waiting + leased + answered + cancelled, and the rules of the schema hold."""
    # What a process had asked for when it was killed may be done a moment later.
    time.sleep(0.5)
    with connected(address(engine)) as connection:
        counts = dict(connection.execute("SELECT state::text, count(*) FROM task GROUP BY state").fetchall())
        assert sum(counts.values()) == TASKS
        assert counts.get("answered", 0) == connection.execute("SELECT count(*) FROM answer").fetchone()[0]  # type: ignore[index]
        stored = {row[0] for row in connection.execute("SELECT task_id FROM answer").fetchall()}
        assert set(answered) <= stored
        assert max(Counter(answered).values(), default=0) <= 1
        leases = connection.execute(
            "SELECT count(*) FROM (SELECT FROM task WHERE state = 'leased' GROUP BY associate_id, is_ahead HAVING count(*) > 1) d"
        ).fetchone()
        assert leases == (0,)
        twice = connection.execute(
            "SELECT count(*) FROM (SELECT job_id, associate_id FROM task WHERE associate_id IS NOT NULL "
            "GROUP BY 1, 2 HAVING count(*) > 1) d"
        ).fetchone()
        assert twice == (0,)
