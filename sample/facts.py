"""Published figures to which the sample operation is calibrated.

Arrivals: inside half an hour Poisson (variance/mean 0.94), the error of a forecast one day ahead has a rate with a coefficient
of variation of about 9 % and a lag-one correlation of about 0.79 (North American bank, 164 weekdays; see ``../shared/data``).
Handling of a 15-20 s video takes 20-45 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from scheduling.queues import Queue, QueueKind
from scheduling.shifts import ShiftType

ZONE_NAME = "Asia/Kolkata"
INTERVAL_MINUTES = 15
SLOTS_PER_DAY = 1440 // INTERVAL_MINUTES
HISTORY_WEEKS = 8
PAST_DAYS = 14
PRODUCTIVE_HOURS = 7.0
WORKING_DAYS = 5
DAY_FACTOR_CV = 0.09
SLOT_FACTOR_CV = 0.04
SLOT_LAG_ONE = 0.79
HOLIDAY_FACTOR = 0.55
LEAVE_SHARE = 0.05
LOAD = 0.95
"""Required productive hours as a share of those that the associates can give."""
BUFFER = 0.11
"""Share by which a forecast of the median, two to three per cent below the mean, with a 90th percentile buffer of about 14 %
lies above the mean workload."""

SHIFT_TYPES = tuple(
    ShiftType(code, time(hour), 540)
    for code, hour in (
        ("N00", 0),
        ("M03", 3),
        ("M06", 6),
        ("M07", 7),
        ("D09", 9),
        ("D12", 12),
        ("E15", 15),
        ("E18", 18),
        ("N21", 21),
        ("N22", 22),
    )
)
TRAINING_SHIFT = "D09"


@dataclass(frozen=True)
class QueueFacts:
    """What the generator knows of a queue.

    Parameters
    ----------
    share
        Share of the required productive hours of the site.
    hourly
        Relative arrivals at each full hour, between which the profile is interpolated, 24 numbers.
    weekday
        Relative arrivals from Monday to Sunday.
    """

    queue: Queue
    share: float
    aht_seconds: float
    hourly: tuple[float, ...]
    weekday: tuple[float, ...]


_STOW = (62, 57, 53, 50, 52, 62, 80, 98, 110, 116, 118, 114, 106, 108, 114, 116, 112, 106, 104, 106, 104, 96, 84, 72)
_OUTBOUND = (78, 72, 64, 56, 52, 54, 62, 74, 86, 94, 100, 104, 102, 100, 102, 106, 110, 114, 118, 118, 114, 106, 98, 88)
_IMAGE = (72, 68, 66, 64, 66, 72, 82, 94, 106, 114, 116, 112, 104, 108, 112, 110, 106, 102, 100, 98, 94, 90, 84, 78)
_TEXT = (70, 66, 64, 62, 66, 74, 84, 96, 108, 112, 112, 108, 102, 106, 110, 108, 104, 102, 100, 100, 96, 90, 82, 76)

QUEUES = (
    QueueFacts(
        Queue("stow_inbound", "stow_video", QueueKind.REALTIME, 300, 0.88),
        0.38,
        28.0,
        _STOW,
        (1.06, 1.04, 1.02, 1.0, 1.02, 0.97, 0.89),
    ),
    QueueFacts(
        Queue("stow_outbound", "stow_video", QueueKind.REALTIME, 600, 0.88),
        0.22,
        34.0,
        _OUTBOUND,
        (1.03, 1.0, 1.0, 1.01, 1.06, 1.0, 0.9),
    ),
    QueueFacts(
        Queue("image_audit", "image_audit", QueueKind.BACKLOG, 4 * 3600, 0.92),
        0.24,
        22.0,
        _IMAGE,
        (1.05, 1.04, 1.03, 1.02, 1.0, 0.95, 0.91),
    ),
    QueueFacts(
        Queue("text_audit", "text_audit", QueueKind.BACKLOG, 24 * 3600, 0.92),
        0.16,
        42.0,
        _TEXT,
        (1.06, 1.05, 1.03, 1.02, 1.0, 0.93, 0.91),
    ),
)

SKILL_SETS = (
    (frozenset({"stow_video"}), 0.42),
    (frozenset({"stow_video", "image_audit"}), 0.24),
    (frozenset({"image_audit", "text_audit"}), 0.21),
    (frozenset({"stow_video", "image_audit", "text_audit"}), 0.13),
)
WORK_MODES = (("office", 0.5), ("hybrid", 0.3), ("home", 0.2))
HYBRID_OFFICE_DAYS = 2

HOLIDAYS = (
    (1, 1, "New Year's Day"),
    (1, 14, "Makar Sankranti"),
    (1, 26, "Republic Day"),
    (5, 1, "Labour Day"),
    (8, 15, "Independence Day"),
    (10, 2, "Gandhi Jayanti"),
    (12, 25, "Christmas Day"),
)
SITE_HOLIDAY = "Site foundation day"

TEAM_SIZE = 30
TEAM_NAMES = (
    "Kaveri", "Ganga", "Yamuna", "Narmada", "Godavari", "Krishna", "Tapti", "Mahanadi", "Sabarmati", "Brahmaputra",
    "Teesta", "Jhelum", "Chenab", "Ravi", "Beas", "Sutlej", "Periyar", "Tungabhadra", "Pennar", "Sharavati",
)  # fmt: skip
