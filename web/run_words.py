"""What the page of a planning run says, kind by kind: what it makes, what its figures are called, and where one goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import url_for

from services.reading import RunKind, RunView


@dataclass(frozen=True)
class Link:
    """An address and what it leads to."""

    address: str
    words: str


@dataclass(frozen=True)
class RunWords:
    """What is said of runs of one kind.

    Parameters
    ----------
    result
        What such a run makes.
    kept
        What becomes of the best so far when the run is stopped.
    objective, bound
        What the two figures are called.
    is_cost
        Whether the objective is a cost, whose course and distance from the bound say how good a roster is.
    made, again
        Where what it made is looked at, and where one asks anew after it failed.
    """

    result: str
    kept: str
    objective: str
    bound: str
    is_cost: bool
    made: Callable[[RunView], Link]
    again: Callable[[RunView], Link]


def _roster(run: RunView) -> Link:
    return Link(url_for("rosters.grid", roster_id=run.roster_id), f"Look at roster {run.roster_id}")


def _difference(run: RunView) -> Link:
    accepted = run.roster_id == run.base_roster_id
    return _roster(run) if accepted else Link(url_for("repairs.show", run_id=run.id), "Look at the difference")


def _scenario(run: RunView) -> Link:
    return Link(url_for("scenarios.show", scenario_id=run.task["scenario"]), "Look at what came out")


def _rotation(run: RunView) -> Link:
    words = "Look at the rotation" if run.objective is not None else "Look at the answer"
    return Link(url_for("rotations.show", rotation_id=run.task["rotation"]), words)


def _generate(_run: RunView) -> Link:
    return Link(url_for("runs.new"), "Generate again")


def _repair(run: RunView) -> Link:
    return Link(url_for("repairs.new", roster_id=run.base_roster_id), "Repair again")


def _back_to_scenario(run: RunView) -> Link:
    return Link(_scenario(run).address, "Back to the scenario")


def _design(_run: RunView) -> Link:
    return Link(url_for("rotations.new"), "Design one again")


COST = ("Objective", "Proven bound", True)
DRAFT = ("roster", "is checked and kept as a draft", *COST)
WORDS: Final[Mapping[RunKind, RunWords]] = {
    RunKind.ROSTER: RunWords(*DRAFT, _roster, _generate),
    RunKind.REPAIR: RunWords(*DRAFT, _difference, _repair),
    RunKind.SCENARIO: RunWords("roster", "is checked and kept with the scenario", *COST, _scenario, _back_to_scenario),
    RunKind.ROTATION: RunWords(
        "rotation", "is checked and kept", "Free weekends so far", "No more than", False, _rotation, _design
    ),
}
