"""How long single requests take, as percentiles in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Return median, 99th percentile and longest of some times."""
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p99": 0.99, "longest": 1.0}
    return {name: round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) for name, share in at.items()}
