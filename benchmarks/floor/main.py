"""Chooses which of the floor's benchmarks are run."""

from __future__ import annotations

import argparse
from importlib import import_module

PARTS = ("claims", "moves", "http", "page", "streams", "day", "policies")


def main() -> None:
    """Run the parts that the command line names, all of them by default."""
    parser = argparse.ArgumentParser(description="The floor under load, as JSON lines.")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts to run, divided by commas: {', '.join(PARTS)}")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one measurement of a rate")
    parser.add_argument("--most", type=int, default=1_000_000, help="largest number of waiting tasks")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    if unknown := sorted(set(chosen) - set(PARTS)):
        parser.error(f"There is no part {', '.join(unknown)}; there is {', '.join(PARTS)}.")
    for part in chosen:
        import_module(f"benchmarks.floor.{part}").run(seconds=arguments.seconds, most=arguments.most)
