"""The pages of the floor: every state, steering with the effect before, and a page that stays up to date."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from scheduling.presence import PresenceEvent, PresenceKind
from services import floor, reallocation
from services.accounts import Role
from services.floor_settings import read_setting
from services.opening import open_floor
from services.presence import record
from storage.duties import duties_between
from storage.proposals import insert_proposal
from tests.conftest import SteppedClock
from tests.published import Site, open_site, published_site
from tests.waiting import put_jobs, queue_ids, tasks_by_queue
from tests.web.served import make_app, serve, sign_in, sign_in_page

MORNING = datetime(2027, 1, 5, 5, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


@pytest.fixture
def app(engine: Engine, clock: SteppedClock) -> Flask:
    return make_app(engine, clock)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    made = open_site(engine, clock)
    with engine.begin() as connection:
        connection.execute(text("UPDATE desk SET state = 'working', since = :since"), {"since": MORNING - timedelta(minutes=9)})
        connection.execute(
            text("UPDATE associate SET name = 'Maximiliane Wolkenstein-Trostburg von und zu Hohenfels' WHERE code = 'A0003'")
        )
    put_jobs(engine, next(iter(queue_ids(engine).values())), 400, MORNING)
    return made


@pytest.fixture
def supervisor(app: Flask, client: FlaskClient, site: Site) -> FlaskClient:
    """Somebody who leads one of the two teams."""
    return sign_in(client, Role.SUPERVISOR, teams=["Ganga"])


def compute(site: Site) -> floor.FloorSnapshot:
    return floor.compute_snapshot(site.engine, site.site_id, clock=site.clock)


def token(answer: TestResponse) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', answer.text)
    assert found
    return found[1]


def post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    given = {"csrf_token": token(client.get("/floor")), **fields}
    return client.post(path, data=given)


def team_id(site: Site, name: str) -> int:
    with site.engine.connect() as connection:
        return int(connection.execute(text("SELECT id FROM team WHERE name = :name"), {"name": name}).scalar_one())


def test_without_operation_roster_or_worker_the_page_says_what_to_do(app: Flask, client: FlaskClient, engine: Engine) -> None:
    sign_in(client, Role.ADMINISTRATOR)
    assert "No operation yet" in client.get("/floor").text
    for path in ("move", "absences", "breaks", "history", "settings"):
        assert "No operation yet" in client.get(f"/floor/{path}").text
    made = published_site(engine, SteppedClock(MORNING))
    assert "The floor is not open yet" in client.get("/floor").text
    open_floor(engine, made.site_id, clock=made.clock)
    assert "No figures yet" in client.get("/floor").text


def test_figures_that_are_old_say_since_when(supervisor: FlaskClient, site: Site, clock: SteppedClock) -> None:
    compute(site)
    assert "min old" not in supervisor.get("/floor").text
    clock.advance(400)
    assert "These figures are 7 min old" in supervisor.get("/floor").text
    assert "These figures are 7 min old" in supervisor.get("/floor/live").text


def test_parts_that_did_not_change_are_not_sent_again(supervisor: FlaskClient, site: Site, clock: SteppedClock) -> None:
    compute(site)
    first = supervisor.get("/floor/live")
    again = supervisor.get("/floor/live", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    clock.advance(60)
    compute(site)
    assert supervisor.get("/floor/live", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_what_is_kept_for_all_holds_nobodys_token(app: Flask, site: Site) -> None:
    compute(site)
    tokens = set()
    for name in ("asha", "ravi"):
        client = sign_in(app.test_client(), Role.ADMINISTRATOR, name=name)
        page = client.get("/floor").text
        found = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
        assert "csrf-token-of-whoever-looks" not in page
        tokens.add(frozenset(found))
    assert len(tokens) == 2


def test_a_supervisor_sees_the_people_of_his_own_teams(supervisor: FlaskClient, site: Site) -> None:
    compute(site)
    own, every = supervisor.get("/floor").text, supervisor.get("/floor?teams=all").text
    assert "Kaveri" not in own
    assert "Kaveri" in every
    assert supervisor.get(f"/floor/teams/{team_id(site, 'Ganga')}").status_code == 200
    assert supervisor.get(f"/floor/teams/{team_id(site, 'Kaveri')}").status_code == 404


def test_a_move_is_seen_before_it_is_made_and_undone_after(supervisor: FlaskClient, site: Site) -> None:
    compute(site)
    first, second, *_ = queue_ids(site.engine).values()
    before = tasks_by_queue(site.engine)
    asked = {"kind": "move_jobs", "from": first, "to": second, "count": 150, "shown": "yes"}
    seen = supervisor.get("/floor/move", query_string=asked).text
    assert "Effect of: 150 jobs" in seen
    assert tasks_by_queue(site.engine) == before
    assert "Say why" in post(supervisor, "/floor/move", **asked, why=" ").text
    assert post(supervisor, "/floor/move", **asked, why="runs over").status_code == 302
    assert len(tasks_by_queue(site.engine)[second]) == 150
    history = supervisor.get("/floor/history").text
    assert "150 of 150 moved" in history
    (entry,) = reallocation.history(site.engine, site.site_id)
    assert entry.action.actor == "supervisor"
    post(supervisor, f"/floor/history/{entry.action.id}/undo", why="quiet\x00 again")
    assert tasks_by_queue(site.engine) == before
    assert post(supervisor, f"/floor/history/{entry.action.id}/undo", why="again").status_code == 409


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"kind": "move_jobs", "from": "1", "to": "2", "count": "many"}, "Say how many jobs, as a whole number."),
        ({"kind": "move_jobs", "from": "", "to": "2", "count": "5"}, "Choose from which queue."),
        ({"kind": "route_share", "from": "1", "to": "2", "percent": "nan"}, "Say which share of the coming jobs, as a number."),
        ({"kind": "route_share", "from": "1", "to": "2", "percent": "130"}, "from 0 % to 100 %"),
        ({"kind": "set_mix", "team": "1", "queue": "1", "share": "-1", "reserved": "0"}, "Give a share from 0 to 100"),
        ({"kind": "lend_associates", "team": "1", "until": "12:00"}, "Choose who is lent"),
        ({"kind": "lend_associates", "team": "1", "who": "1", "until": "noon"}, "such as 17:30"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    client: FlaskClient, app: Flask, site: Site, asked: dict[str, str], words: str
) -> None:
    sign_in(client, Role.ADMINISTRATOR)
    answer = client.get("/floor/move", query_string={**asked, "shown": "yes"})
    assert answer.status_code == 200
    assert words in answer.text
    assert post(client, "/floor/move", **asked, why="for the test").status_code == 409
    assert reallocation.history(site.engine, site.site_id) == ()


def test_an_absence_is_recorded_and_withdrawn(supervisor: FlaskClient, site: Site) -> None:
    compute(site)
    query = text(
        "SELECT a.code FROM duty d JOIN associate a ON a.id = d.associate_id JOIN team t ON t.id = a.team_id "
        "WHERE t.name = :team AND d.day = '2027-01-05' ORDER BY 1 LIMIT 1"
    )
    with site.engine.connect() as connection:
        own, other = (connection.execute(query, {"team": team}).scalar_one() for team in ("Ganga", "Kaveri"))
    given = {"day": "2027-01-05", "kind": "sick", "reason": "fever"}
    assert "in the teams that you lead" in post(supervisor, "/floor/absences", who=other, **given).text
    assert "Say why" in post(supervisor, "/floor/absences", who=own, **{**given, "reason": " "}).text
    at_once = {**given, "from": "16:30", "until": "16:30"}
    assert "ends when it starts" in post(supervisor, "/floor/absences", who=own, **at_once).text
    assert post(supervisor, "/floor/absences", who=own, **given).status_code == 302
    assert "fever" in supervisor.get("/floor/absences").text
    with site.engine.connect() as connection:
        number = connection.execute(text("SELECT id FROM absence")).scalar_one()
    assert post(supervisor, f"/floor/absences/{number}/withdraw", why="came").status_code == 302
    assert "withdrawn by" in supervisor.get("/floor/absences").text


def offer(site: Site) -> int:
    first, second, *_ = queue_ids(site.engine).values()
    move = {"moves": [{"kind": "move_jobs", "from_queue_id": first, "to_queue_id": second, "count": 50}]}
    effect = {"sla_before": 0.5, "sla_after": 0.9, "late_before": 90.0, "late_after": 9.0}
    with site.engine.begin() as connection:
        number = insert_proposal(
            connection,
            site.site_id,
            first,
            kind="move_jobs",
            move=move,
            reason="It will answer 90 jobs late.",
            effect=effect,
            at=MORNING,
            deadline_at=MORNING + timedelta(hours=1),
        )
    assert number is not None
    return number


def test_a_proposal_is_held_applied_and_not_twice(supervisor: FlaskClient, site: Site) -> None:
    compute(site)
    number = offer(site)
    page = supervisor.get("/floor").text
    assert "It will answer 90 jobs late." in page
    assert post(supervisor, f"/floor/proposals/{number}/hold").status_code == 302
    assert "Say why; it stands in the history." in supervisor.get("/floor").text
    assert post(supervisor, f"/floor/proposals/{number}/hold", why="first ask the team").status_code == 302
    assert "held by supervisor" in supervisor.get("/floor").text
    assert post(supervisor, f"/floor/proposals/{number}/apply").status_code == 302
    post(supervisor, f"/floor/proposals/{number}/discard", why="too late")
    assert "is applied already" in supervisor.get("/floor").text
    assert post(supervisor, f"/floor/proposals/{number}/burn").status_code == 404
    moved, held = reallocation.history(site.engine, site.site_id)
    assert (moved.moved, held.action.kind, held.action.why) == (50, "proposal held", "first ask the team")
    assert "first ask the team" in supervisor.get("/floor/history").text


def test_automatic_application_has_a_brake_on_the_page(supervisor: FlaskClient, site: Site) -> None:
    compute(site)
    post(supervisor, "/floor/automatic", on="yes")
    assert "Say why; it stands in the history." in supervisor.get("/floor").text
    assert post(supervisor, "/floor/automatic", on="yes", why="the night is short of supervisors").status_code == 302
    assert "Stop applying automatically" in supervisor.get("/floor").text
    post(supervisor, "/floor/automatic", on="no")
    assert not read_setting(site.engine, site.site_id).applies_automatically
    told = [entry.action.why for entry in reallocation.history(site.engine, site.site_id)]
    assert told == ["stopped by hand", "the night is short of supervisors"]


def test_thresholds_are_saved_unless_somebody_was_faster(supervisor: FlaskClient, site: Site) -> None:
    page = supervisor.get("/floor/settings").text
    values = dict(re.findall(r'id="(\w+)" name="\w+" value="([^"]*)"', page))
    assert values["least_sla"] == "0.9"
    assert "Say why" in post(supervisor, "/floor/settings", **values, version=0).text
    values["why"] = "calls are few today"
    refused = post(supervisor, "/floor/settings", **{**values, "critical_sla": "0.99", "idle_minutes": "-1"}, version=0).text
    assert "Idle, minutes: Give a number of zero or more. Projected SLA, critical below: Give at most 0.9" in refused
    assert 'name="critical_sla" value="0.99" required aria-invalid="true" aria-describedby="critical_sla-fault"' in refused
    assert post(supervisor, "/floor/settings", **{**values, "late_minutes": "4"}, version=0).status_code == 302
    assert read_setting(site.engine, site.site_id).thresholds.late_minutes == 4
    assert "calls are few today" in supervisor.get("/floor/history").text
    post(supervisor, "/floor/settings", **{**values, "late_minutes": "5"}, version=2)
    stale = post(supervisor, "/floor/settings", **{**values, "late_minutes": "6"}, version=2)
    assert stale.status_code == 422
    assert read_setting(site.engine, site.site_id).thresholds.late_minutes == 5


def silent_stream(route: Route) -> None:
    origin = route.request.headers.get("origin", "")
    headers = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
    route.fulfill(status=200, content_type="text/event-stream", headers=headers, body="")


def test_the_page_stays_up_to_date_without_losing_what_somebody_opened(
    app: Flask, site: Site, clock: SteppedClock, open_page: Callable[..., Page]
) -> None:
    """Without a live process the page asks now and then; what was opened, and the focus, stay."""
    compute(site)
    with serve(app) as address:
        page = open_page()
        # The stream is one that this application itself does not have, as behind a proxy that cannot reach it.
        page.route("**/floor/events*", silent_stream)
        sign_in_page(page, app, Role.ADMINISTRATOR).goto(f"{address}/floor")
        page.locator("[data-key=hours-table] summary").click()
        page.locator("[data-key=people-idle] summary").focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-key=people-idle]")).to_have_attribute("open", "")
        waiting = page.locator("[data-part=queues] tbody tr").filter(has_text="stow_inbound").locator("[data-label=Waiting]")
        expect(waiting).to_have_text("400")
        put_jobs(site.engine, queue_ids(site.engine)["stow_inbound"], 50, MORNING)
        clock.advance(20)
        compute(site)
        expect(waiting).to_have_text("450", timeout=12_000)
        expect(page.locator("[data-key=hours-table]")).to_have_attribute("open", "")
        expect(page.locator("[data-key=people-idle] summary")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_floor_fits_a_phone(app: Flask, site: Site, open_page: Callable[..., Page], scheme: str) -> None:
    compute(site)
    offer(site)
    with serve(app) as address:
        page = open_page(360, 740, color_scheme=scheme)
        page.route("**/floor/events*", silent_stream)
        sign_in_page(page, app, Role.ADMINISTRATOR)
        for path in (
            "",
            "/move",
            "/move?kind=set_mix",
            "/history",
            "/absences",
            "/breaks",
            "/settings",
            f"/teams/{team_id(site, 'Ganga')}",
        ):
            page.goto(f"{address}/floor{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        page.close()


def staffed_site(engine: Engine, clock: SteppedClock) -> Site:
    """Return a floor on which everybody has the same breaks, came on time and took those that are over."""
    made = open_site(engine, clock, associates=60, pattern_count=1)
    with engine.connect() as connection:
        duties = duties_between(connection, made.site_id, MORNING, MORNING + timedelta(seconds=1))
    for duty in duties:
        said = [(PresenceKind.SIGN_IN, duty.starts_at)]
        said += [(PresenceKind.BREAK_START, one.starts_at) for one in duty.breaks]
        said += [(PresenceKind.BREAK_END, one.ends_at) for one in duty.breaks]
        for kind, at in said:
            if at <= MORNING:
                record(engine, duty.associate_id, PresenceEvent(uuid4(), kind, at), by="test", clock=SteppedClock(at))
    return made


def test_breaks_are_repaired_as_they_were_looked_at_and_brought_back(
    client: FlaskClient, app: Flask, engine: Engine, clock: SteppedClock
) -> None:
    site = staffed_site(engine, clock)
    sign_in(client, Role.ADMINISTRATOR)
    patterns = text("SELECT associate_id, day, break_pattern_id FROM duty ORDER BY 1, 2")
    with engine.connect() as connection:
        before = list(connection.execute(patterns))
        skill = connection.execute(text("SELECT id FROM skill ORDER BY position LIMIT 1")).scalar_one()
    found: list[str] = []
    for minutes in range(75, 360, 15):
        first, last = (
            (MORNING + timedelta(minutes=at)).astimezone(ZoneInfo("Asia/Kolkata")).strftime("%H:%M")
            for at in (minutes, minutes + 30)
        )
        asked = {"shown": "yes", "cause": "surge", "skill": skill, "heads": 60, "from": first, "until": last}
        found = re.findall(r'name="changes" value="([^"]+)"', client.get("/floor/breaks", query_string=asked).text)
        if found:
            break
    assert found
    assert "Say which skill" in client.get("/floor/breaks", query_string={"shown": "yes", "cause": "surge"}).text
    assert post(client, "/floor/breaks", changes=unescape(found[0]), why="a burst").status_code == 302
    with engine.connect() as connection:
        assert list(connection.execute(patterns)) != before
    (entry,) = reallocation.history(engine, site.site_id)
    assert post(client, f"/floor/history/{entry.action.id}/undo", why="it was nothing").status_code == 302
    with engine.connect() as connection:
        assert list(connection.execute(patterns)) == before
    assert post(client, "/floor/breaks", changes="{", why="a burst").status_code == 409


def test_changes_of_breaks_that_nobody_looked_at_are_refused(supervisor: FlaskClient, site: Site) -> None:
    deep = post(supervisor, "/floor/breaks", changes="[" * 100_000)
    assert (deep.status_code, "more than 20 deep" in deep.text) == (400, True)
    assert post(supervisor, "/floor/breaks", changes='[{"associate_id": 1}]').status_code == 409
