from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from breaks.ask import AskParams, ask_break
from breaks.ask_answer import Answer, BreakOffer, No, Yes, YesAtCost, answer_words
from breaks.floor import ActualBreak, Floor, OnShift, standing_breaks
from breaks.floor_coverage import FloorCoverage
from breaks.sequence import SequenceFault, sequence_faults
from scheduling.cost import CoverageCost
from scheduling.errors import NotFoundError
from scheduling.plan import BreakSlot
from tests.breaks.floors import SIMPLE, drawn_floor, floor_of, steady, worker

MEAL, SHORT = 0, 1


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def offer_of(answer: Answer) -> BreakOffer:
    assert not isinstance(answer, No)
    return answer.offer


def rules(answer: Answer) -> list[str]:
    assert isinstance(answer, No)
    return [reason.rule for reason in answer.reasons]


def test_yes_when_legal_and_free() -> None:
    answer = ask_break(floor_of([worker(1)], steady(0)), 1, "meal", 275)
    assert isinstance(answer, Yes)
    assert answer.offer.pattern == (BreakSlot(120, SHORT), BreakSlot(275, MEAL))
    assert answer.offer.cost == 0
    assert answer_words(answer, clock) == "Yes: the meal at 04:35."


def test_yes_at_the_cost_to_coverage() -> None:
    required = steady(0)
    required[18:20] = [1, 1]
    answer = ask_break(floor_of([worker(1)], required), 1, "meal", 270)
    assert isinstance(answer, YesAtCost)
    assert answer.offer.short_minutes == pytest.approx(30)
    assert answer.offer.cost == pytest.approx(60)
    assert [(one.minutes, one.skill, one.short_before, one.short_after) for one in answer.offer.worse] == [
        ((270, 285), 0, 0.0, 1.0),
        ((285, 300), 0, 0.0, 1.0),
    ]
    assert answer_words(answer, clock) == "Yes, at 30 head-minutes short from 04:30 to 05:00: the meal at 04:30."


def test_no_says_which_rule_by_how_much_and_the_nearest_yes() -> None:
    answer = ask_break(floor_of([worker(1)], steady(0)), 1, "meal", 315)
    assert answer_words(answer, clock) == (
        "No: the meal at 05:15 starts 15 minutes after its window of 03:00 to 05:00. The nearest yes is the meal at 05:00."
    )
    off_grid = ask_break(floor_of([worker(1)], steady(0)), 1, "meal", 252)
    assert rules(off_grid) == ["break_grid"]
    assert isinstance(off_grid, No)
    assert off_grid.nearest is not None
    assert off_grid.nearest.asked.to_minute == 250


def test_earliest_of_two_equally_near_starts() -> None:
    # Between 60 and 90 minutes nobody may leave: two mates are on break then.
    mates = [worker(2, (BreakSlot(90, SHORT), BreakSlot(300, MEAL)), team="A")]
    floor = floor_of([worker(1, team="A"), *mates], steady(0), A=1)
    answer = ask_break(floor, 1, "short", 90)
    assert rules(answer) == ["team_limit"]
    assert isinstance(answer, No)
    assert answer.nearest is not None
    assert answer.nearest.asked.to_minute == 75
    assert "2 of the team would be on break at 01:30, at most 1 may be" in answer_words(answer, clock)


def test_other_breaks_give_way_and_are_listed() -> None:
    close = worker(1, (BreakSlot(180, SHORT), BreakSlot(240, MEAL)))
    answer = ask_break(floor_of([close], steady(0)), 1, "meal", 210)
    offer = offer_of(answer)
    assert [(one.kind, one.from_minute, one.to_minute) for one in offer.others] == [("short", 180, 165)]
    assert answer_words(answer, clock) == "Yes: the meal at 03:30, with the short of 03:00 at 02:45."
    frozen = ask_break(floor_of([close], steady(0), now=130), 1, "meal", 210)
    assert isinstance(frozen, No)
    assert frozen.nearest is not None
    assert frozen.nearest.asked.to_minute == 225
    assert frozen.nearest.others == ()


def test_wished_break_may_pass_another() -> None:
    person = worker(1, (BreakSlot(180, SHORT), BreakSlot(240, MEAL)))
    offer = offer_of(ask_break(floor_of([person], steady(0)), 1, "short", 320))
    assert offer.pattern == (BreakSlot(240, MEAL), BreakSlot(320, SHORT))
    assert offer.others == ()


def test_own_wish_needs_no_freeze_but_notice() -> None:
    floor = floor_of([worker(1)], steady(0), now=100)
    assert isinstance(ask_break(floor, 1, "short", 105), Yes)
    past = ask_break(floor, 1, "short", 95)
    assert rules(past) == ["notice"]
    assert "01:35 is 5 minutes too early, the first start to be had is 01:40" in answer_words(past, clock)
    assert rules(ask_break(floor, 1, "short", 105, AskParams(notice_minutes=15))) == ["notice"]


def test_begun_or_absent_has_no_other_start() -> None:
    begun = floor_of([replace(worker(1), actual=(ActualBreak(0, 118, None),))], steady(0), now=120)
    assert (
        answer_words(ask_break(begun, 1, 0, 150), clock)
        == "No: the short of 01:58 has begun or is over. No other start can be offered."
    )
    over = ask_break(floor_of([worker(1)], steady(0), now=200), 1, 0, 210)
    assert rules(over) == ["break_begun"]
    absent = ask_break(floor_of([replace(worker(1), is_absent=True)], steady(0)), 1, 0, 150)
    assert answer_words(absent, clock) == "No: recorded as absent. No other start can be offered."


