"""One break moved by hand: what is offered is exactly what the independent checker takes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breaks.check import is_legal
from breaks.moves import legal_starts, moved
from breaks.patterns import enumerate_patterns
from scheduling.shifts import DEFAULT_BREAK_POLICY

PATTERNS = enumerate_patterns(DEFAULT_BREAK_POLICY, 540, 400)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(PATTERNS), st.data())
def test_a_break_may_start_where_the_checker_takes_it_and_nowhere_else(pattern: tuple[object, ...], data: st.DataObject) -> None:
    slot = data.draw(st.sampled_from(pattern))
    start = slot.start_minute  # type: ignore[attr-defined]
    offered = legal_starts(DEFAULT_BREAK_POLICY, 540, pattern, start)  # type: ignore[arg-type]
    assert start in offered
    taken = {one.start_minute for one in pattern} - {start}  # type: ignore[attr-defined]
    for minute in set(range(0, 540, 5)) - taken:
        legal = is_legal(DEFAULT_BREAK_POLICY, 540, moved(pattern, start, minute))  # type: ignore[arg-type]
        assert legal == (minute in offered)


def test_where_no_break_starts_nothing_can_be_moved() -> None:
    with pytest.raises(ValueError, match="No break starts at minute 1"):
        moved(PATTERNS[0], 1, 5)
