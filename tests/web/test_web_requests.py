"""The flows of requests in a real browser: an associate on a phone, a supervisor at a desk, both by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from services import leave_requests, swaps, wishes
from services.accounts import Role
from services.offers import OfferKind
from services.swaps import SwapKind
from tests.conftest import SteppedClock
from tests.requests.asking_site import NOW, AskingSite, asking_site, day
from tests.requests.test_offers import make, worker
from tests.web.axe import assert_accessible, assert_accessible_at_every_width
from tests.web.served import make_app, serve, sign_in, sign_in_page

DESK = ("/requests", "/requests?page=2", "/requests/leave/1", "/offers")
OWN = (
    "/me/requests", "/me/requests/leave/1", "/me/requests/swap", "/me/requests/offers", "/me/notices", "/account",
)  # fmt: skip
PHONE = {"width": 375, "height": 740}
Opener = Callable[..., Page]


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def asking(engine: Engine, clock: SteppedClock) -> AskingSite:
    return asking_site(engine, clock)


@pytest.fixture
def app(asking: AskingSite, clock: SteppedClock) -> Flask:
    return make_app(asking.engine, clock)


def swappable(at: AskingSite) -> tuple[int, int, date]:
    """Return two rows who may swap a day of the second week, and the day that the first gives away."""
    for row, code in enumerate(at.codes):
        who = at.site.associate_id(code)
        for when in (one for one in at.shifts_of(who) if day(7) <= one <= day(13)):
            found = swaps.partners_for(at.engine, who, SwapKind.SHIFT, when, clock=at.clock)
            if found:
                return row, at.codes.index(found[0].code), when
    raise AssertionError("Nobody can swap anything; draw another site.")


def press_until(page: Page, name: str, key: str = "Tab") -> None:
    """Move the focus until it is on an element with these words, and no other way."""
    for _ in range(80):
        page.keyboard.press(key)
        words = page.evaluate("(document.activeElement.textContent || '').trim()")
        if words == name:
            return
    raise AssertionError(f"{name} cannot be reached by keyboard.")


def focus_field(page: Page, field: str) -> None:
    """Move the focus to a field by keyboard."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == field:
            return
    raise AssertionError(f"The field {field} cannot be reached by keyboard.")


