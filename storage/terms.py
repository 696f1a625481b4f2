"""Personal terms of associates: written with an operation or alone, read as the kernel's own object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, text

from scheduling.people import ContractTerms
from storage.bulk import array_literal
from storage.tables import contract_terms

NAMES: Final = tuple(field.name for field in fields(ContractTerms))
TERMS: Final = select(contract_terms).where(contract_terms.c.associate_id == text("ANY(CAST(:people AS bigint[]))"))


def terms_of(connection: Connection, associate_ids: Sequence[int]) -> dict[int, ContractTerms]:
    """Return the terms of those who have some, by id."""
    rows = connection.execute(TERMS, {"people": array_literal(associate_ids)})
    return {row.associate_id: _terms(row) for row in rows}


def _terms(row: Any) -> ContractTerms:
    facts = {name: getattr(row, name) for name in NAMES}
    for name in ("most_shifts", "forbidden_successions"):
        facts[name] = tuple((first, second) for first, second in facts[name])
    return ContractTerms(**facts)


def write_terms(connection: Connection, given: Mapping[int, ContractTerms | None]) -> None:
    """Replace the terms of associates; with ``None`` they have none any more."""
    mine = contract_terms.c.associate_id == text("ANY(CAST(:people AS bigint[]))")
    connection.execute(delete(contract_terms).where(mine), {"people": array_literal(given)})
    rows = [
        {"associate_id": number, **{name: getattr(terms, name) for name in NAMES}}
        for number, terms in given.items()
        if terms is not None
    ]
    if rows:
        connection.execute(insert(contract_terms), rows)
