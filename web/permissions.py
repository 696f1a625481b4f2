"""What there is to be allowed, and what each role and each service token may do of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from services.accounts import Role
from services.service_tokens import Scope


class Permission(StrEnum):
    """What a page lets somebody do."""

    OPEN = "open to everybody"
    SIGNED_IN = "be signed in, whoever it is"
    READ_ROSTERS = "read rosters"
    GENERATE_ROSTERS = "generate rosters"
    EDIT_ROSTERS = "change rosters by hand"
    PUBLISH_ROSTERS = "publish rosters"
    WORK = "take jobs, and say whether one is present"
    BE_TOLD = "read one's notices, and choose how one is told"
    READ_OWN = "read one's own hours, breaks and quality"
    READ_FLOOR = "see the floor"
    STEER_FLOOR = "move volume and people, apply proposals, record absences, repair breaks"
    COACH = "see the quality of one's teams, and note coachings"
    READ_HOURS = "read hours and night allowance of everybody"
    SET_GOALS = "set the goals of queues, and the rule by which night hours are paid"
    SEND_JOBS = "hand in jobs"
    EDIT_OPERATION = "change people, skills, shift types, queues, rules and policies, and import them"
    ASK = "ask for leave, swap, wish and take offers"
    READ_LEAVE = "see who is on leave, and who is on tomorrow"
    DECIDE_REQUESTS = "decide requests, and offer overtime and time off"
    SET_LEAVE = "set kinds of leave, limits and balances, and open wishing windows"
    MANAGE_ACCOUNTS = "make accounts and service tokens"


EVERYBODY: Final = frozenset({Permission.OPEN, Permission.SIGNED_IN})
OF_ASSOCIATES: Final = frozenset({Permission.WORK, Permission.READ_OWN, Permission.ASK})
"""What only makes sense for somebody who is an associate of the operation."""

GRANTED: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.ADMINISTRATOR: frozenset(Permission) - OF_ASSOCIATES - {Permission.BE_TOLD},
    Role.PLANNER: EVERYBODY
    | {
        Permission.READ_ROSTERS,
        Permission.GENERATE_ROSTERS,
        Permission.EDIT_ROSTERS,
        Permission.PUBLISH_ROSTERS,
        Permission.EDIT_OPERATION,
        Permission.READ_FLOOR,
        Permission.READ_HOURS,
        Permission.READ_LEAVE,
        Permission.DECIDE_REQUESTS,
        Permission.SET_LEAVE,
        Permission.SET_GOALS,
        Permission.SEND_JOBS,
    },
    Role.SUPERVISOR: EVERYBODY
    | {
        Permission.BE_TOLD,
        Permission.READ_ROSTERS,
        Permission.READ_FLOOR,
        Permission.STEER_FLOOR,
        Permission.READ_LEAVE,
        Permission.DECIDE_REQUESTS,
        Permission.COACH,
        Permission.SEND_JOBS,
    },
    Role.ASSOCIATE: EVERYBODY | OF_ASSOCIATES | {Permission.BE_TOLD},
}
"""What each role may do; pages of a supervisor also ask `may_see_team`."""

GRANTED_BY_SCOPE: Final[Mapping[Scope, Permission]] = {Scope.WRITE_JOBS: Permission.SEND_JOBS}
"""What each scope of a service token lets a program do; beside these it may do nothing."""
