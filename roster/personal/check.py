"""What is right in a personal roster: plain Python that knows nothing of the engine and counts every day on its own.

Each hard rule is one function that yields the faults of one line in words; `faults_of` runs them all, `cost_of` counts the
objective again from the requests and the cover.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from roster.personal.question import OFF, SATURDAY, SUNDAY, Question, Terms

Line = Sequence[int]


def faults_of(question: Question, lines: Sequence[Line]) -> list[str]:
    """Return what is wrong with a roster, a sentence each; an empty list where nothing is."""
    if len(lines) != question.people or any(len(line) != question.days for line in lines):
        return [f"The roster does not have {question.people} lines of {question.days} days."]
    return [
        f"{name}: {fault}."
        for name, terms, line in zip(question.names, question.terms, lines, strict=True)
        for fault in line_faults(question, terms, [int(value) for value in line])
    ]


def line_faults(question: Question, terms: Terms, line: Line) -> Iterator[str]:
    """Yield every fault of one line."""
    unknown = [day for day, value in enumerate(line) if not OFF <= value < question.shifts]
    if unknown:
        yield f"has a value that is no shift on day {unknown[0]}"
        return
    yield from _days_off(terms, line)
    yield from _successions(question, line)
    yield from _shift_counts(question, terms, line)
    yield from _minutes(question, terms, line)
    yield from _runs(terms, line)
    yield from _weekends(terms, line)


def _days_off(terms: Terms, line: Line) -> Iterator[str]:
    for day in sorted(terms.days_off):
        if line[day] != OFF:
            yield f"works on day {day}, which is a day off"


def _successions(question: Question, line: Line) -> Iterator[str]:
    for day, (before, after) in enumerate(pairwise(line), start=1):
        if OFF not in {before, after} and question.forbidden[before, after]:
            names = question.shift_names
            yield f"has {names[after]} on day {day} after {names[before]}, which is forbidden"


def _shift_counts(question: Question, terms: Terms, line: Line) -> Iterator[str]:
    for shift, most in enumerate(terms.most_shifts):
        count = sum(value == shift for value in line)
        if count > most:
            yield f"has {count} shifts {question.shift_names[shift]}, {most} is the most"


def _minutes(question: Question, terms: Terms, line: Line) -> Iterator[str]:
    total = sum(int(question.minutes[value]) for value in line if value != OFF)
    if total > terms.most_minutes:
        yield f"works {total} minutes, {terms.most_minutes} is the most"
    if total < terms.least_minutes:
        yield f"works {total} minutes, {terms.least_minutes} is the least"


def _runs(terms: Terms, line: Line) -> Iterator[str]:
    first = 0
    for works, run in groupby(line, key=lambda value: value != OFF):
        length = len(list(run))
        inside = first > 0 and first + length < len(line)
        least, noun = (terms.least_in_a_row, "working days") if works else (terms.least_off_in_a_row, "days off")
        if inside and length < least:
            yield f"has {length} {noun} in a row from day {first}, {least} is the least"
        if works and length > terms.most_in_a_row:
            yield f"has {length} working days in a row from day {first}, {terms.most_in_a_row} is the most"
        first += length


def _weekends(terms: Terms, line: Line) -> Iterator[str]:
    worked = {day // 7 for day, value in enumerate(line) if value != OFF and day % 7 in {SATURDAY, SUNDAY}}
    if len(worked) > terms.most_weekends:
        yield f"works {len(worked)} weekends, {terms.most_weekends} is the most"


def cost_of(question: Question, lines: Sequence[Line]) -> float:
    """Return the objective, counted again a cell at a time."""
    total = 0.0
    for line, on_days, off_days in zip(lines, question.on_weights.tolist(), question.off_weights.tolist(), strict=True):
        for value, wanted, unwanted in zip(line, on_days, off_days, strict=True):
            total += sum(wanted)
            if value != OFF:
                total += unwanted[value] - wanted[value]
    for day in range(question.days):
        heads = [line[day] for line in lines]
        for shift in range(question.shifts):
            missing = int(question.required[day, shift]) - sum(value == shift for value in heads)
            weight = question.under_weights[day, shift] if missing > 0 else question.over_weights[day, shift]
            total += float(weight) * abs(missing)
    return total
