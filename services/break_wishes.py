"""An associate's wish for a break at another time: answered at once, and put in force when the associate takes the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine

from breaks.ask import ask_break
from breaks.ask_answer import Answer, BreakOffer, No, Yes, answer_words
from scheduling.errors import ConflictError, NotFoundError
from scheduling.times import Clock
from scheduling.words import Words
from services.break_wish_words import WishWords
from services.day_breaks import NewBreaks, put_and_record
from services.day_floor import FloorNow, floor_now, minute_of
from services.day_words import break_words
from storage.errors import domain_errors
from storage.sites import person


class WishAnswer(StrEnum):
    """What is said to a wish."""

    YES = "yes"
    YES_AT_COST = "yes_at_cost"
    NO = "no"


@dataclass(frozen=True)
class BreakWish:
    """The answer to a wish.

    Parameters
    ----------
    message
        In words, with local times; an associate has it in any language.
    nearest
        Start of the nearest break that can be had, where the wish cannot.
    is_taken
        Whether the break is in force now.
    """

    answer: WishAnswer
    message: str
    nearest: datetime | None
    is_taken: bool


def ask(engine: Engine, associate_id: int, kind: str, wanted_at: datetime, *, clock: Clock) -> BreakWish:
    """Say whether an associate may have the next break of a kind at another time; nothing is changed.

    Raises
    ------
    NotFoundError
        When the associate is not on shift, or has no such break any more.
    """
    with domain_errors(), engine.connect() as connection:
        seen, answer = _answered(connection, associate_id, kind, wanted_at, clock.now())
    return _wish(seen, answer, is_taken=False)


def take(engine: Engine, associate_id: int, kind: str, wanted_at: datetime, *, by: str, clock: Clock) -> BreakWish:
    """Put the wished break in force, as it would be answered now.

    Raises
    ------
    ConflictError
        When the answer is no by now; the message says why.
    NotFoundError
        As in `ask`.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        site_id = person(connection, associate_id).site_id
        seen, answer = _answered(connection, associate_id, kind, wanted_at, now)
        if isinstance(answer, No):
            raise ConflictError(_words(seen, answer))
        change = _change(seen, associate_id, answer.offer)
        put_and_record(connection, site_id, [change], at=now, by=by, why=f"Own wish. {answer_words(answer, seen.clock)}")
    return _wish(seen, answer, is_taken=True)


def _answered(
    connection: Connection, associate_id: int, kind: str, wanted_at: datetime, now: datetime
) -> tuple[FloorNow, Answer]:  # fmt: skip
    seen = floor_now(connection, person(connection, associate_id).site_id, now)
    if associate_id not in seen.keys:
        raise NotFoundError(Words("You are not on shift now or soon, so there is no break to move."))
    try:
        return seen, ask_break(seen.floor, associate_id, kind, minute_of(wanted_at))
    except NotFoundError:
        raise NotFoundError(Words("No such break of yours is still to come (%(kind)s).", kind=break_words(kind))) from None


def _wish(seen: FloorNow, answer: Answer, *, is_taken: bool) -> BreakWish:
    words = _words(seen, answer)
    if isinstance(answer, No):
        nearest = None if answer.nearest is None else seen.instant(answer.nearest.asked.to_minute)
        return BreakWish(WishAnswer.NO, words, nearest, is_taken)
    return BreakWish(WishAnswer.YES if isinstance(answer, Yes) else WishAnswer.YES_AT_COST, words, None, is_taken)


def _words(seen: FloorNow, answer: Answer) -> Words:
    told = WishWords(seen.instant, seen.zone, seen.now).answer(answer)
    return Words.retold(answer_words(answer, seen.clock), "%(answer)s", answer=told)


def _change(seen: FloorNow, associate_id: int, offer: BreakOffer) -> NewBreaks:
    fact = seen.fact(associate_id)
    first = min(min(one.from_minute, one.to_minute) for one in (offer.asked, *offer.others))
    return NewBreaks(
        associate_id, fact.day, fact.span_minutes, fact.policy_id, fact.pattern_id, offer.pattern, seen.instant(first)
    )
