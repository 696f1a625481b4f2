"""Accounts: who may sign in, in which role, and which teams they lead."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, select, text, update

from scheduling.errors import NotFoundError
from storage.account_tables import Role
from storage.bulk import array_literal, copy_rows
from storage.tables import account, account_team, associate, site, team

ACCOUNT_LOCK = 7_305_311_045
"""Any number: whoever makes the first account, or takes an administrator away, holds the advisory lock of this number."""

BY_NAME = select(account.c.id, account.c.password_hash, account.c.is_active).where(
    func.lower(account.c.sign_in_name) == func.lower(bindparam("name"))
)


@dataclass(frozen=True)
class Credentials:
    """What a password is checked against."""

    account_id: int
    password_hash: str
    is_active: bool


@dataclass(frozen=True)
class AccountView:
    """An account as lists show it.

    Parameters
    ----------
    associate
        Code of the associate whose account it is; empty for everybody else.
    teams
        Names of the teams that a supervisor leads, with the site's code in front, sorted.
    """

    id: int
    sign_in_name: str
    display_name: str
    role: Role
    associate: str
    teams: tuple[str, ...]
    team_ids: frozenset[int]
    must_change_password: bool
    is_active: bool
    created_at: datetime
    password_changed_at: datetime


@dataclass(frozen=True)
class NewAccount:
    """What an account is made of."""

    sign_in_name: str
    display_name: str
    role: Role
    password_hash: str
    associate_id: int | None = None
    must_change_password: bool = False


@dataclass(frozen=True)
class TeamFacts:
    """A team as forms offer it."""

    id: int
    site: str
    name: str


@dataclass(frozen=True)
class Person:
    """An associate who may get an account."""

    id: int
    site: str
    code: str
    name: str


TEAM_WORDS = func.concat(site.c.code, " ", team.c.name)


def any_account(connection: Connection) -> bool:
    """Return whether there is an account at all."""
    return bool(connection.execute(select(select(account.c.id).exists())).scalar_one())


def lock_accounts(connection: Connection) -> None:
    """Let nobody else make the first account, or take away the last administrator, before the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ACCOUNT_LOCK})


def credentials(connection: Connection, name: str) -> Credentials | None:
    """Return what the password of a sign-in name is checked against; nothing when nobody has the name."""
    row = connection.execute(BY_NAME, {"name": name}).one_or_none()
    return None if row is None else Credentials(*row)


