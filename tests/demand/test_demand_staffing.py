"""The Erlang formulas against exact rational arithmetic, and what must hold of them for any load."""

import json
from collections.abc import Callable
from fractions import Fraction
from math import factorial, inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demand.staffing import (
    buffered_heads,
    erlang_a,
    erlang_b,
    erlang_c,
    halfin_whitt,
    mean_wait_seconds,
    required_agents,
    service_level,
    workload_heads,
)

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "erlang_reference.json"

loads = st.floats(0.01, 60.0)
agents = st.integers(1, 80)


def exact_erlang_b(load: Fraction, servers: int) -> Fraction:
    """The definition: ``(a^n / n!) / sum a^k / k!``."""
    terms = [load**k / factorial(k) for k in range(servers + 1)]
    return terms[-1] / sum(terms)


def exact_erlang_c(load: Fraction, servers: int) -> Fraction:
    """The definition: ``(a^n / n!) n / (n - a)`` over the sum of all states."""
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


@pytest.mark.parametrize(("load", "servers"), [(Fraction(1, 2), 1), (Fraction(2), 3), (Fraction(7, 2), 6), (Fraction(40), 45)])
def test_erlang_b_and_c_equal_their_definitions_in_rational_arithmetic(load: Fraction, servers: int) -> None:
    assert erlang_b(float(load), servers) == pytest.approx(float(exact_erlang_b(load, servers)), rel=1e-13)
    assert erlang_c(float(load), servers) == pytest.approx(float(exact_erlang_c(load, servers)), rel=1e-12)


def test_known_fractions_written_out() -> None:
    assert erlang_b(2, 3) == pytest.approx(4 / 19)
    assert erlang_c(2, 3) == pytest.approx(4 / 9)
    assert erlang_c(1, 2) == pytest.approx(1 / 3)


@pytest.fixture
def reference() -> dict[str, Any]:
    if not REFERENCE.exists():
        pytest.skip("the reference figures ../shared/data/erlang_reference.json are absent")
    figures: dict[str, Any] = json.loads(REFERENCE.read_text())
    return figures


def test_the_reference_figures_are_reproduced(reference: dict[str, Any]) -> None:
    for formula, name in ((erlang_b, "erlang_b"), (erlang_c, "erlang_c")):
        load, servers, expected = np.array(reference[name]).T
        np.testing.assert_allclose(formula(load, servers.astype(int)), expected, rtol=1e-12)
    for case in reference["service_level"]:
        load = float(workload_heads(case["calls"], case["aht_s"], case["period_s"] / 60))
        assert load == pytest.approx(case["offered_load"])
        assert erlang_c(load, case["agents"]) == pytest.approx(case["p_wait"], rel=1e-12)
        assert service_level(load, case["agents"], case["target_s"], case["aht_s"]) == pytest.approx(
            case["service_level"], rel=1e-12
        )
        assert mean_wait_seconds(load, case["agents"], case["aht_s"]) == pytest.approx(case["asa_s"], rel=1e-11)
        assert load / case["agents"] == pytest.approx(case["occupancy"])
    for case in reference["required_agents"]:
        assert required_agents(case["load"], case["target_s"], case["aht_s"], case["sl"]) == case["agents"]
    for case in reference["erlang_a"]:
        found = erlang_a(case["lam_per_min"], case["aht_min"], case["patience_min"], case["agents"])
        assert found.p_wait == pytest.approx(case["p_wait"], rel=1e-9)
        assert found.p_abandon == pytest.approx(case["p_abandon"], rel=1e-9)
        assert found.mean_wait == pytest.approx(case["mean_wait_min"], rel=1e-9)
        assert found.occupancy == pytest.approx(case["occupancy"], rel=1e-9)
    for beta, expected in reference["halfin_whitt"]:
        assert halfin_whitt(beta) == pytest.approx(expected, rel=1e-9)


