"""The import wizard: from a file to what it would do, to what it did, by keyboard alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.web.served import Operation, serve, sign_in_page


def csrf(page: str) -> dict[str, str]:
    return {"csrf_token": re.findall(r'name="csrf_token" value="([^"]*)"', page)[-1]}


def handed_in(client: FlaskClient, kind: str, content: str, name: str = "file.csv") -> str:
    """Hand a file in and return the address of its page."""
    data = {"kind": kind, "file": (io.BytesIO(content.encode()), name), **csrf(client.get("/import").text)}
    answer = client.post("/import", data=data)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def test_every_fault_is_listed_with_its_place_and_nothing_can_be_imported(client: FlaskClient, operation: Operation) -> None:
    address = handed_in(client, "leave", "associate,first_day,last_day\nA0001,soon,2027-03-02\n<b>,2027-03-01,2027-03-02\n")
    page = client.get(address).text
    assert "2 faults: nothing can be imported." in page
    for said in ("soon", "This is no date", "&lt;b&gt;", "no code of an associate."):
        assert said in page
    assert "Import 1 row" not in page
    assert client.post(address, data=csrf(page)).status_code == 422


def test_what_is_no_table_is_refused_on_the_spot(client: FlaskClient, operation: Operation) -> None:
    data = {"kind": "people", "file": (io.BytesIO(b"x"), "a.pdf"), **csrf(client.get("/import").text)}
    answer = client.post("/import", data=data)
    assert answer.status_code == 422
    assert "ends in .csv or .xlsx" in answer.text
    assert client.get("/import/99").status_code == 404
    assert client.get("/import/example/nothing.csv").status_code == 404


def test_an_example_is_a_file_that_can_be_handed_in(client: FlaskClient, operation: Operation) -> None:
    example = client.get("/import/example/holidays.csv").text
    assert ">Import 1 row<" in client.get(handed_in(client, "holidays", example)).text


def test_leave_is_imported_by_keyboard_alone(app: Flask, operation: Operation, open_page: Callable[..., Page]) -> None:
    content = b"Employee;From;Beyond\nA0001;2027-03-01;2027-03-02\n"
    with serve(app) as address:
        page = sign_in_page(open_page(), app)
        page.goto(f"{address}/import")
        page.get_by_role("radio", name="Leave").focus()
        page.keyboard.press("Space")
        page.get_by_label("File", exact=True).set_input_files({"name": "l.csv", "mimeType": "text/csv", "buffer": content})
        page.get_by_role("button", name="Look at the file").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("1 fault: nothing can be imported.")
        chooser = page.get_by_label("Beyond is taken for")
        chooser.focus()
        page.keyboard.type("last_day")
        page.get_by_role("button", name="Look again").press("Enter")
        page.get_by_role("button", name="Import 1 row", exact=True).press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Imported l.csv: 1 new, 0 changed, 0 as they were.")
