"""Whatever happens in whatever order: a duty that began stays, work follows duties and absences, nothing else is given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, text

from scheduling.duties import Duty, without
from scheduling.errors import ConflictError, SchedulingError
from services.absences import AbsenceKind, record_absence, withdraw_absence
from services.opening import open_floor
from storage.duties import duties_on
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.published import Site, published_site

START = datetime(2027, 1, 5, 0, 0, tzinfo=UTC)
EMPTY = (
    "DELETE FROM stretch", "DELETE FROM absence", "DELETE FROM duty", "DELETE FROM lane", "DELETE FROM mix", "DELETE FROM desk",
    "DELETE FROM queue_head",
)  # fmt: skip


class FloorMachine(RuleBasedStateMachine):
    """Rosters change, time goes on, the floor is opened, absences come and go."""

    site: Site

    @initialize()
    def begin(self) -> None:
        """Start from a roster that is published, with nothing on the floor."""
        self.clock = SteppedClock(START)
        with self.site.engine.begin() as connection:
            for statement in EMPTY:
                connection.execute(text(statement))
        self.begun: dict[tuple[int, date], tuple[datetime, datetime, object]] = {}
        self.held: dict[int, Duty] = {}
        self.open()

    def duties(self) -> list[Duty]:
        """Return everything that is on the floor."""
        with self.site.engine.connect() as connection:
            return duties_on(connection, self.site.site_id, MONDAY - timedelta(days=2), MONDAY + timedelta(days=9))

    @rule()
    def open(self) -> None:
        """Open the floor, and again, which changes nothing more."""
        open_floor(self.site.engine, self.site.site_id, clock=self.clock)
        again = open_floor(self.site.engine, self.site.site_id, clock=self.clock)
        assert (again.duties, again.desks, again.lanes) == (0, 0, 0)
        for one in self.duties():
            if one.starts_at <= self.clock.now():
                self.begun.setdefault((one.associate_id, one.day), (one.starts_at, one.ends_at, one.breaks))

    @rule(hours=st.integers(1, 9))
    def time_goes_on(self, hours: int) -> None:
        """Let some hours go by, without anybody opening the floor; duties that are on it begin meanwhile."""
        self.clock.advance(3600 * hours)
        for one in self.duties():
            if one.starts_at <= self.clock.now():
                self.begun.setdefault((one.associate_id, one.day), (one.starts_at, one.ends_at, one.breaks))

    @rule(offset=st.integers(0, 19), day=st.integers(0, 5), other=st.integers(0, 4))
    def the_roster_changes(self, offset: int, day: int, other: int) -> None:
        """Give somebody another shift type on some day, as a newer roster does."""
        change = text(
            "UPDATE assignment SET shift_type_id = (SELECT id FROM shift_type s WHERE s.span_minutes = assignment.span_minutes "
            "ORDER BY id OFFSET :other LIMIT 1) WHERE kind = 'shift' AND day = :day "
            "AND associate_id = (SELECT id FROM associate ORDER BY id OFFSET :offset LIMIT 1) "
            "AND EXISTS (SELECT FROM shift_type s WHERE s.span_minutes = assignment.span_minutes ORDER BY id OFFSET :other)"
        )
        with self.site.engine.begin() as connection:
            connection.execute(change, {"other": other, "day": MONDAY + timedelta(days=day), "offset": offset})

    @rule(pick=st.integers(0, 1000), first=st.integers(-60, 500), length=st.integers(1, 600), whole=st.booleans())
    def somebody_is_absent(self, pick: int, first: int, length: int, whole: bool) -> None:
        """Record an absence; one that is already recorded is refused."""
        found = self.duties()
        if not found:
            return
        one = found[pick % len(found)]
        start = None if whole else one.starts_at + timedelta(minutes=first)
        end = None if start is None else start + timedelta(minutes=length)
        try:
            number = record_absence(
                self.site.engine, one.associate_id, one.day, AbsenceKind.SICK, start, end, "ill", by="S", clock=self.clock
            )
        except SchedulingError:
            return
        self.held[number] = one

    @rule()
    def an_absence_was_a_mistake(self) -> None:
        """Withdraw one; a second time is refused."""
        if self.held:
            number = next(iter(self.held))
            del self.held[number]
            withdraw_absence(self.site.engine, number, "mistake", by="S", clock=self.clock)
            with pytest.raises(ConflictError):
                withdraw_absence(self.site.engine, number, "mistake", by="S", clock=self.clock)

    @invariant()
    def duties_that_began_stay(self) -> None:
        """Hold every duty that began against what it was then."""
        now = {(one.associate_id, one.day): (one.starts_at, one.ends_at, one.breaks) for one in self.duties()}
        assert {key: now.get(key) for key in self.begun} == self.begun

    @invariant()
    def work_is_what_duties_leave(self) -> None:
        """Hold stretches against duties and absences, counted apart."""
        with self.site.engine.connect() as connection:
            rows = connection.execute(text("SELECT associate_id, starts_at, ends_at, day FROM stretch")).all()
        kept = {(row.associate_id, row.day, row.starts_at, row.ends_at) for row in rows}
        wanted = {
            (one.associate_id, one.day, span.starts_at, span.ends_at)
            for one in self.duties()
            for span in without(one.stretches, one.absences)
        }
        # Two duties of one associate may overlap when a newer roster moves the second; a stretch that both have is kept once.
        assert kept <= wanted
        assert {(who, start) for who, _, start, _ in kept} == {(who, start) for who, _, start, _ in wanted}


def test_whatever_happens_in_whatever_order(engine: Engine, clock: SteppedClock) -> None:
    machine = type("Machine", (FloorMachine,), {"site": published_site(engine, clock)})
    quick = settings(max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=quick)
