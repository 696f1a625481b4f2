"""The associate's phone in a real browser: today, week, month, changes, confirmation, settings, and no network at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from services import own_days, published_days
from services.accounts import Role
from services.languages import Speech
from services.preferences import Addressee, reader_of
from storage.duties import duties_near
from tests.notices.strict_calendar import read_strictly
from tests.web.axe import assert_accessible, assert_accessible_at_every_width
from tests.web.keys import press, reach, write
from tests.web.served import NOW, sign_in, sign_in_page
from tests.web.working import Floor, served_floor, until

Open = Callable[..., Page]
PHONE = (375, 720)
PAGES = ("/me", "/me/week", "/me/month", "/me/changes", "/me/notices", "/me/settings", "/me/figures")
SAID = Speech(zone_name="Asia/Kolkata")
KEPT = {"/me", "/me/week", "/me/month", "/me/requests", "/me/notices", "/me/changes", "/me/offline"} | {
    f"/static/{path}"
    for path in ("js/own/app.js", "js/own/look.js", "js/own/today.js", "js/own/requests.js", "css/own.css", "css/requests.css")
}


@pytest.fixture
def floor(engine: Engine) -> Iterator[Floor]:
    with served_floor(engine) as served:
        yield served


def enter(floor: Floor, page: Page, path: str = "/me") -> Page:
    sign_in_page(page, floor.app, Role.ASSOCIATE, associate=floor.code)
    page.goto(floor.address + path)
    return page


def take_off(floor: Floor, reason: str = "Fewer jobs than expected") -> None:
    """Turn the next shift after today into a day off, by hand, and tell."""
    row = floor.rows(
        "SELECT a.roster_id, a.day FROM assignment a JOIN published_day p ON p.roster_id = a.roster_id AND p.day = a.day "
        "WHERE a.associate_id = :who AND a.kind = 'shift' AND a.day > date '2027-01-06' ORDER BY a.day LIMIT 1"
    )[0]
    now = floor.clock.now()
    with floor.site.engine.begin() as connection:
        key = (floor.associate_id, row.day)
        with published_days.changing(connection, row.roster_id, [key], by="asha", now=now, reason=reason):
            connection.execute(
                text(
                    "UPDATE assignment SET kind = 'off', shift_type_id = NULL, break_pattern_id = NULL, span_minutes = NULL, "
                    "place = NULL WHERE associate_id = :who AND day = :day AND roster_id = :roster"
                ),
                {"who": floor.associate_id, "day": row.day, "roster": row.roster_id},
            )


def test_today_counts_down_to_the_next_break_by_the_clock_of_the_server(floor: Floor, open_page: Open) -> None:
    with floor.site.engine.connect() as connection:
        duty = duties_near(connection, floor.associate_id, NOW, NOW + timedelta(minutes=1))[0]
    coming = next(one for one in duty.breaks if one.starts_at > NOW)
    floor.clock.advance((coming.starts_at - floor.clock.now()).total_seconds() - 100)
    page = open_page(*PHONE, timezone_id="Europe/Berlin")
    page.clock.install()
    enter(floor, page)
    line = page.locator("[data-countdown]")
    expect(line).to_have_text("Next break in 2 min")
    page.clock.fast_forward(45_000)
    expect(line).to_have_text("Next break in 1 min")
    expect(page.locator("[data-countdown-at]")).to_contain_text(SAID.time(coming.starts_at))
    expect(page.get_by_text("your device is in Europe/Berlin")).to_be_visible()
    # The break begins; the page is made anew and counts to its end.
    floor.clock.advance(100)
    page.reload()
    expect(line).to_have_text(re.compile(r"Your break ends in \d+ min"))


def test_today_says_it_in_plain_words_without_scripts(floor: Floor, open_page: Open) -> None:
    page = enter(floor, open_page(*PHONE, java_script_enabled=False))
    expect(page.locator("[data-countdown]")).to_have_text(re.compile(r"Next break in \d+ min"))
    expect(page.get_by_text("Times in India Time (UTC+05:30)")).to_be_visible()
    expect(page.get_by_text(re.compile(r"of 408–420 minutes"))).to_be_visible()
    page.get_by_role("button", name="Confirm that I have seen them").click()
    expect(page.get_by_text("Thank you: your shifts are confirmed.")).to_be_visible()


def test_today_stays_as_it_is_where_nothing_comes_any_more(floor: Floor, open_page: Open) -> None:
    floor.clock.advance(60 * 86_400)
    page = enter(floor, open_page(*PHONE))
    page.evaluate("window.isTheSame = true")
    page.wait_for_timeout(2_500)
    assert page.evaluate("window.isTheSame === true"), "a page that is made anew every second can be neither read nor used"


def test_changes_are_shown_once_as_new_and_the_roster_wants_a_new_confirmation(floor: Floor, open_page: Open) -> None:
    page = enter(floor, open_page(*PHONE))
    press(page.get_by_role("button", name="Confirm that I have seen them"))
    expect(page.get_by_role("button", name="Confirm that I have seen them")).to_have_count(0)
    take_off(floor)
    page.reload()
    expect(page.get_by_text("Your shifts changed after you confirmed them.")).to_be_visible()
    press(page.get_by_role("link", name="See what changed"))
    new = page.locator(".told .is-unread")
    expect(new).to_contain_text("day off")
    expect(new).to_contain_text("Fewer jobs than expected")
    with page.expect_response("**/me/changes/seen"):
        pass
    page.goto(f"{floor.address}/me/changes")
    expect(page.locator(".told .is-unread")).to_have_count(0)
    expect(page.get_by_text("No published day of yours changed.")).to_be_visible()
    expect(page.locator(".told li")).to_have_count(1)
    # The notice of it is counted in the bar until the list was in sight.
    badge = page.locator("[data-unread]")
    expect(badge).to_contain_text("2")
    press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Notices"))
    with page.expect_response("**/me/notices/read"):
        pass
    page.reload()
    expect(badge).to_have_count(0)


def test_the_roster_last_seen_is_read_without_a_network_and_forgotten_on_leaving(floor: Floor, chromium_page: Page) -> None:
    page = enter(floor, chromium_page)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    # A browser does not wait for what a waiting function promises, so that it is asked again and again from here.
    asked = "caches.open('own-days').then(store => store.keys()).then(kept => kept.map(one => new URL(one.url).pathname))"
    until(page, lambda: set(page.evaluate(asked)) >= KEPT)
    page.context.set_offline(True)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Week").click()
    expect(page.locator(".day-card")).to_have_count(7)
    expect(page.get_by_text("Not connected.")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.day-card')).display") == "grid"
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Month").click()
    expect(page.get_by_role("heading", name="January 2027")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Today").click()
    expect(page.get_by_role("heading", name="Your shift", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Confirm that I have seen them")).to_be_disabled()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Requests").click()
    expect(page.get_by_role("heading", name="Your requests")).to_be_visible()
    expect(page.get_by_text("This is what was known on")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Ask for leave").click()
    expect(page.get_by_role("heading", name="Not connected")).to_be_visible()
    expect(page).to_have_url(re.compile("/me/requests/leave$"))
    assert_accessible(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Notices").click()
    expect(page.get_by_text("This is what was known on")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in**")
    # What the page for signing in looks like may be kept; what was somebody's own is not.
    until(page, lambda: not [path for path in page.evaluate(asked) if not path.startswith(("/static/", "/bootstrap/"))])


@pytest.fixture
def chromium_page(chromium: Browser) -> Iterator[Page]:
    """A phone whose browser may complain of a network that is away."""
    context = chromium.new_context(viewport={"width": 375, "height": 720})
    yield context.new_page()
    context.close()


def test_it_can_be_installed(floor: Floor) -> None:
    client = associate(floor)
    page = client.get("/me")
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page.text
    assert "manifest-src 'self'" in page.headers["Content-Security-Policy"]
    shell = client.get("/manifest.webmanifest")
    assert shell.mimetype == "application/manifest+json"
    assert body(shell)["start_url"] == "/me"
    assert body(shell)["display"] == "standalone"
    sizes = {(one["sizes"], one["purpose"]) for one in body(shell)["icons"]}
    assert sizes >= {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    for one in body(shell)["icons"]:
        with client.get(one["src"]) as icon:
            assert icon.data[:8] == b"\x89PNG\r\n\x1a\n"
            width = int.from_bytes(icon.data[16:20], "big")
        assert one["sizes"] == f"{width}x{width}"
    worker = client.get("/service-worker.js")
    assert worker.headers["Service-Worker-Allowed"] == "/"
    assert worker.mimetype == "text/javascript"


def associate(floor: Floor) -> FlaskClient:
    return sign_in(floor.app.test_client(), Role.ASSOCIATE, associate=floor.code)


def body(answer: TestResponse) -> dict[str, Any]:
    found: dict[str, Any] = answer.get_json()
    return found


def plain(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def test_language_and_hours_are_chosen_and_hold_on_every_page(floor: Floor, open_page: Open) -> None:
    page = enter(floor, open_page(*PHONE), "/me/settings")
    reach(page.get_by_label("Language")).page.keyboard.type("Esp")
    reach(page.get_by_label("Times")).page.keyboard.type("12")
    write(page.get_by_label("Mail address"), "not an address")
    press(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Write one mail address, such as name@example.org")).to_be_visible()
    write(page.get_by_label("Mail address"), "asha@example.org")
    press(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Tus ajustes están guardados.")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "es"
    press(page.get_by_role("navigation", name="Principal").get_by_role("link", name="Hoy"))
    expect(page.get_by_role("heading", level=1)).to_have_text("miércoles, 6 de enero de 2027")
    expect(page.locator(".hours")).to_contain_text(re.compile(r"a\.\s?m\.|p\.\s?m\."))
    for path in PAGES:
        page.goto(floor.address + path)
        assert_accessible(page)


def test_a_browser_is_followed_until_somebody_chooses(floor: Floor) -> None:
    client = associate(floor)
    assert 'lang="hi"' in client.get("/me", headers={"Accept-Language": "hi-IN,en;q=0.5"}).text
    assert 'lang="en"' in client.get("/me", headers={"Accept-Language": "fr"}).text
    planner = sign_in(floor.app.test_client(), Role.PLANNER)
    assert 'lang="en"' in planner.get("/", headers={"Accept-Language": "hi"}).text


def test_the_pages_of_an_associate_are_accessible_and_fit(floor: Floor, open_page: Open) -> None:
    take_off(floor, "A reason " * 30)
    page = open_page(1400, 800)
    sign_in_page(page, floor.app, Role.ASSOCIATE, associate=floor.code)
    for path in PAGES:
        page.goto(floor.address + path)
        assert_accessible_at_every_width(page)


def test_the_bar_is_at_the_foot_of_a_phone_and_reached_by_keyboard(floor: Floor, open_page: Open) -> None:
    page = enter(floor, open_page(*PHONE))
    bar = page.get_by_role("navigation", name="Main")
    box = bar.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == pytest.approx(720, abs=1)
    press(bar.get_by_role("link", name="Week"))
    expect(page).to_have_url(re.compile("/me/week$"))
    press(page.get_by_role("link", name="The week after"))
    expect(page.get_by_text("Not published yet")).to_have_count(7)
    press(page.get_by_role("link", name="To this week"))
    press(page.locator(".day-card summary").first)
    expect(page.locator(".day-card details[open] li").first).to_be_visible()
    press(bar.get_by_role("link", name="Month"))
    expect(page).to_have_url(re.compile("/me/month$"))
    before = page.get_by_role("heading", level=1).inner_text()
    press(page.get_by_role("link", name="The month after"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text(before)


def test_the_calendar_address_is_shown_once_and_the_old_one_is_dead(floor: Floor, open_page: Open) -> None:
    page = enter(floor, open_page(*PHONE), "/me/settings")
    press(page.get_by_role("button", name="Make an address"))
    address = page.locator(".secret dd").inner_text()
    stranger = floor.app.test_client()
    first = stranger.get(address.removeprefix(floor.address))
    assert first.mimetype == "text/calendar"
    assert len(read_strictly(first.data).events) >= 3
    tag = first.headers["ETag"]
    assert stranger.get(address.removeprefix(floor.address), headers={"If-None-Match": tag}).status_code == 304
    take_off(floor)
    assert stranger.get(address.removeprefix(floor.address), headers={"If-None-Match": tag}).status_code == 200
    page.goto(f"{floor.address}/me/settings")
    expect(page.locator(".secret")).to_have_count(0)
    press(page.get_by_role("button", name="Make a new address"))
    newer = page.locator(".secret dd").inner_text()
    assert stranger.get(address.removeprefix(floor.address)).status_code == 404
    assert stranger.get(newer.removeprefix(floor.address)).status_code == 200
    page.goto(f"{floor.address}/me/settings")
    with page.expect_navigation():
        press(page.get_by_role("button", name="Close the calendar"))
    assert stranger.get(newer.removeprefix(floor.address)).status_code == 404


def test_the_polled_document_is_small_and_tagged(floor: Floor) -> None:
    client = associate(floor)
    first = client.get("/api/v1/me/today")
    assert body(first)["current"]["day"] == "2027-01-06"
    assert body(first)["unread_notices"] == 1
    assert len(first.data) < 4_000
    again = client.get("/api/v1/me/today", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    take_off(floor)
    changed = client.get("/api/v1/me/today", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert len(body(changed)["changed_days"]) == 1
    days = body(client.get("/api/v1/me/days?first_day=2027-01-04&last_day=2027-01-10"))
    reader = reader_of(floor.site.engine, Addressee(floor.associate_id))
    here = NOW.date()
    agenda = own_days.agenda(floor.site.engine, reader, here - timedelta(days=2), here + timedelta(days=4), clock=floor.clock)
    assert [one["day"] for one in days["days"]] == [day.isoformat() for day in agenda.days]
    assert {one["productive_minutes"] for one in days["days"] if one["shift"]} == {420}
    for wrong in (
        "first_day=2027-01-04&last_day=2027-01-03",
        "first_day=2027-01-04&last_day=2028-01-03",
        "first_day=9999-12-31",
        "first_day=x",
    ):
        assert client.get(f"/api/v1/me/days?{wrong}").status_code == 400, wrong


def test_what_makes_no_sense_is_refused_and_changes_nothing(floor: Floor) -> None:
    plain(floor.app)
    client = associate(floor)
    for path, data in (
        ("/me/changes/seen", {"until": "yesterday"}),
        ("/me/changes/seen", {"until": "2027-01-06T10:00:00"}),
        ("/me/notices/read", {"last": "-1"}),
        ("/me/notices/read", {}),
    ):
        assert client.post(path, data=data).status_code == 400, path
    assert client.get("/me/week?day=0001-01-01").status_code == 400
    assert client.get("/me/month?day=9999-12-31").status_code == 400
    assert client.get("/me/notices?before=x").status_code == 400
    assert client.post("/me/rosters/987654/confirm").status_code == 404
    # The mark cannot be moved into the future, where changes would go unseen.
    client.post("/me/changes/seen", data={"until": "2099-01-01T00:00:00+00:00"})
    seen_at = reader_of(floor.site.engine, Addressee(floor.associate_id)).changes_seen_at
    assert seen_at is not None
    assert seen_at <= floor.clock.now()


def test_planners_see_who_has_not_confirmed_and_set_when_mail_goes(floor: Floor) -> None:
    plain(floor.app)
    associate(floor)
    roster = floor.rows("SELECT roster_id FROM published_day LIMIT 1")[0].roster_id
    planner = sign_in(floor.app.test_client(), Role.PLANNER)
    path = f"/rosters/{roster}/confirmations"
    assert "0 of 20" in planner.get(path).text
    sign_in(floor.app.test_client(), Role.ASSOCIATE, associate=floor.code).post(f"/me/rosters/{roster}/confirm")
    shown = planner.get(path).text
    assert "1 of 20" in shown
    assert f">{floor.code}<" not in shown
    assert f">{floor.code}<" in planner.get(f"{path}?show=all").text
    take_off(floor)
    assert "changed since" in planner.get(path).text
    supervisor = sign_in(floor.app.test_client(), Role.SUPERVISOR)
    assert "0 of 0" in supervisor.get(path).text, "a supervisor sees the teams that they lead"
    assert planner.post("/notices/settings", data={"urgent_hours": "48", "batch_minutes": "5"}).status_code == 303
    assert 'value="48"' in planner.get("/notices/settings").text
    for wrong in ({"urgent_hours": "400", "batch_minutes": "5"}, {"urgent_hours": "", "batch_minutes": "-1"}):
        assert planner.post("/notices/settings", data=wrong).status_code == 422
    assert supervisor.get("/notices/settings").status_code == 403
