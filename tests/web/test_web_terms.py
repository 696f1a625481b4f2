"""The page of personal terms: kept, faulty values named beside their fields, and what was changed by whom."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from tests.web.served import Operation

EMPTY = dict.fromkeys(
    (
        "least_minutes",
        "most_minutes",
        "most_days_in_a_row",
        "least_days_in_a_row",
        "least_days_off_in_a_row",
        "most_weekends",
        "most_shifts",
        "forbidden_successions",
    ),
    "",
)


def secrets_of(page: str) -> dict[str, str]:
    """Return the secrets of the form."""
    form = page[page.index('<form method="post" class="sheet') :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)[:2])


def an_associate(engine: Engine) -> tuple[str, str]:
    """Return the address of the page of terms of one associate, and the code of a shift type."""
    with engine.connect() as connection:
        number = connection.execute(text("SELECT min(id) FROM associate")).scalar_one()
        code = connection.execute(text("SELECT min(code) FROM shift_type WHERE is_current")).scalar_one()
    return f"/people/{number}/terms", code


def test_terms_are_kept_and_taken_back(client: FlaskClient, engine: Engine, operation: Operation) -> None:
    address, code = an_associate(engine)
    person = client.get(address.removesuffix("/terms")).text
    assert f'href="{address}"' in person
    typed = EMPTY | {"least_minutes": "2100", "most_weekends": "1", "most_shifts": f"{code}=3"}
    assert client.post(address, data=typed | secrets_of(client.get(address).text)).status_code == 302
    page = client.get(address).text
    assert 'value="2100"' in page
    assert f'value="{code}=3"' in page
    assert "Set by planner" in page
    with engine.connect() as connection:
        assert connection.execute(text("SELECT least_minutes, most_weekends FROM contract_terms")).one() == (2100, 1)
    assert client.post(address, data=EMPTY | secrets_of(page)).status_code == 302
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM contract_terms")).scalar_one() == 0


def test_every_fault_of_terms_is_named_and_nothing_kept(client: FlaskClient, engine: Engine, operation: Operation) -> None:
    address, _ = an_associate(engine)
    secrets = secrets_of(client.get(address).text)
    answer = client.post(address, data=EMPTY | {"most_weekends": "x", "most_shifts": "N3"} | secrets)
    assert answer.status_code == 422
    assert "This is no whole number." in answer.text
    assert "Write codes with numbers" in answer.text
    unknown = client.post(address, data=EMPTY | {"forbidden_successions": "Q>R"} | secrets)
    assert "There is no shift type Q at the site." in unknown.text
    backwards = client.post(address, data=EMPTY | {"least_minutes": "2", "most_minutes": "1"} | secrets)
    assert "The most is below the least." in backwards.text
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM contract_terms")).scalar_one() == 0


def test_a_page_that_is_out_of_date_changes_nothing(client: FlaskClient, engine: Engine, operation: Operation) -> None:
    address, _ = an_associate(engine)
    secrets = secrets_of(client.get(address).text)
    client.post(address, data=EMPTY | {"most_weekends": "1"} | secrets)
    assert client.post(address, data=EMPTY | {"most_weekends": "2"} | secrets).status_code == 409
