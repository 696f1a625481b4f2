"""Earliest deadline first: feasibility and the flattest capacity against brute force on small cases."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demand.backlog import Backlog, flattest, is_feasible, tightest_window, unmeetable_work

amounts = st.integers(0, 6)


@st.composite
def backlogs(draw: st.DrawFn) -> tuple[Backlog, np.ndarray]:
    queues, count = draw(st.integers(1, 3)), draw(st.integers(1, 7))
    work = draw(st.lists(st.lists(amounts, min_size=count, max_size=count), min_size=queues, max_size=queues))
    slack = draw(st.lists(st.integers(0, count), min_size=queues, max_size=queues))
    capacity = draw(st.lists(st.integers(0, 12), min_size=count, max_size=count))
    return Backlog(np.array(work, dtype=float), np.array(slack)), np.array(capacity, dtype=float)


def windows_of(backlog: Backlog) -> list[tuple[int, int, float]]:
    """First interval, last interval and amount of every release that must be done before the end."""
    count = backlog.work.shape[1]
    return [
        (first, first + int(slack), float(row[first]))
        for row, slack in zip(backlog.work, backlog.slack_intervals, strict=True)
        for first in range(count)
        if first + slack < count
    ]


def most_in_time(backlog: Backlog, capacity: np.ndarray) -> float:
    """The greatest work that any schedule does in time: the least cut over all subsets of intervals."""
    count = len(capacity)
    cuts = []
    for chosen in product((False, True), repeat=count):
        outside = sum(amount for first, last, amount in windows_of(backlog) if not all(chosen[first : last + 1]))
        cuts.append(float(capacity[list(chosen)].sum()) + outside)
    return min(cuts)


@given(backlogs())
@settings(max_examples=50, deadline=None)
def test_feasibility_and_unmeetable_work_equal_the_least_cut(case: tuple[Backlog, np.ndarray]) -> None:
    backlog, capacity = case
    binding = sum(amount for _, _, amount in windows_of(backlog))
    best = most_in_time(backlog, capacity)
    assert is_feasible(backlog, capacity) == (best >= binding)
    assert unmeetable_work(backlog, capacity).sum() == pytest.approx(binding - best)


@given(backlogs())
@settings(max_examples=50, deadline=None)
def test_the_tightest_window_is_the_worst_of_all_windows(case: tuple[Backlog, np.ndarray]) -> None:
    backlog, capacity = case
    count = len(capacity)
    gaps = [
        sum(amount for start, due, amount in windows_of(backlog) if start >= first and due <= last)
        - capacity[first : last + 1].sum()
        for first in range(count)
        for last in range(first, count)
    ]
    window = tightest_window(backlog, capacity)
    assert window.work - window.capacity == pytest.approx(max(gaps))
    assert window.missing == pytest.approx(max(0.0, *gaps))


@st.composite
def one_queue(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    work = draw(st.lists(st.floats(0, 20, allow_subnormal=False), min_size=1, max_size=150))
    return np.array(work), draw(st.integers(0, 160))


@given(one_queue())
@settings(max_examples=50, deadline=None)
def test_the_flattest_capacity_keeps_every_deadline_with_the_least_peak(case: tuple[np.ndarray, int]) -> None:
    work, slack = case
    pace = flattest(work, slack)
    backlog = Backlog(work[None, :], np.array([slack]))
    assert (pace >= 0).all()
    assert is_feasible(backlog, pace)
    assert unmeetable_work(backlog, pace).sum() <= 1e-6
    # No constant capacity below the peak is enough: some window asks for exactly the peak.
    if pace.max() > 1e-6:
        assert not is_feasible(backlog, np.full(len(work), pace.max() * 0.999), tolerance=1e-12)
    assert is_feasible(backlog, np.full(len(work), pace.max()))


@given(one_queue(), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_no_other_schedule_is_smoother(case: tuple[np.ndarray, int], seed: int) -> None:
    work, slack = case
    released = np.concatenate([[0.0], np.cumsum(work)])
    due = np.concatenate([np.zeros(min(slack, len(released))), released])[: len(released)]
    ceiling = np.minimum(released, due[-1])
    share = np.random.default_rng(seed).random(len(released))
    other = np.diff(np.maximum.accumulate(due + share * np.maximum(0.0, ceiling - due)))
    pace = flattest(work, slack)
    assert pace.sum() == pytest.approx(other.sum(), abs=1e-6)
    assert (pace**2).sum() <= (other**2).sum() + 1e-6


def test_no_slack_follows_the_work_and_much_slack_is_level() -> None:
    work = np.array([0.0, 8.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(flattest(work, 0), work)
    np.testing.assert_allclose(flattest(work, 2), [0, 8 / 3, 8 / 3, 8 / 3, 2, 2, 0, 0])
    np.testing.assert_allclose(flattest(work, 8), np.zeros(8))


def test_carried_work_keeps_its_own_deadline() -> None:
    np.testing.assert_allclose(flattest(np.zeros(4), 2, carried=np.array([6.0, 2.0])), [6, 2, 0, 0])
    np.testing.assert_allclose(flattest(np.zeros(4), 2, carried=np.array([2.0, 6.0])), [4, 4, 0, 0])
    steady = flattest(np.full(60, 5.0), 8, carried=np.full(8, 5.0))
    np.testing.assert_allclose(steady, 5.0)
    with pytest.raises(ValueError, match="late"):
        flattest(np.zeros(4), 1, carried=np.array([6.0, 2.0]))


def test_what_cannot_be_done_is_named_at_its_release() -> None:
    backlog = Backlog(np.array([[6.0, 0.0, 0.0], [0.0, 3.0, 0.0]]), np.array([0, 1]))
    late = unmeetable_work(backlog, np.array([4.0, 1.0, 1.0]))
    np.testing.assert_allclose(late, [[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    window = tightest_window(backlog, np.array([4.0, 1.0, 1.0]))
    assert (window.first, window.last, window.missing) == (0, 2, 3.0)


@pytest.mark.parametrize(("work", "slack"), [([[-1.0]], [0]), ([[1.0]], [-1]), ([[np.nan]], [0]), ([[1.0]], [0, 1])])
def test_impossible_backlogs_are_refused(work: list[list[float]], slack: list[int]) -> None:
    with pytest.raises(ValueError, match="Work"):
        Backlog(np.array(work), np.array(slack))
