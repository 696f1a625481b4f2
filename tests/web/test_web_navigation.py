"""The main navigation: everybody finds what he may open, and sees where he is."""

from __future__ import annotations

import pytest
from flask import Flask

from services.accounts import Role
from web.access import NEEDED, User
from web.navigation import FEW_ENTRIES, GROUPS, Navigation, Place, navigation_for
from web.permissions import GRANTED


def shown(app: Flask, role: Role, endpoint: str, path: str = "") -> Navigation:
    user = User(1, role.value, role.value, role, GRANTED[role])
    with app.test_request_context("/"):
        return navigation_for(user, Place(endpoint, path))


def test_every_entry_leads_to_a_page_that_somebody_may_open(app: Flask) -> None:
    for group in GROUPS:
        for entry in group.entries:
            assert "GET" in next(rule.methods or () for rule in app.url_map.iter_rules() if rule.endpoint == entry.endpoint)
            assert any(NEEDED[entry.endpoint] in granted for granted in GRANTED.values()), entry


@pytest.mark.parametrize("role", Role)
def test_everybody_finds_each_page_that_he_may_open_from_where_he_is(app: Flask, role: Role) -> None:
    for entry in [entry for group in GROUPS for entry in group.entries if NEEDED[entry.endpoint] in GRANTED[role]]:
        seen = shown(app, role, entry.endpoint, entry.path)
        assert [link.label for link in (*seen.main, *seen.within) if link.current == "page"] == [entry.label]
        assert len(seen.main) <= max(FEW_ENTRIES, len(GROUPS))


def test_a_page_under_an_entry_shows_the_entry_and_its_group_as_the_place_where_one_is(app: Flask) -> None:
    seen = shown(app, Role.ADMINISTRATOR, "publishing.publish")
    assert [(link.label, link.current) for link in seen.main if link.current] == [("Plan", "true")]
    assert [(link.label, link.current) for link in seen.within if link.current] == [("Rosters", "true")]


def test_with_few_entries_there_are_no_groups(app: Flask) -> None:
    seen = shown(app, Role.ASSOCIATE, "work.show")
    permitted = [entry for group in GROUPS for entry in group.entries if NEEDED[entry.endpoint] in GRANTED[Role.ASSOCIATE]]
    assert [link.label for link in seen.main] == [entry.label for entry in permitted]
    assert not seen.within


def test_a_page_outside_the_navigation_shows_only_its_first_row(app: Flask) -> None:
    seen = shown(app, Role.ADMINISTRATOR, "own_account.show")
    assert not seen.within
    assert not any(link.current for link in seen.main)
