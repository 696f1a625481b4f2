from __future__ import annotations

from dataclasses import replace
from datetime import time
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import breaks.polish
from breaks.assignment import AssignmentParams
from breaks.balance import Balance, bounding_sets
from breaks.check import check_breaks, check_coverage
from breaks.placement import Placement, PlacementParams, place_breaks
from breaks.polish import polish_breaks
from breaks.strokes import BreakStrokes
from breaks.window import Site
from scheduling.cost import CoverageCost
from scheduling.coverage import Split, coverage_of
from scheduling.errors import PolicyError
from scheduling.plan import BreakPlan, RosterPlan
from scheduling.ports import Progress
from scheduling.scenario import Requirement, Scenario
from scheduling.shifts import ShiftType
from tests.builders import AUTUMN_MONDAY, MONDAY, SPRING_MONDAY, associate, history, plan, scenario

SKILLS = ("stow", "image", "text")
SKILL_SETS = ({"stow"}, {"image"}, {"stow", "image"}, {"image", "text"}, {"other"}, {"stow", "image", "text"})
DAYS = {
    "kolkata": ("Asia/Kolkata", MONDAY),
    "spring": ("Europe/Berlin", SPRING_MONDAY),
    "autumn": ("Europe/Berlin", AUTUMN_MONDAY),
}
# Two of them start or end between two requirement intervals, and spans differ.
TIMINGS = (
    ShiftType("M", time(6), 540),
    ShiftType("D", time(10, 10), 530),
    ShiftType("N", time(22), 540),
    ShiftType("O", time(13, 5), 535),
)


def operation(seed: int, people: int, where: str = "kolkata", interval: int = 15) -> tuple[Scenario, RosterPlan, BreakPlan]:
    """Return a week with random people, timings, requirement and breaks, the first person coming in from a night."""
    zone, start = DAYS[where]
    rng = np.random.default_rng(seed)
    crew = [associate(f"A{index}", skills=frozenset(SKILL_SETS[rng.integers(len(SKILL_SETS))])) for index in range(people)]
    of = scenario(
        associates=crew,
        shift_types=TIMINGS,
        skills=SKILLS,
        weeks=1,
        zone=zone,
        start=start,
        interval_minutes=interval,
        history=history("A0", "N", before=start),
    )
    roster = plan(of, {person.code: "".join(rng.choice(list("MDNO..."), size=7)) for person in crew})
    heads = rng.gamma(2.0, people / 24, size=(of.horizon.interval_count, len(SKILLS)))
    of = replace(of, requirement=Requirement(SKILLS, heads))
    return of, roster, place_breaks(of, roster, seed=seed, params=PlacementParams(max_sweeps=1)).breaks


def weighted_hours(of: Scenario, roster: RosterPlan, breaks: BreakPlan) -> float:
    coverage = coverage_of(of, roster, breaks)
    return float(CoverageCost().of(coverage.scheduled, coverage.required).sum() * of.horizon.interval_minutes / 60)


def same(one: Placement, other: Placement) -> bool:
    return (
        one.breaks.patterns == other.breaks.patterns
        and np.array_equal(one.breaks.assigned, other.breaks.assigned)
        and one.sweeps == other.sweeps
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    people=st.integers(1, 16),
    where=st.sampled_from(sorted(DAYS)),
    interval=st.sampled_from([5, 15, 30, 60]),
)
def test_polished_breaks_are_legal_and_never_cost_more(seed: int, people: int, where: str, interval: int) -> None:
    of, roster, start = operation(seed, people, where, interval)
    polished = polish_breaks(of, roster, start, seed=seed, rounds=12)
    assert list(check_breaks(of, roster, polished.breaks)) == []
    assert polished.cost_before == pytest.approx(weighted_hours(of, roster, start))
    assert polished.cost_after <= polished.cost_before
    assert weighted_hours(of, roster, polished.breaks) == pytest.approx(polished.cost_after, rel=1e-6, abs=1e-6)
    assert list(check_coverage(of, roster, polished.breaks, coverage_of(of, roster, polished.breaks))) == []


