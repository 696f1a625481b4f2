"""Pages in a real browser: keys, search, phone, dark, print, live progress; any complaint of the browser fails a test."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from time import sleep

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from scheduling.plan import RosterPlan
from scheduling.ports import Progress, ProgressListener, StopSignal
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from services import reading
from services.accounts import Role
from services.execution import execute_next_run, with_stored_requirement
from tests import stored
from tests.conftest import SteppedClock
from tests.web.keys import press, write, write_date
from tests.web.served import NOW, Operation, make_app, serve, sign_in_page

Open = Callable[..., Page]
MANY = 320
ROSTER_PAGES = ("", "/breaks", "/coverage", "/figures", "/violations", "/publish", "/associates/{code}")
PAGES = ("/", "/generate", *(f"/rosters/1{page}" for page in ROSTER_PAGES), "/rosters/2", "/rosters/3")


NAMELESS = """() => {
  const labels = (e) => [...(e.labels ?? [])].map((label) => label.textContent).join("");
  const named = (e) => (e.getAttribute("aria-label") || labels(e) || e.textContent).trim();
  const used = [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, [role=img], [role=region]")];
  const labelled = (e) => document.getElementById(e.getAttribute("aria-labelledby") ?? "");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  return [
    ...used.filter((e) => !named(e) && !labelled(e)).map((e) => `no name: ${e.outerHTML.slice(0, 80)}`),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `id twice: ${id}`),
    ...[...document.querySelectorAll("th")].filter((e) => !e.scope).map((e) => `no scope: ${e.outerHTML.slice(0, 80)}`),
  ];
}"""


@pytest.fixture(scope="module")
def drawn(shared_engine: Engine) -> Operation:
    """Roster 1 is a draft that may not be published, 2 is published, 3 is a draft that may be."""
    operation = Operation(shared_engine, SteppedClock(NOW), associates=40, weeks=4)
    operation.draft(blocking=2, reasons=5)
    operation.published(reasons=1)
    operation.draft(shift=2)
    return operation


@pytest.fixture(scope="module")
def shared_app(shared_engine: Engine, drawn: Operation) -> Flask:
    return make_app(shared_engine, drawn.clock)


@pytest.fixture(scope="module")
def address(shared_app: Flask) -> Iterator[str]:
    with serve(shared_app) as served:
        yield served


@pytest.fixture
def own_address(app: Flask) -> Iterator[str]:
    """The application on a database of the test's own."""
    with serve(app) as served:
        yield served


@pytest.fixture
def open_page(open_page: Open, request: pytest.FixtureRequest) -> Open:
    """Open pages as a planner of the application that the test asks for."""
    app = request.getfixturevalue("app" if "own_address" in request.fixturenames else "shared_app")
    return lambda *size, **options: sign_in_page(open_page(*size, **options), app)


def ready(page: Page, address: str) -> None:
    """Open the grid and wait until its keys work."""
    page.goto(address)
    page.wait_for_selector("[data-grid][data-ready]")


def focused(page: Page) -> str:
    """Return the associate and the column of the cell that has the focus."""
    return str(
        page.evaluate("(({parentElement, cellIndex}) => `${parentElement.dataset.who} ${cellIndex}`)(document.activeElement)")
    )


def test_no_page_is_wider_than_a_phone(open_page: Open, address: str, drawn: Operation) -> None:
    page = open_page(390, 844)
    for path in PAGES:
        page.goto(address + path.format(code=drawn.scenario.associates[0].code))
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px wider than the screen"


def test_everything_that_is_used_has_a_name(open_page: Open, address: str, drawn: Operation) -> None:
    page = open_page()
    for path in PAGES:
        page.goto(address + path.format(code=drawn.scenario.associates[0].code))
        faults = page.evaluate(NAMELESS)
        assert not faults, f"{path}: {faults}"
        assert page.locator("h1").count() == 1, path


def test_the_head_and_the_first_column_stay_while_the_grid_scrolls(open_page: Open, address: str) -> None:
    page = open_page(900, 700)
    ready(page, f"{address}/rosters/1")
    head, first = page.locator(".grid thead .days th").nth(3), page.locator(".grid tbody th").first
    place = "element => [element.getBoundingClientRect().x, element.getBoundingClientRect().y]"
    before = head.evaluate(place)[1], first.evaluate(place)[0]
    page.evaluate("document.querySelector('[data-grid]').scrollTo(200, 300)")
    assert (head.evaluate(place)[1], first.evaluate(place)[0]) == before


