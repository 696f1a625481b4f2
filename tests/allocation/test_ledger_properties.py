"""What must hold of the guarantee ledger whatever people press, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.ledger import DayLedger, GuaranteeState, LedgerRules, day_ledger, state_timeline
from allocation.segments import Segment
from scheduling.duties import Duty, Span
from scheduling.presence import STATE_AFTER, PresenceEvent, PresenceKind, PresenceState
from tests.allocation.floor_days import BREAKS, DAY, duty

NIGHTS = st.sampled_from([DAY, date(2027, 3, 27), date(2027, 10, 30)])
RULES = LedgerRules(open_tolerance_minutes=10, early_limit_minutes=90, overtime_limit_minutes=120)
ADDITIVE = (
    "duty_minutes",
    "scheduled_productive_minutes",
    "productive_minutes",
    "overtime_minutes",
    "working_minutes",
    "on_break_minutes",
    "coaching_minutes",
    "system_down_minutes",
    "attended_minutes",
    "absent_minutes",
    "scheduled_minutes",
    "adherent_minutes",
)


@st.composite
def duties(draw: st.DrawFn) -> Duty:
    chosen = draw(st.sets(st.sampled_from(BREAKS)))
    productive = draw(st.sampled_from([frozenset(), frozenset({"coaching"}), frozenset({"coaching", "short"})]))
    breaks = sorted(chosen)
    return duty("22:00", day=draw(NIGHTS), breaks=breaks, productive=productive, is_absent=draw(st.integers(0, 9)) == 9)


@st.composite
def presence(draw: st.DrawFn, of: Duty, *, unit_seconds: int = 60) -> list[PresenceEvent]:
    pressed = draw(st.lists(st.tuples(st.integers(-200, 750), st.sampled_from(list(PresenceKind))), max_size=14))
    return [
        PresenceEvent(
            UUID(int=number), kind, of.starts_at + timedelta(minutes=minute, seconds=(number * 7) % (60 // unit_seconds))
        )
        for number, (minute, kind) in enumerate(pressed)
    ]


@st.composite
def spans_around(draw: st.DrawFn, of: Duty) -> list[Span]:
    edges = draw(st.lists(st.tuples(st.integers(-100, 640), st.integers(0, 300)), max_size=2))
    return [Span(of.starts_at + timedelta(minutes=a), of.starts_at + timedelta(minutes=a + b)) for a, b in edges]


@st.composite
def days(draw: st.DrawFn) -> tuple[Duty, list[PresenceEvent], list[Span]]:
    of = draw(duties())
    return of, draw(presence(of)), draw(spans_around(of))


def minute(of: Duty, number: int) -> datetime:
    return of.starts_at + timedelta(minutes=number)


def sums(of: DayLedger) -> dict[str, float]:
    return {name: getattr(of, name) for name in ADDITIVE}


@given(day=days(), until=st.integers(-100, 900), data=st.data())
@settings(max_examples=50, deadline=None)
def test_order_and_repetition_of_events_do_not_matter(
    day: tuple[Duty, list[PresenceEvent], list[Span]], until: int, data: st.DataObject
) -> None:
    of, happened, absences = day
    again = data.draw(st.permutations(happened + data.draw(st.lists(st.sampled_from(happened)) if happened else st.just([]))))
    assert day_ledger(of, again, minute(of, until), absences=absences, rules=RULES) == day_ledger(
        of, happened, minute(of, until), absences=absences, rules=RULES
    )


@given(day=days(), until=st.integers(-100, 900))
@settings(max_examples=50, deadline=None)
def test_segments_partition_time_and_the_differences_add_up(
    day: tuple[Duty, list[PresenceEvent], list[Span]], until: int
) -> None:
    of, happened, absences = day
    found = day_ledger(of, happened, minute(of, until), absences=absences, rules=RULES)
    inside = [one.span for one in found.segments if one.is_rostered]
    assert sum(one.minutes for one in inside) == found.duty_minutes == min(540, max(0, until))
    assert all(before.ends_at == after.starts_at for before, after in pairwise(inside))
    assert all(one.span.starts_at < one.span.ends_at for one in found.segments)
    assert found.scheduled_productive_minutes + sum(one.minutes for one in found.differences) == found.productive_minutes
    parts = (found.attended_minutes, found.absent_minutes, found.late_start_minutes, found.early_end_minutes)
    assert sum(parts) + found.missing_minutes == found.duty_minutes
    assert min(*sums(found).values(), *parts, found.missing_minutes, found.excused_minutes, found.guarantee.minutes) >= 0
    shares = [share for share in (found.adherence_share, found.excused_adherence_share) if share is not None]
    assert all(0 <= share <= 1 for share in shares)
    assert list(found.differences) == sorted(found.differences, key=lambda one: one.span)
    assert (found.guarantee.state is GuaranteeState.OPEN) <= (until < 540)


@given(day=days(), first=st.integers(-100, 800), more=st.integers(0, 400))
@settings(max_examples=50, deadline=None)
def test_counting_further_only_adds_what_happened_in_between(
    day: tuple[Duty, list[PresenceEvent], list[Span]], first: int, more: int
) -> None:
    of, happened, absences = day
    early = day_ledger(of, happened, minute(of, first), absences=absences, rules=RULES)
    late = day_ledger(of, happened, minute(of, first + more), absences=absences, rules=RULES)
    in_between = DayLedger(
        duty=late.duty,
        until=late.until,
        segments=_cut(late, early.until),
        assumed_end_at=None,
        rules=RULES,
    )
    assert {name: value + sums(in_between)[name] for name, value in sums(early).items()} == sums(late)


def _cut(of: DayLedger, after: datetime) -> tuple[Segment, ...]:
    rest = (one for one in of.segments if one.span.ends_at > after)
    return tuple(replace(one, span=Span(max(after, one.span.starts_at), one.span.ends_at)) for one in rest)


@given(data=st.data(), of=duties())
@settings(max_examples=50, deadline=None)
def test_states_equal_those_of_a_reading_minute_by_minute(data: st.DataObject, of: Duty) -> None:
    happened = data.draw(presence(of))
    if of.is_absent:
        of = Duty(of.associate_id, of.day, of.starts_at, of.ends_at, of.breaks)
    found = day_ledger(of, happened, minute(of, 900), rules=RULES)
    by_minute = states_by_minute(of, happened)
    for state, figure in (
        (PresenceState.WORKING, found.working_minutes),
        (PresenceState.ON_BREAK, found.on_break_minutes),
        (PresenceState.COACHING, found.coaching_minutes),
        (PresenceState.SYSTEM_DOWN, found.system_down_minutes),
    ):
        assert figure == sum(one is state for one in by_minute.values())
    unproductive = [one for one in of.breaks if not one.is_productive]
    scheduled = sum(not any(one.holds(minute(of, number)) for one in unproductive) for number in range(540))
    assert found.scheduled_productive_minutes == scheduled
    if not any(one.is_productive for one in of.breaks):
        assert found.productive_minutes == found.working_minutes


def states_by_minute(of: Duty, happened: list[PresenceEvent]) -> dict[int, PresenceState]:
    """The state in each minute from the early limit to the overtime limit, with the sign-out that is missing made good."""
    told = [one for one in happened if minute(of, -90) <= one.occurred_at < minute(of, 660)]
    states = {}
    for number in range(-90, 660):
        before = [one for one in told if one.occurred_at <= minute(of, number)]
        last = max(before, key=lambda one: (one.occurred_at, one.event_id)) if before else None
        state = STATE_AFTER[last.kind] if last else PresenceState.SIGNED_OUT
        is_open = last is not None and not any(one.occurred_at > minute(of, number) for one in told)
        states[number] = PresenceState.SIGNED_OUT if is_open and number >= 550 else state
    return states


@given(data=st.data(), of=duties(), begin=st.integers(-100, 600), length=st.integers(0, 600), cut=st.integers(0, 600))
@settings(max_examples=50, deadline=None)
def test_a_timeline_partitions_its_time_and_can_be_cut_anywhere(
    data: st.DataObject, of: Duty, begin: int, length: int, cut: int
) -> None:
    happened = data.draw(presence(of))
    start, middle, end = minute(of, begin), minute(of, begin + min(cut, length)), minute(of, begin + length)
    whole = state_timeline(happened, start, end)
    assert sum(span.minutes for span, _ in whole) == length
    assert all(a[0].ends_at == b[0].starts_at and a[1] is not b[1] for a, b in pairwise(whole))
    parts = [*state_timeline(happened, start, middle), *state_timeline(happened, middle, end)]
    for state in PresenceState:
        assert sum(span.minutes for span, is_in in parts if is_in is state) == sum(
            span.minutes for span, is_in in whole if is_in is state
        )


@given(data=st.data(), of=duties())
@settings(max_examples=30, deadline=None)
def test_differences_add_up_to_the_second(data: st.DataObject, of: Duty) -> None:
    happened = data.draw(presence(of, unit_seconds=1))
    found = day_ledger(of, happened, minute(of, 900), rules=RULES)
    gained = sum(one.minutes for one in found.differences)
    assert found.scheduled_productive_minutes + gained == pytest.approx(found.productive_minutes, abs=1e-9)
