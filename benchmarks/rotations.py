"""Rotations of published instances: each decided, checked and timed, as JSON lines.

Run ``python -m benchmarks rotations FOLDER [--seconds S] [--out FOLDER] [--maximise free_weekends] [--scale K] [--seed N]``:
reads every ``*.txt`` of the folder (the rotating workforce scheduling format) and prints one line an instance: whether there is
a rotation, the seconds from the instance in memory to its rows, the free weekends over all rows, and whether the answer is
proven: with ``--maximise`` that there are no more free weekends. A rotation that the independent checker does not accept ends
the run. `--out` writes each rotation as one row a week, a shift type or ``-`` a day.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from time import process_time

from interchange.rotating_workforce import read_rotating_workforce
from roster.rotation.check import check_rotations
from roster.rotation.solver import RotationResult, solve_rotation
from scheduling.errors import BadInputError
from scheduling.rotation import RotationProblem


def decide(name: str, problem: RotationProblem, arguments: argparse.Namespace) -> tuple[dict[str, object], RotationResult]:
    """Return the figures of one instance, and its rotations."""
    began = process_time()
    result = solve_rotation(
        problem, seed=arguments.seed, seconds=arguments.seconds, most_free_weekends=arguments.maximise is not None
    )
    cpu_seconds = process_time() - began
    if result.rotations and (faults := check_rotations(problem, result.rotations)):
        raise SystemExit(f"{name}: the checker refuses the rotation: {faults[0].sentence}")
    figures = {
        "instance": name,
        "employees": problem.weeks,
        "status": result.status.value,
        "seconds": round(result.seconds, 3),
        "free_weekends": result.free_weekends if result.rotations else None,
        "proven": result.proven,
        "cuts": result.cuts,
        "cpu_seconds": round(cpu_seconds, 3),
    }
    return figures, result


def rows_text(problem: RotationProblem, result: RotationResult) -> str:
    """Return rotations as text, an empty line between two."""
    letters = (*problem.shifts, "-")
    return "\n".join("".join(" ".join(letters[value] for value in row) + "\n" for row in rows) for rows in result.rotations)


def instances(folder: Path) -> list[Path]:
    """Return the instances of a folder, numbers in their names in the order of numbers."""
    parts = {path: re.split(r"(\d+)", path.name) for path in folder.glob("*.txt")}
    return sorted(parts, key=lambda path: [(part.isdigit(), int(part) if part.isdigit() else part) for part in parts[path]])


def main() -> int:
    """Print one JSON line an instance; return 1 when one is not decided."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0, help="budget of one instance")
    parser.add_argument("--out", type=Path, help="folder for the rotations")
    parser.add_argument("--maximise", choices=["free_weekends"])
    parser.add_argument("--scale", type=int, default=1, help="how many times requirement and rows are taken")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    paths = instances(arguments.folder)
    if not paths or arguments.scale < 1:
        print(f"There is no *.txt in {arguments.folder}, or the scale is below 1: nothing to do.", file=sys.stderr)
        return 2
    decided = True
    for path in paths:
        try:
            problem = read_rotating_workforce(path).scaled(arguments.scale)
        except BadInputError as error:
            print(error, file=sys.stderr)
            return 2
        figures, result = decide(path.stem, problem, arguments)
        print(json.dumps(figures), flush=True)
        decided &= result.proven
        if arguments.out is not None and result.rotations:
            arguments.out.mkdir(parents=True, exist_ok=True)
            (arguments.out / path.name).write_text(rows_text(problem, result), encoding="utf-8")
    return 0 if decided else 1


if __name__ == "__main__":
    sys.exit(main())
