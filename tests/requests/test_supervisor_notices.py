"""What supervisors are told, each of their own teams: what waits and ends soon, offers that are full or over, changed days."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from scheduling.errors import BadInputError
from services import accounts, leave_requests, notices, offers, preferences
from services.accounts import Asked, Role
from services.mails import Sender, write_due_mails
from services.notice_kinds import KINDS, words_of
from services.offers import OfferKind
from services.preferences import Addressee, Preference, account, reader_of, speech_of
from services.request_deadlines import end_what_is_late
from services.supervisor_notices import remind_of_decisions
from tests.conftest import SteppedClock
from tests.requests.asking_site import AskingSite, day
from tests.requests.test_offers import able, make, take
from tests.requests.test_swaps import answer, first_offer, offer
from tests.web.served import make_account, make_app

SENDER = Sender("shifts@example.org", "https://shifts.example.org")


@pytest.fixture
def app(asking: AskingSite, clock: SteppedClock) -> Flask:
    return make_app(asking.engine, clock)


def leads(app: Flask, team: str, name: str) -> Addressee:
    """Return the supervisor of a team."""
    return account(make_account(app, Role.SUPERVISOR, name=name, teams=[team]))


def told(at: AskingSite, who: Addressee) -> list[str]:
    """Return the kinds of what somebody was told, the oldest first."""
    return [one.kind for one in reversed(notices.notices_of(at.engine, who))]


def teams(at: AskingSite) -> tuple[str, str]:
    """Return the team of the first associate, and another one."""
    mine = at.site.scenario.associates[0].team
    return mine, next(one.team for one in at.site.scenario.associates if one.team != mine)


def ask(at: AskingSite, number: int = 0, first: int = 8) -> leave_requests.LeaveRequest:
    who = at.site.associate_id(at.codes[number])
    return leave_requests.ask_leave(at.engine, who, at.annual, day(first), day(first + 1), "", by="a", clock=at.clock)


def test_a_request_for_leave_is_told_to_its_own_supervisor_in_one_mail_of_the_chosen_language(
    asking: AskingSite, app: Flask, clock: SteppedClock
) -> None:
    mine, other = (leads(app, team, f"boss{number}") for number, team in enumerate(teams(asking)))
    preferences.save(asking.engine, mine, Preference(language="es", mail_address="boss@example.org"))
    ask(asking)
    assert (told(asking, mine), told(asking, other)) == (["leave_waits"], [])
    clock.advance(60 * 11)
    # Whoever asked was told nothing yet, so that the one mail is that of the supervisor.
    asking_mails = "SELECT address, account_id, associate_id, subject, body FROM mail WHERE account_id IS NOT NULL"
    write_due_mails(asking.engine, SENDER, clock=clock)
    (mail,) = asking.rows(asking_mails)
    assert (mail.address, mail.account_id, mail.associate_id) == ("boss@example.org", mine.account_id, None)
    assert "pide permiso" in mail.subject
    assert "https://shifts.example.org/me/notices" in mail.body
    newest = notices.notices_of(asking.engine, mine)[0]
    assert notices.mark_read(asking.engine, mine, newest.id, clock=clock) == 1
    assert notices.unread_count(asking.engine, mine) == 0


def test_whoever_wants_no_mail_is_told_on_the_pages_alone(asking: AskingSite, app: Flask, clock: SteppedClock) -> None:
    mine = leads(app, teams(asking)[0], "boss")
    preferences.save(asking.engine, mine, Preference(mail_address="boss@example.org", wants_mail=False))
    ask(asking)
    clock.advance(3600)
    write_due_mails(asking.engine, SENDER, clock=clock)
    assert not asking.rows("SELECT id FROM mail WHERE account_id IS NOT NULL")
    assert told(asking, mine) == ["leave_waits"]


def test_a_swap_waits_as_soon_as_both_said_yes_and_is_reminded_of_once(
    asking: AskingSite, app: Flask, clock: SteppedClock
) -> None:
    who, _when, partner = first_offer(asking)
    team = next(one.team for one in asking.site.scenario.associates if asking.site.associate_id(one.code) == who)
    mine = leads(app, team, "boss")
    swap = offer(asking, who, partner)
    assert told(asking, mine) == []
    answer(asking, swap)
    assert told(asking, mine) == ["swap_waits"]
    assert remind_of_decisions(asking.engine, asking.site.site_id, clock=clock) == 0, "there is time enough"
    ends_at = notices.notices_of(asking.engine, mine)[0].parameters["answer_at"]
    clock.advance((datetime.fromisoformat(ends_at) - clock.now()).total_seconds() - 3600)
    assert [remind_of_decisions(asking.engine, asking.site.site_id, clock=clock) for _ in range(2)] == [1, 0]
    assert told(asking, mine) == ["swap_waits", "decision_due"]


def test_a_request_for_leave_is_reminded_of_on_its_last_day(asking: AskingSite, app: Flask, clock: SteppedClock) -> None:
    mine = leads(app, teams(asking)[0], "boss")
    ask(asking)
    clock.advance(timedelta(days=7, hours=1).total_seconds())
    for _ in range(2):
        end_what_is_late(asking.engine, asking.site.site_id, clock)
    assert told(asking, mine) == ["leave_waits", "decision_due"]


def test_an_offer_that_is_full_or_over_is_told_to_others_than_whoever_ended_it(asking: AskingSite, app: Flask) -> None:
    first, second = (leads(app, team, f"boss{number}") for number, team in enumerate(teams(asking)))
    one = make(asking, OfferKind.TIME_OFF, 1)
    take(asking, one, able(asking, one)[0])
    assert "offer_filled" in told(asking, first)
    offers.end_offer(asking.engine, one.id, by="BOSS0", clock=asking.clock)
    assert "offer_over" not in told(asking, first), "who ended it knows"
    assert "offer_over" in told(asking, second)


def test_changed_days_are_counted_for_each_supervisor_and_not_told_to_whoever_changed_them(
    asking: AskingSite, app: Flask
) -> None:
    mine, other = (leads(app, team, f"boss{number}") for number, team in enumerate(teams(asking)))
    for by, first, expected in (("boss0", 8, 0), ("planner", 15, 1)):
        leave_requests.decide_leave(asking.engine, ask(asking, first=first).id, "", approved=True, by=by, clock=asking.clock)
        assert told(asking, mine).count("team_days_changed") == expected
    newest, asked = notices.notices_of(asking.engine, mine)[0], day(15).isoformat()
    assert (newest.parameters["first_day"], newest.parameters["by"]) == (asked, "planner")
    changed = len(asking.rows("SELECT id FROM day_change WHERE recorded_by = 'planner'"))
    assert newest.parameters["changed"] == changed
    # A further edit of the roster joins what is unread.
    leave_requests.decide_leave(asking.engine, ask(asking, first=11).id, "", approved=True, by="ann", clock=asking.clock)
    assert told(asking, mine).count("team_days_changed") == 1
    newest = notices.notices_of(asking.engine, mine)[0]
    assert newest.parameters["changed"] == len(asking.rows("SELECT id FROM day_change WHERE recorded_by <> 'boss0'")) > changed
    assert (newest.parameters["first_day"], newest.parameters["by"]) == (day(11).isoformat(), "ann, planner")
    assert told(asking, other) == []


def test_every_kind_can_be_said_to_an_account(asking: AskingSite, app: Flask) -> None:
    mine = leads(app, teams(asking)[0], "boss")
    said = speech_of(reader_of(asking.engine, mine))
    assert said.zone_name == "Asia/Kolkata", "the zone of the site whose team is led"
    ask(asking)
    (one,) = notices.notices_of(asking.engine, mine)
    assert one.kind in KINDS
    assert words_of(one.kind, one.parameters, said).title.endswith("asks for leave from Tue 12 Jan to Wed 13 Jan")


def test_the_schema_knows_exactly_one_addressee(asking: AskingSite, app: Flask) -> None:
    mine = leads(app, teams(asking)[0], "boss")
    who = asking.site.associate_id(asking.codes[0])
    insert = text("INSERT INTO notice (associate_id, account_id, kind, parameters, created_at) VALUES (:a, :b, 'x', :p, now())")
    for a, b in ((None, None), (who, mine.account_id)):
        with pytest.raises(IntegrityError, match="ck_notice_addressee"), asking.engine.begin() as connection:
            connection.execute(insert, {"a": a, "b": b, "p": json.dumps({})})
    with pytest.raises(ValueError, match="never both"):
        Addressee(1, 2)


@pytest.mark.parametrize(("role", "address"), [(Role.PLANNER, "boss@example.org"), (Role.SUPERVISOR, "nowhere")])
def test_an_account_gets_a_mail_address_only_as_a_supervisor_and_only_a_real_one(role: Role, address: str) -> None:
    with pytest.raises(BadInputError, match="mail address"):
        accounts.refuse(Asked("boss", "Boss", role, mail_address=address), "a password that is long enough")
