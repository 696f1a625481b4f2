"""Pages of the floor for the day: absences, breaks that are repaired, thresholds of the alerts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from scheduling.duties import Span
from scheduling.errors import BadInputError, ConflictError, NotFoundError
from scheduling.times import local_instant
from services import absences as recorded
from services import day_breaks, floor_settings, steering_choices
from services.absences import Absence, AbsenceKind
from services.day_breaks import CauseKind, NewBreaks, RepairCause, RepairPreview, Surge
from services.reading import SiteFacts
from web import typed
from web.access import current_user
from web.context import clock, engine, first_site, now, the_site, today
from web.floor import steered_teams
from web.floor_steering import given_why, typed_why
from web.json_input import json_of
from web.typed import WordsError, decimal, whole

blueprint = Blueprint("floor_day", __name__)

Given = MultiDict[str, str]

KIND_WORDS: Final = {
    AbsenceKind.SICK: "Sick",
    AbsenceKind.NO_SHOW: "Did not come, said nothing",
    AbsenceKind.LATE: "Late",
    AbsenceKind.LEFT_EARLY: "Left early",
    AbsenceKind.EXCUSED: "Excused",
}
CAUSE_WORDS: Final = {
    CauseKind.ABSENCE: "Somebody is absent",
    CauseKind.LATE_BREAK: "Breaks began late",
    CauseKind.OUTAGE: "A system was down",
    CauseKind.SURGE: "More work comes than was planned",
}
THRESHOLD_WORDS: Final = {
    "least_sla": "Projected SLA below",
    "critical_sla": "Projected SLA, critical below",
    "oldest_share_of_sla": "Oldest job: share of its SLA used up",
    "arrivals_above_share": "Arrivals above the forecast by a share of",
    "least_extra_jobs": "Arrivals above the forecast by at least so many jobs",
    "absent_share": "Share of a team that is absent",
    "break_over_minutes": "Over time on a break, minutes",
    "late_minutes": "Late, minutes",
    "idle_minutes": "Idle, minutes",
}


@dataclass(frozen=True)
class AbsencePage:
    """What the page of absences is filled with."""

    given: Given
    days: tuple[date, ...]
    listed: tuple[Absence, ...]
    fault: str


@dataclass(frozen=True)
class BreaksPage:
    """What the page of repairs is filled with; `changes` are those that the user may make, as a document."""

    given: Given
    preview: RepairPreview | None
    changes: str
    count: int
    fault: str


@blueprint.get("/floor/absences")
def absences() -> str:
    """Show the absences of yesterday, today and tomorrow, and the form that records one."""
    site = first_site()
    page = absence_page(site, request.args) if site else None
    return render_template("floor/absences.html", site=site, page=page, kinds=KIND_WORDS)


@blueprint.post("/floor/absences")
def record() -> Response | tuple[str, int]:
    """Record that somebody is not there."""
    site, given = the_site(), request.form
    try:
        record_absence(site, given)
    except (BadInputError, ConflictError, NotFoundError) as error:
        page = absence_page(site, given, words_of(error))
        return render_template("floor/absences.html", site=site, page=page, kinds=KIND_WORDS), 422
    flash("Recorded. No job is given in that time, and the projection counts without it.", "good")
    return redirect(url_for("floor_day.absences"))


def words_of(error: Exception) -> str:
    """Return what is wrong in words: the reasons of all faults, or the message."""
    return " ".join(fault.reason for fault in error.faults) if isinstance(error, BadInputError) else str(error)


def record_absence(site: SiteFacts, given: Given) -> None:
    """Record the absence of a form."""
    who = steering_choices.find_person(engine(), site.id, given.get("who", ""), team_ids=steered_teams())
    try:
        day, kind = date.fromisoformat(given.get("day", "")), AbsenceKind(given.get("kind", ""))
    except ValueError:
        raise WordsError("Choose the day on which the shift starts, and the kind of absence.") from None
    starts, ends = (moment(site, day, given.get(name, "")) for name in ("from", "until"))
    if starts is not None and starts == ends:
        raise WordsError("The absence ends when it starts; leave both times empty for the whole shift.")
    if starts is not None and ends is not None and ends < starts:
        ends += timedelta(days=1)
    settings = {"by": current_user().name, "clock": clock()}
    recorded.record_absence(engine(), who.id, day, kind, starts, ends, given.get("reason", ""), **settings)  # type: ignore[arg-type]


def moment(site: SiteFacts, day: date, text: str) -> datetime | None:
    """Return the instant of a time of a day; nothing for an empty one."""
    if not text.strip():
        return None
    try:
        return local_instant(day, time.fromisoformat(text.strip()), ZoneInfo(site.zone_name))
    except ValueError:
        raise WordsError("Write times as hours and minutes, such as 17:30.") from None


def absence_page(site: SiteFacts, given: Given, fault: str = "") -> AbsencePage:
    """Return the page of absences, those of the user's teams."""
    here = today(site.zone_name)
    days = tuple(here + timedelta(days=offset) for offset in (-1, 0, 1))
    mine = steered_teams()
    listed = recorded.list_absences(engine(), site.id, days[0], days[-1])
    return AbsencePage(given, days, tuple(one for one in listed if mine is None or one.team_id in mine), fault)