def test_polish_goes_on_where_sweeps_stall() -> None:
    of, roster, _ = operation(3, 40)
    stalled = place_breaks(of, roster, seed=0, params=PlacementParams(max_sweeps=30, least_gain=0.0))
    polished = polish_breaks(of, roster, stalled.breaks, seed=0, rounds=200)
    assert stalled.sweeps[-1] == stalled.sweeps[-2]
    # Most of the shortage is beyond reach of any breaks.
    assert polished.cost_after < stalled.cost_after - 5.0
    assert list(polished.sweeps) == sorted(polished.sweeps, reverse=True)
    assert polished.sweeps[-1] == pytest.approx(polished.cost_after, rel=1e-4)


def test_same_seed_and_rounds_give_the_same_breaks() -> None:
    of, roster, start = operation(4, 20)
    first, second = (polish_breaks(of, roster, start, seed=5, rounds=30) for _ in range(2))
    assert same(first, second)
    assert not same(first, polish_breaks(of, roster, start, seed=6, rounds=30))


def test_stop_is_asked_before_each_round() -> None:
    of, roster, start = operation(5, 20)
    asked, told = count(), list[Progress]()
    stopped = polish_breaks(of, roster, start, seed=0, rounds=500, stop=lambda: next(asked) == 30, progress=told.append)
    assert same(stopped, polish_breaks(of, roster, start, seed=0, rounds=30))
    assert next(asked) == 31
    assert told[-1].done == 1.0
    assert told[-1].objective == stopped.cost_after


def test_search_ends_when_it_gains_too_little() -> None:
    of, roster, start = operation(6, 20)
    ended = polish_breaks(of, roster, start, seed=0, rounds=500, least_gain=1.0)
    assert len(ended.sweeps) == 1


def test_more_sets_of_skills_than_can_be_balanced_are_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    of, roster, start = operation(7, 20)
    monkeypatch.setattr(breaks.polish, "MOST_SETS", 2)
    swept = polish_breaks(of, roster, start, seed=0, rounds=5)
    assert same(swept, place_breaks(of, roster, seed=0, initial=start))


@pytest.mark.parametrize("rows", [".......", "MMMMM.."])
def test_nobody_to_move_leaves_everything(rows: str) -> None:
    of = scenario(weeks=1, associates=[associate(skills=frozenset({"other"}))], heads=1.0)
    roster = plan(of, rows)
    start = place_breaks(of, roster, seed=0).breaks
    polished = polish_breaks(of, roster, start, seed=0, rounds=5)
    np.testing.assert_array_equal(polished.breaks.assigned, start.assigned)
    assert polished.cost_after == polished.cost_before


def test_bad_numbers_are_refused() -> None:
    of, roster, start = operation(8, 2)
    for numbers in ({"rounds": -1}, {"rounds": 1, "least_gain": -0.1}, {"rounds": 1, "least_gain": float("nan")}):
        with pytest.raises(ValueError, match="below 0"):
            polish_breaks(of, roster, start, seed=0, **numbers)
    with pytest.raises(ValueError, match=r"max_sweeps .* not -1\. least_gain .* not nan"):
        PlacementParams(max_sweeps=-1, least_gain=float("nan"))
    for share in (-0.01, 1.01, float("nan")):
        with pytest.raises(ValueError, match="team_share"):
            AssignmentParams(team_share=share)


def test_policy_that_does_not_fit_is_refused() -> None:
    of, roster, start = operation(9, 2)
    of = replace(of, shift_types=tuple(replace(kind, span_minutes=600) for kind in TIMINGS))
    with pytest.raises(PolicyError, match="408 to 420 productive minutes"):
        polish_breaks(of, roster, start, seed=0, rounds=1)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), skills=st.integers(1, 5), groups=st.integers(1, 6), scale=st.sampled_from([1, 3, 6]))
