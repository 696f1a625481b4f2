"""`flask worker`, and `flask serve`: everything that `make run` starts."""

from __future__ import annotations

import click

from cli.context import clock, engine, ready_engine, settings
from cli.failures import CommandFailure, plain_command
from cli.running import shielded_planner


@plain_command("worker")
@click.option("--only", type=click.Choice(["runs", "chores"]), help="Do one of the two, where another worker does the other.")
def worker(only: str | None) -> None:
    """Carry out planning runs that people ask for, and the chores of the floor, until Ctrl-C."""
    import logging  # noqa: PLC0415 (only here)

    import structlog  # noqa: PLC0415

    from cli.mailing import mail_chore  # noqa: PLC0415
    from services.chores import CHORES  # noqa: PLC0415
    from services.planning import prepare  # noqa: PLC0415 (slow to import)
    from worker import Worker, serve_until_signal  # noqa: PLC0415

    level = logging.getLevelNamesMapping().get(settings().log_level.upper(), logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))
    planner = shielded_planner(settings().solve_workers, settings().solver_cluster)
    chores = () if only == "runs" else (*CHORES, mail_chore(settings()))
    serve_until_signal(Worker(ready_engine(), settings(), clock(), planner, prepare, chores=chores, takes_runs=only != "chores"))


@plain_command("serve")
def serve() -> None:
    """Start everything on this machine: prepare what is missing, then serve pages and plan until Ctrl-C.

    Brings the schema up to date, loads the sample operation when there is no site, builds and publishes its roster when it
    has none, prints how to sign in, then starts the background worker and the web application.
    """
    from cli.checks import is_free  # noqa: PLC0415 (slow to import)
    from cli.first_run import prepare_installation  # noqa: PLC0415
    from cli.processes import serve_until_interrupted  # noqa: PLC0415

    host, port, live_port = settings().host, settings().port, settings().live_port_used
    if not is_free(host, port):
        raise CommandFailure(
            f"Error: Port {port} of {host} is in use; stop the program that uses it, or choose another: "
            f"`PORT={port + 2 if port < 65534 else 8000} make run`."
        )
    if not is_free(host, live_port):
        raise CommandFailure(
            f"Error: Port {live_port} of {host}, on which open pages are told of news, is in use; stop the program that uses it, "
            f"or choose another: `LIVE_PORT={live_port + 1 if live_port < 65535 else 8001} make run`."
        )
    prepare_installation()
    try:
        serve_until_interrupted(host, port, live_port)
    finally:
        engine().dispose()
