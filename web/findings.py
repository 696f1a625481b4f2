"""The violations of a roster as the page shows them: counted by severity and rule, filtered, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scheduling.rules import Violation

PAGE_ROWS = 200


@dataclass(frozen=True)
class Findings:
    """One page of violations, and the counts to choose from."""

    violations: tuple[Violation, ...]
    found: int
    all_count: int
    by_severity: tuple[tuple[str, int], ...]
    by_rule: tuple[tuple[str, int], ...]
    page: int
    pages: int


def find(violations: Sequence[Violation], severity: str = "", rule: str = "", page: int = 1, rows: int = PAGE_ROWS) -> Findings:
    """Return a page of the violations of one severity and rule, or of all where a name is empty."""
    chosen = [one for one in violations if severity in ("", one.severity) and rule in ("", one.rule)]
    pages = max(1, -(-len(chosen) // rows))
    page = min(page, pages)
    return Findings(
        violations=tuple(chosen[(page - 1) * rows : page * rows]),
        found=len(chosen),
        all_count=len(violations),
        by_severity=tuple(Counter(str(one.severity) for one in violations).most_common()),
        by_rule=tuple(Counter(one.rule for one in violations).most_common()),
        page=page,
        pages=pages,
    )
