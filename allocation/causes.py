"""Causes of alerts: each says from what it is known, so that a supervisor can check it before acting on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from allocation.wording import heads_text, local_time

SHOWN_QUEUES = 3


def plan_too_small(waiting: float, *, has_plan: bool) -> str:
    """Return the cause for a queue whose day does not differ from its plan in anything that costs heads."""
    if not has_plan:
        return f"{waiting:.0f} jobs are not answered yet, and there is no plan of today to compare with"
    return (
        f"arrivals, handling time and attendance cost no head more than planned, so the plan itself has too few; {waiting:.0f} "
        "jobs are not answered yet"
    )


def team_absent(absent_heads: float, recorded_heads: float) -> str:
    """Return why heads of a team are absent, as far as it is known."""
    silent = absent_heads - recorded_heads
    parts = []
    if recorded_heads > 0:
        parts.append(f"{heads_text(recorded_heads)} by recorded absences")
    if silent > 0:
        parts.append(f"{heads_text(silent)} did not come for half an hour, with nothing recorded")
    return " and ".join(parts)


def late(now: datetime, minutes: float, zone: ZoneInfo) -> str:
    """Return what is known of somebody who has not come."""
    began = local_time(now - timedelta(minutes=minutes), zone)
    return f"the shift began at {began}, there was no sign-in since, and no absence is recorded"


def break_overtime(now: datetime, minutes: float, zone: ZoneInfo) -> str:
    """Return what is known of somebody who is not back."""
    end = local_time(now - timedelta(minutes=minutes), zone)
    return f"as it was begun and is planned, the break was over at {end}, and no end of it was sent since"


def idle(
    now: datetime, minutes: float, zone: ZoneInfo, own: Mapping[str, int], others: Mapping[str, int], until: datetime | None
) -> str:
    """Return why somebody has nothing to do.

    Parameters
    ----------
    own, others
        Jobs that wait in the queues that the associate may take from, and in the other ones.
    until
        End of the work that is planned now.
    """
    since = f"no job in hand since {local_time(now - timedelta(minutes=minutes), zone)}"
    if any(own.values()):
        end = "the next break" if until is None else local_time(until, zone)
        return f"{since}; {_waiting(own)}, and either none of them is sure to be done by {end}, or no work was asked for"
    if own:
        found = f"{since}; nothing waits in {_named(own)}"
    else:
        found = f"{since}; by skills and the mix of the team no queue is open to them"
    return f"{found}, and {_waiting(others)}, not open to them" if any(others.values()) else found


def _waiting(queues: Mapping[str, int]) -> str:
    """Return the jobs that wait, the longest queues first."""
    longest = sorted((one for one in queues.items() if one[1]), key=lambda one: (-one[1], one[0]))
    return f"{', '.join(f'{count:,} wait in {name}' for name, count in longest[:SHOWN_QUEUES])}{_more(len(longest))}"


def _named(queues: Mapping[str, int]) -> str:
    return f"{', '.join(sorted(queues)[:SHOWN_QUEUES])}{_more(len(queues))}"


def _more(count: int) -> str:
    return f" and {count - SHOWN_QUEUES} more queues" if count > SHOWN_QUEUES else ""
