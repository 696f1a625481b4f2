"""Break patterns as shared rows: each legal set of breaks of a span is stored once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection, text

from scheduling.plan import BreakPattern, BreakSlot
from scheduling.shifts import BreakPolicy
from storage.bulk import array_literal, copy_rows, read_array

SpanPattern = tuple[int, BreakPattern]
"""A span in minutes, and the breaks in a shift of this span."""

INSERT = text(
    "INSERT INTO break_pattern (break_policy_id, span_minutes, productive_minutes, fingerprint) "
    "SELECT :policy, * FROM unnest(CAST(:spans AS smallint[]), CAST(:minutes AS smallint[]), CAST(:prints AS text[])) "
    "ON CONFLICT (break_policy_id, span_minutes, fingerprint) DO NOTHING RETURNING id, span_minutes, fingerprint"
)
SELECT = text(
    "SELECT p.id, p.span_minutes, p.fingerprint FROM break_pattern p "
    "JOIN unnest(CAST(:spans AS smallint[]), CAST(:prints AS text[])) AS wanted (span_minutes, fingerprint) "
    "ON p.span_minutes = wanted.span_minutes AND p.fingerprint = wanted.fingerprint WHERE p.break_policy_id = :policy"
)


def fingerprint(pattern: BreakPattern) -> str:
    """Return the text by which equal patterns of one policy are found: start and kind of each break."""
    return ",".join(f"{slot.start_minute}.{slot.kind}" for slot in pattern)


def productive_minutes(policy: BreakPolicy, span_minutes: int, pattern: BreakPattern) -> int:
    """Return the minutes of a shift that the breaks of a pattern leave for work."""
    lost = sum(policy.breaks[slot.kind].minutes for slot in pattern if not policy.breaks[slot.kind].productive)
    return span_minutes - lost


def save_patterns(
    connection: Connection, policy_id: int, policy: BreakPolicy, wanted: Sequence[SpanPattern]
) -> dict[SpanPattern, int]:
    """Store patterns that are not there yet; return the id of each."""
    # One order for everybody keeps two writers of the same patterns from waiting for each other in a circle.
    by_print = dict(sorted(((span, fingerprint(pattern)), (span, pattern)) for span, pattern in set(wanted)))
    spans, prints = [span for span, _ in by_print], [text_ for _, text_ in by_print]
    minutes = [productive_minutes(policy, span, pattern) for span, pattern in by_print.values()]
    arguments = {"policy": policy_id, "spans": spans, "prints": prints}
    created = connection.execute(INSERT, {**arguments, "minutes": minutes}).all()
    columns = ("break_pattern_id", "start_minute", "minutes", "kind_index", "kind", "productive")
    copy_rows(
        connection,
        "break_slot",
        columns,
        (
            (row.id, slot.start_minute, policy.breaks[slot.kind].minutes, slot.kind,
             policy.breaks[slot.kind].kind, policy.breaks[slot.kind].productive)
            for row in created
            for slot in by_print[row.span_minutes, row.fingerprint][1]
        ),
    )  # fmt: skip
    return {by_print[row.span_minutes, row.fingerprint]: row.id for row in connection.execute(SELECT, arguments)}


def load_patterns(connection: Connection, ids: NDArray[np.int64]) -> tuple[BreakPattern, ...]:
    """Return the patterns of rising ids in their order."""
    if not len(ids):
        return ()
    query = sql.SQL(
        "SELECT break_pattern_id, start_minute, kind_index FROM break_slot WHERE break_pattern_id = ANY({}::bigint[])"
    ).format(sql.Literal(array_literal(ids.tolist())))
    rows = read_array(connection, query, [("pattern", "i8"), ("start", "i2"), ("kind", "i2")])
    rows = rows[np.lexsort((rows["start"], rows["pattern"]))]
    # There are few different slots, so each is made once and shared by the patterns.
    kinds, which = np.unique(rows["start"].astype(np.int64) * 1000 + rows["kind"], return_inverse=True)
    slots = [BreakSlot(*divmod(int(code), 1000)) for code in kinds]
    ordered = [slots[index] for index in which.tolist()]
    edges = np.searchsorted(rows["pattern"].astype(np.int64), np.append(ids, np.iinfo(np.int64).max)).tolist()
    return tuple(tuple(ordered[first:last]) for first, last in pairwise(edges))
