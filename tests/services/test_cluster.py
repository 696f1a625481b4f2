"""A Dask cluster proves the bound in place of the processes of this machine."""

from __future__ import annotations

import pytest
from distributed import LocalCluster

from scheduling.rules import Severity
from services.cluster import cluster_executor
from services.planning import plan
from tests.builders import associate, scenario


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_cluster_proves_the_bound() -> None:
    of = scenario(associates=[associate(f"A{number}") for number in range(6)], heads=1.5)
    few = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with (
        LocalCluster(**few, protocol="tcp") as cluster,  # type: ignore[no-untyped-call]
        cluster_executor(cluster.scheduler_address) as executor,
    ):
        assert executor is not None
        result = plan(of, lambda _: None, lambda: False, 1, 8.0, executor=executor)
    assert 0 < result.bound <= result.objective
    assert not [one for one in result.violations if one.severity is Severity.BLOCKS_PUBLISHING]


def test_without_an_address_there_is_no_cluster() -> None:
    with cluster_executor("") as executor:
        assert executor is None
