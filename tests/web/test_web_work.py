"""The work page in a real browser: a shift by keyboard, breaks, refusals, late answers, a poor network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import Engine, text

from sample.shelf import draw_shelf
from scheduling.jobs import MediaKind, NewJob
from services.accounts import Role
from services.jobs import send_jobs
from storage.duties import duties_near
from tests.published import Site, open_site
from tests.web.served import NOW, make_app, serve, sign_in_page
from tests.web.test_web_browser import NAMELESS

Open = Callable[..., Page]
QUEUE = "image_audit"
_numbers = count(1)


class RunningClock:
    """A clock that starts at an instant and runs as the browser's does."""

    def __init__(self, now: datetime) -> None:
        self._ahead = now - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass
class Floor:
    """A served floor with one associate in the middle of a stretch of work."""

    site: Site
    clock: RunningClock
    app: Flask
    address: str
    associate_id: int
    code: str

    def send(self, number: int = 8, kind: MediaKind = MediaKind.IMAGE, queue: str = QUEUE) -> None:
        """Send jobs."""
        jobs = [self._job(next(_numbers), kind, queue) for _ in range(number)]
        send_jobs(self.site.engine, self.site.site_id, jobs, by="test", clock=self.clock)

    @staticmethod
    def _job(number: int, kind: MediaKind, queue: str) -> NewJob:
        urls = {MediaKind.IMAGE: f"/media/sample/{number}.svg", MediaKind.VIDEO: "/media/sample/7.mp4"}
        text_of = f"Carton {number}, bin 4." if kind is MediaKind.TEXT else ""
        return NewJob(f"shown-{number}", queue, kind, urls.get(kind, ""), text_of)

    def rows(self, query: str, **values: Any) -> list[Any]:
        """Return the rows of a query."""
        with self.site.engine.begin() as connection:
            result = connection.execute(text(query), {"who": self.associate_id, **values})
            return list(result.all()) if result.returns_rows else []

    def answers(self) -> list[dict[str, Any]]:
        """Return what was answered, in order."""
        return [row.given for row in self.rows("SELECT given FROM answer WHERE associate_id = :who ORDER BY answered_at")]

    def enter(self, page: Page) -> Page:
        """Open the work page as the associate."""
        sign_in_page(page, self.app, Role.ASSOCIATE, associate=self.code)
        page.goto(f"{self.address}/work")
        page.wait_for_selector("[data-work][data-ready]")
        return page

    def begin(self, page: Page) -> Page:
        """Open the work page, and sign in to work."""
        self.enter(page)
        expect(page.get_by_role("button", name="Sign in to work")).to_be_visible()
        page.keyboard.press("s")
        expect(page.locator("[data-part=item]")).to_be_visible()
        return page


WORKING = """
SELECT a.id, a.code FROM stretch s JOIN associate a ON a.id = s.associate_id JOIN lane l ON l.associate_id = a.id
JOIN queue q ON q.id = l.queue_id WHERE q.name = :queue AND s.starts_at <= :now AND s.ends_at >= :now + interval '25 minutes'
ORDER BY a.id LIMIT 1
"""


@pytest.fixture
def floor(engine: Engine) -> Iterator[Floor]:
    clock = RunningClock(NOW)
    site = open_site(engine, clock)
    with engine.connect() as connection:
        row = connection.execute(text(WORKING), {"queue": QUEUE, "now": NOW}).one()
    app = make_app(engine, clock)
    with serve(app) as address:
        yield Floor(site, clock, app, address, row.id, row.code)


