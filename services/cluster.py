"""Where solvers compute beside the search: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager


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
    from distributed import Client  # noqa: PLC0415 (slow to import, and few installations have a cluster)

    with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        executor = client.get_executor(pure=False)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)