def fits(page: Page) -> bool:
    """Return whether a page is no wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_leave_is_asked_for_on_a_phone_and_decided_at_a_desk(
    open_page: Opener, app: Flask, asking: AskingSite
) -> None:  # fmt: skip
    with serve(app) as base:
        phone = sign_in_page(open_page(**PHONE), app, Role.ASSOCIATE, associate=asking.codes[0])
        phone.goto(f"{base}/me/requests")
        assert fits(phone)
        assert_accessible(phone)
        press_until(phone, "Ask for leave")
        phone.keyboard.press("Enter")
        expect(phone.get_by_role("heading", name="Ask for leave")).to_be_visible()
        assert fits(phone)
        assert_accessible(phone)
        # The keyboard fills a date field part by part; the parts depend on the language of the browser.
        phone.get_by_label("First day").fill(str(day(8)))
        phone.get_by_label("Last day").fill(str(day(9)))
        focus_field(phone, "note")
        phone.keyboard.type("My sister marries")
        press_until(phone, "Ask for leave")
        phone.keyboard.press("Enter")
        expect(phone.get_by_role("status")).to_have_text("Your supervisor has to decide.")
        expect(phone.get_by_text("waits for a decision")).to_be_visible()

        teams = [row[0] for row in asking.rows("SELECT name FROM team")]
        desk = sign_in_page(open_page(), app, Role.SUPERVISOR, teams=teams)
        desk.goto(f"{base}/requests")
        expect(desk.get_by_text("My sister marries")).to_be_visible()
        expect(desk.get_by_text("head-hours more are short").or_(desk.get_by_text("Nothing ")).first).to_be_visible()
        assert_accessible(desk)
        focus_field(desk, "leave-1")
        desk.keyboard.press("Space")
        press_until(desk, "Refuse ticked")
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("alert")).to_contain_text("Say why")
        expect(desk.locator("#leave-1")).to_be_checked()
        press_until(desk, "Approve ticked")
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("status")).to_have_text("1 approved.")
        for address in ("/leave?month=2027-01-01", f"/tomorrow?day={day(8)}", "/offers"):
            desk.goto(base + address)
            assert_accessible(desk)

        phone.goto(f"{base}/me/requests/leave/1")
        expect(phone.get_by_text("Approved", exact=True).first).to_be_visible()
        assert_accessible(phone)
        press_until(phone, "Give this leave up")
        phone.keyboard.press("Enter")
        expect(phone.get_by_role("status")).to_contain_text("your shifts stand again", timeout=20_000)


def test_a_swap_is_offered_and_accepted_on_phones(
    open_page: Opener, app: Flask, asking: AskingSite
) -> None:  # fmt: skip
    row, other, when = swappable(asking)
    with serve(app) as base:
        mine = sign_in_page(open_page(**PHONE), app, Role.ASSOCIATE, associate=asking.codes[row])
        mine.goto(f"{base}/me/requests/swap")
        mine.get_by_label("Day", exact=True).select_option(when.isoformat())
        press_until(mine, "Show partners")
        mine.keyboard.press("Enter")
        expect(mine.get_by_role("heading", name="that the rules allow")).to_be_visible()
        assert fits(mine)
        assert_accessible(mine)
        name = asking.site.scenario.associates[other].name
        press_until(mine, f"Offer this swap to {name}")
        mine.keyboard.press("Enter")
        expect(mine.get_by_role("status")).to_have_text("Offered. Your partner has to answer.")

        theirs = sign_in_page(open_page(**PHONE), app, Role.ASSOCIATE, associate=asking.codes[other])
        theirs.goto(f"{base}/me/requests")
        expect(theirs.get_by_role("heading", name="offers you a swap")).to_be_visible()
        assert_accessible(theirs)
        press_until(theirs, "Accept")
        theirs.keyboard.press("Enter")
        expect(theirs.get_by_role("status")).to_have_text("Accepted. A supervisor has to decide.")
        mine.context.close()
        theirs.context.close()


def test_offers_are_taken_and_wishes_shared_out_on_a_phone(
    open_page: Opener, app: Flask, asking: AskingSite, clock: SteppedClock
) -> None:  # fmt: skip
    make(asking, OfferKind.TIME_OFF, 1)
    window = wishes.open_window(
        asking.engine, asking.site.site_id, day(28), day(34), clock.now(), clock.now() + timedelta(days=3),
        points=10, weight_per_point=0.5, by="planner", clock=clock,
    )  # fmt: skip
    code = asking.rows("SELECT code FROM associate WHERE id = :id", id=worker(asking))[0][0]
    with serve(app) as base:
        phone = sign_in_page(open_page(**PHONE), app, Role.ASSOCIATE, associate=code)
        phone.goto(f"{base}/me/requests/offers")
        assert fits(phone)
        assert_accessible(phone)
        press_until(phone, "Take the day off")
        phone.keyboard.press("Enter")
        expect(phone.get_by_role("status")).to_have_text("It is yours. Your day is changed.")
        phone.goto(f"{base}/me/requests/wishes")
        assert fits(phone)
        assert_accessible(phone)
        phone.get_by_label("Day off 1", exact=True).fill(str(day(30)))
        phone.get_by_label("Points for day off 1").fill("4")
        expect(phone.get_by_text("6 points left")).to_be_visible()
        press_until(phone, "Save wishes")
        phone.keyboard.press("Enter")
        expect(phone.get_by_role("status")).to_contain_text("wishes are saved")

        planner = sign_in_page(open_page(), app, Role.PLANNER)
        for address in ("/leave/setup", "/wishes", f"/wishes/{window}"):
            planner.goto(base + address)
            assert_accessible(planner)


def test_a_decision_is_seen_on_the_phone_without_asking_again(open_page: Opener, app: Flask, asking: AskingSite) -> None:
    who = asking.site.associate_id(asking.codes[0])
    settings: dict[str, Any] = {"by": "boss", "clock": asking.clock}
    made = leave_requests.ask_leave(asking.engine, who, asking.annual, day(8), day(9), "", **settings)
    with serve(app) as base:
        phone = sign_in_page(open_page(**PHONE), app, Role.ASSOCIATE, associate=asking.codes[0])
        with phone.expect_response("**/api/v1/me/requests"):
            phone.goto(f"{base}/me/requests")
        expect(phone.get_by_text("waits for a decision")).to_be_visible()
        leave_requests.decide_leave(asking.engine, made.id, "Enough of us", approved=True, **settings)
        # Coming back to the page is a moment at which it looks.
        phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(phone.get_by_text("approved", exact=True)).to_be_visible()
        expect(phone.get_by_text("Enough of us")).to_be_visible()
        # The page that was made anew looks as well, and shall be answered before the server goes.
        phone.wait_for_load_state("networkidle")


def test_what_is_typed_stays_when_the_network_goes(chromium: Browser, app: Flask, asking: AskingSite) -> None:
    context = chromium.new_context(viewport=PHONE)  # type: ignore[arg-type]
    with serve(app) as base:
        phone = sign_in_page(context.new_page(), app, Role.ASSOCIATE, associate=asking.codes[0])
        phone.goto(f"{base}/me/requests/leave")
        phone.get_by_label("Note for your supervisor (optional)").fill("My sister marries")
        context.set_offline(True)
        expect(phone.get_by_text("What you fill in stays here")).to_be_visible()
        send = phone.get_by_role("button", name="Ask for leave")
        expect(send).to_be_disabled()
        context.set_offline(False)
        expect(send).to_be_enabled()
        expect(phone.get_by_label("Note for your supervisor (optional)")).to_have_value("My sister marries")
    context.close()


def test_a_page_whose_requests_were_decided_leads_to_those_that_wait(app: Flask, asking: AskingSite) -> None:
    who = asking.site.associate_id(asking.codes[0])
    leave_requests.ask_leave(asking.engine, who, asking.annual, day(8), day(9), "", by="a", clock=asking.clock)
    page = sign_in(app.test_client()).get("/requests?page=2").text
    assert "Nothing waits for you" not in page
    assert "To the first page" in page


def test_pages_of_requests_are_accessible_with_long_names(open_page: Opener, app: Flask, asking: AskingSite) -> None:
    """Every page that decides, in light and in dark, with names of sixty characters and a page full of requests."""
    settings: dict[str, Any] = {"by": "a", "clock": asking.clock}
    with asking.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE associate SET name = left(name || ' ' || repeat('Venkatanarasimharaju', 3), 60)")
        connection.exec_driver_sql("UPDATE team SET name = left(name || ' of the very long corridor behind the second gate', 60)")
    for number in range(12):
        who = asking.site.associate_id(asking.codes[number])
        leave_requests.ask_leave(asking.engine, who, asking.annual, day(8), day(10), "x" * 300, **settings)
    make(asking, OfferKind.TIME_OFF, 1)
    with serve(app) as base:
        desk = sign_in_page(open_page(1400, 900), app, Role.PLANNER)
        for address in (*DESK, f"/leave?month={day(0)}", f"/tomorrow?day={day(8)}"):
            desk.goto(base + address)
            assert_accessible_at_every_width(desk)
        own = sign_in_page(open_page(1400, 900), app, Role.ASSOCIATE, associate=asking.codes[0])
        for address in OWN:
            own.goto(base + address)
            assert_accessible_at_every_width(own)
