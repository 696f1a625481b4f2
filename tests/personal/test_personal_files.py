"""Instances of the Curtois and Qu format are read, rosters written, and one JSON line printed."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from benchmarks import personal
from benchmarks.personal.instance import read_instance, read_roster

TEXT = """# a comment
SECTION_HORIZON
7

SECTION_SHIFTS
# id, minutes, may not follow
E,480,
L,600,E|L

SECTION_STAFF
A,E=7|L=2,2400,960,5,1,1,1
B,E=0|L=7,3000,600,4,1,1,1

SECTION_DAYS_OFF
A,0,6

SECTION_SHIFT_ON_REQUESTS
A,1,E,2

SECTION_SHIFT_OFF_REQUESTS
B,2,L,3

SECTION_COVER
0,E,1,100,1
1,L,-0,100,1
"""


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    path = tmp_path / "Small.txt"
    path.write_text(TEXT)
    return path


def test_every_section_is_read(instance: Path) -> None:
    question = read_instance(instance)
    assert (question.people, question.days, question.shifts, question.title) == (2, 7, 2, "Small")
    assert question.forbidden.tolist() == [[False, False], [True, True]]
    assert question.terms[0].days_off == {0, 6}
    assert question.terms[1].most_shifts == (0, 7)
    assert question.on_weights[0, 1, 0] == 2
    assert question.off_weights[1, 2, 1] == 3
    assert question.required[0, 0] == 1
    assert question.under_weights[0, 0] == 100


def test_one_line_is_printed_and_the_roster_written(
    instance: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "roster.txt"
    monkeypatch.setattr(personal, "seconds_since_start", lambda: 0.0)
    monkeypatch.setattr("sys.argv", ["personal", str(instance), "--seconds", "10", "--workers", "1", "--out", str(out)])
    assert personal.main() == 0
    printed = json.loads(capfd.readouterr().out)
    assert list(printed) == ["instance", "objective", "bound", "gap", "seconds", "status"]
    rows = [row.split("\t") for row in out.read_text().splitlines()]
    assert [len(row) for row in rows] == [7, 7]
    assert rows[0][0] == rows[0][6] == "-"
    assert {cell for row in rows for cell in row} <= {"-", "E", "L"}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_roster_that_was_written_is_one_to_begin_with(
    instance: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    first, again = tmp_path / "first.txt", tmp_path / "again.txt"
    monkeypatch.setattr(personal, "seconds_since_start", lambda: 0.0)
    asked = ["personal", str(instance), "--seconds", "10", "--workers", workers]
    monkeypatch.setattr("sys.argv", [*asked, "--out", str(first)])
    assert personal.main() == 0
    monkeypatch.setattr("sys.argv", [*asked, "--start", str(first), "--out", str(again)])
    assert personal.main() == 0
    costs = [json.loads(line)["objective"] for line in capfd.readouterr().out.splitlines()]
    assert costs[1] <= costs[0]
    first.write_text(first.read_text().replace("-", "E", 1))
    assert personal.main() == 1
    assert "The roster to begin with is not legal. A: works on day 0, which is a day off." in capfd.readouterr().err
    first.write_text("X" + first.read_text()[1:])
    with pytest.raises(ValueError, match="row 1, column 1: 'X' is no shift"):
        read_roster(read_instance(instance), first)
    first.write_text("E\tX\n")
    with pytest.raises(
        ValueError, match="1 rows, for 2 associates; row 1: 2 cells, for 7 days; row 1, column 2: 'X' is no shift"
    ):
        read_roster(read_instance(instance), first)
    monkeypatch.setattr("sys.argv", [*asked, "--start", str(first), "--baseline", "cp-sat"])
    with pytest.raises(SystemExit):
        personal.main()


def test_ctrl_c_keeps_the_best_so_far_and_the_second_one_ends_all(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with personal.watched() as progress:
        assert not progress(12.0, 3.0)
        signal.raise_signal(signal.SIGINT)
        assert progress(12.0, 3.0)
        assert progress(11.0, 3.0)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    told = capfd.readouterr().err.splitlines()
    assert told == ["objective 12, bound 3", "Stopping with the best roster so far.", "objective 11, bound 3"]


def test_a_file_that_is_no_instance_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("SECTION_HORIZON\n7\n")
    with pytest.raises(ValueError, match="SECTION_SHIFTS, SECTION_STAFF is empty or absent"):
        read_instance(path)