@blueprint.post("/floor/absences/<id:absence_id>/withdraw")
def withdraw(absence_id: int) -> Response:
    """Take an absence back that was recorded by mistake."""
    known = {one.id for one in absence_page(the_site(), request.form).listed}
    if absence_id not in known:
        raise NotFoundError("There is no such absence in the teams that you lead, from yesterday to tomorrow.")
    recorded.withdraw_absence(engine(), absence_id, typed_why(), by=current_user().name, clock=clock())
    flash("Withdrawn. Work is given again as before.", "good")
    return redirect(url_for("floor_day.absences"))


@blueprint.get("/floor/breaks")
def breaks() -> str:
    """Show which breaks are worth moving after something happened."""
    site = first_site()
    page = breaks_page(site, request.args) if site else None
    skills = steering_choices.skill_names(engine(), site.id) if site else {}
    zone = ZoneInfo(site.zone_name) if site else None
    return render_template("floor/breaks.html", site=site, page=page, causes=CAUSE_WORDS, skills=skills, zone=zone)


@blueprint.post("/floor/breaks")
def repair() -> Response:
    """Move the breaks that were looked at."""
    site, why = the_site(), typed_why()
    changes = own_changes(site, changes_of(request.form.get("changes", "")))
    day_breaks.apply_repair(engine(), site.id, changes, by=current_user().name, why=why, clock=clock())
    flash(f"Breaks of {len(changes)} associates moved.", "good")
    return redirect(url_for("floor_steering.history"))


def changes_of(text: str) -> tuple[NewBreaks, ...]:
    """Return the changes of a document that this application wrote."""
    try:
        return tuple(NewBreaks.of(document) for document in json_of(text))
    except (ValueError, TypeError, KeyError):
        raise ConflictError("The breaks that were looked at cannot be read; look at the repair again.") from None


def own_changes(site: SiteFacts, changes: tuple[NewBreaks, ...]) -> tuple[NewBreaks, ...]:
    """Return the changes of people of the user's teams."""
    mine = steered_teams()
    if mine is None:
        return changes
    teams = steering_choices.home_teams(engine(), site.id)
    return tuple(one for one in changes if teams.get(one.associate_id) in mine)


def breaks_page(site: SiteFacts, given: Given) -> BreaksPage:
    """Return the page of repairs, with the one that is asked for."""
    if not given.get("shown"):
        return BreaksPage(given, None, "[]", 0, "")
    try:
        preview = day_breaks.propose_repair(engine(), site.id, asked_cause(site, given), clock=clock())
    except ConflictError as error:
        return BreaksPage(given, None, "[]", 0, str(error))
    changes = own_changes(site, preview.changes)
    return BreaksPage(given, preview, json.dumps([one.document() for one in changes]), len(changes), "")


def asked_cause(site: SiteFacts, given: Given) -> RepairCause:
    """Return what happened, as a form says."""
    try:
        kind = CauseKind(given.get("cause", ""))
    except ValueError:
        raise WordsError("Choose what happened.") from None
    if kind is not CauseKind.SURGE:
        return RepairCause(kind, CAUSE_WORDS[kind])
    here = today(site.zone_name)
    starts, ends = (moment(site, here, given.get(name, "")) for name in ("from", "until"))
    skill = given.get("skill", "")
    if starts is None or ends is None or not (skill.isascii() and skill.isdigit()):
        raise WordsError("Say which skill is needed more, from when and until when.")
    ends = ends if ends > starts else ends + timedelta(days=1)
    if int(skill[:18]) not in steering_choices.skill_names(engine(), site.id):
        raise WordsError("There is no such skill any more; choose another.")
    heads = decimal(given, "heads", "how many heads more are needed")
    if heads <= 0 or ends <= now():
        raise WordsError("Say how many heads more are needed, above zero, in a time that is not over.")
    return RepairCause(kind, CAUSE_WORDS[kind], surges=(Surge(int(skill[:18]), Span(starts, ends), heads),))


@blueprint.get("/floor/settings")
def settings(given: Given | None = None, fault: str = "") -> str:
    """Show the thresholds of the alerts."""
    site = first_site()
    setting = floor_settings.read_setting(engine(), site.id) if site else None
    values = given or MultiDict(
        {} if setting is None else {name: f"{value:g}" for name, value in asdict(setting.thresholds).items()}
    )
    return render_template("floor/settings.html", site=site, setting=setting, values=values, words=THRESHOLD_WORDS, fault=fault)


@blueprint.post("/floor/settings")
def save_settings() -> Response | tuple[str, int]:
    """Write the thresholds of the alerts."""
    try:
        values = read_thresholds(request.form)
        version = whole(request.form, "version", "the version of the settings")
        settings_of: dict[str, Any] = {"version": version, "by": current_user().name, "why": values.pop("why"), "clock": clock()}
        floor_settings.save_thresholds(engine(), the_site().id, values, **settings_of)
    except (BadInputError, ConflictError) as error:
        return settings(request.form, typed.said(error, THRESHOLD_WORDS)), 422
    flash("Saved. The next figures go by it.", "good")
    return redirect(url_for("floor_day.settings"))


def read_thresholds(given: Given) -> dict[str, Any]:
    """Return the thresholds of a form, with the reason that the history keeps."""
    numbers = {name: partial(decimal, given, name, "the threshold") for name in THRESHOLD_WORDS}
    return typed.together(**numbers, why=given_why)
