from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from breaks.check import is_legal
from breaks.lattice import Lattice
from breaks.patterns import PatternPricer, count_patterns, enumerate_patterns, expected_profile, spread_pattern
from scheduling.coverage import working_slots
from scheduling.errors import PolicyError
from scheduling.plan import BreakPattern, BreakSlot
from scheduling.shifts import BreakKind, BreakPolicy
from tests.builders import POLICY


@st.composite
def policies(draw: st.DrawFn) -> tuple[BreakPolicy, int]:
    grid = draw(st.sampled_from([5, 10, 15]))
    span = grid * draw(st.integers(6, 24))
    kinds = []
    for index in range(draw(st.integers(0, 3))):
        earliest = draw(st.integers(0, 100))
        window = draw(st.sampled_from([None, (earliest, earliest + draw(st.integers(0, 150)))]))
        kinds.append(BreakKind(str(index), grid * draw(st.integers(1, 3)), draw(st.integers(0, 2)), window, draw(st.booleans())))
    least = draw(st.integers(0, 40))
    stretch = (least, least + draw(st.integers(0, 120)))
    policy = BreakPolicy(tuple(kinds), grid, (0, 10_000), stretch, draw(st.integers(0, 60)), draw(st.integers(0, 50)))
    return policy, span


def brute_force(policy: BreakPolicy, span: int) -> list[BreakPattern]:
    """List every arrangement on the grid and keep what the independent checker calls legal."""
    found: list[BreakPattern] = []

    def extend(taken: BreakPattern, left: tuple[int, ...], ended: int) -> None:
        if not any(left) and is_legal(policy, span, taken):
            found.append(taken)
        for kind, count in enumerate(left):
            if count:
                rest = (*left[:kind], count - 1, *left[kind + 1 :])
                # Only the longest stretch prunes here, or the arrangements would be too many.
                for start in range(ended, min(span, ended + policy.work_stretch_minutes[1] + 1)):
                    if start % policy.grid_minutes == 0:
                        extend((*taken, BreakSlot(start, kind)), rest, start + policy.breaks[kind].minutes)

    extend((), tuple(kind.count for kind in policy.breaks), 0)
    return sorted(found)


def loss_of(pattern: BreakPattern, losses: NDArray[np.float64], shift: int, grid: int) -> float:
    return float(sum(losses[slot.kind, shift, slot.start_minute // grid] for slot in pattern))


@settings(max_examples=50, deadline=None)
@given(policies().filter(lambda case: sum(kind.count for kind in case[0].breaks) <= 3), st.integers(0, 10_000))
def test_pricer_finds_what_brute_force_finds(case: tuple[BreakPolicy, int], seed: int) -> None:
    policy, span = case
    legal = brute_force(policy, span)
    assert count_patterns(policy, span) == len(legal)
    assert enumerate_patterns(policy, span, 10**9) == legal
    losses = np.random.default_rng(seed).normal(size=(len(policy.breaks), 5, span // policy.grid_minutes))
    pricer = PatternPricer(policy, span)
    least = pricer.least_loss(losses)
    if not legal:
        assert np.isinf(least).all()
        with pytest.raises(PolicyError):
            pricer.best_patterns(losses)
        return
    wanted = [min(loss_of(pattern, losses, shift, policy.grid_minutes) for pattern in legal) for shift in range(5)]
    np.testing.assert_allclose(least, wanted, atol=1e-12)
    loss, patterns = pricer.best_patterns(losses)
    np.testing.assert_allclose(loss, wanted, atol=1e-12)
    for shift, pattern in enumerate(patterns):
        assert is_legal(policy, span, pattern)
        assert loss_of(pattern, losses, shift, policy.grid_minutes) == pytest.approx(wanted[shift], abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(policies().filter(lambda case: sum(kind.count for kind in case[0].breaks) <= 3))
def test_expected_profile_is_the_mean_over_all_patterns(case: tuple[BreakPolicy, int]) -> None:
    policy, span = case
    legal = brute_force(policy, span)
    if not legal:
        with pytest.raises(PolicyError):
            expected_profile(policy, span)
        return
    mean = np.mean([working_slots(policy, span, pattern) for pattern in legal], axis=0)
    np.testing.assert_allclose(expected_profile(policy, span), mean, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(policies())
def test_spread_pattern_is_the_most_even(case: tuple[BreakPolicy, int]) -> None:
    policy, span = case
    few = enumerate_patterns(policy, span, 2000)
    if not few:
        return
    even = spread_pattern(policy, span)
    assert is_legal(policy, span, even)
    assert unevenness(policy, span, even) <= min(unevenness(policy, span, pattern) for pattern in few) + 1e-9


def unevenness(policy: BreakPolicy, span: int, pattern: BreakPattern) -> float:
    edges = [0, *(minute for slot in pattern for minute in (slot.start_minute, slot.start_minute + length(policy, slot))), span]
    return float(np.var(np.diff(edges)[::2]))


def length(policy: BreakPolicy, slot: BreakSlot) -> int:
    return policy.breaks[slot.kind].minutes


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_every_pattern_of_the_preset_is_legal(seed: int) -> None:
    losses = np.random.default_rng(seed).normal(size=(3, 400, 108))
    pricer = PatternPricer(POLICY, 540)
    loss, patterns = pricer.best_patterns(losses)
    np.testing.assert_array_equal(loss, pricer.least_loss(losses))
    assert all(is_legal(POLICY, 540, pattern) for pattern in patterns)
    assert loss[250] == pytest.approx(loss_of(patterns[250], losses, 250, 5))


def test_cheapest_pattern_beats_random_legal_ones() -> None:
    losses = np.random.default_rng(3).normal(size=(3, 1, 108))
    best = float(PatternPricer(POLICY, 540).least_loss(losses)[0])
    some = enumerate_patterns(POLICY, 540, 20_000)[::40]
    assert best <= min(loss_of(pattern, losses, 0, 5) for pattern in some)


def test_no_shifts_give_no_patterns() -> None:
    loss, patterns = PatternPricer(POLICY, 540).best_patterns(np.zeros((3, 0, 108)))
    assert len(loss) == 0
    assert patterns == []


def test_profile_of_the_preset_keeps_its_productive_time() -> None:
    profile = expected_profile(POLICY, 540)
    assert profile.sum() * 5 == pytest.approx(420)
    assert (profile[:9] == 1).all()
    assert (profile[-6:] == 1).all()


@pytest.mark.parametrize(("span", "minutes", "grid"), [(541, 30, 5), (540, 7, 5), (540, 0, 5), (540, 30, 0), (0, 30, 5)])
def test_lengths_off_the_grid_are_refused(span: int, minutes: int, grid: int) -> None:
    with pytest.raises(PolicyError, match=r"grid|multiple"):
        Lattice(BreakPolicy((BreakKind("meal", minutes),), grid), span)
