"""What people ask each other for, by keyboard alone: offers, swaps of days off, wishes, the calendar, kinds and limits of leave.

Each flow goes from the page on which something is asked to the one on which it is answered, and is looked for in the database.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from services import leave_requests, offers, swaps
from services.accounts import Role
from services.offers import OfferKind
from services.swaps import Partner, SwapKind
from tests.conftest import SteppedClock
from tests.requests.asking_site import NOW, AskingSite, asking_site, day
from tests.requests.test_offers import able, most_common_timing
from tests.web.keys import choose, expect_outcome, press, reach, write, write_date, write_moment
from tests.web.served import make_app, serve, sign_in_page
from tests.web.working import until

PHONE = {"width": 375, "height": 740}
Opener = Callable[..., Page]


@pytest.fixture
def asking(engine: Engine) -> AskingSite:
    return asking_site(engine, SteppedClock(NOW))


@pytest.fixture
def app(asking: AskingSite) -> Flask:
    return make_app(asking.engine, SteppedClock(NOW))


def phone_of(page: Page, app: Flask, at: AskingSite, who: int) -> Page:
    """Sign an associate in on a page."""
    code = at.rows("SELECT code FROM associate WHERE id = :id", id=who)[0][0]
    return sign_in_page(page, app, Role.ASSOCIATE, associate=code)


@pytest.mark.parametrize("kind", OfferKind)
def test_an_offer_is_made_and_taken_by_who_comes_first(
    open_page: Opener, app: Flask, asking: AskingSite, kind: OfferKind
) -> None:  # fmt: skip
    is_overtime = kind is OfferKind.OVERTIME
    with serve(app) as base:
        desk = sign_in_page(open_page(), app, Role.PLANNER)
        desk.goto(f"{base}/offers")
        choose(desk.get_by_label("What"), "Overtime" if is_overtime else "Time")
        write_date(desk.get_by_label("Day", exact=True), str(day(8)))
        if is_overtime:
            choose(desk.get_by_label("Shift"), most_common_timing(asking, 8))
        write(desk.get_by_label("Places"), "1")
        press(desk.get_by_role("button", name="Make the offer"))
        expect(desk.get_by_role("alert")).to_be_focused()
        assert asking.rows("SELECT 1 FROM offer") == []
        write_moment(desk.get_by_label("Deadline"), f"{day(2)}T09:30")
        press(desk.get_by_role("button", name="Make the offer"))
        expect_outcome(desk, "Offered.")
        assert [tuple(row) for row in asking.rows("SELECT kind::text, day, places FROM offer")] == [(kind.value, day(8), 1)]

        (made,) = offers.list_offers(asking.engine, asking.site.site_id, clock=asking.clock)
        first, second = able(asking, made.offer)[:2]
        take = "Take this shift" if is_overtime else "Take the day off"
        for who, button, outcome in ((first, take, "It is yours."), (second, "Wait for a place", "You wait for one")):
            phone = phone_of(open_page(**PHONE), app, asking, who)
            phone.goto(f"{base}/me/requests")
            press(phone.get_by_role("link", name="Overtime and time off"))
            press(phone.get_by_role("button", name=button))
            expect_outcome(phone, outcome)
        taken = asking.rows("SELECT associate_id, state::text FROM offer_take ORDER BY id")
        assert [tuple(row) for row in taken] == [(first, "taken"), (second, "waiting")]
        assert (asking.cell(first, day(8)) == "leave") is not is_overtime
        assert asking.cell(first, day(8)) != "off"

        desk.reload()
        press(desk.get_by_role("button", name="End the offer"))
        expect_outcome(desk, "Ended.")
        assert asking.rows("SELECT ended_by FROM offer") == [("planner",)]


def free_week(at: AskingSite) -> tuple[int, date, Partner]:
    """Return an associate, a day of the second or third week, and somebody with whom the days off of that week can be swapped."""
    for code in at.codes:
        who = at.site.associate_id(code)
        for when in (day(9), day(16)):
            found = swaps.partners_for(at.engine, who, SwapKind.WEEKLY_OFF, when, clock=at.clock)
            if found:
                return who, when, found[0]
    raise AssertionError("Nobody can swap days off; draw another site.")


def test_days_off_of_a_week_are_swapped_asked_accepted_and_approved(
    open_page: Opener, app: Flask, asking: AskingSite
) -> None:  # fmt: skip
    who, when, partner = free_week(asking)
    days = [one.day for one in partner.days]
    before = {(one, on): asking.cell(one, on) for one in (who, partner.associate_id) for on in days}
    with serve(app) as base:
        mine = phone_of(open_page(**PHONE), app, asking, who)
        mine.goto(f"{base}/me/requests")
        press(mine.get_by_role("link", name="Swap a shift"))
        choose(mine.get_by_label("What"), "The days off")
        wanted = mine.locator(f"#day option[value='{when}']").inner_text()
        choose(mine.get_by_label("Day", exact=True), wanted.partition(":")[0])
        press(mine.get_by_role("button", name="Show partners"))
        press(mine.get_by_role("button", name=f"Offer this swap to {partner.name}"))
        expect_outcome(mine, "Offered.")
        assert asking.rows("SELECT kind::text, state::text FROM swap") == [("weekly_off", "offered")]

        theirs = phone_of(open_page(**PHONE), app, asking, partner.associate_id)
        theirs.goto(f"{base}/me/requests")
        press(theirs.get_by_role("button", name="Accept"))
        expect_outcome(theirs, "A supervisor has to decide.")

        teams = [row[0] for row in asking.rows("SELECT name FROM team")]
        desk = sign_in_page(open_page(), app, Role.SUPERVISOR, teams=teams)
        desk.goto(f"{base}/requests")
        press(desk.get_by_role("checkbox", name="Swap of"), "Space")
        press(desk.get_by_role("button", name="Approve ticked"))
        expect_outcome(desk, "1 approved.")
    assert asking.rows("SELECT state::text, decided_by FROM swap") == [("approved", "supervisor")]
    other = {who: partner.associate_id, partner.associate_id: who}
    assert {place: asking.cell(*place) for place in before} == {(one, on): before[other[one], on] for one, on in before}
    assert any(before[who, on] != before[partner.associate_id, on] for on in days)


def test_wishes_are_asked_for_and_given(open_page: Opener, app: Flask, asking: AskingSite) -> None:
    who = asking.site.associate_id(asking.codes[0])
    with serve(app) as base:
        desk = sign_in_page(open_page(), app, Role.PLANNER)
        desk.goto(f"{base}/wishes")
        write_date(desk.get_by_label("First day of the period"), str(day(28)))
        write_date(desk.get_by_label("Last day"), str(day(34)))
        write_moment(desk.get_by_label("Opens"), f"{day(0)}T09:00")
        press(desk.get_by_role("button", name="Open the window"))
        expect(desk.get_by_role("alert")).to_be_focused()
        write_moment(desk.get_by_label("Closes"), f"{day(5)}T09:00")
        write(desk.get_by_label("Points for each associate"), "12")
        press(desk.get_by_role("button", name="Open the window"))
        expect_outcome(desk, "The window is set.")
        assert [tuple(row) for row in asking.rows("SELECT first_day, last_day, points FROM wish_window")] == [
            (day(28), day(34), 12)
        ]

        phone = phone_of(open_page(**PHONE), app, asking, who)
        phone.goto(f"{base}/me/requests")
        press(phone.get_by_role("link", name="Wishes"))
        write(phone.get_by_label("Points for").first, "3")
        write_date(phone.get_by_label("Day off 1", exact=True), str(day(30)))
        write(phone.get_by_label("Points for day off 1"), "20")
        press(phone.get_by_role("button", name="Save wishes"))
        expect(phone.get_by_role("alert")).to_be_focused()
        assert asking.rows("SELECT 1 FROM wish") == []
        write(phone.get_by_label("Points for day off 1"), "4")
        press(phone.get_by_role("button", name="Save wishes"))
        expect_outcome(phone, "Your wishes are saved.")
        kept = asking.rows("SELECT day, points FROM wish WHERE associate_id = :who ORDER BY points", who=who)
        assert [tuple(row) for row in kept] == [(None, 3), (day(30), 4)]

        desk.reload()
        press(desk.get_by_role("link", name="1 Feb"))
        expect(desk.get_by_text("2 wishes of 1 associate")).to_be_visible()


def test_the_calendar_of_leave_and_who_is_on_are_turned_over(open_page: Opener, app: Flask, asking: AskingSite) -> None:
    who = asking.site.associate_id(asking.codes[0])
    made = leave_requests.ask_leave(asking.engine, who, asking.annual, day(8), day(9), "", by="a", clock=asking.clock)
    leave_requests.decide_leave(asking.engine, made.id, "", approved=True, by="b", clock=asking.clock)
    ((on_leave,),) = asking.rows("SELECT name FROM associate WHERE id = :id", id=who)
    with serve(app) as base:
        desk = sign_in_page(open_page(375, 740), app, Role.PLANNER)
        desk.goto(f"{base}/leave")
        marks = desk.locator(".leave-mark.approved")
        expect(marks).to_have_count(2)
        # On a phone the table is wider than the window, and is moved within it.
        reach(desk.get_by_role("region", name="Leave in January 2027"))
        desk.keyboard.press("ArrowRight")
        until(desk, lambda: bool(desk.evaluate("document.activeElement.scrollLeft > 0")))
        press(desk.get_by_role("link", name="The month after"))
        expect(desk.get_by_role("heading", name="February 2027")).to_be_visible()
        expect(marks).to_have_count(0)
        press(desk.get_by_role("link", name="The month before"))
        expect(marks).to_have_count(2)

        desk.goto(f"{base}/tomorrow?day={day(7)}")
        days = desk.get_by_role("navigation", name="Days").get_by_role("link")
        press(days.last)
        expect(desk.get_by_role("heading", level=1)).to_contain_text("12 January 2027")
        expect(desk.get_by_text(on_leave)).to_be_visible()
        working = sum(asking.cell(asking.site.associate_id(code), day(8)) not in {"off", "leave"} for code in asking.codes)
        people = desk.locator(".on-tomorrow li details")
        expect(people).to_have_count(working)
        press(people.first.locator("summary"))
        expect(people.first.get_by_text("Breaks:")).to_be_visible()
        press(days.first)
        press(days.first)
        expect(desk.get_by_role("heading", level=1)).to_contain_text("10 January 2027")


def test_kinds_of_leave_limits_balances_and_swaps_are_set(open_page: Opener, app: Flask, asking: AskingSite) -> None:
    with serve(app) as base:
        desk = sign_in_page(open_page(), app, Role.PLANNER)
        desk.goto(f"{base}/leave")
        press(desk.get_by_role("link", name="Kinds, limits, balances"))
        press(desk.get_by_text("Add a kind"))
        write(desk.locator("#code-new"), "ML")
        write(desk.locator("#name-new"), "Marriage leave")
        write(desk.locator("#days-new"), "5")
        press(desk.locator("#is_automatic-new"), "Space")
        press(desk.get_by_role("button", name="Add this kind"))
        expect_outcome(desk, "Marriage leave is saved.")
        kind = asking.rows("SELECT name, days_per_year, has_balance, is_automatic FROM leave_kind WHERE code = 'ML'")
        assert [tuple(row) for row in kind] == [("Marriage leave", 5, True, True)]

        press(desk.locator("summary").filter(has_text="Annual leave"))
        write(desk.locator(f"#days-{asking.annual}"), "22")
        press(desk.get_by_role("button", name="Save Annual leave"))
        expect_outcome(desk, "Annual leave is saved.")
        assert asking.rows("SELECT days_per_year FROM leave_kind WHERE id = :id", id=asking.annual) == [(22,)]

        press(desk.get_by_role("button", name="Set this limit"))
        expect(desk.get_by_role("alert")).to_be_focused()
        team = asking.rows("SELECT name FROM team ORDER BY name LIMIT 1")[0][0]
        choose(desk.get_by_label("Of", exact=True), team)
        write(desk.get_by_label("People", exact=True), "2")
        write_date(desk.locator("#first_day"), str(day(7)))
        write_date(desk.locator("#last_day"), str(day(13)))
        press(desk.get_by_role("button", name="Set this limit"))
        expect_outcome(desk, "The limit holds")
        limits = "SELECT t.name, l.first_day, l.last_day, l.most_count FROM leave_limit l JOIN team t ON t.id = l.team_id"
        assert [tuple(row) for row in asking.rows(limits)] == [(team, day(7), day(13), 2)]
        press(desk.get_by_role("button", name="Remove the limit"))
        expect_outcome(desk, "The limit is removed.")
        assert asking.rows(limits) == []

        choose(desk.get_by_label("Give the days a year of"), "Marriage")
        press(desk.get_by_role("button", name="Give entitlements"))
        expect_outcome(desk, "20 associates were given")
        write(desk.get_by_label("Corrections"), f"{asking.codes[0]},ML,2027,-1,one day was taken before")
        press(desk.get_by_role("button", name="Take over"))
        expect_outcome(desk, "1 lines are taken over.")
        left = (
            "SELECT sum(e.days) FROM leave_entry e JOIN leave_kind k ON k.id = e.leave_kind_id "
            "JOIN associate a ON a.id = e.associate_id WHERE k.code = 'ML' AND a.code = :code"
        )
        assert asking.rows(left, code=asking.codes[0]) == [(4,)]

        press(desk.locator("#across_timings-swap"), "Space")
        write(desk.get_by_label("A swap must be done"), "24")
        press(desk.get_by_role("button", name="Save", exact=True))
        expect_outcome(desk, "Saved.")
        rule = asking.rows("SELECT swaps_across_timings, swap_notice_hours FROM site_request_rule")
        assert [tuple(row) for row in rule] == [(True, 24)]
