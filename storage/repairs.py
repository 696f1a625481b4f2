"""Repairs of rosters: taking a repaired draft over into the draft that it mends, or throwing it away, and the facts behind it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, Select, bindparam, delete, func, select, text, update

from storage.metadata import RunState
from storage.tables import associate, contract, leave, planning_run, roster, scenario, site

OF_ONE_PLAN = ("violation", "clash", "coverage", "carried_break", "assignment")
"""Tables of what a roster says, in an order in which rows can go."""
FIGURES = (
    "break_policy_id", "status", "objective", "bound", "gap", "wall_seconds", "seed", "versions", "parameters", "objective_parts",
    "kpis",
)  # fmt: skip


def adopt(connection: Connection, draft_id: int, base_id: int) -> None:
    """Make a draft say what another one of the same people and days says, and remove that other one; its version rises."""
    ids = {"draft": draft_id, "base": base_id}
    for table in OF_ONE_PLAN:
        connection.execute(text(f"DELETE FROM {table} WHERE roster_id = :base"), ids)  # noqa: S608 (names of our own tables)
    for table in reversed(OF_ONE_PLAN):
        connection.execute(text(f"UPDATE {table} SET roster_id = :base WHERE roster_id = :draft"), ids)  # noqa: S608
    repaired = select(*(roster.c[name] for name in FIGURES)).where(roster.c.id == draft_id)
    figures = dict(connection.execute(repaired).one()._mapping)
    connection.execute(update(roster).where(roster.c.id == base_id).values(**figures, version=roster.c.version + 1))
    connection.execute(update(planning_run).where(planning_run.c.roster_id == draft_id).values(roster_id=base_id))
    connection.execute(update(scenario).where(scenario.c.base_roster_id == draft_id).values(base_roster_id=base_id))
    _hand_on(connection, draft_id, base_id)
    connection.execute(delete(roster).where(roster.c.id == draft_id))


def throw_away(connection: Connection, run_id: int, draft_id: int, base_id: int, message: str) -> None:
    """Remove the draft that a repair of a roster made; its run keeps what was asked, and says why nothing came of it."""
    gone = {"state": RunState.FAILED.value, "roster_id": None, "message": message}
    connection.execute(update(planning_run).where(planning_run.c.id == run_id).values(**gone))
    _hand_on(connection, draft_id, base_id)
    connection.execute(delete(roster).where(roster.c.id == draft_id))


def _hand_on(connection: Connection, draft_id: int, base_id: int) -> None:
    """Let runs that begin with a draft, repair it or answer a scenario of it belong to the roster that the draft mends."""
    version = select(roster.c.version).where(roster.c.id == base_id).scalar_subquery()
    begun = update(planning_run).where(planning_run.c.base_roster_id == draft_id)
    connection.execute(begun.values(base_roster_id=base_id, base_version=version))


def add_leave(connection: Connection, site_code: str, code: str, first_day: date, last_day: date) -> None:
    """Enter leave of an associate; days that are leave already stay as they are."""
    person = _person(site_code, code).scalar_subquery()
    covered = select(leave.c.id).where(
        leave.c.associate_id == person, leave.c.first_day <= first_day, leave.c.last_day >= last_day
    )
    if connection.execute(covered.limit(1)).first() is not None:
        return
    same = update(leave).where(leave.c.associate_id == person, leave.c.first_day == first_day)
    longer = same.values(last_day=func.greatest(leave.c.last_day, bindparam("until")))
    if not connection.execute(longer, {"until": last_day}).rowcount:
        connection.execute(leave.insert().values(associate_id=person, first_day=first_day, last_day=last_day))


def end_contract(connection: Connection, site_code: str, code: str, last_day: date) -> None:
    """End the contract of an associate that runs on a day with that day; later ones are removed."""
    person = _person(site_code, code).scalar_subquery()
    connection.execute(delete(contract).where(contract.c.associate_id == person, contract.c.first_day > last_day))
    running = (contract.c.associate_id == person, contract.c.last_day > last_day)
    connection.execute(update(contract).where(*running).values(last_day=last_day))


def names_of_scenarios(connection: Connection, roster_id: int) -> list[str]:
    """Return the names of the scenarios that copy a roster."""
    query = select(scenario.c.name).where(scenario.c.base_roster_id == roster_id).order_by(scenario.c.id)
    return list(connection.execute(query).scalars())


def _person(site_code: str, code: str) -> Select[tuple[int]]:
    return select(associate.c.id).join_from(associate, site).where(site.c.code == site_code, associate.c.code == code)


ACCEPTED = "Accepted by"


def note_accepted(connection: Connection, run_id: int, by: str, then: str) -> bool:
    """Write by whom a repair was accepted and what is to be done then; return whether it was the first time."""
    first = ~func.coalesce(planning_run.c.message, "").startswith(ACCEPTED)
    noted = update(planning_run).where(planning_run.c.id == run_id, first).values(message=f"{ACCEPTED} {by}; {then}.")
    return bool(connection.execute(noted).rowcount)
