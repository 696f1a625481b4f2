"""Whether hard rules can be kept at all: an integer model that shares no code, and no method, with the roster engine.

The engine walks through automata; here every day and value of an associate is a boolean, every rule a row.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from ortools.sat.python import cp_model

from tests.properties.folders import Folder, Row

DAY = timedelta(days=1)
Literals = dict[tuple[date, str], cp_model.IntVar | int]


def impossible(folder: Folder) -> list[str]:
    """Return the codes of associates who cannot keep their own hard rules; ``[""]`` where only all together cannot."""
    alone = [person["code"] for person in folder.people if not _solvable(folder, [person])]
    if alone or folder.office is None:
        return alone
    return [] if _solvable(folder, folder.people, seats=True) else [""]


def _solvable(folder: Folder, people: list[Row], *, seats: bool = False) -> bool:
    model = cp_model.CpModel()
    lines = {person["code"]: _line(model, folder, person) for person in people}
    if seats:
        _office(model, folder, people, lines)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    assert status in {cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE}
    return bool(status != cp_model.INFEASIBLE)


class _Line:
    """The booleans of one associate: known days are constants."""

    def __init__(self, model: cp_model.CpModel, folder: Folder, person: Row) -> None:
        self.model, self.folder, self.person, self.code = model, folder, person, person["code"]
        self.known = {day: value for (who, day), value in folder.history.items() if who == self.code}
        self.is_: Literals = {}
        codes = list(folder.shifts)
        for day in folder.dates:
            if not folder.in_contract(person, day):
                self.known[day] = "none"
            elif day in folder.leave[self.code]:
                self.known[day] = "leave"
            elif (self.code, day) in folder.locks:
                self.known[day] = folder.locks[self.code, day]
            else:
                for value in [*codes, "off"]:
                    self.is_[day, value] = model.new_bool_var("")
                model.add_exactly_one(self.is_[day, value] for value in [*codes, "off"])

    def has(self, day: date, value: str) -> cp_model.IntVar | int:
        return int(self.known[day] == value) if day in self.known else self.is_.get((day, value), 0)

    def works(self, day: date) -> cp_model.LinearExprT:
        return sum(self.has(day, code) for code in self.folder.shifts)


def _line(model: cp_model.CpModel, folder: Folder, person: Row) -> _Line:
    line = _Line(model, folder, person)
    _runs(line)
    _rests(line)
    _weeks(line)
    _timings(line)
    return line


def _runs(line: _Line) -> None:
    folder, rules = line.folder, line.folder.rules
    nights = [code for code, shift in folder.shifts.items() if shift.night]
    for day in folder.dates:
        days = [day - DAY * back for back in range(rules["max_consecutive_days"] + 1)]
        line.model.add(sum(line.works(one) for one in days) <= len(days) - 1)
        days = [day - DAY * back for back in range(rules["max_consecutive_nights"] + 1)]
        line.model.add(sum(line.has(one, code) for one in days for code in nights) <= len(days) - 1)
        if rules["night_consent_required"] and line.person.get("night_consent") == "no":
            line.model.add(sum(line.has(day, code) for code in nights) == 0)
        for run in range(1, rules["days_off_consecutive"]):
            between = [day - DAY * back for back in range(1, run + 1)]
            whole = sum([line.works(day), line.works(day - DAY * (run + 1)), *(line.has(one, "off") for one in between)])
            line.model.add(whole <= run + 1)


def _rests(line: _Line) -> None:
    folder, rules = line.folder, line.folder.rules
    days_off = rules["days_off_consecutive"]
    for day in folder.dates:
        for gap in range(1, 5):
            before = day - DAY * gap
            between = [day - DAY * back for back in range(1, gap)]
            for first, earlier in ((code, line.has(before, code)) for code in folder.shifts):
                for second in folder.shifts:
                    later = line.has(day, second)
                    rest = folder.shift_minutes(day, second)[0] - folder.shift_minutes(before, first)[1]
                    changed = rules["timing"] != "free" and first != second and rest < rules["timing_change_rest_minutes"]
                    if rest < rules["rest_minutes"] or changed:
                        line.model.add(earlier + later <= 1)
                    if gap - 1 >= days_off and rest < min(rules["weekly_rest_minutes"], 1440 * days_off):
                        line.model.add(earlier + later + sum(line.has(one, "off") for one in between) <= gap)


def _weeks(line: _Line) -> None:
    folder, rules = line.folder, line.folder.rules
    for start in sorted({folder.week_start(day) for day in folder.dates}):
        week = [start + DAY * number for number in range(7)]
        here = [day for day in week if day in folder.dates]
        past = [line.known.get(day, "none") for day in week if day < folder.first]
        fixed = [line.known.get(day, "") for day in here] + past + ["none"] * (7 - len(here) - len(past))
        most = max(0, rules["working_days_per_week"] - fixed.count("leave"))
        least = max(0, most - fixed.count("none"))
        before = sum(value in folder.shifts for value in past)
        worked = sum(line.works(day) for day in here)
        line.model.add(worked <= max(0, most - before))
        # Missing days count only as far as days off of the horizon could be worked instead.
        full = line.model.new_bool_var("")
        line.model.add(worked + before >= least).only_enforce_if(full)
        line.model.add(sum(line.has(day, "off") for day in here) == 0).only_enforce_if(~full)
        minutes = sum(shift.productive * line.has(day, code) for day in here for code, shift in folder.shifts.items())
        spent = sum(folder.shifts[value].productive for value in past if value in folder.shifts)
        line.model.add(minutes <= max(0, rules["max_weekly_work_minutes"] - spent))


def _timings(line: _Line) -> None:
    folder, model = line.folder, line.model
    given, kind = line.person["timing"], folder.rules["timing"]
    periods: defaultdict[date, list[date]] = defaultdict(list)
    for day in folder.dates:
        periods[folder.week_start(day) if kind == "weekly" else folder.first].append(day)
        for code in folder.shifts:
            if given and code != given:
                model.add(line.has(day, code) == 0)
    if kind == "free":
        return
    for start, days in periods.items():
        past = [
            line.known[start + DAY * number]
            for number in range(7)
            if start + DAY * number < folder.first and start + DAY * number in line.known
        ]
        bound = [value for value in past if value in folder.shifts] if kind == "weekly" and not given else []
        kept = {code: model.new_bool_var("") for code in folder.shifts}
        model.add_exactly_one(kept.values())
        if bound:
            model.add(kept[bound[-1]] == 1)
        for code, keeps in kept.items():
            for day in days:
                model.add(line.has(day, code) <= keeps)


def _office(model: cp_model.CpModel, folder: Folder, people: list[Row], lines: dict[str, _Line]) -> None:
    """Add seats, and the office days of hybrid associates."""
    assert folder.office is not None
    present: dict[tuple[str, date, str], cp_model.IntVar | int] = {}
    for person in people:
        line = lines[person["code"]]
        if person["work_mode"] == "home":
            continue
        for day in folder.dates:
            for code in folder.shifts:
                there = line.has(day, code)
                if person["work_mode"] == "hybrid":
                    there = model.new_bool_var("")
                    model.add(there <= line.has(day, code))
                present[person["code"], day, code] = there
    intervals = {key: folder.shift_minutes(key[1], key[2]) for key in present}
    for moment in {start for start, _ in intervals.values() if start < folder.bounds[1]}:
        model.add(sum(present[key] for key, (start, end) in intervals.items() if start <= moment < end) <= folder.office["seats"])
    for person in (person for person in people if person["work_mode"] == "hybrid"):
        for start in sorted({folder.week_start(day) for day in folder.dates}):
            week = [start + DAY * number for number in range(7)]
            if all(day in folder.dates and folder.in_contract(person, day) for day in week):
                came = sum(present[person["code"], day, code] for day in week for code in folder.shifts)
                worked = sum(lines[person["code"]].works(day) for day in week)
                owed = model.new_int_var(0, 7, "")
                model.add_min_equality(owed, [worked, folder.office.get("days_per_week", 0)])
                model.add(came >= owed)
