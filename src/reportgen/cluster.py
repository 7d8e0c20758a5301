"""Many machines: the executor of dask.distributed, which is an extra (``reportgen[dask]``)."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from reportgen import rules
from reportgen.errors import ReportgenError
from reportgen.finding import Place


@contextmanager
def connected(scheduler: str) -> Iterator[tuple[Executor, int]]:
    """Yield the executor of the scheduler at *scheduler* (``tcp://…``), and how many units it takes at once.

    Raises:
        ReportgenError: dask.distributed is not installed, nobody answers there, no worker is there,
            or one of them has another version of this program.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _unusable(scheduler, "没有安装 dask：pip install reportgen[dask]") from error
    try:
        client: Any = Client(scheduler, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise _unusable(scheduler, "连不上，或那里没有调度程序") from error
    try:
        try:
            client.wait_for_workers(1, timeout=10)  # they may just be starting
        except TimeoutError as error:
            raise _unusable(scheduler, "它下面一台工作的机器也没有") from error
        threads = sum(client.nthreads().values())
        others = set(client.run(version, "reportgen").values()) - {version("reportgen")}
        if others:
            raise _unusable(
                scheduler, f"有的机器上的 reportgen 是另一个版本（{'、'.join(others)}）"
            )
        yield _Cluster(client), threads
    finally:
        client.close()


class _Cluster(Executor):
    """The executor of dask, which gets the settings of a run to each machine once."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False, retries=0)
        self._sent: dict[bytes, Any] = {}

    def submit(self, do: Callable[..., Any], /, *args: Any, **more: Any) -> "Future[Any]":
        """Have ``do(*args)`` done somewhere."""
        there = [self._there(one) if isinstance(one, bytes) else one for one in args]
        future: Future[Any] = self._executor.submit(do, *there, **more)
        return future

    def _there(self, content: bytes) -> Any:
        if content not in self._sent:
            self._sent[content] = self._client.scatter(content, broadcast=True)
        return self._sent[content]


def _unusable(scheduler: str, what: str) -> ReportgenError:
    return ReportgenError([rules.NO_CLUSTER.at(Place(), value=scheduler, what=what)])
