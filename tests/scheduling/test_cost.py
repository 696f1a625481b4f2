"""The cost of uneven coverage is convex and piecewise linear."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.cost import CoverageCost

COST = CoverageCost()
HEADS = st.floats(0, 200, allow_nan=False).map(lambda value: round(value, 3))


def cost_of(scheduled: float, required: float, cost: CoverageCost = COST) -> float:
    return float(cost.of(np.array([scheduled]), np.array([required]))[0])


def test_steps_are_added_by_hand() -> None:
    # Of 20 heads: 10 short are 10 x 2 from the first, 8 x 2 beyond two, 5 x 4 beyond five.
    assert cost_of(10, 20) == pytest.approx(20 + 16 + 20)
    # 10 over are 8 x 0.1 beyond two and 4 x 0.1 beyond six.
    assert cost_of(30, 20) == pytest.approx(8 * 0.1 + 4 * 0.1)


def test_a_step_begins_at_no_less_than_one_head() -> None:
    # Of 2 heads both steps of shortage begin at one head.
    assert cost_of(0, 2) == pytest.approx(4 + 2 + 4)
    assert cost_of(3, 2) == 0
    assert cost_of(4, 2) == pytest.approx(0.2)


@given(required=HEADS)
def test_exact_coverage_is_free(required: float) -> None:
    assert cost_of(required, required) == 0


@given(required=HEADS, one=HEADS, other=HEADS, share=st.floats(0, 1))
def test_the_cost_is_convex(required: float, one: float, other: float, share: float) -> None:
    between = share * one + (1 - share) * other
    assert cost_of(between, required) <= share * cost_of(one, required) + (1 - share) * cost_of(other, required) + 1e-6


@given(required=HEADS)
@settings(max_examples=50)
def test_between_its_kinks_the_cost_is_linear(required: float) -> None:
    kinks = np.sort(COST.kinks(np.array([required]))[:, 0])
    for low, high in pairwise([*kinks, kinks[-1] + 50]):
        middle = cost_of((low + high) / 2, required)
        assert middle == pytest.approx((cost_of(low, required) + cost_of(high, required)) / 2, abs=1e-9)
    assert kinks[0] == 0


@given(required=st.floats(10, 200))
def test_the_steepest_slopes(required: float) -> None:
    assert cost_of(0, required) - cost_of(1, required) == pytest.approx(COST.steepest_short)
    assert cost_of(3 * required, required) - cost_of(3 * required - 1, required) == pytest.approx(COST.steepest_over)


def test_the_shape_is_kept() -> None:
    required = np.ones((3, 2))
    assert COST.of(np.zeros((3, 2)), required).shape == (3, 2)
    assert COST.kinks(required).shape == (6, 3, 2)
