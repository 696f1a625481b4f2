"""Pages on which planners set kinds of leave, limits of a day, entitlements and what may be swapped."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, ConflictError, Fault
from services import leave_settings
from services.leave_settings import BalanceLine, SiteRequestRule
from web import typed
from web.access import current_user
from web.context import clock, engine, now, the_site

blueprint = Blueprint("leave_setup", __name__)

COLUMNS: Final = ("associate", "kind", "year", "days", "note")
MOST_CHARACTERS: Final = 1_000_000


@blueprint.get("/leave/setup")
def show(fault: str = "", faults: tuple[Fault, ...] = (), pasted: str = "") -> str:
    """Show what is set."""
    site = the_site()
    setting = leave_settings.read_settings(engine(), site.id)
    return render_template(
        "requests/setup.html", site=site, setting=setting, fault=fault, faults=faults, pasted=pasted, year=now().year,
        columns=COLUMNS,
    )  # fmt: skip


def saved(work: Callable[[], str]) -> Response | tuple[str, int]:
    """Do something and show the page with what came of it."""
    try:
        flash(work(), "good")
    except (BadInputError, ConflictError) as error:
        return show(typed.said(error)), 422
    return redirect(url_for("leave_setup.show"))


@blueprint.post("/leave/setup/kinds")
def kind() -> Response | tuple[str, int]:
    """Write a kind of leave."""
    return saved(save_kind)


def save_kind() -> str:
    """Write the kind of leave of the form; return what to say."""
    given = request.form
    values: dict[str, Any] = {
        "code": typed.note(given, "code"),
        "name": typed.note(given, "name"),
        **typed.together(
            days_per_year=lambda: typed.whole(given, "days_per_year", "the days a year"),
            notice_days=lambda: typed.whole(given, "notice_days", "the days of notice"),
        ),
        **{name: given.get(name) == "yes" for name in ("has_balance", "is_limited", "is_automatic", "is_current")},
    }
    number = typed.optional_id(given, "id", "a kind of leave")
    leave_settings.save_kind(engine(), the_site().id, number, values, by=current_user().name, clock=clock())
    return f"{values['name']} is saved."


@blueprint.post("/leave/setup/limits")
def limit() -> Response | tuple[str, int]:
    """Write a limit."""
    return saved(save_limit)


def save_limit() -> str:
    """Write the limit of the form; return what to say."""
    given = request.form
    team = typed.optional_id(given, "team", "a team")
    has_days = bool(given.get("first_day") or given.get("last_day"))
    read = typed.together(
        first=lambda: typed.day(given, "first_day", "the first day") if has_days else None,
        last=lambda: typed.day(given, "last_day", "the last day") if has_days else None,
        count=lambda: typed.whole(given, "count", "how many people") if given.get("count", "").strip() else None,
        share=lambda: typed.decimal(given, "share", "the share in per cent") / 100 if given.get("share", "").strip() else None,
    )
    days = (read["first"], read["last"]) if has_days else None
    settings = {"by": current_user().name, "clock": clock()}
    leave_settings.add_limit(engine(), the_site().id, team, days, read["count"], read["share"], **settings)  # type: ignore[arg-type]
    return "The limit holds from now on; who waits moves up where there is room."


@blueprint.post("/leave/setup/limits/<id:limit_id>/remove")
def remove_limit(limit_id: int) -> Response | tuple[str, int]:
    """Remove a limit."""
    return saved(lambda: removed(limit_id))


def removed(limit_id: int) -> str:
    """Remove a limit; return what to say."""
    leave_settings.remove_limit(engine(), the_site().id, limit_id, by=current_user().name, clock=clock())
    return "The limit is removed."


@blueprint.post("/leave/setup/grants")
def grant() -> Response | tuple[str, int]:
    """Give everybody the entitlement of a year."""
    return saved(granted)


def granted() -> str:
    """Give the entitlement of the form; return what to say."""
    kind_id, year = typed.whole(request.form, "kind", "a kind of leave"), typed.whole(request.form, "year", "a year")
    count = leave_settings.grant_year(engine(), the_site().id, kind_id, year, by=current_user().name, clock=clock())
    return f"{count} associates were given their days of {year}; whoever had them already keeps them."


@blueprint.post("/leave/setup/swaps")
def swaps() -> Response | tuple[str, int]:
    """Write what may be swapped."""
    return saved(save_swaps)


def save_swaps() -> str:
    """Write the rule of the form; return what to say."""
    hours = typed.whole(request.form, "notice_hours", "the notice in hours")
    rule = SiteRequestRule(request.form.get("across_timings") == "yes", hours)
    leave_settings.save_site_rule(engine(), the_site().id, rule, by=current_user().name, clock=clock())
    return "Saved."


@blueprint.post("/leave/setup/balances")
def balances() -> Response | tuple[str, int]:
    """Check lines of balances, or take all of them."""
    text, dry_run = request.form.get("lines", "")[:MOST_CHARACTERS], request.form.get("do") != "commit"
    try:
        flash(take_over(text, dry_run=dry_run), "good")
    except BadInputError as error:
        return show("Nothing was taken over.", error.faults, text), 422
    except ConflictError as error:
        return show(f"Nothing was taken over. {error}", (), text), 422
    return (show("", (), text), 200) if dry_run else redirect(url_for("leave_setup.show"))


def take_over(text: str, *, dry_run: bool) -> str:
    """Check pasted lines, or take all of them over; return what to say."""
    settings = {"by": current_user().name, "clock": clock()}
    count = leave_settings.correct_balances(engine(), the_site().id, lines_of(text), dry_run=dry_run, **settings)  # type: ignore[arg-type]
    return f"All {count} lines are right. Nothing was taken over yet." if dry_run else f"{count} lines are taken over."


def lines_of(text: str) -> list[BalanceLine]:
    """Return pasted lines; BadInputError with every value that is no number, or when there are none."""
    rows = list(csv.reader(io.StringIO(text)))
    faults, lines = [], []
    for number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row) or [cell.strip().lower() for cell in row[:4]] == list(COLUMNS[:4]):
            continue
        cells = dict(zip(COLUMNS, [*(cell.strip() for cell in row), *[""] * len(COLUMNS)], strict=False))
        wrong = [name for name in ("year", "days") if not is_whole(cells[name])]
        faults += [Fault("balances", number, name, cells[name], "This is no whole number.") for name in wrong]
        if not wrong:
            lines.append(
                BalanceLine(number, cells["associate"], cells["kind"], int(cells["year"]), int(cells["days"]), cells["note"])
            )
    if not lines and not faults:
        faults = [Fault("balances", None, "", "", f"Paste lines with {', '.join(COLUMNS)}.")]
    if faults:
        raise BadInputError(faults)
    return lines


def is_whole(text: str) -> bool:
    """Return whether a text is a whole number of at most five digits, perhaps with a sign."""
    digits = text.removeprefix("-").removeprefix("+")
    return digits.isascii() and digits.isdigit() and len(digits) <= 5
