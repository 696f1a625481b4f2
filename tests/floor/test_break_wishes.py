from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from scheduling.duties import Duty, PlannedBreak
from scheduling.errors import ConflictError, NotFoundError
from scheduling.presence import PresenceEvent, PresenceKind
from services.break_wishes import WishAnswer, ask, take
from services.day_breaks import undo_repair
from services.presence import record
from storage.actions import actions_of
from storage.duties import duties_near
from tests.conftest import SteppedClock
from tests.published import Site, open_site

NOON = datetime(2027, 1, 5, 6, 25, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOON)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    return open_site(engine, clock, associates=60, pattern_count=1)


def attend(site: Site, duty: Duty) -> None:
    """Let the associate have come in time and taken every break as planned."""
    said = [(PresenceKind.SIGN_IN, duty.starts_at)]
    for rest in duty.breaks:
        said += [(PresenceKind.BREAK_START, rest.starts_at), (PresenceKind.BREAK_END, rest.ends_at)]
    for kind, at in said:
        if at <= NOON:
            record(site.engine, duty.associate_id, PresenceEvent(uuid4(), kind, at), by="A", clock=site.clock)


def duty_with_meal(site: Site) -> tuple[Duty, PlannedBreak]:
    """Return a duty that goes on, with its meal still to come."""
    with site.engine.connect() as connection:
        ids = [row[0] for row in connection.exec_driver_sql("SELECT associate_id FROM desk ORDER BY 1")]
        for associate in ids:
            for duty in duties_near(connection, associate, NOON, NOON + timedelta(minutes=1)):
                for one in duty.breaks:
                    if one.kind == "meal" and one.starts_at > NOON + timedelta(minutes=10) and duty.starts_at <= NOON:
                        attend(site, duty)
                        return duty, one
    raise AssertionError("Nobody has a meal to come.")


def meal_of(site: Site, duty: Duty) -> datetime:
    with site.engine.connect() as connection:
        (now,) = (one for one in duties_near(connection, duty.associate_id, NOON, duty.ends_at) if one.day == duty.day)
    assert 408 <= now.productive_minutes <= 420
    return next(one.starts_at for one in now.breaks if one.kind == "meal")


def test_what_is_planned_may_be_had(site: Site, clock: SteppedClock) -> None:
    duty, meal = duty_with_meal(site)
    wish = ask(site.engine, duty.associate_id, "meal", meal.starts_at, clock=clock)
    assert wish.answer in {WishAnswer.YES, WishAnswer.YES_AT_COST}
    assert not wish.is_taken


def test_a_no_says_why_and_its_nearest_yes_holds(site: Site, clock: SteppedClock) -> None:
    duty, _ = duty_with_meal(site)
    wish = ask(site.engine, duty.associate_id, "meal", duty.ends_at - timedelta(minutes=30), clock=clock)
    assert wish.answer is WishAnswer.NO
    assert wish.message.startswith("No: ")
    assert wish.nearest is not None
    again = ask(site.engine, duty.associate_id, "meal", wish.nearest, clock=clock)
    assert again.answer is not WishAnswer.NO


def test_taken_it_is_in_force_in_the_history_and_can_be_undone(site: Site, clock: SteppedClock) -> None:
    duty, meal = duty_with_meal(site)
    later = meal.starts_at + timedelta(minutes=5)
    wish = ask(site.engine, duty.associate_id, "meal", later, clock=clock)
    wanted = later if wish.answer is not WishAnswer.NO else wish.nearest
    assert wanted is not None
    assert take(site.engine, duty.associate_id, "meal", wanted, by="A0001", clock=clock).is_taken
    assert meal_of(site, duty) == wanted
    with site.engine.connect() as connection:
        action = actions_of(connection, site.site_id)[0]
    assert action.why.startswith("Own wish.")
    undo_repair(site.engine, action.id, by="sana", why="not now", clock=clock)
    assert meal_of(site, duty) == meal.starts_at


def test_a_no_cannot_be_taken(site: Site, clock: SteppedClock) -> None:
    duty, meal = duty_with_meal(site)
    with pytest.raises(ConflictError, match="No: "):
        take(site.engine, duty.associate_id, "meal", duty.ends_at - timedelta(minutes=20), by="A0001", clock=clock)
    assert meal_of(site, duty) == meal.starts_at


def test_who_is_not_on_shift_has_no_break_to_move(site: Site, clock: SteppedClock) -> None:
    duty, _ = duty_with_meal(site)
    clock.advance(40 * 3600)
    with pytest.raises(NotFoundError):
        ask(site.engine, duty.associate_id, "dance", clock.now(), clock=clock)
