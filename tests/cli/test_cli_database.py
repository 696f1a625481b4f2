"""Commands on the real database: schema, sample, volumes, rosters."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from interchange import check_result_folder
from services import drafting, loading, reading
from services.goals import goals_of
from services.reading import RosterState
from tests import stored
from tests.builders import MONDAY
from tests.cli.conftest import Flasks, runner_of, settings_at
from tests.conftest import SteppedClock

SECONDS = 2


@pytest.fixture
def floor(engine: Engine, clock: SteppedClock) -> Engine:
    """The database with a small operation."""
    loading.load_operation(engine, stored.operation(), site=stored.SITE, name="Pune", by="asha", clock=clock)
    return engine


def draft(engine: Engine, clock: SteppedClock, **marks: int) -> int:
    """Store a roster with so many violations; return its id."""
    scenario = stored.operation().scenario()
    made = stored.result(scenario, **marks)
    return drafting.save_draft(engine, stored.SITE, scenario, made, by="asha", clock=clock).id


def test_generate_list_check_publish_export(stored_flask: Flasks, floor: Engine, tmp_path: Path) -> None:
    done = stored_flask("roster", "generate", "--start", "2027-01-04", "--weeks", 1, "--seconds", SECONDS, "--seed", 5)
    (head,) = reading.list_rosters(floor)
    assert done.exit_code == (1 if head.blocking_count else 0), done.stderr
    assert (head.state, head.seed, head.created_by) == (RosterState.DRAFT, 5, getpass.getuser())
    assert f"{head.objective:,.1f}" in done.stdout

    other = stored_flask("roster", "generate", "--begin-with", head.id, "--weeks", 2)
    assert other.exit_code != 0
    assert "a search can begin only with a roster of its own 2 weeks from 2027-01-04" in other.stderr

    listed = stored_flask("roster", "list")
    assert listed.exit_code == 0
    assert listed.stdout.splitlines()[1].split()[:5] == [str(head.id), stored.SITE, "2027-01-04", "1", "draft"]

    checked = stored_flask("roster", "check", head.id)
    assert checked.exit_code == (1 if head.blocking_count else 0)
    lines = checked.stdout.splitlines()
    assert sum(line.startswith("blocks publishing: ") for line in lines) == head.blocking_count
    assert sum(line.startswith("needs a reason: ") for line in lines) == head.reason_count

    published = stored_flask("roster", "publish", head.id, "--reason", "for the test")
    assert published.exit_code == (1 if head.blocking_count else 0), published.stderr

    target = tmp_path / "out" / "roster.csv"
    assert stored_flask("roster", "export", head.id, "--format", "csv", "--out", target).exit_code == 0
    assert target.read_text().splitlines()[0] == "associate,date,value,starts_at,ends_at,productive_minutes,place"
    assert len(target.read_text().splitlines()) == 20 * 7 + 1
    assert stored_flask("roster", "export", head.id, "--format", "xlsx", "--out", tmp_path / "roster.xlsx").exit_code == 0
    assert load_workbook(tmp_path / "roster.xlsx").sheetnames == ["Roster", "Breaks", "Coverage"]
    assert stored_flask("roster", "export", head.id, "--format", "folder", "--out", tmp_path / "result").exit_code == 0
    check_result_folder(tmp_path / "result")
    assert json.loads((tmp_path / "result" / "report.json").read_text())["seed"] == 5
    assert sorted(path.name for path in target.parent.iterdir()) == ["roster.csv"]


def test_publish_wants_a_reason_and_happens_once(stored_flask: Flasks, floor: Engine, clock: SteppedClock) -> None:
    number = draft(floor, clock, reasons=2)
    refused = stored_flask("roster", "publish", number)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ")
    assert len(refused.stderr.splitlines()) == 1
    assert reading.roster_summary(floor, number).state is RosterState.DRAFT

    done = stored_flask("roster", "publish", number, "--reason", "nobody else is there")
    assert done.exit_code == 0
    assert "in force from 2027-01-04 to 2027-01-10" in done.stdout
    entry = reading.roster_audit(floor, number)[-1]
    assert (entry.action, entry.actor, entry.detail["reason"]) == ("roster published", getpass.getuser(), "nobody else is there")

    again = stored_flask("roster", "publish", number, "--reason", "again")
    assert (again.exit_code, again.stdout) == (1, "")


def test_blocking_violations_are_not_published(stored_flask: Flasks, floor: Engine, clock: SteppedClock) -> None:
    number = draft(floor, clock, blocking=1)
    done = stored_flask("roster", "publish", number, "--reason", "please")
    assert done.exit_code == 1
    assert "block publishing" in done.stderr
    assert reading.roster_summary(floor, number).state is RosterState.DRAFT


def test_check_looks_again_and_believes_nothing_stored(stored_flask: Flasks, floor: Engine, clock: SteppedClock) -> None:
    # The drawn roster claims to be clean, and is not: the rotation knows nothing of rest before the horizon or of break rules.
    number = draft(floor, clock)
    assert reading.roster_summary(floor, number).blocking_count == 0
    done = stored_flask("roster", "check", number)
    assert done.exit_code == 1
    assert "blocks publishing: " in done.stdout
    assert done.stderr.startswith(f"Roster {number}: ")


@pytest.mark.parametrize("words", [("check", 7), ("publish", 7), ("export", 7, "--out", "never")])
def test_roster_that_does_not_exist(words: tuple[object, ...], stored_flask: Flasks) -> None:
    done = stored_flask("roster", *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "7" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_export_does_not_replace_a_folder(stored_flask: Flasks, floor: Engine, clock: SteppedClock, tmp_path: Path) -> None:
    done = stored_flask("roster", "export", draft(floor, clock), "--out", tmp_path)
    assert done.exit_code == 1
    assert "give the name of a file" in done.stderr


def test_sample_is_loaded_once(stored_flask: Flasks, engine: Engine) -> None:
    words = ("sample", "load", "--associates", 20, "--weeks", 1)
    assert stored_flask(*words).exit_code == 0
    (site,) = reading.list_sites(engine)
    assert site.code == "PNQ1"
    assert all([step.from_week for step in one.steps] == [1, 5, 13] for one in goals_of(engine, site.id))
    again = stored_flask(*words)
    assert again.exit_code == 1
    assert "there already" in again.stderr
    assert stored_flask(*words, "--site", "PNQ2").exit_code == 0
    assert [site.code for site in reading.list_sites(engine)] == ["PNQ1", "PNQ2"]
    several = stored_flask("roster", "generate", "--seconds", 1)
    assert several.exit_code == 1
    assert "PNQ1, PNQ2" in several.stderr


def test_volumes_are_loaded_and_replaced(stored_flask: Flasks, floor: Engine, tmp_path: Path) -> None:
    queue = stored.operation().queues[0].name
    path = tmp_path / "volumes.csv"
    for jobs in (10, 12):
        path.write_text(f"starts_at,queue,jobs,aht_seconds\n2026-12-28T06:00:00+05:30,{queue},{jobs},30\n")
        done = stored_flask("volume", "load", path)
        assert done.exit_code == 0, done.stderr
        assert done.stdout.startswith("1 intervals from 2026-12-28 06:00")
    volumes = drafting.planning_input_for(floor, stored.SITE, MONDAY, 1).volumes
    assert volumes is not None
    there = volumes[(volumes["queue"] == queue) & (volumes["starts_at"] == "2026-12-28T06:00:00+05:30")]
    assert there["jobs"].tolist() == [12]


def test_nothing_works_before_there_is_a_schema(empty_engine: Engine, clock: SteppedClock, tmp_path: Path) -> None:
    from app import create_app

    app = create_app(settings_at(empty_engine.url.render_as_string(hide_password=False), tmp_path / "instance"))
    app.extensions.update(engine=empty_engine, clock=clock)
    flask = runner_of(app)
    for words in (("roster", "list"), ("sample", "load"), ("volume", "load", "x.csv"), ("roster", "publish", 1)):
        done = flask(*words)
        assert done.exit_code == 1
        assert done.stderr == "Error: The database has no schema yet; run `flask db upgrade` first.\n"
    for _ in range(2):
        assert flask("db", "upgrade").exit_code == 0
    assert "no roster yet" in flask("roster", "list").stdout
    assert flask("db", "downgrade").exit_code == 0
    behind = flask("roster", "list")
    assert "has the schema" in behind.stderr
    assert flask("db", "downgrade", "base").stdout == "The schema is at base: it is empty.\n"
    assert flask("db", "downgrade").exit_code == 0
    unknown = flask("db", "upgrade", "nonsense")
    assert unknown.exit_code == 1
    assert len(unknown.stderr.splitlines()) == 1


def test_database_that_cannot_be_reached_is_one_line(flask: Flasks) -> None:
    for words in (("roster", "list"), ("db", "upgrade"), ("sample", "load"), ("worker",)):
        done = flask(*words)
        assert done.exit_code == 1
        assert done.stderr.startswith("Error: The database cannot be reached")
        assert len(done.stderr.splitlines()) == 1
