"""`flask account`, and the sign-ins that the first start prints."""

from __future__ import annotations

import csv
import re
import stat
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine

from cli import first_accounts
from cli.sample import SAMPLE_SITE
from services import accounts, loading, sessions, setup_codes
from services.accounts import Role
from services.passwords import Passwords
from tests import stored
from tests.conftest import SteppedClock

PASSWORD = "correct horse battery"


@pytest.fixture
def sample(engine: Engine, clock: SteppedClock) -> None:
    loading.load_operation(engine, stored.operation(20), site=SAMPLE_SITE, name="Sample", by="asha", clock=clock)


def run(app: Flask, *words: str, typed: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["account", *words], input=typed)


def start(app: Flask, engine: Engine, capsys: pytest.CaptureFixture[str]) -> str:
    with app.app_context():
        first_accounts.prepare_accounts(engine)
    return capsys.readouterr().out


def test_the_first_start_of_the_sample_prints_sign_ins_that_work(
    app: Flask,
    engine: Engine,
    clock: SteppedClock,
    passwords: Passwords,
    sample: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = start(app, engine, capsys)
    rows = [line.split() for line in told.splitlines()[1:6]]
    assert [row[0] for row in rows] == [*(role.value for role in Role), "associate"]
    for role, name, password in rows:
        token = sessions.sign_in(engine, name, password, address=name, clock=clock, passwords=passwords)
        known = sessions.who(engine, token, now=clock.now())
        assert known is not None
        assert (known.role, known.must_change_password) == (Role(role), False)
        assert len(known.team_ids) == (min(3, len(accounts.list_teams(engine))) if role == Role.SUPERVISOR else 0)
    assert accounts.people_without_account(engine) == ()
    assert len({password for _, _, password in rows}) == 4

    file = tmp_path / first_accounts.SAMPLE_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert start(app, engine, capsys) == told
    file.unlink()
    assert start(app, engine, capsys) == ""
    assert accounts.list_accounts(engine)[1] == 23


def test_a_file_that_outlived_its_database_is_written_anew(
    app: Flask, engine: Engine, sample: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / first_accounts.SAMPLE_FILE).write_text("of another database")
    assert "another database" not in start(app, engine, capsys)


def test_an_installation_of_ones_own_is_set_up_by_the_code_that_is_printed(
    app: Flask, engine: Engine, clock: SteppedClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loading.load_operation(engine, stored.operation(20), site="OWN1", name="Our own", by="asha", clock=clock)
    told = start(app, engine, capsys)
    assert told.endswith(f"/setup and type the setup code {setup_codes.known(tmp_path)}\n")
    assert not accounts.any_account(engine)
    assert start(app, engine, capsys) == told
    assert run(app, "create", "root", "--role", "administrator", "--password-stdin", typed=PASSWORD + "\n").exit_code == 0
    assert start(app, engine, capsys) == ""
    assert setup_codes.known(tmp_path) is None


def test_a_password_is_asked_for_twice_and_never_shown(
    app: Flask, engine: Engine, clock: SteppedClock, passwords: Passwords
) -> None:  # fmt: skip
    done = run(app, "create", "root", "--role", "administrator", "--display-name", "Root", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert sessions.sign_in(engine, "root", PASSWORD, address="a", clock=clock, passwords=passwords)


def test_bad_input_is_told_and_makes_nothing(app: Flask, engine: Engine, operation: None) -> None:
    for words, exit_code, told in (
        (("create", "two words", "--role", "planner", "--password-stdin"), 2, "without spaces"),
        (("create", "x", "--role", "king", "--password-stdin"), 2, "'king' is not one of"),
        (("create", "x", "--role", "supervisor", "--team", "Nope", "--password-stdin"), 1, "There is no team 'Nope'; there is"),
        (("create", "x", "--role", "associate", "--associate", "ZZZ", "--password-stdin"), 1, "no associate 'ZZZ'"),
        (("reset", "x"), 1, "Nobody has the sign-in name 'x'"),
        (("revoke", "7"), 1, "There is no token 7"),
        (("token", "etl", "--site", "NONE"), 1, "There is no site 'NONE'"),
        (("token", "etl", "--days", "0"), 2, "0 is not in the range"),
    ):
        done = run(app, *words, typed=PASSWORD + "\n")
        assert (done.exit_code, told in done.output) == (exit_code, True), done.output
        assert "Traceback" not in done.output
    assert not accounts.any_account(engine)


def test_accounts_and_tokens_are_listed_reset_and_revoked(
    app: Flask, engine: Engine, clock: SteppedClock, passwords: Passwords, operation: None
) -> None:
    assert "Nobody may sign in" in run(app, "list").output
    assert "no token yet" in run(app, "tokens").output
    team = accounts.list_teams(engine)[0].name
    given = ("--password-stdin", "--team", team)
    assert run(app, "create", "lead", "--role", "supervisor", *given, typed=PASSWORD).exit_code == 0
    assert re.search(rf"lead +supervisor +{stored.SITE} {team} +active", run(app, "list", "--role", "supervisor").output)
    fresh = run(app, "reset", "LEAD").output.strip()
    token = sessions.sign_in(engine, "lead", fresh, address="a", clock=clock, passwords=passwords)
    known = sessions.who(engine, token, now=clock.now())
    assert known is not None
    assert known.must_change_password

    program = run(app, "token", "etl", "--days", "7").output.strip()
    assert sessions.which_program(engine, program, now=clock.now()) is not None
    assert program not in run(app, "tokens").output
    assert "in use" in run(app, "tokens").output
    number = run(app, "tokens").output.splitlines()[1].split()[0]
    assert run(app, "revoke", number).exit_code == 0
    assert sessions.which_program(engine, program, now=clock.now()) is None


def test_all_associates_get_a_first_password_of_their_own(
    app: Flask, engine: Engine, clock: SteppedClock, passwords: Passwords, operation: None, tmp_path: Path
) -> None:
    target = tmp_path / "first.csv"
    assert run(app, "associates", str(target)).exit_code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with target.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["password"] for row in rows}) == len(rows) == 20
    token = sessions.sign_in(engine, rows[4]["code"], rows[4]["password"], address="a", clock=clock, passwords=passwords)
    assert sessions.who(engine, token, now=clock.now())
    again = run(app, "associates", str(tmp_path / "second.csv"))
    assert (again.exit_code, "has an account; nothing was written" in again.output) == (1, True)
    assert not (tmp_path / "second.csv").exists()


def test_no_file_stays_when_the_accounts_cannot_be_made(app: Flask, operation: None, tmp_path: Path) -> None:
    run(app, "create", "A0003", "--role", "planner", "--password-stdin", typed=PASSWORD)
    done = run(app, "associates", str(tmp_path / "first.csv"))
    assert (done.exit_code, "sign-in name already" in done.output) == (1, True)
    assert not (tmp_path / "first.csv").exists()