def test_no_start_at_all_is_said() -> None:
    person = worker(1)
    floor = floor_of([person], steady(0), now=115)
    answer = ask_break(floor, 1, "short", 110, AskParams(notice_minutes=400))
    assert isinstance(answer, No)
    assert answer.nearest is None
    assert answer_words(answer, clock).endswith("No other start can be offered.")


def test_what_is_wrong_already_is_not_held_against_a_wish() -> None:
    over = replace(worker(1), policy=replace(SIMPLE, productive_minutes=(430, 435)), actual=(ActualBreak(0, 120, 150),))
    assert isinstance(ask_break(floor_of([over], steady(0), now=150), 1, "meal", 250), Yes)


def test_unknown_people_and_breaks_are_refused_in_words() -> None:
    floor = floor_of([worker(1)], steady(0), now=300)
    with pytest.raises(NotFoundError, match="Associate 9 is not on shift"):
        ask_break(floor, 9, 0, 10)
    with pytest.raises(NotFoundError, match="has 2 breaks, there is none at position 4"):
        ask_break(floor, 1, 4, 10)
    with pytest.raises(NotFoundError, match="has no meal any more"):
        ask_break(floor, 1, "meal", 310)
    with pytest.raises(ValueError, match=r"notice_minutes.*-1.*price_per_move.*-3"):
        AskParams(notice_minutes=-1, price_per_move=-3)


def new_faults(floor: Floor, person: OnShift, starts: list[int]) -> list[SequenceFault]:
    today = {(fault.rule, fault.positions): fault.amount for fault in sequence_faults(person, floor.now_minute)}
    found = sequence_faults(person, floor.now_minute, starts)
    return [fault for fault in found if fault.amount > today.get((fault.rule, fault.positions), 0)]


def team_fits(floor: Floor, person: OnShift, starts: list[int]) -> bool:
    limit = floor.team_limits.get(person.team, len(floor.people))
    for position, (start, was) in enumerate(zip(starts, person.planned_starts, strict=True)):
        minutes = person.policy.breaks[person.pattern[position].kind].minutes
        for minute in range(start, start + minutes) if start != was else ():
            mates = sum(
                any(one.start_minute <= minute < one.end_minute for one in standing_breaks(mate, floor.now_minute))
                for mate in floor.people
                if mate.team == person.team and mate is not person and not mate.is_absent
            )
            if mates >= limit:
                return False
    return True


def assert_right_offer(floor: Floor, person: OnShift, offer: BreakOffer, params: AskParams) -> None:
    starts = list(person.planned_starts)
    starts[offer.asked.position] = offer.asked.to_minute
    for other in offer.others:
        assert other.position not in person.records
        assert min(other.from_minute, other.to_minute) >= floor.now_minute + params.freeze_minutes
        assert abs(other.from_minute - other.to_minute) <= params.largest_move_minutes
        starts[other.position] = other.to_minute
    assert new_faults(floor, person, starts) == []
    assert team_fits(floor, person, starts)
    assert offer.asked.to_minute >= floor.now_minute + params.notice_minutes
    assert offer.pattern == person.pattern_of(starts)
    if person.actual:
        return
    people = tuple(replace(one, pattern=offer.pattern) if one is person else one for one in floor.people)
    before, after = FloorCoverage(floor, CoverageCost()), FloorCoverage(replace(floor, people=people), CoverageCost())
    assert offer.cost == pytest.approx(after.total(after.heads) - before.total(before.heads), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    people=st.integers(1, 12),
    now=st.integers(150, 900),
    interval=st.sampled_from([5, 15, 60]),
    facts=st.booleans(),
    shift=st.integers(-20, 20),
)
def test_every_answer_is_right(seed: int, people: int, now: int, interval: int, facts: bool, shift: int) -> None:
    floor, params = drawn_floor(seed, people, interval=interval, now=now, facts=facts), AskParams()
    rng = np.random.default_rng(seed)
    askable = [
        (person, position)
        for person in floor.people
        for position, start in enumerate(person.planned_starts)
        if start >= now and position not in person.records and not person.is_absent
    ]
    assume(askable)
    person, position = askable[int(rng.integers(len(askable)))]
    wanted = person.planned_starts[position] + 5 * shift
    answer = ask_break(floor, person.associate_id, position, wanted, params)

    def alone(start: int) -> bool:
        starts = list(person.planned_starts)
        starts[position] = start
        return start >= now and not new_faults(floor, person, starts) and team_fits(floor, person, starts)

    if isinstance(answer, No):
        assert not alone(wanted)
        assert answer.reasons
        fitting = [start for start in range(person.start_minute, person.end_minute, 5) if alone(start)]
        if fitting:
            nearest = min(fitting, key=lambda start: (abs(start - wanted), start))
            assert answer.nearest is not None
            found = answer.nearest.asked.to_minute
            assert (abs(found - wanted), found) <= (abs(nearest - wanted), nearest)
            assert bool(answer.nearest.others) == (found != nearest)
        if answer.nearest is not None:
            assert_right_offer(floor, person, answer.nearest, params)
    else:
        assert answer.offer.asked.to_minute == wanted
        assert bool(answer.offer.others) != alone(wanted)
        assert isinstance(answer, YesAtCost) == (answer.offer.cost > 1e-6)
        assert_right_offer(floor, person, answer.offer, params)
    prepared = ask_break(floor, person.associate_id, position, wanted, params, FloorCoverage(floor, params.cost))
    assert answer_words(prepared, clock) == answer_words(answer, clock)


def test_wish_that_needs_no_change_is_free() -> None:
    floor = drawn_floor(2, 8, now=420)
    for person in floor.people:
        for position, start in enumerate(person.planned_starts):
            if start >= 420:
                answer = ask_break(floor, person.associate_id, position, start)
                assert isinstance(answer, Yes)
                assert answer.offer.pattern == person.pattern
