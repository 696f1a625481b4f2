"""The clock of an installation: that of its database, so that machines whose clocks differ agree about breaks and leases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Final

from sqlalchemy import Engine, text

from scheduling.errors import SchedulingError
from storage.errors import domain_errors

COMPARED_EVERY_SECONDS: Final = 60.0
ASK: Final = text("SELECT clock_timestamp()")


class DatabaseClock:
    """Tells the time of the database without asking it each time.

    It is asked at the first use and then once a minute; between, the time goes on as the machine counts elapsed seconds, which a
    wall clock that is set wrong, or set anew, does not touch. While the database cannot be reached, the time of the last answer
    goes on; before the first answer, the machine's own.

    Parameters
    ----------
    elapsed
        Seconds since any moment, never going back.
    """

    def __init__(self, engine: Engine, elapsed: Callable[[], float] = monotonic) -> None:
        self._engine, self._elapsed = engine, elapsed
        self._asking = Lock()
        self._known: tuple[float, datetime] | None = None
        self._asked_at: float | None = None

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        elapsed = self._elapsed()
        if (self._asked_at is None or elapsed - self._asked_at >= COMPARED_EVERY_SECONDS) and self._asking.acquire(
            blocking=self._known is None
        ):
            try:
                self._compare()
            finally:
                self._asking.release()
            elapsed = self._elapsed()
        if self._known is None:
            return datetime.now(UTC)
        then, time = self._known
        return time + timedelta(seconds=elapsed - then)

    def _compare(self) -> None:
        """Ask the database; its answer belongs to the middle of the time that it took."""
        before = self._asked_at = self._elapsed()
        try:
            with domain_errors(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("SELECT 1"))
                before = self._elapsed()
                time: datetime = connection.execute(ASK).scalar_one()
        except SchedulingError:
            return
        after = self._elapsed()
        self._known = ((before + after) / 2, time.astimezone(UTC))
