"""The file of personal terms, and the words in which its lists are written: ``N=3;L=5`` and ``N>M;L>M``."""

from __future__ import annotations

import re
from pathlib import Path

from interchange.csv_text import quoted
from interchange.facts import Register
from interchange.faults import FaultList
from interchange.rows import Row
from interchange.tables import Columns, read_csv
from scheduling.people import ContractTerms

NUMBERS = {
    "least_minutes": 527_040,
    "most_minutes": 527_040,
    "most_days_in_a_row": 366,
    "least_days_in_a_row": 366,
    "least_days_off_in_a_row": 366,
    "most_weekends": 53,
}
"""The numbers of terms and the most that each may be: a year."""

TERMS = Columns(("associate", *NUMBERS, "most_shifts", "forbidden_successions"))

_COUNT = re.compile(r"(?P<code>[^=;]+)=(?P<count>\d{1,3})")
_PAIR = re.compile(r"(?P<before>[^>;]+)>(?P<after>[^>;]+)")


def counts_of(text: str) -> tuple[tuple[str, int], ...] | None:
    """Return the pairs of ``N=3;L=5``, ``None`` where the text is none."""
    found = [_COUNT.fullmatch(part.strip()) for part in text.split(";") if part.strip()]
    if None in found:
        return None
    return tuple((match["code"].strip(), int(match["count"])) for match in found if match)


def pairs_of(text: str) -> tuple[tuple[str, str], ...] | None:
    """Return the pairs of ``N>M;L>M``, ``None`` where the text is none."""
    found = [_PAIR.fullmatch(part.strip()) for part in text.split(";") if part.strip()]
    if None in found:
        return None
    return tuple((match["before"].strip(), match["after"].strip()) for match in found if match)


def counts_text(counts: tuple[tuple[str, int], ...]) -> str:
    """Return counts as `counts_of` reads them."""
    return ";".join(f"{code}={count}" for code, count in counts)


def pairs_text(pairs: tuple[tuple[str, str], ...]) -> str:
    """Return pairs as `pairs_of` reads them."""
    return ";".join(f"{before}>{after}" for before, after in pairs)


def read_terms(path: Path, register: Register, faults: FaultList) -> dict[str, ContractTerms]:
    """Read terms.csv: what contracts ask for beside the rules of the site, by the code of the associate."""
    found: dict[str, ContractTerms] = {}
    seen: dict[str, int] = {}
    for row in read_csv(path, TERMS, faults):
        code = row.known("associate", register.knows_associate(), "no code of an associate")
        terms = _terms(row, register)
        if code is not None and code in seen:
            row.fault("associate", f"Row {seen[code]} has the terms of this associate already; leave one of the two out.")
        elif code is not None:
            seen[code], found[code] = row.line, terms
    return found


def _terms(row: Row, register: Register) -> ContractTerms:
    """Return the terms of a row; an empty cell asks for nothing."""
    numbers = {name: row.whole(name, 0, most) if row.cell(name) else None for name, most in NUMBERS.items()}
    least, most = numbers["least_minutes"], numbers["most_minutes"]
    if least is not None and most is not None and most < least:
        row.fault("most_minutes", f"The most is below the least ({least}).")
    counts, pairs = counts_of(row.cell("most_shifts")), pairs_of(row.cell("forbidden_successions"))
    if counts is None:
        row.fault("most_shifts", "Write codes with numbers, such as N=3;L=5.")
    if pairs is None:
        row.fault("forbidden_successions", "Write pairs of codes, such as N>M;L>M.")
    named = {
        "most_shifts": {code for code, _ in counts or ()},
        "forbidden_successions": {code for pair in pairs or () for code in pair},
    }
    for column, codes in named.items():
        for code in sorted(codes):
            if code not in register.knows_shift():
                row.fault(column, f"There is no shift type {code} in shift_types.csv.", code)
    return ContractTerms(**numbers, most_shifts=counts or (), forbidden_successions=pairs or ())


def terms_line(terms: ContractTerms) -> str:
    """Return the cells of terms after that of the associate, as `read_terms` reads them."""
    numbers = [getattr(terms, name) for name in NUMBERS]
    cells = ["" if number is None else str(number) for number in numbers]
    return ",".join([*cells, quoted(counts_text(terms.most_shifts)), quoted(pairs_text(terms.forbidden_successions))])
