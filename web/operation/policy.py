"""The page of the break policy: its arithmetic as one edits, ready-made policies, and why one cannot be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from interchange.rows import Row
from scheduling.errors import BadInputError, Fault
from scheduling.shifts import BreakKind
from services import records
from services.site_settings import POLICY, PRESETS, BreakPolicy, PolicyVerdict, verdict_on
from web import arguments
from web.access import current_user
from web.context import clock, engine, the_site
from web.operation.fields import Field, FormModel, Kind, Typed, form_model, seen

blueprint = Blueprint("policy", __name__, url_prefix="/site/breaks")

Page = str | Response | tuple[str, int]
Line = tuple[str, ...]
LINE_FIELDS: Final = ("kind", "minutes", "count", "earliest", "latest", "productive")
EMPTY_LINE: Final[Line] = ("", "", "", "", "", "no")
MOST_LINES: Final = 8

FIELDS: Final = (
    Field(
        "least_productive",
        "Productive minutes, at least",
        Kind.WHOLE,
        "What a shift leaves for work when its breaks are taken.",
        "Contract: every shift leaves 6.8 to 7.0 h of productive time",
        "408",
        "minutes",
    ),
    Field(
        "most_productive",
        "Productive minutes, at most",
        Kind.WHOLE,
        "No shift leaves more.",
        "Contract: every shift leaves 6.8 to 7.0 h of productive time",
        "420",
        "minutes",
    ),
    Field(
        "grid_minutes",
        "Breaks start on a grid of",
        Kind.WHOLE,
        "It divides an hour, and lengths of breaks and spans of shifts are multiples of it.",
        "Design: fine enough for coverage by quarter hours, coarse enough to be remembered",
        "5",
        "minutes",
    ),
    Field(
        "least_stretch",
        "Work between two breaks, at least",
        Kind.WHOLE,
        "Also before the first and after the last break.",
        "Design: below that a break comes before anything is done",
        "25",
        "minutes",
    ),
    Field(
        "most_stretch",
        "Work between two breaks, at most",
        Kind.WHOLE,
        "Also before the first and after the last break.",
        "Standard: screen work, HSE L26: 5 to 10 minutes after 50 to 60 (Austria: 10 after 50)",
        "60",
        "minutes",
    ),
    Field(
        "not_before_minutes",
        "No break in the first",
        Kind.WHOLE,
        "Counted from the start of the shift.",
        "Design: handing over takes time",
        "45",
        "minutes",
    ),
    Field(
        "not_after_minutes",
        "No break in the last",
        Kind.WHOLE,
        "Counted to the end of the shift.",
        "Design: who breaks just before the end has left",
        "30",
        "minutes",
    ),
)


@blueprint.get("")
def show() -> str:
    """Show the policy of the site, or a ready-made one to begin with."""
    chosen = PRESETS.get(arguments.text("preset"))
    stored = records.seen(engine(), POLICY, the_site().id, the_site().id)
    policy = chosen or stored.record
    return policy_page(values_of(policy), lines_of(policy), verdict_on(engine(), the_site().id, policy))


@blueprint.post("")
def save() -> Page:
    """Save what was typed as the policy of the site."""
    typed = Typed(FIELDS)
    policy = read_policy(typed)
    faults, verdict = kept(typed, policy)
    if faults:
        return policy_page(typed.values, typed_lines(), verdict, faults), 422
    flash("The break policy is saved. The next rosters are planned with it; rosters that are there keep theirs.", "good")
    return redirect(url_for("policy.show"))


@blueprint.post("/check")
def check() -> str:
    """Say what a policy would do, without saving it: a part of the page for its script, the whole page without one."""
    typed = Typed(FIELDS)
    policy = read_policy(typed)
    verdict = None if policy is None or typed.count() else verdict_on(engine(), the_site().id, policy)
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return render_template("site/_verdict.html", verdict=verdict, faults=said(typed.faults.faults()))
    return policy_page(typed.values, typed_lines(), verdict, typed.faults.faults())


def kept(typed: Typed, policy: BreakPolicy | None) -> tuple[tuple[Fault, ...], PolicyVerdict | None]:
    """Keep what was typed; return everything that is wrong with it, and what the policy does."""
    if policy is None or typed.count():
        return typed.faults.faults(), None
    site_id = the_site().id
    try:
        records.save(engine(), POLICY, site_id, site_id, policy, seen=seen(), by=current_user().name, clock=clock())
    except BadInputError as error:
        return error.faults, verdict_on(engine(), site_id, policy)
    return (), None


def policy_page(
    values: Mapping[str, str], lines: Sequence[Line], verdict: PolicyVerdict | None, faults: Sequence[Fault] = ()
) -> str:  # fmt: skip
    """Return the page of the policy."""
    site = the_site()
    found = records.seen(engine(), POLICY, site.id, site.id)
    form: FormModel = form_model(
        FIELDS,
        values,
        faults=faults,
        changes={name: change for name, change in found.last_changes.items() if name == "grid_minutes"},
        seen=seen() or found.fingerprint,
        parts={"lines": [*lines, EMPTY_LINE][:MOST_LINES]},
    )
    return render_template(
        "site/policy.html",
        form=form,
        found=found,
        verdict=verdict,
        presets=PRESETS,
        faults=(),
        zone_name=site.zone_name,
        preset=arguments.text("preset"),
    )


def said(faults: Sequence[Fault]) -> list[str]:
    """Return faults as sentences."""
    labels = {one.name: one.label for one in FIELDS}
    where = (labels.get(one.column, f"Line {one.row}, {one.column}") for one in faults)
    return [f"{place}: {one.reason}" for place, one in zip(where, faults, strict=True)]


def values_of(policy: BreakPolicy) -> dict[str, str]:
    """Return the values of a policy as the form shows them, breaks aside."""
    numbers = (
        *policy.productive_minutes,
        policy.grid_minutes,
        *policy.work_stretch_minutes,
        policy.not_before_minutes,
        policy.not_after_minutes,
    )
    return dict(zip((one.name for one in FIELDS), map(str, numbers), strict=True))


def lines_of(policy: BreakPolicy) -> list[Line]:
    """Return the breaks of a policy as lines of the form."""
    return [
        (
            kind.kind,
            str(kind.minutes),
            str(kind.count),
            *(map(str, kind.window_minutes) if kind.window_minutes else ("", "")),
            "yes" if kind.productive else "no",
        )
        for kind in policy.breaks
    ]


def typed_lines() -> list[Line]:
    """Return the lines of breaks as they were typed."""
    columns = [request.form.getlist(name) for name in LINE_FIELDS]
    return [line for line in zip(*columns, strict=False) if any(line[:-1])][:MOST_LINES]


def read_policy(typed: Typed) -> BreakPolicy | None:
    """Return the policy that was typed, ``None`` when a number is missing."""
    row = typed.row
    numbers = {one.name: row.whole(one.name, 0, 1440) for one in FIELDS}
    kinds = [read_kind(line) for line in typed.lines(*LINE_FIELDS) if any(line.cell(name) for name in LINE_FIELDS[:-1])]
    if not kinds:
        row.fault("breaks", "Give at least one kind of break: a shift without breaks leaves too much productive time.")
    if any(value is None for value in numbers.values()):
        return None
    known = {name: value or 0 for name, value in numbers.items()}
    return BreakPolicy(
        breaks=tuple(kind for kind in kinds if kind is not None),
        grid_minutes=known["grid_minutes"],
        productive_minutes=(known["least_productive"], known["most_productive"]),
        work_stretch_minutes=(known["least_stretch"], known["most_stretch"]),
        not_before_minutes=known["not_before_minutes"],
        not_after_minutes=known["not_after_minutes"],
    )


def read_kind(line: Row) -> BreakKind | None:
    """Return one kind of break that was typed, ``None`` when it has faults."""
    kind, minutes, count = line.text("kind"), line.whole("minutes", 1, 240), line.whole("count", 1, 40)
    productive = line.known("productive", ("yes", "no"), "neither yes nor no")
    window: tuple[int, int] | None = None
    if line.cell("earliest") or line.cell("latest"):
        earliest, latest = line.whole("earliest", 0, 1440), line.whole("latest", 0, 1440)
        if earliest is not None and latest is not None:
            window = (earliest, latest)
    if kind is None or minutes is None or count is None or productive is None:
        return None
    return BreakKind(kind, minutes, count, window, productive == "yes")
