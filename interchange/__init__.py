"""Files that planners hand in or take away: the scenario folder, the result folder, workbooks."""

from interchange.scenario_reader import read_scenario, read_volumes
from interchange.scenario_writer import write_scenario

__all__ = ["read_scenario", "read_volumes", "write_scenario"]
