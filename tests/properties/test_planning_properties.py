"""Any scenario folder: the result keeps every hard rule by an independent verifier, or hard rules really clash."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from tests.properties.conftest import Solve, solve_folder
from tests.properties.folders import Folder
from tests.properties.oracle import impossible
from tests.properties.scenarios import Shape, shapes, write
from tests.properties.verify import faults_of

PLAIN = Shape(
    seed=3,
    zone="Europe/Berlin",
    first=date(2027, 3, 27),
    weeks=2,
    interval=15,
    people=6,
    shift_count=3,
    skills=2,
    policy=0,
    rules={"timing": "weekly"},
    heads="fitting",
    leave=0.3,
    contracts=0.0,
    locks=0.0,
    requests=0.3,
    history=False,
    timings=0.0,
    office=50,
)
"""Two weeks that begin on a Saturday, the day before clocks change."""


CROWDED = dataclasses.replace(
    PLAIN,
    seed=5085,
    zone="Asia/Kolkata",
    first=date(2028, 2, 26),
    interval=30,
    people=7,
    shift_count=4,
    policy=3,
    rules={"timing": "free", "working_days_per_week": 4, "week_starts_on": "sunday", "night_consent_required": True},
    requests=0.0,
    office=1,
)
"""Everybody finds a seat, but not when each associate in turn looks for the best shifts that are left."""


@example(shape=CROWDED)
@example(shape=dataclasses.replace(CROWDED, shift_count=1, policy=2))
@settings(max_examples=14, deadline=None, suppress_health_check=list(HealthCheck))
@given(shape=shapes(most_people=8))
def test_any_scenario_is_rostered_legally_or_its_clash_is_named(
    tmp_path_factory: pytest.TempPathFactory, shape: Shape
) -> None:  # fmt: skip
    base = tmp_path_factory.mktemp("any")
    folder, target = write(shape, base / "scenario"), base / "result"
    report = solve_folder(folder, target)
    blamed = impossible(Folder(folder))
    if report["status"] == "infeasible":
        # Where an associate's own rules clash, what the office would need besides is not asked.
        assert {clash["who"] for clash in report["clashes"]} - ({""} if blamed != [""] else set()) == set(blamed)
        assert all(clash["facts"] and clash["relaxation"] for clash in report["clashes"])
    else:
        assert blamed == []
        assert faults_of(folder, target) == []
    shutil.rmtree(base)


CORNERS = {
    "one associate": {"people": 1},
    "nothing required": {"heads": "none"},
    "far too few people": {"heads": "huge"},
    "a skill that nobody has": {"heads": "missing skill"},
    "all on leave": {"leave": 1.0},
    "breaks on a coarse grid": {"policy": 1, "interval": 30},
    "a productive huddle": {"policy": 2},
    "one long meal": {"policy": 3, "interval": 60},
    "no nights": {"rules": {"timing": "free", "max_consecutive_nights": 0}},
    "six days a week": {"rules": {"timing": "free", "working_days_per_week": 6, "days_off_consecutive": 1}},
    "autumn": {"first": date(2027, 10, 28)},
    "a zone of half hours": {"zone": "America/St_Johns", "first": date(2027, 11, 2)},
}


@pytest.mark.parametrize("changes", CORNERS.values(), ids=list(CORNERS))
def test_corner_cases_are_rostered_legally(solve: Solve, tmp_path: Path, changes: dict[str, object]) -> None:
    folder = write(dataclasses.replace(PLAIN, **changes), tmp_path / "scenario")  # type: ignore[arg-type]
    report = solve(folder, tmp_path / "result")
    assert report["status"] in {"feasible", "optimal"}, report["clashes"]
    assert faults_of(folder, tmp_path / "result") == []


def test_nobody_under_contract_costs_only_shortage(solve: Solve, tmp_path: Path) -> None:
    folder = write(PLAIN, tmp_path / "scenario")
    text = (folder / "associates.csv").read_text().replace("2020-01-01,2039-12-31", "2026-01-01,2026-12-31")
    (folder / "associates.csv").write_text(text)
    report = solve(folder, tmp_path / "result")
    assert report["status"] == "optimal"
    assert faults_of(folder, tmp_path / "result") == []


def test_requests_of_the_greatest_weight_leave_the_bound_a_bound(solve: Solve, tmp_path: Path) -> None:
    folder = write(PLAIN, tmp_path / "scenario")
    days = "A0,2027-03-29,S0,1000000\nA0,2027-03-30,S1,1000000\nA0,2027-03-31,S2,900000\n"
    (folder / "requests.csv").write_text("associate,date,want,weight\n" + days)
    report = solve(folder, tmp_path / "result")
    # One timing a week can grant one of the three.
    assert 1_900_000 < report["bound"] <= report["objective"] < 1_910_000
    assert faults_of(folder, tmp_path / "result") == []


@pytest.mark.parametrize("workers", [1, 2])
def test_equal_seeds_give_equal_rosters(solve: Solve, tmp_path: Path, workers: int) -> None:
    folder = write(dataclasses.replace(PLAIN, people=4, weeks=1), tmp_path / "scenario")
    for name in ("one", "two"):
        # The clock stands still, so that effort alone ends every step, as it does on a machine that is quick enough.
        solve(folder, tmp_path / name, seconds=0.3, seed=7, workers=workers, clock=lambda: 0.0)
    for name in ("assignments.csv", "breaks.csv", "coverage.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


TAMPERINGS = {
    "a shift more": ("assignments.csv", ",off,,,,", ",S0,2027-03-27T00:00:00+01:00,2027-03-27T09:00:00+01:00,420,office"),
    "a place on a day off": ("assignments.csv", ",off,,,,", ",off,,,,home"),
    "a longer day": ("assignments.csv", ",420,", ",421,"),
    "a break of another kind": ("breaks.csv", ",short,", ",meal,"),
    "more heads": ("coverage.csv", ",stow,", ",stow,1"),
    "a better bound": ("report.json", '"bound": ', '"bound": 9'),
    "another figure": ("report.json", '"required_hours": ', '"required_hours": 9'),
}


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    base = tmp_path_factory.mktemp("solved")
    folder = write(PLAIN, base / "scenario")
    assert solve_folder(folder, base / "result")["status"] == "feasible"
    return folder, base / "result"


@pytest.mark.parametrize(("name", "old", "new"), TAMPERINGS.values(), ids=list(TAMPERINGS))
def test_the_verifier_sees_what_was_tampered_with(
    solved: tuple[Path, Path], tmp_path: Path, name: str, old: str, new: str
) -> None:  # fmt: skip
    folder, result = solved
    shutil.copytree(result, tmp_path / "result")
    text = (result / name).read_text()
    assert old in text
    (tmp_path / "result" / name).write_text(text.replace(old, new, 1))
    assert faults_of(folder, tmp_path / "result")
