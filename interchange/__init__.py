"""Files that planners hand in or take away: the scenario folder, the result folder, workbooks."""

from interchange.csv_text import spreadsheet_safe
from interchange.result_reader import ReadResult, read_result
from interchange.result_writer import check_result_folder, report_of, write_result
from interchange.scenario_reader import read_scenario, read_volumes
from interchange.scenario_writer import write_scenario
from interchange.workbook import roster_workbook

__all__ = [
    "ReadResult",
    "check_result_folder",
    "read_result",
    "read_scenario",
    "read_volumes",
    "report_of",
    "roster_workbook",
    "spreadsheet_safe",
    "write_result",
    "write_scenario",
]
