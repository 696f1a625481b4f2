"""The sample operation, generated from a seed and calibrated on published facts."""

from sample.operation import build_sample, build_sample_scenario, plain_requirement, productive_hours

__all__ = ["build_sample", "build_sample_scenario", "plain_requirement", "productive_hours"]
