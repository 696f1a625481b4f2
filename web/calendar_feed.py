"""The calendar feed at its secret address, for programs that cannot sign in."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request

from services import calendar_feed
from web.context import clock, engine

blueprint = Blueprint("calendar_feed", __name__)


@blueprint.get("/calendar/<token>.ics")
def show(token: str) -> Response:
    """Give the calendar behind a secret; a program that has it already is told so."""
    response = make_response(calendar_feed.feed_of(engine(), token, clock=clock()))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'inline; filename="shifts.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    response.make_conditional(request)
    return response
