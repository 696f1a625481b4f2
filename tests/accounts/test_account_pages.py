"""The administrator's pages: a secret is shown once, faults stand beside their fields."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from services import accounts, service_tokens, sessions
from services.accounts import Role
from services.passwords import Passwords
from tests import stored
from tests.accounts.test_sign_in import token_in
from tests.conftest import SteppedClock
from tests.web.served import make_account, sign_in


@pytest.fixture
def client(app: Flask, operation: None) -> FlaskClient:
    return sign_in(app.test_client(), Role.ADMINISTRATOR, name="root")


def secret_in(page: str) -> str:
    return str(re.findall(r"<dd>([^<]+)</dd>", page)[-1])


def test_a_new_account_is_made_and_its_password_shown_once(
    client: FlaskClient, engine: Engine, clock: SteppedClock, passwords: Passwords
) -> None:
    team = accounts.list_teams(engine)[0]
    form = {"name": "lead", "display_name": "Meera <Lead>", "role": "supervisor", "associate": "", "team_ids": str(team.id)}
    answer = client.post("/accounts", data={**form, "csrf_token": token_in(client.get("/accounts"))})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert "Meera &lt;Lead&gt;" in answer.text
    password = secret_in(answer.text)
    made = accounts.account_view(engine, "lead")
    assert (made.team_ids, made.must_change_password) == (frozenset({team.id}), True)
    assert sessions.sign_in(engine, "lead", password, address="a", clock=clock, passwords=passwords)
    for path in ("/accounts", f"/accounts/{made.id}"):
        assert password not in client.get(path).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "two words"}, "without spaces"),
        ({"name": "ROOT"}, "Somebody has this sign-in name already"),
        ({"role": "associate"}, "Give the code of the associate"),
        ({"role": "associate", "associate": "ZZZ"}, "There is no associate &#39;ZZZ&#39;"),
        ({"team_ids": "987654"}, "is not a valid choice for this field"),
        ({"role": "king"}, "Not a valid choice"),
        ({"display_name": ""}, "Write the name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    client: FlaskClient, engine: Engine, change: dict[str, str], words: str
) -> None:
    form = {"name": "meera", "display_name": "Meera Rao", "role": "planner", "associate": ""}
    answer = client.post("/accounts", data={**form, **change, "csrf_token": token_in(client.get("/accounts"))})
    assert answer.status_code == 422
    assert "No account was made" in answer.text
    assert words in answer.text
    assert {**form, **change}["name"] in answer.text
    assert accounts.list_accounts(engine)[1] == 1


def test_teams_password_and_state_of_an_account_are_changed(
    app: Flask, client: FlaskClient, engine: Engine, clock: SteppedClock, passwords: Passwords
) -> None:
    number, teams = make_account(app, Role.SUPERVISOR, name="lead"), accounts.list_teams(engine)
    address = f"/accounts/{number}"
    form = {"csrf_token": token_in(client.get(address))}
    answer = client.post(f"{address}/teams", data={**form, "team_ids": [str(team.id) for team in teams]}, follow_redirects=True)
    assert f"leads {', '.join(f'{stored.SITE} {team.name}' for team in teams)}" in answer.text
    answer = client.post(f"{address}/teams", data=form, follow_redirects=True)
    assert "leads no team" in answer.text
    assert client.post(f"{address}/teams", data={**form, "team_ids": "987654"}).status_code == 422

    for typed, code, said in (
        ("lead@example.org", 200, "Mail goes to lead@example.org."),
        ("lead@", 422, "Write one address"),
        ("", 200, "No mail is sent"),
    ):
        answer = client.post(f"{address}/mail-address", data={**form, "mail_address": typed}, follow_redirects=True)
        assert (answer.status_code, said in answer.text) == (code, True)
        assert f'name="mail_address" type="email" value="{typed}"' in answer.text

    answer = client.post(f"{address}/password", data=form)
    assert answer.headers["Cache-Control"] == "no-store"
    assert sessions.sign_in(engine, "lead", secret_in(answer.text), address="a", clock=clock, passwords=passwords)

    assert (
        "may no longer sign in"
        in client.post(f"{address}/activity", data={**form, "is_active": "no"}, follow_redirects=True).text
    )
    assert "may not sign in" in client.get("/accounts").text
    assert "may sign in" in client.post(f"{address}/activity", data={**form, "is_active": "yes"}, follow_redirects=True).text
    assert client.post(f"{address}/activity", data=form).status_code == 400
    own = accounts.account_view(engine, "root").id
    assert client.post(f"/accounts/{own}/mail-address", data={**form, "mail_address": "a@b.org"}).status_code == 409
    assert client.post(f"/accounts/{own}/activity", data={**form, "is_active": "no"}).status_code == 409
    assert client.get("/accounts/987654").status_code == 404


def test_accounts_are_searched_and_turned_in_pages(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from web import accounts as pages

    monkeypatch.setattr(pages, "PAGE_LENGTH", 4)
    for name in ("a1", "a2", "a3", "a4", "b1"):
        make_account(app, Role.PLANNER, name=name)
    first, second = client.get("/accounts").text, client.get("/accounts?page=2").text
    assert "Page 1 of 2" in first
    assert ("b1" in first, "b1" in second) == (False, True)
    assert "1 account found" in client.get("/accounts?q=B1").text
    assert "No account matches" in client.get("/accounts?role=associate").text


def test_a_token_is_made_shown_once_and_revoked(client: FlaskClient, engine: Engine, clock: SteppedClock) -> None:
    assert "No program has a token yet" in client.get("/tokens").text
    form = {
        "csrf_token": token_in(client.get("/tokens")),
        "site": stored.SITE,
        "name": "etl",
        "scopes": "jobs:write",
        "days": "30",
    }
    answer = client.post("/tokens", data=form)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    token = secret_in(answer.text)
    assert sessions.which_program(engine, token, now=clock.now()) is not None
    page = client.get("/tokens").text
    assert token not in page
    assert "etl" in page
    for change, words in (
        ({}, "in use at the site"),
        ({"scopes": []}, "Say what the program may do"),
        ({"days": "0"}, "Choose 1 to"),
    ):
        answer = client.post("/tokens", data={**form, **change})
        assert (answer.status_code, words in answer.text) == (422, True), words
    (one,) = service_tokens.list_tokens(engine)
    revoked = client.post(f"/tokens/{one.id}/revoke", data=form, follow_redirects=True)
    assert "The token of etl is revoked" in revoked.text
    assert sessions.which_program(engine, token, now=clock.now()) is None
