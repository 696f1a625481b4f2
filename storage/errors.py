"""Errors of the database in the words of the domain, found by the name of the violated constraint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from scheduling.errors import ConflictError, SchedulingError


class StorageError(SchedulingError):
    """The database refused something that nobody should have asked for; nothing was changed."""


class DatabaseUnavailableError(SchedulingError):
    """The database cannot be reached or started; the message says why and what to do."""


CONFLICTS = {
    "pk_published_day": "Another roster is already published for one of these days; look at the roster list and publish again.",
    "ix_planning_run_one_active": (
        "A planning run is already queued or running for this site; wait for it, or stop it and try again."
    ),
    "uq_site_code": "A site with this code already exists.",
    "uq_team_site_id_name": "A team with this name already exists in the site.",
    "uq_skill_site_id_name": "A skill with this name already exists in the site.",
    "uq_associate_site_id_code": "An associate with this code already exists in the site.",
    "uq_queue_site_id_name": "A queue with this name already exists in the site.",
    "ix_shift_type_one_current": "A shift type with this code already exists in the site.",
    "ix_break_policy_one_current": "Somebody changed the break policy of this site at the same time; load again.",
    "ex_contract_overlap": "Two contracts of one associate overlap; end the first before the second starts.",
    "uq_leave_associate_id_first_day": "The associate already has leave that starts on this day.",
    "pk_day_lock": "This day of the associate is already locked.",
    "uq_request_associate_id_day": "The associate already has a request for this day.",
    "ck_contract_days_in_order": "A contract ends before it starts; correct one of the dates.",
    "ck_leave_days_in_order": "A leave ends before it starts; correct one of the dates.",
    "ck_shift_type_span": "A shift type must span between 408 and 1440 minutes.",
    "ck_break_pattern_productive_minutes": "A break pattern must leave 408 to 420 productive minutes.",
    "ck_break_pattern_sum": "The breaks of a pattern do not add up to its productive minutes.",
    "ck_break_policy_productive_minutes": "A break policy must leave 408 to 420 productive minutes.",
    "ck_assignment_state": "A working day needs a shift type, a place and a break pattern; any other day has none of them.",
    "ck_roster_publication": "A published roster has a publisher and a time; a draft has neither.",
    "ck_roster_bound": "The proven bound of a roster lies above its objective, so one of the two is wrong.",
    "ck_audit_append_only": "The audit trail is append-only: entries are never changed or removed.",
}
"""The message for each constraint that a user may run into."""


@contextmanager
def domain_errors() -> Iterator[None]:
    """Translate errors of the database that leave the block.

    Raises
    ------
    ConflictError
        When a constraint of `CONFLICTS` was violated.
    StorageError
        When any other constraint was violated.
    DatabaseUnavailableError
        When the database cannot be reached.
    """
    try:
        yield
    except (IntegrityError, InternalError) as error:
        raise translated(error) from error
    except OperationalError as error:
        if error.connection_invalidated or getattr(error.orig, "sqlstate", None) is None:
            raise DatabaseUnavailableError(f"The database cannot be reached: {_first_line(error)}") from error
        raise StorageError(f"The database could not do this: {_first_line(error)}") from error


def translated(error: IntegrityError | InternalError) -> SchedulingError:
    """Return the domain error of a violated constraint."""
    name = constraint_name(error)
    if name in CONFLICTS:
        return ConflictError(CONFLICTS[name])
    return StorageError(f"The database refused the change ({name or 'no constraint named'}): {_first_line(error)}")


def constraint_name(error: IntegrityError | InternalError) -> str:
    """Return the name of the violated constraint, empty when the database names none."""
    diagnostics = getattr(error.orig, "diag", None)
    return str(getattr(diagnostics, "constraint_name", None) or "")


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", error)).strip().splitlines()[0]
