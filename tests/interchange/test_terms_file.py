"""The file of personal terms: read, written back, and every fault named."""

from __future__ import annotations

from pathlib import Path

import pytest

from interchange.scenario_reader import read_scenario
from interchange.scenario_writer import write_scenario
from scheduling.people import ContractTerms
from tests.interchange.small_folder import faults_of, lay

HEAD = (
    "associate,least_minutes,most_minutes,most_days_in_a_row,least_days_in_a_row,least_days_off_in_a_row,most_weekends,"
    "most_shifts,forbidden_successions\n"
)


def with_terms(folder: Path, rows: str) -> Path:
    """Lay the small folder with a file of terms."""
    return lay(folder, {"terms.csv": HEAD + rows})


def test_terms_are_read_and_written_back(tmp_path: Path) -> None:
    given = read_scenario(with_terms(tmp_path / "s", "A2,2100,4200,4,2,2,1,N=3;M=8,N>M\n"))
    terms = ContractTerms(2100, 4200, 4, 2, 2, 1, (("N", 3), ("M", 8)), (("N", "M"),))
    assert [one.terms for one in given.associates] == [None, terms]
    write_scenario(tmp_path / "t", given)
    assert read_scenario(tmp_path / "t").associates == given.associates


def test_empty_cells_ask_for_nothing(tmp_path: Path) -> None:
    given = read_scenario(with_terms(tmp_path / "s", "A1,,,,,,,,\n"))
    assert given.associates[0].terms == ContractTerms()


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("A9,,,,,,,,\n", "associate", "no code of an associate"),
        ("A1,,,,,,,,\nA1,,,,,,,,\n", "associate", "Row 2 has the terms"),
        ("A1,2000,1000,,,,,,\n", "most_minutes", "below the least"),
        ("A1,x,,,,,,,\n", "least_minutes", "no whole number"),
        ("A1,,,,,,54,,\n", "most_weekends", "53"),
        ("A1,,,,,,,N3,\n", "most_shifts", "such as N=3"),
        ("A1,,,,,,,Q=3,\n", "most_shifts", "no shift type Q"),
        ("A1,,,,,,,,N-M\n", "forbidden_successions", "such as N>M"),
        ("A1,,,,,,,,N>Q\n", "forbidden_successions", "no shift type Q"),
    ],
)
def test_each_fault_of_terms_is_named(tmp_path: Path, row: str, column: str, words: str) -> None:
    (fault,) = faults_of(with_terms(tmp_path / "s", row))
    assert (fault.file, fault.column) == ("terms.csv", column)
    assert words in fault.reason
