"""The page of one's own account: who one is here, and another password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduling.words import N_
from services import accounts, sessions
from services.sessions import SignInRefusedError
from web.access import current_user
from web.account_forms import PasswordForm
from web.context import clock, engine, passwords
from web.sign_in import caller, open_cookie
from web.speech import in_words

blueprint = Blueprint("own_account", __name__)


def own_id() -> int:
    """Return the id of the account that is signed in."""
    number = current_user().account_id
    if number is None:
        raise AssertionError("The guard lets nobody here who is not signed in.")
    return number


@blueprint.get("/account")
def show(form: PasswordForm | None = None) -> str:
    """Show who one is here."""
    account = accounts.account_view(engine(), own_id())
    return render_template("sign_in/account.html", account=account, form=form or PasswordForm())


@blueprint.post("/account")
def change() -> Response | tuple[str, int]:
    """Take another password; every session of the account ends, and a new one begins."""
    form = PasswordForm()
    if not take_password(form):
        return show(form), 422
    flash(in_words(N_("Your password is changed. Wherever else you were signed in, you are signed out.")), "good")
    return redirect(url_for(current_user().home), 303)


def take_password(form: PasswordForm) -> bool:
    """Change the password as a form asks; return whether nothing was wrong, else say it in the form."""
    who, new = current_user().name, form.password.data or ""
    if not form.is_sound(lambda: accounts.refuse_password(new, who)):
        return False
    try:
        sessions.check_password(engine(), who, form.present.data, address=caller(), clock=clock(), passwords=passwords())
    except SignInRefusedError:
        form.present.errors = [N_("This is not the password that you have now.")]
        return False
    open_cookie(accounts.change_password(engine(), own_id(), new, clock=clock(), passwords=passwords()))
    return True
