"""What requests would do: worked out for a page at once it is what each would do taken alone, on everything that is published."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from roster.line_changes import LineChange, newly_broken
from scheduling.coverage import SkillGroups
from scheduling.coverage_effect import CoverageBase
from scheduling.errors import ConflictError
from scheduling.plan import LEAVE
from services import leave_requests, request_inbox, swaps
from services.drafting import save_draft
from services.publishing import Days, publish_roster
from services.request_inbox import MOST_SHOWN
from storage.roster_in_force import read_in_force
from storage.supply_in_force import read_supplies
from storage.waiting import WaitingIds, waiting_ids
from tests.requests.asking_site import AskingSite, day
from tests.requests.test_swaps import answer, first_offer, offer
from tests.stored import SITE, result


def ask(at: AskingSite, number: int, first: int = 8, last: int = 10) -> None:
    who = at.site.associate_id(at.codes[number])
    leave_requests.ask_leave(at.engine, who, at.unpaid, day(first), day(last), "", by="a", clock=at.clock)


def test_the_effects_of_a_page_are_those_of_each_request_alone(asking: AskingSite) -> None:
    for number, first in ((0, 7), (1, 8), (2, 13)):
        ask(asking, number, first, first + 2)
    inbox = request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock)
    assert len(inbox.leave) == 3
    with asking.engine.connect() as connection:
        found = read_in_force(connection, asking.site.site_id, day(7), day(15))
    base = CoverageBase(found.scenario, found.plan, found.breaks, SkillGroups.of(found.scenario))
    for one in inbox.leave:
        row = found.row_of[one.request.associate_id]
        columns = [found.scenario.horizon.day_index(when) for when in one.days.leave]
        assert one.effect.coverage == base.effect([base.worked(row, column) for column in columns])
        assert one.effect.published == len(columns)
        change = LineChange(row, dict.fromkeys(columns, LEAVE))
        assert one.effect.broken == newly_broken(found.scenario, found.plan, [change])[0]
    assert any(one.effect.coverage for one in inbox.leave), "somebody is missed"
    with asking.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM packed_roster")
    again = request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock)
    assert again == inbox, "packed days say what the days say one by one"


def test_a_request_under_another_break_policy_hides_no_effect(asking: AskingSite) -> None:
    site = asking.site
    head = save_draft(site.engine, SITE, site.scenario, result(site.scenario), by="p", clock=site.clock, parameters={})
    third_week = Days(day(14), day(20))
    publish_roster(site.engine, head.id, 1, by="p", clock=site.clock, reason="for the test", days=third_week)
    with asking.engine.begin() as connection:
        copied = connection.exec_driver_sql(
            "INSERT INTO break_policy (site_id, settings, least_productive_minutes, most_productive_minutes, is_current) "
            "SELECT site_id, settings, least_productive_minutes, most_productive_minutes, false FROM break_policy RETURNING id"
        ).scalar_one()
        connection.exec_driver_sql("UPDATE roster SET break_policy_id = %s WHERE id = %s", (copied, head.id))
    ask(asking, 1, 14, 20)
    alone = request_inbox.read_inbox(asking.engine, site.site_id, clock=asking.clock).leave[0].effect
    assert alone.coverage
    ask(asking, 0, 8, 10)
    late, early = request_inbox.read_inbox(asking.engine, site.site_id, clock=asking.clock).leave
    assert late.effect == alone
    assert {line.day for line in early.effect.coverage} >= set(early.days.leave)


def test_nothing_is_taken_from_a_roster_that_was_published_between_two_reads(asking: AskingSite) -> None:
    site = asking.site
    days = [day(number) for number in range(12, 17)]
    with asking.engine.connect() as connection:
        found = read_in_force(connection, site.site_id, days[0], days[-1], with_breaks=False, heads_on=days)
        (before,) = read_supplies(connection, site.site_id, found, days)
    head = save_draft(site.engine, SITE, site.scenario, result(site.scenario), by="p", clock=site.clock, parameters={})
    third_week = Days(day(14), day(20))
    publish_roster(site.engine, head.id, 1, by="p", clock=site.clock, reason="for the test", days=third_week)
    kept = [found.scenario.horizon.day_index(when) for when in days[:2]]
    with asking.engine.begin() as connection:
        (packed,) = read_supplies(connection, site.site_id, found, days)
        assert read_supplies(connection, site.site_id, found, days[2:]) == (), "those days were taken over"
        connection.exec_driver_sql("DELETE FROM packed_roster")
        (loose,) = read_supplies(connection, site.site_id, found, days)
    assert np.flatnonzero((packed.plan.values >= 0).any(axis=0)).tolist() == kept
    for one in (packed, loose):
        assert np.array_equal(one.plan.values[:, kept], before.plan.values[:, kept])


def test_what_was_decided_since_the_page_was_asked_for_is_not_on_it(
    asking: AskingSite, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    who, _, partner = first_offer(asking)
    swap = answer(asking, offer(asking, who, partner))

    def withdrawn_meanwhile(*asked: Any) -> WaitingIds:
        found = waiting_ids(*asked)
        swaps.withdraw_swap(asking.engine, swap.id, who, by="asker", clock=asking.clock)
        return found

    monkeypatch.setattr(request_inbox, "waiting_ids", withdrawn_meanwhile)
    assert request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock).swaps == ()


def test_a_swap_keeps_coverage_and_says_what_stands_against_it(asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    swap = answer(asking, offer(asking, who, partner))
    shown = request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock).swaps[0].effect
    assert shown.against == ""
    assert [when for when, _, _ in shown.days] == list(swap.days)
    assert shown.hours_worse == pytest.approx(0.0, abs=0.01)


def test_a_locked_day_is_swapped_by_nobody_whatever_the_lock_names(asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    swap = answer(asking, offer(asking, who, partner))
    given = next(change.day for change in partner.days if change.mine != "off")
    with asking.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO day_lock (associate_id, day, kind) VALUES (%s, %s, 'off')", (who, given))
    shown = request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock).swaps[0].effect
    assert shown.against.startswith("A planner has locked one of these days")
    with pytest.raises(ConflictError) as refused:
        swaps.decide_swap(asking.engine, swap.id, "", approved=True, by="boss", clock=asking.clock)
    assert refused.value.args[0] == shown.against
    swaps.withdraw_swap(asking.engine, swap.id, who, by="asker", clock=asking.clock)
    assert not swaps.partners_for(asking.engine, who, swaps.SwapKind.SHIFT, given, clock=asking.clock)


def test_more_requests_than_a_page_has_stand_on_the_next_one(asking: AskingSite) -> None:
    for number in range(MOST_SHOWN + 2):
        ask(asking, number)
    first = request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock)
    assert (len(first.leave), first.waiting.leave, first.pages.count) == (MOST_SHOWN, MOST_SHOWN + 2, 2)
    second = request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock, page=2)
    assert len(second.leave) == 2
    assert not {one.request.id for one in first.leave} & {one.request.id for one in second.leave}
    assert request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock, page=9).leave == ()
    led = first.leave[0].request.team_id
    of_team = request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock, team_ids=[led])
    others = [one.request.id for one in (*first.leave, *second.leave) if one.request.team_id != led]
    assert others, "people of several teams have asked"
    assert of_team.waiting.leave == MOST_SHOWN + 2 - len(others)
    assert {one.request.team_id for one in of_team.leave} == {one.id for one in of_team.teams} == {led}


def test_partners_are_the_same_whether_few_or_all_are_asked(asking: AskingSite, monkeypatch: pytest.MonkeyPatch) -> None:
    who, when, _ = first_offer(asking)
    few = swaps.partners_for(asking.engine, who, swaps.SwapKind.SHIFT, when, clock=asking.clock)
    monkeypatch.setattr(swaps, "ASKED_FIRST", 1)
    assert swaps.partners_for(asking.engine, who, swaps.SwapKind.SHIFT, when, clock=asking.clock) == few


def test_without_requests_there_is_nothing_to_decide(asking: AskingSite) -> None:
    inbox = request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=asking.clock)
    assert (inbox.leave, inbox.swaps, inbox.waiting.leave) == ((), (), 0)
