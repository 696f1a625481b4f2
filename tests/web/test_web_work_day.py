"""A day on the work page in a real browser: breaks, refusals, late answers, a network that fails, a session that ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import Engine

from services.languages import catalogue
from services.preferences import Addressee, Preference, save
from storage.duties import duties_near
from tests.web.keys import choose, press, reach
from tests.web.served import NOW
from tests.web.working import LOADED, Floor, item, served_floor, settled, state, until

Open = Callable[..., Page]


@pytest.fixture
def floor(engine: Engine) -> Iterator[Floor]:
    with served_floor(engine) as served:
        yield served


@pytest.fixture
def tolerant(chromium: Browser) -> Iterator[Page]:
    """A page whose browser may complain: of a network that is away, or of an answer that is refused."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, service_workers="block")
    yield context.new_page()
    context.close()


def test_a_break_gives_items_back_and_work_goes_on_after_it(floor: Floor, open_page: Open) -> None:
    floor.send()
    page = floor.begin(open_page())
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(state(page)).to_have_text("On break")
    expect(page.get_by_role("heading", name="Break")).to_be_visible()
    expect(item(page)).to_be_hidden()
    until(page, lambda: floor.rows("SELECT 1 FROM task WHERE state = 'leased'") == [])
    page.keyboard.press("b")
    expect(state(page)).to_have_text("Working")
    expect(item(page)).to_be_visible()
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(state(page)).to_have_text("Signed out of work")
    expect(page.locator("[data-part=unsent]")).to_be_empty()
    kinds = floor.rows("SELECT kind::text FROM presence_event WHERE associate_id = :who ORDER BY occurred_at")
    assert [row.kind for row in kinds] == ["sign_in", "break_start", "break_end", "sign_out"]


def test_a_planned_break_is_refused_with_the_time_when_work_resumes(floor: Floor, open_page: Open) -> None:
    floor.send()
    page = floor.begin(open_page())
    with floor.site.engine.connect() as connection:
        duty = duties_near(connection, floor.associate_id, NOW, NOW + timedelta(minutes=1))[0]
    planned = next(one for one in duty.breaks if one.starts_at > NOW)
    floor.clock.advance((planned.starts_at - floor.clock.now()).total_seconds() + 1)
    floor.rows("UPDATE task SET state = 'waiting', associate_id = NULL, is_ahead = NULL, lease_token = NULL, leased_at = NULL, "
               "started_at = NULL, expires_at = NULL WHERE state = 'leased'")  # fmt: skip
    page.reload()
    resumes = planned.ends_at.astimezone(floor.site.scenario.horizon.zone)
    expect(page.locator("[data-part=resumes]")).to_contain_text(f"Work resumes at {resumes:%H:%M}")
    floor.clock.advance((planned.ends_at - floor.clock.now()).total_seconds() - 1)
    page.reload()
    expect(item(page)).to_be_visible(timeout=10_000)


GIVEN_AWAY = """
UPDATE task SET lease_token = gen_random_uuid(), associate_id = (SELECT max(id) FROM associate)
WHERE state = 'leased' AND associate_id = :who AND NOT is_ahead
"""


def test_an_item_that_somebody_else_has_is_refused_plainly(floor: Floor, tolerant: Page) -> None:
    floor.send()
    page = floor.begin(tolerant)
    floor.rows(GIVEN_AWAY)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    settled(floor, 1, page)
    assert floor.answers()[0]["verdict"] == "misplaced", "the answer to the next item, sent before the refusal was heard, counts"
    expect(page.locator("[data-part=note]")).to_contain_text("changed nothing")
    expect(item(page)).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    settled(floor, 2, page)


def test_nothing_is_lost_without_a_network(floor: Floor, tolerant: Page) -> None:
    floor.send()
    page = floor.begin(tolerant)
    until(page, lambda: page.evaluate(LOADED) == 2)
    tolerant.context.set_offline(True)
    for key in "12":
        page.keyboard.press(key)
        page.keyboard.press("Enter")
    expect(page.get_by_text("Not connected.")).to_be_visible()
    expect(page.locator("[data-part=unsent]")).to_contain_text("2 messages")
    assert floor.answers() == []
    tolerant.context.set_offline(False)
    settled(floor, 2, page)
    assert [one["verdict"] for one in floor.answers()] == ["ok", "misplaced"]
    expect(item(page)).to_be_visible()
    expect(page.get_by_text("Not connected.")).to_be_hidden()


def test_what_is_filled_in_survives_a_reload(floor: Floor, open_page: Open) -> None:
    floor.send()
    page = floor.begin(open_page())
    page.keyboard.press("3")
    page.reload()
    expect(page.get_by_role("radio", name="cannot tell")).to_be_checked()


