"""Bad input: every fault a line, exit status 2, nothing written."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Flasks
from tests.interchange.small_folder import FILES, SETTINGS, added, change, lay

NEEDS_TOO_MUCH = (
    '\n[break_policy]\nproductive_minutes = [430, 440]\n[[break_policy.breaks]]\nkind = "meal"\nminutes = 30\ncount = 4\n'
)
BAD_FOLDERS: dict[str, tuple[dict[str, str | bytes | None], str]] = {
    "missing file": ({"associates.csv": None}, "associates.csv"),
    "missing column": (change("associates.csv", "team,", ""), "associates.csv, row 1, column team"),
    "bad date": (change("associates.csv", "2026-10-01", "2027-02-29"), "associates.csv, row 2, column contract_start"),
    "contract ends before it starts": (
        change("associates.csv", "2026-10-01,2027-03-31,M", "2027-04-01,2027-03-31,M"),
        "associates.csv, row 2, column contract_end",
    ),
    "unknown skill": (change("associates.csv", "stow;text", "stow;juggling"), "associates.csv, row 2, column skills"),
    "duplicate associate": (change("associates.csv", "A2", "A1"), "associates.csv, row 3, column code, value 'A1'"),
    "impossible policy": ({"scenario.toml": SETTINGS + NEEDS_TOO_MUCH}, "scenario.toml"),
    "policy without a legal pattern": (
        {"scenario.toml": SETTINGS + "[break_policy]\nwork_stretch_minutes = [25, 30]\n"},
        "scenario.toml",
    ),
    "lock against leave": (added("locks.csv", "A1,2027-01-06,off"), "locks.csv, row 3, column date"),
    "naive time": (change("requirement.csv", "+05:30,stow", ",stow"), "requirement.csv, row 2, column starts_at"),
    "not a number": (change("requirement.csv", "1.5", "NaN"), "requirement.csv, row 2, column heads, value 'NaN'"),
    "negative heads": (change("requirement.csv", "1.5", "-1"), "requirement.csv, row 2, column heads, value '-1'"),
    "noise": ({"requirement.csv": b"\x00\xff\x13" * 3_500_000}, "requirement.csv, row 1"),
    "settings that are no TOML": ({"scenario.toml": "weeks = = 3"}, "scenario.toml, row 1"),
    "unknown setting": ({"scenario.toml": SETTINGS + "colour = 3\n"}, "scenario.toml, row 5, column colour"),
}


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", BAD_FOLDERS)
def test_solve_names_the_fault_and_writes_nothing(name: str, flask: Flasks, tmp_path: Path) -> None:
    changes, place = BAD_FOLDERS[name]
    folder = lay(tmp_path / "scenario", changes)
    before = files_below(tmp_path)
    done = flask("solve", folder, "--out", tmp_path / "out", "--seconds", 1)
    assert done.exit_code == 2, done.output
    assert any(line.startswith(place) for line in done.stderr.splitlines()), done.stderr
    assert done.stdout == ""
    assert files_below(tmp_path) == before


def test_all_faults_come_at_once_one_a_line(flask: Flasks, tmp_path: Path) -> None:
    changes = {
        **change("associates.csv", "A2", "A1"),
        **change("requirement.csv", "1.5", "-1"),
        **added("locks.csv", "A1,2027-01-06,off"),
    }
    occupied = tmp_path / "out"
    occupied.mkdir()
    (occupied / "letter.txt").write_text("mine")
    done = flask("solve", lay(tmp_path / "scenario", changes), "--out", occupied)
    assert done.exit_code == 2
    starts = [line.split(",")[0].split(":")[0] for line in done.stderr.splitlines()]
    assert sorted(starts) == ["associates.csv", "locks.csv", "out", "requests.csv", "requirement.csv"]
    assert (occupied / "letter.txt").read_text() == "mine"


def test_folder_that_does_not_exist(flask: Flasks, tmp_path: Path) -> None:
    done = flask("solve", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("nowhere: ")


def test_volumes_that_reach_no_forecast_are_refused(flask: Flasks, tmp_path: Path) -> None:
    queues = "queue,skill,kind,sla_seconds,max_occupancy\nin,stow,realtime,300,0.85\ntx,text,backlog,86400,0.9\n"
    work: dict[str, str | bytes | None] = {
        "requirement.csv": None,
        "queues.csv": queues,
        "volumes.csv": "starts_at,queue,jobs,aht_seconds\n",
    }
    done = flask("solve", lay(tmp_path / "scenario", work), "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert done.stderr.startswith("volumes.csv")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--associates", 19), "--associates, value '19': The sample has from 20 to 10,000"),
        (("--associates", 10_001), "--associates, value '10001'"),
        (("--weeks", 0), "--weeks, value '0': The sample has from 1 to 17"),
        (("--weeks", 18), "--weeks, value '18'"),
        (("--seed", -1), "Error: Invalid value for '--seed'"),
        (("--associates", "many"), "Error: Invalid value for '--associates'"),
        (("--start", "soon"), "Error: Invalid value for '--start'"),
        (("--colour", "red"), "Error: No such option"),
    ],
)
def test_sample_outside_its_bounds(words: tuple[object, ...], told: str, flask: Flasks, tmp_path: Path) -> None:
    done = flask("sample", "write", tmp_path / "sample", *words)
    assert done.exit_code == 2
    assert done.stderr.startswith(told)
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "sample").exists()


def test_sample_spares_a_folder_of_something_else(flask: Flasks, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    done = flask("sample", "write", tmp_path, "--associates", 20, "--weeks", 1)
    assert done.exit_code == 2
    assert "holds something else" in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "instance"] == ["letter.txt"]


def zip_bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 80_000_000)
    return stream.getvalue()


BAD_VOLUMES: dict[str, tuple[str, bytes]] = {
    "missing file": ("volumes.csv", b""),
    "missing column": ("volumes.csv", b"starts_at,queue,jobs\n"),
    "unknown queue": ("volumes.csv", b"starts_at,queue,jobs,aht_seconds\n2026-11-02T00:00:00+05:30,nope,1,20\n"),
    "naive time": ("volumes.csv", b"starts_at,queue,jobs,aht_seconds\n2026-11-02T00:00:00,stow-live,1,20\n"),
    "off the grid": ("volumes.csv", b"starts_at,queue,jobs,aht_seconds\n2026-11-02T00:07:00+05:30,stow-live,1,20\n"),
    "not a number": ("volumes.csv", b"starts_at,queue,jobs,aht_seconds\n2026-11-02T00:00:00+05:30,stow-live,NaN,20\n"),
    "noise": ("volumes.csv", b"\x00\xff\x13" * 3_500_000),
    "noise as a workbook": ("volumes.xlsx", b"\x00\xff\x13" * 3_500_000),
    "zip bomb": ("volumes.xlsx", zip_bomb()),
}


def test_volumes_with_faults_change_nothing(stored_flask: Flasks, tmp_path: Path) -> None:
    assert stored_flask("sample", "load", "--associates", 20, "--weeks", 1).exit_code == 0
    for name, (file, content) in BAD_VOLUMES.items():
        path = tmp_path / file
        path.write_bytes(content)
        done = stored_flask("volume", "load", path)
        assert (done.exit_code, done.stdout) == (2, ""), name
        assert done.stderr.startswith(file), (name, done.stderr)
    done = stored_flask("volume", "load", tmp_path / "nowhere.csv")
    assert done.exit_code == 2


def test_small_folder_itself_has_no_fault(flask: Flasks, tmp_path: Path) -> None:
    done = flask("solve", lay(tmp_path / "scenario"), "--out", tmp_path / "out", "--seconds", 2, "--workers", 1)
    assert done.exit_code in {0, 1}, done.stderr
    assert set(files_below(tmp_path / "out")) == {"assignments.csv", "breaks.csv", "coverage.csv", "report.json"}
    assert set(files_below(tmp_path / "scenario")) == set(FILES)
