"""Every address with every method, as every role, as a stranger and as another program: who gets in is said here once more."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from services import service_tokens
from services.accounts import Role
from services.service_tokens import Scope
from tests import stored
from tests.conftest import SteppedClock
from tests.web.served import make_account, make_session, sign_in
from web.access import NEEDED, STRANGER, User, may_see_team
from web.permissions import GRANTED, Permission

STRANGER_NAME, PROGRAM = "stranger", "program"
A, P, S, W = (role.value for role in Role)
"""Administrator, planner, supervisor, associate."""
PEOPLE = frozenset({A, P, S, W})
EVERYBODY = PEOPLE | {STRANGER_NAME, PROGRAM}

MATRIX = {
    Permission.OPEN: EVERYBODY,
    Permission.SIGNED_IN: PEOPLE,
    Permission.READ_ROSTERS: {A, P, S},
    Permission.GENERATE_ROSTERS: {A, P},
    Permission.EDIT_ROSTERS: {A, P},
    Permission.PUBLISH_ROSTERS: {A, P},
    Permission.WORK: {W},
    Permission.BE_TOLD: {S, W},
    Permission.READ_OWN: {W},
    Permission.READ_FLOOR: {A, P, S},
    Permission.STEER_FLOOR: {A, S},
    Permission.COACH: {A, S},
    Permission.READ_HOURS: {A, P},
    Permission.SET_GOALS: {A, P},
    Permission.SEND_JOBS: {A, P, S, PROGRAM},
    Permission.EDIT_OPERATION: {A, P},
    Permission.ASK: {W},
    Permission.READ_LEAVE: {A, P, S},
    Permission.DECIDE_REQUESTS: {A, P, S},
    Permission.SET_LEAVE: {A, P},
    Permission.MANAGE_ACCOUNTS: {A},
}

ADDRESSES: list[tuple[str, str, frozenset[str] | set[str]]] = [
    (r"/static/.*|/bootstrap/static/.*", "GET", EVERYBODY),
    (r"/calendar/.*|/manifest.webmanifest|/service-worker.js", "GET", EVERYBODY),
    (r"/sign-in|/setup", "GET|POST", EVERYBODY),
    (r"/me/(notices(/read)?|settings)", "GET|POST", {S, W}),
    (r"/sign-out", "POST", PEOPLE),
    (r"/account", "GET|POST", PEOPLE),
    (r"/accounts(/.*)?", "GET|POST", {A}),
    (r"/tokens(/.*)?", "GET|POST", {A}),
    (r"/", "GET", {A, P, S}),
    (r"/notices/settings", "GET|POST", {A, P}),
    (r"/rosters/[^/]+/publish", "GET|POST", {A, P}),
    (r"/rosters/[^/]+/repair|/repairs/.*|/scenarios(/.*)?", "GET|POST", {A, P}),
    (r"/rosters/[^/]+/(copy|board/(edits|undo|fix.json))", "GET|POST", {A, P}),
    (r"/rosters/[^/]+/board/follow", "POST", {A, P, S}),
    (r"/rosters/[^/]+/(breaks|import)/.*|/rosters/[^/]+/import", "GET|POST", {A, P}),
    (r"/rosters/.*", "GET", {A, P, S}),
    (r"/generate", "GET|POST", {A, P}),
    (r"/rotations(/.*)?", "GET|POST", {A, P}),
    (r"/runs/.*", "GET|POST", {A, P}),
    (r"/work(/.*)?|/me(/.*)?", "GET|POST", {W}),
    (r"/requests(/.*)?|/offers(/.*)?", "GET|POST", {A, P, S}),
    (r"/leave|/tomorrow", "GET", {A, P, S}),
    (r"/leave/setup(/.*)?|/wishes(/.*)?", "GET|POST", {A, P}),
    (r"/media/sample/.*", "GET", PEOPLE),
    (r"/quality/goals(/.*)?", "GET|POST", {A, P}),
    (r"/quality(/.*)?", "GET|POST", {A, S}),
    (r"/floor(/live|/history|/teams/[^/]+)?", "GET", {A, P, S}),
    (r"/floor/.*", "GET|POST", {A, S}),
    (r"/hours(/.*)?", "GET|POST", {A, P}),
    (r"/(people|operation|site|import|demand)(/.*)?", "GET|POST", {A, P}),
    (r"/api/v1/openapi.json", "GET", EVERYBODY),
    (r"/api/v1/session", "POST", EVERYBODY),
    (r"/api/v1/session", "DELETE", PEOPLE),
    (r"/api/v1/me/.*|/api/v1/presence|/api/v1/breaks/ask|/api/v1/work/.*", "GET|POST|PUT|DELETE", {W}),
    (r"/api/v1/requests(/.*)?", "GET|POST", {A, P, S}),
    (r"/api/v1/jobs(/.*)?", "GET|POST|DELETE", {A, P, S, PROGRAM}),
]
"""Who gets in, by address and method, the first that fits: said apart from the table of the application, and compared with it."""

VALUES = {"id": "987654", "path": "nothing", "default": "nothing", "int": "1", "string": "nothing", "any": "rules"}


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield method, address and endpoint of everything that an application answers to."""
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: VALUES[found[1] or "default"], rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, address, rule.endpoint


def expected(method: str, address: str) -> frozenset[str] | set[str]:
    """Return who gets in."""
    for pattern, methods, who in ADDRESSES:
        if re.fullmatch(pattern, address) and re.fullmatch(methods, method):
            return who
    raise AssertionError(f"Say in ADDRESSES who may use {method} {address}.")


