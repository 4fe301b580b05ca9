"""What depends on national figures only: shipped, or computed once on a machine; Parquet."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path

import pandas as pd

from needs_analysis import __version__
from needs_analysis.errors import OutputError, wanted
from needs_analysis.store import shipped
from needs_analysis.store.memo import selected
from needs_analysis.store.tables import national_tokens
from needs_analysis.writing.files import kept_folder, written_file

FILES_MAX = 24
"""How many results stay; the one used longest ago goes first."""
_ABANDONED_SECONDS = 86_400.0
_MAKING: ContextVar[Path | None] = ContextVar("making", default=None)


@contextmanager
def making(folder: Path) -> Iterator[None]:
    """Compute what is asked for within, and write it into a folder: what ships is made so."""
    wanted(folder, Path)
    before = _MAKING.set(folder)
    try:
        yield
    finally:
        _MAKING.reset(before)


def computed(
    name: str,
    key: Mapping[str, object],
    make: Callable[[], pd.DataFrame],
    method: int | None = None,
) -> pd.DataFrame:
    """Return a result that depends on national figures only, from a file if there is one.

    The file is the user's, of the last time, or else one that ships.

    Parameters
    ----------
    name : str
        What it is ("index_uncertainty"): the beginning of its file's name.
    key : mapping
        All else it depends on, as JSON has it: the parameters in force, the declaration of the index,
        the day of the codes, draws and seed. The figures in use, the name, and `method` or the version
        of the program are added here.
    make : callable
        Computes it.
    method : int, optional
        The number of its method, which is raised by hand when the code that makes it changes: what was
        made before then holds in every version of the program. A result that ships has one.

    Returns
    -------
    DataFrame
        As it comes back from Parquet, the first time too. A damaged file is computed and written
        again; where nothing can be written it is computed every time.

    Raises
    ------
    TypeError
        The key holds what JSON does not.
    """
    wanted(name, str)
    own, file = _MAKING.get(), f"{name}-{_digest(name, key, method)}.parquet"
    folders = [own] if own else [kept_folder() / "computed", shipped.folder() / "national"]
    for folder in folders:
        found = _read(folder / file)
        if found is not None:
            with suppress(OSError):
                os.utime(folders[0] / file)  # of one that ships there is none here
            return found
    written = _parquet(make())
    with suppress(OutputError, OSError):
        with written_file(folders[0] / file) as beside:
            beside.write_bytes(written)
        _prune(folders[0])
    return pd.read_parquet(BytesIO(written))


def _digest(name: str, key: Mapping[str, object], method: int | None) -> str:
    whole = {
        "name": name,
        **({"version": __version__} if method is None else {"method": method}),
        "figures": national_tokens(),
        "until": selected().until,  # it cuts years off a table whose checksum stays
        "key": dict(key),
    }
    text = json.dumps(whole, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _parquet(frame: pd.DataFrame) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    written = BytesIO()
    table = pa.Table.from_pandas(frame)
    # The bytes of numbers are alike in their first places only, and hardly any comes twice.
    numbers = [one.name for one in table.schema if pa.types.is_floating(one.type)]
    pq.write_table(
        table, written, compression="zstd", write_page_checksum=True,
        use_dictionary=[one for one in table.schema.names if one not in numbers],
        use_byte_stream_split=numbers,
    )  # fmt: skip
    return written.getvalue()


def _read(path: Path) -> pd.DataFrame | None:
    """Return the frame of a file, None where there is none or it is not what was written."""
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    try:
        # The metadata of pandas inside a damaged file may break in any way.
        frame: pd.DataFrame = pq.read_table(path, page_checksum_verification=True).to_pandas()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError):
        return None
    return frame


def _prune(folder: Path) -> None:
    """Remove the results used longest ago, and what a run that was killed left half written."""
    whole: list[tuple[float, Path]] = []
    for path in folder.iterdir():
        with suppress(OSError):  # another process may have removed it
            moment = path.stat().st_mtime
            if path.suffix == ".parquet" and path.is_file():
                whole.append((moment, path))
            elif path.name.startswith(".") and time.time() - moment > _ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
    for _, path in sorted(whole)[:-FILES_MAX]:
        path.unlink(missing_ok=True)
