"""The page on which the first administrator is made; it is closed as soon as there is an account."""

from __future__ import annotations

from hmac import compare_digest

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduling.errors import NotFoundError
from services import accounts, sessions, setup_codes
from services.accounts import Asked, Role
from web.account_forms import SetupForm
from web.context import clock, engine, instance_folder, passwords
from web.sign_in import open_cookie

blueprint = Blueprint("setup", __name__)
WRONG_CODE = "This is not the code in the terminal; it looks like abcd-efgh-2345."


def refuse_when_done() -> None:
    """Raise NotFoundError when there is an account, so that nobody else becomes an administrator."""
    if accounts.any_account(engine()):
        raise NotFoundError("This installation is set up already: sign in, or ask its administrator for an account.")


def is_setup_code(given: str) -> bool:
    """Return whether somebody typed the code that was printed on the machine itself; without one, nothing is right."""
    expected = setup_codes.known(instance_folder())
    return expected is not None and compare_digest(given.strip().lower().encode("utf-8", "replace"), expected.encode())


@blueprint.get("/setup")
def show(form: SetupForm | None = None) -> str:
    """Show the form that asks for the first administrator."""
    refuse_when_done()
    has_code = setup_codes.known(instance_folder()) is not None
    return render_template("sign_in/setup.html", form=form or SetupForm(), has_code=has_code)


@blueprint.post("/setup")
def create() -> Response | tuple[str, int]:
    """Make the first administrator, and sign them in."""
    refuse_when_done()
    form = SetupForm()
    if not make_administrator(form):
        return show(form), 422
    return redirect(url_for("rosters.index"), 303)


def make_administrator(form: SetupForm) -> bool:
    """Make and sign in the administrator that a form asks for; return whether nothing was wrong, else say it in the form."""
    asked, password = Asked(form.name.data or "", form.display_name.data or "", Role.ADMINISTRATOR), form.password.data or ""
    is_sound = form.is_sound(lambda: accounts.refuse(asked, password))
    if not is_setup_code(form.code.data or ""):
        form.code.errors = form.code.errors or [WRONG_CODE]
        return False
    if not is_sound:
        return False
    made = accounts.create_first_account(engine(), asked, password, clock=clock(), passwords=passwords())
    setup_codes.forget(instance_folder())
    open_cookie(sessions.open_session(engine(), made.id, clock=clock()))
    return True
