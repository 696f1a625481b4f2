"""Pages of the floor: what happens now, and one team of it."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from threading import Lock
from typing import Final

from flask import Blueprint, Response, make_response, render_template, request
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from scheduling.errors import NotFoundError
from services import floor, floor_settings, proposals
from services.accounts import Role
from services.floor import FloorSnapshot
from services.reading import SiteFacts
from web import arguments
from web.access import current_user, may, may_see_team
from web.context import clock, engine, first_site, now, the_site
from web.floor_model import STANDING_TITLES, floor_page, stale_minutes
from web.live import allow_live, live_address

blueprint = Blueprint("floor", __name__)

CSRF_MARK: Final = "csrf-token-of-whoever-looks"
"""Stands for the token in what is kept for everybody."""
MOST_KEPT: Final = 64
OWN, ALL = "own", "all"

_kept: dict[tuple[object, ...], tuple[str, str]] = {}
_lock = Lock()


@blueprint.get("/floor")
def show() -> Response:
    """Show the floor as it is now."""
    site = first_site()
    model = live_model(site) if site else {"snapshot": None, "is_open": False}
    return allow_live(make_response(render_template("floor/now.html", site=site, **model)))


@blueprint.get("/floor/live")
def live() -> AnyResponse:
    """Return the parts of the page that move; nothing when the page has them already."""
    model = live_model(the_site())
    response = make_response(render_template("floor/_live.html", **model))
    response.set_etag(sha256(f"{model['stamp']} {model['stale']}".encode()).hexdigest())
    return response.make_conditional(request)


@blueprint.get("/floor/teams/<id:team_id>")
def team(team_id: int) -> str:
    """Show everybody who works for a team now."""
    site = the_site()
    name = team_name(site, team_id)
    members = floor.people_of_team(engine(), site.id, team_id, clock=clock())
    return render_template("floor/team.html", site=site, team_id=team_id, name=name, members=members, titles=STANDING_TITLES)


def team_name(site: SiteFacts, team_id: int) -> str:
    """Return the name of a team that the user may see; NotFoundError when there is none that they may see."""
    snapshot = floor.read_snapshot(engine(), site.id)
    name = snapshot.team_name(team_id) if snapshot else ""
    if not name or not may_see_team(current_user(), team_id):
        raise NotFoundError("There is no such team that you lead, or nobody works for it now.")
    return name


def steered_teams() -> frozenset[int] | None:
    """Return the teams that the user may steer; nothing for somebody who steers all."""
    user = current_user()
    return user.team_ids if user.role is Role.SUPERVISOR else None


def live_model(site: SiteFacts) -> dict[str, object]:
    """Return what the page of the floor is filled with."""
    snapshot = floor.read_snapshot(engine(), site.id)
    mine = steered_teams()
    scope = arguments.one_of("teams", (OWN, ALL), OWN if mine else ALL)
    stamp, parts = ("", "") if snapshot is None else kept_parts(site, snapshot, mine if scope == OWN else None)
    return {
        "snapshot": snapshot,
        "is_open": snapshot is not None or floor.is_open(engine(), site.id),
        "stale": None if snapshot is None else minutes_of(stale_minutes(snapshot, now())),
        "parts": parts.replace(CSRF_MARK, generate_csrf()),
        "stamp": stamp,
        "scope": scope,
        "has_own": bool(mine),
        "zone_name": site.zone_name,
        "stream": live_address(site.id),
    }


def minutes_of(minutes: float | None) -> int | None:
    """Return whole minutes, at least one."""
    return None if minutes is None else max(1, round(minutes))


def kept_parts(site: SiteFacts, snapshot: FloorSnapshot, team_ids: Collection[int] | None) -> tuple[str, str]:
    """Return a stamp and the moving parts, written once for all who see the same."""
    offered = proposals.undecided(engine(), site.id)
    setting = floor_settings.read_setting(engine(), site.id)
    steers = may(current_user(), "floor_steering.decide")
    states = tuple((one.id, one.state.value, one.decided_by) for one in offered)
    mine = steered_teams()
    scopes = tuple(None if ids is None else tuple(sorted(ids)) for ids in (team_ids, mine))
    key = (id(engine()), site.id, snapshot.version, snapshot.computed_at, states, setting.version, scopes, steers)
    with _lock:
        found = _kept.get(key)
    if found is None:
        page = floor_page(snapshot, team_ids)
        html = render_template(
            "floor/_parts.html",
            page=page,
            offered=offered,
            setting=setting,
            steers=steers,
            csrf=CSRF_MARK,
            titles=STANDING_TITLES,
        )
        found = sha256(html.encode()).hexdigest(), html
        with _lock:
            while len(_kept) >= MOST_KEPT:
                del _kept[next(iter(_kept))]
            _kept[key] = found
    return found
