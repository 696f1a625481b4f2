"""Whatever people do in whatever order: balances, limits and waiting lists hold, and the roster in force stays lawful."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster.check import check
from scheduling.errors import BadInputError, ConflictError
from scheduling.leave_days import days_between
from scheduling.rules import Severity
from services import leave_requests as leave
from services import swaps
from services.swaps import SwapKind, SwapState
from storage.leave import LeaveRequest, open_requests, request_with_id
from storage.leave_tables import LeaveState
from storage.roster_in_force import read_in_force
from storage.swaps import open_swaps, swap_with_id
from tests.requests.asking_site import AskingSite, day

MOST = 2
HELD = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))

asks = st.tuples(st.just("ask"), st.integers(0, 5), st.integers(7, 16), st.integers(0, 6))
ends = st.tuples(st.sampled_from(["approve", "refuse", "take back"]), st.integers(0, 30), st.just(0), st.just(0))


def act(at: AskingSite, made: list[int], step: tuple[str, int, int, int]) -> None:
    """Do one thing; what is not allowed is refused in words and changes nothing."""
    what, number, first, length = step
    by = {"by": "somebody", "clock": at.clock}
    with suppress(ConflictError, BadInputError):
        if what == "ask":
            who = at.site.associate_id(at.codes[number])
            request = leave.ask_leave(at.engine, who, at.annual, day(first), day(first + length), "", **by)  # type: ignore[arg-type]
            made.append(request.id)
        elif made:
            chosen = made[number % len(made)]
            if what == "take back":
                with at.engine.connect() as connection:
                    owner = request_with_id(connection, chosen).associate_id
                leave.take_back_leave(at.engine, chosen, owner, **by)  # type: ignore[arg-type]
            else:
                leave.decide_leave(at.engine, chosen, "because", approved=what == "approve", **by)  # type: ignore[arg-type]


def claims(at: AskingSite) -> tuple[Counter[date], list[tuple[LeaveRequest, list[date]]]]:
    """Return how many are away or wait for a decision on each day, and the waiting list with the days of each."""
    taken: Counter[date] = Counter()
    waiting = []
    for first, last in at.rows("SELECT first_day, last_day FROM leave"):
        taken.update(days_between(first, last))
    with at.engine.connect() as connection:
        for one in open_requests(connection, at.site.site_id):
            days = [when for when in days_between(one.first_day, one.last_day) if at.cell(one.associate_id, when) != "off"]
            if one.state is LeaveState.ASKED:
                taken.update(days)
            else:
                waiting.append((one, days))
    return taken, waiting


@given(steps=st.lists(asks | ends, min_size=6, max_size=14))
@HELD
def test_balances_limits_and_the_order_of_waiting_hold(asking: AskingSite, steps: list[tuple[str, int, int, int]]) -> None:
    asking.limit(MOST)
    made = [row[0] for row in asking.rows("SELECT id FROM leave_request ORDER BY id")]
    for step in steps:
        act(asking, made, step)
        balances = asking.rows("SELECT sum(days) FROM leave_entry GROUP BY associate_id, leave_kind_id, year")
        assert all(row[0] >= 0 for row in balances)
        taken, waiting = claims(asking)
        assert max(taken.values(), default=0) <= MOST
        before: Counter[date] = Counter()
        for _, days in waiting:
            # Whoever waits lacks a place on one of the days, or somebody before waits for it too.
            assert any(taken[when] + before[when] >= MOST for when in days)
            before.update(days)


swap_words = st.sampled_from(["offer", "accept", "decline", "withdraw", "approve", "refuse"])
swap_steps = st.lists(st.tuples(swap_words, st.integers(0, 19), st.integers(7, 13)), min_size=5, max_size=9)


@given(steps=swap_steps)
@settings(HELD, max_examples=3)
def test_swaps_never_break_the_roster_nor_stand_twice_on_a_day(asking: AskingSite, steps: list[tuple[str, int, int]]) -> None:
    for what, number, when in [("offer", 0, 11), ("accept", 0, 0), *steps, ("offer", 3, 8), ("accept", 0, 0), ("approve", 0, 0)]:
        with suppress(ConflictError, BadInputError):
            swap_step(asking, what, number, when)
        twice = "SELECT 1 FROM swap_cell WHERE is_open GROUP BY associate_id, day HAVING count(*) > 1"
        assert not asking.rows(twice)
    with asking.engine.connect() as connection:
        found = read_in_force(connection, asking.site.site_id, day(7), day(13))
    assert not [one for one in check(found.scenario, found.plan) if one.severity is Severity.BLOCKS_PUBLISHING]
    states = {row[0] for row in asking.rows("SELECT DISTINCT state FROM swap")}
    assert states <= {state.value for state in SwapState}


def swap_step(at: AskingSite, what: str, number: int, when: int) -> None:
    by = {"by": "somebody", "clock": at.clock}
    if what == "offer":
        who = at.site.associate_id(at.codes[number])
        partners = swaps.partners_for(at.engine, who, SwapKind.SHIFT, day(when), clock=at.clock)
        if partners:
            one = partners[0]
            days = [change.day for change in one.days]
            swaps.offer_swap(at.engine, who, one.associate_id, SwapKind.SHIFT, days, "", **by)  # type: ignore[arg-type]
        return
    with at.engine.connect() as connection:
        every = open_swaps(connection, at.site.site_id)
        if not every:
            return
        one_open = swap_with_id(connection, every[number % len(every)].id)
    if what in {"accept", "decline"}:
        swaps.answer_swap(at.engine, one_open.id, one_open.partner.id, accepted=what == "accept", **by)  # type: ignore[arg-type]
    elif what == "withdraw":
        swaps.withdraw_swap(at.engine, one_open.id, one_open.asker.id, **by)  # type: ignore[arg-type]
    else:
        swaps.decide_swap(at.engine, one_open.id, "because", approved=what == "approve", **by)  # type: ignore[arg-type]
