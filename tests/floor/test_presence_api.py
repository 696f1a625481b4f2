from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from services import accounts, sessions
from services.accounts import Asked, Role
from services.passwords import Passwords
from storage.duties import duties_on
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.published import open_site
from tests.web.served import make_app

MORNING = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)
SECRET = "correct horse battery staple"
CHEAP = Passwords(8192, 1)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


@pytest.fixture
def headers(engine: Engine, clock: SteppedClock) -> dict[str, str]:
    """The header of an associate whose duty goes on."""
    site = open_site(engine, clock)
    tuesday = MONDAY + timedelta(days=1)
    with engine.connect() as connection:
        busy = {
            one.associate_id
            for one in duties_on(connection, site.site_id, tuesday, tuesday)
            if one.starts_at < MORNING < one.ends_at
        }
    code = next(one.code for one in site.scenario.associates if site.associate_id(one.code) in busy)
    asked = Asked("asha", "Asha", Role.ASSOCIATE, associate=code)
    accounts.create_account(engine, asked, SECRET, must_change=False, by="test", clock=clock, passwords=CHEAP)
    token = sessions.sign_in(engine, "asha", SECRET, address="192.0.2.1", clock=clock, passwords=CHEAP)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def client(engine: Engine, clock: SteppedClock) -> FlaskClient:
    return make_app(engine, clock).test_client()


def test_a_device_signs_in_and_reads_its_desk(client: FlaskClient, headers: dict[str, str]) -> None:
    sent = {"id": str(uuid4()), "kind": "sign_in", "occurred_at": MORNING.isoformat()}
    answer = client.post("/api/v1/presence", json=sent, headers=headers)
    assert answer.status_code == 200
    desk = answer.get_json()
    assert (desk["state"], desk["since"], desk["zone"]) == ("working", MORNING.isoformat(), "Asia/Kolkata")
    assert desk["duty"]["starts_at"] < MORNING.isoformat() < desk["next_break"]["starts_at"]
    assert client.post("/api/v1/presence", json=sent, headers=headers).get_json() == desk
    assert client.get("/api/v1/presence", headers=headers).get_json() == desk


def test_without_a_time_it_is_now(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.post("/api/v1/presence", json={"id": str(uuid4()), "kind": "break_start"}, headers=headers)
    assert (answer.get_json()["state"], answer.get_json()["since"]) == ("on_break", MORNING.isoformat())


def test_all_faults_of_a_message_are_told(client: FlaskClient, headers: dict[str, str]) -> None:
    wrong = {"id": "7", "kind": "lunch", "occurred_at": "2027-01-05T09:30:00"}
    answer = client.post("/api/v1/presence", json=wrong, headers=headers)
    assert answer.status_code == 422
    for words in ("UUID of its own", "one of sign_in, sign_out", "with its zone"):
        assert words in answer.get_data(as_text=True)
    assert client.post("/api/v1/presence", json=[1], headers=headers).status_code == 400
    assert client.get("/api/v1/presence", headers=headers).get_json()["state"] == "signed_out"


def test_strangers_have_no_desk(client: FlaskClient) -> None:
    assert client.get("/api/v1/presence").status_code == 401
    assert client.post("/api/v1/presence", json={"id": str(uuid4()), "kind": "sign_in"}).status_code == 401
