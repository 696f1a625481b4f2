"""The live process: tells open pages that there are new figures of a floor, by Server-Sent Events.

A small WSGI application for one gunicorn worker of class gevent, beside the web application: there every open page would hold
a thread. It imports nothing heavy, listens to the database on one connection for everybody, and sends versions only; what is
shown is fetched again from the web application.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha1
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import gevent
import psycopg
from gevent.event import Event
from itsdangerous import BadSignature, URLSafeTimedSerializer
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config import Settings, settings_from_environment
from scheduling.errors import SchedulingError
from scheduling.times import Clock
from services.sessions import SESSION_PREFIX, who
from storage.account_tables import Role
from storage.bulk import raw
from storage.clock import DatabaseClock
from storage.database import open_engine
from storage.snapshots import CHANNEL, all_versions

PATH: Final = "/floor/events"
READERS: Final = frozenset({Role.ADMINISTRATOR, Role.PLANNER, Role.SUPERVISOR})
"""Who may see a floor, as the table of the web application says; a test holds the two together."""
COOKIE, TOKEN_KEY, SALT = "session", "token", "cookie-session"
"""The cookie of the web application, the key of the token in it, and what its signature is salted with."""
COOKIE_LIFE: Final = timedelta(days=31)

Environ = Mapping[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True)
class Pace:
    """How the process breathes, in seconds.

    Parameters
    ----------
    heartbeat_seconds
        How often every stream gets a comment, so that proxies keep it open and a vanished client is noticed.
    life_seconds
        After about so long a stream ends, and the browser connects again: a session that is over is noticed then.
    retry_seconds
        Least and most time after which a browser connects again; each is told another one.
    """

    heartbeat_seconds: float = 20.0
    life_seconds: float = 900.0
    retry_seconds: tuple[float, float] = (1.0, 4.0)


@dataclass(eq=False)
class Client:
    """One stream.

    Parameters
    ----------
    descriptor
        Its socket.
    sent
        The newest version that was sent.
    ended
        Set when the stream is over, which ends the greenlet of its request.
    """

    site_id: int
    descriptor: int
    is_chunked: bool
    sent: int = 0
    ended: Event = field(default_factory=Event)

    def write(self, text: bytes) -> bool:
        """Send some text at once; return whether it went. A client that does not read is left out, a vanished one ends.

        The greenlet of the request sleeps, so nobody else writes. To wake five thousand greenlets for one line each would take
        several times as long as the lines themselves.
        """
        framed = b"%x\r\n%b\r\n" % (len(text), text) if self.is_chunked else text
        try:
            if os.write(self.descriptor, framed) == len(framed):
                return True
        except BlockingIOError:
            # Its buffer is full; the newest version goes out when there is room again.
            return False
        except OSError:
            pass
        # What was written by half cannot be taken back.
        self.ended.set()
        return False


class Hub:
    """All streams, and the newest version of every site. At most the newest version is owed to a client, whatever it missed."""

    def __init__(self) -> None:
        self.versions: dict[int, int] = {}
        self.clients: dict[int, set[Client]] = {}

    def join(self, client: Client) -> None:
        """Add a stream."""
        self.clients.setdefault(client.site_id, set()).add(client)

    def leave(self, client: Client) -> None:
        """Remove a stream."""
        self.clients.get(client.site_id, set()).discard(client)

    def publish(self, site_id: int, version: int) -> None:
        """Tell the streams of a site of a version."""
        self.versions[site_id] = version
        line = event_of(version)
        for client in tuple(self.clients.get(site_id, ())):
            if client.write(line):
                client.sent = version

    def catch_up(self, client: Client) -> bool:
        """Tell a stream of the version that it is owed; return whether there was one."""
        version = self.versions.get(client.site_id, 0)
        if client.sent == version:
            return False
        if client.write(event_of(version)):
            client.sent = version
        return True

    def beat(self) -> None:
        """Send every stream what it is owed, or a comment."""
        for client in [one for clients in self.clients.values() for one in clients]:
            if not self.catch_up(client):
                client.write(b": still here\n\n")


def event_of(version: int) -> bytes:
    """Return the event of a version."""
    return b"id: %d\nevent: floor\ndata: %d\n\n" % (version, version)


class Listener:
    """Hears of new versions on one connection, and connects again when that is lost."""

    def __init__(self, engine: Engine, hub: Hub, pace: Pace) -> None:
        self._engine, self._hub, self._pace = engine, hub, pace
        self._asked_at = 0.0

    def run(self) -> None:
        """Listen for ever."""
        while True:
            with suppress(SchedulingError, SQLAlchemyError, psycopg.Error, OSError):
                self.listen()
            # Processes that lost the database together should not come back together.
            gevent.sleep(random.uniform(0.5, 2.0))  # noqa: S311 (only spreads the load)

    def listen(self) -> None:
        """Listen until the connection is lost."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            driver = raw(connection)
            driver.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            # What was told while nobody listened is read from the table.
            for site_id, version in all_versions(connection).items():
                self._hub.publish(site_id, version)
            while True:
                for told in driver.notifies(timeout=self._pace.heartbeat_seconds, stop_after=1):
                    site, _, version_told = told.payload.partition(":")
                    self._hub.publish(int(site), int(version_told))
                if driver.closed:
                    return
                # A connection that died silently is noticed by this.
                if time.monotonic() - self._asked_at > self._pace.heartbeat_seconds:
                    self._asked_at = time.monotonic()
                    driver.execute("SELECT 1")