def got_in(answer: TestResponse, address: str) -> bool:
    """Return whether an answer is the view's own: refused strangers are led away or get 401, others 403 or their own page."""
    if answer.status_code in {401, 403}:
        return False
    led_away = answer.status_code in {302, 303} and (answer.location or "").startswith(("/sign-in", "/setup"))
    return not led_away and not (address == "/" and answer.status_code == 302)


@pytest.fixture
def walker(app: Flask, operation: None) -> FlaskClient:
    make_account(app, Role.ADMINISTRATOR)
    return app.test_client()


def test_the_roles_may_do_what_the_matrix_says_and_nothing_else() -> None:
    assert set(MATRIX) == set(Permission)
    for permission, who in MATRIX.items():
        assert {role.value for role in Role if permission in GRANTED[role]} == set(who) & PEOPLE, permission


def test_no_endpoint_is_without_an_entry_and_no_entry_without_an_endpoint(app: Flask) -> None:
    assert set(NEEDED) == set(app.view_functions)


def test_the_table_of_the_application_and_that_of_addresses_agree(app: Flask) -> None:
    for method, address, endpoint in routes(app):
        assert set(MATRIX[NEEDED[endpoint]]) == set(expected(method, address)), f"{method} {address}"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_in_where_it_may(app: Flask, walker: FlaskClient, role: Role) -> None:
    who = {"associate": "A0001"} if role is Role.ASSOCIATE else {}
    for method, address, endpoint in routes(app):
        sign_in(walker, role, **who)
        answer = walker.open(address, method=method)
        assert got_in(answer, address) == (role.value in expected(method, address)), f"{method} {address}"
        if got_in(answer, address) and method != "GET" and endpoint != "api_session.create":
            # The cookie alone changes nothing: each of these wants the token of a form.
            assert answer.status_code == 400, f"{method} {address}"
            assert "Nothing was changed" in answer.text


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_in_by_bearer_where_it_may_and_only_in_the_interface(app: Flask, walker: FlaskClient, role: Role) -> None:
    account = make_account(app, role, associate="A0001" if role is Role.ASSOCIATE else "")
    for method, address, _ in routes(app):
        header = {"Authorization": f"Bearer {make_session(app, account)}"}
        answer = app.test_client().open(address, method=method, headers=header, json={})
        who = expected(method, address)
        is_in = role.value in who if address.startswith("/api/v1/") else STRANGER_NAME in who
        assert got_in(answer, address) == is_in or address in {"/sign-in", "/setup"}, f"{method} {address}"


def test_a_stranger_is_led_to_sign_in_from_every_page_and_told_so_elsewhere(app: Flask, walker: FlaskClient) -> None:
    for method, address, _ in routes(app):
        answer = app.test_client().open(address, method=method)
        assert STRANGER_NAME in expected(method, address) or not got_in(answer, address), f"{method} {address}"
        if STRANGER_NAME not in expected(method, address):
            is_page = not address.startswith("/api/v1/")
            assert answer.status_code in ({302, 303} if is_page else {401}), f"{method} {address}"


def test_another_program_gets_in_by_its_scope_only(
    app: Flask, walker: FlaskClient, engine: Engine, clock: SteppedClock
) -> None:  # fmt: skip
    token = service_tokens.create_token(
        engine, stored.SITE, "etl", [Scope.WRITE_JOBS], by="root", by_account=None, days=None, clock=clock
    )
    for method, address, _ in routes(app):
        answer = walker.open(address, method=method, headers={"Authorization": f"Bearer {token}"}, json={})
        if address.startswith("/api/v1/") and address != "/api/v1/session":
            assert got_in(answer, address) == (PROGRAM in expected(method, address)), f"{method} {address}"
        else:
            assert STRANGER_NAME in expected(method, address) or not got_in(answer, address), f"{method} {address}"


def test_an_endpoint_that_nobody_listed_is_closed_even_to_the_administrator(app: Flask, walker: FlaskClient) -> None:
    app.add_url_rule("/secret", "secret", lambda: "secret")
    assert app.test_client().get("/secret").location == "/sign-in?next=/secret"
    assert sign_in(walker, Role.ADMINISTRATOR).get("/secret").status_code == 403


def test_the_bare_address_leads_everybody_to_his_first_page(app: Flask, walker: FlaskClient) -> None:
    for role in Role:
        sign_in(walker, role, **({"associate": "A0001"} if role is Role.ASSOCIATE else {}))
        answer = walker.get("/", follow_redirects=True)
        assert answer.status_code == 200, role
        assert walker.get("/accounts").status_code == (200 if role is Role.ADMINISTRATOR else 403)


def test_a_supervisor_sees_the_teams_that_he_leads_and_planners_all() -> None:
    def user(role: Role, *teams: int) -> User:
        return User(1, "x", "X", role, GRANTED[role], team_ids=frozenset(teams))

    assert [may_see_team(user(Role.SUPERVISOR, 1, 2), team) for team in (1, 2, 3)] == [True, True, False]
    assert may_see_team(user(Role.PLANNER), 3)
    assert may_see_team(user(Role.ADMINISTRATOR), 3)
    assert not may_see_team(user(Role.ASSOCIATE), 3)
    assert not may_see_team(STRANGER, 3)


def test_the_head_of_a_page_offers_only_what_one_may_use(app: Flask, walker: FlaskClient) -> None:
    planner = sign_in(walker, Role.PLANNER).get("/").text
    assert 'href="/generate"' in planner
    assert 'href="/accounts"' not in planner
    associate = sign_in(walker, Role.ASSOCIATE, associate="A0001").get("/account").text
    assert 'href="/generate"' not in associate
    assert 'action="/sign-out"' in associate
