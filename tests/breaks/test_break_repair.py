from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breaks.check_repair import REPAIR_RULES, check_repair
from breaks.floor import ActualBreak, Floor, OnShift
from breaks.floor_coverage import FloorCoverage
from breaks.repair import RepairParams, repair_breaks
from breaks.repair_result import MoveReason, Repair, move_words, repair_words, unrepairable_words
from breaks.sequence import productive_minutes, sequence_faults
from scheduling.cost import CoverageCost
from scheduling.plan import BreakSlot
from scheduling.shifts import BreakKind, BreakPolicy
from tests.breaks.floors import SHORT_FIRST, SIMPLE, drawn_floor, floor_of, steady, worker

MEAL, SHORT = 0, 1


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def peak(base: float, top: float, first: int, end: int) -> list[float]:
    required = steady(base)
    required[first // 15 : end // 15] = [top] * ((end - first) // 15)
    return required


def moved(repair: Repair) -> list[tuple[int, int, int, int]]:
    return [(move.associate_id, move.position, move.from_minute, move.to_minute) for move in repair.moves]


def checked(floor: Floor, params: RepairParams | None = None) -> Repair:
    repair = repair_breaks(floor, params)
    assert [found.message for found in check_repair(floor, params or RepairParams(), repair)] == []
    return repair


def test_absence_moves_one_break_out_of_the_gap() -> None:
    later = (BreakSlot(180, SHORT), BreakSlot(300, MEAL))
    there = [worker(1), worker(2, later), worker(3, later)]
    assert checked(floor_of(there, peak(1, 2, 120, 135))).moves == ()
    repair = checked(floor_of([*there[:2], replace(there[2], is_absent=True)], peak(1, 2, 120, 135)))
    # 15 minutes before and after are equally near; the earlier is taken.
    assert moved(repair) == [(1, 0, 120, 105)]
    assert repair.moves[0].gain == pytest.approx(2 * 15)
    assert repair.effect.short_minutes_saved == pytest.approx(15)
    assert repair.effect.cost_after == 0
    assert repair_words(repair) == "Moving 1 break of 1 associate leaves 15 head-minutes less shortage."


def test_surge_moves_as_few_breaks_as_it_takes() -> None:
    crew = [worker(number) for number in range(6)]
    # Six are there, all on their short break from 120 to 135; four are needed then.
    repair = checked(floor_of(crew, peak(0, 4, 120, 135)))
    assert len(repair.moves) == 4
    assert repair.effect.cost_after == 0
    assert {move.reason for move in repair.moves} == {MoveReason.COVERAGE}


def test_break_that_ran_over_moves_the_next_one() -> None:
    tight = replace(SIMPLE, work_stretch_minutes=(80, 300))
    late = replace(worker(1), policy=tight, actual=(ActualBreak(0, 150, 172),))
    floor = floor_of([late], steady(0), now=175)
    assert [fault.rule for fault in sequence_faults(late, 175)] == ["work_stretch"]
    repair = checked(floor)
    # 172 + 80 = 252, so 255 is the first start on the grid.
    assert moved(repair) == [(1, 1, 240, 255)]
    assert repair.moves[0].reason is MoveReason.RULES
    assert move_words(repair.moves[0], clock) == "meal of 30 minutes from 04:00 to 04:15, so that the breaks keep the rules"
    assert repair.unrepairable == ()


def test_break_that_is_not_over_ends_after_its_length_or_now() -> None:
    running = replace(worker(1), actual=(ActualBreak(0, 130, None),))
    assert productive_minutes(running, 140) == 480 - 15 - 30
    assert productive_minutes(running, 160) == 480 - 30 - 30


def test_outage_takes_breaks_in_when_productive_minutes_fall_short() -> None:
    promise = replace(SIMPLE, productive_minutes=(420, 435))
    down = replace(worker(1), policy=promise, lost=((215, 240),))
    floor = floor_of([down], steady(0), now=120)
    assert productive_minutes(down, 120) == 410
    repair = checked(floor)
    assert moved(repair) == [(1, 1, 240, 215)]
    person = replace(down, pattern=repair.patterns[1])
    assert productive_minutes(person, 120) == 435
    assert repair.unrepairable == ()


def test_outage_brings_breaks_of_some_into_it_and_others_to_work() -> None:
    crew = [replace(worker(number), lost=((225, 255),)) for number in range(3)]
    repair = checked(floor_of(crew, peak(0, 3, 255, 270), now=120))
    assert all(move.to_minute <= 225 for move in repair.moves)
    assert repair.effect.cost_after == 0


def test_who_cannot_be_mended_is_named_with_the_nearest() -> None:
    over = replace(worker(1), policy=replace(SIMPLE, productive_minutes=(430, 435)), actual=(ActualBreak(0, 120, 145),))
    repair = checked(floor_of([over], steady(1), now=150))
    assert [one.associate_id for one in repair.unrepairable] == [1]
    assert [fault.rule for fault in repair.unrepairable[0].happened] == ["productive_minutes"]
    assert unrepairable_words(repair.unrepairable[0], clock) == ("It has happened: 425 productive minutes, 430 to 435 promised.")
    tight = replace(SIMPLE, work_stretch_minutes=(100, 300))
    late = replace(worker(2), policy=tight, actual=(ActualBreak(0, 150, 175),))
    repair = checked(floor_of([late], steady(1), now=176), RepairParams(largest_move_minutes=20))
    assert moved(repair) == [(2, 1, 240, 260)]
    assert unrepairable_words(repair.unrepairable[0], clock) == (
        "No break can be moved far enough to mend this: 85 minutes of work from 02:55 to 04:20, at least 100 wanted."
    )


def test_nothing_moves_that_is_frozen_recorded_kept_or_absent() -> None:
    gap = peak(0, 1, 120, 135)
    assert moved(checked(floor_of([worker(1)], gap))) == [(1, 0, 120, 105)]
    # From 61 minutes before, the break is inside the freeze; before, it may only go where the freeze has ended.
    assert moved(checked(floor_of([worker(1)], gap, now=55))) == [(1, 0, 120, 135)]
    assert checked(floor_of([worker(1)], gap, now=61)).moves == ()
    assert checked(floor_of([replace(worker(1), may_move=False)], gap)).moves == ()
    assert checked(floor_of([replace(worker(1), is_absent=True)], gap)).moves == ()
    assert checked(floor_of([replace(worker(1), actual=(ActualBreak(0, 120, 135),))], gap)).moves == ()
    assert checked(floor_of([worker(1)], gap), RepairParams(largest_move_minutes=4)).moves == ()


def test_a_move_must_be_worth_its_price() -> None:
    gap = peak(0, 1, 120, 135)
    assert checked(floor_of([worker(1)], gap), RepairParams(price_per_move=30.0)).moves == ()
    assert len(checked(floor_of([worker(1)], gap), RepairParams(price_per_move=29.9)).moves) == 1


@pytest.mark.parametrize("most", [0, 1, 3])
def test_no_more_breaks_move_than_asked(most: int) -> None:
    crew = [worker(number) for number in range(6)]
    assert len(checked(floor_of(crew, peak(1, 4, 120, 135)), RepairParams(most_moves=most)).moves) == most


def test_team_limit_holds_where_breaks_go() -> None:
    crew = [worker(1, team="A"), worker(2, (BreakSlot(105, SHORT), BreakSlot(240, MEAL)), team="A")]
    crew.append(worker(3, (BreakSlot(135, SHORT), BreakSlot(300, MEAL)), team="A"))
    gap = peak(0, 3, 120, 135)
    assert moved(checked(floor_of(crew, gap))) == [(1, 0, 120, 105)]
    limited = checked(floor_of(crew, gap, A=2))
    assert moved(limited) == [(1, 0, 120, 105)]
    assert moved(checked(floor_of(crew, gap, A=1))) == [(1, 0, 120, 90)]


def test_gain_of_a_move_is_what_undoing_it_costs() -> None:
    floor = drawn_floor(6, 14, now=420)
    repair = checked(floor)
    assert len(repair.moves) > 5
    for move in repair.moves:
        people = []
        for person in floor.people:
            starts = list(person.planned_starts)
            for other in repair.moves:
                if other.associate_id == person.associate_id and other is not move:
                    starts[other.position] = other.to_minute
            people.append(replace(person, pattern=person.pattern_of(starts)))
        undone = FloorCoverage(replace(floor, people=tuple(people)), CoverageCost())
        assert undone.total(undone.heads) - repair.effect.cost_after == pytest.approx(move.gain, abs=1e-6)


def best_by_trying(floor: Floor, params: RepairParams) -> float:
    """Return the least cost and price of moves of the one person on the floor, from all legal starts."""
    (person,) = floor.people
    opens, reach = floor.now_minute + params.freeze_minutes, params.largest_move_minutes
    choices = []
    for planned in person.planned_starts:
        others = range(planned - reach // 5 * 5, planned + reach + 1, 5) if planned >= opens else ()
        choices.append([planned, *(start for start in others if start >= opens and start != planned)])
    today, best = sum(fault.amount for fault in sequence_faults(person, floor.now_minute)), np.inf
    for starts in product(*choices):
        faults = sequence_faults(person, floor.now_minute, starts)
        if sum(fault.amount for fault in faults) <= today:
            coverage = FloorCoverage(floor, params.cost)
            moves = sum(start != planned for start, planned in zip(starts, person.planned_starts, strict=True))
            best = min(best, coverage.total(coverage.heads_with({0: starts})) + params.price_per_move * moves)
    return float(best)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), now=st.integers(0, 200), reach=st.sampled_from([10, 20]), interval=st.sampled_from([5, 15]))