def credentials_of(connection: Connection, account_id: int) -> Credentials:
    """Return what the password of an account is checked against; NotFoundError when there is none with this id."""
    query = select(account.c.id, account.c.password_hash, account.c.is_active).where(account.c.id == account_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no account {account_id}.")
    return Credentials(*row)


def insert_account(connection: Connection, new: NewAccount, at: datetime) -> int:
    """Store an account; return its id."""
    values = {**vars(new), "role": new.role.value, "created_at": at, "password_changed_at": at}
    return int(connection.execute(insert(account).values(**values).returning(account.c.id)).scalar_one())


def insert_accounts(connection: Connection, new: Iterable[NewAccount], at: datetime) -> None:
    """Store many accounts at once."""
    columns = ("sign_in_name", "display_name", "role", "password_hash", "associate_id", "must_change_password")
    rows = ((one.sign_in_name, one.display_name, one.role.value, *(getattr(one, name) for name in columns[3:])) for one in new)
    copy_rows(connection, "account", (*columns, "created_at", "password_changed_at"), ((*row, at, at) for row in rows))


def set_password(connection: Connection, account_id: int, password_hash: str, *, at: datetime, must_change: bool) -> None:
    """Replace the password of an account."""
    values = {"password_hash": password_hash, "password_changed_at": at, "must_change_password": must_change}
    connection.execute(update(account).where(account.c.id == account_id).values(**values))


def replace_hash(connection: Connection, account_id: int, old: str, new: str) -> None:
    """Store the same password hashed anew, unless it was changed in the meantime."""
    same = (account.c.id == account_id, account.c.password_hash == old)
    connection.execute(update(account).where(*same).values(password_hash=new))


def set_teams(connection: Connection, account_id: int, team_ids: Collection[int]) -> None:
    """Replace the teams that an account leads."""
    connection.execute(delete(account_team).where(account_team.c.account_id == account_id))
    if team_ids:
        connection.execute(insert(account_team), [{"account_id": account_id, "team_id": number} for number in sorted(team_ids)])


def set_active(connection: Connection, account_id: int, *, is_active: bool) -> None:
    """Let an account sign in, or no longer."""
    connection.execute(update(account).where(account.c.id == account_id).values(is_active=is_active))


def other_administrators(connection: Connection, account_id: int) -> int:
    """Return the number of other active administrators."""
    others = (account.c.role == Role.ADMINISTRATOR.value, account.c.is_active, account.c.id != account_id)
    return int(connection.execute(select(func.count()).where(*others)).scalar_one())


def view(connection: Connection, account_id: int) -> AccountView:
    """Return an account; NotFoundError when there is none with this id."""
    found = _views(connection, account.c.id == account_id, limit=1)
    if not found:
        raise NotFoundError(f"There is no account {account_id}.")
    return found[0]


def view_by_name(connection: Connection, name: str) -> AccountView:
    """Return the account of a sign-in name; NotFoundError when nobody has it."""
    found = _views(connection, func.lower(account.c.sign_in_name) == func.lower(name), limit=1)
    if not found:
        raise NotFoundError(f"Nobody has the sign-in name {name!r}.")
    return found[0]


def views(connection: Connection, query: str, roles: Collection[Role], *, limit: int, offset: int) -> tuple[AccountView, ...]:
    """Return accounts in the order of role and name; with a query those whose names or code contain it."""
    return _views(connection, _matches(query, roles), limit=limit, offset=offset)


def count(connection: Connection, query: str, roles: Collection[Role]) -> int:
    """Return how many accounts match."""
    joined = account.outerjoin(associate, associate.c.id == account.c.associate_id)
    return int(connection.execute(select(func.count()).select_from(joined).where(_matches(query, roles))).scalar_one())


def _matches(query: str, roles: Collection[Role]) -> ColumnElement[bool]:
    in_roles = account.c.role.in_([role.value for role in roles])
    found = [
        func.strpos(func.lower(column), query.lower()) > 0
        for column in (account.c.sign_in_name, account.c.display_name, func.coalesce(associate.c.code, ""))
    ]
    return in_roles & (found[0] | found[1] | found[2]) if query else in_roles


def _views(connection: Connection, condition: ColumnElement[bool], *, limit: int, offset: int = 0) -> tuple[AccountView, ...]:
    led = (
        select(
            account_team.c.account_id,
            func.array_agg(TEAM_WORDS).label("names"),
            func.array_agg(team.c.id).label("ids"),
        )
        .join_from(account_team, team)
        .join(site)
        .group_by(account_team.c.account_id)
        .subquery()
    )
    query = (
        select(account, associate.c.code, led.c.names, led.c.ids)
        .select_from(account)
        .outerjoin(associate, associate.c.id == account.c.associate_id)
        .outerjoin(led, led.c.account_id == account.c.id)
        .where(condition)
        .order_by(account.c.role, func.lower(account.c.sign_in_name))
        .limit(limit)
        .offset(offset)
    )
    return tuple(_view_of(row) for row in connection.execute(query))


def _view_of(row: Row[tuple[object, ...]]) -> AccountView:
    known = row._mapping
    return AccountView(
        id=known["id"],
        sign_in_name=known["sign_in_name"],
        display_name=known["display_name"],
        role=Role(known["role"]),
        associate=known["code"] or "",
        teams=tuple(sorted(known["names"] or ())),
        team_ids=frozenset(known["ids"] or ()),
        must_change_password=known["must_change_password"],
        is_active=known["is_active"],
        created_at=known["created_at"],
        password_changed_at=known["password_changed_at"],
    )


def supervisors_of(connection: Connection, team_ids: Collection[int], *, besides: str = "") -> tuple[int, ...]:
    """Return the accounts of those who lead one of some teams, without the one of a sign-in name."""
    leads = select(account_team.c.account_id).where(account_team.c.team_id.in_(team_ids))
    query = select(account.c.id).where(account.c.id.in_(leads), *_told(besides)).order_by(account.c.id)
    return tuple(connection.execute(query).scalars())


def supervised(connection: Connection, associate_ids: Collection[int], *, besides: str = "") -> dict[int, list[int]]:
    """Return which of some associates each supervisor leads, by account, without the one of a sign-in name."""
    mine = text("associate.id = ANY(CAST(:people AS bigint[]))")
    query = (
        select(account.c.id, func.array_agg(associate.c.id))
        .join_from(account, account_team)
        .join(associate, associate.c.team_id == account_team.c.team_id)
        .where(mine, *_told(besides))
        .group_by(account.c.id)
    )
    return dict(connection.execute(query, {"people": array_literal(associate_ids)}).all())


def _told(besides: str) -> tuple[ColumnElement[bool], ...]:
    return (
        account.c.is_active,
        account.c.role == Role.SUPERVISOR.value,
        func.lower(account.c.sign_in_name) != besides.lower(),
    )


def list_teams(connection: Connection) -> tuple[TeamFacts, ...]:
    """Return the teams of all sites in the order of their names."""
    query = select(team.c.id, site.c.code, team.c.name).join_from(team, site).order_by(site.c.code, team.c.name)
    return tuple(TeamFacts(*row) for row in connection.execute(query))


def people_without_account(connection: Connection, *, at: str | None = None, code: str | None = None) -> tuple[Person, ...]:
    """Return the active associates who have no account, of one site or one code only where that is given."""
    query = (
        select(associate.c.id, site.c.code.label("site"), associate.c.code, associate.c.name)
        .join_from(associate, site)
        .outerjoin(account, account.c.associate_id == associate.c.id)
        .where(account.c.id.is_(None), associate.c.is_active)
        .order_by(site.c.code, associate.c.position)
    )
    if at is not None:
        query = query.where(site.c.code == at)
    if code is not None:
        query = query.where(associate.c.code == code)
    return tuple(Person(*row) for row in connection.execute(query))
