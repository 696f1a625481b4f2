"""Which queue next: indices by hand, ties, reserved shares, and that nothing starves."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.policy import (
    POLICIES,
    Heads,
    Policy,
    ReservedShareError,
    choose,
    generalised_c_mu,
    rank_at,
    reserved_intervals,
    reserved_point,
    strict_priority,
)

NOWHERE = 0.99
GOLDEN_LOG = log((1 + 5**0.5) / 2)


def heads(*rows: tuple[float, ...], shares: dict[int, float] | None = None) -> Heads:
    """Make heads of rows (queue id, age, sla, weight, mix share, speed)."""
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 6)
    intervals = reserved_intervals(shares or {})
    reserved = np.array([intervals.get(int(row[0]), (0.0, 0.0)) for row in rows]).reshape(len(rows), 2)
    age, sla, weight, share, speed = table.T[1:]
    return Heads(table[:, 0].astype(np.int64), age, sla, weight, share, speed, reserved[:, 0], reserved[:, 1])


def test_the_index_is_that_of_a_hand_computation() -> None:
    index = generalised_c_mu(heads((1, 30, 60, 2, 0.5, 1.5), (2, 120, 60, 1, 1, 1)))
    assert index.tolist() == [2 * 0.5 * 1.5 / 60 * 0.125, 1 / 60 * 8]


def test_a_deadline_at_arrival_and_an_age_below_zero_are_no_fault() -> None:
    index = generalised_c_mu(heads((1, 1, 0, 1, 1, 1), (2, -5, 60, 1, 1, 1)))
    assert np.isfinite(index).all()
    assert index[1] == 0.0


@pytest.mark.parametrize(
    ("name", "expected"),
    [("generalised_c_mu", 2), ("first_in_first_out", 3), ("strict_priority", 1), ("earliest_deadline", 2)],
)
def test_each_policy_takes_what_its_name_says(name: str, expected: int) -> None:
    some = heads((1, 10, 300, 9, 1, 1), (2, 290, 300, 1, 1, 1), (3, 5000, 86400, 1, 1, 1))
    taken = choose(some, POLICIES[name], NOWHERE)
    assert taken is not None
    assert some.queue_id[taken] == expected


def test_of_equals_the_older_goes_first_then_the_lower_id() -> None:
    assert choose(heads((7, 10, 60, 1, 1, 1), (3, 20, 60, 1, 1, 1)), strict_priority, NOWHERE) == 1
    assert choose(heads((7, 10, 60, 1, 1, 1), (3, 10, 60, 1, 1, 1)), strict_priority, NOWHERE) == 1


def test_nothing_to_claim_is_an_answer() -> None:
    assert choose(heads(), strict_priority, 0.0) is None


def test_the_reserved_queue_goes_first_only_inside_its_interval_and_only_with_a_head() -> None:
    shares = {5: 0.1, 2: 0.2}
    both = heads((2, 0, 60, 1, 1, 1), (5, 0, 60, 1, 1, 1), (9, 59, 60, 9, 1, 1), shares=shares)
    taken = [choose(both, generalised_c_mu, point) for point in (0.0, 0.199, 0.2, 0.299, 0.31, 0.9)]
    assert taken == [0, 0, 1, 1, 2, 2]
    without = heads((2, 0, 60, 1, 1, 1), (9, 59, 60, 9, 1, 1), shares=shares)
    assert choose(without, generalised_c_mu, 0.25) == 1


def test_intervals_lie_side_by_side() -> None:
    assert reserved_intervals({9: 0.25, 4: 0.125, 5: 0.0}) == {4: (0.0, 0.125), 9: (0.125, 0.375)}


def test_all_faults_of_reserved_shares_are_named_at_once() -> None:
    with pytest.raises(ReservedShareError) as refused:
        reserved_intervals({1: -0.1, 2: float("nan"), 3: 0.4, 4: 0.3})
    message = str(refused.value)
    assert "queue 1 is -0.1" in message
    assert "queue 2 is nan" in message
    assert "at most 50%" in message


def test_a_step_of_priority_is_worth_one_sla() -> None:
    due = datetime(2027, 1, 4, 12, tzinfo=UTC)
    assert rank_at(due, 0, 600) == due
    assert rank_at(due, 2, 600) == due - timedelta(minutes=20)
    assert rank_at(due, -1, 600) == rank_at(due + timedelta(minutes=10), 0, 600)


@settings(max_examples=50, deadline=None)
@given(first=st.integers(0, 10**9), count=st.integers(1, 20_000), share=st.floats(0.001, 0.5), place=st.floats(0.0, 1.0))
def test_a_reserved_share_is_kept_in_any_run_of_claims(first: int, count: int, share: float, place: float) -> None:
    start = place * (1.0 - share)
    points = np.array([reserved_point(number) for number in range(first, first + count)])
    claims = int(((points >= start) & (points < start + share)).sum())
    proven = 2 + log(count) / GOLDEN_LOG
    assert claims >= share * count - proven
    assert claims >= share * count - 7


@settings(max_examples=50, deadline=None)
@given(first=st.integers(0, 10**9), share=st.floats(0.001, 0.5), place=st.floats(0.0, 1.0))
def test_a_reserved_queue_never_waits_longer_than_two_claims_in_its_share(first: int, share: float, place: float) -> None:
    start = place * (1.0 - share)
    wait = int(2 / share + 1)
    points = np.array([reserved_point(number) for number in range(first, first + wait)])
    assert ((points >= start) & (points < start + share)).any()


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0.1, 10), st.floats(0.1, 1), st.floats(0.3, 3)),
        min_size=1,
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_the_choice_does_not_depend_on_the_order_of_heads(rows, random) -> None:  # type: ignore[no-untyped-def]
    numbered = [(float(number), *row) for number, row in enumerate(rows)]
    shuffled = list(numbered)
    random.shuffle(shuffled)
    for policy in POLICIES.values():
        one, other = choose(heads(*numbered), policy, NOWHERE), choose(heads(*shuffled), policy, NOWHERE)
        assert one is not None
        assert other is not None
        assert numbered[one] == shuffled[other]


def simulate(policy: Policy, reserve: float, *, claims: int = 3000, seed: int = 5) -> dict[int, int]:
    """Drive 10 people past a real-time queue that is loaded to 1.3 and a backlog that never ends; return claims a queue."""
    random = np.random.default_rng(seed)
    shares = {2: reserve}
    arrivals = np.cumsum(random.exponential(30.0 / (10 * 1.3), claims * 2))
    free = [(0.0, person) for person in range(10)]
    heapq.heapify(free)
    taken = {1: 0, 2: 0}
    for number in range(claims):
        now, person = heapq.heappop(free)
        rows = [(2.0, now + 3600.0, 86400.0, 1.0, 1.0, 1.0)]
        if arrivals[taken[1]] <= now:
            rows.insert(0, (1.0, now - arrivals[taken[1]], 300.0, 5.0, 1.0, 1.0))
        some = heads(*rows, shares=shares)
        position = choose(some, policy, reserved_point(number))
        assert position is not None
        taken[int(some.queue_id[position])] += 1
        heapq.heappush(free, (now + random.exponential(30.0), person))
    return taken


def test_an_overloaded_real_time_queue_starves_a_backlog_without_a_reserve_and_cannot_with_one() -> None:
    without, reserved = simulate(strict_priority, 0.0), simulate(strict_priority, 0.1)
    assert without[2] < 0.03 * sum(without.values())
    assert reserved[2] >= 0.1 * sum(reserved.values()) - 7
    assert simulate(generalised_c_mu, 0.1)[2] >= 0.1 * 3000 - 7
