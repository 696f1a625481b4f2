"""Signing in with a real browser: keys only, phone, the way back to where one wanted, and out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services import accounts
from services.accounts import Asked, Role
from tests.web.served import Operation, make_account, serve, sign_in_page
from tests.web.test_web_browser import NAMELESS

Open = Callable[..., Page]
PASSWORD = "correct horse battery"


@pytest.fixture
def address(app: Flask, operation: Operation) -> Iterator[str]:
    context = {"by": "test", "clock": operation.clock, "passwords": app.extensions["passwords"]}
    accounts.create_account(operation.engine, Asked("asha", "Asha Rao", Role.PLANNER), PASSWORD, must_change=False, **context)
    # Asked for before `open_page`, so that it goes on while the last page of a test is still loading.
    with serve(app) as served:
        yield served


def test_a_planner_signs_in_by_keys_and_out_again(address: str, open_page: Open, operation: Operation) -> None:
    page, draft = open_page(390, 844), operation.draft()
    page.goto(f"{address}/rosters/{draft.id}/figures")
    expect(page.get_by_label("Sign-in name")).to_be_focused()
    page.keyboard.type("ASHA")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/rosters/{draft.id}/figures")
    expect(page.get_by_role("link", name="Asha Rao")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{address}/sign-in")
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_whose_account_was_closed_is_led_to_sign_in(app: Flask, address: str, open_page: Open) -> None:
    page = sign_in_page(open_page(), app, Role.PLANNER, name="asha")
    page.goto(f"{address}/generate")
    with app.test_request_context():
        accounts.set_active(app.extensions["engine"], make_account(app, Role.PLANNER, name="asha"), is_active=False,
                            by="root", clock=app.extensions["clock"])  # fmt: skip
    page.get_by_role("link", name="Rosters").click()
    page.wait_for_url(f"{address}/sign-in")


def test_the_pages_of_accounts_fit_a_phone_and_name_everything(app: Flask, address: str, open_page: Open) -> None:
    page = sign_in_page(open_page(390, 844), app, Role.ADMINISTRATOR, name="root")
    lead = make_account(app, Role.SUPERVISOR, name="a-supervisor-with-a-rather-long-name-for-a-phone@floor.example")
    for path in ("/accounts", f"/accounts/{lead}", "/tokens", "/account"):
        page.goto(address + path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px wider than the screen"
        assert not page.evaluate(NAMELESS), path
        assert page.locator("h1").count() == 1, path


def test_an_account_is_made_and_its_owner_takes_a_password_of_his_own(app: Flask, address: str, open_page: Open) -> None:
    admin = sign_in_page(open_page(), app, Role.ADMINISTRATOR, name="root")
    admin.goto(f"{address}/accounts")
    admin.get_by_label("Sign-in name").fill("meera")
    admin.get_by_label("Name", exact=True).fill("Meera Joshi")
    admin.locator("#new").get_by_label("Role").select_option("supervisor")
    admin.locator("#new").get_by_role("checkbox").first.check()
    admin.get_by_role("button", name="Make the account").click()
    given = admin.locator(".secret dd").last.inner_text()

    page = open_page()
    page.goto(address)
    page.get_by_label("Sign-in name").fill("meera")
    page.get_by_label("Password").fill(given)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a password of your own first")
    page.get_by_label("Present password").fill(given)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    known = accounts.account_view(app.extensions["engine"], "meera")
    assert (len(known.team_ids), known.must_change_password) == (1, False)
