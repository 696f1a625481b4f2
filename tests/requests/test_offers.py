"""Offers of overtime and time off: first come first served, exactly so many winners, lawful changes of the roster in force."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from scheduling.errors import BadInputError, ConflictError, NotFoundError, SchedulingError
from services import offers
from services.offers import NewOffer, OfferKind, TakeState
from tests.conftest import SteppedClock
from tests.requests.asking_site import AskingSite, day


def make(at: AskingSite, kind: OfferKind, places: int, number: int = 8, shift: str | None = None) -> offers.Offer:
    ids = dict(at.rows("SELECT code, id FROM shift_type WHERE is_current"))
    code = shift or (most_common_timing(at, number) if kind is OfferKind.OVERTIME else None)
    closes = at.clock.now() + timedelta(days=2)
    new = NewOffer(kind, day(number), ids[code] if code else None, None, None, places, closes)
    return offers.make_offer(at.engine, at.site.site_id, new, by="boss", clock=at.clock)


def most_common_timing(at: AskingSite, number: int) -> str:
    """Return the timing of most of those who are off on a day."""
    off = [one.timing for one in at.site.scenario.associates if at.cell(at.site.associate_id(one.code), day(number)) == "off"]
    return str(Counter(off).most_common(1)[0][0])


def able(at: AskingSite, one: offers.Offer) -> list[int]:
    """Return those who may take an offer."""
    people = [at.site.associate_id(code) for code in at.codes]
    found = {who: offers.offers_for(at.engine, who, clock=at.clock) for who in people}
    return [who for who, views in found.items() if any(view.offer.id == one.id and not view.against for view in views)]


def take(at: AskingSite, one: offers.Offer, who: int) -> offers.Take:
    return offers.take_offer(at.engine, one.id, who, by="associate", clock=at.clock)


def test_exactly_as_many_win_as_there_are_places_when_all_come_at_once(asking: AskingSite) -> None:
    one = make(asking, OfferKind.TIME_OFF, 3)
    people = able(asking, one)
    assert len(people) >= 8

    def attempt(who: int) -> TakeState | str:
        try:
            return take(asking, one, who).state
        except SchedulingError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        found = Counter(pool.map(attempt, [*people[:8], *people[:4]]))
    assert found[TakeState.TAKEN] == 3
    assert found[TakeState.WAITING] == 5
    assert sum(found.values()) == 12
    takers = asking.rows("SELECT associate_id, place FROM offer_take WHERE state = 'taken' ORDER BY place")
    assert [row.place for row in takers] == [1, 2, 3]
    assert all(asking.cell(row.associate_id, day(8)) == "leave" for row in takers)
    # Who came first by number has a place, who came later waits.
    states = [row[0] for row in asking.rows("SELECT state FROM offer_take ORDER BY id")]
    assert states == ["taken"] * 3 + ["waiting"] * 5


def test_a_place_that_is_given_back_goes_to_who_waits_first(asking: AskingSite) -> None:
    one = make(asking, OfferKind.TIME_OFF, 1)
    first, second, third = able(asking, one)[:3]
    was = asking.cell(first, day(8))
    assert [take(asking, one, who).state for who in (first, second, third)] == [
        TakeState.TAKEN, TakeState.WAITING, TakeState.WAITING,
    ]  # fmt: skip
    with pytest.raises(ConflictError, match="already"):
        take(asking, one, first)
    offers.give_back(asking.engine, one.id, first, by="associate", clock=asking.clock)
    assert asking.cell(first, day(8)) == was
    assert asking.cell(second, day(8)) == "leave"
    assert asking.cell(third, day(8)) != "leave"
    with pytest.raises(NotFoundError):
        offers.give_back(asking.engine, one.id, first, by="associate", clock=asking.clock)


def test_overtime_is_for_those_who_are_off_and_keeps_the_law(asking: AskingSite) -> None:
    one = make(asking, OfferKind.OVERTIME, 2)
    people = able(asking, one)
    assert people
    assert all(asking.cell(who, day(8)) == "off" for who in people)
    assert take(asking, one, people[0]).state is TakeState.TAKEN
    assert asking.cell(people[0], day(8)) == one.shift
    worked = asking.shifts_of(people[0])
    runs = [sum(when + timedelta(days=n) in worked for n in range(7)) for when in worked]
    assert max(runs) <= 6
    refused = next(view for view in offers.offers_for(asking.engine, worker(asking), clock=asking.clock))
    assert "day off" in refused.against
    with pytest.raises(ConflictError, match="day off"):
        take(asking, one, worker(asking))


def worker(at: AskingSite) -> int:
    """Return somebody who works on the day of the offers."""
    people = (at.site.associate_id(code) for code in at.codes)
    return next(who for who in people if at.cell(who, day(8)) not in {"off", "leave"})


def test_an_offer_ends_with_its_deadline_and_who_waits_has_missed_it(asking: AskingSite, clock: SteppedClock) -> None:
    one = make(asking, OfferKind.TIME_OFF, 1)
    first, second = able(asking, one)[:2]
    take(asking, one, first)
    take(asking, one, second)
    clock.advance(3 * 86_400)
    with pytest.raises(ConflictError, match="over"):
        take(asking, one, worker(asking))
    assert offers.end_old_offers(asking.engine, asking.site.site_id, clock=clock) == 1
    assert [row[0] for row in asking.rows("SELECT state FROM offer_take ORDER BY id")] == ["taken", "missed"]
    with pytest.raises(ConflictError, match="ask your supervisor"):
        offers.give_back(asking.engine, one.id, first, by="associate", clock=clock)


def test_offers_that_make_no_sense_are_refused_with_every_fault(asking: AskingSite) -> None:
    new = NewOffer(OfferKind.OVERTIME, day(8), None, None, 7, 0, asking.clock.now())
    with pytest.raises(BadInputError) as refused:
        offers.make_offer(asking.engine, asking.site.site_id, new, by="boss", clock=asking.clock, team_ids=[1])
    assert {fault.column for fault in refused.value.faults} == {"places", "closes_at", "shift", "team"}
    with pytest.raises(ConflictError, match="No roster is published"):
        make(asking, OfferKind.TIME_OFF, 1, 60)


def test_what_may_be_taken_stands_before_what_is_theirs_and_what_is_not_for_them(asking: AskingSite) -> None:
    later, sooner = make(asking, OfferKind.TIME_OFF, 1, 9), make(asking, OfferKind.TIME_OFF, 1, 8)
    who = next(who for who in able(asking, later) if who in able(asking, sooner))
    make(asking, OfferKind.OVERTIME, 1, 8)
    views = offers.offers_for(asking.engine, who, clock=asking.clock)
    assert [(view.offer.day, view.is_to_take) for view in views] == [(day(8), True), (day(9), True), (day(8), False)]
    assert views[2].starts_at is not None
    assert views[2].starts_at.date() == day(8)
    take(asking, sooner, who)
    views = offers.offers_for(asking.engine, who, clock=asking.clock)
    assert [view.offer.id for view in views][:2] == [later.id, sooner.id]