def test_arrow_keys_move_in_the_grid_and_enter_opens_the_day(open_page: Open, address: str, drawn: Operation) -> None:
    page, people = open_page(), drawn.scenario.associates
    ready(page, f"{address}/rosters/1")
    assert page.locator(".grid [tabindex='0']").count() == 1, "the grid is one stop of the tabulator"
    page.locator(".grid td[tabindex='0']").focus()
    assert focused(page) == f"{people[0].code} 1"
    for key, where in [
        ("ArrowRight", f"{people[0].code} 2"),
        ("ArrowDown", f"{people[1].code} 2"),
        ("End", f"{people[1].code} 28"),
        ("ArrowRight", f"{people[1].code} 28"),
        ("Control+End", f"{people[-1].code} 28"),
        ("ArrowLeft", f"{people[-1].code} 27"),
        ("ArrowUp", f"{people[-2].code} 27"),
        ("Home", f"{people[-2].code} 1"),
        ("Control+Home", f"{people[0].code} 1"),
        ("ArrowUp", f"{people[0].code} 1"),
    ]:
        page.keyboard.press(key)
        assert focused(page) == where, key
    assert people[0].name in page.locator("[data-grid-readout]").inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/rosters/1/associates/{people[0].code}#d2027-01-05")


def test_the_focused_cell_is_seen_and_not_under_the_heads(open_page: Open, address: str) -> None:
    page = open_page(900, 700)
    ready(page, f"{address}/rosters/1")
    page.locator(".grid td[tabindex='0']").focus()
    for key in ("Control+End", "Home", "Control+Home", "End", "PageDown"):
        page.keyboard.press(key)
        on_top = page.evaluate(
            "() => { const box = document.activeElement.getBoundingClientRect();"
            " return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === document.activeElement; }"
        )
        assert on_top, key
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_tabulator_reaches_the_content_first_by_the_skip_link(open_page: Open, address: str) -> None:
    page = open_page()
    page.goto(f"{address}/rosters/1/figures")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_search_narrows_the_grid_and_its_totals_at_once(open_page: Open, address: str, drawn: Operation) -> None:
    page, one = open_page(), drawn.scenario.associates[4]
    ready(page, f"{address}/rosters/1")
    page.fill("#q", one.code)
    expect(page.locator("[data-grid-count]")).to_have_text("1 of 40 associates")
    works = [value >= 0 for value in stored.rotation(drawn.scenario).values[4].tolist()]
    shown = page.locator("tr[data-total=''] td").all_inner_texts()
    assert [text == "1" for text in shown] == works
    page.fill("#q", "no such person")
    expect(page.locator("[data-grid-count]")).to_have_text("0 of 40 associates: nobody matches")
    page.fill("#q", "")
    page.select_option("#team", one.team)
    of_team = sum(other.team == one.team for other in drawn.scenario.associates)
    expect(page.locator("[data-grid-count]")).to_have_text(f"{of_team} of 40 associates")


def test_a_violation_leads_to_its_cell(open_page: Open, address: str, shared_app: Flask) -> None:
    page = sign_in_page(open_page(), shared_app, Role.SUPERVISOR)
    page.goto(f"{address}/rosters/1/violations")
    page.get_by_role("link", name=re.compile("Show the cell")).first.click()
    page.wait_for_selector("[data-grid][data-ready]")
    expect(page.locator("td.target")).to_be_focused()
    expect(page.locator("td.target")).to_be_in_viewport()


def test_a_violation_of_a_draft_leads_to_its_cell_on_the_board(open_page: Open, address: str) -> None:
    page = open_page()
    page.goto(f"{address}/rosters/1/violations")
    page.get_by_role("link", name=re.compile("Edit the cell")).first.click()
    page.wait_for_selector("[data-board][data-ready]")
    expect(page.locator("#active-cell")).to_have_class(re.compile(r"\bv[01]\b"))
    expect(page.locator("#active-cell")).to_be_in_viewport()


def test_dark_follows_the_system_until_the_button_is_pressed(open_page: Open, address: str) -> None:
    page = open_page(color_scheme="dark")
    page.goto(address)
    brightness = (
        "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + +part, 0)"
    )
    assert page.evaluate(brightness) < 150
    expect(page.locator("[data-theme-toggle]")).to_have_attribute("aria-pressed", "true")
    page.locator("[data-theme-toggle]").click()
    assert page.evaluate(brightness) > 600
    page.reload()
    assert page.evaluate(brightness) > 600, "the choice is kept"


def test_print_has_all_rows_and_no_controls(open_page: Open, address: str) -> None:
    page = open_page()
    ready(page, f"{address}/rosters/1")
    page.emulate_media(media="print")
    expect(page.locator(".masthead")).to_be_hidden()
    expect(page.locator("[data-grid-filter]")).to_be_hidden()
    box = page.locator("[data-grid]")
    assert box.evaluate("element => element.scrollHeight <= element.clientHeight + 1"), "no row is cut off"


