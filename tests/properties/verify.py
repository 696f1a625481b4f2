"""An independent verifier of result folders: it reads plain text, and shares no code with what it judges."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path

from tests.properties.folders import Folder, Outcome, Row, minute_of

DAY = timedelta(days=1)
HEADS_TOLERANCE = 2e-3


def faults_of(scenario: Path, result: Path) -> list[str]:
    """Return every hard rule, fact or figure that the result folder gets wrong, in words."""
    folder, outcome = Folder(scenario), Outcome(result)
    found = [*shape_faults(folder, outcome)]
    if found:
        return found
    for person in folder.people:
        found += [f"{person['code']}: {words}" for words in person_faults(folder, outcome, person)]
    return [
        *found,
        *row_faults(folder, outcome),
        *break_faults(folder, outcome),
        *office_faults(folder, outcome),
        *coverage_faults(folder, outcome),
        *report_faults(folder, outcome),
    ]


def shape_faults(folder: Folder, outcome: Outcome) -> Iterator[str]:
    expected = Counter((person["code"], str(day)) for person in folder.people for day in folder.dates)
    found = Counter((row["associate"], row["date"]) for row in outcome.assignments)
    if expected != found:
        yield f"rows missing {list((expected - found).elements())[:3]}, too many {list((found - expected).elements())[:3]}"


def person_faults(folder: Folder, outcome: Outcome, person: Row) -> Iterator[str]:
    """Yield what is wrong with the days of one associate."""
    code = person["code"]
    values = outcome.values[code]
    for day, value in values.items():
        contract, leave = folder.in_contract(person, day), day in folder.leave[code]
        if (value == "none") != (not contract):
            yield f"{value} on {day}, contract {contract}"
        if (value == "leave") != (leave and contract):
            yield f"{value} on {day}, leave {leave}"
        if value not in {"off", "leave", "none"} and value not in folder.shifts:
            yield f"unknown value {value} on {day}"
        lock = folder.locks.get((code, day))
        if lock is not None and lock != value:
            yield f"{value} on {day}, locked to {lock}"
    past = {day: value for (who, day), value in folder.history.items() if who == code}
    known = dict(sorted({**past, **values}.items()))
    yield from rest_faults(folder, known)
    yield from run_faults(folder, person, known)
    yield from week_faults(folder, known)
    yield from timing_faults(folder, person, known)


def rest_faults(folder: Folder, known: dict[date, str]) -> Iterator[str]:
    rules = folder.rules
    days_off = rules["days_off_consecutive"]
    worked = [day for day, value in known.items() if value in folder.shifts]
    for before, after in pairwise(worked):
        if after < folder.first:
            continue
        rest = folder.shift_minutes(after, known[after])[0] - folder.shift_minutes(before, known[before])[1]
        if rest < rules["rest_minutes"]:
            yield f"{rest} minutes of rest before {after}"
        if rules["timing"] != "free" and known[before] != known[after] and rest < rules["timing_change_rest_minutes"]:
            yield f"{rest} minutes of rest at the change of timing on {after}"
        between = [known.get(before + DAY * number) for number in range(1, (after - before).days)]
        if len(between) >= days_off and set(between) == {"off"} and rest < min(rules["weekly_rest_minutes"], 1440 * days_off):
            yield f"{rest} minutes of weekly rest before {after}"


def run_faults(folder: Folder, person: Row, known: dict[date, str]) -> Iterator[str]:
    rules, shifts = folder.rules, folder.shifts
    work = nights = 0
    day = min(known)
    while day <= folder.dates[-1]:
        value = known.get(day, "unknown")
        work = work + 1 if value in shifts else 0
        nights = nights + 1 if value in shifts and shifts[value].night else 0
        if day >= folder.first and work > rules["max_consecutive_days"]:
            yield f"{work} days in a row on {day}"
        if day >= folder.first and nights > rules["max_consecutive_nights"]:
            yield f"{nights} nights in a row on {day}"
        if day >= folder.first and nights and rules["night_consent_required"] and person.get("night_consent") == "no":
            yield f"a night without consent on {day}"
        day += DAY
    yield from days_off_faults(folder, known)


def days_off_faults(folder: Folder, known: dict[date, str]) -> Iterator[str]:
    """Yield runs of days off between two shifts that are too short; those that touch anything else are not judged."""
    worked = [day for day, value in known.items() if value in folder.shifts]
    for before, after in pairwise(worked):
        run = [known.get(before + DAY * number) for number in range(1, (after - before).days)]
        if after >= folder.first and run and set(run) == {"off"} and len(run) < folder.rules["days_off_consecutive"]:
            yield f"{len(run)} days off together before {after}"


def week_faults(folder: Folder, known: dict[date, str]) -> Iterator[str]:
    rules = folder.rules
    for start in sorted({folder.week_start(day) for day in folder.dates}):
        week = {start + DAY * number: known.get(start + DAY * number, "none") for number in range(7)}
        here = [value for day, value in week.items() if folder.first <= day <= folder.dates[-1]]
        worked = [value for value in week.values() if value in folder.shifts]
        leave, outside = list(week.values()).count("leave"), list(week.values()).count("none")
        most = max(0, rules["working_days_per_week"] - leave)
        least = max(0, most - outside)
        if len(worked) > most and any(value in folder.shifts for value in here):
            yield f"{len(worked)} working days in the week of {start}, at most {most}"
        if len(worked) < least and "off" in here:
            yield f"{len(worked)} working days in the week of {start}, at least {least}"
        minutes = sum(folder.shifts[value].productive for value in worked)
        if minutes > rules["max_weekly_work_minutes"] and any(value in folder.shifts for value in here):
            yield f"{minutes} minutes in the week of {start}"


def timing_faults(folder: Folder, person: Row, known: dict[date, str]) -> Iterator[str]:
    worked = {day: known[day] for day in folder.dates if known[day] in folder.shifts}
    if person["timing"] and set(worked.values()) - {person["timing"]}:
        yield f"works {sorted(set(worked.values()))}, the timing is {person['timing']}"
    if folder.rules["timing"] == "fixed" and len(set(worked.values())) > 1:
        yield f"has the timings {sorted(set(worked.values()))}"
    if folder.rules["timing"] == "weekly":
        weeks: defaultdict[date, set[str]] = defaultdict(set)
        for day, value in known.items():
            # A timing that is given to somebody binds whatever the week began with.
            if value in folder.shifts and not (person["timing"] and day < folder.first):
                weeks[folder.week_start(day)].add(value)
        touched = {folder.week_start(day) for day in worked}
        yield from (
            f"has the timings {sorted(weeks[start])} in the week of {start}" for start in touched if len(weeks[start]) > 1
        )


def row_faults(folder: Folder, outcome: Outcome) -> Iterator[str]:
    """Yield rows of assignments.csv whose other columns do not follow from the value."""
    modes = {person["code"]: person["work_mode"] for person in folder.people}
    least, most = folder.policy["productive_minutes"]
    for row in outcome.assignments:
        told = [row[name] for name in ("starts_at", "ends_at", "productive_minutes", "place")]
        where = f"{row['associate']} {row['date']}"
        if row["value"] not in folder.shifts:
            if any(told):
                yield f"{where}: {row['value']} with {told}"
            continue
        start, end = folder.shift_minutes(date.fromisoformat(row["date"]), row["value"])
        if (minute_of(row["starts_at"]), minute_of(row["ends_at"])) != (start, end):
            yield f"{where}: from {row['starts_at']} to {row['ends_at']}"
        if not least <= float(row["productive_minutes"]) <= most:
            yield f"{where}: {row['productive_minutes']} productive minutes"
        if row["place"] not in {"office": ("office",), "home": ("home",), "hybrid": ("office", "home")}[modes[row["associate"]]]:
            yield f"{where}: place {row['place']} for {modes[row['associate']]}"


def worked_shifts(folder: Folder, outcome: Outcome) -> Iterator[tuple[str, date, str]]:
    """Yield every shift that may have work in the horizon: those of the roster, and those carried over from the day before."""
    for code, values in outcome.values.items():
        yield from ((code, day, value) for day, value in values.items() if value in folder.shifts)
    for (code, day), value in folder.history.items():
        if day == folder.first - DAY and value in folder.shifts and folder.shift_minutes(day, value)[1] > folder.bounds[0]:
            yield code, day, value


def break_faults(folder: Folder, outcome: Outcome) -> Iterator[str]:
    told = {(row["associate"], row["date"]): row["productive_minutes"] for row in outcome.assignments}
    shifts = {(code, day): value for code, day, value in worked_shifts(folder, outcome)}
    yield from (f"{key}: breaks without a shift" for key in outcome.breaks_of.keys() - shifts.keys())
    for (code, day), value in shifts.items():
        rows = outcome.breaks_of.get((code, day), [])
        for words in pattern_faults(folder, day, value, rows, told.get((code, str(day)))):
            yield f"{code} {day} {value}: {words}"


def pattern_faults(folder: Folder, day: date, value: str, rows: list[Row], told: str | None) -> Iterator[str]:
    """Yield what is wrong with the breaks of one shift."""
    policy, (start, end) = folder.policy, folder.shift_minutes(day, value)
    kinds = {kind["kind"]: kind for kind in policy["breaks"]}
    counts = Counter(row["kind"] for row in rows)
    if counts != Counter({name: kind.get("count", 1) for name, kind in kinds.items()}):
        yield f"breaks {dict(counts)}"
        return
    stretches, lost, now = [], 0, start
    for first, last, name in sorted((minute_of(row["starts_at"]), minute_of(row["ends_at"]), row["kind"]) for row in rows):
        kind, offset = kinds[name], first - start
        if last - first != kind["minutes"] or offset % policy["grid_minutes"]:
            yield f"{name} at {offset} of {last - first} minutes"
        low, high = kind.get("window_minutes", (0, end - start))
        if not low <= offset <= high or offset < policy["not_before_minutes"] or last > end - policy["not_after_minutes"]:
            yield f"{name} at {offset} is outside its window"
        lost += 0 if kind.get("productive", False) else last - first
        stretches.append(first - now)
        now = last
    least, most = policy["work_stretch_minutes"]
    if not all(least <= stretch <= most for stretch in [*stretches, end - now]):
        yield f"work stretches {[*stretches, end - now]}"
    productive = end - start - lost
    if not policy["productive_minutes"][0] <= productive <= policy["productive_minutes"][1]:
        yield f"{productive} productive minutes"
    if told is not None and float(told) != productive:
        yield f"{productive} productive minutes, {told} are told"


def office_faults(folder: Folder, outcome: Outcome) -> Iterator[str]:
    if folder.office is None:
        return
    present = [
        (row["associate"], date.fromisoformat(row["date"]), row["value"])
        for row in outcome.assignments
        if row["place"] == "office"
    ]
    change: Counter[int] = Counter()
    for _, day, value in present:
        start, end = folder.shift_minutes(day, value)
        change[start] += 1
        change[end] -= 1
    heads = 0
    for minute in sorted(change):
        heads += change[minute]
        if heads > folder.office["seats"] and minute < folder.bounds[1]:
            yield f"{heads} people in an office of {folder.office['seats']} seats"
            break
    days = {(code, day) for code, day, _ in present}
    for person in (person for person in folder.people if person["work_mode"] == "hybrid"):
        for first_day in sorted({folder.week_start(day) for day in folder.dates}):
            week = [first_day + DAY * number for number in range(7)]
            if not all(day in outcome.values[person["code"]] and folder.in_contract(person, day) for day in week):
                continue
            worked = [day for day in week if outcome.values[person["code"]][day] in folder.shifts]
            came = sum((person["code"], day) in days for day in worked)
            if came < min(folder.office.get("days_per_week", 0), len(worked)):
                yield f"{person['code']}: {came} office days in the week of {first_day}"


def heads_at_work(folder: Folder, outcome: Outcome) -> dict[frozenset[str], dict[int, float]]:
    """Return productive heads by the required skills people have and by the first minute of each interval."""
    asked = {row["skill"] for row in outcome.coverage}
    unproductive = {kind["kind"] for kind in folder.policy["breaks"] if not kind.get("productive", False)}
    minutes: defaultdict[frozenset[str], Counter[int]] = defaultdict(Counter)
    begin, end = folder.bounds
    for code, day, value in worked_shifts(folder, outcome):
        first, last = folder.shift_minutes(day, value)
        there = set(range(max(first, begin), min(last, end)))
        for row in outcome.breaks_of.get((code, day), []):
            if row["kind"] in unproductive:
                there -= set(range(minute_of(row["starts_at"]), minute_of(row["ends_at"])))
        minutes[folder.skills[code] & asked].update(
            begin + (minute - begin) // folder.interval * folder.interval for minute in there
        )
    return {skills: {at: count / folder.interval for at, count in found.items()} for skills, found in minutes.items()}


def coverage_faults(folder: Folder, outcome: Outcome) -> Iterator[str]:
    # Where the requirement is computed from volumes the folder does not say it.
    skills = sorted({skill for _, skill in folder.required} or {row["skill"] for row in outcome.coverage})
    begin, end = folder.bounds
    expected = {(minute, skill) for minute in range(begin, end, folder.interval) for skill in skills}
    rows = {(minute_of(row["starts_at"]), row["skill"]): row for row in outcome.coverage}
    if rows.keys() != expected or len(rows) != len(outcome.coverage):
        yield f"coverage has {len(outcome.coverage)} rows, {len(expected)} are expected"
        return
    for key, row in rows.items():
        if folder.required and abs(float(row["required"]) - folder.required.get(key, 0.0)) > HEADS_TOLERANCE:
            yield f"{key}: required {row['required']}, the folder says {folder.required.get(key, 0.0)}"
    work = heads_at_work(folder, outcome)
    for minute in range(begin, end, folder.interval):
        scheduled = {skill: float(rows[minute, skill]["scheduled"]) for skill in skills}
        at_work = {group: heads.get(minute, 0.0) for group, heads in work.items()}
        yield from (f"minute {minute - begin}: {words}" for words in split_faults(scheduled, at_work))


def split_faults(scheduled: dict[str, float], at_work: dict[frozenset[str], float]) -> Iterator[str]:
    """Yield sets of skills that are given more heads than there are people for them (Hall), and heads that are lost."""
    for size in range(1, len(scheduled) + 1):
        for subset in combinations(scheduled, size):
            given = sum(scheduled[skill] for skill in subset)
            there = sum(heads for group, heads in at_work.items() if group & set(subset))
            if given > there + HEADS_TOLERANCE:
                yield f"{given} heads for {subset}, {there} at work"
    given, there = sum(scheduled.values()), sum(heads for group, heads in at_work.items() if group)
    if abs(given - there) > HEADS_TOLERANCE * max(1, len(scheduled)):
        yield f"{given} heads in all, {there} at work"
    if min(scheduled.values(), default=0.0) < 0:
        yield "heads below zero"


def report_faults(folder: Folder, outcome: Outcome) -> Iterator[str]:
    report, hours = outcome.report, folder.interval / 60
    gaps = [(float(row["required"]), float(row["scheduled"])) for row in outcome.coverage]
    figures = {
        "required_hours": sum(need for need, _ in gaps) * hours,
        "short_hours": sum(max(0.0, need - there) for need, there in gaps) * hours,
        "over_hours": sum(max(0.0, there - need) for need, there in gaps) * hours,
    }
    productive = [float(row["productive_minutes"]) for row in outcome.assignments if row["productive_minutes"]]
    figures |= {"productive_minutes_min": min(productive, default=0.0), "productive_minutes_max": max(productive, default=0.0)}
    for name, figure in figures.items():
        if not math.isclose(report["kpis"][name], figure, rel_tol=1e-4, abs_tol=0.01 * max(1, len(gaps)) * 1e-1):
            yield f"{name} is {figure}, {report['kpis'][name]} is told"
    objective, bound, gap = report["objective"], report["bound"], report["gap"]
    if objective is None or bound is None or objective < bound - 1e-6:
        yield f"objective {objective}, bound {bound}"
    elif not math.isclose(gap, (objective - bound) / max(abs(objective), 1e-9), abs_tol=1e-9):
        yield f"gap {gap} of objective {objective} and bound {bound}"
    elif report["status"] == "optimal" and gap > 1e-4:
        yield f"optimal with a gap of {gap}"
    if not math.isclose(sum(report["objective_parts"].values()), objective or 0.0, rel_tol=1e-6, abs_tol=1e-6):
        yield f"the parts {report['objective_parts']} do not add up to {objective}"
    hard = [one for one in report["violations"] if one["severity"] == "blocks publishing"]
    if bool(hard) != (report["status"] == "infeasible"):
        yield f"status {report['status']} with {len(hard)} hard violations"
    if (report["status"] == "infeasible") != bool(report["clashes"]):
        yield f"status {report['status']} with {len(report['clashes'])} clashes"
