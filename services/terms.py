"""Personal terms: what the contract of one associate asks for beside the rules of the site, as planners keep it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from scheduling.errors import Fault
from scheduling.people import ContractTerms
from services.records import Store
from storage.people import Wanted, list_people, person_with_id
from storage.sites import ids_by
from storage.tables import shift_type
from storage.terms import terms_of, write_terms

__all__ = ["TERMS"]

USUAL: Final = ContractTerms()
"""The terms of who has none of their own."""


def _read(connection: Connection, site_id: int) -> Mapping[int, ContractTerms]:
    """Return the terms of everybody at a site."""
    ids = list(list_people(connection, site_id, Wanted(state="all"), most=100_000))
    return dict.fromkeys(ids, USUAL) | terms_of(connection, ids)


def _one(connection: Connection, site_id: int, associate_id: int) -> Mapping[int, ContractTerms]:
    """Return the terms of one associate of a site."""
    ids = list(person_with_id(connection, site_id, associate_id))
    return dict.fromkeys(ids, USUAL) | terms_of(connection, ids)


def _judge(connection: Connection, site_id: int, associate_id: int | None, terms: ContractTerms) -> list[Fault]:
    """Return what is wrong with terms."""
    codes = ids_by(connection, shift_type, "code", site_id)
    named = {
        "most_shifts": {code for code, _ in terms.most_shifts},
        "forbidden_successions": {code for pair in terms.forbidden_successions for code in pair},
    }
    faults = [
        Fault("terms", None, column, code, f"There is no shift type {code} at the site.")
        for column, used in named.items()
        for code in sorted(used - set(codes))
    ]
    if terms.least_minutes is not None and terms.most_minutes is not None and terms.most_minutes < terms.least_minutes:
        faults.append(Fault("terms", None, "most_minutes", str(terms.most_minutes), "The most is below the least."))
    return faults


def _write(connection: Connection, site_id: int, associate_id: int | None, terms: ContractTerms) -> int:
    """Write the terms of an associate; those that ask for nothing are no terms."""
    if associate_id is None:
        raise AssertionError("Terms belong to an associate who is there.")
    write_terms(connection, {associate_id: None if terms == USUAL else terms})
    return associate_id


TERMS: Final = Store("terms", _read, _judge, _write, one=_one)
