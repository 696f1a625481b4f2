"""Pages of the rules and of the office: one form each that says what a value does and where its default comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, Fault
from scheduling.rules import RuleSettings, Timing
from services import records
from services.records import Store, words_of
from services.site_settings import NOTICE, OFFICE, SITE_RULES, NoticeRecord, OfficeRecord, parameters, source_of_rule
from web.access import current_user
from web.context import clock, engine, the_site
from web.operation.fields import Field, Kind, Typed, form_model, seen

blueprint = Blueprint("settings", __name__, url_prefix="/site")

Page = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Sheet:
    """One form of settings: its title, what it is for, its fields, and how a typed form becomes a record."""

    path: str
    title: str
    lead: str
    store: Store[Any]
    fields: Callable[[], tuple[Field, ...]]
    read: Callable[[Typed], Any]


@blueprint.get("/<any(rules, office, notice):path>")
def show(path: str) -> str:
    """Show a form of settings."""
    return sheet_page(SHEETS[path])


@blueprint.post("/<any(rules, office, notice):path>")
def save(path: str) -> Page:
    """Save a form of settings."""
    sheet = SHEETS[path]
    typed = Typed(sheet.fields())
    faults = kept(sheet, typed)
    if faults:
        return sheet_page(sheet, typed.values, faults), 422
    flash(f"Saved: {sheet.title.lower()}. The next rosters are planned with it; rosters that are there stay.", "good")
    return redirect(url_for("settings.show", path=path))


def kept(sheet: Sheet, typed: Typed) -> tuple[Fault, ...]:
    """Keep what was typed; return everything that is wrong with it."""
    record, site_id = sheet.read(typed), the_site().id
    if typed.count():
        return typed.faults.faults()
    try:
        records.save(engine(), sheet.store, site_id, site_id, record, seen=seen(), by=current_user().name, clock=clock())
    except BadInputError as error:
        return error.faults
    return ()


def sheet_page(sheet: Sheet, typed: Mapping[str, str] | None = None, faults: tuple[Fault, ...] = ()) -> str:
    """Return the page of a form; what was typed stays."""
    site = the_site()
    found = records.seen(engine(), sheet.store, site.id, site.id)
    stored = {name: words_of(value) for name, value in vars(found.record).items()}
    form = form_model(
        sheet.fields(),
        stored if typed is None else typed,
        faults=faults,
        changes=found.last_changes,
        seen=seen() or found.fingerprint,
    )
    return render_template("site/sheet.html", sheet=sheet, form=form, found=found, zone_name=site.zone_name)


def rule_fields() -> tuple[Field, ...]:
    """Return the fields of the rules, those that block publishing first."""
    return tuple(
        Field(
            facts.parameter.name,
            facts.parameter.title,
            Kind.CHOICE if facts.parameter.words else Kind.WHOLE,
            f"{facts.parameter.meaning} A violation {facts.severity}.",
            facts.source,
            words_of(facts.parameter.default),
            facts.parameter.unit,
            tuple((word, word) for word in facts.parameter.words),
        )
        for facts in parameters()
    )


def read_rules(typed: Typed) -> RuleSettings:
    """Return the rules that were typed, with the default where there is a fault."""
    values: dict[str, Any] = {}
    for one in (facts.parameter for facts in parameters()):
        if one.limits:
            values[one.name] = typed.row.whole(one.name, *one.limits)
        else:
            values[one.name] = typed.row.known(one.name, one.words, f"none of {', '.join(one.words)}")
    given = {name: value for name, value in values.items() if value is not None}
    given["night_consent_required"] = given.get("night_consent_required") == "yes"
    given["timing"] = Timing(given.get("timing", Timing.FIXED))
    return RuleSettings(**given)


def office_fields() -> tuple[Field, ...]:
    """Return the fields of the office."""
    return (
        Field(
            "seats",
            "Seats",
            Kind.WHOLE,
            "At no minute are more people on shift in the office. Empty: there is no office, or nobody counts its seats.",
            source_of_rule("office-seats"),
            "",
        ),
        Field(
            "days_per_week",
            "Office days of hybrid associates, at least",
            Kind.WHOLE,
            "In each full week; who works fewer days comes on all of them.",
            source_of_rule("office-days"),
            "0",
            "days",
        ),
    )


def read_office(typed: Typed) -> OfficeRecord:
    """Return the office that was typed."""
    row = typed.row
    seats = row.whole("seats", 0, 1_000_000) if row.cell("seats") else None
    return OfficeRecord(seats, row.whole("days_per_week", 0, 7) or 0)


def notice_fields() -> tuple[Field, ...]:
    """Return the field of the notice."""
    return (
        Field(
            "days",
            "Notice, at least",
            Kind.WHOLE,
            "Days from publishing to the first day that is new or changes. Less is published only with a reason.",
            "Law: a reasonable notice in advance (EU Directive 2019/1152, article 10); laws on predictable work ask for 14 days",
            "14",
            "days",
        ),
    )


def read_notice(typed: Typed) -> NoticeRecord:
    """Return the notice that was typed."""
    return NoticeRecord(typed.row.whole("days", 0, 90) or 0)


SHEETS: Final = {
    "rules": Sheet(
        "rules",
        "Rules",
        "What every roster of the site is planned with and checked against. The defaults are a start, not legal advice: set what "
        "your law and your contracts ask for. A roster keeps the rules with which it was built.",
        SITE_RULES,
        rule_fields,
        read_rules,
    ),
    "office": Sheet(
        "office",
        "Office",
        "Who works in the office needs a seat at every minute of the shift; hybrid associates come on some days.",
        OFFICE,
        office_fields,
        read_office,
    ),
    "notice": Sheet(
        "notice",
        "Notice",
        "How long before its first day a roster is published. The page on which a roster is published holds it against this.",
        NOTICE,
        notice_fields,
        read_notice,
    ),
}
"""The forms of settings by the word in their address."""
