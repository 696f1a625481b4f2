from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from scheduling.duties import Duty, Span, without
from scheduling.errors import BadInputError, ConflictError, NotFoundError
from services.absences import AbsenceKind, list_absences, record_absence, withdraw_absence
from services.opening import open_floor
from storage.actions import actions_of
from storage.duties import duties_on
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.published import Site, open_site

MORNING = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    return open_site(engine, clock)


def duty_of(site: Site, associate_id: int, day: date) -> Duty:
    with site.engine.connect() as connection:
        return duties_on(connection, site.site_id, day, day, associate_ids=[associate_id])[0]


def stretches(site: Site) -> set[tuple[int, datetime, datetime, date]]:
    with site.engine.connect() as connection:
        rows = connection.execute(text("SELECT associate_id, starts_at, ends_at, day FROM stretch"))
        return {(row.associate_id, row.starts_at, row.ends_at, row.day) for row in rows}


@pytest.fixture
def duty(site: Site) -> Duty:
    """A duty that goes on now."""
    with site.engine.connect() as connection:
        found = duties_on(connection, site.site_id, TUESDAY, TUESDAY)
    return next(one for one in found if one.starts_at < MORNING < one.ends_at)


def test_a_whole_absence_leaves_nothing_and_its_withdrawal_restores_exactly(
    site: Site, duty: Duty, clock: SteppedClock
) -> None:  # fmt: skip
    before = stretches(site)
    number = record_absence(
        site.engine, duty.associate_id, TUESDAY, AbsenceKind.SICK, None, None, "called in", by="Sup", clock=clock
    )
    absent = duty_of(site, duty.associate_id, TUESDAY)
    assert (absent.is_absent, absent.workable_stretches, absent.stretches) == (True, (), duty.stretches)
    gone = {row for row in before if row[0] == duty.associate_id and row[3] == TUESDAY}
    assert stretches(site) == before - gone
    withdraw_absence(site.engine, number, "came after all", by="Sup", clock=clock)
    assert stretches(site) == before
    assert duty_of(site, duty.associate_id, TUESDAY) == duty
    with site.engine.connect() as connection:
        undone, done = actions_of(connection, site.site_id)
    assert (done.kind, done.actor, done.why, done.after["absence_id"]) == ("absence recorded", "Sup", "called in", number)
    assert (undone.kind, undone.why, undone.undoes_id, done.undone_by_id) == (
        "absence withdrawn", "came after all", done.id, undone.id,
    )  # fmt: skip
    assert [one.withdrawn_by for one in list_absences(site.engine, site.site_id, TUESDAY, TUESDAY)] == ["Sup"]
    with pytest.raises(ConflictError, match="withdrawn already"):
        withdraw_absence(site.engine, number, "again", by="Sup", clock=clock)


def test_a_part_of_a_shift_is_cut_out_of_its_stretches(site: Site, duty: Duty, clock: SteppedClock) -> None:
    middle = duty.stretches[3]
    start, end = middle.starts_at + timedelta(minutes=5), middle.ends_at + timedelta(minutes=12)
    record_absence(site.engine, duty.associate_id, TUESDAY, AbsenceKind.EXCUSED, start, end, "bank", by="Sup", clock=clock)
    mine = sorted(row[1:3] for row in stretches(site) if row[0] == duty.associate_id and row[3] == TUESDAY)
    lost = sum(max(0.0, (min(end, s.ends_at) - max(start, s.starts_at)).total_seconds()) / 60 for s in duty.stretches)
    assert lost > 5
    assert sum((last - first).total_seconds() / 60 for first, last in mine) == pytest.approx(420 - lost)
    assert not any(first < end and start < last for first, last in mine)


def test_times_beyond_the_shift_are_cut_to_it(site: Site, duty: Duty, clock: SteppedClock) -> None:
    wide = (duty.starts_at - timedelta(hours=5), duty.ends_at + timedelta(hours=5))
    record_absence(site.engine, duty.associate_id, TUESDAY, AbsenceKind.NO_SHOW, *wide, "did not come", by="Sup", clock=clock)
    kept = list_absences(site.engine, site.site_id, TUESDAY, TUESDAY)
    assert [one.span for one in kept] == [Span(duty.starts_at, duty.ends_at)]


def test_all_faults_are_told_and_nothing_is_kept(site: Site, duty: Duty, clock: SteppedClock) -> None:
    after = (duty.ends_at, duty.ends_at + timedelta(hours=1))
    with pytest.raises(BadInputError) as caught:
        record_absence(site.engine, duty.associate_id, TUESDAY, AbsenceKind.LATE, *after, " ", by="Sup", clock=clock)
    assert [fault.column for fault in caught.value.faults] == ["reason", "starts_at"]
    with pytest.raises(NotFoundError, match="has no duty on the floor"):
        record_absence(
            site.engine, duty.associate_id, date(2027, 3, 1), AbsenceKind.SICK, None, None, "ill", by="Sup", clock=clock
        )
    assert list_absences(site.engine, site.site_id, date(2027, 1, 1), date(2027, 12, 31)) == ()
    with site.engine.connect() as connection:
        assert actions_of(connection, site.site_id) == ()


def test_the_same_time_is_recorded_once(site: Site, duty: Duty, clock: SteppedClock) -> None:
    half = (duty.starts_at, duty.starts_at + timedelta(hours=4))
    record_absence(site.engine, duty.associate_id, TUESDAY, AbsenceKind.LATE, *half, "bus", by="Sup", clock=clock)
    with pytest.raises(ConflictError, match="recorded as absent already"):
        record_absence(site.engine, duty.associate_id, TUESDAY, AbsenceKind.SICK, None, None, "ill", by="Sup", clock=clock)


def test_who_is_absent_for_the_whole_day_stays_so_when_a_newer_roster_moves_the_shift(
    site: Site, clock: SteppedClock
) -> None:  # fmt: skip
    wednesday = TUESDAY + timedelta(days=1)
    with site.engine.connect() as connection:
        coming = duties_on(connection, site.site_id, wednesday, wednesday)[0]
    record_absence(site.engine, coming.associate_id, wednesday, AbsenceKind.SICK, None, None, "ill", by="Sup", clock=clock)
    move = text(
        "UPDATE assignment a SET shift_type_id = (SELECT min(s.id) FROM shift_type s WHERE s.id <> a.shift_type_id "
        "AND s.span_minutes = a.span_minutes) WHERE associate_id = :who AND day = :day"
    )
    with site.engine.begin() as connection:
        connection.execute(move, {"who": coming.associate_id, "day": wednesday})
    open_floor(site.engine, site.site_id, clock=clock)
    moved = duty_of(site, coming.associate_id, wednesday)
    assert moved.starts_at != coming.starts_at
    assert moved.is_absent
    assert not any(row[0] == coming.associate_id and row[3] == wednesday for row in stretches(site))


BASE = datetime(2027, 1, 1, tzinfo=UTC)
spans = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 60)).map(
        lambda one: Span(BASE + timedelta(minutes=one[0]), BASE + timedelta(minutes=one[0] + one[1]))
    ),
    max_size=6,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(kept=spans, taken=spans)
def test_what_is_left_is_every_minute_that_was_not_taken(kept: list[Span], taken: list[Span]) -> None:
    left = without(kept, taken)
    for minute in range(361):
        instant = BASE + timedelta(minutes=minute)
        wanted = sum(span.holds(instant) for span in kept) * (not any(one.holds(instant) for one in taken))
        assert sum(span.holds(instant) for span in left) == wanted
    assert all(span.starts_at < span.ends_at for span in left)
