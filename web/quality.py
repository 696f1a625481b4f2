"""Pages of quality: the table of teams, and one associate with the coachings that were held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError
from scheduling.words import N_
from services import coaching, quality
from services.coaching import NewNote
from services.quality import DayFigures, Figure, PersonDetail, PersonQuality, QueueQuality, Verdict
from services.reading import SiteFacts
from web import arguments
from web.access import SEES_ALL_TEAMS, current_user, may_see_team
from web.coaching_form import CoachingForm
from web.context import clock, engine, first_site, today
from web.formatting import day, number, percent
from web.trend import TrendChart, trend_chart

blueprint = Blueprint("quality", __name__)

PERIODS: Final = (7, 14, 28, 56)
USUAL_DAYS: Final = 28


@dataclass(frozen=True)
class Counts:
    """How many associates do not meet a goal, of how many nothing can be said, and how many answers all gave."""

    accuracy: int
    speed: int
    unknown: int
    answers: int


@blueprint.get("/quality")
def index() -> str:
    """Show the quality of teams, those who need coaching most first."""
    site = first_site()
    return render_template("quality/index.html", site=site, **(table_model(site) if site else {}))


@blueprint.get("/quality/associates/<id:associate_id>")
def associate(associate_id: int) -> str:
    """Show the quality of one associate."""
    return page(detail_of(associate_id))


@blueprint.post("/quality/associates/<id:associate_id>/coachings")
def note(associate_id: int) -> Response | tuple[str, int]:
    """Keep a coaching that was held."""
    detail = detail_of(associate_id)
    form = coaching_form(detail, None)
    if not form.validate() or not kept(form, associate_id):
        return page(detail, form), 422
    flash("The coaching is noted.", "good")
    return redirect(url_for("quality.associate", associate_id=associate_id, days=asked_days(), _anchor="held"))


def kept(form: CoachingForm, associate_id: int) -> bool:
    """Keep the coaching of a form; return whether it was taken, with the faults beside their fields when not."""
    new = NewNote(associate_id, form.queue, form.topic.data, form.based_on.data or "", form.note.data, form.held_on.data)
    try:
        coaching.note_coaching(engine(), new, by=current_user().name, clock=clock())
    except BadInputError as error:
        form.show_faults(error)
        return False
    return True


def asked_days() -> int:
    """Return the length of the period in days that the address asks for."""
    text = arguments.text("days")
    return int(text) if text in map(str, PERIODS) else USUAL_DAYS


def asked_id(name: str, known: Sequence[int]) -> int | None:
    """Return an id of the address if it is one of those that are known."""
    text = arguments.text(name)
    return next((one for one in known if str(one) == text), None)


def table_model(site: SiteFacts) -> dict[str, object]:
    """Return the model of the table that the address asks for."""
    user, days, last = current_user(), asked_days(), today(site.zone_name)
    teams = {one: name for one, name in quality.teams_of(engine(), site.id).items() if may_see_team(user, one)}
    queues = quality.queues_of(engine(), site.id)
    team_id, queue_id = asked_id("team", list(teams)), asked_id("queue", [one.id for one in queues])
    first, wanted = last - timedelta(days=days - 1), [team_id] if team_id else list(teams)
    rows = quality.team_quality(engine(), site.id, wanted, first, last, queue_id=queue_id)
    return {
        "rows": rows,
        "counts": counts_of(rows),
        "teams": teams,
        "team_id": team_id,
        "queues": queues,
        "queue_id": queue_id,
        "days": days,
        "periods": PERIODS,
        "first_day": first,
        "last_day": last,
        "sees_all": user.role in SEES_ALL_TEAMS,
    }


def counts_of(rows: Sequence[PersonQuality]) -> Counts:
    """Return how many associates stand how."""
    verdicts = [(row.accuracy.verdict, row.speed.verdict) for row in rows]
    return Counts(
        accuracy=sum(accuracy is Verdict.NOT_MET for accuracy, _ in verdicts),
        speed=sum(speed is Verdict.NOT_MET for _, speed in verdicts),
        unknown=sum(Verdict.UNKNOWN in pair and Verdict.NOT_MET not in pair for pair in verdicts),
        answers=sum(row.answers for row in rows),
    )


def detail_of(associate_id: int) -> PersonDetail:
    """Return the quality of an associate of a team that the user may see; anybody else is as if not there."""
    person = quality.person_of(engine(), associate_id)
    if not may_see_team(current_user(), person.team_id):
        abort(403)
    last = today(person.zone_name)
    return quality.person_detail(engine(), associate_id, last - timedelta(days=asked_days() - 1), last)


def page(detail: PersonDetail, form: CoachingForm | None = None) -> str:
    """Return the page of an associate, with the form as it was typed when it was refused."""
    last, days = today(detail.person.zone_name), asked_days()
    return render_template(
        "quality/associate.html",
        person=detail.person,
        week=detail.quality.week,
        rows=detail.quality.queues,
        charts=charts_of(detail.days, detail.quality.queues),
        found=detail.suggestions,
        pairs=detail.pairs,
        wrong=detail.wrong,
        notes=coaching.notes_of(engine(), [detail.person.id]),
        form=form or coaching_form(detail, last),
        days=days,
        first_day=last - timedelta(days=days - 1),
        last_day=last,
    )


def coaching_form(detail: PersonDetail, held_on: date | None) -> CoachingForm:
    """Return the form of a coaching; with a day it is filled with what is suggested most."""
    queues = [(one.id, one.name) for one in quality.queues_of(engine(), detail.person.site_id)]
    if held_on is None:
        return CoachingForm().offering(queues)
    first = next(iter(detail.suggestions), None)
    queue = next((number for number, name in queues if first and name == first.queue), None)
    data = {"held_on": held_on, "topic": first.topic if first else "", "based_on": first.based_on if first else ""}
    return CoachingForm(formdata=None, data={**data, "queue_id": str(queue or "")}).offering(queues)


def charts_of(days: Sequence[DayFigures], queues: Sequence[QueueQuality]) -> list[tuple[TrendChart | None, str, str]]:
    """Return the course of accuracy and of speed by day, each with its label and the words of its goal.

    The goal is drawn where there is only one: with several queues each has its own.
    """
    only = queues[0] if len(queues) == 1 else None
    accuracy, speed = (_goal(only.accuracy, 100.0) if only else None, _goal(only.speed, 1.0) if only else None)
    dates = [one.day for one in days]
    shares = _values([one.accuracy for one in days]) * 100.0
    seconds = _values([one.speed for one in days])
    said = [f"{day(one.day)}: {percent(one.accuracy.value)} right of {one.accuracy.count} checked" for one in days]
    spent = [f"{day(one.day)}: {number(one.speed.value, 1)} s a job over {one.speed.count} answers" for one in days]
    return [
        (trend_chart(dates, shares, said, goal=accuracy, top=100.0), N_("Accuracy by day, in per cent"), N_("asked at least")),
        (trend_chart(dates, seconds, spent, goal=speed), N_("Seconds a job by day"), N_("allowed at most")),
    ]


def _goal(figure: Figure, factor: float) -> float | None:
    return None if figure.goal is None else figure.goal * factor


def _values(figures: Sequence[Figure]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([np.nan if one.value is None else one.value for one in figures], dtype=np.float64)
