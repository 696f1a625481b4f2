"""Rows of a volume table, checked: every fault is named at once, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scheduling.errors import BadInputError, Fault

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DEFAULT_FILE = "volumes.csv"
COLUMNS = ("starts_at", "queue", "jobs", "aht_seconds")
EPOCH = pd.Timestamp(0, tz="UTC")
HEADER_LINES = 2
"""The first row of a table stands on line 2 of its file."""


@dataclass(frozen=True)
class VolumeRows:
    """A volume table as arrays.

    Parameters
    ----------
    starts_at
        The starts as they were given, for messages.
    minutes
        Epoch minute at which each row starts, shape (rows,).
    queues
        Names of the queues in order of appearance.
    queue_of_row
        Index of each row's queue, shape (rows,).
    lines
        Line of the file on which each row stands, shape (rows,).
    """

    starts_at: pd.Series
    minutes: Ints
    queues: tuple[str, ...]
    queue_of_row: Ints
    jobs: Floats
    aht_seconds: Floats
    lines: Ints

    def usual_distance(self) -> int | None:
        """Return the minutes from row to row of a queue; ``None`` without two rows of a queue.

        It is the distance that at least half of the rows keep. Where there is none, the source leaves out most intervals; then
        it is the greatest distance of which all are multiples.
        """
        order = np.lexsort((self.minutes, self.queue_of_row))
        same = np.diff(self.queue_of_row[order]) == 0
        gaps = np.diff(self.minutes[order])[same]
        if not len(gaps):
            return None
        values, counts = np.unique(gaps, return_counts=True)
        kept_by_half = 2 * counts.max() >= len(gaps)
        return int(values[counts.argmax()] if kept_by_half else np.gcd.reduce(values))


def rows_fault(rows: VolumeRows, index: int, file: str, reason: str) -> Fault:
    """Return a fault that points at the start of one row."""
    return Fault(file, int(rows.lines[index]), "starts_at", str(rows.starts_at.iloc[index]), reason)


def _instants(column: pd.Series) -> tuple[pd.Series, Bools]:
    """Return the starts in UTC (NaT where unusable) and which of them are aware."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.dt.tz_convert("UTC"), np.asarray(column.notna(), dtype=bool)
    aware = np.array([getattr(value, "tzinfo", None) is not None for value in column], dtype=bool)
    return pd.to_datetime(column.where(aware), utc=True), aware


def _numbers(column: pd.Series) -> Floats:
    """Return a column as numbers, NaN where it holds none."""
    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def _faults(frame: pd.DataFrame, file: str, lines: Ints, masks: dict[tuple[str, str], Bools]) -> Iterator[Fault]:
    for (column, reason), wrong in masks.items():
        for index in np.flatnonzero(wrong):
            yield Fault(file, int(lines[index]), column, str(frame[column].iloc[index])[:40], reason)


def _lines(frame: pd.DataFrame) -> Ints:
    """Return the line of each row: from the labels where they are whole numbers, otherwise from the position."""
    labels = frame.index if pd.api.types.is_integer_dtype(frame.index) else np.arange(len(frame))
    return np.asarray(labels, dtype=np.int64) + HEADER_LINES


def checked_rows(frame: pd.DataFrame, file: str = DEFAULT_FILE) -> VolumeRows:
    """Return the rows of a tidy volume table as arrays.

    Raises
    ------
    BadInputError
        With every missing column, naive or broken start, negative or infinite number, and duplicate.
    """
    missing = [Fault(file, None, column, "", "the column is missing; add it") for column in COLUMNS if column not in frame]
    if missing:
        raise BadInputError(missing)
    if frame.empty:
        raise BadInputError([Fault(file, None, "", "", "the table has no rows; add volumes")])
    starts, aware = _instants(frame["starts_at"])
    jobs, aht = _numbers(frame["jobs"]), _numbers(frame["aht_seconds"])
    codes, names = pd.factorize(frame["queue"])
    whole = np.asarray(starts == starts.dt.floor("min"), dtype=bool)
    minutes = np.asarray((starts.fillna(EPOCH) - EPOCH) // pd.Timedelta(minutes=1), dtype=np.int64)
    bad_jobs = ~np.isfinite(jobs) | (jobs < 0)
    masks: dict[tuple[str, str], Bools] = {
        ("starts_at", "needs a date and time with an offset, such as 2027-01-04T09:00+05:30"): ~aware,
        ("starts_at", "must be a whole minute"): aware & ~whole,
        ("starts_at", "is there twice for this queue; keep one row"): aware & _repeated(codes, minutes),
        ("queue", "must name a queue"): codes < 0,
        ("jobs", "must be a number, zero or more"): bad_jobs,
        ("aht_seconds", "must be a number above zero where there are jobs"): ~bad_jobs
        & (jobs > 0)
        & ~(np.isfinite(aht) & (aht > 0)),
    }
    lines = _lines(frame)
    faults = sorted(_faults(frame, file, lines, masks), key=lambda fault: (fault.row or 0, fault.column))
    if faults:
        raise BadInputError(faults)
    aht = np.where(np.isfinite(aht) & (aht > 0), aht, np.nan)
    return VolumeRows(frame["starts_at"], minutes, tuple(str(name) for name in names), codes.astype(np.int64), jobs, aht, lines)


def _repeated(codes: Ints, minutes: Ints) -> Bools:
    return np.asarray(pd.DataFrame({"queue": codes, "minute": minutes}).duplicated(), dtype=bool)
