"""Swaps: offered, answered, decided and done in the roster in force, one open swap a day of a person."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from roster.line_changes import TIMING_RULES
from scheduling.errors import BadInputError, ConflictError, NotFoundError
from services import editing, leave_settings, request_inbox, swaps
from services.own_swaps import own_swaps
from services.roster_changes import DayEdit, change_days
from services.swap_ground import swap_ground
from services.swaps import Partner, Swap, SwapKind, SwapState
from storage import swaps as stored
from storage.swaps import SiteRequestRule
from tests.conftest import SteppedClock
from tests.requests.asking_site import AskingSite, day


def first_offer(at: AskingSite) -> tuple[int, date, Partner]:
    """Return an associate, a day of the second week and somebody with whom its shift can be swapped."""
    for code in at.codes:
        who = at.site.associate_id(code)
        for when in at.shifts_of(who):
            if not day(7) <= when <= day(13):
                continue
            found = swaps.partners_for(at.engine, who, SwapKind.SHIFT, when, clock=at.clock)
            if found:
                return who, when, found[0]
    raise AssertionError("Nobody can swap anything; draw another site.")


def offer(at: AskingSite, who: int, partner: Partner) -> Swap:
    days = [one.day for one in partner.days]
    return swaps.offer_swap(
        at.engine, who, partner.associate_id, SwapKind.SHIFT, days, "please", by="a", clock=at.clock
    )  # fmt: skip


def answer(at: AskingSite, swap: Swap, *, accepted: bool = True) -> Swap:
    return swaps.answer_swap(at.engine, swap.id, swap.partner.id, accepted=accepted, by="b", clock=at.clock)


def cells(at: AskingSite, swap: Swap) -> dict[tuple[int, date], str]:
    return {(who.id, when): at.cell(who.id, when) for who in (swap.asker, swap.partner) for when in swap.days}


def test_a_swap_is_offered_accepted_decided_and_done_with_lawful_breaks(asking: AskingSite) -> None:
    who, when, partner = first_offer(asking)
    swap = offer(asking, who, partner)
    assert swap.state is SwapState.OFFERED
    before = cells(asking, swap)
    assert [row.kind for row in asking.rows("SELECT kind FROM notice WHERE associate_id = :who", who=swap.partner.id)][-1] == (
        "swap_offered"
    )
    assert answer(asking, swap).state is SwapState.ACCEPTED
    with pytest.raises(BadInputError, match="Say why"):
        swaps.decide_swap(asking.engine, swap.id, "", approved=False, by="boss", clock=asking.clock)
    with pytest.raises(NotFoundError, match="teams that you lead"):
        swaps.decide_swap(asking.engine, swap.id, "", approved=True, by="boss", clock=asking.clock, team_ids=[])
    done = swaps.decide_swap(asking.engine, swap.id, "", approved=True, by="boss", clock=asking.clock)
    assert done.state is SwapState.APPROVED
    after = cells(asking, swap)
    other = {swap.asker.id: swap.partner.id, swap.partner.id: swap.asker.id}
    assert after == {(number, on): before[other[number], on] for number, on in before}
    productive = asking.rows(
        "SELECT b.productive_minutes FROM assignment a JOIN break_pattern b ON b.id = a.break_pattern_id "
        "WHERE a.kind = 'shift' AND a.associate_id = ANY(:who) AND a.day = ANY(:days)",
        who=list(other), days=list(swap.days),
    )  # fmt: skip
    assert productive
    assert all(408 <= row[0] <= 420 for row in productive)
    changed = asking.rows("SELECT count(*) FROM day_change WHERE associate_id = ANY(:who)", who=list(other))
    assert changed[0][0] == len(before)
    assert after[who, when] == "off"


def test_a_day_stands_in_one_open_swap(asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    swap = offer(asking, who, partner)
    with pytest.raises(ConflictError, match="another swap"):
        offer(asking, who, partner)
    assert not any(
        one.associate_id == partner.associate_id and one.days == partner.days
        for one in swaps.partners_for(asking.engine, who, SwapKind.SHIFT, partner.days[0].day, clock=asking.clock)
    )
    swaps.withdraw_swap(asking.engine, swap.id, who, by="a", clock=asking.clock)
    assert offer(asking, who, partner).state is SwapState.OFFERED


def test_the_schema_keeps_cells_and_states_together(asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    swap = offer(asking, who, partner)
    assert answer(asking, swap, accepted=False).state is SwapState.DECLINED
    assert asking.rows("SELECT bool_or(is_open) FROM swap_cell WHERE swap_id = :id", id=swap.id)[0][0] is False
    with pytest.raises(IntegrityError), asking.engine.begin() as connection:
        connection.execute(text("UPDATE swap SET is_open = true WHERE id = :id"), {"id": swap.id})
    with pytest.raises(ConflictError, match="declined already"):
        answer(asking, swap)


def test_swaps_are_done_at_once_where_both_teams_let_them(asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    for team in leave_settings.read_settings(asking.engine, asking.site.site_id).teams:
        leave_settings.save_team_rule(
            asking.engine, asking.site.site_id, team, automatic=True, by="boss", clock=asking.clock
        )  # fmt: skip
    assert answer(asking, offer(asking, who, partner)).state is SwapState.APPROVED


def test_what_is_no_longer_lawful_is_not_done(asking: AskingSite) -> None:
    who, _, partner = first_offer(asking)
    swap = answer(asking, offer(asking, who, partner))
    with asking.engine.begin() as connection:
        lock = "INSERT INTO day_lock (associate_id, day, kind) VALUES (:who, :day, 'off')"
        connection.execute(text(lock), {"who": who, "day": swap.days[0]})
    with pytest.raises(ConflictError):
        swaps.decide_swap(asking.engine, swap.id, "", approved=True, by="boss", clock=asking.clock)
    assert asking.rows("SELECT state FROM swap")[0][0] == "accepted"


def test_swaps_expire_when_it_is_too_late(asking: AskingSite, clock: SteppedClock) -> None:
    who, _, partner = first_offer(asking)
    swap = offer(asking, who, partner)
    assert swaps.expire_swaps(asking.engine, asking.site.site_id, clock=clock) == 0
    clock.advance(14 * 86_400)
    assert swaps.expire_swaps(asking.engine, asking.site.site_id, clock=clock) == 1
    with pytest.raises(ConflictError, match="expired"):
        answer(asking, swap)


def test_both_see_what_each_day_would_become_and_one_of_them_has_to_answer(asking: AskingSite) -> None:
    who, when, partner = first_offer(asking)
    swap = offer(asking, who, partner)
    (mine,), (theirs,) = (own_swaps(asking.engine, side.id) for side in (swap.asker, swap.partner))
    assert (mine.is_to_answer, theirs.is_to_answer) == (False, True)
    assert (mine.other, theirs.other) == (swap.partner, swap.asker)
    assert [(one.day, one.mine, one.theirs) for one in mine.changes] == [(one.day, one.mine, one.theirs) for one in partner.days]
    assert [(one.day, one.theirs, one.mine) for one in theirs.changes] == [
        (one.day, one.mine, one.theirs) for one in partner.days
    ]
    assert next(one for one in theirs.changes if one.day == when).theirs == asking.cell(who, when)
    answer(asking, swap, accepted=False)
    (after,) = own_swaps(asking.engine, swap.partner.id)
    assert (after.changes, after.is_to_answer) == ((), False)


def test_a_swap_of_a_day_that_has_changed_since_is_done_by_nobody_and_ends(asking: AskingSite, clock: SteppedClock) -> None:
    who, _, partner = first_offer(asking)
    accepted = answer(asking, offer(asking, who, partner))
    taken = next(change.day for change in partner.days if change.theirs not in {"off", "leave", "none"})
    # Times are taken before their transactions, so that what comes later may have the earlier one.
    clock.advance(-60)
    other_shift(asking, partner.associate_id, taken)
    before = cells(asking, accepted)
    (seen,) = own_swaps(asking.engine, who)
    assert (seen.swap.changed_days, seen.changes) == ((taken,), ())
    inbox = request_inbox.read_inbox(asking.engine, asking.site.site_id, clock=clock)
    assert "has changed since" in inbox.swaps[0].effect.against
    with pytest.raises(ConflictError, match="has changed since this swap was offered"):
        swaps.decide_swap(asking.engine, accepted.id, "", approved=True, by="boss", clock=clock)
    with asking.engine.begin() as connection:
        connection.execute(text("UPDATE swap SET state = 'offered', answered_at = NULL"))
    with pytest.raises(ConflictError, match="has changed since this swap was offered"):
        answer(asking, accepted)
    assert cells(asking, accepted) == before
    assert swaps.expire_swaps(asking.engine, asking.site.site_id, clock=clock) == 1
    told = asking.rows("SELECT associate_id, parameters ->> 'decision' FROM notice WHERE kind = 'swap_decided'")
    assert {tuple(row) for row in told} == {(who, "changed"), (partner.associate_id, "changed")}


def test_a_day_that_was_changed_and_changed_back_is_swapped(asking: AskingSite, clock: SteppedClock) -> None:
    who, _, partner = first_offer(asking)
    accepted = answer(asking, offer(asking, who, partner))
    before = cells(asking, accepted)
    taken = next(change.day for change in partner.days if change.theirs not in {"off", "leave", "none"})
    clock.advance(60)
    other_shift(asking, partner.associate_id, taken)
    assert own_swaps(asking.engine, who)[0].swap.changed_days == (taken,)
    roster_id, version = asking.rows("SELECT roster_id, max(version) FROM roster_edit GROUP BY 1")[0]
    editing.undo_edit(asking.engine, roster_id, version, by="p", clock=clock)
    assert cells(asking, accepted) == before
    (seen,) = own_swaps(asking.engine, who)
    assert (seen.swap.changed_days, seen.changes) == ((), partner.days)
    done = swaps.decide_swap(asking.engine, accepted.id, "", approved=True, by="boss", clock=clock)
    assert done.state is SwapState.APPROVED


def test_a_swap_that_was_taken_back_meanwhile_does_not_expire(
    asking: AskingSite, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, _, partner = first_offer(asking)
    swap = offer(asking, who, partner)
    clock.advance(14 * 86_400)
    found = stored.open_swaps

    def taken_back_meanwhile(connection: Connection, site_id: int) -> tuple[Swap, ...]:
        every = found(connection, site_id)
        swaps.withdraw_swap(asking.engine, swap.id, who, by="a", clock=clock)
        return every

    monkeypatch.setattr(stored, "open_swaps", taken_back_meanwhile)
    assert swaps.expire_swaps(asking.engine, asking.site.site_id, clock=clock) == 0
    assert asking.rows("SELECT state FROM swap")[0][0] == "withdrawn"


def other_shift(at: AskingSite, who: int, when: date) -> None:
    """Give somebody another shift on a published day, as a planner does; swaps across timings are allowed, so no rule minds."""
    leave_settings.save_site_rule(at.engine, at.site.site_id, SiteRequestRule(swaps_across_timings=True), by="p", clock=at.clock)
    with at.engine.begin() as connection:
        found = swap_ground(connection, at.site.site_id, when, when, at.clock.now()).found
        row, index = found.row_of[who], found.scenario.horizon.day_index(when)
        shifts = found.scenario.shift_types
        later = next(one for one in shifts if one.start > shifts[found.plan.values[row, index]].start)
        seen = found.word(row, index)
        edit = DayEdit(found.roster_of_day[when], found.scenario.associates[row].code, when, seen, later.code)
        change_days(connection, [edit], by="p", at=at.clock.now(), why="ill", aside=TIMING_RULES)
