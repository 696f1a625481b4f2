"""Accounts: making them, giving new passwords, saying which teams they lead, letting them sign in or no longer."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.times import Clock
from services.passwords import AT_ONCE, Passwords, generated_password, password_faults
from services.preferences import is_mail_address, preference_faults, reader_of
from services.sessions import given_name, open_session
from storage import accounts, sessions
from storage.account_tables import Role
from storage.accounts import AccountView, NewAccount, Person, TeamFacts
from storage.addressees import Addressee
from storage.errors import domain_errors
from storage.preferences import Preference, put_preference
from storage.rosters import record

__all__ = [
    "AccountView",
    "Asked",
    "Person",
    "Role",
    "TeamFacts",
    "account_view",
    "any_account",
    "change_password",
    "create_account",
    "create_all",
    "create_first_account",
    "give_accounts",
    "list_accounts",
    "list_teams",
    "mail_address_of",
    "people_without_account",
    "refuse",
    "refuse_password",
    "reset_password",
    "set_active",
    "set_mail_address",
    "set_teams",
]

NAME = re.compile(r"[\w.@+-]{1,100}")
MOST_WORDS = 200


@dataclass(frozen=True)
class Asked:
    """What somebody asks an account to be.

    Parameters
    ----------
    associate
        For the account of an associate: the code, with ``SITE/`` in front where two sites have the same one.
    team_ids
        For a supervisor: the teams that they lead.
    mail_address
        For a supervisor: where mail of notices goes; empty without one.
    """

    sign_in_name: str
    display_name: str
    role: Role
    associate: str = ""
    team_ids: frozenset[int] = frozenset()
    mail_address: str = ""


def any_account(engine: Engine) -> bool:
    """Return whether there is an account at all."""
    with domain_errors(), engine.connect() as connection:
        return accounts.any_account(connection)


def create_account(
    engine: Engine, asked: Asked, password: str, *, must_change: bool, by: str, clock: Clock, passwords: Passwords
) -> AccountView:  # fmt: skip
    """Make an account.

    Parameters
    ----------
    must_change
        Whether the password must be changed at the first sign-in, because somebody else knows it.

    Raises
    ------
    BadInputError
        With everything that is wrong with what is asked for.
    ConflictError
        When somebody has the name already, or the associate an account.
    """
    refuse(asked, password)
    kept = passwords.hash(password)
    with domain_errors(), engine.begin() as connection:
        return _make(connection, asked, kept, must_change=must_change, by=by, clock=clock)


def create_first_account(engine: Engine, asked: Asked, password: str, *, clock: Clock, passwords: Passwords) -> AccountView:
    """Make the administrator of an installation that has no account, by themselves; ConflictError when it has one."""
    refuse(asked, password)
    kept = passwords.hash(password)
    with domain_errors(), engine.begin() as connection:
        accounts.lock_accounts(connection)
        if accounts.any_account(connection):
            raise ConflictError("This installation has an administrator already; ask there for an account.")
        return _make(connection, asked, kept, must_change=False, by=given_name(asked.sign_in_name), clock=clock)


def refuse(asked: Asked, password: str) -> None:
    """Raise BadInputError with everything that is wrong with what is asked for, before anything is looked up."""
    faults = []
    name = given_name(asked.sign_in_name)
    if not NAME.fullmatch(name):
        reason = "Choose 1 to 100 letters, figures and . _ - + @, without spaces."
        faults.append(Fault("account", None, "sign-in name", asked.sign_in_name[:40], reason))
    words = asked.display_name.strip()
    if not words or len(words) > MOST_WORDS or not words.isprintable():
        reason = f"Write the name that others see, at most {MOST_WORDS} characters on one line."
        faults.append(Fault("account", None, "display name", asked.display_name[:40], reason))
    if (asked.role is Role.ASSOCIATE) != bool(asked.associate.strip()):
        reason = "Give the code of the associate, for an account in the role associate and for no other."
        faults.append(Fault("account", None, "associate", asked.associate[:40], reason))
    if asked.team_ids and asked.role is not Role.SUPERVISOR:
        faults.append(Fault("account", None, "teams", "", "Only a supervisor leads teams."))
    if asked.mail_address and asked.role is not Role.SUPERVISOR:
        reason = "Only supervisors are told something by their account; an associate sets the address in the own settings."
        faults.append(Fault("account", None, "mail address", asked.mail_address[:40], reason))
    elif asked.mail_address and not is_mail_address(asked.mail_address):
        reason = "Write one address, such as name@example.org, or nothing."
        faults.append(Fault("account", None, "mail address", asked.mail_address[:40], reason))
    # A password is never shown, not even a wrong one.
    faults += [Fault("account", None, "password", "", reason) for reason in password_faults(password, name)]
    if faults:
        raise BadInputError(faults)


def refuse_password(password: str, name: str) -> None:
    """Raise BadInputError with everything that is wrong with a new password of a sign-in name."""
    faults = [Fault("account", None, "password", "", reason) for reason in password_faults(password, name)]
    if faults:
        raise BadInputError(faults)


def _make(
    connection: Connection, asked: Asked, password_hash: str, *, must_change: bool, by: str, clock: Clock
) -> AccountView:  # fmt: skip
    now = clock.now()
    person = _person(connection, asked.associate) if asked.role is Role.ASSOCIATE else None
    name = given_name(asked.sign_in_name)
    new = NewAccount(name, asked.display_name.strip(), asked.role, password_hash, person.id if person else None, must_change)
    number = accounts.insert_account(connection, new, now)
    accounts.set_teams(connection, number, _known_teams(connection, asked.team_ids))
    if asked.mail_address:
        put_preference(connection, Addressee(account_id=number), Preference(mail_address=asked.mail_address))
    detail = {"name": name, "role": asked.role.value, "teams": sorted(asked.team_ids)}
    record(connection, now, by, "account created", ("account", number), None, **detail)
    return accounts.view(connection, number)


def _person(connection: Connection, code: str) -> Person:
    at, _, bare = code.strip().rpartition("/")
    found = accounts.people_without_account(connection, at=at or None, code=bare)
    if not found:
        raise NotFoundError(f"There is no associate {code.strip()!r} in the operation who has no account yet.")
    if len(found) > 1:
        raise ConflictError(
            f"Several sites have an associate {bare!r}; write {' or '.join(f'{one.site}/{bare}' for one in found)}."
        )
    return found[0]


def _known_teams(connection: Connection, team_ids: Collection[int]) -> frozenset[int]:
    unknown = set(team_ids) - {team.id for team in accounts.list_teams(connection)}
    if unknown:
        raise NotFoundError("One of the teams is no longer in the operation; look again and repeat.")
    return frozenset(team_ids)


def create_all(
    engine: Engine,
    asked: Mapping[Asked, str],
    people: Sequence[Person],
    shared_password: str,
    *,
    by: str,
    clock: Clock,
    passwords: Passwords,
) -> None:
    """Make the accounts of an installation that has none, all or nothing; ConflictError when it has one.

    Parameters
    ----------
    asked
        The password of each account that is not an associate's.
    people
        Associates who get an account named by their code, all with `shared_password`: of these 240 of a sample one hash is made.
    """
    for one, password in asked.items():
        refuse(one, password)
    hashes = {one: passwords.hash(password) for one, password in asked.items()}
    shared, now = passwords.hash(shared_password), clock.now()
    with domain_errors(), engine.begin() as connection:
        accounts.lock_accounts(connection)
        if accounts.any_account(connection):
            raise ConflictError("This installation has accounts already.")
        for one, kept in hashes.items():
            _make(connection, one, kept, must_change=False, by=by, clock=clock)
        _make_people(connection, dict.fromkeys(people, shared), must_change=False, by=by, at=now)


def give_accounts(
    engine: Engine, given: Mapping[Person, str], *, by: str, clock: Clock, passwords: Passwords
) -> None:  # fmt: skip
    """Make an account for each of many associates, named by their code, all or nothing.

    Parameters
    ----------
    given
        The password of each, which must be changed at the first sign-in.

    Raises
    ------
    ConflictError
        When a code is somebody's sign-in name, or one of them has an account by now.
    """
    for person, password in given.items():
        refuse(Asked(person.code, person.name or person.code, Role.ASSOCIATE, person.code), password)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        hashes = dict(zip(given, pool.map(passwords.hash, given.values()), strict=True))
    with domain_errors(), engine.begin() as connection:
        _make_people(connection, hashes, must_change=True, by=by, at=clock.now())


def _make_people(
    connection: Connection, hashes: Mapping[Person, str], *, must_change: bool, by: str, at: datetime
) -> None:  # fmt: skip
    new = [
        NewAccount(given_name(person.code), person.name or person.code, Role.ASSOCIATE, kept, person.id, must_change)
        for person, kept in hashes.items()
    ]
    accounts.insert_accounts(connection, new, at)
    record(connection, at, by, "accounts created", ("account", 0), None, count=len(new), role=Role.ASSOCIATE.value)


def change_password(engine: Engine, account_id: int, password: str, *, clock: Clock, passwords: Passwords) -> str:
    """Give oneself another password, which ends all sessions; return the token of a new one.

    The caller has checked the present password; BadInputError when the new one will not do.
    """
    with domain_errors(), engine.connect() as connection:
        name = accounts.view(connection, account_id).sign_in_name
    refuse_password(password, name)
    kept, now = passwords.hash(password), clock.now()
    with domain_errors(), engine.begin() as connection:
        accounts.set_password(connection, account_id, kept, at=now, must_change=False)
        sessions.delete_sessions_of(connection, account_id)
        record(connection, now, name, "password changed", ("account", account_id), None)
    return open_session(engine, account_id, clock=clock)


def reset_password(
    engine: Engine, account_id: int, *, by: str, clock: Clock, passwords: Passwords, password: str | None = None
) -> str:  # fmt: skip
    """Give somebody a new password, to be changed at the next sign-in; end their sessions and return it.

    Parameters
    ----------
    password
        The new one; generated when left out.

    Raises
    ------
    NotFoundError
        When there is no such account.
    BadInputError
        When a password that is given will not do.
    """
    with domain_errors(), engine.connect() as connection:
        name = accounts.view(connection, account_id).sign_in_name
    given = generated_password() if password is None else password
    refuse_password(given, name)
    kept, now = passwords.hash(given), clock.now()
    with domain_errors(), engine.begin() as connection:
        accounts.set_password(connection, account_id, kept, at=now, must_change=True)
        ended = sessions.delete_sessions_of(connection, account_id)
        record(connection, now, by, "password reset", ("account", account_id), None, sessions_ended=ended)
    return given


def set_teams(engine: Engine, account_id: int, team_ids: Collection[int], *, by: str, clock: Clock) -> AccountView:
    """Say which teams a supervisor leads; ConflictError for anybody else."""
    with domain_errors(), engine.begin() as connection:
        before = accounts.view(connection, account_id)
        if before.role is not Role.SUPERVISOR:
            raise ConflictError(f"{before.sign_in_name} is {before.role.value}; only a supervisor leads teams.")
        accounts.set_teams(connection, account_id, _known_teams(connection, team_ids))
        detail = {"before": sorted(before.team_ids), "after": sorted(team_ids)}
        record(connection, clock.now(), by, "teams set", ("account", account_id), None, **detail)
        return accounts.view(connection, account_id)


def mail_address_of(engine: Engine, account_id: int) -> str:
    """Return where mail to an account goes; empty without an address."""
    return reader_of(engine, Addressee(account_id=account_id)).preference.mail_address or ""


def set_mail_address(engine: Engine, account_id: int, address: str, *, by: str, clock: Clock) -> AccountView:
    """Say where mail to a supervisor goes, nowhere with an empty address; everything else that was chosen stays.

    Raises
    ------
    BadInputError
        When it is not one address.
    ConflictError
        For the account of anybody else: an associate sets the address in the own settings, and others get no mail.
    """
    before, who = account_view(engine, account_id), Addressee(account_id=account_id)
    if before.role is not Role.SUPERVISOR:
        raise ConflictError(
            f"{before.sign_in_name} is {before.role.value}; only supervisors are told something by their account."
        )
    chosen = replace(reader_of(engine, who).preference, mail_address=address.strip() or None)
    if faults := preference_faults(chosen):
        raise BadInputError(faults)
    with domain_errors(), engine.begin() as connection:
        put_preference(connection, who, chosen)
        record(connection, clock.now(), by, "mail address set", ("account", account_id), None, has_address=bool(address.strip()))
    return before


def set_active(engine: Engine, account_id: int, *, is_active: bool, by: str, clock: Clock) -> AccountView:
    """Let somebody sign in, or no longer, which ends their sessions; ConflictError for the last administrator."""
    with domain_errors(), engine.begin() as connection:
        accounts.lock_accounts(connection)
        before = accounts.view(connection, account_id)
        if not is_active and before.role is Role.ADMINISTRATOR and not accounts.other_administrators(connection, account_id):
            raise ConflictError("This is the only administrator; make another one first, or nobody could make accounts.")
        accounts.set_active(connection, account_id, is_active=is_active)
        if not is_active:
            sessions.delete_sessions_of(connection, account_id)
        action = "account activated" if is_active else "account deactivated"
        record(connection, clock.now(), by, action, ("account", account_id), None)
        return replace(before, is_active=is_active)


def account_view(engine: Engine, account: int | str) -> AccountView:
    """Return the account of an id or a sign-in name; NotFoundError when there is none."""
    with domain_errors(), engine.connect() as connection:
        if isinstance(account, int):
            return accounts.view(connection, account)
        return accounts.view_by_name(connection, given_name(account))


def list_accounts(
    engine: Engine, query: str = "", roles: Collection[Role] = tuple(Role), *, limit: int = 100, offset: int = 0
) -> tuple[tuple[AccountView, ...], int]:
    """Return some of the accounts that match, in the order of role and name, and how many match."""
    with domain_errors(), engine.connect() as connection:
        found = accounts.views(connection, query, roles, limit=limit, offset=offset)
        return found, accounts.count(connection, query, roles)


def list_teams(engine: Engine) -> tuple[TeamFacts, ...]:
    """Return the teams of all sites in the order of their names."""
    with domain_errors(), engine.connect() as connection:
        return accounts.list_teams(connection)


def people_without_account(engine: Engine, site: str | None = None) -> tuple[Person, ...]:
    """Return the associates of a site (of all sites without one) who have no account."""
    with domain_errors(), engine.connect() as connection:
        return accounts.people_without_account(connection, at=site)
