"""What makes the pages of associates an app: the manifest, and the service worker that keeps their days readable offline."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for

blueprint = Blueprint("app_shell", __name__)

ICONS: Final = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("maskable-512.png", "512x512", "maskable"),
)
LOOKS: Final = {
    "id": "/me",
    "name": "Workforce: my shifts",
    "short_name": "Shifts",
    "scope": "/",
    "display": "standalone",
    "background_color": "#f5f6f4",
    "theme_color": "#0a5c63",
}


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Return what a phone needs to know to install the pages."""
    icons = [
        {"src": url_for("static", filename=f"app/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, sizes, purpose in ICONS
    ]
    response = jsonify(**LOOKS, start_url=url_for("me.show"), icons=icons)
    response.content_type = "application/manifest+json"
    return response


@blueprint.get("/me/offline")
def offline() -> str:
    """Show what stands in for a page that was not kept, when there is no network."""
    return render_template("me/offline.html")


@blueprint.get("/service-worker.js")
def worker() -> Response:
    """Return the service worker, from the root, so that it may keep pages anywhere below it."""
    script = Path(current_app.static_folder or "static") / "js" / "own" / "worker.js"
    response = Response(script.read_bytes(), content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = "/"
    response.headers["Cache-Control"] = "no-cache"
    return response
