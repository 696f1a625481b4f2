"""Leave of the sample: the kinds that its people may ask for, and how many may be away on one day."""

from __future__ import annotations

from typing import Any, Final

SHARE_AWAY: Final = 0.08
"""So large a part of the site may be on leave on one day; whoever asks later goes on the waiting list."""


def sample_leave() -> tuple[dict[str, Any], ...]:
    """Return the kinds of leave, as a planner would type them in."""
    common = {"is_limited": True, "is_automatic": False}
    return (
        {**common, "code": "AL", "name": "Annual leave", "has_balance": True, "days_per_year": 18, "notice_days": 3},
        {**common, "code": "UL", "name": "Unpaid leave", "has_balance": False, "days_per_year": 0, "notice_days": 14},
    )
