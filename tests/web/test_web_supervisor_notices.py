"""A supervisor in a real browser: sees a notice, has read it, chooses how to be told, and gets a mail."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from services import leave_requests
from services.accounts import Role
from services.mails import Sender, write_due_mails
from tests.conftest import SteppedClock
from tests.requests.asking_site import NOW, AskingSite, asking_site, day
from tests.web.axe import assert_accessible
from tests.web.served import make_app, serve, sign_in_page


def ask(at: AskingSite, number: int) -> None:
    who = at.site.associate_id(at.codes[number])
    leave_requests.ask_leave(at.engine, who, at.annual, day(8), day(9), "", by="a", clock=at.clock)


def test_a_supervisor_reads_a_notice_chooses_how_to_be_told_and_gets_a_mail(
    engine: Engine, open_page: Callable[..., Page]
) -> None:
    clock = SteppedClock(NOW)
    at = asking_site(engine, clock)
    app = make_app(engine, clock)
    page = sign_in_page(open_page(), app, Role.SUPERVISOR, teams=[row[0] for row in at.rows("SELECT name FROM team")])
    ask(at, 0)
    with serve(app) as origin:
        page.goto(f"{origin}/requests")
        notices = page.get_by_role("navigation", name="Main").get_by_role("link", name="Notices 1 unread")
        with page.expect_response(lambda one: one.url.endswith("/me/notices/read")):
            notices.click()
            expect(page.get_by_role("heading", name="asks for leave from Tue 12 Jan to Wed 13 Jan")).to_be_visible()
            assert_accessible(page)
        page.get_by_role("link", name="Open").click()
        expect(page).to_have_url(f"{origin}/requests")
        expect(page.get_by_text("unread", exact=False)).to_have_count(0)
        page.goto(f"{origin}/account")
        page.get_by_role("link", name="Language, times and mail").click()
        assert_accessible(page)
        page.get_by_label("Mail address").fill("nobody")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Mail address").fill("boss@example.org")
        page.get_by_label("Language").select_option("es")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="Ajustes")).to_be_visible()
        ask(at, 1)
        clock.advance(3600)
        assert write_due_mails(engine, Sender("shifts@example.org"), clock=clock) == 1
        (mail,) = at.rows("SELECT address, subject FROM mail WHERE account_id IS NOT NULL")
        assert mail.address == "boss@example.org"
        assert "avisos sobre tus equipos" in mail.subject
        page.goto(f"{origin}/me/notices")
        expect(page.get_by_role("heading", name="pide permiso")).to_have_count(2)
