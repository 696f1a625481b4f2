from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from allocation.ledger import GuaranteeState, day_ledger
from scheduling.duties import Duty
from scheduling.presence import PresenceEvent, PresenceKind
from services.absences import AbsenceKind, record_absence
from services.ledgers import day_ledgers, own_ledgers
from services.presence import record
from storage.duties import duties_on
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.published import Site, open_site

EVENING = datetime(2027, 1, 5, 18, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(EVENING)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    return open_site(engine, clock)


@pytest.fixture
def over(site: Site) -> list[Duty]:
    """Duties of the day that are over."""
    with site.engine.connect() as connection:
        found = duties_on(connection, site.site_id, TUESDAY, TUESDAY)
    return [one for one in found if one.ends_at <= EVENING]


def told(site: Site, duty: Duty, *, late: int = 0) -> list[PresenceEvent]:
    """Let an associate do exactly what is planned, coming some minutes late."""
    events = [PresenceEvent(uuid4(), PresenceKind.SIGN_IN, duty.starts_at + timedelta(minutes=late))]
    for one in duty.breaks:
        events += [
            PresenceEvent(uuid4(), PresenceKind.BREAK_START, one.starts_at),
            PresenceEvent(uuid4(), PresenceKind.BREAK_END, one.ends_at),
        ]
    events.append(PresenceEvent(uuid4(), PresenceKind.SIGN_OUT, duty.ends_at))
    for event in events:
        record(site.engine, duty.associate_id, event, by="A", clock=site.clock)
    return events


def test_ledgers_come_from_stored_duties_events_and_absences(site: Site, over: list[Duty], clock: SteppedClock) -> None:
    good, late, nobody, sick, *_ = over
    said = told(site, good)
    told(site, late, late=20)
    record_absence(site.engine, sick.associate_id, TUESDAY, AbsenceKind.SICK, None, None, "ill", by="S", clock=clock)
    found = day_ledgers(site.engine, site.site_id, TUESDAY, clock=clock)
    assert set(found) >= {one.associate_id for one in over}
    assert (found[good.associate_id].productive_minutes, found[good.associate_id].adherence_share) == (420, 1.0)
    assert found[good.associate_id].guarantee.state is GuaranteeState.WITHIN
    assert (found[late.associate_id].productive_minutes, found[late.associate_id].late_start_minutes) == (400, 20)
    assert found[late.associate_id].guarantee.minutes == 8
    assert (found[nobody.associate_id].productive_minutes, found[nobody.associate_id].missing_minutes) == (0, 540)
    assert found[sick.associate_id].guarantee.state is GuaranteeState.ABSENT
    assert found[good.associate_id] == day_ledger(good, said, clock.now())


def test_one_associate_gets_the_own_days_and_no_others(site: Site, over: list[Duty], clock: SteppedClock) -> None:
    mine, other = over[0], over[1]
    told(site, mine)
    told(site, other, late=30)
    wednesday = TUESDAY + timedelta(days=1)
    found = own_ledgers(site.engine, site.site_id, mine.associate_id, MONDAY, wednesday, clock=clock)
    assert {one.duty.associate_id for one in found} == {mine.associate_id}
    assert [one.duty.day for one in found] == sorted(one.duty.day for one in found)
    assert next(one for one in found if one.duty.day == TUESDAY).productive_minutes == 420
    alone = day_ledgers(site.engine, site.site_id, TUESDAY, clock=clock, associate_ids=[other.associate_id])
    assert list(alone) == [other.associate_id]
    assert alone[other.associate_id].late_start_minutes == 30


def test_events_of_the_day_before_do_not_count_for_today(site: Site, over: list[Duty], clock: SteppedClock) -> None:
    one = over[0]
    for hours, kind in ((20, PresenceKind.SIGN_IN), (12, PresenceKind.SIGN_OUT)):
        at = one.starts_at - timedelta(hours=hours)
        record(site.engine, one.associate_id, PresenceEvent(uuid4(), kind, at), by="A", clock=SteppedClock(at))
    assert day_ledgers(site.engine, site.site_id, TUESDAY, clock=clock)[one.associate_id].productive_minutes == 0
