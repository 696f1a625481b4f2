"""A Dask cluster proves the bound in place of the processes of this machine."""

from __future__ import annotations

import os
from concurrent.futures import BrokenExecutor, Executor

import dask
import numpy as np
import pytest
from distributed import LocalCluster

from scheduling.result import PlanningResult
from scheduling.rules import Severity
from services.cluster import cluster_executor
from services.planning import plan
from tests.builders import associate, scenario


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_cluster_proves_the_bound_that_this_machine_proves() -> None:
    of = scenario(associates=[associate(f"A{number}") for number in range(6)], heads=1.5)
    few = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": None}

    def planned(executor: Executor | None) -> PlanningResult:
        # The clock stands still, so that effort alone ends search and proof, however busy the machine is.
        return plan(of, lambda _: None, lambda: False, 1, 2.0, executor=executor, clock=lambda: 0.0)

    with (
        LocalCluster(**few, protocol="tcp") as cluster,  # type: ignore[no-untyped-call]
        cluster_executor(cluster.scheduler_address) as executor,
    ):
        assert executor is not None
        there = planned(executor)
    here = planned(None)
    assert there.bound == here.bound > 0
    assert np.array_equal(there.plan.values, here.plan.values)
    assert there.breaks.patterns == here.breaks.patterns
    assert np.array_equal(there.breaks.assigned, here.breaks.assigned)
    assert not [one for one in there.violations if one.severity is Severity.BLOCKS_PUBLISHING]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_cluster_that_loses_its_worker_is_a_broken_executor_and_other_faults_stay_what_they_are() -> None:
    few = {"n_workers": 1, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(**few) as cluster,  # type: ignore[no-untyped-call]
        cluster_executor(cluster.scheduler_address) as executor,
    ):
        assert executor is not None
        assert executor.submit(divmod, 7, 2).result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 7, 0).result()
        with pytest.raises(BrokenExecutor, match="lost the workers"):
            executor.submit(os._exit, 1).result()


def test_without_an_address_there_is_no_cluster() -> None:
    with cluster_executor("") as executor:
        assert executor is None
