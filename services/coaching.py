"""Coaching: noting that one was held, with what it was based on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from scheduling.errors import BadInputError, Fault
from scheduling.times import Clock
from storage import quality
from storage.errors import domain_errors
from storage.quality import CoachingNote

__all__ = ["CoachingNote", "NewNote", "note_coaching", "notes_of"]

MOST_CHARACTERS: Final = 2000
OLDEST_DAYS: Final = 60


@dataclass(frozen=True)
class NewNote:
    """A coaching that was held.

    Parameters
    ----------
    queue_id
        The queue that it was about; ``None`` for no particular one.
    based_on
        The figures that led to it, as they were shown.
    """

    associate_id: int
    queue_id: int | None
    topic: str
    based_on: str
    note: str
    held_on: date


def note_coaching(engine: Engine, new: NewNote, *, by: str, clock: Clock) -> int:
    """Keep a coaching; it is never changed or removed afterwards. Returns its id.

    Raises
    ------
    BadInputError
        With every fault.
    NotFoundError
        When there is no such associate.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        person = quality.person_with_id(connection, new.associate_id)
        queues = {queue.id for queue in quality.queues_of(connection, person.site_id)}
        if faults := _faults(new, now.astimezone(ZoneInfo(person.zone_name)).date(), queues):
            raise BadInputError(faults)
        return quality.add_note(
            connection,
            new.associate_id,
            new.queue_id,
            topic=new.topic.strip(),
            based_on=new.based_on.strip(),
            note=new.note.strip(),
            held_on=new.held_on,
            by=by,
            now=now,
        )


def _faults(new: NewNote, today: date, queues: set[int]) -> list[Fault]:
    earliest = today - timedelta(days=OLDEST_DAYS)
    checks = (
        ("topic", new.topic, bool(new.topic.strip()), "Say what it was about."),
        ("note", new.note, bool(new.note.strip()), "Write what was agreed."),
        ("held_on", new.held_on, new.held_on <= today, "This day has not come yet; note a coaching when it was held."),
        ("held_on", new.held_on, new.held_on >= earliest, f"This is more than {OLDEST_DAYS} days ago."),
        ("queue_id", new.queue_id, new.queue_id is None or new.queue_id in queues, "There is no such queue at this site."),
    )
    texts = ("topic", "based_on", "note")
    long = [
        Fault("coaching", None, name, "", f"Keep it under {MOST_CHARACTERS} characters.")
        for name in texts
        if len(getattr(new, name)) > MOST_CHARACTERS
    ]
    return long + [Fault("coaching", None, name, str(value), reason) for name, value, is_right, reason in checks if not is_right]


def notes_of(engine: Engine, associate_ids: Sequence[int]) -> list[CoachingNote]:
    """Return the coachings of associates, the newest first."""
    with domain_errors(), engine.connect() as connection:
        return quality.notes_of(connection, associate_ids)
