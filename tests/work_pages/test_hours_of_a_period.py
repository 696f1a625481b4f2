"""Hours of a pay period: the same as counted minute by minute from the published roster, the events and the absences."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import Engine, text

from allocation.pay import Basis, PayPeriod, PayRule
from scheduling.duties import Duty
from scheduling.presence import PresenceEvent, PresenceKind
from services.absences import record_absence, withdraw_absence
from services.hours import HoursRow, hours_of, keep_ledgers, pay_rule, refresh_ledgers, set_pay_rule
from services.ledgers import day_ledgers
from services.opening import open_floor
from services.presence import record
from storage import duties
from storage.bulk import copy_rows
from storage.desk_tables import AbsenceKind
from tests.builders import AUTUMN_MONDAY, MONDAY
from tests.conftest import SteppedClock
from tests.published import Site, published_site

MINUTE = timedelta(minutes=1)


def opened(engine: Engine, start: date, zone: str) -> tuple[Site, SteppedClock]:
    """Return a site whose floor was opened on every day of a week, some days after it."""
    clock = SteppedClock(datetime.combine(start, datetime.min.time(), UTC))
    site = published_site(engine, clock, start=start, zone=zone)
    for _ in range(7):
        open_floor(engine, site.site_id, clock=clock)
        clock.advance(86400)
    clock.advance(3 * 86400)
    return site, clock


def duties_of(site: Site, period: PayPeriod) -> list[Duty]:
    with site.engine.connect() as connection:
        return duties.duties_on(connection, site.site_id, period.first_day, period.last_day)


def draw_events(site: Site, found: list[Duty], seed: int) -> dict[tuple[int, date], list[tuple[datetime, datetime, str]]]:
    """Store signing in and out with breaks, late and early, and return the times there by duty, with what was done in them."""
    rng = np.random.default_rng(seed)
    rows, there = [], defaultdict(list)
    for duty in found:
        if rng.random() < 0.1:
            continue
        came, left = duty.starts_at + int(rng.integers(0, 30)) * MINUTE, duty.ends_at - int(rng.integers(0, 40)) * MINUTE
        marks = [(came, "sign_in", "working")]
        for one in duty.breaks:
            if came < one.starts_at and one.ends_at < left - 5 * MINUTE:
                marks += [
                    (one.starts_at, "break_start", "on_break"),
                    (one.ends_at + int(rng.integers(0, 5)) * MINUTE, "break_end", "working"),
                ]
        marks.append((left, "sign_out", ""))
        rows += [(uuid4(), duty.associate_id, kind, at, at, "test") for at, kind, _ in marks]
        spans = pairwise(marks)
        there[duty.associate_id, duty.day] = [(at, end, state) for (at, _, state), (end, _, _) in spans]
    columns = ["id", "associate_id", "kind", "occurred_at", "recorded_at", "recorded_by"]
    with site.engine.begin() as connection:
        copy_rows(connection, "presence_event", columns, rows)
    return there


def is_night(at: datetime, zone: ZoneInfo) -> bool:
    return not 6 <= at.astimezone(zone).hour < 22


def minutes_of(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    return [starts_at + index * MINUTE for index in range(round((ends_at - starts_at) / MINUTE))]


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize(("start", "zone"), [(MONDAY, "Asia/Kolkata"), (AUTUMN_MONDAY, "Europe/Berlin")])
def test_figures_are_those_counted_minute_by_minute(engine: Engine, start: date, zone: str, basis: Basis) -> None:
    site, clock = opened(engine, start, zone)
    period = PayPeriod(start, start + timedelta(days=6))
    found = duties_of(site, period)
    there = draw_events(site, found, seed=11)
    away: dict[tuple[int, date], set[datetime]] = defaultdict(set)
    for duty in found[::5]:
        whole = duty is found[0]
        first, last = (duty.starts_at, duty.ends_at) if whole else (duty.starts_at + 100 * MINUTE, duty.starts_at + 190 * MINUTE)
        record_absence(engine, duty.associate_id, duty.day, AbsenceKind.SICK, first, last, "ill", by="s", clock=clock)
        away[duty.associate_id, duty.day] |= set(minutes_of(first, last))
    rule = PayRule(basis=basis, least_night_minutes=90, per_night_hour=31.25, per_night_shift=12.0)
    set_pay_rule(engine, site.site_id, rule, by="planner", clock=clock)

    table = hours_of(engine, site.site_id, period, clock=clock)
    assert len(found) > 60
    assert sum(row.night_shifts for row in table.rows) > 0
    ledgers = {
        (who, day): ledger
        for day in (start + timedelta(days=index) for index in range(7))
        for who, ledger in day_ledgers(engine, site.site_id, day, clock=clock).items()
    }
    for row in table.rows:
        own = [duty for duty in found if duty.associate_id == row.person.id]
        expect(row, own, there, away, ledgers, rule, ZoneInfo(zone))


def expect(row, own, there, away, ledgers, rule, zone) -> None:  # type: ignore[no-untyped-def]
    """Check one row against a count of minutes."""
    rostered = absent = attended = productive = 0
    nights, absences, absent_shifts = [], 0, 0
    for duty in own:
        key = (duty.associate_id, duty.day)
        minutes, gone = minutes_of(duty.starts_at, duty.ends_at), away[key]
        here = {at for first, last, _ in there[key] for at in minutes_of(first, last)} & set(minutes)
        if gone:
            # Who goes home ill seldom signs out: up to the first event in it, an absence counts as signed out.
            said = [first for first, _, _ in there[key] if first > min(gone)]
            here -= {at for at in gone if at < min(said, default=duty.ends_at)}
        paid = here if rule.basis is Basis.ATTENDED else set(minutes) - gone
        night = sum(is_night(at, zone) for at in paid)
        nights.append(night if night >= rule.least_night_minutes else 0)
        rostered, absent, attended = rostered + len(minutes), absent + len(gone), attended + len(here)
        absences, absent_shifts = absences + bool(gone), absent_shifts + (len(gone) == len(minutes))
        productive += ledgers[key].productive_minutes
    assert (row.shifts, row.absences, row.absent_shifts) == (len(own), absences, absent_shifts)
    assert row.rostered_minutes == pytest.approx(rostered)
    assert row.attended_minutes == pytest.approx(attended)
    assert row.productive_minutes == pytest.approx(productive)
    assert row.absent_minutes == pytest.approx(absent)
    assert row.night_minutes == pytest.approx(sum(nights))
    assert row.night_shifts == sum(night > 0 for night in nights)
    assert row.allowance == pytest.approx(
        sum(nights) / 60 * rule.per_night_hour + row.night_shifts * rule.per_night_shift, abs=0.01
    )


def one_row(engine: Engine, site: Site, period: PayPeriod, clock: SteppedClock, who: int) -> HoursRow:
    (row,) = hours_of(engine, site.site_id, period, clock=clock, associate_ids=[who]).rows
    return row


def test_a_late_event_and_a_withdrawn_absence_change_what_was_kept(engine: Engine) -> None:
    site, clock = opened(engine, MONDAY, "Asia/Kolkata")
    period = PayPeriod(MONDAY, MONDAY + timedelta(days=6))
    duty = duties_of(site, period)[-1]
    who = duty.associate_id
    late = SteppedClock(duty.ends_at + timedelta(hours=2))
    refresh_ledgers(engine, site.site_id, period, clock=late)
    assert one_row(engine, site, period, late, who).attended_minutes == 0
    late.advance(3600)
    for kind, at in ((PresenceKind.SIGN_IN, duty.starts_at), (PresenceKind.SIGN_OUT, duty.ends_at)):
        record(engine, who, PresenceEvent(uuid4(), kind, at), by="x", clock=late)
    row = one_row(engine, site, period, late, who)
    assert row.attended_minutes == (duty.ends_at - duty.starts_at) / MINUTE
    assert row.productive_minutes > 0
    late.advance(3600)
    number = record_absence(engine, who, duty.day, AbsenceKind.SICK, duty.starts_at, duty.ends_at, "ill", by="s", clock=late)
    late.advance(3600)
    assert one_row(engine, site, period, late, who).absent_shifts == 1
    withdraw_absence(engine, number, "a mistake", by="s", clock=late)
    late.advance(3600)
    assert one_row(engine, site, period, late, who).absent_shifts == 0
    assert clock.now() > late.now()


def test_shifts_that_are_not_over_do_not_count_yet(engine: Engine) -> None:
    site, _ = opened(engine, MONDAY, "Asia/Kolkata")
    period = PayPeriod(MONDAY, MONDAY + timedelta(days=6))
    found = duties_of(site, period)
    duty = found[0]
    for at, shifts in ((duty.ends_at - MINUTE, 0), (duty.ends_at, 1)):
        assert one_row(engine, site, period, SteppedClock(at), duty.associate_id).shifts == shifts


def test_what_is_kept_is_computed_once(engine: Engine) -> None:
    site, clock = opened(engine, MONDAY, "Asia/Kolkata")
    draw_events(site, duties_of(site, PayPeriod(MONDAY, MONDAY + timedelta(days=6))), seed=2)
    assert keep_ledgers(engine, site.site_id, clock=clock) > 60
    clock.advance(3600)
    assert keep_ledgers(engine, site.site_id, clock=clock) == 0


def test_leave_counts_by_published_day_and_the_history_keeps_the_rule(engine: Engine) -> None:
    site, clock = opened(engine, MONDAY, "Asia/Kolkata")
    period = PayPeriod(MONDAY, MONDAY + timedelta(days=6))
    with engine.connect() as connection:
        query = text("SELECT associate_id, count(*) AS days FROM assignment WHERE kind = 'leave' GROUP BY 1")
        expected = {row.associate_id: row.days for row in connection.execute(query)}
    rows = hours_of(engine, site.site_id, period, clock=clock).rows
    assert {row.person.id: row.leave_days for row in rows if row.leave_days} == expected
    rule = PayRule(per_night_hour=10.0)
    set_pay_rule(engine, site.site_id, rule, by="planner", clock=clock)
    set_pay_rule(engine, site.site_id, rule, by="planner", clock=clock)
    assert pay_rule(engine, site.site_id) == rule
    with engine.connect() as connection:
        actions = connection.execute(text("SELECT actor, kind, after FROM floor_action")).all()
    assert [(row.actor, row.kind, row.after["per_night_hour"]) for row in actions] == [("planner", "pay rule changed", 10.0)]
