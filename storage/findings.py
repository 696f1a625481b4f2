"""What is known of a roster after an edit: violations, coverage and figures, replaced only where they change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection, update

from scheduling.plan import Coverage
from scheduling.rules import Severity, Violation
from scheduling.times import Horizon
from storage.bulk import copy_rows, raw, read_array
from storage.plans import Axes
from storage.tables import roster

TAKE_AWAY: Final = (
    "DELETE FROM violation v WHERE v.roster_id = %(roster)s AND (v.rule = ANY(%(site_rules)s) "
    "OR v.associate_id = ANY(%(associates)s) OR (v.rule = ANY(%(day_rules)s) AND v.day = ANY(%(days)s))) "
    "RETURNING v.rule, v.severity::text, coalesce((SELECT a.code FROM associate a WHERE a.id = v.associate_id), ''), "
    "v.day, v.amount, v.message"
)
PRODUCTIVE: Final = (
    "SELECT p.productive_minutes FROM assignment a JOIN break_pattern p ON p.id = a.break_pattern_id WHERE a.roster_id = {}"
)
COVERAGE: Final = (
    "UPDATE coverage c SET scheduled = w.scheduled FROM unnest(%s::bigint[], %s::timestamptz[], %s::float8[]) "
    "AS w (skill_id, starts_at, scheduled) WHERE c.roster_id = %s AND c.skill_id = w.skill_id AND c.starts_at = w.starts_at"
)


def replace_violations(
    connection: Connection,
    roster_id: int,
    fresh: Sequence[Violation],
    ids: Mapping[str, int],
    *,
    site_rules: Collection[str],
    associates: Collection[int],
    day_rules: Collection[str],
    days: Collection[date],
) -> tuple[Violation, ...]:
    """Replace what was found of some associates, by rules of the whole site, and by rules of days; return what was there.

    Parameters
    ----------
    ids
        Associates by code.
    """
    where = {
        "roster": roster_id,
        "site_rules": list(site_rules),
        "associates": list(associates),
        "day_rules": list(day_rules),
        "days": list(days),
    }
    driver = raw(connection)
    old = tuple(Violation(row[0], Severity(row[1]), *row[2:]) for row in driver.execute(TAKE_AWAY, where).fetchall())
    last = driver.execute("SELECT coalesce(max(position), -1) FROM violation WHERE roster_id = %s", (roster_id,)).fetchone()
    first = (last[0] if last else -1) + 1
    copy_rows(
        connection,
        "violation",
        ("roster_id", "position", "rule", "severity", "associate_id", "day", "amount", "message"),
        (
            (roster_id, first + index, one.rule, one.severity.value, ids.get(one.who), one.when, one.amount, one.message)
            for index, one in enumerate(fresh)
        ),
    )
    return old


def replace_coverage(
    connection: Connection, roster_id: int, axes: Axes, horizon: Horizon, coverage: Coverage, rows: NDArray[np.int64]
) -> None:
    """Write the scheduled heads of some intervals."""
    starts = [horizon.instant_of(int(row) * horizon.interval_minutes) for row in rows]
    skills = [skill for skill in axes.skills for _ in starts]
    heads = [float(value) for column in range(len(axes.skills)) for value in coverage.scheduled[rows, column]]
    raw(connection).execute(COVERAGE, (skills, starts * len(axes.skills), heads, roster_id))


def productive_minutes(connection: Connection, roster_id: int) -> NDArray[np.int64]:
    """Return the productive minutes of every shift of a roster, in no particular order."""
    query = sql.SQL(PRODUCTIVE).format(sql.Literal(roster_id))
    return read_array(connection, query, [("minutes", "i2")])["minutes"].astype(np.int64)


def write_figures(connection: Connection, roster_id: int, version: int, figures: Mapping[str, Any]) -> None:
    """Write the figures of a roster that an edit made, as columns of its head."""
    connection.execute(update(roster).where(roster.c.id == roster_id).values(version=version, **figures))
