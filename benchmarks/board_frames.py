"""Frames of the planner's board while a full site scrolls in a real browser; prints one JSON line for each way of scrolling.

Run as ``python -m benchmarks board_frames [--associates 1000] [--weeks 4] [--seconds 3]``. A frame is the time between two
callbacks of ``requestAnimationFrame``; without a display the browser aims at 60 a second. The server runs in the same process.
An empty box of the same height is scrolled beside it: what the browser and the machine can do at best in these seconds.
"""

from __future__ import annotations

import argparse
import json
import shutil
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.page_time import SITE, drawn
from sample import build_sample, plain_requirement
from scheduling.times import SystemClock
from services import drafting, loading
from storage import migrate
from storage.database import engine_at
from storage.embedded import EmbeddedServer
from tests.web.served import make_app, serve, sign_in_page

SPEEDS = {"slow": 4, "wheel": 60, "thrown": 400}
"""Pixels a frame: a slow drag, a wheel that is turned on and on, the handle of the scroll bar thrown."""
FRAMES_MS = 1000 / 60
EMPTY = '<div data-box style="height: %dpx; overflow: auto"><div style="height: %dpx"></div></div>'

SCROLL = """([speed, seconds]) => new Promise((done) => {
  const box = document.querySelector("[data-box]");
  const frames = [];
  const view = document.querySelector("[data-board]")?.board.view;
  const draw = view?.draw.bind(view);
  const drawn = [];
  if (view) view.draw = () => { const began = performance.now(); draw(); drawn.push(performance.now() - began); };
  let last, began, way = 1;
  const step = (now) => {
    began ??= now;
    if (last !== undefined) frames.push(now - last);
    last = now;
    if (now - began > 1000 * seconds) { if (view) delete view.draw; done([frames, drawn]); return; }
    if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) way = -1;
    if (box.scrollTop <= 0) way = 1;
    box.scrollTop += way * speed;
    requestAnimationFrame(step);
  };
  box.scrollTop = 0;
  requestAnimationFrame(step);
})"""


def share(values: list[float], part: float) -> float:
    """Return the value below which a part of the values lies."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def measure(page: Page, name: str, speed: int, seconds: float) -> dict[str, Any]:
    """Scroll up and down and return the times of frames, and of drawing the rows in them."""
    frames, drawn_ms = page.evaluate(SCROLL, [speed, seconds])
    found = {
        "scrolling": name,
        "pixels_a_frame": speed,
        "frames_a_second": round(1000 * len(frames) / sum(frames), 1),
        "frame_median_ms": round(median(frames), 1),
        "frame_p95_ms": round(share(frames, 0.95), 1),
        "frames_late_share": round(sum(one > 1.5 * FRAMES_MS for one in frames) / len(frames), 3),
    }
    if drawn_ms:
        found |= {"draw_median_ms": round(median(drawn_ms), 2), "draw_p95_ms": round(share(drawn_ms, 0.95), 2)}
    return found


def empty_beside(browser: Browser, page: Page) -> Page:
    """Return a page with nothing but a box that is as high, and has as much to scroll, as the box of the board."""
    heights = page.evaluate("(box => [box.clientHeight, box.scrollHeight])(document.querySelector('[data-box]'))")
    empty = browser.new_page(viewport=page.viewport_size)
    empty.set_content(EMPTY % tuple(heights))
    return empty


def main() -> None:
    """Draw a roster, open its board in a browser, and print how smoothly it scrolls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--associates", type=int, default=1000)
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3.0)
    asked = parser.parse_args()
    chromium = next(path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name)))
    with TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder) / "database").start()
        server.create_database(SITE)
        engine, clock = engine_at(server.url(SITE)), SystemClock()
        migrate.upgrade(engine)
        operation = build_sample(asked.associates, asked.weeks, seed=1, start=date(2027, 1, 4))
        loading.load_operation(engine, operation, site=SITE, name="Benchmark", by="benchmark", clock=clock)
        scenario = operation.scenario(plain_requirement(operation))
        roster = drafting.save_draft(engine, SITE, scenario, drawn(scenario), by="benchmark", clock=clock)
        app = make_app(engine, clock)
        with serve(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = sign_in_page(browser.new_page(viewport={"width": 1400, "height": 900}), app)
            page.goto(f"{address}/rosters/{roster.id}/board")
            page.wait_for_selector("[data-board][data-ready]")
            size = {"benchmark": "board_frames", "associates": asked.associates, "days": 7 * asked.weeks}
            for shown, one in (("board", page), ("empty", empty_beside(browser, page))):
                one.bring_to_front()
                for name, speed in SPEEDS.items():
                    print(json.dumps(size | {"shown": shown} | measure(one, name, speed, asked.seconds)), flush=True)
            browser.close()
        engine.dispose()
        server.leave()


if __name__ == "__main__":
    main()
