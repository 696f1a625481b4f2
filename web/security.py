"""Headers of every response: nothing is loaded from outside, nothing inline is run, nobody frames the pages."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request


def content_security_policy(media_origins: str = "", connect_origins: str = "") -> str:
    """Return the policy of a page.

    Parameters
    ----------
    media_origins
        Where pictures and videos may come from beside this application itself, in the words of the policy such as ``https:``.
    connect_origins
        What the scripts of the page may listen to beside this application itself.
    """
    media, connect = f" {media_origins}".rstrip(), f" {connect_origins}".rstrip()
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            # The style sheet of Bootstrap carries its small signs as data.
            f"img-src 'self' data:{media}",
            f"media-src 'self'{media}",
            "font-src 'self'",
            "manifest-src 'self'",
            f"connect-src 'self'{connect}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


CONTENT_SECURITY_POLICY: Final = content_security_policy()

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


MOST_BYTES: Final = 2**20
"""Largest body of a request; forms are small."""
MOST_BYTES_OF: Final = {"api_jobs.send": 2**22, "imports.hand_in": 2**24 + 2**16, "roster_files.hand_in": 2**24 + 2**16}
"""Where more is taken: a thousand jobs; a file to import, with what is around it."""


def add_headers(response: Response) -> Response:
    """Add the headers; what says nothing of its own about caching is fetched again each time, for people change rosters."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def bound_body() -> None:
    """Let an endpoint that needs it take more; this goes before anything that reads the body."""
    request.max_content_length = MOST_BYTES_OF.get(request.endpoint or "", MOST_BYTES)


def register(app: Flask) -> None:
    """Add the headers to every response of an application, and bound what it takes."""
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.before_request(bound_body)
    app.after_request(add_headers)
