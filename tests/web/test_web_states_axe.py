"""Pages in the states that are seldom looked at, as axe-core sees them: refused forms, errors, what is over, nothing yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine

from services import leave_requests, offers, swaps, wishes
from services.accounts import Role
from services.offers import OfferKind
from services.wishes import NewWish
from tests.conftest import SteppedClock
from tests.requests.asking_site import NOW as ASKING_NOW
from tests.requests.asking_site import AskingSite, asking_site, day
from tests.requests.test_offers import able, make, take
from tests.requests.test_swaps import answer, first_offer, offer
from tests.web.axe import assert_accessible_at_every_width
from tests.web.served import Operation, make_app, serve, sign_in, sign_in_page

Open = Callable[..., Page]
LONG = "Maximiliana Theodora Venkatanarasimharajuvaripeta-Feathersto"
WITHOUT_OPERATION = (
    "/", "/generate", "/rotations", "/requests", "/leave", "/tomorrow", "/offers", "/wishes", "/people", "/import", "/quality",
    "/hours", "/demand", "/floor",
)  # fmt: skip
FORMS_OF_A_SITE = ("/site/rules", "/operation/teams", "/people/new")


def look(page: Page, address: str, paths: Sequence[str]) -> None:
    for path in paths:
        page.goto(address + path)
        assert_accessible_at_every_width(page)


def send(page: Page, address: str, button: str) -> None:
    """Send the form of a page as it is, which is refused, and judge what comes back."""
    page.goto(address)
    with page.expect_navigation():
        page.get_by_role("button", name=button).first.click()
    assert page.get_by_role("alert").count() >= 1, page.url
    assert_accessible_at_every_width(page)


@pytest.mark.parametrize("path", [*WITHOUT_OPERATION, *FORMS_OF_A_SITE])
def test_every_page_says_what_to_do_before_there_is_an_operation(app: Flask, path: str) -> None:
    page = sign_in(app.test_client(), Role.PLANNER if path != "/quality" else Role.ADMINISTRATOR).get(path)
    assert page.status_code == (404 if path in FORMS_OF_A_SITE else 200)
    assert "No operation yet" in page.text
    assert "flask sample load" in page.text


def filled(engine: Engine, clock: SteppedClock) -> tuple[AskingSite, str, str]:
    """Return a site with everything that people ask for in every state, and the codes of the two who swap."""
    at = asking_site(engine, clock)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE associate SET name = %s WHERE mod(id, 2) = 0", (LONG,))
    over = make(at, OfferKind.TIME_OFF, 1)
    for who in able(at, over)[:2]:
        take(at, over, who)
    clock.advance(3 * 86_400)
    offers.end_old_offers(engine, at.site.site_id, clock=clock)
    make(at, OfferKind.OVERTIME, 2, 11)
    make(at, OfferKind.TIME_OFF, 2, 9)
    asker, _, partner = first_offer(at)
    swap = offer(at, asker, partner)
    window = wishes.open_window(
        engine, at.site.site_id, day(28), day(34), clock.now(), clock.now() + timedelta(days=3),
        points=10, weight_per_point=0.5, by="planner", clock=clock,
    )  # fmt: skip
    wishes.save_wishes(engine, asker, window, [NewWish(day(30), None, 4)], by="a", clock=clock)
    leave_requests.ask_leave(engine, asker, at.annual, day(15), day(17), "x" * 300, by="a", clock=clock)
    return at, swap.asker.code, swap.partner.code


def test_what_people_ask_for_is_accessible_in_every_state(engine: Engine, open_page: Open) -> None:
    clock = SteppedClock(ASKING_NOW)
    at, asker, partner = filled(engine, clock)
    app = make_app(engine, clock)
    with serve(app) as address:
        theirs = sign_in_page(open_page(), app, Role.ASSOCIATE, associate=partner)
        look(theirs, address, ("/me/requests", "/me/requests/offers"))
        mine = sign_in_page(open_page(), app, Role.ASSOCIATE, associate=asker)
        look(mine, address, ("/me/requests", "/me/requests/offers", "/me/requests/wishes", "/me/requests/leave/1", "/me/offline"))
        send(mine, f"{address}/me/requests/leave", "Ask for leave")
        answer(at, _only_swap(at))
        teams = [row[0] for row in at.rows("SELECT name FROM team")]
        desk = sign_in_page(open_page(), app, Role.SUPERVISOR, name="boss", teams=teams)
        look(desk, address, ("/requests", "/requests/leave/1", "/offers"))
        send(desk, f"{address}/requests/leave/1", "Refuse")
        send(desk, f"{address}/offers", "Make the offer")
        assert desk.get_by_role("alert").evaluate("(one) => document.activeElement === one"), "it is above the form and in sight"
        planner = sign_in_page(open_page(), app, Role.PLANNER)
        look(planner, address, ("/wishes/1",))
        send(planner, f"{address}/wishes", "Open the window")
        send(planner, f"{address}/leave/setup", "Set this limit")


def _only_swap(at: AskingSite) -> swaps.Swap:
    return swaps.swaps_of_associate(at.engine, at.rows("SELECT asker_id FROM swap")[0][0])[0]


FORMS = (
    ("/people/new", "Add the associate"),
    ("/operation/skills", "Add the skill"),
    ("/operation/shift-types", "Add the shift type"),
    ("/operation/queues", "Add the queue"),
    ("/import", "Look at the file"),
)


def test_refused_forms_and_errors_are_accessible(app: Flask, operation: Operation, open_page: Open) -> None:
    with operation.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE associate SET name = %s WHERE code = 'A0001'", (LONG,))
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        look(page, address, ("/people", "/people/1", "/tomorrow", "/scenarios"))
        for path, button in FORMS:
            send(page, address + path, button)
            for link in page.get_by_role("alert").get_by_role("link").all():
                assert page.locator(link.get_attribute("href") or "").count() == 1, "it leads to its field"
        page.goto(f"{address}/import")
        content = b"associate,first_day,last_day\nA0001,soon,2027-03-02\nnobody,2027-03-01,2027-02-01\n"
        page.get_by_role("radio", name="Leave").check()
        page.get_by_label("File", exact=True).set_input_files({"name": "l.csv", "mimeType": "text/csv", "buffer": content})
        page.get_by_role("button", name="Look at the file").click()
        assert_accessible_at_every_width(page)


def test_error_pages_are_accessible(app: Flask, operation: Operation, chromium: Browser) -> None:
    # Not `open_page`: a browser complains of an answer that says that something is not there.
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    with serve(app) as address:
        page = sign_in_page(context.new_page(), app, Role.SUPERVISOR)
        look(page, address, ("/nothing", "/generate"))
        page.context.clear_cookies()
        other = sign_in_page(page, app, Role.ASSOCIATE, associate="A0001")
        look(other, address, ("/me/nothing", "/people"))
    context.close()
