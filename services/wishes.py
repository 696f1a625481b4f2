"""Wishes before a rotation period: a window is opened, associates share points out, and later see what was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, select, text

from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.times import Clock
from scheduling.words import Words
from services.notices import tell
from storage import wishes as stored
from storage.errors import domain_errors
from storage.rosters import record
from storage.sites import person, zone_of_site
from storage.tables import associate, shift_type
from storage.wishes import Wish, WishOutcome, WishWindow

__all__ = [
    "NewWish",
    "Wish",
    "WishOutcome",
    "WishView",
    "WishWindow",
    "list_windows",
    "open_window",
    "own_wishes",
    "save_wishes",
    "wishes_of_window",
]

SUBJECT: Final = "wish window"
MOST_WISHES: Final = 60
LONGEST_DAYS: Final = 7 * 53


@dataclass(frozen=True)
class NewWish:
    """A wish as it is typed: a day off, or a timing, with its points."""

    day: date | None
    shift_type_id: int | None
    points: int


@dataclass(frozen=True)
class WishView:
    """The wishes of an associate for a period, and what became of them.

    Parameters
    ----------
    timings
        The timings that may be wished, code and words by id.
    outcomes
        By the id of the wish; empty as long as nothing is published.
    """

    window: WishWindow
    is_open: bool
    wishes: tuple[Wish, ...]
    timings: Mapping[int, str]
    outcomes: Mapping[int, WishOutcome]


def open_window(
    engine: Engine,
    site_id: int,
    first_day: date,
    last_day: date,
    opens_at: datetime,
    closes_at: datetime,
    *,
    points: int,
    weight_per_point: float,
    by: str,
    clock: Clock,
) -> int:
    """Open a wishing window for a period; return its id.

    Raises
    ------
    BadInputError
        With every fault in days, times and numbers.
    ConflictError
        When another window is for some of the same days.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        today = now.astimezone(zone_of_site(connection, site_id)).date()
        _refuse_window(first_day, last_day, opens_at, closes_at, points, weight_per_point, today=today, now=now)
        values = {
            "site_id": site_id, "first_day": first_day, "last_day": last_day, "opens_at": opens_at, "closes_at": closes_at,
            "points": points, "weight_per_point": weight_per_point, "made_by": by, "made_at": now,
        }  # fmt: skip
        number = stored.insert_window(connection, values)
        period = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
        record(connection, now, by, "wishing window opened", (SUBJECT, number), None, **period)
        _tell_everybody(connection, site_id, first_day, last_day, closes_at, now)
        return number


def _tell_everybody(
    connection: Connection, site_id: int, first_day: date, last_day: date, closes_at: datetime, now: datetime
) -> None:
    people = connection.execute(select(associate.c.id).where(associate.c.site_id == site_id, associate.c.is_active)).scalars()
    words = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat(), "answer_at": closes_at.isoformat()}
    tell(connection, list(people), "wishes_open", words, now=now)


def _refuse_window(
    first_day: date,
    last_day: date,
    opens_at: datetime,
    closes_at: datetime,
    points: int,
    weight_per_point: float,
    *,
    today: date,
    now: datetime,
) -> None:
    wrong = [
        ("first_day", first_day, "The period must begin in the future.", first_day > today),
        ("last_day", last_day, "The last day must not lie before the first one.", last_day >= first_day),
        ("last_day", last_day, "A period may be at most 53 weeks long.", (last_day - first_day).days < LONGEST_DAYS),
        ("closes_at", closes_at, "The window must close after it opens.", closes_at > opens_at),
        ("closes_at", closes_at, "The window must close in the future.", closes_at > now),
        ("closes_at", closes_at, "The window must close before the period begins.", closes_at.date() < first_day),
        ("points", points, "Points are a whole number from 1 to 1000.", 1 <= points <= 1000),
        ("weight", weight_per_point, "The weight of a point is above 0 and at most 1000.", 0 < weight_per_point <= 1000),
    ]
    faults = [Fault("wishing window", None, column, str(value), reason) for column, value, reason, right in wrong if not right]
    if faults:
        raise BadInputError(faults)


def list_windows(engine: Engine, site_id: int) -> tuple[WishWindow, ...]:
    """Return the windows of a site, the latest period first."""
    with domain_errors(), engine.connect() as connection:
        return stored.windows_of(connection, site_id)


