"""The commands on `flask`."""

from __future__ import annotations

from flask import Flask

from cli import account, database, doctor, floor, roster, sample, serving, solve, volume

COMMANDS = (
    solve.solve,
    sample.sample,
    volume.volume,
    roster.roster,
    floor.floor,
    database.database,
    account.account,
    doctor.doctor,
    serving.worker,
    serving.serve,
)


def register(app: Flask) -> None:
    """Put the commands on an application.

    The application brings ``extensions["settings"]``, ``extensions["engine"]`` and ``extensions["clock"]``.
    """
    for command in COMMANDS:
        app.cli.add_command(command)
