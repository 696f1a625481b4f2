"""The main navigation: one table of groups and entries, of which every visitor sees what they may open.

To add a page, add a line to the group where somebody would look for it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from flask import Flask, request, url_for

from scheduling.words import N_
from services import notices, request_inbox
from services.accounts import Role
from web.access import User, addressee_of, current_user, may
from web.context import engine
from web.permissions import Permission


@dataclass(frozen=True)
class Place:
    """The page that somebody looks at: its endpoint, and the word in the address that tells pages of one endpoint apart."""

    endpoint: str
    path: str = ""


@dataclass(frozen=True)
class Entry:
    """One page of the navigation.

    Parameters
    ----------
    endpoint
        The page to which it leads; whoever may not use it does not see the entry.
    label
        What it is called.
    blueprints
        Blueprints beside that of the endpoint whose pages stand under this entry.
    path
        The word in the address that tells pages of one endpoint apart; empty where there is none.
    sign
        Its sign in the bar at the foot of a phone (a name of `templates/me/_signs.html`), where only entries with one stand.
    """

    endpoint: str
    label: str
    blueprints: tuple[str, ...] = ()
    path: str = ""
    sign: str = ""

    @property
    def address(self) -> str:
        """Where it leads."""
        return url_for(self.endpoint, path=self.path or None)

    def is_at(self, place: Place) -> bool:
        """Whether it leads to this page."""
        return self.endpoint == place.endpoint and self.path == place.path

    def holds(self, place: Place) -> bool:
        """Whether a page stands under this entry."""
        blueprints = {self.endpoint.partition(".")[0], *self.blueprints}
        return place.endpoint.partition(".")[0] in blueprints and self.path == place.path


@dataclass(frozen=True)
class Group:
    """Entries that belong together."""

    label: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Link:
    """A link as it is shown; `current` is the value of ``aria-current``, empty when one is elsewhere."""

    address: str
    label: str
    current: str
    sign: str = ""


@dataclass(frozen=True)
class Navigation:
    """What stands in the head of a page: one row, and below it the entries of the group in which one is."""

    main: tuple[Link, ...]
    group: str = ""
    within: tuple[Link, ...] = ()


GROUPS: Final = (
    Group(
        N_("My work"),
        (
            Entry("work.show", N_("Work")),
            Entry("me.show", N_("Today"), ("me_figures", "me_settings"), sign="today"),
            Entry("me_days.week", N_("Week"), sign="week"),
            Entry("me_days.month", N_("Month"), sign="month"),
            Entry("me_requests.index", N_("Requests"), ("me_swaps", "me_wishes", "me_offers"), sign="requests"),
        ),
    ),
    Group(
        N_("Plan"),
        (
            Entry(
                "rosters.index",
                N_("Rosters"),
                ("board", "publishing", "confirmations", "exports", "roster_files", "break_moves", "repairs", "why"),
            ),
            Entry("runs.new", N_("Generate")),
            Entry("rotations.index", N_("Rotations")),
            Entry("scenarios.index", N_("Scenarios")),
        ),
    ),
    Group(
        N_("Requests"),
        (
            Entry("request_desk.index", N_("Requests")),
            Entry("leave_calendar.show", N_("Leave"), ("leave_setup",)),
            Entry("tomorrow.show", N_("Who is on")),
            Entry("offer_desk.index", N_("Offers")),
            Entry("wish_desk.index", N_("Wishes")),
        ),
    ),
    Group(
        N_("People"),
        (
            Entry("people.index", N_("People"), ("terms",)),
            Entry("imports.index", N_("Import")),
            Entry("quality.index", N_("Quality")),
            Entry("goals.show", N_("Goals")),
            Entry("hours.index", N_("Hours")),
        ),
    ),
    Group(N_("Demand"), (Entry("demand.show", N_("Demand")),)),
    Group(
        N_("Site"),
        (
            Entry("settings.show", N_("Rules"), path="rules"),
            Entry("policy.show", N_("Breaks")),
            Entry("words.index", N_("Shift types"), path="shift-types"),
            Entry("words.index", N_("Queues"), path="queues"),
            Entry("words.index", N_("Skills"), path="skills"),
            Entry("words.index", N_("Teams"), path="teams"),
            Entry("words.index", N_("Holidays"), path="holidays"),
            Entry("settings.show", N_("Office"), path="office"),
            Entry("settings.show", N_("Notice"), path="notice"),
        ),
    ),
    Group(
        N_("Floor"),
        (Entry("floor.show", N_("Floor"), ("floor_steering", "floor_day")),),
    ),
    Group(
        N_("Notices"),
        (Entry("me_notices.show", N_("Notices"), ("me_changes", "me_settings"), sign="notices"),),
    ),
    Group(
        N_("Admin"),
        (
            Entry("accounts.index", N_("Accounts")),
            Entry("tokens.index", N_("Tokens")),
        ),
    ),
)
"""Every entry, in the order in which they are shown."""

FEW_ENTRIES: Final = 6
"""So many entries stand side by side; more are shown by group."""


def navigation_for(user: User, place: Place) -> Navigation:
    """Return the navigation of a user who looks at a page."""
    groups = [Group(group.label, _permitted(group, user)) for group in GROUPS]
    groups = [group for group in groups if group.entries]
    entries = [entry for group in groups for entry in group.entries]
    here = _entry_of(entries, place)
    if len(entries) <= FEW_ENTRIES:
        return Navigation(tuple(_link(entry, here, place) for entry in entries))
    main = tuple(_group_link(group, here, place) for group in groups)
    group = next((group for group in groups if here in group.entries), None)
    # A group of one page is that page; a second row would only say its name again.
    if group is None or len(group.entries) == 1:
        return Navigation(main)
    return Navigation(main, group.label, tuple(_link(entry, here, place) for entry in group.entries))


def _permitted(group: Group, user: User) -> tuple[Entry, ...]:
    return tuple(entry for entry in group.entries if may(user, entry.endpoint))


def _entry_of(entries: Collection[Entry], place: Place) -> Entry | None:
    """Return the entry of a page: its own, else the first one that holds it."""
    own = (entry for entry in entries if entry.is_at(place))
    return next(own, next((entry for entry in entries if entry.holds(place)), None))


def _group_link(group: Group, here: Entry | None, place: Place) -> Link:
    """Return the link of a group, which leads to its first page; where it is the only one, by the name of that page."""
    first, *others = group.entries
    current = "page" if not others and first.is_at(place) else "true"
    return Link(first.address, group.label if others else first.label, current if here in group.entries else "")


def _link(entry: Entry, here: Entry | None, place: Place) -> Link:
    current = "page" if entry.is_at(place) else "true"
    return Link(entry.address, entry.label, current if entry is here else "", entry.sign)


def place_of_request() -> Place:
    """Return the page that is asked for."""
    return Place(request.endpoint or "", str((request.view_args or {}).get("path", "")))


def unread_notices() -> int:
    """Return how many notices whoever asks has not read; of those who are told nothing nobody has any."""
    user = current_user()
    return notices.unread_count(engine(), addressee_of(user)) if Permission.BE_TOLD in user.permissions else 0


def waiting_requests() -> int:
    """Return how many requests wait for a decision of whoever asks; of others nobody has any."""
    user = current_user()
    if Permission.DECIDE_REQUESTS not in user.permissions:
        return 0
    return request_inbox.waiting_count(engine(), team_ids=user.team_ids if user.role is Role.SUPERVISOR else None)


def register(app: Flask) -> None:
    """Give the templates of an application its navigation."""
    app.jinja_env.globals["waiting_requests"] = waiting_requests
    app.jinja_env.globals["unread_notices"] = unread_notices
    app.jinja_env.globals["navigation"] = lambda: navigation_for(current_user(), place_of_request())