def own_wishes(engine: Engine, associate_id: int, *, clock: Clock) -> tuple[WishView, ...]:
    """Return the windows that are open or over, with the wishes of an associate, the latest period first."""
    now = clock.now()
    with domain_errors(), engine.connect() as connection:
        site_id = person(connection, associate_id).site_id
        windows = [one for one in stored.windows_of(connection, site_id) if one.opens_at <= now]
        timings = timings_of(connection, site_id)
        return tuple(_view(connection, one, associate_id, timings, now) for one in windows)


def _view(
    connection: Connection, window: WishWindow, associate_id: int, timings: Mapping[int, str], now: datetime
) -> WishView:  # fmt: skip
    wishes = stored.wishes_of(connection, window.id, associate_id)
    return WishView(window, window.is_open(now), wishes, timings, stored.outcomes(connection, window.id, associate_id))


def wishes_of_window(engine: Engine, window_id: int) -> tuple[WishWindow, tuple[Wish, ...], dict[int, WishOutcome]]:
    """Return a window with the wishes of everybody and what became of them."""
    with domain_errors(), engine.connect() as connection:
        window = stored.window_with_id(connection, window_id)
        return window, stored.wishes_of(connection, window_id), stored.outcomes(connection, window_id)


def timings_of(connection: Connection, site_id: int) -> dict[int, str]:
    """Return the timings that a site has now, in words, by id."""
    query = select(shift_type.c.id, shift_type.c.code, shift_type.c.starts_at).where(
        shift_type.c.site_id == site_id, shift_type.c.is_current
    )
    rows = connection.execute(query.order_by(shift_type.c.position))
    return {row.id: f"{row.code}, from {row.starts_at:%H:%M}" for row in rows}


def save_wishes(
    engine: Engine, associate_id: int, window_id: int, wanted: Sequence[NewWish], *, by: str, clock: Clock
) -> None:  # fmt: skip
    """Write the wishes of an associate in place of the former ones; the next roster of the period is built with them.

    Raises
    ------
    BadInputError
        With every fault: more points than there are, a day outside the period, the same thing twice.
    ConflictError
        When the window is not open.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        who, window = person(connection, associate_id), stored.window_with_id(connection, window_id)
        # Whoever saves twice at once waits here, so that the points are not shared out twice.
        connection.execute(text("SELECT FROM associate WHERE id = :id FOR NO KEY UPDATE"), {"id": associate_id})
        if who.site_id != window.site_id or not window.is_open(now):
            raise ConflictError(Words("The window for these wishes is not open; nothing was changed."))
        faults = wish_faults(window, wanted, timings_of(connection, who.site_id))
        if faults:
            raise BadInputError(faults)
        rows: list[dict[str, Any]] = [
            {"day": one.day, "shift_type_id": one.shift_type_id, "points": one.points} for one in wanted
        ]
        stored.replace_wishes(connection, window_id, associate_id, rows)
        record(connection, now, by, "wishes saved", (SUBJECT, window_id), None, associate=who.code, count=len(rows))


def wish_faults(window: WishWindow, wanted: Sequence[NewWish], timings: Mapping[int, str]) -> list[Fault]:
    """Return everything that is wrong with wishes."""
    faults = []
    period = {"first_day": window.first_day, "last_day": window.last_day}

    def wrong(row: int | None, column: str, value: object, reason: str) -> None:
        faults.append(Fault("wishes", row, column, str(value), reason))

    seen: Counter[tuple[date | None, int | None]] = Counter()
    for row, one in enumerate(wanted, start=1):
        thing = (one.day, one.shift_type_id)
        seen[thing] += 1
        if (one.day is None) == (one.shift_type_id is None):
            wrong(row, "wish", "", Words("A wish is for a day off or for a timing."))
        elif seen[thing] > 1:
            thing_words = one.day or timings.get(one.shift_type_id or 0, "")
            wrong(row, "wish", thing_words, Words("This is wished already; give it all its points."))
        if one.day is not None and not window.first_day <= one.day <= window.last_day:
            wrong(row, "day", one.day, Words("This day is not in the period, %(first_day)s to %(last_day)s.", **period))
        if one.shift_type_id is not None and one.shift_type_id not in timings:
            wrong(row, "timing", one.shift_type_id, Words("There is no such timing any more."))
        if one.points < 1:
            wrong(row, "points", one.points, Words("A wish has at least one point."))
    total = sum(max(0, one.points) for one in wanted)
    if total > window.points:
        wrong(
            None,
            "points",
            total,
            Words("These are %(total)s points; there are %(points)s to share out.", total=total, points=window.points),
        )
    if len(wanted) > MOST_WISHES:
        wrong(None, "wish", len(wanted), Words("These are more than %(most)s wishes.", most=MOST_WISHES))
    return faults
