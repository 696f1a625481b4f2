"""How a floor is steered: the thresholds of its alerts, and whether proposals are applied without asking."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine

from allocation.alerts import AlertThresholds, threshold_faults
from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.times import Clock
from storage import snapshots
from storage.actions import record_action
from storage.errors import domain_errors

AUTOMATIC: Final = "automatic application switched"
AUTOMATIC_ACTOR: Final = "automatic application"
"""Who applies proposals without asking."""
THRESHOLDS: Final = "thresholds changed"


@dataclass(frozen=True)
class FloorSetting:
    """How a floor is steered.

    Parameters
    ----------
    version
        Rises with every change, so that two people do not overwrite each other.
    applies_automatically
        Whether proposals that can be undone are applied without asking.
    """

    version: int
    applies_automatically: bool
    thresholds: AlertThresholds


def read_setting(engine: Engine, site_id: int) -> FloorSetting:
    """Return how the floor of a site is steered."""
    with domain_errors(), engine.connect() as connection:
        return setting_of(snapshots.read_setting(connection, site_id))


def setting_of(stored: snapshots.StoredSetting) -> FloorSetting:
    """Return a stored setting with the defaults of what it leaves out, and without what nobody knows any more."""
    names = {field.name for field in fields(AlertThresholds)}
    known = {name: float(value) for name, value in stored.thresholds.items() if name in names}
    return FloorSetting(stored.version, stored.applies_automatically, AlertThresholds(**known))


def save_thresholds(
    engine: Engine, site_id: int, values: dict[str, float], *, version: int, by: str, why: str, clock: Clock
) -> FloorSetting:
    """Write the thresholds of the alerts.

    Raises
    ------
    BadInputError
        With every value that cannot be.
    ConflictError
        When somebody changed the setting since `version`.
    """
    usual = asdict(AlertThresholds())
    wanted = usual | values
    faults = threshold_faults(wanted)
    if faults:
        raise BadInputError([Fault("thresholds", None, name, str(wanted[name]), reason) for name, reason in faults.items()])
    changed = {name: value for name, value in wanted.items() if value != usual[name]}
    with domain_errors(), engine.begin() as connection:
        before = snapshots.lock_setting(connection, site_id)
        # A setting that nobody has touched is put there by the lock itself, with the first version.
        if before.version != max(version, 1):
            raise ConflictError("Somebody changed these settings meanwhile; nothing was saved. Load the page and look again.")
        snapshots.write_setting(connection, site_id, applies_automatically=before.applies_automatically, thresholds=changed)
        record_action(
            connection,
            site_id,
            at=clock.now(),
            by=by,
            kind=THRESHOLDS,
            subject="thresholds of the alerts",
            why=why,
            before=before.thresholds,
            after=changed,
        )
    return read_setting(engine, site_id)


def switch_automatic(engine: Engine, site_id: int, *, on: bool, by: str, why: str, clock: Clock) -> bool:
    """Let proposals be applied without asking, or stop that at once; return whether anything changed."""
    with domain_errors(), engine.begin() as connection:
        return switch_within(connection, site_id, on=on, by=by, why=why, at=clock.now())


def switch_within(connection: Connection, site_id: int, *, on: bool, by: str, why: str, at: datetime) -> bool:
    """As `switch_automatic`, in the caller's transaction."""
    before = snapshots.lock_setting(connection, site_id)
    if before.applies_automatically == on:
        return False
    snapshots.write_setting(connection, site_id, applies_automatically=on, thresholds=before.thresholds)
    record_action(
        connection,
        site_id,
        at=at,
        by=by,
        kind=AUTOMATIC,
        subject=f"automatic application turned {'on' if on else 'off'}",
        why=why,
        before={"on": before.applies_automatically},
        after={"on": on},
    )
    return True
