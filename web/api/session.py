"""Sessions for programs: a name and a password against a token."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import BadRequest

from services import sessions
from web.access import session_token
from web.context import clock, engine, passwords
from web.json_input import sent_json
from web.sign_in import caller

blueprint = Blueprint("api_session", __name__)


def given_credentials() -> tuple[str, str]:
    """Return name and password of the body; BadRequest when it has not exactly these two texts."""
    match sent_json():
        case {"name": str(name), "password": str(password)}:
            return name, password
    raise BadRequest('Send {"name": "...", "password": "..."} as application/json.')


@blueprint.post("/session")
def create() -> tuple[Response, int]:
    """Open a session; its token goes into the header `Authorization: Bearer` of what follows."""
    name, password = given_credentials()
    token = sessions.sign_in(engine(), name, password, address=caller(), clock=clock(), passwords=passwords())
    answer = jsonify(token=token, token_type="Bearer", life_seconds=int(sessions.LIFE.total_seconds()))  # noqa: S106 (a kind)
    answer.headers["Cache-Control"] = "no-store"
    return answer, 201


@blueprint.delete("/session")
def end() -> tuple[str, int]:
    """End the session of this request."""
    sessions.sign_out(engine(), session_token())
    return "", 204
