"""Pages of repair, why-not, scenarios and rotations as axe-core sees them: wide and narrow, light and dark, with long names."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import text

from services import repairs, scenarios
from services.overrides import Absence, Growth, Hiring, Overrides
from services.reading import RosterSummary, queue_names
from services.repairs import RepairTask
from services.rotation_design import RotationRequest, ShiftNeed
from services.scenarios import ScenarioDocument
from tests.rotations.searched import design_rotation
from tests.web.axe import assert_accessible_at_every_width
from tests.web.served import Operation, serve, sign_in_page
from tests.web.test_web_replan import work_off

LONG = "Maximiliana Theodora Venkatanarasimharajuvaripeta-Featherstonehaugh of the Night Desk"


def prepared(app: Flask, operation: Operation) -> tuple[RosterSummary, list[str]]:
    """Return a roster, and the addresses of its pages: a repair, cells, clashes, an office too small, scenarios, rotations."""
    engine, clock = operation.engine, operation.clock
    dates, people = operation.scenario.horizon.dates, operation.scenario.associates
    base = operation.draft(blocking=3, reasons=20)
    code = people[0].code
    with engine.begin() as connection:
        connection.execute(text("UPDATE associate SET name = :name WHERE code = :code"), {"name": LONG, "code": code})
        connection.execute(text("UPDATE site SET office_seats = 2, office_days_per_week = 2"))
    ill = Overrides(
        absences=(Absence(associate=code, first_day=dates[7], last_day=dates[11]),),
        growth=tuple(Growth(queue=name, volume=1.3) for name in queue_names(engine, base.site)),
    )
    repair = repairs.request_repair(engine, base.id, RepairTask(overrides=ill), seconds=2, by="asha", clock=clock).id
    work_off(app)
    made = []
    for name, overrides in ((f"Two more like {LONG}"[:80], Overrides(hired=(Hiring(like=code, count=2),))), ("More work", ill)):
        made.append(scenarios.create(engine, base.id, name, ScenarioDocument(overrides=overrides), by="asha", clock=clock))
        scenarios.request_solution(engine, made[-1], seconds=2, seed=1, by="asha", clock=clock)
        work_off(app)
    early = next(shift.code for shift in operation.scenario.shift_types if not shift.is_night)
    for name, heads in ((LONG[:80], 4), ("Too many heads", 7)):
        need = ShiftNeed(early, (heads,) * 7, (1, 6))
        asked = RotationRequest(name, None, 7, (need,), (3, 6), (2, 4))
        design_rotation(engine, base.site, asked, by="asha", clock=clock)
    other = next(one.code for one in operation.scenario.shift_types if one.code != people[0].timing)
    roster = f"/rosters/{base.id}"
    return base, [
        f"{roster}/repair", f"/repairs/{repair}", f"{roster}/why?associate={code}&day={dates[9]}&shift={other}",
        f"{roster}/why?associate={people[4].code}&day={dates[1]}", f"{roster}/clashes/{code}", f"{roster}/office-seats",
        f"{roster}/violations", f"{roster}/figures", "/scenarios", f"/scenarios/new?roster={base.id}", f"/scenarios/{made[0]}",
        f"/scenarios/compare?id={made[0]}&id={made[1]}", "/rotations", "/rotations/new", "/rotations/1", "/rotations/2",
        "/rotations/deal?rotation=1&first_day=2027-01-11&weeks=13",
    ]  # fmt: skip


def test_no_page_violates_the_guidelines_or_is_wider_than_the_screen(
    app: Flask, operation: Operation, open_page: Callable[..., Page]
) -> None:
    _, addresses = prepared(app, operation)
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        for path in addresses:
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status == 200, path
            assert_accessible_at_every_width(page)
