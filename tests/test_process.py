"""Nothing of the process is left changed, and nothing a user has set in it is taken for granted."""

from __future__ import annotations

import dataclasses
import decimal
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info

from needs_analysis import process
from needs_analysis.words import Voice

# Nothing is told about encoding or language, and what is told is told wrong.
BARE = {
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "COLUMNS": "20",
    "LANGUAGE": "de",
}


@pytest.fixture(scope="module")
def desks(tmp_path_factory, soak):
    """What the main calls gave and left, at a desk as it comes and at one that is set up."""
    folder = tmp_path_factory.mktemp("desks")
    words = [Path(__file__).with_name("desk.py"), folder, "none,all", "all" if soak else "few"]
    subprocess.run([sys.executable, "-P", *words], check=True, timeout=900, env=os.environ | BARE)
    return {path.stem: pickle.loads(path.read_bytes()) for path in folder.glob("*.pickle")}


def plain(value: object) -> object:
    """A result as what compares with ==: classes by their fields, tables by names, kinds and values."""
    if isinstance(value, pd.DataFrame | pd.Series):
        table = pd.DataFrame(value)
        types = [str(one).replace("[python]", "") for one in table.dtypes]
        return [list(table.index), list(table.columns), types, table.map(repr).to_numpy().tolist()]
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(map(repr, value.ravel().tolist()))]
    if dataclasses.is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value if isinstance(value, str) else repr(value)


@pytest.mark.slow
def test_no_state_of_the_process_is_left_changed(desks):
    for desk, (_, left) in desks.items():
        for call, changed in left.items():
            assert changed == {}, (desk, call)


@pytest.mark.slow
def test_what_a_user_has_set_changes_no_result(desks):
    (first, _), (second, _) = desks["none"], desks["all"]
    assert first.keys() == second.keys() and len(first) >= 20
    for call in first:
        for given in (first[call], second[call]):
            failed = isinstance(given, list) and str(given[0]).startswith("Traceback")
            assert not failed, (call, "".join(given))
        assert plain(first[call]) == plain(second[call]), call


# ---------------------------------------------------------------- two threads at once


def overlapping(first, second):
    """Enter one, enter the other, leave the first, leave the second, each in a thread of its own."""
    both_in, first_out = Barrier(2, timeout=20), Barrier(2, timeout=20)

    def early():
        with first():
            both_in.wait()
        first_out.wait()

    def late():
        with second():
            both_in.wait()
            first_out.wait()

    threads = [Thread(target=early), Thread(target=late)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)


def test_filters_of_warnings_are_put_back_by_the_last():
    before = list(warnings.filters)
    overlapping(process.quiet, process.quiet)
    assert warnings.filters == before
    with pytest.raises(UserWarning):
        warnings.warn("heard", stacklevel=1)


def test_threads_of_libraries_are_put_back_by_the_last():
    from threadpoolctl import threadpool_limits

    with threadpool_limits(2):
        before = threadpool_info()
        overlapping(process.one_thread, process.one_thread)
        assert threadpool_info() == before
        with process.one_thread():
            assert {one["num_threads"] for one in threadpool_info()} == {1}


def test_numpys_generator_is_of_one_thread_at_a_time():
    drawn = {}
    before = np.random.get_state()[1].tolist()  # noqa: NPY002

    def draw(seed):
        with process.seeded(seed):
            drawn[seed] = [np.random.random() for _ in range(20_000)]  # noqa: NPY002

    threads = [Thread(target=draw, args=[seed]) for seed in (1, 2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for seed in (1, 2):
        assert drawn[seed] == np.random.RandomState(seed).random(20_000).tolist()  # noqa: NPY002
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_numbers_are_printed_whatever_the_decimal_context():
    with decimal.localcontext() as context:
        context.prec, context.traps[decimal.Inexact] = 3, True
        context.clear_flags()
        assert Voice().number(1234567.891, 2) == "1.234.567,89"
        assert not any(context.flags.values())


def test_a_time_of_gdal_that_a_user_has_set_is_still_set():
    import pyogrio

    from needs_analysis.reports.render import geodata

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "1999-12-31T00:00:00.000Z"})
    try:
        with geodata._dated("2022-01-01T00:00:00.000Z"):
            assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE").startswith("2022")
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE").startswith("1999")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def test_rows_of_a_workbook_are_not_yielded_in_silence():
    from needs_analysis.reading import sheets

    before = list(warnings.filters)
    rows = sheets._quietly(iter([("a",)] * 120))
    next(rows)
    assert warnings.filters == before
    assert len(list(rows)) == 119
