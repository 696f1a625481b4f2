"""`flask account`: who may sign in, and the tokens of other programs."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import click

from cli.context import chosen_site, clock, passwords, ready_engine, settings, signature
from cli.failures import PlainGroup
from cli.figures import table
from config import write_private
from scheduling.errors import ConflictError, NotFoundError, SchedulingError
from services import accounts, service_tokens, setup_codes
from services.accounts import Asked, Role
from services.passwords import generated_password
from services.service_tokens import MOST_TOKEN_DAYS, Scope

MOST_SHOWN = 100_000
ROLES = click.Choice([role.value for role in Role])
from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the first line of the input.")


@click.group("account", cls=PlainGroup)
def account() -> None:
    """Say who may sign in, and give other programs their tokens."""


@account.command("create")
@click.argument("name")
@click.option("--role", type=ROLES, required=True, help="What the account may do.")
@click.option("--display-name", help="The name that others see; NAME without it.")
@click.option("--associate", default="", help="For the role associate: the code of the associate, as CODE or SITE/CODE.")
@click.option("--team", "teams", multiple=True, help="For a supervisor: a team that they lead; may be repeated.")
@click.option("--temporary", is_flag=True, help="The password must be changed at the first sign-in.")
@from_stdin
def create(
    name: str, role: str, display_name: str | None, associate: str, teams: tuple[str, ...], temporary: bool, password_stdin: bool
) -> None:  # fmt: skip
    """Make an account with the sign-in name NAME; asks for its password."""
    database = ready_engine()
    known = {one.name: one.id for one in accounts.list_teams(database)}
    unknown = [team for team in teams if team not in known]
    if unknown:
        raise NotFoundError(f"There is no team {', '.join(map(repr, unknown))}; there is {', '.join(known) or 'none'}.")
    asked = Asked(name, display_name or name, Role(role), associate, frozenset(known[team] for team in teams))
    made = accounts.create_account(
        database,
        asked,
        typed_password(from_input=password_stdin),
        must_change=temporary,
        by=signature(),
        clock=clock(),
        passwords=passwords(),
    )
    setup_codes.forget(settings().make_instance_dir())
    click.echo(f"{made.sign_in_name} may sign in as {made.role.value}.")


def typed_password(*, from_input: bool) -> str:
    """Return the password of the first line of the input, or typed twice without being shown."""
    if from_input:
        return sys.stdin.readline().removesuffix("\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


@account.command("list")
@click.option("--role", type=ROLES, help="Only those of a role.")
def show(role: str | None) -> None:
    """List who may sign in."""
    found, _ = accounts.list_accounts(ready_engine(), "", [Role(role)] if role else tuple(Role), limit=MOST_SHOWN)
    rows = [
        (
            one.sign_in_name,
            one.role.value,
            one.associate or ", ".join(one.teams) or "-",
            "active" if one.is_active else "may not sign in",
            one.display_name,
        )
        for one in found
    ]
    for line in table(("name", "role", "of, or leads", "state", "displayed as"), rows) if rows else ["Nobody may sign in yet."]:
        click.echo(line)


@account.command("reset")
@click.argument("name")
@from_stdin
def reset(name: str, password_stdin: bool) -> None:
    """Give NAME a new password, which is printed and must be changed at the next sign-in; ends all their sessions."""
    database = ready_engine()
    found = accounts.account_view(database, name)
    given = typed_password(from_input=True) if password_stdin else None
    password = accounts.reset_password(
        database, found.id, by=signature(), clock=clock(), passwords=passwords(), password=given
    )  # fmt: skip
    click.echo(f"{found.sign_in_name} signs in once with the password given." if given else password)


@account.command("associates")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--site", "code", help="Code of the site; not needed when there is only one.")
def associates(target: Path, code: str | None) -> None:
    """Make an account for every associate who has none, and write code, name and first password to the new file OUT.

    Each must change the password at the first sign-in. The file is for its owner only; delete it when it is handed out.
    """
    site, database = chosen_site(code), ready_engine()
    people = accounts.people_without_account(database, site.code)
    if not people:
        raise ConflictError(f"Every associate of site {site.code!r} has an account; nothing was written.")
    if target.exists():
        raise SchedulingError(f"{target} is there already; choose the name of a new file.")
    given = {person: generated_password() for person in people}
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("code", "name", "password"), *((one.code, one.name, word) for one, word in given.items())])
    write_private(target, text.getvalue())
    try:
        accounts.give_accounts(database, given, by=signature(), clock=clock(), passwords=passwords())
    except BaseException:
        target.unlink()
        raise
    click.echo(f"{len(given)} associates of site {site.code} may sign in; their first passwords are in {target}.")


@account.command("token")
@click.argument("name")
@click.option("--site", "code", help="Code of the site; not needed when there is only one.")
@click.option("--days", type=click.IntRange(1, MOST_TOKEN_DAYS), help="How long it is good; until it is revoked without it.")
def token(name: str, code: str | None, days: int | None) -> None:
    """Make a token with which the program NAME hands in jobs, and print it; it is stored nowhere."""
    site = chosen_site(code).code
    made = service_tokens.create_token(
        ready_engine(), site, name, [Scope.WRITE_JOBS], by=signature(), by_account=None, days=days, clock=clock()
    )
    click.echo(made)


@account.command("tokens")
def tokens() -> None:
    """List the tokens of other programs."""
    found = service_tokens.list_tokens(ready_engine())
    rows = [
        (
            str(one.id),
            one.site,
            one.name,
            ", ".join(one.scopes),
            f"{one.expires_at:%Y-%m-%d %H:%M} UTC" if one.expires_at else "-",
            "revoked" if one.revoked_at else "over" if one.expires_at and one.expires_at <= clock().now() else "in use",
        )
        for one in found
    ]
    for line in table(("id", "site", "name", "may", "good until", "state"), rows) if rows else ["There is no token yet."]:
        click.echo(line)


@account.command("revoke")
@click.argument("number", metavar="TOKEN", type=click.IntRange(1, 2**31 - 1))
def revoke(number: int) -> None:
    """Let the token with the id TOKEN no longer be used."""
    name = service_tokens.revoke_token(ready_engine(), number, by=signature(), clock=clock())
    click.echo(f"The token of {name} is revoked.")