def test_one_person_gets_the_best_of_all_legal_breaks(seed: int, now: int, reach: int, interval: int) -> None:
    rng = np.random.default_rng(seed)
    required = rng.uniform(0.0, 1.0, size=480 // interval).tolist()
    floor = floor_of([worker(1)], required, now=now, interval=interval)
    params = RepairParams(freeze_minutes=20, largest_move_minutes=reach, price_per_move=float(rng.uniform(0, 3)))
    repair = checked(floor, params)
    found = repair.effect.cost_after + params.price_per_move * len(repair.moves)
    assert found == pytest.approx(best_by_trying(floor, params), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    people=st.integers(0, 14),
    now=st.integers(150, 900),
    interval=st.sampled_from([5, 15, 30, 60]),
    facts=st.booleans(),
    freeze=st.sampled_from([0, 30, 60]),
    reach=st.sampled_from([0, 10, 30, 120]),
    price=st.sampled_from([0.0, 1.0, 6.0]),
)
def test_every_repair_keeps_the_rules_and_never_covers_worse(
    seed: int, people: int, now: int, interval: int, facts: bool, freeze: int, reach: int, price: float
) -> None:
    floor = drawn_floor(seed, people, interval=interval, now=now, facts=facts)
    params = RepairParams(freeze_minutes=freeze, largest_move_minutes=reach, price_per_move=price)
    repair = checked(floor, params)
    assert same(repair_breaks(floor, params), repair)
    if not facts:
        assert repair.unrepairable == ()
        assert repair.gain >= price * len(repair.moves) - 1e-6
        assert (repair.gain > 1e-6) == bool(repair.moves)
    for person in floor.people:
        if person.associate_id in repair.patterns and person.associate_id not in {
            one.associate_id for one in repair.unrepairable
        }:
            starts = [*person.planned_starts]
            for move in repair.moves:
                if move.associate_id == person.associate_id:
                    starts[move.position] = move.to_minute
            least, most = person.policy.productive_minutes
            assert least <= productive_minutes(person, now, starts) <= most


def same(one: Repair, other: Repair) -> bool:
    return one.moves == other.moves and one.patterns == other.patterns and one.unrepairable == other.unrepairable


def test_repeated_repair_finds_nothing_left() -> None:
    floor = drawn_floor(7, 14, now=420)
    repair = checked(floor)
    assert repair.moves
    people = tuple(replace(one, pattern=repair.patterns.get(one.associate_id, one.pattern)) for one in floor.people)
    again = repair_breaks(replace(floor, people=people), RepairParams(largest_move_minutes=0))
    assert again.moves == ()
    assert again.effect.cost_before == pytest.approx(repair.effect.cost_after)


def test_order_of_people_does_not_matter_to_the_coverage() -> None:
    floor = drawn_floor(11, 12, now=420)
    turned = replace(floor, people=floor.people[::-1])
    assert FloorCoverage(turned, CoverageCost()).heads == pytest.approx(FloorCoverage(floor, CoverageCost()).heads)


def wrong_ways(floor: Floor, params: RepairParams, repair: Repair) -> dict[str, tuple[Floor, RepairParams, Repair]]:
    """Return a repair that is right made wrong in one way for each rule."""
    (move,) = repair.moves
    mover = floor.people[floor.index_of[move.associate_id]]
    kept = tuple(replace(one, may_move=False) for one in floor.people)
    there = (BreakSlot(move.to_minute, SHORT), BreakSlot(300, MEAL))
    crowd = tuple(replace(one, pattern=one.pattern if one is mover else there, team="A") for one in floor.people)
    off_grid = replace(repair, moves=(replace(move, to_minute=103),), patterns={move.associate_id: mover.pattern_of([103, 240])})
    costlier = replace(repair.effect, cost_after=repair.effect.cost_after + 1)
    return {
        "who_may_move": (replace(floor, people=kept), params, repair),
        "freeze": (replace(floor, now_minute=70), params, repair),
        "distance": (floor, replace(params, largest_move_minutes=10), repair),
        "most_moves": (floor, replace(params, most_moves=0), repair),
        "patterns": (floor, params, replace(repair, patterns={})),
        "legal": (floor, params, off_grid),
        "team_limit": (replace(floor, people=crowd, team_limits={"A": 2}), params, repair),
        "coverage": (floor, params, replace(repair, effect=costlier)),
    }


@pytest.mark.parametrize("rule", sorted(REPAIR_RULES))
def test_checker_finds_every_kind_of_wrong_repair(rule: str) -> None:
    later = (BreakSlot(180, SHORT), BreakSlot(300, MEAL))
    floor, params = floor_of([worker(1), worker(2, later), worker(3, later)], peak(0, 3, 120, 135)), RepairParams()
    repair = checked(floor, params)
    assert rule in {violation.rule for violation in check_repair(*wrong_ways(floor, params, repair)[rule])}


def test_faults_are_told_with_local_times() -> None:
    person = replace(
        worker(1, (BreakSlot(20, SHORT), BreakSlot(322, MEAL))), policy=replace(SIMPLE, work_stretch_minutes=(30, 200))
    )
    repair = checked(floor_of([person], steady(0), now=400))
    assert unrepairable_words(repair.unrepairable[0], clock) == (
        "It has happened: the short at 00:20 starts 10 minutes too early, none before 00:30; the meal at 05:22 is 2 minutes off "
        "the grid of 5 minutes; the meal at 05:22 starts 22 minutes after its window of 03:00 to 05:00; 20 minutes of work from "
        "00:00 to 00:20, at least 30 wanted; 287 minutes of work from 00:35 to 05:22, at most 200 wanted."
    )
    late = replace(worker(1, (BreakSlot(240, MEAL), BreakSlot(445, SHORT))), actual=(ActualBreak(0, 170, 200),))
    told = unrepairable_words(checked(floor_of([late], steady(0), now=450)).unrepairable[0], clock)
    assert "the meal at 02:50 starts 10 minutes before its window" in told
    assert "the short ends at 07:40, 10 minutes too late, none after 07:30" in told


def test_overlap_and_missing_kinds_are_told() -> None:
    person = worker(1, (BreakSlot(240, MEAL), BreakSlot(255, MEAL)))
    told = unrepairable_words(checked(floor_of([person], steady(0), now=300)).unrepairable[0], clock)
    assert "2 breaks of kind meal, 1 wanted; 0 breaks of kind short, 1 wanted" in told
    assert "two breaks overlap by 15 minutes at 04:15" in told
    # The minutes of two breaks at once are not counted twice.
    assert productive_minutes(person, 300) == 480 - 45


def test_productive_breaks_cost_no_coverage_and_do_not_move() -> None:
    huddle = BreakPolicy(
        breaks=(BreakKind("huddle", 15, productive=True),), productive_minutes=(480, 480), work_stretch_minutes=(30, 400)
    )
    person = OnShift(1, 0, 480, huddle, (BreakSlot(120, 0),), frozenset({0}))
    repair = checked(floor_of([person], peak(1, 1, 120, 135)))
    assert repair.effect.cost_before == 0
    assert repair.moves == ()


def test_a_requirement_that_ends_early_or_starts_late_costs_nothing_outside() -> None:
    late = checked(Floor(0, (worker(1),), 450, 15, np.full((8, 1), 3.0)))
    assert late.effect.short_before.sum() * 15 == pytest.approx(2 * 30)
    assert checked(Floor(0, (worker(1),), -600, 15, np.ones((4, 1)))).effect.cost_before == 0


def test_nobody_on_the_floor_is_no_error() -> None:
    repair = checked(floor_of([], steady(1)))
    assert repair.moves == ()
    assert repair_words(repair) == "No break is worth moving."


def test_senseless_floors_are_refused_with_every_reason() -> None:
    wrong = replace(worker(1), actual=(ActualBreak(5, 10, 5),), skills=frozenset({3}))
    with pytest.raises(
        ValueError, match=r"(?s)on the floor 2 times.*skill is not a column.*0 to 1, not \[5\].*10 to 5, backwards"
    ):
        floor_of([wrong, wrong], steady(1))
    backwards = OnShift(2, 100, 100, SIMPLE, (*SHORT_FIRST[::-1], BreakSlot(400, 7)), frozenset())
    with pytest.raises(ValueError, match=r"(?s)not after its start.*not in the order of time.*a kind that the policy"):
        floor_of([backwards], steady(1))
    with pytest.raises(ValueError, match=r"(?s)heads of 0 or more.*interval is 0 minutes"):
        Floor(0, (), 0, 0, np.array([[-1.0]]))


def test_senseless_params_are_refused_with_every_reason() -> None:
    with pytest.raises(ValueError, match=r"freeze_minutes.*-1.*price_per_move.*nan.*most_moves.*-2"):
        RepairParams(freeze_minutes=-1, price_per_move=float("nan"), most_moves=-2)


def test_large_floor_needs_few_moves_for_a_surge() -> None:
    floor = drawn_floor(3, 60, now=420)
    there = FloorCoverage(floor, CoverageCost())
    required = np.zeros_like(floor.required)
    first = 420 // 15
    rows = min(there.rows, len(required) - first)
    required[first : first + rows] = 0.95 * there.heads[:rows]
    calm = replace(floor, required=required, team_limits={})
    assert checked(calm).moves == ()
    required = required.copy()
    required[first + 6 : first + 9, 0] += 2
    repair = checked(replace(calm, required=required))
    assert 0 < len(repair.moves) < 20
    assert repair.effect.cost_after < 0.8 * repair.effect.cost_before