@pytest.fixture
def tolerant(chromium: Browser) -> Iterator[Page]:
    """A page whose browser may complain: of a network that is away, or of an answer that is refused."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    yield context.new_page()
    context.close()


def item(page: Page) -> Any:
    return page.locator("[data-part=item]")


def state(page: Page) -> Any:
    return page.locator("[data-state]")


def settled(floor: Floor, number: int, page: Page) -> None:
    """Wait until so many answers are stored."""
    for _ in range(100):
        if len(floor.answers()) == number:
            return
        page.wait_for_timeout(50)
    assert len(floor.answers()) == number


def test_five_items_by_keyboard(floor: Floor, open_page: Open) -> None:
    floor.send()
    page = floor.begin(open_page())
    for number, key in enumerate("12312", 1):
        expect(item(page)).to_be_visible()
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        settled(floor, number, page)
    assert [one["verdict"] for one in floor.answers()] == ["ok", "misplaced", "cannot tell", "ok", "misplaced"]
    times = floor.rows("SELECT handling_seconds FROM answer WHERE associate_id = :who")
    assert all(0 <= row.handling_seconds < 60 for row in times)
    leased = floor.rows("SELECT is_ahead FROM task WHERE state = 'leased' AND associate_id = :who ORDER BY is_ahead")
    assert [row.is_ahead for row in leased] == [False, True], "one in hand and one ahead, no more"


NEXT_FRAME = """first => new Promise((done) => requestAnimationFrame(() => {
  const shown = document.querySelector("[data-part=stage] img");
  done([shown !== first, Boolean(shown?.complete)]);
}))"""


def test_there_is_no_wait_between_items(floor: Floor, open_page: Open) -> None:
    floor.send()
    page = floor.begin(open_page())
    first = page.locator("[data-part=stage] img").element_handle()
    page.wait_for_timeout(500)

    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/work/answer", hold)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    shown = page.evaluate(NEXT_FRAME, first)
    assert shown == [True, True], "the next picture is there in the next frame, while the answer still travels"
    assert floor.answers() == []
    held[0].continue_()
    settled(floor, 1, page)


def test_an_answer_needs_what_the_form_requires_and_says_so(floor: Floor, open_page: Open) -> None:
    floor.send()
    page = floor.begin(open_page())
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="is missing")).to_be_visible()
    expect(page.locator("[data-part=fields] input").first).to_be_focused()
    assert floor.answers() == []


FORM = {
    "fields": [
        {"name": "place", "label": "Where is it?", "kind": "point"},
        {"name": "seen", "label": "What is wrong?", "kind": "choices", "options": ["damaged", "label hidden", "open"]},
        {"name": "count", "label": "How many?", "kind": "number"},
        {"name": "remark", "label": "Remark", "kind": "text", "required": False},
    ]
}


def test_every_kind_of_question_is_answered_by_keyboard(floor: Floor, open_page: Open) -> None:
    floor.rows("UPDATE queue SET form = :form WHERE name = :name", form=json.dumps(FORM), name=QUEUE)
    floor.send()
    page = floor.begin(open_page())
    page.keyboard.press("p")
    for key in ("Shift+ArrowLeft", "Shift+ArrowLeft", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".work-mark.is-set")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("3")
    page.keyboard.press("Tab")
    page.get_by_label("How many?").fill("3,5")
    page.get_by_label("Remark").press_sequentially("b 1 s r")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    settled(floor, 1, page)
    (given,) = floor.answers()
    assert given.pop("place") == {"x": pytest.approx(0.4), "y": pytest.approx(0.49)}
    assert given == {"seen": ["damaged", "open"], "count": 3.5, "remark": "b 1 s r\nsecond line"}


def test_a_place_is_marked_with_a_click_as_well(floor: Floor, open_page: Open) -> None:
    floor.rows("UPDATE queue SET form = :form WHERE name = :name", form=json.dumps({"fields": FORM["fields"][:1]}), name=QUEUE)
    floor.send()
    page = floor.begin(open_page())
    box = page.locator(".work-board").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.75)
    page.keyboard.press("Enter")
    settled(floor, 1, page)
    assert floor.answers()[0]["place"] == {"x": pytest.approx(0.25, abs=0.01), "y": pytest.approx(0.75, abs=0.01)}


def test_a_returned_item_goes_to_somebody_else(floor: Floor, open_page: Open) -> None:
    floor.send()
    page = floor.begin(open_page())
    (before,) = floor.rows("SELECT id FROM task WHERE associate_id = :who AND state = 'leased' AND NOT is_ahead")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_contain_text("Return this item?")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    expect(item(page)).to_be_visible()
    for _ in range(60):
        (after,) = floor.rows("SELECT state::text, returned_by_associate_id FROM task WHERE id = :task", task=before.id)
        if after.state == "waiting":
            break
        page.wait_for_timeout(50)
    assert (after.state, after.returned_by_associate_id) == ("waiting", floor.associate_id)
    assert floor.answers() == []


def test_a_break_gives_items_back_and_work_goes_on_after_it(floor: Floor, open_page: Open) -> None:
    floor.send()
    page = floor.begin(open_page())
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(state(page)).to_have_text("On break")
    expect(page.get_by_role("heading", name="Break")).to_be_visible()
    expect(item(page)).to_be_hidden()
    page.wait_for_timeout(300)
    assert floor.rows("SELECT 1 FROM task WHERE state = 'leased'") == []
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


def test_an_item_that_somebody_else_has_is_refused_plainly(floor: Floor, tolerant: Page) -> None:
    floor.send()
    page = floor.begin(tolerant)
    floor.rows("UPDATE task SET lease_token = gen_random_uuid() WHERE state = 'leased' AND NOT is_ahead")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=note]")).to_contain_text("changed nothing")
    expect(item(page)).to_be_visible()
    assert floor.answers() == []
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    settled(floor, 1, page)
    expect(page.locator("[data-part=note]")).to_be_hidden()


def test_nothing_is_lost_without_a_network(floor: Floor, tolerant: Page) -> None:
    floor.send()
    page = floor.begin(tolerant)
    page.wait_for_timeout(300)
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

    page = floor.enter(tolerant)
    page.route("**/api/v1/presence", lose_first)
    page.keyboard.press("s")
    expect(item(page)).to_be_visible()
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert len(floor.rows("SELECT 1 FROM presence_event WHERE associate_id = :who")) == 1


def test_an_answer_whose_receipt_is_lost_counts_once_and_work_goes_on(floor: Floor, tolerant: Page) -> None:
    floor.send()
    page = floor.begin(tolerant)
    lost: list[bool] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(True)
        route.fetch()
        route.abort()

    page.route("**/api/v1/work/answer", lose_first)
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


def test_a_video_of_the_sample_plays_and_steps_frame_by_frame(floor: Floor, open_page: Open) -> None:
    floor.send(2, MediaKind.VIDEO)
    page = floor.begin(open_page())
    video = page.locator("[data-part=stage] video")
    for _ in range(100):
        if video.evaluate("video => video.currentTime") > 1:
            break
        page.wait_for_timeout(50)
    page.keyboard.press(" ")
    before = video.evaluate("video => video.currentTime")
    page.keyboard.press(".")
    assert video.evaluate("video => video.currentTime") - before == pytest.approx(1 / 8, abs=0.02)
    page.keyboard.press("]")
    assert video.evaluate("video => video.playbackRate") == 1.25
    assert video.evaluate("video => [video.loop, video.videoWidth, video.duration]") == [True, 480, 15]


def test_a_video_shows_what_was_drawn(floor: Floor, open_page: Open) -> None:
    shelf = draw_shelf(7)
    floor.send(2, MediaKind.VIDEO)
    page = floor.begin(open_page())
    colours = page.evaluate(
        """async (places) => {
          const video = document.querySelector('[data-part=stage] video');
          video.pause();
          const seek = (at) => new Promise((done) => { video.onseeked = done; video.currentTime = at; });
          await seek(14.9);
          const canvas = Object.assign(document.createElement('canvas'), { width: 960, height: 544 });
          const pen = canvas.getContext('2d', { willReadFrequently: true });
          pen.drawImage(video, 0, 0, 960, 544);
          return places.map(([x, y]) => [...pen.getImageData(x, y, 1, 1).data].slice(0, 3));
        }""",
        [[one.label.x + one.label.width / 2, one.label.y + one.label.height / 2] for one in shelf.products],
    )
    for product, colour in zip(shelf.products, colours, strict=True):
        assert colour == pytest.approx(list(bytes.fromhex(product.label.fill[1:])), abs=12)


def test_texts_and_phones_and_names(floor: Floor, open_page: Open) -> None:
    floor.send(2, MediaKind.TEXT)
    page = floor.begin(open_page(390, 844))
    expect(page.get_by_role("region", name="The text of this item")).to_contain_text("bin 4.")
    page.get_by_text("Ask for a break at another time").click()
    for name in (None, "Keys"):
        if name:
            page.get_by_role("button", name=name).click()
            expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert not page.evaluate(NAMELESS)


def test_no_work_is_said_and_asked_for_again(floor: Floor, open_page: Open) -> None:
    page = floor.enter(open_page())
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="No work is waiting")).to_be_visible()
    floor.send()
    expect(item(page)).to_be_visible(timeout=12_000)
    status = page.get_by_role("status").filter(has_text="Next item")
    expect(status).to_have_attribute("aria-live", "polite")
