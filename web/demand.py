"""The page of demand: what came, what is expected, how well that was known before, events by hand, and what if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, Fault
from services import demand_outlook
from services.demand_outlook import BacktestResult, DemandEvent, Outlook, QueueNeed
from services.reading import SiteFacts
from web import arguments
from web.access import current_user
from web.charts import Lines, days_chart, steps_chart
from web.context import clock, engine, first_site, the_site, today
from web.operation.fields import Field, Kind, Typed, form_model

blueprint = Blueprint("demand", __name__, url_prefix="/demand")

WEEKS: Final = 4
LEAST_PERCENT, MOST_PERCENT = 50, 200
Page = str | Response | tuple[str, int]


@dataclass(frozen=True)
class BacktestRow:
    """How one model did: its errors, and at how many origins it beat the default."""

    name: str
    description: str
    wape: float
    bias: float
    better_at: int
    origins: int
    is_used: bool


@dataclass(frozen=True)
class SkillDay:
    """The requirement of one skill on one day, as it is and as it would be."""

    skill: str
    chart: Lines
    hours: float
    hours_if: float
    peak: float
    peak_if: float
    rows: tuple[tuple[str, float, float], ...]


@blueprint.get("")
def show() -> str:
    """Show the demand of a queue, and the requirement of a day."""
    return demand_page()


@blueprint.get("/what-if")
def what_if() -> str:
    """Show the requirement of a day as it would be: the part of the page that follows the sliders."""
    site = the_site()
    seen = outlook_of(site)
    return render_template("demand/_requirement.html", **(day_model(seen, site) if seen else {"skills": ()}))


@blueprint.post("/events")
def add_event() -> Page:
    """Override the forecast of some days."""
    typed = Typed(event_fields(()))
    event = read_event(typed)
    faults = typed.faults.faults() if event is None or typed.count() else kept(event)
    if faults:
        return demand_page(typed.values, faults), 422
    flash("The event is kept; forecasts and plans count with it from now on.", "good")
    return redirect(url_for("demand.show", _anchor="events"))


@blueprint.post("/events/<id:event_id>/remove")
def remove_event(event_id: int) -> Response:
    """Take an event away."""
    demand_outlook.remove_event(engine(), the_site().id, event_id, by=current_user().name, clock=clock())
    flash("The event is removed.", "good")
    return redirect(url_for("demand.show", _anchor="events"))


def kept(event: DemandEvent) -> tuple[Fault, ...]:
    """Keep an event; return everything that is wrong with it."""
    try:
        demand_outlook.add_event(engine(), the_site().id, event, by=current_user().name, clock=clock())
    except BadInputError as error:
        return error.faults
    return ()


def demand_page(typed: Mapping[str, str] | None = None, faults: Sequence[Fault] = ()) -> str:
    """Return the page; an event that was refused keeps what was typed."""
    site = first_site()
    seen = outlook_of(site) if site else None
    model: dict[str, object] = {"site": site, "seen": seen}
    if site and seen:
        queues = tuple(one.queue.name for one in seen.needs)
        queue = arguments.one_of("queue", queues, queues[0])
        need = seen.need_of(queue)
        model |= {
            "queue": queue,
            "queues": queues,
            "need": need,
            "chart": days_chart(seen.past[queue], seen.expected_days(queue)),
            "past": seen.past[queue],
            "expected": seen.expected_days(queue),
            "backtests": backtest_rows(need),
            "events": demand_outlook.events_of(engine(), site.id),
            "form": form_model(event_fields(queues), typed or {}, faults=faults),
            "today": today(site.zone_name),
            **day_model(seen, site),
        }
    return render_template("demand/show.html", **model)


def outlook_of(site: SiteFacts) -> Outlook | None:
    """Return the outlook from the next Monday on, or from the Monday that the address names."""
    asked = arguments.date_or_none("from") or today(site.zone_name)
    return demand_outlook.outlook(engine(), site.code, asked - timedelta(days=asked.weekday()) + timedelta(days=7), WEEKS)


def percent_of(name: str) -> int:
    """Return a share of the address in per cent, 100 where it is not given."""
    value = arguments.text(name) or "100"
    if not (value.isascii() and value.isdigit() and LEAST_PERCENT <= int(value[:4]) <= MOST_PERCENT):
        raise BadRequest(f"The {name} in the address, {value!r}, is no whole number from {LEAST_PERCENT} to {MOST_PERCENT}.")
    return int(value)


def day_model(seen: Outlook, site: SiteFacts) -> dict[str, object]:
    """Return the model of the requirement of the day that the address names, as it is and as it would be."""
    horizon = seen.horizon
    day = arguments.day_of(horizon, horizon.first_day)
    queues = tuple(one.queue.name for one in seen.needs)
    scaled, volume, aht = arguments.one_of("scaled", queues, ""), percent_of("volume"), percent_of("aht")
    plain = demand_outlook.what_if(seen, "", 1.0, 1.0)
    other = demand_outlook.what_if(seen, scaled, volume / 100, aht / 100)
    first, last = (int(minute) // horizon.interval_minutes for minute in horizon.day_starts[day : day + 2])
    starts = [horizon.instant_of(index * horizon.interval_minutes) for index in range(first, last)]
    hour = horizon.interval_minutes / 60
    skills = []
    for column, skill in enumerate(plain.skills):
        now, then = plain.heads[first:last, column], other.heads[first:last, column]
        skills.append(
            SkillDay(
                skill,
                steps_chart(starts, (now, then)),
                float(now.sum() * hour),
                float(then.sum() * hour),
                float(now.max(initial=0.0)),
                float(then.max(initial=0.0)),
                tuple(zip((f"{start:%H:%M}" for start in starts), now.tolist(), then.tolist(), strict=True)),
            )
        )
    return {
        "skills": skills,
        "date": horizon.dates[day],
        "dates": horizon.dates,
        "scaled": scaled,
        "volume": volume,
        "aht": aht,
        "is_other": volume != 100 or aht != 100,
        "zone_name": site.zone_name,
        "least": LEAST_PERCENT,
        "most": MOST_PERCENT,
    }


def backtest_rows(need: QueueNeed) -> tuple[BacktestRow, ...]:
    """Return how each model did, the one that is used marked."""
    results: tuple[BacktestResult, ...] = need.volume.backtests
    used = need.volume.model
    first = results[0] if results else None
    return tuple(
        BacktestRow(
            one.model.name,
            one.model.description,
            one.wape,
            one.bias,
            0 if first is None else int((one.absolute_errors < first.absolute_errors).sum()),
            len(one.origins),
            used is not None and one.model.name == used.name,
        )
        for one in results
    )


def event_fields(queues: Sequence[str]) -> tuple[Field, ...]:
    """Return the fields of an event."""
    return (
        Field("event_queue", "Queue", Kind.CHOICE, choices=(("", "every queue"), *((name, name) for name in queues))),
        Field("first_day", "First day", Kind.DATE),
        Field("last_day", "Last day", Kind.DATE, "Left empty, the event is of one day."),
        Field("factor", "Factor", Kind.NUMBER, "Volume over that of an ordinary day: 1.2 is a fifth more, 0.5 half of it."),
        Field("jobs_per_day", "or jobs a day", Kind.NUMBER, "In place of a factor; spread over the day as usual."),
        Field("reason", "Reason", Kind.TEXT, "Such as: sale of the season, a queue that moves to another site."),
    )


def read_event(typed: Typed) -> DemandEvent | None:
    """Return the event that was typed, ``None`` when it has faults."""
    row = typed.row
    first, reason = row.date("first_day"), row.text("reason")
    last = row.date("last_day") if row.cell("last_day") else first
    factor = row.number("factor", 0.001, 100.0) if row.cell("factor") else None
    jobs = row.number("jobs_per_day", 0.0, 1e9) if row.cell("jobs_per_day") else None
    if first is None or last is None or reason is None:
        return None
    return DemandEvent(row.cell("event_queue") or None, first, last, factor, jobs, reason)
