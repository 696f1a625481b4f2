"""`flask doctor`: says whether the installation works, and what to do where it does not."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from cli.checks import Verdict, findings
from cli.context import engine, settings
from cli.failures import CommandFailure, one_line, plain_command
from cli.figures import table

ZONES = ("UTC", "Asia/Kolkata", "Europe/Berlin", "America/New_York")
"""One zone with an odd offset, and one on each side that changes its clocks."""


@plain_command("doctor")
def doctor() -> None:
    """Check the installation and say what is wrong; exit status 1 when there is a problem."""
    found = findings(engine(), settings(), Path(current_app.root_path), ZONES)
    rows = [(one.subject, one.verdict.value, one_line(one.words)) for one in found]
    for line in table(("what", "verdict", "found"), rows):
        click.echo(line)
    problems = sum(one.verdict is Verdict.PROBLEM for one in found)
    if problems:
        raise CommandFailure(f"{problems} {'problem' if problems == 1 else 'problems'} found; see above what to do.")
    click.echo("Everything is in order.")