@given(loads, agents)
def test_one_more_agent_never_makes_waiting_likelier(load: float, number: int) -> None:
    assert erlang_b(load, number + 1) <= erlang_b(load, number)
    assert erlang_c(load, number + 1) <= erlang_c(load, number)
    assert erlang_c(load * 1.01, number) >= erlang_c(load, number)
    assert erlang_c(load, number) >= erlang_b(load, number) * (1 - 1e-12)


@given(st.lists(loads, min_size=1, max_size=5), st.floats(5, 600), st.floats(10, 400), st.floats(0.5, 0.99))
@settings(max_examples=40)
def test_required_agents_are_the_fewest_that_reach_the_level(many: list[float], target: float, aht: float, level: float) -> None:
    load = np.array(many)
    needed = required_agents(load, target, aht, level)
    assert (service_level(load, needed, target, aht) >= level - 1e-9).all()
    assert (service_level(load, needed - 1, target, aht) < level).all()


def test_erlang_c_holds_for_thousands_of_agents_and_meets_its_limit() -> None:
    load = 5_000.0
    number = round(load + 0.5 * load**0.5)
    beta = (number - load) / load**0.5
    assert erlang_c(load, number) == pytest.approx(halfin_whitt(beta), rel=0.01)
    assert required_agents(np.array([0.0, load]), 20, 180, 0.8)[0] == 0


def test_a_queue_without_enough_agents_grows_for_ever() -> None:
    assert erlang_c(5.0, 5) == 1.0
    assert service_level(5.0, 4, 1e9, 20) == 0.0
    assert mean_wait_seconds(5.0, 5, 20) == inf
    assert erlang_c(0.0, 0) == 0.0
    assert mean_wait_seconds(0.0, 1, 20) == 0.0


@given(st.floats(0.2, 30.0), st.integers(1, 40))
@settings(max_examples=40)
def test_erlang_a_keeps_its_balances_and_nears_erlang_c_as_patience_grows(load: float, number: int) -> None:
    found = erlang_a(load, 1.0, 2.0, number)
    served = load * (1 - found.p_abandon)
    assert served == pytest.approx(found.occupancy * number, rel=1e-9)
    assert 0 <= found.p_abandon <= found.p_wait <= 1 + 1e-12
    assert erlang_a(load, 1.0, 2.0, number + 1).p_abandon <= found.p_abandon + 1e-12
    if load < 0.8 * number:
        assert erlang_a(load, 1.0, 1e7, number).p_wait == pytest.approx(float(erlang_c(load, number)), rel=1e-4)


def test_erlang_a_with_patience_equal_to_the_handling_time_is_poisson() -> None:
    load, number = Fraction(4), 5
    below = sum(load**k / factorial(k) for k in range(number))
    assert erlang_a(4.0, 1.0, 1.0, number).p_wait == pytest.approx(1 - float(below) * np.exp(-4.0), rel=1e-12)


def test_erlang_a_survives_a_large_overload() -> None:
    found = erlang_a(20_000.0, 1.0, 1.0, 10_000)
    assert found.p_abandon == pytest.approx(0.5, rel=1e-6)
    assert found.p_wait == pytest.approx(1.0)


@pytest.mark.parametrize("call", [lambda: erlang_a(0, 1, 1, 1), lambda: halfin_whitt(0), lambda: required_agents(1, 20, 20, 1.0)])
def test_parameters_out_of_range_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"above zero|cannot be staffed|for ever"):
        call()


def test_workload_rule() -> None:
    heads = workload_heads([90, 0], [20.0, np.nan], 15)
    np.testing.assert_allclose(heads, [2.0, 0.0])
    np.testing.assert_allclose(buffered_heads(heads, 0.12, 0.8), [2.8, 0.0])
    for buffer, occupancy in ((-0.1, 0.8), (0.1, 0.0), (0.1, 1.1), (float("nan"), 0.8)):
        with pytest.raises(ValueError, match="out of range"):
            buffered_heads(heads, buffer, occupancy)
