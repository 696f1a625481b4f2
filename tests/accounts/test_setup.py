"""The first administrator: made with the code of the terminal, once."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from services import accounts, setup_codes
from services.accounts import Role
from tests.accounts.test_sign_in import PASSWORD, token_in

FORM = {"name": "root", "display_name": "Root", "password": PASSWORD, "repeated": PASSWORD}


def test_the_first_page_makes_the_administrator_and_is_closed_afterwards(app: Flask, engine: Engine, tmp_path: Path) -> None:
    code = setup_codes.make(tmp_path)
    assert setup_codes.make(tmp_path) == code
    assert stat.S_IMODE((tmp_path / "setup_code").stat().st_mode) == 0o600
    client = app.test_client()
    for path in ("/", "/sign-in", "/rosters/1"):
        assert client.get(path).location == "/setup", path
    page = client.get("/setup")
    assert code not in page.text
    data = {**FORM, "csrf_token": token_in(page), "code": f" {code.upper()} "}
    assert client.post("/setup", data=data).location == "/"
    assert client.get("/accounts").status_code == 200
    (made,), _ = accounts.list_accounts(engine)
    assert (made.sign_in_name, made.role) == ("root", Role.ADMINISTRATOR)
    assert setup_codes.known(tmp_path) is None

    code, again = setup_codes.make(tmp_path), app.test_client()
    data["csrf_token"] = token_in(again.get("/sign-in"))
    assert again.get("/setup").status_code == 404
    assert again.post("/setup", data={**data, "name": "thief", "code": code}).status_code == 404
    assert accounts.list_accounts(engine)[1] == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": "abcd-efgh-2345-6789"}, "not the code in the terminal"),
        ({"code": ""}, "Type the code"),
        ({"password": "short", "repeated": "short"}, "at least 12 characters"),
        ({"repeated": "other"}, "not the same password"),
        ({"name": "two words"}, "without spaces"),
    ],
)
def test_nothing_is_made_with_a_fault(app: Flask, engine: Engine, tmp_path: Path, change: dict[str, str], words: str) -> None:
    code, client = setup_codes.make(tmp_path), app.test_client()
    answer = client.post("/setup", data={**FORM, "csrf_token": token_in(client.get("/setup")), "code": code, **change})
    assert answer.status_code == 422
    assert words in answer.text
    assert PASSWORD not in answer.text
    assert not accounts.any_account(engine)


def test_all_faults_are_told_at_once(app: Flask, tmp_path: Path) -> None:
    setup_codes.make(tmp_path)
    client = app.test_client()
    data = {"name": "two words", "code": "x", "password": "short", "repeated": "shorter"}
    page = client.post("/setup", data={**data, "csrf_token": token_in(client.get("/setup"))}).text
    for words in ("without spaces", "Write your name", "at least 12", "not the same password", "not the code"):
        assert words in page, words
    assert "5 fields need a change" in page


def test_without_a_printed_code_nobody_gets_in(app: Flask, engine: Engine) -> None:
    client = app.test_client()
    page = client.get("/setup")
    assert "flask account create" in page.text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert token
    answer = client.post("/setup", data={**FORM, "csrf_token": token[1], "code": "None"})
    assert answer.status_code == 422
    assert not accounts.any_account(engine)
