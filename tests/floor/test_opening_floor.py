from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from scheduling.duties import Duty, PlannedBreak
from scheduling.errors import NotFoundError
from scheduling.plan import OFF
from services.drafting import save_draft
from services.opening import Opened, open_floor
from services.publishing import publish_roster
from storage import duties
from tests.builders import AUTUMN_MONDAY, MONDAY, PATTERN, POLICY, SPRING_MONDAY
from tests.conftest import SteppedClock
from tests.published import Site, open_site, published_site
from tests.stored import SITE, result

TUESDAY = MONDAY + timedelta(days=1)
MORNING = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)
"""Tuesday 09:30 in Asia/Kolkata."""


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


def all_duties(site: Site) -> list[Duty]:
    with site.engine.connect() as connection:
        return duties.duties_on(connection, site.site_id, date(2020, 1, 1), date(2040, 1, 1))


def stretches(engine: Engine) -> set[tuple[int, datetime, datetime, date]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT associate_id, starts_at, ends_at, day FROM stretch"))
        return {(row.associate_id, row.starts_at, row.ends_at, row.day) for row in rows}


def row_versions(engine: Engine) -> list[tuple[str, str]]:
    """Return the version and place of each row that opening may write; a row that is written again gets another one."""
    tables = ("duty", "stretch", "desk", "mix", "queue_head", "lane")
    with engine.connect() as connection:
        return [
            (row.xmin, row.ctid)
            for table in tables
            for row in connection.execute(text(f"SELECT xmin::text, ctid::text FROM {table} ORDER BY ctid"))  # noqa: S608
        ]


def expected(site: Site, days: list[date], *, shift: int = 0) -> dict[tuple[int, date], tuple[datetime, datetime]]:
    """Return start and end of each shift in the plan, worked out from the plan and the zone alone."""
    zone, plan = ZoneInfo(site.scenario.horizon.zone_name), result(site.scenario, shift=shift).plan
    found = {}
    for row, one in enumerate(site.scenario.associates):
        for day in days:
            value = plan.values[row, (day - site.scenario.horizon.first_day).days]
            if value >= 0:
                kind = site.scenario.shift_types[value]
                start = datetime.combine(day, kind.start, tzinfo=zone).astimezone(UTC)
                found[site.associate_id(one.code), day] = (start, start + timedelta(minutes=kind.span_minutes))
    return found


def test_duties_of_yesterday_today_and_tomorrow_come_from_the_published_roster(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock)
    found = {(one.associate_id, one.day): (one.starts_at, one.ends_at) for one in all_duties(site)}
    assert found == expected(site, [MONDAY, TUESDAY, TUESDAY + timedelta(days=1)])
    assert len(found) > 20


def test_stretches_are_the_work_between_breaks(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock, pattern_count=1)
    for one in all_duties(site):
        offsets = [(round((b.starts_at - one.starts_at).total_seconds() / 60), b.kind) for b in one.breaks]
        kinds = [kind.kind for kind in POLICY.breaks]
        assert offsets == [(slot.start_minute, kinds[slot.kind]) for slot in PATTERN]
        assert one.productive_minutes == 420
        assert sum(span.minutes for span in one.workable_stretches) == 420
    drawn = {(one.associate_id, span.starts_at, span.ends_at, one.day) for one in all_duties(site) for span in one.stretches}
    assert stretches(engine) == drawn


def test_opening_again_changes_nothing(engine: Engine, clock: SteppedClock) -> None:
    site = published_site(engine, clock)
    first = open_floor(engine, site.site_id, clock=clock)
    assert (first.desks, first.duties, first.lanes > 0) == (20, len(all_duties(site)), True)
    before = row_versions(engine)
    clock.advance(60)
    assert open_floor(engine, site.site_id, clock=clock) == Opened(0, 0, 0)
    assert row_versions(engine) == before


def test_a_day_later_the_next_day_is_opened_and_nothing_goes(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock)
    before = all_duties(site)
    clock.advance(86400)
    open_floor(engine, site.site_id, clock=clock)
    after = all_duties(site)
    assert [one for one in after if one.day <= TUESDAY + timedelta(days=1)] == before
    assert {one.day for one in after} - {one.day for one in before} == {TUESDAY + timedelta(days=2)}


def test_days_on_which_nobody_opened_the_floor_are_made_good(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock, weeks=2)
    first = {duty.day for duty in all_duties(site)}
    assert first == {MONDAY + timedelta(days=offset) for offset in range(3)}
    clock.advance(8 * 86_400)
    open_floor(engine, site.site_id, clock=clock)
    assert {duty.day for duty in all_duties(site)} == {MONDAY + timedelta(days=offset) for offset in range(11)}
    with engine.connect() as connection:
        published = connection.execute(text("SELECT count(*) FROM assignment WHERE kind = 'shift' AND day <= '2027-01-14'"))
        assert len(all_duties(site)) == published.scalar_one()


def test_republishing_leaves_who_is_on_shift_alone_and_moves_the_others(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock)
    old = {(one.associate_id, one.day): one for one in all_duties(site)}
    site.publish(shift=3)
    open_floor(engine, site.site_id, clock=clock)
    now = clock.now()
    new = {(one.associate_id, one.day): one for one in all_duties(site)}
    begun = {key: one for key, one in old.items() if one.starts_at <= now}
    assert len(begun) > 5
    assert {key: new[key] for key in begun} == begun
    wanted = expected(site, [MONDAY, TUESDAY, TUESDAY + timedelta(days=1)], shift=3)
    assert {key: (one.starts_at, one.ends_at) for key, one in new.items() if key not in begun} == {
        key: spans for key, spans in wanted.items() if key not in begun
    }
    assert new.keys() != old.keys()
    drawn = {(one.associate_id, span.starts_at, span.ends_at, one.day) for one in new.values() for span in one.stretches}
    assert stretches(engine) == drawn


def test_a_repair_stays_when_a_newer_roster_keeps_the_shift_and_goes_when_it_does_not(
    engine: Engine, clock: SteppedClock
) -> None:  # fmt: skip
    site = open_site(engine, clock)
    coming = [one for one in all_duties(site) if one.starts_at > clock.now()]
    with engine.begin() as connection:
        swap = text(
            "UPDATE duty SET break_pattern_id = (SELECT max(p.id) FROM break_pattern p WHERE p.id <> published_break_pattern_id) "
            "WHERE starts_at > :now RETURNING associate_id, day, break_pattern_id"
        )
        repaired = {(row.associate_id, row.day): row.break_pattern_id for row in connection.execute(swap, {"now": clock.now()})}
    assert repaired.keys() == {(one.associate_id, one.day) for one in coming}
    site.publish()
    open_floor(engine, site.site_id, clock=clock)
    kept = text("SELECT associate_id, day, roster_id, break_pattern_id FROM duty WHERE starts_at > :now")
    with engine.connect() as connection:
        rows = connection.execute(kept, {"now": clock.now()}).all()
    assert {(row.associate_id, row.day): row.break_pattern_id for row in rows} == repaired
    made = result(site.scenario)
    moved = replace(made, breaks=replace(made.breaks, assigned=(made.breaks.assigned + 1).clip(min=-1) % 16))
    moved.breaks.assigned[made.breaks.assigned < 0] = -1
    newer = save_draft(engine, SITE, site.scenario, moved, by="planner", clock=clock, parameters={})
    publish_roster(engine, newer.id, 1, by="planner", clock=clock, reason="for the test")
    open_floor(engine, site.site_id, clock=clock)
    with engine.connect() as connection:
        same = (
            "SELECT bool_and(break_pattern_id = published_break_pattern_id AND roster_id = :roster) FROM duty "
            "WHERE starts_at > :now"
        )
        assert connection.execute(text(same), {"now": clock.now(), "roster": newer.id}).scalar_one()


def test_approved_leave_goes_before_the_roster(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock)
    tomorrow = next(one for one in all_duties(site) if one.day == TUESDAY + timedelta(days=1))
    add = text("INSERT INTO leave (associate_id, first_day, last_day) VALUES (:who, :day, :day)")
    with engine.begin() as connection:
        connection.execute(add, {"who": tomorrow.associate_id, "day": tomorrow.day})
    open_floor(engine, site.site_id, clock=clock)
    keys = {(one.associate_id, one.day) for one in all_duties(site)}
    assert (tomorrow.associate_id, tomorrow.day) not in keys
    assert not any(row[0] == tomorrow.associate_id and row[3] == tomorrow.day for row in stretches(engine))


def test_who_leaves_loses_desk_and_lanes_but_not_the_duty_that_began(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock)
    begun = next(one for one in all_duties(site) if one.starts_at <= clock.now() < one.ends_at)
    with engine.begin() as connection:
        connection.execute(text("UPDATE associate SET is_active = false WHERE id = :who"), {"who": begun.associate_id})
    open_floor(engine, site.site_id, clock=clock)
    with engine.connect() as connection:
        for table in ("desk", "lane"):
            count = text(f"SELECT count(*) FROM {table} WHERE associate_id = :who")  # noqa: S608
            assert connection.execute(count, {"who": begun.associate_id}).scalar_one() == 0
    mine = [one for one in all_duties(site) if one.associate_id == begun.associate_id]
    assert begun in mine
    assert all(one.starts_at <= clock.now() for one in mine)


@pytest.mark.parametrize(("monday", "sunday_hours"), [(SPRING_MONDAY, 23), (AUTUMN_MONDAY, 25)])
def test_in_the_nights_when_clocks_change_a_shift_keeps_its_elapsed_span(
    engine: Engine, monday: date, sunday_hours: int
) -> None:  # fmt: skip
    zone = ZoneInfo("Europe/Berlin")
    sunday = monday + timedelta(days=6)
    midnight = datetime.combine(sunday, datetime.min.time(), tzinfo=zone).astimezone(UTC)
    next_midnight = datetime.combine(sunday + timedelta(days=1), datetime.min.time(), tzinfo=zone).astimezone(UTC)
    assert next_midnight - midnight == timedelta(hours=sunday_hours)
    clock = SteppedClock(midnight + timedelta(hours=1))
    site = open_site(engine, clock, start=monday, zone="Europe/Berlin", associates=40)
    found = all_duties(site)
    assert {(one.associate_id, one.day): (one.starts_at, one.ends_at) for one in found} == expected(
        site, [sunday - timedelta(days=1), sunday]
    )
    across = [one for one in found if one.starts_at < midnight + timedelta(hours=1) < one.ends_at]
    assert len(across) > 2
    for one in found:
        assert one.ends_at - one.starts_at == timedelta(minutes=540)
        assert one.productive_minutes == 420
        assert all(
            isinstance(each, PlannedBreak) and one.starts_at < each.starts_at < each.ends_at < one.ends_at for each in one.breaks
        )
        assert all(first.ends_at <= second.starts_at for first, second in pairwise(one.workable_stretches))


def test_desks_follow_the_home_team_and_lendings_end(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock)
    read = text("SELECT d.team_id, d.lent_until, s.team_id AS home FROM desk d JOIN associate s ON s.id = d.associate_id "
                "WHERE d.associate_id = :who")  # fmt: skip
    who = site.associate_id(site.scenario.associates[0].code)
    with engine.begin() as connection:
        other = connection.execute(
            text("INSERT INTO team (site_id, name) VALUES (:site, 'Other') RETURNING id"), {"site": site.site_id}
        )
        lend = text("UPDATE desk SET team_id = :team, lent_until = :until WHERE associate_id = :who")
        connection.execute(lend, {"team": other.scalar_one(), "until": clock.now() + timedelta(hours=1), "who": who})
    open_floor(engine, site.site_id, clock=clock)
    with engine.connect() as connection:
        row = connection.execute(read, {"who": who}).one()
        assert row.team_id != row.home
    clock.advance(3600)
    open_floor(engine, site.site_id, clock=clock)
    with engine.connect() as connection:
        row = connection.execute(read, {"who": who}).one()
        assert (row.team_id, row.lent_until) == (row.home, None)


def test_a_sign_out_that_was_forgotten_is_made_good(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock)
    begun = next(one for one in all_duties(site) if one.starts_at <= clock.now() < one.ends_at)
    with engine.begin() as connection:
        connection.execute(text("UPDATE desk SET state = 'working', since = :at WHERE associate_id = :who"),
                           {"at": begun.starts_at, "who": begun.associate_id})  # fmt: skip
    read = text("SELECT state FROM desk WHERE associate_id = :who")
    for hours, state in ((3.9, "working"), (4.0, "signed_out")):
        at = SteppedClock(begun.ends_at + timedelta(hours=hours))
        open_floor(engine, site.site_id, clock=at)
        with engine.connect() as connection:
            assert connection.execute(read, {"who": begun.associate_id}).scalar_one() == state


def test_an_unknown_site_is_refused(engine: Engine, clock: SteppedClock) -> None:
    with pytest.raises(NotFoundError, match="There is no site 77"):
        open_floor(engine, 77, clock=clock)


def test_two_openings_at_once_do_the_same_as_one(engine: Engine, clock: SteppedClock) -> None:
    from concurrent.futures import ThreadPoolExecutor

    site = published_site(engine, clock)
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_floor(engine, site.site_id, clock=clock), range(4)))
    assert sum(one.duties for one in opened) == len(all_duties(site))
    assert sum(one.desks for one in opened) == 20


def test_days_off_have_no_duty(engine: Engine, clock: SteppedClock) -> None:
    site = open_site(engine, clock)
    plan = result(site.scenario).plan
    off = [one.code for row, one in enumerate(site.scenario.associates) if plan.values[row, 1] == OFF]
    assert off
    who = {site.associate_id(code) for code in off}
    assert not [one for one in all_duties(site) if one.day == TUESDAY and one.associate_id in who]
