"""Requests for leave: asked for, held against balance and limits, decided, taken back."""

from __future__ import annotations

import pytest

from scheduling.errors import BadInputError, ConflictError, NotFoundError
from services import leave_requests as leave
from services import leave_settings
from services.leave_requests import LeaveState
from services.leave_views import leave_calendar, leave_history, own_leave
from storage.leave import request_with_id
from tests.conftest import SteppedClock
from tests.requests.asking_site import AskingSite, day

Request = leave.LeaveRequest


def ask(at: AskingSite, who: int, first: int, last: int, kind: int | None = None) -> Request:
    return leave.ask_leave(
        at.engine, who, kind or at.annual, day(first), day(last), "a wedding", by="associate", clock=at.clock
    )  # fmt: skip


def decide(at: AskingSite, request: Request, *, approved: bool = True, reason: str = "because") -> Request:
    return leave.decide_leave(at.engine, request.id, reason, approved=approved, by="boss", clock=at.clock)


def people(at: AskingSite, count: int) -> list[int]:
    """Return associates who work in the second week."""
    found = [at.site.associate_id(code) for code in at.codes]
    return [who for who in found if sum(day(7) <= when <= day(13) for when in at.shifts_of(who)) == 5][:count]


def test_approved_leave_takes_shifts_and_balance_and_gives_both_back(asking: AskingSite) -> None:
    who = people(asking, 1)[0]
    before = {when: asking.cell(who, day(when)) for when in range(7, 14)}
    request = ask(asking, who, 7, 13)
    assert request.state is LeaveState.ASKED
    assert own_leave(asking.engine, who).balances[0].pending == 5
    assert decide(asking, request).state is LeaveState.APPROVED
    after = {when: asking.cell(who, day(when)) for when in range(7, 14)}
    assert {when: value for when, value in after.items() if value != "leave"} == {
        when: value for when, value in before.items() if value == "off"
    }
    balance = own_leave(asking.engine, who).balances[0]
    assert (balance.granted, balance.taken, balance.pending, balance.left) == (20, 5, 0, 15)
    taken = asking.rows("SELECT kind, parameters FROM notice WHERE associate_id = :who AND kind = 'leave_decided'", who=who)
    assert [row.parameters["decision"] for row in taken] == ["approved"]

    back = leave.take_back_leave(asking.engine, request.id, who, by="associate", clock=asking.clock)
    assert back.state is LeaveState.CANCELLED
    assert {when: asking.cell(who, day(when)) for when in range(7, 14)} == before
    assert own_leave(asking.engine, who).balances[0].left == 20
    actions = [one.action for one in leave_history(asking.engine, request.id)[1]]
    assert actions == ["leave asked for", "leave approved", "leave cancelled"]


def test_leave_that_makes_no_sense_is_refused_with_every_fault(asking: AskingSite) -> None:
    who = people(asking, 1)[0]
    with pytest.raises(BadInputError) as refused:
        ask(asking, who, -3, -5)
    assert {fault.column for fault in refused.value.faults} == {"first_day", "last_day"}
    with pytest.raises(BadInputError, match="are left"):
        ask(asking, who, 20, 60)
    request = ask(asking, who, 7, 8)
    with pytest.raises(ConflictError, match="already"):
        ask(asking, who, 8, 9)
    with pytest.raises(BadInputError, match="Say why"):
        decide(asking, request, approved=False, reason=" ")
    with pytest.raises(NotFoundError):
        leave.take_back_leave(asking.engine, request.id, who + 1, by="other", clock=asking.clock)
    with pytest.raises(NotFoundError, match="teams that you lead"):
        leave.decide_leave(asking.engine, request.id, "", approved=True, by="boss", clock=asking.clock, team_ids=[])


def test_the_waiting_list_moves_up_in_the_order_of_asking(asking: AskingSite) -> None:
    asking.limit(1)
    one, two, three, four = people(asking, 4)
    first, second = ask(asking, one, 7, 8), ask(asking, two, 7, 10)
    # The third would fit on days 9 and 10, but the second waits for them and asked before.
    third, fourth = ask(asking, three, 9, 10), ask(asking, four, 12, 13)
    states = [request.state for request in (first, second, third, fourth)]
    assert states == [LeaveState.ASKED, LeaveState.WAITLISTED, LeaveState.WAITLISTED, LeaveState.ASKED]
    assert own_leave(asking.engine, three).ahead == {third.id: 1}
    with pytest.raises(ConflictError, match="waits for room"):
        decide(asking, second)
    decide(asking, first, approved=False)
    with asking.engine.connect() as connection:
        found = {number: request_with_id(connection, number).state for number in (second.id, third.id)}
    assert found == {second.id: LeaveState.ASKED, third.id: LeaveState.WAITLISTED}
    told = asking.rows("SELECT kind FROM notice WHERE associate_id = :who AND kind LIKE 'leave%'", who=two)
    assert [row.kind for row in told] == ["leave_moved_up"]
    asking.limit(2)
    with asking.engine.connect() as connection:
        assert request_with_id(connection, third.id).state is LeaveState.ASKED


def test_a_kind_that_needs_no_decision_is_approved_at_once_and_from_the_waiting_list(asking: AskingSite) -> None:
    values = {"code": "CL", "name": "Casual", "has_balance": False, "days_per_year": 0, "is_limited": True,
              "is_automatic": True, "notice_days": 0}  # fmt: skip
    kind = leave_settings.save_kind(asking.engine, asking.site.site_id, None, values, by="p", clock=asking.clock)
    asking.limit(1)
    one, two = people(asking, 2)
    first, second = ask(asking, one, 7, 7, kind), ask(asking, two, 7, 7, kind)
    assert (first.state, second.state) == (LeaveState.APPROVED, LeaveState.WAITLISTED)
    leave.take_back_leave(asking.engine, first.id, one, by="associate", clock=asking.clock)
    with asking.engine.connect() as connection:
        assert request_with_id(connection, second.id).state is LeaveState.APPROVED
    assert asking.cell(two, day(7)) in {"leave", "off"}


def test_requests_expire_when_their_day_comes(asking: AskingSite, clock: SteppedClock) -> None:
    who = people(asking, 1)[0]
    request = ask(asking, who, 7, 8)
    clock.advance(7 * 86_400)
    assert leave.expire_leave(asking.engine, asking.site.site_id, clock=clock) == 1
    with asking.engine.connect() as connection:
        assert request_with_id(connection, request.id).state is LeaveState.EXPIRED


def test_the_calendar_counts_against_the_limit(asking: AskingSite) -> None:
    asking.limit(1)
    one, two = people(asking, 2)
    decide(asking, ask(asking, one, 9, 9))
    ask(asking, two, 9, 9)
    found = leave_calendar(asking.engine, asking.site.site_id, day(7), day(13))
    assert (found.away[None, day(9)], found.most[None, day(9)]) == (1, 1)
    states = {row.associate_id: row.days[day(9)][0] for row in found.rows if day(9) in row.days}
    assert (states[one], states[two]) == ("approved", "waitlisted")
