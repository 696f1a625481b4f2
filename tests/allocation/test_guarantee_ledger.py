"""The guarantee ledger on days that can be added up by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from allocation.ledger import DayLedger, DifferenceKind, Guarantee, GuaranteeState, LedgerRules, day_ledger, state_timeline
from scheduling.duties import Duty
from scheduling.presence import PresenceEvent, PresenceKind, PresenceState
from tests.allocation.floor_days import DAY, as_planned, at, duty, event, events, span

SPRING_NIGHT = date(2027, 3, 27)
AUTUMN_NIGHT = date(2027, 10, 30)


def told(of: DayLedger) -> list[tuple[str, float]]:
    return [(one.text, one.minutes) for one in of.differences]


def closed(of: Duty, happened: list[PresenceEvent], **more: object) -> DayLedger:
    found = day_ledger(of, happened, of.ends_at + timedelta(hours=6), **more)  # type: ignore[arg-type]
    assert found.scheduled_productive_minutes + sum(one.minutes for one in found.differences) == found.productive_minutes
    assert found.scheduled_productive_minutes == of.productive_minutes == found.duty_productive_minutes
    return found


def without(happened: list[PresenceEvent], *instants: datetime) -> list[PresenceEvent]:
    return [one for one in happened if one.occurred_at not in instants]


def test_a_day_as_planned_has_420_minutes_and_nothing_to_tell() -> None:
    found = closed(duty(), as_planned(duty()))
    assert found.productive_minutes == found.working_minutes == 420
    assert (found.on_break_minutes, found.coaching_minutes, found.system_down_minutes) == (100, 20, 0)
    assert found.adherence_share == found.excused_adherence_share == found.conformance_share == 1
    assert found.guarantee == Guarantee(GuaranteeState.WITHIN)
    assert told(found) == []
    assert found.assumed_end_at is None


def test_late_start_late_break_long_meal_and_early_end_are_told_apart() -> None:
    happened = events(
        "in 06:07, break 07:12, back 07:22, break 08:00, back 08:10, break 09:00, back 09:10, break 10:00, back 10:42,"
        "break 11:10, back 11:20, coach 12:00, coached 12:20, break 13:00, back 13:10, break 13:45, back 13:55,"
        "break 14:20, back 14:30, out 14:45"
    )
    found = closed(duty(), happened)
    assert told(found) == [
        ("signed in 7 min late", -7),
        ("short started 12 min late", 0),
        ("12 min over on meal", -12),
        ("signed out 15 min early", -15),
    ]
    assert found.productive_minutes == 420 - 34
    assert found.guarantee == Guarantee(GuaranteeState.BELOW, 408 - 386)
    assert (found.late_start_minutes, found.early_end_minutes, found.missing_minutes) == (7, 15, 0)
    assert found.adherent_minutes == 540 - 7 - 10 - 10 - 12 - 15
    assert found.adherence_share == 486 / 540
    assert found.conformance_share == 386 / 420
    assert found.excused_minutes == 0


def test_a_break_that_is_not_taken_and_one_that_is_short_add_minutes() -> None:
    happened = without(as_planned(duty()), at(DAY, "07:00"), at(DAY, "07:10"), at(DAY, "10:30"))
    found = closed(duty(), [*happened, event(PresenceKind.BREAK_END, at(DAY, "10:22"))])
    assert told(found) == [("short not taken", 10), ("back 8 min early from meal", 8)]
    assert found.guarantee == Guarantee(GuaranteeState.ABOVE, 18)


def test_system_down_and_coaching_outside_the_plan_are_excused() -> None:
    happened = as_planned(duty()) + events("down 06:20, up 06:40, coach 08:20, coached 08:35")
    found = closed(duty(), happened)
    assert told(found) == [("system down 20 min", -20), ("coaching outside the plan, 15 min", -15)]
    assert all(one.is_excused for one in found.differences)
    assert found.excused_minutes == 35
    assert found.adherence_share == 505 / 540
    assert found.excused_adherence_share == 1


def test_a_break_outside_the_plan_is_not_excused() -> None:
    found = closed(duty(breaks=()), events("in 06:00, break 09:00, back 09:25, out 15:00"))
    assert told(found) == [("break outside the plan, 25 min", -25)]
    assert found.excused_minutes == 0


def test_a_meal_displaced_by_a_system_that_was_down_is_excused() -> None:
    planned = duty(breaks=((240, 30, "meal"),))
    found = closed(planned, events("in 06:00, down 09:50, up 10:20, break 10:20, back 10:55, out 15:00"))
    assert told(found) == [
        ("system down 30 min", -10),
        ("meal started 20 min late", 0),
        ("meal displaced, 20 min taken later", -20),
        ("5 min over on meal", -5),
    ]
    assert [one.is_excused for one in found.differences] == [True, False, True, False]


def test_work_before_and_after_the_duty_is_productive() -> None:
    planned = duty(breaks=())
    found = closed(planned, events("in 05:50, out 15:20"))
    assert told(found) == [("worked 10 min before the start", 10), ("worked 20 min after the end", 20)]
    assert found.overtime_minutes == 30
    assert found.conformance_share == 570 / 540
    assert found.adherence_share == 1


def test_a_productive_huddle_counts_wherever_it_was_held_but_not_for_longer() -> None:
    planned = duty(breaks=((120, 20, "huddle"), (240, 30, "meal")), productive=frozenset({"huddle"}))
    held = closed(planned, events("in 06:00, coach 08:10, coached 08:35, break 10:00, back 10:30, out 15:00"))
    assert planned.productive_minutes == 510
    assert told(held) == [("huddle started 10 min late", 0), ("5 min over on huddle", -5)]
    assert held.differences[1].is_excused
    assert (held.working_minutes, held.coaching_minutes, held.productive_minutes) == (485, 25, 505)
    skipped = closed(planned, events("in 06:00, break 10:00, back 10:30, out 15:00"))
    assert told(skipped) == [("huddle not taken", 0)]


def test_approved_absence_in_the_middle_leaves_the_rest_to_be_judged() -> None:
    planned = duty(breaks=())
    found = closed(planned, events("in 06:00, out 10:00, in 12:30, out 15:00"), absences=[span("10:00", "12:00")])
    assert told(found) == [("approved absence of 120 min", -120), ("signed out for 30 min", -30)]
    assert (found.absent_minutes, found.missing_minutes, found.excused_minutes) == (120, 30, 120)
    assert found.adherence_share == 390 / 420
    assert found.conformance_share == 390 / 420


def test_who_goes_home_ill_without_signing_out_is_absent_from_then_on() -> None:
    found = closed(duty(breaks=()), events("in 06:00"), absences=[span("11:00", "15:00")])
    assert found.productive_minutes == 300
    assert found.absent_minutes == 240
    assert found.assumed_end_at is None


def test_who_is_away_for_an_approved_hour_without_saying_so_works_again_after_it() -> None:
    found = closed(duty(breaks=()), events("in 06:00, out 15:00"), absences=[span("11:00", "11:30"), span("11:20", "12:00")])
    assert told(found) == [("approved absence of 60 min", -60)]
    assert found.productive_minutes == 480


def test_who_comes_although_recorded_as_absent_has_worked() -> None:
    planned = duty(breaks=(), is_absent=True)
    assert closed(planned, events("in 05:58, out 15:00")).productive_minutes == 542
    away = closed(planned, [])
    assert (away.productive_minutes, away.absent_minutes, away.excused_minutes) == (0, 540, 540)
    assert away.guarantee == Guarantee(GuaranteeState.ABSENT)
    assert away.adherence_share is None
    assert away.conformance_share is None


def test_nobody_came_and_nobody_knows_why() -> None:
    found = closed(duty(), [])
    assert found.missing_minutes == 540
    assert told(found) == [("signed out for 540 min", -420)]
    assert not found.is_attended
    early = day_ledger(duty(), [], at(DAY, "06:20"))
    assert told(early) == [("not signed in yet, 20 min late", -20)]
    assert early.late_start_minutes == 20


def test_a_missing_sign_out_ends_with_the_duty_and_the_tolerance_and_is_marked() -> None:
    planned = duty(breaks=())
    found = closed(planned, events("in 06:00"))
    assert found.assumed_end_at == planned.ends_at
    assert found.productive_minutes == 540
    tolerant = closed(planned, events("in 06:00"), rules=LedgerRules(open_tolerance_minutes=15))
    assert tolerant.assumed_end_at == planned.ends_at + timedelta(minutes=15)
    assert tolerant.productive_minutes == 555
    assert day_ledger(planned, events("in 06:00"), at(DAY, "12:00")).assumed_end_at is None


def test_a_sign_out_forgotten_the_day_before_and_the_sign_in_of_the_day_after_say_nothing() -> None:
    planned = duty(breaks=())
    before, after = events("in 06:00", day=DAY - timedelta(days=1)), events("in 06:00", day=DAY + timedelta(days=1))
    assert closed(planned, [*before, *after]).productive_minutes == 0
    assert closed(planned, [*before, *after, *events("in 06:10, out 15:00")]).productive_minutes == 530


def test_a_break_without_an_end_lasts_until_the_next_event() -> None:
    planned = duty(breaks=((60, 10, "short"), (240, 30, "meal")))
    found = closed(planned, events("in 06:00, break 07:00, down 07:25, up 07:30, break 10:00"))
    assert told(found) == [("15 min over on short", -15), ("system down 5 min", -5), ("270 min over on meal", -270)]
    assert found.assumed_end_at == planned.ends_at


def test_an_open_day_is_counted_up_to_now() -> None:
    happened = events("in 06:00, break 07:05, back 07:15")
    waiting = day_ledger(duty(), happened, at(DAY, "07:03"))
    assert told(waiting) == [("short not taken", 3)]
    going = day_ledger(duty(), happened, at(DAY, "07:12"))
    assert told(going) == [("short started 5 min late", 3)]
    assert not going.differences[0].is_over
    done = day_ledger(duty(), happened, at(DAY, "07:30"))
    assert told(done) == [("short started 5 min late", 0)]
    assert done.guarantee == Guarantee(GuaranteeState.OPEN, 408 - 80)
    assert done.scheduled_productive_minutes == 80
    assert done.duty_productive_minutes == 420
    before = day_ledger(duty(), happened, at(DAY, "05:00"))
    assert (before.duty_minutes, before.adherence_share, before.conformance_share, before.segments) == (0, None, None, ())


@pytest.mark.parametrize(("night", "ends"), [(DAY, "07:00+1"), (SPRING_NIGHT, "08:00+1"), (AUTUMN_NIGHT, "06:00+1")])
def test_a_night_has_nine_elapsed_hours_whatever_clocks_do(night: date, ends: str) -> None:
    planned = duty("22:00", day=night)
    assert planned.ends_at == at(night, ends)
    local = [
        PresenceEvent(one.event_id, one.kind, one.occurred_at.astimezone(ZoneInfo("Europe/Berlin")))
        for one in as_planned(planned)
    ]
    found = closed(planned, local)
    assert found.productive_minutes == 420
    assert found.adherence_share == 1
    assert found.guarantee.state is GuaranteeState.WITHIN


def test_the_hour_that_exists_twice_is_counted_twice_and_the_one_that_does_not_exist_never() -> None:
    autumn = duty("22:00", day=AUTUMN_NIGHT, breaks=())
    found = closed(autumn, events("in 22:00, break 02:30+1, back 02:30+1', out 06:00+1", day=AUTUMN_NIGHT))
    assert found.on_break_minutes == 60
    spring = duty("22:00", day=SPRING_NIGHT, breaks=())
    found = closed(spring, events("in 22:00, break 01:50+1, back 03:10+1, out 08:00+1", day=SPRING_NIGHT))
    assert found.on_break_minutes == 20


def test_local_instants_of_one_zone_are_not_compared_by_their_wall_clocks() -> None:
    zone = ZoneInfo("Europe/Berlin")
    planned = duty("22:00", day=AUTUMN_NIGHT, breaks=())
    local = Duty(1, AUTUMN_NIGHT, planned.starts_at.astimezone(zone), planned.ends_at.astimezone(zone), ())
    assert day_ledger(local, [], planned.ends_at).duty_minutes == 540


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = datetime(2027, 1, 4, 6)  # noqa: DTZ001
    with pytest.raises(ValueError, match="has no zone"):
        day_ledger(duty(), [event(PresenceKind.SIGN_IN, naive)], at(DAY, "12:00"))
    with pytest.raises(ValueError, match="has no zone"):
        day_ledger(duty(), [], naive)


def test_rules_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        LedgerRules(match_minutes=-1)
    with pytest.raises(ValueError, match="from least to most"):
        LedgerRules(guarantee_minutes=(420, 408))


def test_a_timeline_carries_the_state_in_which_it_begins() -> None:
    happened = events("in 05:00, break 07:00, break 07:05, back 07:20, out 09:00")
    assert state_timeline(happened, at(DAY, "06:00"), at(DAY, "08:00")) == (
        (span("06:00", "07:00"), PresenceState.WORKING),
        (span("07:00", "07:20"), PresenceState.ON_BREAK),
        (span("07:20", "08:00"), PresenceState.WORKING),
    )
    assert state_timeline([], at(DAY, "06:00"), at(DAY, "08:00")) == ((span("06:00", "08:00"), PresenceState.SIGNED_OUT),)
    assert state_timeline(happened, at(DAY, "08:00"), at(DAY, "08:00")) == ()


def test_a_break_stands_for_the_planned_one_in_which_it_starts_or_the_nearest_not_yet_taken() -> None:
    planned = duty(breaks=((60, 10, "short"), (120, 10, "short"), (180, 30, "meal")))
    found = closed(
        planned, events("in 06:00, break 07:00, back 07:04, break 07:06, back 07:10, break 07:50, back 08:00, out 15:00")
    )
    assert told(found) == [("back 2 min early from short", 2), ("short started 10 min early", 0), ("meal not taken", 30)]
    kinds = {one.kind for one in found.differences}
    assert kinds == {DifferenceKind.BREAK_SHORT, DifferenceKind.BREAK_EARLY, DifferenceKind.BREAK_NOT_TAKEN}
    far = closed(planned, events("in 06:00, break 12:00, back 12:10, out 15:00"))
    assert ("break outside the plan, 10 min", -10) in told(far)
