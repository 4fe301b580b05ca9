"""What is computed once from the figures in use, keyed by all that it depends on.

A result depends on the function, its arguments, the selection in use and the user's files. The last
two belong to whoever asks, a thread or a task: nobody is given what was computed for another's
selection, or from files that have changed since. They are listed at each entry into :func:`using`,
after each file that this process keeps, and when figures are first asked for outside a selection.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field, fields, is_dataclass
from functools import partial, update_wrapper
from pathlib import Path
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from needs_analysis.errors import wanted
from needs_analysis.writing.files import FOLDER_VARIABLE, kept_folder

P = ParamSpec("P")
T = TypeVar("T")

SELECTIONS = 4
"""Of how many selections, the last ones used, results are held."""


@dataclass(frozen=True)
class Selection:
    """Which figures may be used: up to a date, or just those that a study was made with.

    `until` is compared as text with reference dates ("2021" keeps 2021-12-31 and 2021/2 out of what
    is later); `pins` holds the checksum of each table.
    """

    until: str = ""
    pins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Basis:
    """What results depend on beside function and arguments: a selection, the files as listed.

    `folder` and `written` tell when they must be listed again; `key` stands for all of it.
    """

    folder: str | None
    written: int
    files: tuple[Path, ...]
    key: str


class _Use:
    """A selection in use, by one thread or task and those that it starts."""

    written: ClassVar[int] = 0  # how many files this process has kept

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.listed: _Basis | None = None

    def basis(self) -> _Basis:
        found, folder = self.listed, os.environ.get(FOLDER_VARIABLE)
        if found is None or found.written != _Use.written or found.folder != folder:
            found = self.listed = _list(self.selection, folder)
        return found


def _list(selection: Selection, folder: str | None) -> _Basis:
    written, files = _Use.written, {}
    for path in sorted((kept_folder() / "figures").glob("*/*.parquet")):
        with suppress(OSError):  # another process may have removed it
            stat = path.stat()
            files[path] = (stat.st_mtime_ns, stat.st_size)
    whole = (selection.until, sorted(selection.pins.items()), str(kept_folder()), [*files.items()])
    key = hashlib.sha256(repr(whole).encode()).hexdigest()
    return _Basis(folder, written, tuple(files), key)


_OUTSIDE = _Use(Selection())
_USE: ContextVar[_Use] = ContextVar("use", default=_OUTSIDE)


@contextmanager
def using(selection: Selection) -> Iterator[None]:
    """Answer :func:`store.table` within a selection of figures; the one before comes back at the end.

    It holds for the thread or task that asks. A thread of the caller's own starts without it:
    `contextvars.copy_context().run` carries it there, as :class:`Threads` does.
    """
    wanted(selection, Selection)
    use = _Use(selection)
    use.basis()
    _OUTSIDE.listed = None
    before = _USE.set(use)
    try:
        yield
    finally:
        _USE.reset(before)


def selected() -> Selection:
    """Return the selection of figures in force."""
    return _USE.get().selection


def listed() -> tuple[Path, ...]:
    """Return the user's files of figures as they were listed for the selection in force."""
    return _USE.get().basis().files


def written() -> None:
    """Let all list the user's files again: one was kept."""
    with _LOCK:
        _Use.written += 1


