"""Error pages: what happened, in the words of the error, and where to go from here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError, SchedulingError
from scheduling.words import N_
from services.sessions import SignInRefusedError, TooManyAttemptsError
from storage.errors import DatabaseUnavailableError, StorageError
from web.access import API_PREFIX, current_user, forget_user
from web.context import NoOperationError
from web.speech import follow_browser, in_words

TITLES: Final = {
    400: N_("This request cannot be understood"),
    401: N_("You are not signed in"),
    403: N_("You may not see this"),
    404: N_("There is nothing here"),
    405: N_("This address does not take that"),
    409: N_("This is not possible as things stand"),
    413: N_("This is too large"),
    422: N_("The input has faults"),
    429: N_("Too many attempts"),
    500: N_("Something broke on our side"),
    503: N_("The service is not ready"),
}
MESSAGES: Final = {
    403: N_("Your account may not see or do this. Whoever thinks that it should asks an administrator for another role."),
    404: N_("The address is mistyped, or what it showed was removed."),
    500: N_(
        "Nothing was half done: a change is made whole or not at all. The fault is in the log. Try again; "
        "if it happens again, tell whoever runs this service at what time it was."
    ),
    503: N_(
        "The database cannot be reached. Nothing was half done: a change is made whole or not at all. Try again in a minute; "
        "if it stays so, tell whoever runs this service at what time it was."
    ),
}
"""What is said where the error itself has nothing for the user."""

FORGED: Final = N_(
    "Somebody signed in or out after the page was opened, or the form came from elsewhere. "
    "Nothing was changed: load the page again and repeat."
)
NO_ENCRYPTION: Final = (
    "This service is reached over the network without encryption (http:), and browsers keep its cookie back there. Nothing was "
    "changed: open it under https:, or on its own machine."
)

CODES: Final[tuple[tuple[type[SchedulingError], int], ...]] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (BadInputError, 422),
    (SignInRefusedError, 401),
    (TooManyAttemptsError, 429),
    (SchedulingError, 503),
)
"""The first class that fits decides; errors that are no fault of the request mean that the service cannot answer now."""


def wants_page() -> bool:
    """Return whether the answer is for somebody who reads it: not for the API, a script of a page, or a stream of events."""
    is_for_script = request.headers.get("Sec-Fetch-Dest", "document") != "document"
    return not is_for_script and not wants_json() and "text/event-stream" not in request.accept_mimetypes.values()


def wants_json() -> bool:
    """Return whether the request asks for JSON, or for an address of the API, which speaks nothing else."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" or request.path.startswith(API_PREFIX)


def error_response(code: int, message: str, faults: Sequence[Fault] = ()) -> Response:
    """Return the error as a page, or as JSON where the request asks for JSON, which also has each fault on its own."""
    if wants_json():
        listed = [{"index": one.row, "field": one.column, "value": one.value, "reason": in_words(one.reason)} for one in faults]
        response = jsonify(error=in_words(TITLES.get(code, "Error")), message=message, **({"faults": listed} if listed else {}))
    else:
        links = [(request.full_path, in_words(N_("Try again")))] if code >= 500 and request.method == "GET" else way_back()
        links.append((url_for(current_user().home), in_words(N_("To the first page"))))
        title = in_words(TITLES.get(code, N_("This did not work")))
        response = make_response(render_template("errors/error.html", code=code, title=title, message=message, links=links))
    response.status_code = code
    return response


def way_back() -> list[tuple[str, str]]:
    """Return a link to the page of this application from which a form was sent, so that it can be opened anew."""
    page = urlsplit(request.referrer or "")
    routes = current_app.create_url_adapter(request)
    if request.method == "GET" or page.netloc != request.host or routes is None or not routes.test(page.path, "GET"):
        return []
    return [(request.referrer or "", in_words(N_("Open the page again")))]


def on_scheduling_error(error: SchedulingError) -> Response:
    """Show an error of the domain: its own words say what is wrong and what to do."""
    code = next(code for kind, code in CODES if isinstance(error, kind))
    response = error_response(code, said(error), error.faults if isinstance(error, BadInputError) else ())
    if isinstance(error, TooManyAttemptsError):
        response.headers["Retry-After"] = str(error.wait_seconds)
    return response


def on_no_operation(error: NoOperationError) -> Response:
    """Show what a page without an operation shows: nothing is wrong with the address."""
    if wants_json():
        return on_scheduling_error(error)
    return make_response(render_template("errors/no_operation.html"), 404)


def on_storage_error(error: StorageError | DatabaseUnavailableError) -> Response:
    """Show that the database is away, or refused what nobody should have asked for: in plain words, details to the log."""
    code = 503 if isinstance(error, DatabaseUnavailableError) else 500
    current_app.logger.error("%s %s: %s", request.method, request.path, error, exc_info=error)
    if code == 503:
        # Neither who asks nor the language that they chose can be looked up.
        forget_user()
        follow_browser()
    return error_response(code, in_words(MESSAGES[code]))


def said(error: SchedulingError) -> str:
    """Return the words of an error for whoever reads them; of faults, the place of each stands before it."""
    if isinstance(error, BadInputError):
        return "\n".join(str(replace(fault, reason=in_words(fault.reason))) for fault in error.faults)
    return in_words(error.args[0]) if error.args else ""


def on_http_error(error: HTTPException) -> Response:
    """Show an error of the protocol, one that broke the program included."""
    if error.response is not None:
        return cast("Response", error.response)
    # Where nobody can be looked up, whoever asks is a stranger from the second question on, and is told all the same.
    with suppress(DatabaseUnavailableError):
        current_user()
    code = error.code or 500
    response = error_response(code, in_words(MESSAGES.get(code) or error.description or ""))
    if code == 405:
        response.headers.extend(error.get_headers())  # The answer must say which methods the address takes.
        response.headers["Content-Type"] = response.mimetype
    return response


def on_forgery(_error: CSRFError) -> Response:
    """Show that a form is refused, because its token is missing or wrong."""
    is_kept_back = current_app.session_interface.get_cookie_secure(current_app) and not request.is_secure
    return error_response(400, NO_ENCRYPTION if is_kept_back else in_words(FORGED))


def register(app: Flask) -> None:
    """Show errors of an application as pages."""
    app.register_error_handler(SchedulingError, on_scheduling_error)
    app.register_error_handler(NoOperationError, on_no_operation)
    app.register_error_handler(StorageError, on_storage_error)
    app.register_error_handler(DatabaseUnavailableError, on_storage_error)
    app.register_error_handler(CSRFError, on_forgery)
    app.register_error_handler(HTTPException, on_http_error)