class Application:
    """The WSGI application of the live process."""

    def __init__(self, engine: Engine, settings: Settings, clock: Clock, pace: Pace | None = None) -> None:
        self._engine, self._settings, self._clock, self._pace = engine, settings, clock, pace or Pace()
        signing = {"key_derivation": "hmac", "digest_method": sha1}
        self._cookies = URLSafeTimedSerializer(settings.signing_key(), salt=SALT, signer_kwargs=signing)
        self.hub = Hub()

    def start(self) -> None:
        """Begin to listen, and to keep streams alive."""
        gevent.spawn(Listener(self._engine, self.hub, self._pace).run)
        gevent.spawn(self._beat)

    def _beat(self) -> None:
        while True:
            gevent.sleep(self._pace.heartbeat_seconds)
            self.hub.beat()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: a stream, or in one line why not."""
        origin = environ.get("HTTP_ORIGIN", "")
        if environ.get("PATH_INFO") != PATH or environ.get("REQUEST_METHOD") != "GET":
            return refuse(start_response, "404 Not Found", "There is nothing here.")
        if origin and origin != own_origin(environ, self._settings):
            return refuse(start_response, "403 Forbidden", "Only pages of this site may listen here.")
        cors = cors_of(origin)
        site = parse_qs(environ.get("QUERY_STRING", "")).get("site", [""])[0]
        if not (site.isascii() and site.isdigit() and len(site) < 19):
            return refuse(start_response, "400 Bad Request", "Say which site: ?site=1.", cors)
        try:
            status = self._refusal(environ)
        except SchedulingError as error:
            return refuse(start_response, "503 Service Unavailable", str(error), cors)
        if status:
            return refuse(start_response, status, "Sign in as somebody who may see the floor.", cors)
        start_response(
            "200 OK",
            [
                ("Content-Type", "text/event-stream; charset=utf-8"),
                ("Cache-Control", "no-store"),
                ("X-Accel-Buffering", "no"),
                ("X-Content-Type-Options", "nosniff"),
                *cors,
            ],
        )
        return self._stream(environ, int(site))

    def _refusal(self, environ: Environ) -> str:
        """Return the status with which somebody is refused; empty for those who may listen."""
        token = self._token(environ.get("HTTP_COOKIE", ""))
        known = who(self._engine, token, now=self._clock.now()) if token.startswith(SESSION_PREFIX) else None
        if known is None:
            return "401 Unauthorized"
        return "" if known.role in READERS and not known.must_change_password else "403 Forbidden"

    def _token(self, cookies: str) -> str:
        """Return the token of the session in the cookie; empty when there is none, or its signature is wrong."""
        with suppress(CookieError, BadSignature, KeyError, ValueError, TypeError):
            found = self._cookies.loads(SimpleCookie(cookies)[COOKIE].value, max_age=int(COOKIE_LIFE.total_seconds()))
            return str(found[TOKEN_KEY])
        return ""

    def _stream(self, environ: Environ, site_id: int) -> Iterator[bytes]:
        """Yield the beginning of a stream; the hub writes the rest to the socket while this sleeps."""
        client = Client(site_id, environ["gunicorn.socket"].fileno(), environ.get("SERVER_PROTOCOL") == "HTTP/1.1")
        least, most = self._pace.retry_seconds
        retry = round(1000 * random.uniform(least, most))  # noqa: S311 (only spreads the load)
        client.sent = self.hub.versions.get(site_id, 0)
        yield b"retry: %d\n\n%b" % (retry, event_of(client.sent))
        self.hub.join(client)
        # A version that came while the first lines went out is told at once.
        self.hub.catch_up(client)
        try:
            client.ended.wait(self._pace.life_seconds * random.uniform(0.8, 1.2))  # noqa: S311
        finally:
            self.hub.leave(client)


def own_origin(environ: Environ, settings: Settings) -> str:
    """Return the origin of the pages: the one that is set, else the same host with the port of the web application."""
    if settings.site_origin:
        return settings.site_origin
    name = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
    host = f"[{name}]" if ":" in name else name
    return f"http://{host}" if settings.port == 80 else f"http://{host}:{settings.port}"


def cors_of(origin: str) -> list[tuple[str, str]]:
    """Return the headers that let the pages read an answer."""
    if not origin:
        return [("Vary", "Origin")]
    return [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"), ("Vary", "Origin")]


def refuse(
    start_response: StartResponse, status: str, message: str, headers: Iterable[tuple[str, str]] = ()
) -> list[bytes]:  # fmt: skip
    """Answer with an error."""
    body = json.dumps({"error": status.partition(" ")[2], "message": message}).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers])
    return [body]


def create_app(settings: Settings | None = None) -> Application:
    """Return the application, already listening; without settings those of the environment."""
    chosen = settings or settings_from_environment()
    engine = open_engine(chosen)
    application = Application(engine, chosen, DatabaseClock(engine))
    application.start()
    return application
