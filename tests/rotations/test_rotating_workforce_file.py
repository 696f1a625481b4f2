"""Files in the rotating workforce scheduling format: read, refused with the place of the fault, decided by the benchmark."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from interchange.rotating_workforce import read_rotating_workforce
from scheduling.errors import BadInputError

TEXT = """#Length of the schedule
7

#Number of Employees
9
# Number of shift types
2
# Requirement
3 3 3 3 3\t3 3
3 3 3 3 3 3 3
# Shifts
D  360 480 2 6
N 1320 480 2 4
2 3

3 6
# forbidden
1 1
N D
N - N"""


def written(folder: Path, text: str = TEXT) -> Path:
    path = folder / "Night2.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_requirement_and_rules(tmp_path: Path) -> None:
    problem = read_rotating_workforce(written(tmp_path))
    assert (problem.shifts, problem.weeks, problem.exact, problem.single) == (("D", "N"), 9, True, True)
    assert (problem.requirement == np.full((2, 7), 3)).all()
    rules = problem.rules
    assert (rules.off, rules.work, rules.blocks) == ((2, 3), (3, 6), ((2, 6), (2, 4)))
    assert rules.forbidden == {(1, 0, 0), (1, 1, 1)}


@pytest.mark.parametrize(
    ("old", "new", "row", "reason"),
    [
        ("\n7\n", "\n5\n", 2, "seven days"),
        ("3 3 3 3 3 3 3", "3 3 3 3 3 3", 10, "6 values, 7 are needed"),
        ("\n9\n", "\nnine\n", 5, "whole number"),
        ("\n9\n", "\n0\n", 7, "at least one row"),
        ("480 2 6", "480 6 2", 12, "not above the most"),
        ("N D", "N E", 19, "no such shift type"),
        ("\nN - N", "", None, "ends too early"),
        ("1 1\n", "-1 1\n", 18, "whole number"),
    ],
)
def test_refuses_with_the_place(tmp_path: Path, old: str, new: str, row: int | None, reason: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read_rotating_workforce(written(tmp_path, TEXT.replace(old, new, 1)))
    (fault,) = caught.value.faults
    assert (fault.file, fault.row) == ("Night2.txt", row)
    assert reason in fault.reason


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="missing"):
        read_rotating_workforce(tmp_path / "none.txt")


def test_benchmark_decides_checks_and_writes(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "Night10.txt").write_text(TEXT.replace("\n9\n", "\n6\n"), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks", "rotations", str(tmp_path), "--maximise", "free_weekends"]
    run = subprocess.run([*command, "--out", str(tmp_path / "out")], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    first, second = (json.loads(line) for line in run.stdout.splitlines())
    assert (first["instance"], first["status"], first["employees"], first["proven"]) == ("Night2", "feasible", 9, True)
    assert (second["instance"], second["status"], second["free_weekends"]) == ("Night10", "infeasible", None)
    rows = [line.split() for line in (tmp_path / "out" / "Night2.txt").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 9
    assert {sum(row[day] == "N" for row in rows) for day in range(7)} == {3}


def test_benchmark_says_when_there_is_nothing_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "rotations", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert "nothing to do" in run.stderr
