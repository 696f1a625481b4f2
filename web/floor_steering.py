"""Pages on which the floor is steered: moves with their effect before, proposals, the history with its undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import ConflictError, NotFoundError
from scheduling.times import local_instant
from services import floor_settings, proposals, reallocation, steering_choices
from services.reading import SiteFacts
from services.reallocation import Effect, LendAssociates, Move, MoveJobs, RouteShare, SetMix
from services.steering_choices import Choices
from web import arguments
from web.access import current_user
from web.context import clock, engine, first_site, now, the_site
from web.floor import steered_teams
from web.typed import Given, WordsError, decimal, flash_outcome, whole

blueprint = Blueprint("floor_steering", __name__)

HISTORY_LENGTH: Final = 50
LONGEST_WHY: Final = 500
KINDS: Final = {
    MoveJobs.kind: "Move waiting jobs",
    RouteShare.kind: "Route coming jobs",
    SetMix.kind: "Change a team's mix",
    LendAssociates.kind: "Lend associates",
}


@dataclass(frozen=True)
class MovePage:
    """What the page of a move is filled with.

    Parameters
    ----------
    fault
        Why the move that was asked for cannot be made; empty when it can, or none was asked for.
    """

    kind: str
    given: Given
    choices: Choices
    effect: Effect | None
    fault: str
    zone: ZoneInfo


@blueprint.get("/floor/move")
def move() -> str:
    """Show the forms of moves, with the effect of the one that is filled in."""
    site = first_site()
    page = move_page(site, request.args) if site else None
    return render_template("floor/move.html", site=site, page=page, kinds=KINDS)


@blueprint.post("/floor/move")
def make() -> Response | tuple[str, int]:
    """Make a move."""
    site, given = the_site(), request.form
    try:
        make_move(site, given)
    except ConflictError as error:
        page = move_page(site, given, str(error))
        return render_template("floor/move.html", site=site, page=page, kinds=KINDS), 409
    flash("Done. It stands in the history, where it can be undone.", "good")
    return redirect(url_for("floor_steering.history"))


def make_move(site: SiteFacts, given: Given) -> int:
    """Make the move of a form; return its entry in the history."""
    asked, who, teams = asked_move(site, given), current_user().name, steered_teams()
    return reallocation.apply(engine(), site.id, asked, by=who, why=typed_why(), clock=clock(), team_ids=teams)


def move_page(site: SiteFacts, given: Given, fault: str = "") -> MovePage:
    """Return the page of a move that was filled in, perhaps not wholly yet."""
    kind = given.get("kind", MoveJobs.kind)
    if kind not in KINDS:
        raise NotFoundError(f"There is no kind of move {kind!r}.")
    choices = steering_choices.choices(engine(), site.id, team_ids=steered_teams())
    effect = None
    if given.get("shown") and not fault:
        try:
            asked = asked_move(site, given)
            effect = reallocation.preview(engine(), site.id, asked, clock=clock(), team_ids=steered_teams())
        except ConflictError as error:
            fault = str(error)
    return MovePage(kind, given, choices, effect, fault, ZoneInfo(site.zone_name))


def asked_move(site: SiteFacts, given: Given) -> Move:
    """Return the move of a form; WordsError when something in it is no number, or missing."""
    kind = given.get("kind", "")
    if kind == MoveJobs.kind:
        return MoveJobs(
            whole(given, "from", "from which queue"), whole(given, "to", "to which queue"), whole(given, "count", "how many jobs")
        )
    if kind == RouteShare.kind:
        share = decimal(given, "percent", "which share of the coming jobs") / 100
        return RouteShare(whole(given, "from", "from which queue"), whole(given, "to", "to which queue"), share)
    if kind == SetMix.kind:
        reserved = decimal(given, "reserved", "which share of the claims is reserved") / 100
        share = decimal(given, "share", "how much the queue counts")
        return SetMix(whole(given, "team", "which team"), whole(given, "queue", "which queue"), share, reserved)
    who = tuple(int(value) for value in given.getlist("who") if value.isascii() and value.isdigit())
    if not who:
        raise WordsError("Choose who is lent: tick at least one associate on the page of a team.")
    return LendAssociates(who, whole(given, "team", "to which team"), until(site, given.get("until", "")))


def typed_why() -> str:
    """Return the reason that a form gives as the history can keep it; it may be empty."""
    return request.form.get("why", "").replace("\x00", "").strip()[:LONGEST_WHY]


def given_why() -> str:
    """Return the reason that a form gives, which the history keeps; WordsError when there is none."""
    why = typed_why()
    if not why:
        raise WordsError("Say why; it stands in the history.", "why")
    return why


def until(site: SiteFacts, text: str) -> datetime:
    """Return the next instant at which the clocks of a site show a time."""
    zone = ZoneInfo(site.zone_name)
    try:
        wall = time.fromisoformat(text)
    except ValueError:
        raise WordsError("Say until when, as hours and minutes such as 17:30.") from None
    today = now().astimezone(zone).date()
    chosen = [local_instant(today + timedelta(days=offset), wall, zone) for offset in (0, 1)]
    return next(instant for instant in chosen if instant > now())


@blueprint.get("/floor/history")
def history() -> str:
    """Show what was done on the floor, the newest first."""
    site = first_site()
    before = arguments.text("before")
    older = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    entries = reallocation.history(engine(), site.id, limit=HISTORY_LENGTH, before_id=older) if site else ()
    return render_template("floor/history.html", site=site, entries=entries, length=HISTORY_LENGTH, kinds=KINDS)


@blueprint.post("/floor/history/<id:action_id>/undo")
def undo(action_id: int) -> Response:
    """Take a move back."""
    settings: dict[str, Any] = {"by": current_user().name, "clock": clock(), "team_ids": steered_teams()}
    undone = reallocation.undo(engine(), action_id, why=typed_why(), **settings)
    flash(f"Undone. {undone.words}", "good")
    return redirect(url_for("floor_steering.history"))


def applied(proposal_id: int) -> str:
    """Apply a proposal; return what to say."""
    proposals.apply(engine(), proposal_id, by=current_user().name, clock=clock(), team_ids=steered_teams())
    return "Applied. It stands in the history, where it can be undone."


def held(proposal_id: int) -> str:
    """Hold a proposal; return what to say."""
    proposals.hold(engine(), proposal_id, by=current_user().name, why=given_why(), clock=clock())
    return "Held: it stays until its deadline, and nothing else is proposed for the queue."


def discarded(proposal_id: int) -> str:
    """Discard a proposal; return what to say."""
    proposals.discard(engine(), proposal_id, by=current_user().name, why=given_why(), clock=clock())
    return "Discarded. Nothing new is proposed for the queue for a quarter of an hour."


DECISIONS: Final[Mapping[str, Callable[[int], str]]] = {"apply": applied, "hold": held, "discard": discarded}


@blueprint.post("/floor/proposals/<id:proposal_id>/<decision>")
def decide(proposal_id: int, decision: str) -> Response:
    """Apply, hold or discard a proposal."""
    if decision not in DECISIONS:
        raise NotFoundError(f"A proposal can be applied, held or discarded, not {decision!r}.")
    flash_outcome(lambda: DECISIONS[decision](proposal_id))
    return redirect(url_for("floor.show"))


@blueprint.post("/floor/automatic")
def automatic() -> Response:
    """Let proposals be applied without asking, or stop that at once."""
    on = request.form.get("on") == "yes"
    flash_outcome(lambda: switched(on=on))
    return redirect(url_for("floor.show"))


def switched(*, on: bool) -> str:
    """Switch the automatic application; a brake asks for no reason. Return what to say."""
    why = given_why() if on else "stopped by hand"
    floor_settings.switch_automatic(engine(), the_site().id, on=on, by=current_user().name, why=why, clock=clock())
    return "Proposals that can be undone are applied without asking." if on else "Nothing is applied without asking any more."
