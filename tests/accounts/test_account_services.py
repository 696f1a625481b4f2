"""Accounts and tokens: what is refused, what ends sessions, what the trail keeps."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from scheduling.errors import BadInputError, ConflictError, NotFoundError
from services import accounts, service_tokens, sessions
from services.accounts import AccountView, Asked, Role
from services.passwords import LEAST_LENGTH, MOST_LENGTH, Passwords, generated_password, password_faults
from services.service_tokens import Scope
from tests import stored
from tests.conftest import SteppedClock

PASSWORD = "correct horse battery"
Make = Callable[..., AccountView]


@pytest.fixture
def make(engine: Engine, clock: SteppedClock, passwords: Passwords) -> Make:
    def made(name: str, role: Role = Role.PLANNER, associate: str = "", teams: frozenset[int] = frozenset()) -> AccountView:
        asked = Asked(name, name.title(), role, associate, teams)
        return accounts.create_account(
            engine, asked, PASSWORD, must_change=False, by="test", clock=clock, passwords=passwords
        )  # fmt: skip

    return made


def trail(engine: Engine, subject: str = "account") -> list[tuple[str, str]]:
    with engine.connect() as connection:
        query = text("SELECT actor, action FROM audit WHERE subject = :subject ORDER BY id")
        return [tuple(row) for row in connection.execute(query, {"subject": subject})]


def test_every_fault_is_told_at_once_and_nothing_is_made(engine: Engine, clock: SteppedClock, passwords: Passwords) -> None:
    asked = Asked("two words", " ", Role.PLANNER, "A0001", frozenset({1}))
    with pytest.raises(BadInputError) as caught:
        accounts.create_account(engine, asked, "short", must_change=False, by="test", clock=clock, passwords=passwords)
    assert [fault.column for fault in caught.value.faults] == ["sign-in name", "display name", "associate", "teams", "password"]
    assert not accounts.any_account(engine)
    assert "short" not in str(caught.value)


def test_names_differ_by_more_than_capitals(make: Make) -> None:
    make("Asha")
    with pytest.raises(ConflictError, match="sign-in name already"):
        make("aSHA")


def test_an_associate_has_one_account_and_only_he(operation: None, make: Make) -> None:
    assert make("one", Role.ASSOCIATE, f"{stored.SITE}/A0001").associate == "A0001"
    with pytest.raises(NotFoundError, match="who has no account yet"):
        make("two", Role.ASSOCIATE, "A0001")
    with pytest.raises(BadInputError, match="code of the associate"):
        make("three", Role.ASSOCIATE)


def test_only_a_supervisor_leads_teams_of_the_operation(
    engine: Engine, clock: SteppedClock, operation: None, make: Make
) -> None:  # fmt: skip
    teams = accounts.list_teams(engine)
    lead, planner = make("lead", Role.SUPERVISOR, teams=frozenset({teams[0].id})), make("planner")
    assert lead.teams == (f"{stored.SITE} {teams[0].name}",)
    done = accounts.set_teams(engine, lead.id, [team.id for team in teams], by="root", clock=clock)
    assert done.team_ids == frozenset(team.id for team in teams)
    with pytest.raises(ConflictError, match="only a supervisor"):
        accounts.set_teams(engine, planner.id, [teams[0].id], by="root", clock=clock)
    with pytest.raises(NotFoundError, match="no longer in the operation"):
        accounts.set_teams(engine, lead.id, [10**9], by="root", clock=clock)
    assert trail(engine)[-1] == ("root", "teams set")


def test_the_last_administrator_stays(engine: Engine, clock: SteppedClock, make: Make) -> None:
    first = make("first", Role.ADMINISTRATOR)
    with pytest.raises(ConflictError, match="only administrator"):
        accounts.set_active(engine, first.id, is_active=False, by="first", clock=clock)
    second = make("second", Role.ADMINISTRATOR)
    accounts.set_active(engine, first.id, is_active=False, by="second", clock=clock)
    with pytest.raises(ConflictError, match="only administrator"):
        accounts.set_active(engine, second.id, is_active=False, by="second", clock=clock)
    assert accounts.set_active(engine, first.id, is_active=True, by="second", clock=clock).is_active


def test_of_two_administrators_who_close_each_other_one_stays(engine: Engine, clock: SteppedClock, make: Make) -> None:
    both = [make(name, Role.ADMINISTRATOR).id for name in ("first", "second")]

    def close(number: int) -> bool:
        try:
            accounts.set_active(engine, number, is_active=False, by="other", clock=clock)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(close, both)) == [False, True]


def test_of_two_first_administrators_one_is_made(engine: Engine, clock: SteppedClock, passwords: Passwords) -> None:
    def first(name: str) -> bool:
        try:
            accounts.create_first_account(
                engine, Asked(name, name, Role.ADMINISTRATOR), PASSWORD, clock=clock, passwords=passwords
            )
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(first, ["one", "two", "three", "four"])) == 1


def test_a_new_password_ends_every_session_and_deactivation_too(
    engine: Engine, clock: SteppedClock, passwords: Passwords, make: Make
) -> None:
    planner, other = make("planner"), make("other")
    old, others = (sessions.open_session(engine, one.id, clock=clock) for one in (planner, other))
    fresh = accounts.change_password(engine, planner.id, "another long password", clock=clock, passwords=passwords)
    assert sessions.who(engine, old, now=clock.now()) is None
    assert sessions.who(engine, fresh, now=clock.now()) is not None

    given = accounts.reset_password(engine, planner.id, by="root", clock=clock, passwords=passwords)
    assert sessions.who(engine, fresh, now=clock.now()) is None
    token = sessions.sign_in(engine, "planner", given, address="a", clock=clock, passwords=passwords)
    known = sessions.who(engine, token, now=clock.now())
    assert known is not None
    assert known.must_change_password

    accounts.set_active(engine, planner.id, is_active=False, by="root", clock=clock)
    assert sessions.who(engine, token, now=clock.now()) is None
    accounts.set_active(engine, planner.id, is_active=True, by="root", clock=clock)
    assert sessions.who(engine, token, now=clock.now()) is None
    assert sessions.who(engine, others, now=clock.now()) is not None
    assert trail(engine)[-4:] == [
        ("planner", "password changed"),
        ("root", "password reset"),
        ("root", "account deactivated"),
        ("root", "account activated"),
    ]


def test_a_password_is_hashed_anew_when_its_cost_changes(engine: Engine, clock: SteppedClock, make: Make) -> None:
    make("planner")

    def kept() -> str:
        with engine.connect() as connection:
            return str(connection.execute(text("SELECT password_hash FROM account")).scalar_one())

    assert kept().startswith("$argon2id$")
    assert ",t=1," in kept()
    sessions.sign_in(engine, "planner", PASSWORD, address="a", clock=clock, passwords=Passwords(16, 2))
    assert "m=16,t=2," in kept()
    before = kept()
    sessions.sign_in(engine, "planner", PASSWORD, address="a", clock=clock, passwords=Passwords(16, 2))
    assert kept() == before


@given(password=st.text(max_size=MOST_LENGTH + 20), name=st.text(min_size=1, max_size=40))
def test_a_password_is_good_when_it_is_long_enough_and_no_name(password: str, name: str) -> None:
    good = LEAST_LENGTH <= len(password) <= MOST_LENGTH and len(set(password)) > 1
    assert (not password_faults(password, name)) == (good and password.strip().casefold() != name.strip().casefold())


def test_the_sign_in_name_is_no_password(engine: Engine, clock: SteppedClock, passwords: Passwords) -> None:
    with pytest.raises(BadInputError, match="something else than the sign-in name"):
        accounts.create_account(
            engine,
            Asked("asha.kulkarni", "Asha", Role.PLANNER),
            "Asha.Kulkarni ",
            must_change=False,
            by="test",
            clock=clock,
            passwords=passwords,
        )


def test_the_same_letters_from_another_keyboard_are_the_same_password(passwords: Passwords) -> None:
    composed, combined = "caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait", "cafe\N{COMBINING ACUTE ACCENT} au lait"
    assert passwords.matches(passwords.hash(composed), combined)
    assert not passwords.matches(passwords.hash(composed), "cafe au lait")
    assert not passwords.matches("no hash at all", composed)
    assert not passwords.matches(passwords.hash(composed), "\ud800")


def test_generated_passwords_are_good_and_never_the_same() -> None:
    made = {generated_password() for _ in range(500)}
    assert len(made) == 500
    assert not any(password_faults(one, "x") for one in made)


def test_all_associates_get_accounts_at_once_or_none(
    engine: Engine, clock: SteppedClock, passwords: Passwords, operation: None, make: Make
) -> None:
    people = accounts.people_without_account(engine)
    words = {person: generated_password() for person in people}
    blocking = make(people[7].code.lower())
    with pytest.raises(ConflictError, match="sign-in name already"):
        accounts.give_accounts(engine, words, by="root", clock=clock, passwords=passwords)
    assert accounts.list_accounts(engine)[1] == 1
    words = {person: word for person, word in words.items() if person.code.lower() != blocking.sign_in_name}
    accounts.give_accounts(engine, words, by="root", clock=clock, passwords=passwords)
    assert len(accounts.people_without_account(engine)) == 1
    one = people[0]
    token = sessions.sign_in(engine, one.code.lower(), words[one], address="a", clock=clock, passwords=passwords)
    known = sessions.who(engine, token, now=clock.now())
    assert known is not None
    assert (known.associate_id, known.role, known.must_change_password) == (one.id, Role.ASSOCIATE, True)


def test_accounts_are_found_by_name_code_and_role(engine: Engine, operation: None, make: Make) -> None:
    make("asha"), make("A0003", Role.ASSOCIATE, "A0003"), make("lead", Role.SUPERVISOR)
    assert [one.sign_in_name for one in accounts.list_accounts(engine)[0]] == ["asha", "lead", "A0003"]
    assert [one.sign_in_name for one in accounts.list_accounts(engine, "a000")[0]] == ["A0003"]
    assert accounts.list_accounts(engine, "", [Role.SUPERVISOR])[1] == 1
    assert accounts.list_accounts(engine, "%")[1] == 0
    assert accounts.list_accounts(engine, limit=1, offset=1)[0][0].sign_in_name == "lead"
    with pytest.raises(NotFoundError, match="Nobody has"):
        accounts.account_view(engine, "nobody")


def test_a_service_token_works_until_it_is_over_or_revoked(engine: Engine, clock: SteppedClock, operation: None) -> None:
    def made(name: str, days: int | None) -> str:
        return service_tokens.create_token(
            engine, stored.SITE, name, [Scope.WRITE_JOBS], by="root", by_account=None, days=days, clock=clock
        )

    def works(token: str) -> bool:
        return sessions.which_program(engine, token, now=clock.now()) is not None

    short, long = made("short", 1), made("long", None)
    program = sessions.which_program(engine, short, now=clock.now())
    assert program is not None
    assert (program.name, program.scopes) == ("short", frozenset({Scope.WRITE_JOBS}))
    with pytest.raises(ConflictError, match="in use at the site"):
        made("long", None)
    clock.advance(24 * 3600)
    assert (works(short), works(long)) == (False, True)
    number = next(one.id for one in service_tokens.list_tokens(engine) if one.name == "long")
    service_tokens.revoke_token(engine, number, by="root", clock=clock)
    assert not works(long)
    with pytest.raises(NotFoundError, match="revoked it already"):
        service_tokens.revoke_token(engine, number, by="root", clock=clock)
    assert works(made("long", None))
    assert ("root", "token revoked") in trail(engine, "service token")


def test_no_token_and_no_password_is_in_the_database(
    engine: Engine, clock: SteppedClock, operation: None, make: Make
) -> None:  # fmt: skip
    session = sessions.open_session(engine, make("planner").id, clock=clock)
    program = service_tokens.create_token(
        engine, stored.SITE, "etl", [Scope.WRITE_JOBS], by="root", by_account=None, days=None, clock=clock
    )
    found = []
    with engine.connect() as connection:
        for table in ("account", "session", "service_token", "sign_in_attempt", "audit"):
            found += [str(row) for row in connection.execute(text(f"SELECT t::text FROM {table} t"))]  # noqa: S608 (our words)
    everything = "\n".join(found)
    assert sha256(session.encode()).hexdigest() in everything
    for secret in (PASSWORD, session, program):
        assert secret not in everything


def test_impossible_tokens_are_refused_with_every_fault(engine: Engine, clock: SteppedClock, operation: None) -> None:
    with pytest.raises(BadInputError) as caught:
        service_tokens.create_token(engine, stored.SITE, " ", [], by="root", by_account=None, days=0, clock=clock)
    assert [fault.column for fault in caught.value.faults] == ["name", "scopes", "days"]
