"""Error pages: what happened, in the words of the error, and where to go from here."""

from __future__ import annotations

from typing import Final, cast

from flask import Flask, Response, jsonify, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from scheduling.errors import BadInputError, ConflictError, NotFoundError, SchedulingError

TITLES: Final = {
    400: "This request cannot be understood",
    403: "You may not see this",
    404: "There is nothing here",
    405: "This address does not take that",
    409: "Somebody was faster",
    413: "This is too large",
    422: "The input has faults",
    500: "Something broke on our side",
    503: "The service is not ready",
}
MESSAGES: Final = {
    403: "Until there is a sign-in, only whoever sits at the machine itself is the planner. "
    "Open the pages on that machine as http://127.0.0.1 with its port, or through a tunnel to it.",
    404: "The address is mistyped, or what it showed was removed.",
    500: "Nothing was half done: a change is made whole or not at all. The fault is in the log. Try again; "
    "if it happens again, tell whoever runs this service at what time it was.",
}
"""What is said where the error itself has nothing for the user."""

CODES: Final[tuple[tuple[type[SchedulingError], int], ...]] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (BadInputError, 422),
    (SchedulingError, 503),
)
"""The first class that fits decides; errors that are no fault of the request mean that the service cannot answer now."""


def error_response(code: int, message: str) -> Response:
    """Return the error as a page, or as JSON where the request asks for JSON."""
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        response = jsonify(error=TITLES.get(code, "Error"), message=message)
    else:
        links = [(request.full_path, "Try again")] if code >= 500 and request.method == "GET" else []
        links.append((url_for("rosters.index"), "To the rosters"))
        title = TITLES.get(code, "This did not work")
        response = make_response(render_template("errors/error.html", code=code, title=title, message=message, links=links))
    response.status_code = code
    return response


def on_scheduling_error(error: SchedulingError) -> Response:
    """Show an error of the domain: its own words say what is wrong and what to do."""
    code = next(code for kind, code in CODES if isinstance(error, kind))
    return error_response(code, str(error))


def on_http_error(error: HTTPException) -> Response:
    """Show an error of the protocol, one that broke the program included."""
    if error.response is not None:
        return cast("Response", error.response)
    code = error.code or 500
    response = error_response(code, MESSAGES.get(code) or error.description or "")
    if code == 405:
        response.headers.extend(error.get_headers())  # The answer must say which methods the address takes.
        response.headers["Content-Type"] = response.mimetype
    return response


def on_forgery(_error: CSRFError) -> Response:
    """Show that a form is refused, because its token is missing, wrong or too old."""
    return error_response(
        400,
        "The page was open for too long, or the form came from elsewhere. Nothing was changed: load the page again and repeat.",
    )


def register(app: Flask) -> None:
    """Show errors of an application as pages."""
    app.register_error_handler(SchedulingError, on_scheduling_error)
    app.register_error_handler(CSRFError, on_forgery)
    app.register_error_handler(HTTPException, on_http_error)
