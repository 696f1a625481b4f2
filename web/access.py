"""The one place where it is decided who may do what: every endpoint needs a permission, of which every role grants some.

An endpoint that is not in the table is refused, so that a new page is closed until somebody decides who may see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Flask, g, request, session

from services import sessions
from services.accounts import Role
from services.preferences import Addressee
from services.sessions import SERVICE_PREFIX, SESSION_PREFIX
from web.context import engine, now
from web.permissions import GRANTED, GRANTED_BY_SCOPE, Permission

API_PREFIX: Final = "/api/v1/"
TOKEN_KEY: Final = "token"  # noqa: S105 (the name of a place)
"""Where the signed cookie keeps the token of the session."""

NEEDED: Final[Mapping[str, Permission]] = {
    "static": Permission.OPEN,
    "bootstrap.static": Permission.OPEN,
    "sign_in.show": Permission.OPEN,
    "sign_in.enter": Permission.OPEN,
    "sign_in.leave": Permission.SIGNED_IN,
    "setup.show": Permission.OPEN,
    "setup.create": Permission.OPEN,
    "own_account.show": Permission.SIGNED_IN,
    "own_account.change": Permission.SIGNED_IN,
    "accounts.index": Permission.MANAGE_ACCOUNTS,
    "accounts.create": Permission.MANAGE_ACCOUNTS,
    "accounts.show": Permission.MANAGE_ACCOUNTS,
    "accounts.reset": Permission.MANAGE_ACCOUNTS,
    "accounts.mail_address": Permission.MANAGE_ACCOUNTS,
    "accounts.teams": Permission.MANAGE_ACCOUNTS,
    "accounts.activity": Permission.MANAGE_ACCOUNTS,
    "tokens.index": Permission.MANAGE_ACCOUNTS,
    "tokens.create": Permission.MANAGE_ACCOUNTS,
    "tokens.revoke": Permission.MANAGE_ACCOUNTS,
    "api_session.create": Permission.OPEN,
    "api_session.end": Permission.SIGNED_IN,
    "api_openapi.show": Permission.OPEN,
    "api_jobs.send": Permission.SEND_JOBS,
    "api_jobs.cancel": Permission.SEND_JOBS,
    "api_work.ask": Permission.WORK,
    "api_work.answer": Permission.WORK,
    "api_work.give_back": Permission.WORK,
    "api_work.live": Permission.WORK,
    "api_breaks.ask": Permission.WORK,
    "api_presence.show": Permission.WORK,
    "api_presence.record": Permission.WORK,
    "rosters.index": Permission.READ_ROSTERS,
    "rosters.grid": Permission.READ_ROSTERS,
    "rosters.rows": Permission.READ_ROSTERS,
    "rosters.associate": Permission.READ_ROSTERS,
    "rosters.breaks": Permission.READ_ROSTERS,
    "rosters.coverage": Permission.READ_ROSTERS,
    "rosters.figures": Permission.READ_ROSTERS,
    "rosters.violations": Permission.READ_ROSTERS,
    "board.show": Permission.READ_ROSTERS,
    "board.data": Permission.READ_ROSTERS,
    "board.findings": Permission.READ_ROSTERS,
    "board.coverage": Permission.READ_ROSTERS,
    "board.in_force": Permission.READ_ROSTERS,
    "board.follow": Permission.READ_ROSTERS,
    "board.fix": Permission.EDIT_ROSTERS,
    "board.edit": Permission.EDIT_ROSTERS,
    "board.copy": Permission.EDIT_ROSTERS,
    "board.undo": Permission.EDIT_ROSTERS,
    "exports.roster": Permission.READ_ROSTERS,
    "publishing.publish": Permission.PUBLISH_ROSTERS,
    "publishing.confirm": Permission.PUBLISH_ROSTERS,
    "scenarios.index": Permission.GENERATE_ROSTERS,
    "scenarios.new": Permission.GENERATE_ROSTERS,
    "scenarios.create": Permission.GENERATE_ROSTERS,
    "scenarios.show": Permission.GENERATE_ROSTERS,
    "scenarios.solve": Permission.GENERATE_ROSTERS,
    "scenarios.remove": Permission.GENERATE_ROSTERS,
    "scenarios.compare": Permission.GENERATE_ROSTERS,
    "why.show": Permission.READ_ROSTERS,
    "why.data": Permission.READ_ROSTERS,
    "why.clash": Permission.READ_ROSTERS,
    "why.office": Permission.READ_ROSTERS,
    "repairs.new": Permission.GENERATE_ROSTERS,
    "repairs.start": Permission.GENERATE_ROSTERS,
    "repairs.show": Permission.GENERATE_ROSTERS,
    "repairs.accept": Permission.GENERATE_ROSTERS,
    "repairs.discard": Permission.GENERATE_ROSTERS,
    "rotations.index": Permission.GENERATE_ROSTERS,
    "rotations.new": Permission.GENERATE_ROSTERS,
    "rotations.create": Permission.GENERATE_ROSTERS,
    "rotations.more": Permission.GENERATE_ROSTERS,
    "rotations.show": Permission.GENERATE_ROSTERS,
    "rotations.place": Permission.GENERATE_ROSTERS,
    "rotations.unroll": Permission.GENERATE_ROSTERS,
    "rotations.deal": Permission.GENERATE_ROSTERS,
    "rotations.apply": Permission.GENERATE_ROSTERS,
    "runs.new": Permission.GENERATE_ROSTERS,
    "runs.start": Permission.GENERATE_ROSTERS,
    "runs.show": Permission.GENERATE_ROSTERS,
    "runs.live": Permission.GENERATE_ROSTERS,
    "runs.state": Permission.GENERATE_ROSTERS,
    "runs.events": Permission.GENERATE_ROSTERS,
    "runs.stop": Permission.GENERATE_ROSTERS,
    "people.index": Permission.EDIT_OPERATION,
    "people.new": Permission.EDIT_OPERATION,
    "people.create": Permission.EDIT_OPERATION,
    "people.show": Permission.EDIT_OPERATION,
    "people.save": Permission.EDIT_OPERATION,
    "people.active": Permission.EDIT_OPERATION,
    "terms.show": Permission.EDIT_OPERATION,
    "terms.save": Permission.EDIT_OPERATION,
    "roster_files.print_view": Permission.READ_ROSTERS,
    "roster_files.bring_back": Permission.GENERATE_ROSTERS,
    "roster_files.hand_in": Permission.GENERATE_ROSTERS,
    "roster_files.trial": Permission.GENERATE_ROSTERS,
    "roster_files.commit": Permission.GENERATE_ROSTERS,
    "break_moves.starts": Permission.GENERATE_ROSTERS,
    "break_moves.move": Permission.GENERATE_ROSTERS,
    "demand.show": Permission.EDIT_OPERATION,
    "demand.what_if": Permission.EDIT_OPERATION,
    "demand.add_event": Permission.EDIT_OPERATION,
    "demand.remove_event": Permission.EDIT_OPERATION,
    "imports.index": Permission.EDIT_OPERATION,
    "imports.hand_in": Permission.EDIT_OPERATION,
    "imports.show": Permission.EDIT_OPERATION,
    "imports.columns": Permission.EDIT_OPERATION,
    "imports.commit": Permission.EDIT_OPERATION,
    "imports.discard": Permission.EDIT_OPERATION,
    "imports.example": Permission.EDIT_OPERATION,
    "settings.show": Permission.EDIT_OPERATION,
    "settings.save": Permission.EDIT_OPERATION,
    "policy.show": Permission.EDIT_OPERATION,
    "policy.save": Permission.EDIT_OPERATION,
    "policy.check": Permission.EDIT_OPERATION,
    "words.index": Permission.EDIT_OPERATION,
    "words.create": Permission.EDIT_OPERATION,
    "words.show": Permission.EDIT_OPERATION,
    "words.save": Permission.EDIT_OPERATION,
    "words.remove": Permission.EDIT_OPERATION,
    "work.show": Permission.WORK,
    "work.picture": Permission.SIGNED_IN,
    "work.video": Permission.SIGNED_IN,
    "me.show": Permission.READ_OWN,
    "me_days.week": Permission.READ_OWN,
    "me_days.month": Permission.READ_OWN,
    "me_changes.show": Permission.READ_OWN,
    "me_changes.seen": Permission.READ_OWN,
    "me_changes.confirm": Permission.READ_OWN,
    "me_notices.show": Permission.BE_TOLD,
    "me_notices.read": Permission.BE_TOLD,
    "me_settings.show": Permission.BE_TOLD,
    "me_settings.save": Permission.BE_TOLD,
    "me_settings.open_calendar": Permission.READ_OWN,
    "me_settings.close_calendar": Permission.READ_OWN,
    "me_figures.show": Permission.READ_OWN,
    "api_own.show_today": Permission.READ_OWN,
    "api_own.show_days": Permission.READ_OWN,
    "api_asking.show": Permission.ASK,
    "api_asking.ask_leave": Permission.ASK,
    "api_asking.take_back_leave": Permission.ASK,
    "api_asking.partners": Permission.ASK,
    "api_asking.offer_swap": Permission.ASK,
    "api_asking.answer_swap": Permission.ASK,
    "api_asking.withdraw_swap": Permission.ASK,
    "api_asking.show_wishes": Permission.ASK,
    "api_asking.save_wishes": Permission.ASK,
    "api_asking.list_offers": Permission.ASK,
    "api_asking.take_place": Permission.ASK,
    "api_asking.give_place_back": Permission.ASK,
    "api_deciding.show": Permission.DECIDE_REQUESTS,
    "api_deciding.decide_leave": Permission.DECIDE_REQUESTS,
    "api_deciding.decide_swap": Permission.DECIDE_REQUESTS,
    "confirmations.show": Permission.READ_ROSTERS,
    "confirmations.settings": Permission.PUBLISH_ROSTERS,
    "confirmations.save_settings": Permission.PUBLISH_ROSTERS,
    "calendar_feed.show": Permission.OPEN,
    "app_shell.manifest": Permission.OPEN,
    "app_shell.worker": Permission.OPEN,
    "app_shell.offline": Permission.READ_OWN,
    "me_requests.index": Permission.ASK,
    "me_requests.leave": Permission.ASK,
    "me_requests.ask": Permission.ASK,
    "me_requests.show": Permission.ASK,
    "me_requests.take_back": Permission.ASK,
    "me_swaps.show": Permission.ASK,
    "me_swaps.offer": Permission.ASK,
    "me_swaps.answer": Permission.ASK,
    "me_swaps.withdraw": Permission.ASK,
    "me_wishes.show": Permission.ASK,
    "me_wishes.save": Permission.ASK,
    "me_offers.show": Permission.ASK,
    "me_offers.take": Permission.ASK,
    "me_offers.give_back": Permission.ASK,
    "request_desk.index": Permission.DECIDE_REQUESTS,
    "request_desk.decide": Permission.DECIDE_REQUESTS,
    "request_desk.leave": Permission.DECIDE_REQUESTS,
    "request_desk.team": Permission.DECIDE_REQUESTS,
    "offer_desk.index": Permission.DECIDE_REQUESTS,
    "offer_desk.make": Permission.DECIDE_REQUESTS,
    "offer_desk.end": Permission.DECIDE_REQUESTS,
    "leave_calendar.show": Permission.READ_LEAVE,
    "tomorrow.show": Permission.READ_LEAVE,
    "leave_setup.show": Permission.SET_LEAVE,
    "leave_setup.kind": Permission.SET_LEAVE,
    "leave_setup.limit": Permission.SET_LEAVE,
    "leave_setup.remove_limit": Permission.SET_LEAVE,
    "leave_setup.grant": Permission.SET_LEAVE,
    "leave_setup.balances": Permission.SET_LEAVE,
    "leave_setup.swaps": Permission.SET_LEAVE,
    "wish_desk.index": Permission.SET_LEAVE,
    "wish_desk.open_window": Permission.SET_LEAVE,
    "wish_desk.show": Permission.SET_LEAVE,
    "quality.index": Permission.COACH,
    "quality.associate": Permission.COACH,
    "quality.note": Permission.COACH,
    "floor.show": Permission.READ_FLOOR,
    "floor.live": Permission.READ_FLOOR,
    "floor.team": Permission.READ_FLOOR,
    "floor_steering.move": Permission.STEER_FLOOR,
    "floor_steering.make": Permission.STEER_FLOOR,
    "floor_steering.history": Permission.READ_FLOOR,
    "floor_steering.undo": Permission.STEER_FLOOR,
    "floor_steering.decide": Permission.STEER_FLOOR,
    "floor_steering.automatic": Permission.STEER_FLOOR,
    "floor_day.absences": Permission.STEER_FLOOR,
    "floor_day.record": Permission.STEER_FLOOR,
    "floor_day.withdraw": Permission.STEER_FLOOR,
    "floor_day.breaks": Permission.STEER_FLOOR,
    "floor_day.repair": Permission.STEER_FLOOR,
    "floor_day.settings": Permission.STEER_FLOOR,
    "floor_day.save_settings": Permission.STEER_FLOOR,
    "hours.index": Permission.READ_HOURS,
    "hours.export": Permission.READ_HOURS,
    "hours.rule": Permission.SET_GOALS,
    "hours.save_rule": Permission.SET_GOALS,
    "goals.show": Permission.SET_GOALS,
    "goals.save": Permission.SET_GOALS,
}
"""The permission that each endpoint needs."""

HOMES: Final[Mapping[Role, str]] = {
    Role.ADMINISTRATOR: "rosters.index",
    Role.PLANNER: "rosters.index",
    Role.SUPERVISOR: "floor.show",
    Role.ASSOCIATE: "work.show",
}
"""The page on which each role begins."""

SEES_ALL_TEAMS: Final = frozenset({Role.ADMINISTRATOR, Role.PLANNER})


@dataclass(frozen=True)
class User:
    """Who asks.

    Parameters
    ----------
    account_id
        ``None`` for a stranger and for another program.
    name
        Sign-in name, which audit rows keep.
    role
        ``None`` for a stranger and for another program.
    associate_id
        The associate whose account it is, in the role associate only.
    team_ids
        The teams that a supervisor leads.
    site_id
        The site to which a service token belongs; people belong to none.
    """

    account_id: int | None
    name: str
    display_name: str
    role: Role | None
    permissions: frozenset[Permission]
    associate_id: int | None = None
    team_ids: frozenset[int] = frozenset()
    site_id: int | None = None
    must_change_password: bool = False

    @property
    def is_stranger(self) -> bool:
        """Whether it is neither a person nor a program that is known."""
        return self.account_id is None and self.site_id is None

    @property
    def home(self) -> str:
        """The endpoint of the page on which this user begins."""
        return HOMES[self.role] if self.role else "sign_in.show"


STRANGER: Final = User(None, "nobody", "", None, frozenset({Permission.OPEN}))


def may(user: User, endpoint: str) -> bool:
    """Return whether a user may use an endpoint; one that nobody listed is closed."""
    needed = NEEDED.get(endpoint)
    return needed is not None and needed in user.permissions


def addressee_of(user: User) -> Addressee:
    """Return as whom a user is told something: as the associate, else by the account."""
    return Addressee(account_id=user.account_id) if user.associate_id is None else Addressee(user.associate_id)


def may_see_team(user: User, team_id: int) -> bool:
    """Return whether a user may see people and figures of a team: planners see all, a supervisor the teams that they lead."""
    return user.role in SEES_ALL_TEAMS or (user.role is Role.SUPERVISOR and team_id in user.team_ids)


def current_user() -> User:
    """Return the user of this request, who is looked up when somebody first asks."""
    if "user" not in g:
        # The page that tells of a failed look-up asks again, and must get an answer.
        g.user = STRANGER
        g.user = user_of_request()
    user: User = g.user
    return user


def forget_user() -> None:
    """Take the user for a stranger from here on, where nothing more can be looked up."""
    g.user = STRANGER


def user_of_request() -> User:
    """Return who is behind the token of this request, that of its header or else that of its cookie."""
    token = session_token()
    # A cookie is for people: a service token in it is worth nothing.
    return _program_behind(token) if token.startswith(SERVICE_PREFIX) and is_by_bearer() else _person_behind(token)


def session_token() -> str:
    """Return the token that this request comes with, empty when it has none."""
    if is_by_bearer():
        return (request.authorization and request.authorization.token) or ""
    return str(session.get(TOKEN_KEY, ""))


def is_by_bearer() -> bool:
    """Return whether this request comes with a token in its header, so that cookies are neither used nor needed.

    Only the addresses of the API take one; elsewhere the header is left to whatever stands in front of this application.
    """
    return request.path.startswith(API_PREFIX) and request.authorization is not None and request.authorization.type == "bearer"


def _person_behind(token: str) -> User:
    known = sessions.who(engine(), token, now=now()) if token.startswith(SESSION_PREFIX) else None
    if known is None:
        return STRANGER
    return User(
        account_id=known.account_id,
        name=known.sign_in_name,
        display_name=known.display_name,
        role=known.role,
        permissions=GRANTED[known.role],
        associate_id=known.associate_id,
        team_ids=known.team_ids,
        must_change_password=known.must_change_password,
    )


def _program_behind(token: str) -> User:
    program = sessions.which_program(engine(), token, now=now())
    if program is None:
        return STRANGER
    permissions = frozenset({Permission.OPEN, *(GRANTED_BY_SCOPE[scope] for scope in program.scopes)})
    return User(None, f"token {program.name}", program.name, None, permissions, site_id=program.site_id)


def register(app: Flask) -> None:
    """Tell the templates of an application who asks, and what they may do."""
    app.jinja_env.globals["may"] = lambda endpoint: may(current_user(), endpoint)
    app.jinja_env.globals["current_user"] = current_user
