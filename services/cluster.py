"""Where solvers compute beside the search: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class _Cluster(Executor):
    """The executor of a cluster, whose lost workers look like those of this machine: as a broken executor."""

    def __init__(self, inner: Executor, lost: type[Exception]) -> None:
        self._inner, self._lost = inner, lost

    def submit(self, fn: Callable[Asked, Answer], /, *args: Asked.args, **kwargs: Asked.kwargs) -> Future[Answer]:
        """Ask a worker of the cluster; the future raises BrokenExecutor when the cluster has given up on the work."""
        outer: Future[Answer] = Future()

        def hand_on(inner: Future[Answer]) -> None:
            if inner.cancelled():
                outer.cancel()
                return
            fault = inner.exception()
            if isinstance(fault, self._lost):
                outer.set_exception(BrokenExecutor(f"The cluster lost the workers that were asked: {fault}"))
            elif fault is not None:
                outer.set_exception(fault)
            else:
                outer.set_result(inner.result())

        self._inner.submit(fn, *args, **kwargs).add_done_callback(hand_on)
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the executor; the cluster goes on."""
        del cancel_futures  # The executor of a cluster cancels them whenever it need not wait.
        self._inner.shutdown(wait=wait)


@contextmanager
def cluster_executor(address: str) -> Iterator[Executor | None]:
    """Lend the executor of the Dask cluster at an address such as ``tcp://scheduler:8786``; ``None`` when there is no address.

    Its workers need the same version of this program, and nothing else: what they are asked is plain data.

    Raises
    ------
    OSError
        When no scheduler answers at that address.
    """
    if not address:
        yield None
        return
    from distributed import Client, KilledWorker  # noqa: PLC0415 (slow to import, and few installations have a cluster)

    with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        executor = _Cluster(client.get_executor(pure=False), KilledWorker)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)
