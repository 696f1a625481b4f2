"""A roster as people take it away and bring it back: one row an associate, one column a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from interchange.faults import FaultList
from interchange.tables import MappedFile, source_rows

FACTS = ("associate", "name", "team", "skills")
"""The columns before the days."""


def day_titles(days: Sequence[date]) -> list[str]:
    """Return the heading of each day."""
    return [f"{day:%a} {day}" for day in days]


def read_roster_sheet(
    file: MappedFile, days: Sequence[date], codes: Collection[str], values: Collection[str], faults: FaultList
) -> Mapping[tuple[str, date], str]:
    """Return what a sheet says that associates do, by code and day; a place after the shift is left unread.

    Parameters
    ----------
    codes
        Codes of the associates of the roster.
    values
        What a day can be: codes of shift types and the words for days without one.
    """
    found: dict[tuple[str, date], str] = {}
    seen: dict[str, int] = {}
    titles = [*FACTS, *day_titles(days)]
    header: list[str] | None = None
    for line, cells in source_rows(file, faults):
        texts = [cell.strip().removeprefix("'") for cell in cells]
        if not any(texts):
            continue
        if header is None:
            header = texts
            wrong = next((place for place, title in enumerate(titles) if place >= len(texts) or texts[place] != title), None)
            if wrong is not None or len(texts) != len(titles):
                place = min(len(titles) - 1, wrong or 0)
                reason = f"The columns are not those of this roster: here {titles[place]} is wanted. Export it, and change that."
                faults.add(file.name, line, titles[place], texts[place] if place < len(texts) else "", reason)
                return {}
            continue
        code = texts[0]
        if code not in codes:
            faults.add(file.name, line, "associate", code, "This is nobody of the roster.")
        elif code in seen:
            faults.add(
                file.name, line, "associate", code, f"Row {seen[code]} has this associate already; leave one of the two out."
            )
        else:
            seen[code] = line
            for day, title, text in zip(days, titles[len(FACTS) :], texts[len(FACTS) :], strict=False):
                word = text.split(" ")[0]
                if word in values:
                    found[code, day] = word
                else:
                    faults.add(file.name, line, title, text, "This is no shift type of the roster, nor off, leave or none.")
    return found
