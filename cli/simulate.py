"""`flask floor simulate`: people and jobs on the floor of this installation, without anybody at a desk."""

from __future__ import annotations

import time

import click

from cli.context import chosen_site, clock, ready_engine
from cli.failures import PlainCommand

SHARE = click.FloatRange(0, 0.5)


@click.command("simulate", cls=PlainCommand)
@click.option("--site", "code", help="Code of the site; not needed when there is only one.")
@click.option("--hours", type=click.FloatRange(0.01, 24), default=2.0, show_default=True, help="How long it goes on.")
@click.option("--load", type=click.FloatRange(0.1, 2.0), help="Work as a share of what the people can do; else as forecast.")
@click.option("--without", multiple=True, metavar="CODE", help="An associate who is not simulated, since you want to be them.")
@click.option(
    "--gold", "gold_share", type=SHARE, default=0.05, show_default=True, help="Share of the jobs whose right answer is known."
)
@click.option(
    "--doubles", "double_share", type=SHARE, default=0.03, show_default=True, help="Share of the jobs that two people answer."
)
@click.option(
    "--mistakes", "mistake_share", type=SHARE, default=0.04, show_default=True, help="Share of the answers that are wrong."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Decides everything that chance decides.")
def simulate(
    code: str | None, hours: float, load: float | None, without: tuple[str, ...], seed: int, **shares: float
) -> None:  # fmt: skip
    """Let the people of the published roster work, in real time: they come, are late, take breaks, and answer jobs that arrive.

    Some jobs are checked, so that quality can be seen: gold ones against the answer that is known, and some by a second answer.
    Everything goes through the same claims, answers and presence events as the work of real people, and is kept. Meant for an
    installation that is tried out. Ctrl-C ends it.
    """
    from services.demonstration import Checks, prepare_demonstration  # noqa: PLC0415 (slow to import)
    from simulation.engine import Simulation  # noqa: PLC0415

    site, engine = chosen_site(code), ready_engine()
    checks = Checks(**shares)
    prepared = prepare_demonstration(
        engine, site.id, clock=clock(), hours=hours, load=load, without=without, checks=checks, seed=seed
    )
    click.echo(f"{len(prepared.people)} shifts and {len(prepared.jobs):,} jobs in {hours:g} h at {site.code}; Ctrl-C ends.")
    began = time.monotonic()

    def pause(at: float) -> None:
        time.sleep(max(0.0, began + at - time.monotonic()))

    done = Simulation(prepared.floor, prepared.jobs, prepared.people, pause=pause).run(hours * 3600)
    click.echo(f"{len(done.answered_at):,} jobs answered.")
