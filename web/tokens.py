"""The administrator's page of service tokens, with which other programs hand in jobs."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from scheduling.errors import BadInputError, ConflictError
from services import reading, service_tokens
from services.service_tokens import Scope
from web.access import current_user
from web.account_forms import ConfirmForm, TokenForm
from web.accounts import NOT_KEPT
from web.context import clock, engine, first_site, now

blueprint = Blueprint("tokens", __name__)


@blueprint.get("/tokens")
def index(form: TokenForm | None = None) -> str:
    """Show which programs have a token."""
    site = first_site()
    zone_name = site.zone_name if site else "UTC"
    tokens = service_tokens.list_tokens(engine())
    model = {"form": form or new_form(), "confirm": ConfirmForm(), "zone_name": zone_name, "now": now()}
    return render_template("accounts/tokens.html", tokens=tokens, **model)


def new_form() -> TokenForm:
    """Return the form of a new token, with the sites that there are."""
    form = TokenForm()
    form.site.choices = [SelectChoice(site.code, f"{site.name} ({site.code})") for site in reading.list_sites(engine())]
    return form


@blueprint.post("/tokens")
def create() -> tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Make a token, and show it once."""
    form = new_form()
    token = make_token(form) if form.validate() else None
    if token is None:
        return index(form), 422
    return render_template("accounts/token.html", token=token, name=form.name.data), 201, NOT_KEPT


def make_token(form: TokenForm) -> str | None:
    """Make the token that a form asks for; nothing, with the form saying why, when it cannot be made."""
    user, scopes = current_user(), [Scope(scope) for scope in form.scopes.data]
    try:
        return service_tokens.create_token(
            engine(), form.site.data, form.name.data, scopes,
            by=user.name, by_account=user.account_id, days=form.days.data, clock=clock(),
        )  # fmt: skip
    except BadInputError as error:
        form.show_faults(error)
    except ConflictError as error:
        form.form_errors.append(str(error))
    return None


@blueprint.post("/tokens/<id:token_id>/revoke")
def revoke(token_id: int) -> Response:
    """Let a token no longer be used."""
    name = service_tokens.revoke_token(engine(), token_id, by=current_user().name, clock=clock())
    flash(f"The token of {name} is revoked: whatever still uses it is refused from now on.", "good")
    return redirect(url_for("tokens.index"), 303)
