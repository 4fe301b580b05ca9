"""Work handed to an executor: threads, processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
)
from contextlib import contextmanager
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from needs_analysis import process
from needs_analysis.errors import Messages, ParameterError, Refused, wanted
from needs_analysis.words import N_

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["connected"]
__dir__ = process.public(__all__)

T = TypeVar("T")

AHEAD = 1_000
"""How many pieces of work are handed out before their results: whoever waits holds no more of them."""
_SECONDS = 5.0  # within which a scheduler answers, and has a worker
_ALIKE = ("needs-analysis", "python", "numpy", "pandas", "dask", "distributed")

problem = Messages(
    "workers",
    {
        "no_distributed": N_("manca il pacchetto «distributed»"),
        "install": N_("Installarlo: pip install 'needs-analysis[cluster]'."),
        "unreachable": N_("nessuno scheduler di Dask risponde a {address}"),
        "start_scheduler": N_("Controllare l'indirizzo, che «dask scheduler» scrive quando parte."),
        "no_workers": N_("lo scheduler {address} non ha nessun worker"),
        "start_worker": N_("Avviarne con «dask worker {address} --nthreads 1»."),
        "other_version": N_("il worker {worker} ha {package} {found}, qui c'è {here}"),
        "same_environment": N_("Installare ovunque le stesse versioni, e riavviare i worker."),
        "threads": N_("il worker {worker} fa più cose insieme ({count} thread)"),
        "died": N_("chi lavorava è finito prima del tempo: forse manca la memoria"),
        "gone": N_("lo scheduler ha lasciato il lavoro a metà"),
        "restart": N_("Riavviarlo e ripetere."),
        "again": N_("Ripetere, con meno lavori insieme o più memoria."),
    },
)  # fmt: skip


def each(
    executor: Executor,
    function: Callable[..., T],
    arguments: Iterable[Sequence[Any]],
    lost: Callable[[int], T | None] = lambda _: None,
    times: int = 1,
) -> Iterator[tuple[int, T]]:
    """Give what a function makes of each of these arguments as it ends, with its place among them.

    At most :data:`AHEAD` are handed out at a time. What the function raises is raised here, and no log
    of a worker has it.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        It is not shut down.
    function : callable
        Of a module, so that another process finds it.
    arguments : iterable of sequence
        Those of each call.
    lost : callable
        Takes the place of one whose worker died more than `times` times; gives its result, or None,
        which is refused.
    times : int
        How often one is handed out again.

    Raises
    ------
    Refused
        A worker died too often, or the cluster is gone.

    Examples
    --------
    >>> with ThreadPoolExecutor(2) as threads:
    ...     sorted(each(threads, pow, [(2, 3), (3, 2)]))
    [(0, 8), (1, 9)]
    """
    coming = enumerate(arguments)
    running: dict[Future[Any], tuple[int, Sequence[Any], int]] = {}
    ended: SimpleQueue[Future[Any]] = SimpleQueue()

    def hand(place: int, given: Sequence[Any], before: int) -> None:
        future: Future[Any] = Future()
        try:
            future = executor.submit(_told, function, *given)
        except BrokenExecutor as broken:
            future.set_exception(broken)
        running[future] = place, given, before
        future.add_done_callback(ended.put)

    try:
        for place, given in islice(coming, AHEAD):
            hand(place, given, 0)
        while running:
            future = ended.get()
            place, given, before = running.pop(future)
            if _died(future):
                if before < times:
                    hand(place, given, before + 1)
                    continue
                value = lost(place)
                if value is None:
                    raise Refused(problem("died"), cure=problem("again"))
            else:
                value, error = future.result()
                if error is not None:
                    raise error
            for place_after, given in islice(coming, 1):
                hand(place_after, given, 0)
            yield place, value
    finally:
        for future in running:
            future.cancel()


def in_order(
    executor: Executor | None, function: Callable[..., T], arguments: Iterable[Sequence[Any]]
) -> list[T]:
    """Return what a function makes of each of these arguments: here, or where an executor has it done.

    Examples
    --------
    >>> in_order(None, pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    if executor is None:
        return [function(*given) for given in arguments]
    return [
        value for _, value in sorted(each(executor, function, arguments), key=lambda one: one[0])
    ]


def _told(function: Callable[..., T], *given: Any) -> tuple[T | None, Exception | None]:
    """Return the result or the error: what a task raises, a worker writes whole into its log."""
    try:
        return function(*given), None
    except Exception as error:
        error.add_note(traceback.format_exc())  # it does not cross to another process by itself
        return None, error


def _died(future: Future[Any]) -> bool:
    """Tell whether who worked on it died."""
    try:
        error = future.exception()
    except CancelledError:
        raise Refused(problem("gone"), cure=problem("restart")) from None
    # By its name: whoever has no cluster does not import one.
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


@contextmanager
def connected(address: str) -> Iterator[Executor]:
    """Give the workers of a Dask cluster as an executor, for whatever takes one.

    Parameters
    ----------
    address : str
        Of its scheduler, ``tcp://HOST:PORT``.

    Yields
    ------
    concurrent.futures.Executor
        Each piece of work is done anew: equal arguments do not share one result.

    Raises
    ------
    ParameterError
        No scheduler answers within five seconds or has a worker, a worker has another version of what
        makes the results, or takes more than one piece of work at a time.

    Examples
    --------
    >>> with connected("tcp://10.0.0.1:8786") as executor:  # doctest: +SKIP
    ...     needs_analysis.composite.uncertainty(frame, spec, executor=executor)
    """
    wanted(address, str)
    try:
        from distributed import Client
    except ImportError:
        raise ParameterError(problem("no_distributed"), cure=problem("install")) from None
    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own
            thread.submit(asyncio.run, _answer(address)).result()
        with process.quiet():  # of other versions: said below
            client = Client(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError):
        found = problem("unreachable", address=address)
        raise ParameterError(found, cure=problem("start_scheduler")) from None
    with _without_traces(), client:
        _check(client, address)
        yield client.get_executor(pure=False)


@contextmanager
def _without_traces() -> Iterator[None]:
    """Keep the tracebacks of a scheduler that is gone from the screen: it is said in a line."""
    logs = [logging.getLogger(name) for name in ("distributed.client", "tornado.application")]
    levels = [log.level for log in logs]
    try:
        for log in logs:
            log.setLevel(logging.CRITICAL)
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)


async def _answer(address: str) -> None:
    """Wait for a scheduler's first word: the client itself waits for ever where a port says none."""
    from distributed.comm import connect
    from distributed.security import Security

    safe = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=_SECONDS, **safe), _SECONDS + 1)
    await comm.close()


def _check(client: Client, address: str) -> None:
    """Refuse a cluster whose workers would not do what this process does."""
    start = problem("start_worker", address=address)
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except TimeoutError:
        raise ParameterError(problem("no_workers", address=address), cure=start) from None
    versions = client.get_versions(packages=["needs-analysis"])
    here = versions["client"]["packages"]
    for worker, found in versions["workers"].items():
        there = found["packages"]
        for name in _ALIKE:
            if there[name] != here[name]:
                given = {"found": str(there[name] or "-"), "here": str(here[name])}
                other = problem("other_version", worker=worker, package=name, **given)
                raise ParameterError(other, cure=problem("same_environment"))
    for worker, count in client.nthreads().items():
        if count > 1:
            raise ParameterError(problem("threads", worker=worker, count=count), cure=start)