def test_balance_stays_as_cheap_as_a_split_from_scratch(seed: int, skills: int, groups: int, scale: int) -> None:
    rng = np.random.default_rng(seed)
    intervals, margin = 6, 2
    allowed = rng.random((groups, skills)) < 0.5
    allowed[0, 0] = True
    helps = np.asarray(allowed.any(axis=1), dtype=bool)
    useful = np.flatnonzero(helps)
    units = rng.integers(0, 4 * scale, size=(groups, intervals)) + scale
    site = Site(rng.gamma(2.0, groups * 1.2 / skills, size=(intervals, skills)), scale, allowed, CoverageCost())
    sets = bounding_sets(allowed, 1000)
    assert sets is not None
    balance = Balance(site, sets, units, margin)
    inner = margin + np.arange(intervals)
    for _ in range(6):
        group = int(rng.choice(useful))
        if rng.random() < 0.5:
            balance.come(inner, np.full(intervals, group))
            units[group] += 1
        else:
            losses, chosen = balance.leaving(inner[None], np.array([group]))
            away = int(rng.integers(1, scale + 1)) if (units[group] >= scale).all() else 0
            before = potential(site, balance.heads)
            for number in range(away):
                balance.leave(inner, np.full(intervals, group), chosen[number, 0])
            units[group] -= away
            assert potential(site, balance.heads) - before == pytest.approx(losses[away, 0], abs=2e-3)
        fresh = Split(allowed, site.required, scale, CoverageCost(), np.where(helps[:, None], units, 0))
        assert balance.heads.sum() * scale == pytest.approx(units[useful].sum())
        best = site.cost.of(fresh.heads, site.required).sum(axis=1)
        assert site.cost.of(balance.heads, site.required).sum(axis=1) == pytest.approx(best, abs=2e-3)


def potential(site: Site, heads: np.ndarray) -> np.ndarray:
    return np.asarray(site.potential(heads, site.required).sum(axis=1))


def test_sets_that_bound_heads() -> None:
    allowed = np.array([[True, True, False, False], [False, True, True, False], [False, False, False, True]])
    sets = bounding_sets(allowed, 100)
    assert sets is not None
    assert {tuple(np.flatnonzero(row)) for row in sets} == {(0,), (1,), (2,), (3,), (0, 1), (1, 2), (0, 1, 2)}
    assert bounding_sets(allowed, 6) is None


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([1, 2, 3, 12]), lead=st.integers(0, 11), equal=st.booleans())
def test_strokes_agree_with_counting_slots(seed: int, scale: int, lead: int, equal: bool) -> None:
    rng = np.random.default_rng(seed)
    lengths, slots, members = np.array([6, 2, 0, 4]), 36, 3
    leads = np.full(members, lead % scale) if equal else rng.integers(0, scale, members)
    width = -(-(slots + scale - 1) // scale)
    strokes = BreakStrokes(lengths, scale, width)
    kinds, starts = (
        rng.integers(0, 4, (members, 2)),
        np.stack([rng.integers(0, 12, members), rng.integers(20, 30, members)], axis=1),
    )
    away = np.zeros((members, width * scale), dtype=np.int64)
    for member, number in np.ndindex(members, 2):
        first = leads[member] + starts[member, number]
        away[member, first : first + lengths[kinds[member, number]]] += 1
    counted = away.reshape(members, width, scale).sum(axis=2)
    np.testing.assert_array_equal(strokes.away(leads, kinds, starts), counted)
    losses = rng.random((scale + 1, members, width)).cumsum(axis=0)
    losses[0] = 0.0
    found = strokes.starts(losses, leads, slots)
    for member, number in np.ndindex(members, 2):
        kind, start = int(kinds[member, number]), int(starts[member, number])
        only = strokes.away(leads, kinds[:, number, None], starts[:, number, None])[member]
        expected = sum(losses[only[interval], member, interval] for interval in range(width))
        assert found[kind, member, start] == pytest.approx(expected)
