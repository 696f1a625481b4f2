"""Who may sign in to an installation at its first use: the sample's people, or whoever types the setup code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from sqlalchemy import Engine

from cli.context import clock, passwords, settings, signature
from cli.figures import table
from cli.sample import SAMPLE_SITE
from config import write_private
from services import accounts, reading, setup_codes
from services.accounts import Asked, Person, Role
from services.passwords import generated_password

SAMPLE_FILE = "sample_accounts.txt"
TEAMS_LED = 3
ASSOCIATES_SHOWN = 2


def prepare_accounts(database: Engine) -> None:
    """Make the sample's accounts where there is none and nothing but the sample; print how to sign in."""
    folder = settings().make_instance_dir()
    if not accounts.any_account(database):
        if {site.code for site in reading.list_sites(database)} != {SAMPLE_SITE}:
            _print_setup_code(folder)
            return
        make_sample_accounts(database, folder / SAMPLE_FILE)
    if (folder / SAMPLE_FILE).exists():
        click.echo((folder / SAMPLE_FILE).read_text(encoding="utf-8").rstrip())


def _print_setup_code(folder: Path) -> None:
    address = f"http://{settings().host}:{settings().port}/setup"
    click.echo(f"There is no account yet: open {address} and type the setup code {setup_codes.make(folder)}")


def make_sample_accounts(database: Engine, file: Path) -> None:
    """Make an account for each role and one for each associate, with passwords of this installation in a file for its owner."""
    people = accounts.people_without_account(database, SAMPLE_SITE)
    led = frozenset(team.id for team in accounts.list_teams(database)[:TEAMS_LED])
    asked = (
        Asked("admin", "Administrator of the sample", Role.ADMINISTRATOR),
        Asked("planner", "Planner of the sample", Role.PLANNER),
        Asked("supervisor", "Supervisor of the sample", Role.SUPERVISOR, team_ids=led),
    )
    given, shared = {one: generated_password() for one in asked}, generated_password()
    # The file comes first: without it nobody could sign in, while a file without accounts is written anew.
    file.unlink(missing_ok=True)
    write_private(file, sample_words(given, people, shared))
    accounts.create_all(database, given, people, shared, by=signature(), clock=clock(), passwords=passwords())


def sample_words(given: Mapping[Asked, str], people: Sequence[Person], shared: str) -> str:
    """Return what is printed of the sample's accounts."""
    rows = [(one.role.value, one.sign_in_name, password) for one, password in given.items()]
    rows += [(Role.ASSOCIATE.value, person.code, shared) for person in people[:ASSOCIATES_SHOWN]]
    note = f"Each of the {len(people)} associates signs in by code, all with one password; remove {SAMPLE_FILE} to hide this."
    return "\n".join([*table(("role", "sign in as", "password"), rows), note, ""])
