"""Pages of somebody who works: the work page itself, and what there is to look at in the sample."""

from __future__ import annotations

from io import BytesIO
from typing import Final, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, make_response, render_template, send_file

from config import Settings
from sample.pictures import shelf_picture
from sample.videos import stowing_video
from scheduling.words import N_
from services import own
from services.own import Person
from web.context import engine, now
from web.me import myself
from web.security import content_security_policy
from web.speech import speech
from web.work_words import work_words

blueprint = Blueprint("work", __name__)

PRESENCE_EVENTS: Final = (
    ("sign_in", N_("Sign in to work"), "S"),
    ("break_start", N_("Start break"), "B"),
    ("break_end", N_("End break"), "B"),
    ("coaching_start", N_("Start coaching"), ""),
    ("coaching_end", N_("End coaching"), ""),
    ("system_down", N_("System down"), ""),
    ("system_up", N_("System works again"), ""),
    ("sign_out", N_("Sign out of work"), "S"),
)
"""Event, words and key of each button."""

KEY_HELP: Final = (
    (("1–9",), N_("choose an option of the first question that is open; again to take it back, where several may be chosen")),
    (("Enter",), N_("send the answer")),
    (("R", "Esc"), N_("return the item")),
    (("P",), N_("go to the picture: arrow keys move the cross, with Shift in longer steps, Enter sets the mark")),
    (("+", "-", "0"), N_("larger, smaller, whole picture")),
    (("Space",), N_("play or pause")),
    ((",", "."), N_("one frame back, one frame on")),
    (("[", "]"), N_("slower, faster")),
    (("L",), N_("loop the video, or not")),
    (("B",), N_("start the break, end the break")),
    (("S",), N_("sign in, sign out")),
    (("?",), N_("these keys")),
)


CYCLES: Final = {12: "h12", 24: "h23"}
"""What browsers call the ways of counting hours."""


def _media_policy() -> str:
    settings = cast("Settings", current_app.extensions["settings"])
    return content_security_policy(media_origins=settings.media_origins)


@blueprint.get("/work")
def show() -> Response:
    """Show the page on which an associate takes jobs; what moves on it comes from the interface for programs."""
    response = make_response(render_template("work/show.html", **_model(myself())))
    response.headers["Content-Security-Policy"] = _media_policy()
    return response


def _model(person: Person) -> dict[str, object]:
    return {
        "associate": person,
        "now": now(),
        "zone_sign": now().astimezone(ZoneInfo(person.zone_name)).tzname(),
        "presence_events": PRESENCE_EVENTS,
        "break_kinds": own.break_kinds(engine(), person.site_id),
        "key_help": KEY_HELP,
        "words": work_words(speech()),
        "cycle": CYCLES[speech().hour_cycle],
    }


@blueprint.get("/media/sample/<id:seed>.svg")
def picture(seed: int) -> Response:
    """Return a picture of the sample; the same address always gives the same one."""
    return _kept(Response(shelf_picture(seed), mimetype="image/svg+xml"))


@blueprint.get("/media/sample/<id:seed>.mp4")
def video(seed: int) -> Response:
    """Return a video of the sample, or the part of it that a player asks for."""
    return _kept(send_file(BytesIO(stowing_video(seed)), mimetype="video/mp4", conditional=True, etag=False))


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response
