"""Signing in and out on the pages."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from services import accounts, sessions
from services.sessions import SignInRefusedError, TooManyAttemptsError
from web.access import TOKEN_KEY, current_user
from web.account_forms import SignInForm
from web.context import clock, engine, passwords
from web.speech import in_words

blueprint = Blueprint("sign_in", __name__)


def own_address(target: str) -> str | None:
    """Return an address to which somebody is led after signing in, nothing unless it is one of this application.

    Browsers read a backslash as a slash and leave out tabs and line breaks, so an address with any of them is none of ours.
    """
    is_own = target.startswith("/") and not target.startswith("//") and target.isprintable() and "\\" not in target
    return target if is_own else None


def open_cookie(token: str) -> None:
    """Let the cookie carry the token of a new session, and nothing of what it had before."""
    session.clear()
    session[TOKEN_KEY] = token


def caller() -> str:
    """Return the network address that this request comes from."""
    return request.remote_addr or "unknown"


@blueprint.get("/sign-in")
def show(form: SignInForm | None = None, refused: str = "") -> str | Response:
    """Show the form that signs somebody in; lead on who is signed in already, and whoever must make the first account."""
    if form is None and not current_user().is_stranger:
        return redirect(url_for(current_user().home))
    if form is None and not accounts.any_account(engine()):
        return redirect(url_for("setup.show"))
    return render_template("sign_in/sign_in.html", form=form or SignInForm(), refused=refused, next=request.args.get("next", ""))


@blueprint.post("/sign-in")
def enter() -> Response | tuple[str | Response, int]:
    """Sign somebody in, in a new session."""
    form = SignInForm()
    if not form.validate():
        return show(form), 422
    try:
        open_session(form)
    except (SignInRefusedError, TooManyAttemptsError) as error:
        return show(form, in_words(error.args[0])), 429 if isinstance(error, TooManyAttemptsError) else 422
    return redirect(wanted_address() or url_for("sign_in.show"), 303)


def wanted_address() -> str | None:
    """Return where somebody wanted to go before signing in; whoever asked for nothing in particular has no such address."""
    target = request.args.get("next", "/")
    return None if target == "/" else own_address(target)


def open_session(form: SignInForm) -> None:
    """Sign in who filled in a form, and end the session that the browser had before; raises as `sessions.sign_in` does."""
    name, password = form.name.data, form.password.data
    token = sessions.sign_in(engine(), name, password, address=caller(), clock=clock(), passwords=passwords())
    sessions.sign_out(engine(), session.get(TOKEN_KEY, ""))
    open_cookie(token)


@blueprint.post("/sign-out")
def leave() -> Response:
    """End the session."""
    sessions.sign_out(engine(), session.get(TOKEN_KEY, ""))
    session.clear()
    return redirect(url_for("sign_in.show"), 303)
