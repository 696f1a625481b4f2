"""The session cookie: signed, out of the reach of scripts and of foreign pages, and sent over an encrypted connection only."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface


def is_loopback(host: str) -> bool:
    """Return whether an address on which the application listens can be reached from its own machine only."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def cookie_is_secure(host: str, *, is_encrypted: bool) -> bool:
    """Return whether browsers may send the cookie over an encrypted connection only.

    Only the machine itself may do without encryption, for nobody listens in between; a proxy on that machine that speaks HTTPS to
    the world is known by the request.
    """
    return is_encrypted or not is_loopback(host)


class SessionCookies(SecureCookieSessionInterface):
    """Writes the cookie of each response.

    Parameters
    ----------
    host
        Address on which the application listens.
    """

    def __init__(self, host: str) -> None:
        self.host = host

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the cookie of this response is for encrypted connections only."""
        return cookie_is_secure(self.host, is_encrypted=request.is_secure)


def register(app: Flask, host: str) -> None:
    """Let an application write its cookies so."""
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.session_interface = SessionCookies(host)
