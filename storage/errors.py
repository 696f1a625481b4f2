"""Errors of the database in the words of the domain, found by the name of the violated constraint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError

from scheduling.errors import ConflictError, SchedulingError
from scheduling.words import N_


class StorageError(SchedulingError):
    """The database refused something that nobody should have asked for; nothing was changed."""


class DatabaseUnavailableError(SchedulingError):
    """The database cannot be reached or started; the message says why and what to do."""


CONFLICTS = {
    "ix_planning_run_one_active": (
        "A planning run is already queued or running for this site; wait for it, or stop it and try again."
    ),
    "ix_planning_run_one_repair": "This roster is being repaired already; wait for that, or stop it and try again.",
    "uq_site_code": "A site with this code already exists.",
    "uq_team_site_id_name": "A team with this name already exists in the site.",
    "uq_skill_site_id_name": "A skill with this name already exists in the site.",
    "uq_associate_site_id_code": "An associate with this code already exists in the site.",
    "uq_queue_site_id_name": "A queue with this name already exists in the site.",
    "ix_shift_type_one_current": "A shift type with this code already exists in the site.",
    "ix_break_policy_one_current": "Somebody changed the break policy of this site at the same time; load again.",
    "ex_contract_overlap": "Two contracts of one associate overlap; end the first before the second starts.",
    "ex_rotation_place_overlap": "An associate goes through another rotation in these weeks; end that one first.",
    "uq_rotation_place_rotation_id_first_day_row_number": "Two associates cannot begin in the same row of a rotation.",
    "uq_leave_associate_id_first_day": "The associate already has leave that starts on this day.",
    "ck_leave_entry_balance": N_("The balance of leave does not suffice; choose fewer days or another kind of leave."),
    "ex_leave_request_overlap": N_("You asked for leave on one of these days already; take that request back first."),
    "uq_leave_kind_site_id_code": "A kind of leave with this code already exists in the site.",
    "ix_swap_cell_one_open": N_(
        "One of these days stands in another swap that is not decided yet; wait for it, or take it back."
    ),
    "ix_offer_take_one_each": N_("You have this offer already, or wait for it."),
    "ix_offer_take_one_winner": N_("Somebody was faster; look at the offer again."),
    "ex_wish_window_overlap": "Another wishing window is for some of these days; choose a period that does not overlap.",
    "pk_day_lock": "This day of the associate is already locked.",
    "uq_request_associate_id_day_kind_shift_type_id": "The associate already has this request for this day.",
    "ck_contract_days_in_order": "A contract ends before it starts; correct one of the dates.",
    "ck_contract_terms_minutes_in_order": "The most minutes of the terms are below the least; correct one of the two.",
    "ck_contract_terms_numbers": "A number of the terms is negative.",
    "ck_leave_days_in_order": "A leave ends before it starts; correct one of the dates.",
    "ck_shift_type_span": "A shift type must span between 408 and 1440 minutes.",
    "ck_break_pattern_productive_minutes": "A break pattern must leave 408 to 420 productive minutes.",
    "ck_break_pattern_sum": "The breaks of a pattern do not add up to its productive minutes.",
    "ck_break_policy_productive_minutes": "A break policy must leave 408 to 420 productive minutes.",
    "ck_assignment_state": "A working day needs a shift type, a place and a break pattern; any other day has none of them.",
    "ck_roster_publication": "A published roster has a publisher and a time; a draft has neither.",
    "ck_publication_notice": "A publication at shorter notice than the site gives needs a reason.",
    "ck_publication_days_in_order": "The last day to publish lies before the first.",
    "ck_roster_bound": "The proven bound of a roster lies above its objective, so one of the two is wrong.",
    "ix_account_sign_in_name": "Somebody has this sign-in name already; choose another.",
    "uq_account_associate_id": "This associate has an account already.",
    "ix_service_token_one_name": "A token with this name is in use at the site; choose another name, or revoke that one first.",
    "uq_floor_action_undoes_id": "This action has been undone already; an action is undone only once.",
    "ix_proposal_one_open": "This queue has a proposal that nobody has decided yet; decide that one first.",
    "ck_audit_append_only": "The audit trail is append-only: entries are never changed or removed.",
}
"""The message for each constraint that a user may run into."""

AWAY = ("08", "53", "57P")
"""What states of a database begin with that breaks connections, has no room for more, or is being shut down or started."""


@contextmanager
def domain_errors() -> Iterator[None]:
    """Translate errors of the database that leave the block.

    Raises
    ------
    ConflictError
        When a constraint of `CONFLICTS` was violated.
    StorageError
        When the database refused anything else.
    DatabaseUnavailableError
        When the database cannot be reached.
    """
    try:
        yield
    except DBAPIError as error:
        raise translated(error.orig) from error
    except psycopg.Error as error:
        # Bulk reads and writes use the driver directly.
        raise translated(error) from error


def translated(error: BaseException | None) -> SchedulingError:
    """Return the domain error of an error of the driver."""
    diagnostics = getattr(error, "diag", None)
    name = str(getattr(diagnostics, "constraint_name", None) or "")
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if name in CONFLICTS:
        return ConflictError(CONFLICTS[name])
    state = getattr(error, "sqlstate", None)
    if state is None or state.startswith(AWAY):
        return DatabaseUnavailableError(f"The database cannot be reached: {first_line}")
    return StorageError(f"The database refused this{f' by {name}' if name else ''}: {first_line}")
