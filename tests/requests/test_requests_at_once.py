"""What happens when several act at once, or the roster changes between a question and its answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from scheduling.errors import ConflictError, SchedulingError
from services import leave_requests, swaps
from services.leave_requests import LeaveState
from services.swaps import SwapState
from tests.conftest import SteppedClock
from tests.requests.asking_site import AskingSite, day
from tests.requests.test_swaps import answer, first_offer, offer


def outcome(work: Callable[[], object]) -> str:
    """Return what came of something: the state, or that somebody was faster."""
    try:
        return str(getattr(work(), "state", "done"))
    except ConflictError:
        return "conflict"


def together(*works: Callable[[], object]) -> Counter[str]:
    with ThreadPoolExecutor(len(works)) as pool:
        return Counter(pool.map(outcome, works))


def test_no_more_places_of_a_day_are_given_than_there_are_when_all_ask_at_once(asking: AskingSite) -> None:
    asking.limit(2)
    people = [asking.site.associate_id(code) for code in asking.codes]
    working = [who for who in people if day(8) in asking.shifts_of(who)][:6]
    found = together(
        *(
            lambda who=who: leave_requests.ask_leave(
                asking.engine, who, asking.annual, day(8), day(8), "", by="a", clock=asking.clock
            )
            for who in working
        )
    )
    assert found == {LeaveState.ASKED.value: 2, LeaveState.WAITLISTED.value: 4}


def test_of_two_who_decide_at_once_one_decides(asking: AskingSite) -> None:
    who = asking.site.associate_id(asking.codes[0])
    one = leave_requests.ask_leave(asking.engine, who, asking.annual, day(8), day(10), "", by="a", clock=asking.clock)

    def decide(by: str, *, approved: bool) -> Callable[[], object]:
        reason = "too few of us"
        return lambda: leave_requests.decide_leave(
            asking.engine, one.id, reason, approved=approved, by=by, clock=asking.clock
        )  # fmt: skip

    found = together(decide("first", approved=True), decide("second", approved=False))
    assert found["conflict"] == 1
    state = asking.rows("SELECT state, decided_by FROM leave_request")[0]
    assert (state.state, state.decided_by) in {("approved", "first"), ("refused", "second")}
    away = asking.rows("SELECT count(*) FROM leave WHERE leave_request_id = :id", id=one.id)[0][0]
    assert (away > 0) == (state.state == "approved")


def test_a_swap_is_accepted_or_taken_back_but_not_both(asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    swap = offer(asking, who, partner)
    found = together(
        lambda: answer(asking, swap),
        lambda: swaps.withdraw_swap(asking.engine, swap.id, who, by="a", clock=asking.clock),
    )
    state = asking.rows("SELECT state, is_open FROM swap")[0]
    # Accepted first, it may still be taken back before somebody decides.
    assert found[SwapState.WITHDRAWN.value] <= 1
    assert (state.state, state.is_open) in {("accepted", True), ("withdrawn", False)}


def test_a_swap_is_done_in_the_roster_that_took_the_place_of_the_one_it_was_offered_in(
    asking: AskingSite, clock: SteppedClock
) -> None:  # fmt: skip
    who, _, partner = first_offer(asking)
    swap = answer(asking, offer(asking, who, partner))
    before = {(one, when): asking.cell(one, when) for one in (swap.asker.id, swap.partner.id) for when in swap.days}
    with asking.engine.begin() as connection:
        # A shift type that was changed in something else than its start and span is a new row with the same code.
        every = connection.exec_driver_sql(
            "UPDATE shift_type SET is_current = false RETURNING site_id, code, starts_at, span_minutes, position"
        ).all()
        for one in every:
            connection.exec_driver_sql(
                "INSERT INTO shift_type (site_id, code, starts_at, span_minutes, position) VALUES (%s, %s, %s, %s, %s)",
                tuple(one),
            )
    clock.advance(60)
    asking.site.publish(pattern_count=8)
    done = swaps.decide_swap(asking.engine, swap.id, "", approved=True, by="boss", clock=asking.clock)
    assert done.state is SwapState.APPROVED
    other = {swap.asker.id: swap.partner.id, swap.partner.id: swap.asker.id}
    assert {key: asking.cell(*key) for key in before} == {(one, when): before[other[one], when] for one, when in before}


def test_a_swap_whose_days_were_planned_anew_is_refused_or_lawful_but_never_half_done(asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    swap = answer(asking, offer(asking, who, partner))
    asking.site.publish(shift=3)
    cells = {(one, when): asking.cell(one, when) for one in (swap.asker.id, swap.partner.id) for when in swap.days}
    try:
        swaps.decide_swap(asking.engine, swap.id, "", approved=True, by="boss", clock=asking.clock)
    except SchedulingError:
        assert {key: asking.cell(*key) for key in cells} == cells
        assert asking.rows("SELECT state FROM swap")[0][0] == "accepted"
    else:
        other = {swap.asker.id: swap.partner.id, swap.partner.id: swap.asker.id}
        assert {key: asking.cell(*key) for key in cells} == {(one, when): cells[other[one], when] for one, when in cells}
