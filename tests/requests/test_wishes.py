"""Wishes before a rotation period: a budget of points, requests that the roster engine reads, and what was kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.errors import BadInputError, ConflictError
from services import drafting, leave_requests, loading, publishing, wishes
from services.wishes import NewWish
from tests.conftest import SteppedClock
from tests.requests.asking_site import AskingSite, day
from tests.stored import SITE, result


def opened(at: AskingSite, first: int = 14, last: int = 20, points: int = 10) -> int:
    closes = at.clock.now() + timedelta(days=3)
    return wishes.open_window(
        at.engine, at.site.site_id, day(first), day(last), at.clock.now(), closes,
        points=points, weight_per_point=0.5, by="planner", clock=at.clock,
    )  # fmt: skip


def test_wishes_become_requests_with_weights_and_are_replaced_whole(asking: AskingSite) -> None:
    window, who = opened(asking), asking.site.associate_id(asking.codes[0])
    shift = asking.rows("SELECT id, code FROM shift_type ORDER BY position")[0]
    wanted = [NewWish(day(15), None, 4), NewWish(None, shift.id, 6)]
    wishes.save_wishes(asking.engine, who, window, wanted, by="a", clock=asking.clock)
    found = drafting.planning_input_for(asking.engine, SITE, day(14), 1).requests
    mine = [one for one in found if one.associate == asking.codes[0]]
    assert [(one.want, one.weight) for one in mine if one.want == "off"] == [("off", 2.0)]
    timing = [one for one in mine if one.want == shift.code]
    assert len(timing) == 7
    assert sum(one.weight for one in timing) == pytest.approx(3.0)
    wishes.save_wishes(asking.engine, who, window, [], by="a", clock=asking.clock)
    assert not [
        one for one in drafting.planning_input_for(asking.engine, SITE, day(14), 1).requests if one.associate == asking.codes[0]
    ]


def test_wishes_beyond_the_budget_or_the_period_are_refused_with_every_fault(asking: AskingSite, clock: SteppedClock) -> None:
    window, who = opened(asking), asking.site.associate_id(asking.codes[0])
    wanted = [NewWish(day(15), None, 8), NewWish(day(15), None, 3), NewWish(day(40), None, 0), NewWish(None, None, 1)]
    with pytest.raises(BadInputError) as refused:
        wishes.save_wishes(asking.engine, who, window, wanted, by="a", clock=clock)
    assert len(refused.value.faults) == 5
    clock.advance(4 * 86_400)
    with pytest.raises(ConflictError, match="not open"):
        wishes.save_wishes(asking.engine, who, window, [], by="a", clock=clock)
    with pytest.raises(ConflictError, match="does not overlap"):
        opened(asking, 20, 30)


def test_afterwards_it_is_seen_which_wishes_were_kept(asking: AskingSite) -> None:
    window, who = opened(asking), asking.site.associate_id(asking.codes[0])
    person = asking.site.scenario.associates[0]
    ids = dict(asking.rows("SELECT code, id FROM shift_type"))
    other = next(code for code in ids if code != person.timing)
    offs = [when for when in map(day, range(14, 21)) if asking.cell(who, when) == "off"]
    worked = next(when for when in map(day, range(14, 21)) if asking.cell(who, when) == person.timing)
    things = [(offs[0], None), (worked, None), (None, ids[str(person.timing)]), (None, ids[other])]
    wanted = [NewWish(on, shift, points=1) for on, shift in things]
    wishes.save_wishes(asking.engine, who, window, wanted, by="a", clock=asking.clock)
    made = result(asking.site.scenario)
    head = drafting.save_draft(asking.engine, SITE, asking.site.scenario, made, by="p", clock=asking.clock)
    publishing.publish_roster(asking.engine, head.id, 1, by="p", clock=asking.clock, reason="for the test")
    (view,) = wishes.own_wishes(asking.engine, who, clock=asking.clock)
    kept = {(one.day, one.shift): view.outcomes[one.id].is_kept for one in view.wishes}
    assert kept == {(offs[0], ""): True, (worked, ""): False, (None, person.timing): True, (None, other): False}


def test_a_file_that_is_loaded_again_leaves_wishes_and_granted_leave_alone(asking: AskingSite) -> None:
    window, who = opened(asking), asking.site.associate_id(asking.codes[0])
    wishes.save_wishes(asking.engine, who, window, [NewWish(day(15), None, 4)], by="a", clock=asking.clock)
    request = leave_requests.ask_leave(asking.engine, who, asking.annual, day(8), day(9), "", by="a", clock=asking.clock)
    leave_requests.decide_leave(asking.engine, request.id, "", approved=True, by="boss", clock=asking.clock)
    known = "SELECT first_day, last_day, leave_request_id FROM leave ORDER BY first_day"
    before = asking.rows(known)
    exported = drafting.planning_input_for(asking.engine, SITE, day(0), 3)
    loading.load_operation(asking.engine, exported, site=SITE, name="Pune 1", by="p", clock=asking.clock)
    assert before
    assert asking.rows(known) == before
    assert asking.rows("SELECT day, weight FROM request WHERE wish_id IS NOT NULL") == [(day(15), 2.0)]
