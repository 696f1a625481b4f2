"""The administrator's pages of accounts: list, make, new password, teams, who may sign in."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from scheduling.errors import ConflictError, NotFoundError
from services import accounts
from services.accounts import AccountView, Role
from services.passwords import generated_password
from web import arguments
from web.access import current_user
from web.account_forms import AccountForm, ConfirmForm, MailForm, TeamsForm
from web.context import clock, engine, passwords

blueprint = Blueprint("accounts", __name__)
PAGE_LENGTH = 100
NOT_KEPT: Final = {"Cache-Control": "no-store"}
"""A page with a secret on it is shown once, and kept by no browser."""


@blueprint.get("/accounts")
def index(form: AccountForm | None = None) -> str:
    """Show who may sign in."""
    query, role, page = arguments.text("q"), arguments.text("role"), arguments.page_number()
    roles = [one for one in Role if role in {one.value, ""}]
    found, count = accounts.list_accounts(engine(), query, roles, limit=PAGE_LENGTH, offset=PAGE_LENGTH * (page - 1))
    asked = {"query": query, "role": role, "page": page, "pages": -(-count // PAGE_LENGTH), "count": count}
    return render_template("accounts/index.html", accounts=found, roles=Role, form=form or new_form(), **asked)


def new_form() -> AccountForm:
    """Return the form of a new account, with the teams of the operation."""
    form = AccountForm()
    form.offer(accounts.list_teams(engine()))
    return form


@blueprint.post("/accounts")
def create() -> tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Make an account, and show its password once."""
    form = new_form()
    made = make_account(form)
    if made is None:
        return index(form), 422
    account, password = made
    return render_template("accounts/password.html", account=account, password=password, is_new=True), 201, NOT_KEPT


def make_account(form: AccountForm) -> tuple[AccountView, str] | None:
    """Make the account that a form asks for with a password of ours; nothing, with the form saying why, when it cannot be."""
    password, by = generated_password(), current_user().name
    if not form.is_sound(lambda: accounts.refuse(form.asked, password)):
        return None
    try:
        made = accounts.create_account(
            engine(), form.asked, password, must_change=True, by=by, clock=clock(), passwords=passwords()
        )  # fmt: skip
    except (ConflictError, NotFoundError) as error:
        form.form_errors.append(str(error))
        return None
    return made, password


@blueprint.get("/accounts/<id:account_id>")
def show(account_id: int, form: TeamsForm | None = None, mail: MailForm | None = None) -> str:
    """Show an account, and what may be done with it."""
    account = accounts.account_view(engine(), account_id)
    form = form or TeamsForm(formdata=None, data={"team_ids": sorted(account.team_ids)})
    form.offer(accounts.list_teams(engine()))
    mail = mail or MailForm(formdata=None, data={"mail_address": accounts.mail_address_of(engine(), account_id)})
    return render_template("accounts/show.html", account=account, form=form, mail=mail, confirm=ConfirmForm(), roles=Role)


@blueprint.post("/accounts/<id:account_id>/password")
def reset(account_id: int) -> tuple[str, int, dict[str, str]]:
    """Give somebody a new password, and show it once."""
    password = accounts.reset_password(
        engine(), account_id, by=current_user().name, clock=clock(), passwords=passwords()
    )  # fmt: skip
    account = accounts.account_view(engine(), account_id)
    return render_template("accounts/password.html", account=account, password=password, is_new=False), 200, NOT_KEPT


@blueprint.post("/accounts/<id:account_id>/teams")
def teams(account_id: int) -> Response | tuple[str, int]:
    """Say which teams a supervisor leads."""
    form = TeamsForm()
    form.offer(accounts.list_teams(engine()))
    if not form.validate():
        return show(account_id, form), 422
    done = accounts.set_teams(engine(), account_id, form.team_ids.data, by=current_user().name, clock=clock())
    flash(f"{done.display_name} leads {', '.join(done.teams) or 'no team'}.", "good")
    return redirect(url_for("accounts.show", account_id=account_id), 303)


@blueprint.post("/accounts/<id:account_id>/mail-address")
def mail_address(account_id: int) -> Response | tuple[str, int]:
    """Say where mail to a supervisor goes."""
    form, by = MailForm(), current_user().name
    asked = (form.mail_address.data or "").strip()
    if not form.is_sound(lambda: accounts.set_mail_address(engine(), account_id, asked, by=by, clock=clock())):
        return show(account_id, mail=form), 422
    flash(f"Mail goes to {asked}." if asked else "No mail is sent; notices stand on the pages.", "good")
    return redirect(url_for("accounts.show", account_id=account_id), 303)


@blueprint.post("/accounts/<id:account_id>/activity")
def activity(account_id: int) -> Response:
    """Let somebody sign in, or no longer."""
    wanted = request.form.get("is_active")
    if wanted not in {"yes", "no"}:
        raise BadRequest("Say whether the account may sign in: is_active is yes or no.")
    done = accounts.set_active(engine(), account_id, is_active=wanted == "yes", by=current_user().name, clock=clock())
    flash(f"{done.display_name} {'may sign in' if done.is_active else 'may no longer sign in, and is signed out'}.", "good")
    return redirect(url_for("accounts.show", account_id=account_id), 303)
