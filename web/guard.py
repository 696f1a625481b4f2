"""What every request passes before its view: who may not use its endpoint is stopped, and so is a forged form."""

from __future__ import annotations

from typing import Final

from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from services import accounts
from web import access
from web.access import NEEDED, current_user, is_by_bearer, may
from web.context import engine
from web.errors import error_response, wants_page
from web.permissions import Permission

csrf = CSRFProtect()

NEEDS_NO_FORM: Final = frozenset({"api_session.create"})
"""Endpoints that neither use nor set a cookie, so that nobody can forge a request in somebody's name."""
OPEN_BEFORE_CHANGE: Final = frozenset({"own_account.show", "own_account.change", "sign_in.leave", "api_session.end"})
"""What somebody may do whose password must be changed first."""
SIGN_IN_FIRST = "Nothing was done: sign in first. A session ends after 2 hours without use, and after 12 hours in any case."
CHANGE_FIRST = "Somebody else knows this password: change it first, on the page of your account."


def guard() -> Response | None:
    """Stop the request when its user may not use its endpoint; an address without an endpoint is a plain 404."""
    if request.endpoint is None:
        return None
    if NEEDED.get(request.endpoint) is not Permission.OPEN:
        user = current_user()
        if user.is_stranger:
            return ask_to_sign_in()
        if user.must_change_password and request.endpoint not in OPEN_BEFORE_CHANGE:
            return ask_to_change()
        if not may(user, request.endpoint):
            # The bare address is what people remember, and leads each to their own first page.
            return redirect(url_for(user.home)) if request.path == "/" and wants_page() else abort(403)
    if current_app.config["WTF_CSRF_ENABLED"] and request.endpoint not in NEEDS_NO_FORM and not is_by_bearer():
        csrf.protect()
    return None


def ask_to_sign_in() -> Response:
    """Lead a stranger to the page on which they can sign in, or make the first account; tell a program what is wrong."""
    if not wants_page():
        response = error_response(401, SIGN_IN_FIRST)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    session.clear()
    if not accounts.any_account(engine()):
        return redirect(url_for("setup.show"))
    if request.method not in {"GET", "HEAD"}:
        flash(SIGN_IN_FIRST, "reason")
        return redirect(url_for("sign_in.show"), 303)
    # The bare address is where a sign-in leads anyway.
    here = request.full_path.removesuffix("?")
    return redirect(url_for("sign_in.show", next=here if here != "/" else None))


def ask_to_change() -> Response:
    """Lead to the page on which the password is changed."""
    if not wants_page():
        return error_response(403, CHANGE_FIRST)
    return redirect(url_for("own_account.show"))


def register(app: Flask) -> None:
    """Put the guard before every request of an application."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # A token belongs to a session, which ends by itself; a page of the floor may be open for a whole shift.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    access.register(app)
    csrf.init_app(app)
    app.before_request(guard)