def test_an_event_whose_answer_is_lost_counts_once(floor: Floor, tolerant: Page) -> None:
    floor.send()
    sent = []

    def lose_first(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        sent.append(json.loads(route.request.post_data or "{}")["id"])
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    # Asked for before the page is there: what a page that is open sends next may pass a route that is only being set.
    tolerant.route("**/api/v1/presence", lose_first)
    page = floor.enter(tolerant)
    page.keyboard.press("s")
    expect(item(page)).to_be_visible()
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert len(floor.rows("SELECT 1 FROM presence_event WHERE associate_id = :who")) == 1


def test_an_answer_whose_receipt_is_lost_counts_once_and_work_goes_on(floor: Floor, tolerant: Page) -> None:
    floor.send()
    lost: list[bool] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(True)
        route.fetch()
        route.abort()

    tolerant.route("**/api/v1/work/answer", lose_first)
    page = floor.begin(tolerant)
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=unsent]")).to_be_empty(timeout=10_000)
    expect(item(page)).to_be_visible()
    assert [one["verdict"] for one in floor.answers()] == ["misplaced"]
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    settled(floor, 2, page)


def test_whoever_was_signed_out_signs_in_again_and_the_answer_is_sent(floor: Floor, tolerant: Page) -> None:
    floor.send()
    page = floor.begin(tolerant)
    floor.rows("DELETE FROM session")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Sign in again")).to_be_visible()
    assert floor.answers() == []
    page.on("dialog", lambda dialog: dialog.accept())
    floor.enter(page)
    settled(floor, 1, page)
    assert floor.answers()[0]["verdict"] == "misplaced"


def test_no_work_is_said_and_asked_for_again(floor: Floor, open_page: Open) -> None:
    page = floor.enter(open_page())
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="No work is waiting")).to_be_visible()
    floor.send()
    expect(item(page)).to_be_visible(timeout=12_000)
    status = page.get_by_role("status").filter(has_text="Next item")
    expect(status).to_have_attribute("aria-live", "polite")


def test_a_break_at_another_time_is_asked_for_and_taken(floor: Floor, open_page: Open) -> None:
    floor.send()
    page = floor.begin(open_page())
    zone = floor.site.scenario.horizon.zone
    with floor.site.engine.connect() as connection:
        breaks = duties_near(connection, floor.associate_id, NOW, NOW + timedelta(minutes=1))[0].breaks
    planned = next(one for one in breaks if one.kind == "short" and one.starts_at > NOW)
    page.get_by_text("Ask for a break at another time").click()
    page.select_option("#ask-kind", "short")
    page.fill("#ask-at", f"{(planned.starts_at + timedelta(minutes=90)).astimezone(zone):%H:%M}")
    page.keyboard.press("Enter")
    reply = page.locator("[data-reply]")
    expect(reply).to_contain_text("No")
    page.locator("[data-nearest]").click()
    expect(reply).to_contain_text("Yes")
    page.get_by_role("button", name="Take it").click()
    expect(reply).to_contain_text("Taken.")
    taken = floor.rows("SELECT kind, why FROM floor_action")
    assert len(taken) == 1
    assert "Own wish" in taken[0].why


def test_a_break_at_another_time_is_asked_for_by_keyboard_and_answered_in_spanish(floor: Floor, open_page: Open) -> None:
    save(floor.site.engine, Addressee(floor.associate_id), Preference(language="es"))
    said = catalogue("es").gettext
    floor.send()
    page = floor.enter(open_page())
    page.keyboard.press("s")
    expect(item(page)).to_be_visible()
    press(page.locator(".work-ask summary"))
    choose(page.locator("#ask-kind"), said("short break").capitalize())
    reach(page.locator("#ask-at")).page.keyboard.type("0300AM")
    press(page.locator("[data-asking] button[type=submit]"))
    reply = page.locator("[data-reply]")
    expect(reply).to_contain_text("No: ")
    expect(reply).to_contain_text("ninguna pausa puede empezar antes de las 0")
    expect(reply).to_contain_text("Lo que es posible: pausa corta a las")
    press(page.locator("[data-nearest]"))
    expect(reply).to_be_focused()
    expect(reply).to_contain_text("Sí")
    press(page.locator("[data-accept]"))
    expect(reply).to_contain_text(said("Taken. %(words)s").partition("%")[0].strip())
    # Whoever reads the history is a planner, and has it in full and in English.
    ((why,),) = floor.rows("SELECT why FROM floor_action")
    assert why.startswith("Own wish. Yes")


def test_an_item_still_in_hand_when_the_break_begins_is_told_of_and_goes_back_a_minute_later(
    floor: Floor, open_page: Open
) -> None:
    floor.send()
    page = open_page()
    page.clock.install()
    floor.begin(page)
    (shown,) = floor.rows("SELECT id FROM task WHERE associate_id = :who AND NOT is_ahead AND state = 'leased'")
    (end,) = floor.rows("SELECT ends_at FROM stretch WHERE associate_id = :who AND :now BETWEEN starts_at AND ends_at", now=NOW)
    page.clock.run_for(1_500)
    page.clock.fast_forward(int((end.ends_at - floor.clock.now()).total_seconds() * 1000) + 2_000)
    page.clock.run_for(1_500)
    note = page.locator("[data-part=note]")
    expect(note).to_contain_text("Your time of work ended at")
    assert floor.rows("SELECT 1 FROM task WHERE returned_by = ARRAY[CAST(:who AS bigint)]") == []
    page.clock.fast_forward(60_000)
    page.clock.run_for(1_500)
    expect(note).to_contain_text("went back to its queue")
    until(page, lambda: floor.rows("SELECT id FROM task WHERE returned_by = ARRAY[CAST(:who AS bigint)]") == [shown])
