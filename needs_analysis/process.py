"""What must change in the whole process for a while: the first thread in, the last puts it back.

Filters of warnings, threads of libraries and numpy's generator belong to the process: two threads that
each saved and put back what they found would leave it as one of them wanted it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from threading import Lock


class _Shared:
    """A change that holds while any thread is inside."""

    def __init__(self, change: Callable[[], AbstractContextManager[object]]) -> None:
        self._change, self._lock, self._inside = change, Lock(), 0
        self._left = ExitStack()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if not self._inside:
                self._left.enter_context(self._change())
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    self._left.close()


@contextmanager
def _ignoring() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _limited(kind: str) -> AbstractContextManager[object]:
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1, user_api=kind)
    return limits


quiet = _Shared(_ignoring)
"""Within ``with quiet():`` what libraries warn of is neither shown nor an error.

Never around a ``yield``: whoever asks for the next item would go on in it.

>>> with quiet():
...     warnings.warn("as PuLP 4 will want it")
"""

_blas = _Shared(partial(_limited, "blas"))


@contextmanager
def one_thread() -> Iterator[None]:
    """Have BLAS and OpenMP sum in one order, on one thread, while inside.

    Libraries that are not loaded yet are not held: import before what will be called. BLAS counts its
    threads for the process, OpenMP for the thread that calls it.
    """
    with _blas(), _limited("openmp"):
        yield


_SEEDED = Lock()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed numpy's global generator, one thread at a time, and put it back as it was.

    Parameters
    ----------
    seed : int
        For what a library draws from it.
    """
    import numpy as np

    with _SEEDED:
        before = np.random.get_state()  # noqa: NPY002
        np.random.seed(seed)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(before)  # noqa: NPY002


def public(names: Iterable[str]) -> Callable[[], list[str]]:
    """Return a module's ``__dir__``: what one sees of it when one asks, the names that users call.

    Examples
    --------
    >>> public(["b", "a"])()
    ['a', 'b']
    """
    return lambda: sorted(names)
