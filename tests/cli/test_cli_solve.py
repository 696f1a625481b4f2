"""`flask solve`: the result folder, repeated exactly, stopped early, or with rules that clash."""

from __future__ import annotations

import csv
import json
import signal
import time
from datetime import datetime
from pathlib import Path

import pytest

from breaks.check import check_breaks
from breaks.check_coverage import check_coverage
from interchange import read_result, read_scenario
from scheduling.rules import Severity
from services.planning import prepare
from tests.cli.conftest import Flasks, start_flask
from tests.interchange.small_folder import FILES, SETTINGS, lay

COLUMNS = {
    "assignments.csv": "associate,date,value,starts_at,ends_at,productive_minutes,place",
    "breaks.csv": "associate,date,kind,starts_at,ends_at",
    "coverage.csv": "starts_at,skill,required,scheduled",
}
REPORT = {"status", "objective", "bound", "gap", "wall_seconds", "seed", "versions", "violations", "kpis"}
KPIS = {"required_hours", "short_hours", "over_hours", "productive_minutes_min", "productive_minutes_max"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest sample, written by the command as a process of its own."""
    base = tmp_path_factory.mktemp("sample")
    process = start_flask(base, "sample", "write", base / "s", "--associates", 20, "--weeks", 1)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "20 associates, 1 weeks" in out
    return base / "s"


def solve(flask: Flasks, sample: Path, target: Path, *words: object) -> dict[str, object]:
    done = flask("solve", sample, "--out", target, *words)
    report: dict[str, object] = json.loads((target / "report.json").read_text())
    assert done.exit_code == (1 if report["status"] == "infeasible" else 0), done.stderr
    return report


def test_result_folder_is_as_documented(flask: Flasks, sample: Path, tmp_path: Path) -> None:
    report = solve(flask, sample, tmp_path / "out", "--seconds", 4, "--seed", 7)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*COLUMNS, "report.json"}
    for name, header in COLUMNS.items():
        assert (tmp_path / "out" / name).read_text().splitlines()[0] == header
    assert report.keys() >= REPORT
    assert report["kpis"].keys() >= KPIS  # type: ignore[attr-defined]
    assert report["seed"] == 7
    scenario = prepare(read_scenario(sample))
    with (tmp_path / "out" / "assignments.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20 * 7
    codes = {shift.code for shift in scenario.shift_types}
    assert {row["value"] for row in rows} <= codes | {"off", "leave", "none"}
    for row in rows:
        if row["value"] in codes:
            span = datetime.fromisoformat(row["ends_at"]) - datetime.fromisoformat(row["starts_at"])
            assert span.total_seconds() == 540 * 60
            assert 408 <= int(row["productive_minutes"]) <= 420
            assert row["place"] in {"office", "home"}
    found = read_result(tmp_path / "out", scenario)
    assert not list(check_breaks(scenario, found.plan, found.breaks))
    assert not list(check_coverage(scenario, found.plan, found.breaks, found.coverage))
    hard = [one for one in report["violations"] if one["severity"] == Severity.BLOCKS_PUBLISHING]  # type: ignore[attr-defined]
    assert bool(hard) == (report["status"] == "infeasible")


def eight_people(folder: Path) -> Path:
    """Write a scenario that the planner ends with long before its time, however slow the machine is."""
    header, *_ = FILES["associates.csv"].splitlines()
    people = [f"A{n},Name {n},T{n % 2},stow,{('office', 'home')[n % 2]},2026-10-01,2027-03-31," for n in range(1, 9)]
    needed = [f"2027-01-{day:02}T{hour:02}:00:00+05:30,stow,{2 + hour % 3}" for day in range(4, 11) for hour in range(6, 22)]
    changes: dict[str, str | bytes | None] = {
        "associates.csv": "\n".join([header, *people, ""]),
        "requirement.csv": "\n".join(["starts_at,skill,heads", *needed, ""]),
        "scenario.toml": SETTINGS.replace("= 15", "= 60"),
    }
    return lay(folder, changes)


def test_same_seed_and_one_worker_give_the_same_files(flask: Flasks, tmp_path: Path) -> None:
    scenario = eight_people(tmp_path / "scenario")
    # The first run of an installation compiles what later runs find on disk.
    solve(flask, scenario, tmp_path / "first", "--seconds", 1, "--workers", 1)
    words = ("--seconds", 30, "--seed", 3, "--workers", 1)
    for name in ("one", "two"):
        report = solve(flask, scenario, tmp_path / name, *words)
        if report["wall_seconds"] > 15:  # type: ignore[operator]
            pytest.skip("This machine is so busy that the clock, which ends a phase after half of the time, may have decided.")
    for name in ("assignments.csv", "breaks.csv", "coverage.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_a_result_is_gone_on_from_and_never_becomes_worse(flask: Flasks, tmp_path: Path) -> None:
    scenario = eight_people(tmp_path / "scenario")
    first = solve(flask, scenario, tmp_path / "first", "--seconds", 1, "--workers", 1)
    begun = ("--seconds", 2, "--workers", 1, "--seed", 2, "--begin-with", tmp_path / "first")
    second = solve(flask, scenario, tmp_path / "second", *begun)
    assert second["objective"] <= first["objective"] + 1e-6  # type: ignore[operator]
    nowhere = flask("solve", scenario, "--out", tmp_path / "third", "--begin-with", tmp_path / "nowhere")
    assert nowhere.exit_code == 2
    assert "assignments.csv" in nowhere.stderr


def test_result_replaces_an_earlier_one(flask: Flasks, sample: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        report = solve(flask, sample, tmp_path / "out", "--seconds", 1, "--workers", 1, "--seed", seed)
        assert report["seed"] == seed
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def interrupted(sample: Path, target: Path, times: int, tmp_path: Path) -> tuple[int, str, float]:
    """Start a long solve, press Ctrl-C when it searches, and return exit status, error stream and seconds to the end."""
    process = start_flask(tmp_path, "solve", sample, "--out", target, "--seconds", 300)
    assert process.stderr is not None
    read = ""
    for line in process.stderr:
        read += line
        if "objective" in line:
            break
    pressed = time.monotonic()
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.15)
    _, rest = process.communicate(timeout=60)
    return process.returncode, read + rest, time.monotonic() - pressed


@pytest.fixture(scope="module")
def larger_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample that takes the planner long enough to be interrupted."""
    base = tmp_path_factory.mktemp("larger")
    process = start_flask(base, "sample", "write", base / "s", "--associates", 80, "--weeks", 4)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return base / "s"


def test_first_interrupt_keeps_the_best_roster_so_far(larger_sample: Path, tmp_path: Path) -> None:
    status, told, seconds = interrupted(larger_sample, tmp_path / "out", 1, tmp_path)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert status == (1 if report["status"] == "infeasible" else 0), told
    assert "Stopping with the best roster so far" in told
    assert "Traceback" not in told
    assert seconds < 45
    assert (tmp_path / "out" / "assignments.csv").read_text().count("\n") == 80 * 28 + 1


def test_second_interrupt_aborts_and_writes_nothing(larger_sample: Path, tmp_path: Path) -> None:
    status, told, seconds = interrupted(larger_sample, tmp_path / "out", 2, tmp_path)
    if "Interrupted" not in told:
        pytest.skip("The planner was quicker than the second Ctrl-C.")
    assert status == 130
    assert "Traceback" not in told
    assert seconds < 30
    assert not (tmp_path / "out").exists()


def test_clashing_hard_rules_are_told_and_the_nearest_roster_written(flask: Flasks, tmp_path: Path) -> None:
    # Seven locked days of work leave no day off, whatever else is done.
    days = "".join(f"A1,2027-01-{day:02d},M\n" for day in range(4, 11))
    changes: dict[str, str | bytes | None] = {
        "locks.csv": "associate,date,value\n" + days,
        "leave.csv": None,
        "requests.csv": None,
    }
    folder = lay(tmp_path / "scenario", changes)
    done = flask("solve", folder, "--out", tmp_path / "out", "--seconds", 2, "--workers", 1)
    assert done.exit_code == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Error: Hard rules clash")
    assert "A1" in last
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["status"] == "infeasible"
    assert report["clashes"]
    assert "The result is in" not in done.stdout