class Threads(ThreadPoolExecutor):
    """Threads in which the selection of whoever gives them work is in force."""

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function in a thread, within the selection in force here."""
        return super().submit(partial(copy_context().run, function, *args, **kwargs))


_Key = tuple[Any, ...]  # the key of the basis, the arguments
_LOCK = threading.Lock()  # held for a few lines only, never while something is computed
_BASES: OrderedDict[str, None] = OrderedDict()
_FUNCTIONS: list[Remembered[Any, Any]] = []


@dataclass(eq=False)
class _Running:
    """A result that a thread is computing."""

    thread: int = field(default_factory=threading.get_ident)
    done: threading.Event = field(default_factory=threading.Event)


_WAITING: dict[int, _Running] = {}


class Remembered(Generic[P, T]):
    """A function whose results are held: made by :func:`remembered`."""

    def __init__(self, function: Callable[P, T], most: int) -> None:
        self.function, self.most = function, most
        self.held: OrderedDict[_Key, tuple[T, bool]] = OrderedDict()
        self.running: dict[_Key, _Running] = {}
        update_wrapper(self, function)
        _FUNCTIONS.append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result for these arguments, computed at most once at a time."""
        while True:
            key = (_USE.get().basis().key, args, *sorted(kwargs.items()))
            with _LOCK:
                if key in self.held:
                    self._used(key)
                    value, unchanging = self.held[key]
                    break
                other = self.running.get(key)
                wait = other is not None and not _leads_here(other)
                if other is None:
                    own = self.running[key] = _Running()
                elif wait:
                    _WAITING[threading.get_ident()] = other
            if other is None:
                return self._computed(key, own, *args, **kwargs)
            if not wait:  # two that wait for each other wait for ever
                return self.function(*args, **kwargs)
            try:
                other.done.wait()
            finally:
                _WAITING.pop(threading.get_ident(), None)
        return value if unchanging else handed(value)

    def _computed(self, key: _Key, own: _Running, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            value = handed(self.function(*args, **kwargs))
            given = handed(value)
            # What was computed while a file was kept may be of two states: it is not held.
            if _USE.get().basis().key == key[0]:
                with _LOCK:
                    self.held[key] = value, given is value
                    self._used(key)
            return given
        finally:
            with _LOCK:
                self.running.pop(key, None)
            own.done.set()

    def _used(self, key: _Key) -> None:
        """Drop what was used longest ago."""
        self.held.move_to_end(key)
        while len(self.held) > self.most:
            self.held.popitem(last=False)
        _BASES[key[0]] = None
        _BASES.move_to_end(key[0])
        while len(_BASES) > SELECTIONS:
            old, _ = _BASES.popitem(last=False)
            for one in _FUNCTIONS:
                for gone in [other for other in one.held if other[0] == old]:
                    del one.held[gone]


def _leads_here(running: _Running | None) -> bool:
    """Tell whether what is running waits, itself or through others, for this thread."""
    while running is not None:
        if running.thread == threading.get_ident():
            return True
        running = _WAITING.get(running.thread)
    return False


def _alone_again() -> None:
    """Forget the threads of the process that this one was forked from: they do not run here."""
    global _LOCK
    _LOCK = threading.Lock()
    _WAITING.clear()
    for one in _FUNCTIONS:
        one.running.clear()


if hasattr(os, "register_at_fork"):  # Windows forks nothing
    os.register_at_fork(after_in_child=_alone_again)


def remembered(each: int = 1) -> Callable[[Callable[P, T]], Remembered[P, T]]:
    """Hold the results of a function that depend on the figures in use.

    Parameters
    ----------
    each : int
        With how many different arguments one selection asks it in turn: one for what is large
        and asked for as a whole, more for what is small or asked for by table, by pair of days.

    Returns
    -------
    callable
        Holds the function's last four keys (`each` times four), and nothing of a selection that is
        not among the last four used: many selections, parameters or days take no more memory.
        Two threads that ask together wait for one of them; an error is not held. Each caller gets
        their own of what could be changed in place, as :func:`handed` says.
    """
    return lambda function: Remembered(function, SELECTIONS * each)


_UNCHANGING = frozenset({str, int, float, bool, bytes, type(None), pd.Timestamp})


def handed(value: T) -> T:
    """Return what a caller may do with as they like, the value staying as it was.

    Frames, series and indexes are shallow copies, which pandas copies when they are written to
    (``.array`` is its own way round that); arrays are read-only; lists, sets, dicts, tuples and
    dataclasses are made again where a part of them could be changed. A ``MappingProxyType`` is
    handed out as it is: what it holds must not change.

    Examples
    --------
    >>> kept = {"a": pd.DataFrame({"x": [1.0]})}
    >>> mine = handed(kept)
    >>> mine["a"].loc[0, "x"] = 2.0
    >>> kept["a"].loc[0, "x"].item()
    1.0
    """
    made: T = _handed(value)
    return made


def _handed(value: Any) -> Any:
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
        return value.copy(deep=False)
    if isinstance(value, np.ndarray):
        return _read_only(value)
    kind = type(value)
    if kind is dict:
        return {name: _handed(part) for name, part in value.items()}
    if kind in (list, set):
        return kind(map(_handed, value))
    if kind is tuple and not _UNCHANGING.issuperset(map(type, value)):
        parts = tuple(map(_handed, value))
        return value if _same(parts, value) else parts
    return _made_again(value) if is_dataclass(value) and not isinstance(value, type) else value


def _same(parts: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    return all(one is other for one, other in zip(parts, others, strict=True))


def _made_again(value: Any) -> Any:
    names = [one.name for one in fields(value)]
    parts = tuple(getattr(value, name) for name in names)
    own = tuple(map(_handed, parts))
    if _same(own, parts):
        return value
    made = object.__new__(type(value))  # its parts agreed when it was first made
    for name, part in zip(names, own, strict=True):
        object.__setattr__(made, name, part)
    return made


def _read_only(array: np.ndarray) -> np.ndarray:
    if not array.flags.writeable:
        return array
    own = array.copy()
    own.flags.writeable = False
    return own.view()  # of what cannot be written: it cannot be made writable again
