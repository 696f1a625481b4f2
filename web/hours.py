"""Pages of hours and night allowance: the table of a pay period, its files, and the rule by which nights are paid."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from interchange.hours import HoursLine, hours_csv, hours_workbook
from scheduling.errors import BadInputError, NotFoundError
from services import hours
from services.hours import HoursRow, HoursTable, PayPeriod, PayRule
from services.reading import SiteFacts
from web import arguments
from web.access import current_user
from web.context import clock, engine, first_site, the_site, today
from web.pay_rule_form import PayRuleForm

blueprint = Blueprint("hours", __name__)

SHOWN_PERIODS: Final = 13
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class FileForm:
    """One kind of file: its media type and how it is written."""

    media_type: str
    write: Callable[[Iterable[HoursLine]], str | bytes]


FORMS: Final = {"csv": FileForm("text/csv; charset=utf-8", hours_csv), "xlsx": FileForm(XLSX, hours_workbook)}


@blueprint.get("/hours")
def index() -> str:
    """Show the hours of everybody in a pay period."""
    site = first_site()
    return render_template("hours/index.html", site=site, **(table_model(site) if site else {}))


@blueprint.get("/hours/export.<form>")
def export(form: str) -> Response:
    """Return the hours of a pay period as a file."""
    if form not in FORMS:
        raise NotFoundError(f"Hours are exported as {' or '.join(FORMS)}, not as {form!r}.")
    table = asked_table(the_site())
    name = f"hours-{table.period.first_day}-{table.period.last_day}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(FORMS[form].write(lines_of(table)), content_type=FORMS[form].media_type, headers=headers)


@blueprint.get("/hours/rule")
def rule() -> str:
    """Show the rule by which nights are paid."""
    return rule_page(PayRuleForm.of(hours.pay_rule(engine(), the_site().id)))


@blueprint.post("/hours/rule")
def save_rule() -> AnyResponse | tuple[str, int]:
    """Replace the rule by which nights are paid."""
    form = PayRuleForm()
    if not form.validate() or not kept(form):
        return rule_page(form), 422
    flash("The rule is saved; every period is counted by it from now on.", "good")
    return redirect(url_for("hours.index"))


def kept(form: PayRuleForm) -> bool:
    """Keep the rule of a form; return whether it was taken, with the faults beside their fields when not."""
    try:
        hours.set_pay_rule(engine(), the_site().id, form.rule(), by=current_user().name, why=form.why.data, clock=clock())
    except BadInputError as error:
        form.show_faults(error)
        return False
    return True


def rule_page(form: PayRuleForm) -> str:
    """Return the page of the rule."""
    return render_template("hours/rule.html", form=form)


def asked_period(site: SiteFacts, rule_now: PayRule) -> PayPeriod:
    """Return the pay period in which the day of the address lies, else today."""
    return hours.period_of(rule_now, arguments.date_or_none("day") or today(site.zone_name))


def asked_table(site: SiteFacts) -> HoursTable:
    """Return the hours of the pay period that the address asks for."""
    period = asked_period(site, hours.pay_rule(engine(), site.id))
    return hours.hours_of(engine(), site.id, period, clock=clock())


def rows_asked(table: HoursTable) -> list[HoursRow]:
    """Return the rows of the team that the address asks for, of all teams without one."""
    team = arguments.text("team")
    return [row for row in table.rows if team in {"", row.person.team}]


def table_model(site: SiteFacts) -> dict[str, object]:
    """Return the model of the table that the address asks for."""
    table, team = asked_table(site), arguments.text("team")
    newest = max(today(site.zone_name), table.period.last_day)
    rows = rows_asked(table)
    return {
        "table": table,
        "rows": rows,
        "totals": totals_of(rows),
        "teams": sorted({row.person.team for row in table.rows}),
        "team": team,
        "periods": periods_shown(table, newest),
    }


def periods_shown(table: HoursTable, newest: date) -> list[PayPeriod]:
    """Return the periods to choose from, the one that is shown among them."""
    shown = list(hours.periods_before(table.rule, newest, SHOWN_PERIODS))
    return shown if table.period in shown else [*shown, table.period]


@dataclass(frozen=True)
class Totals:
    """Sums over the rows that are shown."""

    shifts: int
    productive_minutes: float
    night_minutes: float
    allowance: float
    absences: int


def totals_of(rows: Iterable[HoursRow]) -> Totals:
    """Return the sums over rows."""
    listed = list(rows)
    return Totals(
        shifts=sum(row.shifts for row in listed),
        productive_minutes=sum(row.productive_minutes for row in listed),
        night_minutes=sum(row.night_minutes for row in listed),
        allowance=sum(row.allowance for row in listed),
        absences=sum(row.absences for row in listed),
    )


def lines_of(table: HoursTable) -> list[HoursLine]:
    """Return the rows that the address asks for as lines of a file."""
    return [_line(row, table) for row in rows_asked(table)]


def _line(row: HoursRow, table: HoursTable) -> HoursLine:
    return HoursLine(
        first_day=table.period.first_day,
        last_day=table.period.last_day,
        associate=row.person.code,
        name=row.person.name,
        team=row.person.team,
        shifts=row.shifts,
        absent_shifts=row.absent_shifts,
        rostered_hours=round(row.rostered_minutes / 60, 2),
        attended_hours=round(row.attended_minutes / 60, 2),
        productive_hours=round(row.productive_minutes / 60, 2),
        night_hours=round(row.night_minutes / 60, 2),
        night_shifts=row.night_shifts,
        allowance=row.allowance,
        currency=table.rule.currency,
        absences=row.absences,
        absent_hours=round(row.absent_minutes / 60, 2),
        leave_days=row.leave_days,
    )
