"""Where open pages hear of news: the address of the live process, and the policy that lets a page reach it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, current_app, request

from config import Settings
from web.security import content_security_policy

PATH = "/floor/events"


def live_origin(settings: Settings, host: str) -> str:
    """Return scheme, host and port of the live process as a browser reaches it that asked for a page of `host`."""
    if settings.live_url:
        parts = urlsplit(settings.live_url)
        return f"{parts.scheme}://{parts.netloc}"
    name = urlsplit(f"//{host}").hostname or ""
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{settings.live_port_used}"


def live_address(site_id: int) -> str:
    """Return the address of the stream of a site."""
    settings: Settings = current_app.extensions["settings"]
    base = settings.live_url.rstrip("/") or live_origin(settings, request.host)
    return f"{base}{PATH}?site={site_id}"


def allow_live(response: Response) -> Response:
    """Let the scripts of a page listen to the live process."""
    origin = live_origin(current_app.extensions["settings"], request.host)
    response.headers["Content-Security-Policy"] = content_security_policy(connect_origins=origin)
    return response
