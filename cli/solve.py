"""`flask solve`: from a scenario folder to a result folder, without a database."""

from __future__ import annotations

from pathlib import Path

import click

from cli.context import settings
from cli.failures import CommandFailure, one_line, plain_command
from cli.figures import figures_of
from cli.running import run_with_progress, shielded_planner
from scheduling.errors import BadInputError, Fault
from scheduling.planning_input import PlanningInput
from scheduling.result import PlanningResult, Status

MOST_SEED = 2**31 - 1
MOST_SECONDS = 86_400


@plain_command("solve")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", "target", metavar="OUT", required=True, type=click.Path(path_type=Path), help="Folder for the result.")
@click.option("--seconds", type=click.FloatRange(0, MOST_SECONDS, min_open=True), help="Time to spend; 60 unless configured.")
@click.option("--seed", type=click.IntRange(0, MOST_SEED), default=1, show_default=True, help="Seed of all random choices.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processor cores to use; with 1, equal seeds give equal rosters.")
@click.option(
    "--begin-with", "begins_with", metavar="RESULT", type=click.Path(path_type=Path), help="Result folder to go on from."
)
def solve(
    folder: Path, target: Path, seconds: float | None, seed: int, workers: int | None, begins_with: Path | None
) -> None:  # fmt: skip
    """Build a roster from the scenario folder DIR, without any database.

    Ctrl-C stops with the best roster so far, a second Ctrl-C aborts. Exit status: 0 when every hard rule is kept, 1 when
    hard rules clash (the nearest roster is written all the same), 2 when the input has faults (nothing is written).
    """
    from interchange import read_result, write_result  # noqa: PLC0415 (slow to import)
    from services.planning import prepare  # noqa: PLC0415

    scenario = prepare(_read(folder, target))
    start = None if begins_with is None else read_result(begins_with, scenario).plan
    planner = shielded_planner(workers or settings().solve_workers, settings().solver_cluster)
    budget = seconds or settings().solve_seconds
    result = run_with_progress(lambda progress, stop: planner(scenario, progress, stop, seed, budget, start))
    write_result(target, scenario, result)
    for line in figures_of(result):
        click.echo(line)
    refuse_clash(result, f"the nearest roster and every clash are in {target}")
    click.echo(f"The result is in {target}.")


def _read(folder: Path, target: Path) -> PlanningInput:
    """Return what the folder holds, or every fault of it and of the target at once."""
    from interchange import check_result_folder, read_scenario  # noqa: PLC0415 (slow to import)

    faults: list[Fault] = []
    found = None
    try:
        found = read_scenario(folder)
    except BadInputError as error:
        faults += error.faults
    try:
        check_result_folder(target)
    except BadInputError as error:
        faults += error.faults
    if found is None or faults:
        raise BadInputError(faults)
    return found


def refuse_clash(result: PlanningResult, where: str) -> None:
    """Fail with one line when hard rules clash."""
    if result.status is not Status.INFEASIBLE:
        return
    if result.clashes:
        first = result.clashes[0]
        what = f"{first.who or 'the site'}: {'; '.join(first.facts)}. {first.relaxation}"
    else:
        what = result.violations[0].message if result.violations else "no roster keeps them all"
    raise CommandFailure(one_line(f"Error: Hard rules clash ({len(result.clashes)} sets); {where}. {what}"))
