"""Items on the work page in a real browser: by keyboard, every kind of question and of media, on a phone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine

from sample.shelf import draw_shelf
from scheduling.jobs import MediaKind
from tests.web.test_web_browser import NAMELESS
from tests.web.working import LOADED, QUEUE, Floor, item, served_floor, settled, until

Open = Callable[..., Page]


@pytest.fixture
def floor(engine: Engine) -> Iterator[Floor]:
    with served_floor(engine) as served:
        yield served


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
    page = open_page(service_workers="block")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    # A page that is open already may send a request before it hears that its requests are held.
    page.route("**/api/v1/work/answer", hold)
    floor.begin(page)
    first = page.locator("[data-part=stage] img").element_handle()
    until(page, lambda: page.evaluate(LOADED) == 2)
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
    after = "SELECT state::text, returned_by FROM task WHERE id = :task"
    until(page, lambda: floor.rows(after, task=before.id) == [("waiting", [floor.associate_id])])
    assert floor.answers() == []


def test_a_video_of_the_sample_plays_and_steps_frame_by_frame(floor: Floor, open_page: Open) -> None:
    floor.send(2, MediaKind.VIDEO)
    page = floor.begin(open_page())
    video = page.locator("[data-part=stage] video")
    until(page, lambda: video.evaluate("video => video.currentTime") > 1)
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
