"""Signing in and out: what the browser gets, what guessing costs, what ends a session."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import process_time
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from services import accounts, sessions
from services.accounts import AccountView, Asked, Role
from services.languages import catalogue
from services.passwords import Passwords
from services.sessions import (
    IDLE,
    LIFE,
    MOST_FAILURES_OF_ADDRESS,
    MOST_FAILURES_OF_NAME,
    WINDOW,
    SignInRefusedError,
    TooManyAttemptsError,
)
from tests.conftest import SteppedClock
from tests.web.served import sign_in
from web.cookies import cookie_is_secure
from web.sign_in import own_address

PASSWORD, WRONG = "correct horse battery", "wrong horse battery"
Enter = Callable[..., TestResponse]


def token_in(answer: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


@pytest.fixture
def planner(engine: Engine, clock: SteppedClock, passwords: Passwords) -> AccountView:
    asked = Asked("asha", "Asha Kulkarni", Role.PLANNER)
    return accounts.create_account(engine, asked, PASSWORD, must_change=False, by="test", clock=clock, passwords=passwords)


@pytest.fixture
def client(app: Flask, planner: AccountView) -> FlaskClient:
    return app.test_client()


def enter(client: FlaskClient, name: str = "asha", password: str = PASSWORD, **options: str) -> TestResponse:
    address = "/sign-in" + (f"?next={options['next']}" if "next" in options else "")
    page = client.get("/sign-in")
    form = {"name": name, "password": password, "csrf_token": token_in(page)}
    return client.post(address, data=form, environ_base={"REMOTE_ADDR": options.get("address", "192.0.2.1")})


def cookie(client: FlaskClient) -> str:
    kept = client.get_cookie("session")
    return kept.value if kept else ""


def try_it(engine: Engine, clock: SteppedClock, passwords: Passwords, word: str = WRONG, name: str = "asha") -> str:
    return sessions.sign_in(engine, name, word, address="192.0.2.9", clock=clock, passwords=passwords)


def test_a_stranger_signs_in_and_comes_where_he_wanted(client: FlaskClient) -> None:
    asked = client.get("/rosters/7?team=A%26B")
    assert (asked.status_code, asked.location) == (302, "/sign-in?next=/rosters/7?team%3DA%2526B")
    assert 'action="/sign-in?next=/rosters/7?team%3DA%2526B"' in client.get(asked.location).text
    answer = enter(client, next="/rosters/7?team%3DA%2526B")
    assert (answer.status_code, answer.location) == (303, "/rosters/7?team=A%26B")
    page = client.get("/")
    assert page.status_code == 200
    assert "Asha Kulkarni" in page.text
    assert client.get("/sign-in").location == "/"


@pytest.mark.parametrize(
    ("role", "home"), [(Role.ADMINISTRATOR, "/"), (Role.PLANNER, "/"), (Role.SUPERVISOR, "/floor")]
)  # fmt: skip
@pytest.mark.parametrize("wanted", [{}, {"next": "/"}])
def test_who_asks_for_nothing_in_particular_comes_where_the_work_of_the_role_is(
    app: Flask, engine: Engine, clock: SteppedClock, passwords: Passwords, role: Role, home: str, wanted: dict[str, str]
) -> None:
    asked = Asked("meera", "Meera Rao", role)
    accounts.create_account(engine, asked, PASSWORD, must_change=False, by="test", clock=clock, passwords=passwords)
    client = app.test_client()
    answer = enter(client, "meera", **wanted)
    assert client.get(answer.location).location == home


def test_everything_is_new_after_signing_in(app: Flask, client: FlaskClient, engine: Engine) -> None:
    page = client.get("/sign-in")
    planted, form_token = cookie(client), token_in(page)
    data = {"name": "asha", "password": PASSWORD, "csrf_token": form_token}
    assert client.post("/sign-in", data=data).status_code == 303
    first = cookie(client)
    assert first != planted
    assert token_in(client.get("/account")) != form_token
    # Who planted the cookie of before is still a stranger with it.
    thief = app.test_client()
    thief.set_cookie("session", planted)
    assert thief.get("/account").location == "/sign-in?next=/account"
    # Signing in again from the same browser ends the session that it had.
    data["csrf_token"] = token_in(client.get("/account"))
    assert client.post("/sign-in", data=data).status_code == 303
    thief.set_cookie("session", first)
    assert thief.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


def test_signing_out_ends_the_session_and_not_only_the_cookie(app: Flask, client: FlaskClient) -> None:
    enter(client)
    kept = cookie(client)
    assert client.post("/sign-out", data={"csrf_token": token_in(client.get("/account"))}).location == "/sign-in"
    assert client.get("/account").status_code == 302
    thief = app.test_client()
    thief.set_cookie("session", kept)
    assert thief.get("/account").status_code == 302


@pytest.mark.parametrize(
    "data", [{"name": "asha", "password": WRONG}, {"name": "nobody", "password": PASSWORD}, {"name": "a\x00", "password": "x"}]
)
def test_which_of_name_and_password_is_wrong_is_not_said(client: FlaskClient, data: dict[str, str]) -> None:
    answer = enter(client, data["name"], data["password"])
    assert answer.status_code == 422
    assert "The name or the password is wrong" in answer.text
    assert client.get("/account").status_code == 302


def test_a_name_that_nobody_has_takes_as_long(engine: Engine, clock: SteppedClock, planner: AccountView) -> None:
    costly = Passwords(8192, 4)
    accounts.reset_password(engine, planner.id, by="test", clock=clock, passwords=costly)

    def seconds(name: str) -> float:
        started = process_time()
        with pytest.raises(SignInRefusedError):
            sessions.sign_in(engine, name, WRONG, address=name, clock=clock, passwords=costly)
        return process_time() - started

    # In turns, and by the time of the processor: a machine whose other work comes and goes is fair to both.
    turns = [(seconds("asha"), seconds("nobody")) for _ in range(MOST_FAILURES_OF_NAME)]
    known, unknown = map(min, zip(*turns, strict=True))
    assert 0.5 < unknown / known < 2


def test_a_closed_account_is_refused_as_if_the_password_were_wrong(
    engine: Engine, clock: SteppedClock, passwords: Passwords, planner: AccountView
) -> None:
    accounts.set_active(engine, planner.id, is_active=False, by="root", clock=clock)
    with pytest.raises(SignInRefusedError, match="may no longer sign in"):
        try_it(engine, clock, passwords, PASSWORD)


def test_a_name_is_not_listened_to_after_five_failures_until_the_oldest_is_old(
    engine: Engine, clock: SteppedClock, passwords: Passwords, planner: AccountView
) -> None:
    for _ in range(MOST_FAILURES_OF_NAME):
        with pytest.raises(SignInRefusedError):
            try_it(engine, clock, passwords, name="ASHA")
        clock.advance(60)
    for word in (WRONG, PASSWORD):
        with pytest.raises(TooManyAttemptsError, match="Wait 10 min ") as caught:
            try_it(engine, clock, passwords, word)
    assert caught.value.free_at == clock.now() + WINDOW - timedelta(minutes=MOST_FAILURES_OF_NAME)
    clock.advance(caught.value.wait_seconds - 1)
    with pytest.raises(TooManyAttemptsError):
        try_it(engine, clock, passwords, PASSWORD)
    clock.advance(1)
    assert try_it(engine, clock, passwords, PASSWORD)


def test_success_clears_the_failures_of_the_name_but_not_of_the_address(
    engine: Engine, clock: SteppedClock, passwords: Passwords, planner: AccountView
) -> None:
    for _ in range(MOST_FAILURES_OF_ADDRESS // (MOST_FAILURES_OF_NAME - 1)):
        for _ in range(MOST_FAILURES_OF_NAME - 1):
            with pytest.raises(SignInRefusedError):
                try_it(engine, clock, passwords)
        elsewhere = sessions.sign_in(engine, "asha", PASSWORD, address="192.0.2.10", clock=clock, passwords=passwords)
    with pytest.raises(TooManyAttemptsError):
        try_it(engine, clock, passwords, PASSWORD)
    assert sessions.who(engine, elsewhere, now=clock.now())


def test_guesses_at_the_same_moment_are_not_more_than_allowed(
    engine: Engine, clock: SteppedClock, passwords: Passwords, planner: AccountView
) -> None:
    def guess(_number: int) -> bool:
        try:
            try_it(engine, clock, passwords)
        except SignInRefusedError:
            return True
        except TooManyAttemptsError:
            return False
        raise AssertionError("the password was wrong")

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(24))) == MOST_FAILURES_OF_NAME


def test_the_page_says_how_long_to_wait(client: FlaskClient) -> None:
    for _ in range(MOST_FAILURES_OF_NAME):
        assert enter(client, password=WRONG).status_code == 422
    answer = enter(client)
    assert answer.status_code == 429
    assert "Wait 15 min " in answer.text
    api = client.post("/api/v1/session", json={"name": "asha", "password": PASSWORD})
    assert (api.status_code, api.headers["Retry-After"]) == (429, "900")


@pytest.mark.parametrize(
    ("wished", "language"),
    [
        ("hi-IN,hi;q=0.9,en;q=0.5", "hi"),
        ("es-MX", "es"),
        ("de-DE,es;q=0.4,en;q=0.3", "es"),
        ("de-DE,fr;q=0.4", "en"),
        ("", "en"),
        ("'><script>,../../hi;q=nan," + "x" * 4000, "en"),
    ],
)
def test_the_page_follows_the_browser_where_it_speaks_its_language(client: FlaskClient, wished: str, language: str) -> None:
    said = catalogue(language).gettext
    headers = {"Accept-Language": wished}
    page = client.get("/sign-in", headers=headers)
    assert f'<html lang="{language}">' in page.text
    for words in ("Sign in", "Sign-in name", "Password", "Skip to the content"):
        assert f">{said(words)}<" in page.text
    filled = {"name": "asha", "password": WRONG, "csrf_token": token_in(page)}
    refused = "The name or the password is wrong, or the account may no longer sign in."
    assert said(refused) in client.post("/sign-in", data=filled, headers=headers).text
    assert said("Type your password.") in client.post("/sign-in", data=filled | {"password": ""}, headers=headers).text


def test_only_the_page_of_signing_in_follows_the_browser_of_who_is_not_known(client: FlaskClient) -> None:
    headers = {"Accept-Language": "hi"}
    assert '<html lang="en">' in client.get("/nothing-here", headers=headers).text
    api = client.post("/api/v1/session", json={"name": "asha", "password": WRONG}, headers=headers)
    assert api.get_json()["message"] == "The name or the password is wrong, or the account may no longer sign in."
    enter(client)
    assert '<html lang="en">' in client.get("/account", headers=headers).text


def test_a_session_ends_after_two_hours_without_use_and_after_twelve_in_any_case(
    client: FlaskClient, clock: SteppedClock
) -> None:
    enter(client)
    for _ in range(6):
        clock.advance(IDLE.total_seconds() - 1)
        assert client.get("/account").status_code == 200
    clock.advance(6)
    assert client.get("/account").status_code == 302
    enter(client)
    clock.advance(IDLE.total_seconds())
    assert client.get("/account").status_code == 302
    assert timedelta(hours=12) == LIFE


def test_a_use_is_written_once_a_minute(engine: Engine, clock: SteppedClock, planner: AccountView) -> None:
    token = sessions.open_session(engine, planner.id, clock=clock)
    written = set()
    for _ in range(40):
        clock.advance(10)
        sessions.who(engine, token, now=clock.now())
        with engine.connect() as connection:
            written.add(connection.execute(text("SELECT last_seen_at FROM session")).scalar_one())
    assert len(written) == 7  # At the start, and after each of six minutes.


def test_old_sessions_and_attempts_are_removed(
    engine: Engine, clock: SteppedClock, passwords: Passwords, planner: AccountView
) -> None:  # fmt: skip
    def rows(table: str) -> int:
        with engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 (our words)

    for _ in range(3):
        try_it(engine, clock, passwords, PASSWORD)
    clock.advance(31 * 24 * 3600)
    try_it(engine, clock, passwords, PASSWORD)
    assert (rows("session"), rows("sign_in_attempt")) == (1, 1)


@pytest.mark.parametrize("path", ["/sign-in", "/setup", "/sign-out", "/account", "/generate", "/accounts"])
def test_a_form_without_its_token_does_nothing(client: FlaskClient, path: str) -> None:
    sign_in(client, Role.ADMINISTRATOR)
    answer = client.post(path, data={"name": "asha", "password": PASSWORD})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert client.get("/account").status_code == 200


def test_a_token_of_a_form_is_worth_nothing_in_another_session(app: Flask, client: FlaskClient) -> None:
    enter(client)
    other = sign_in(app.test_client(), Role.PLANNER, name="meera")
    assert client.post("/sign-out", data={"csrf_token": token_in(other.get("/account"))}).status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        " //evil.example",
        "http:evil",
        "///evil.example",
        "//[broken",
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(client: FlaskClient, target: str) -> None:
    assert own_address(target) is None
    assert enter(client, next=quote(target)).location == "/sign-in"


@given(st.text(alphabet=st.sampled_from("/\\:@?#.a[]%\t\r\n\x00 é"), max_size=12))
def test_an_address_is_our_own_or_refused(target: str) -> None:
    if own_address(target) is not None:
        # What a browser makes of it: tabs and line breaks are left out, a backslash is a slash.
        seen = re.sub(r"[\t\r\n]", "", target).replace("\\", "/").strip(" \x00")
        assert seen.startswith("/")
        assert not seen.startswith("//")


def test_a_bearer_token_needs_no_form_and_a_cookie_does(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/api/v1/session", json={"name": "asha", "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    bearer = {"Authorization": f"Bearer {answer.get_json()['token']}"}
    enter(client)
    # By cookie alone it is refused, by cookie and the header that a script of the page sends it is not.
    assert client.delete("/api/v1/session").status_code == 400
    # With a header of its own the cookie is not looked at, so the session of the cookie goes on.
    assert client.delete("/api/v1/session", headers=bearer).status_code == 204
    assert client.delete("/api/v1/session", headers=bearer).status_code == 401
    assert client.get("/account").status_code == 200
    script = {"X-CSRFToken": token_in(client.get("/account"))}
    assert client.delete("/api/v1/session", headers=script).status_code == 204
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer ws_wrong", "Bearer wt_wrong", "Bearer \x00", "Bearer a b"])
def test_a_wrong_bearer_token_is_a_stranger_whatever_the_cookie_says(client: FlaskClient, header: str) -> None:
    enter(client)
    answer = client.delete("/api/v1/session", headers={"Authorization": header} if "\x00" not in header else {})
    assert answer.status_code == (401 if header.startswith("Bearer") and "\x00" not in header else 400)
    assert client.get("/account").status_code == 200


def test_a_bearer_token_opens_no_page(app: Flask, engine: Engine, clock: SteppedClock, planner: AccountView) -> None:
    token = sessions.open_session(engine, planner.id, clock=clock)
    answer = app.test_client().get("/account", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "body", [None, [], {}, {"name": "asha"}, {"name": 1, "password": "x"}, {"name": "asha", "password": None}]
)
def test_the_api_says_what_it_wants(client: FlaskClient, body: object) -> None:
    answer = client.post("/api/v1/session", json=body)
    assert answer.status_code == 400
    assert '{"name": "...", "password": "..."}' in answer.get_json()["message"]


@pytest.mark.parametrize(("name", "status"), [(r"\u092e\u0940\u0930\u093e", 401), (r"\ud800", 400), (r"a\u0000", 400)])
def test_the_api_takes_any_text_that_can_be_kept_and_tells_a_stranger_in_json(
    client: FlaskClient, name: str, status: int
) -> None:
    body = f'{{"name": "{name}", "password": "x"}}'
    answer = client.post("/api/v1/session", data=body, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (status, "application/json")


def test_a_script_and_a_stream_get_401_and_no_page(client: FlaskClient) -> None:
    for headers in ({"Sec-Fetch-Dest": "empty"}, {"Accept": "text/event-stream"}, {"Accept": "application/json"}):
        answer = client.get("/runs/1/live", headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_who_sends_a_form_after_the_session_ended_is_led_to_sign_in(client: FlaskClient) -> None:
    answer = client.post("/generate", data={"weeks": "4"}, follow_redirects=True)
    assert answer.request.path == "/sign-in"
    assert "Nothing was done: sign in first" in answer.text


def test_who_must_change_the_password_can_do_nothing_else(
    app: Flask, engine: Engine, clock: SteppedClock, passwords: Passwords, planner: AccountView
) -> None:
    word = accounts.reset_password(engine, planner.id, by="root", clock=clock, passwords=passwords)
    client = app.test_client()
    enter(client, password=word)
    for path in ("/", "/generate"):
        assert client.get(path).location == "/account"
    assert client.get("/runs/1/state.json", headers={"Accept": "application/json"}).status_code == 403
    page = client.get("/account")
    assert "Choose a password of your own first" in page.text
    data = {"csrf_token": token_in(page), "present": word, "password": PASSWORD, "repeated": PASSWORD}
    assert client.post("/account", data=data).location == "/"
    assert client.get("/").status_code == 200


def test_faults_of_a_new_password_stand_beside_its_field(client: FlaskClient, engine: Engine) -> None:
    enter(client)
    form = {"csrf_token": token_in(client.get("/account")), "present": PASSWORD}
    for data, words in (
        ({"password": "short", "repeated": "short"}, "Choose at least 12 characters"),
        ({"password": "another long password", "repeated": "other"}, "This is not the same password"),
        ({"present": WRONG, "password": "another long password", "repeated": "another long password"}, "not the password that"),
        ({}, "Choose a password"),
    ):
        answer = client.post("/account", data={**form, **data})
        assert answer.status_code == 422
        assert words in answer.text
    assert client.get("/account").status_code == 200


def test_a_changed_password_signs_other_browsers_out(app: Flask, client: FlaskClient) -> None:
    other = app.test_client()
    enter(client), enter(other)
    new = "another long password"
    form = {"csrf_token": token_in(client.get("/account")), "present": PASSWORD, "password": new, "repeated": new}
    assert client.post("/account", data=form, follow_redirects=True).status_code == 200
    assert other.get("/account").status_code == 302
    assert enter(other, password=PASSWORD).status_code == 422
    assert enter(other, password=new).status_code == 303


def test_a_password_is_on_no_page_and_in_no_log(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "a password that is wrong"
    answers = [enter(client, password=secret), client.post("/api/v1/session", json={"name": "asha", "password": secret})]
    enter(client)
    form = {"csrf_token": token_in(client.get("/account")), "present": secret, "password": secret, "repeated": "x"}
    answers += [client.post("/account", data=form), client.post("/account", data={**form, "repeated": secret})]
    sign_in(client, Role.ADMINISTRATOR)
    answers.append(client.post("/setup", data={"csrf_token": form["csrf_token"], "password": secret}))
    for answer in answers:
        assert secret not in answer.text
    assert secret not in caplog.text
    assert PASSWORD not in caplog.text


def test_the_cookie_is_out_of_reach_of_scripts_and_foreign_pages(client: FlaskClient) -> None:
    set_cookie = enter(client).headers["Set-Cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    assert "Secure" not in set_cookie
    page = client.get("/sign-in", base_url="https://floor.example")
    assert "Secure" in page.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("host", "is_encrypted", "expected"),
    [
        ("127.0.0.1", False, False),
        ("localhost", False, False),
        ("::1", False, False),
        ("127.8.8.8", True, True),
        ("0.0.0.0", False, True),  # noqa: S104 (said, and not listened to)
        ("::", False, True),
        ("192.0.2.4", False, True),
        ("floor.example", False, True),
    ],
)
def test_only_the_machine_itself_may_do_without_encryption(host: str, is_encrypted: bool, expected: bool) -> None:
    assert cookie_is_secure(host, is_encrypted=is_encrypted) is expected
