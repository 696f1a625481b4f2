"""Every page goes through the one place where access is decided."""

from __future__ import annotations

import ast
import inspect

from flask import Flask
from flask.testing import FlaskClient

from web.access import NEEDED
from web.permissions import GRANTED, Permission


def test_every_endpoint_is_in_the_table_and_nothing_else_is(app: Flask) -> None:
    assert set(NEEDED) == set(app.view_functions)


def test_an_endpoint_that_nobody_listed_is_closed_even_for_the_planner(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/secret", "secret", lambda: "secret")
    answer = client.get("/secret")
    assert answer.status_code == 403
    assert b"secret</" not in answer.data


def test_a_view_is_parse_authorise_call_and_render_in_fewer_than_ten_lines(app: Flask) -> None:
    for endpoint, view in app.view_functions.items():
        if view.__module__.startswith("web."):
            tree = ast.parse(inspect.getsource(view)).body[0]
            assert isinstance(tree, ast.FunctionDef)
            first, last = tree.body[1].lineno, tree.body[-1].end_lineno or 0
            assert last - first + 1 < 10, endpoint


def test_every_permission_but_open_is_granted_to_somebody() -> None:
    granted = frozenset().union(*GRANTED.values())
    assert set(Permission) - {Permission.OPEN} <= granted