def test_the_pages_work_without_scripts(open_page: Open, address: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{address}/rosters/1")
    page.fill("#q", "A0002")
    page.get_by_role("button", name="Show").click()
    assert page.locator("tbody tr").count() == 1


def test_a_part_of_the_days_is_published_by_keyboard(engine: Engine, own_address: str, open_page: Open) -> None:
    operation = Operation(engine, SteppedClock(NOW))
    operation.published()
    draft = operation.draft(shift=1, reasons=1)
    page = open_page()
    page.goto(f"{own_address}/rosters/{draft.id}")
    press(page.get_by_role("link", name="Publish"))
    write_date(page.get_by_label("To", exact=True), "2027-01-10")
    press(page.get_by_role("button", name="Show these days"))
    expect(page.get_by_text("The other 7 days stay as they are")).to_be_visible()
    write(page.get_by_label("Reason"), "the floor agreed")
    press(page.get_by_role("button", name=re.compile("^Publish 7 days for 20 associates")))
    expect(page.get_by_role("status").first).to_contain_text("is published")
    expect(page.locator(".grid.published")).to_be_visible()


class SlowPlanner:
    """A planner that improves step by step until it is told to stop."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    def __call__(
        self,
        scenario: Scenario,
        listener: ProgressListener,
        stop: StopSignal,
        seed: int,
        seconds: float,
        _start: RosterPlan | None,
    ) -> PlanningResult:
        objective = 400.0
        for step in range(200):
            if stop():
                self.stopped.set()
                break
            objective = 120.5 + (objective - 120.5) * 0.8
            listener(Progress("improve shifts", step / 200, objective, 118.0))
            sleep(0.05)
        return stored.result(scenario, shift=seed)


def test_a_run_is_followed_live_and_stopped(engine: Engine, own_address: str, open_page: Open) -> None:
    Operation(engine, SteppedClock(NOW))
    clock, planner = SteppedClock(NOW), SlowPlanner()
    page = open_page()
    page.goto(f"{own_address}/generate")
    write_date(page.get_by_label("First day"), "2027-01-04")
    write(page.get_by_label("Weeks"), "2")
    press(page.get_by_role("button", name="Generate"))
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work = threading.Thread(
        target=execute_next_run,
        args=(engine, "test worker"),
        kwargs={"planner": planner, "prepare": with_stored_requirement, "clock": _Ticking(clock), "progress_seconds": 0.1,
                "leaving": threading.Event()},
    )  # fmt: skip
    work.start()
    expect(page.locator("[data-run] dd").first).to_have_text("Improve shifts")
    expect(page.locator("polyline.objective")).to_be_visible()
    gap = page.locator("[data-run] dd").nth(3)
    early = gap.inner_text()
    expect(gap).not_to_have_text(early)
    press(page.get_by_role("button", name=re.compile("^Stop")))
    expect(page.get_by_role("link", name=re.compile("Look at roster"))).to_be_visible(timeout=15_000)
    assert planner.stopped.is_set()
    work.join()
    expect(page.locator("[data-run]")).to_contain_text("Stopped by planner. The best so far was checked and kept.")
    expect(page.locator("[data-run-stop]")).to_be_hidden()
    run = reading.list_runs(engine)[0]
    assert (run.state.value, run.stop_requested_by) == ("done", "planner")


class _Ticking:
    """A clock that goes on by a tenth of a second whenever somebody looks, so that the course of a run has a length."""

    def __init__(self, clock: SteppedClock) -> None:
        self._clock = clock

    def now(self) -> object:
        self._clock.advance(0.1)
        return self._clock.now()


def test_more_rows_than_a_table_bears_are_a_virtual_list(engine: Engine, own_address: str, open_page: Open) -> None:
    operation = Operation(engine, SteppedClock(NOW), associates=MANY, weeks=1)
    draft, people = operation.draft(reasons=MANY - 10), operation.scenario.associates
    page = open_page()
    ready(page, f"{own_address}/rosters/{draft.id}")
    assert page.locator("tbody tr").count() < 100
    page.locator(".grid td[tabindex='0']").focus()
    page.keyboard.press("Control+End")
    assert focused(page) == f"{people[-1].code} 7"
    page.keyboard.press("ArrowUp")
    assert focused(page) == f"{people[-2].code} 7"
    values = stored.rotation(operation.scenario).values
    row = page.locator(f"tr[data-who='{people[-2].code}'] td")
    expected = [operation.scenario.shift_types[value].code if value >= 0 else None for value in values[-2].tolist()]
    assert [text if expected[index] else None for index, text in enumerate(row.all_inner_texts())] == expected
    page.fill("#q", people[150].code)
    expect(page.locator("[data-grid-count]")).to_have_text(f"1 of {MANY} associates")
    expect(page.locator("tbody tr[data-who]")).to_have_count(1)
    ready(page, f"{own_address}/rosters/{draft.id}?who={people[200].code}&day=2027-01-06#cell")
    assert focused(page) == f"{people[200].code} 3"
