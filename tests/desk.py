"""The main calls on a desk as it comes and on one a user has set up; run by test_desk.

Written to the folder named: what each call gave, and which states of the process it left changed.
"""

from __future__ import annotations

import csv
import decimal
import gc
import importlib
import itertools
import locale
import logging
import multiprocessing
import os
import pickle
import pkgutil
import random
import signal
import socket
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

# What a library changes when it is imported is between it and whoever wants it.
THEIRS = (
    "babel.numbers", "defusedxml.ElementTree", "docx", "duckdb", "esda", "folium", "geopandas",
    "highspy", "httpx", "jinja2", "joblib", "libpysal", "matplotlib.pyplot",
    "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "networkx", "numpy",
    "openpyxl", "pandas", "pulp", "pyarrow.parquet", "pyogrio", "rich.console", "SALib",
    "scipy.special", "scipy.stats", "sdmx", "shapely", "sklearn.cluster", "sklearn.mixture",
    "spopt.locate", "spopt.region", "statsmodels.api", "threadpoolctl", "tomli_w", "typer",
    "xlrd", "xlsxwriter",
)  # fmt: skip


def import_theirs() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in THEIRS:
            try:
                importlib.import_module(name)
            except ModuleNotFoundError as error:
                if error.name != name:
                    raise


# ---------------------------------------------------------------- states


def _umask() -> int:
    found = os.umask(0)
    os.umask(found)
    return found


def states() -> dict[str, object]:
    """Everything of the process that a call could leave otherwise than it was."""
    import folium
    import geopandas
    import matplotlib
    import numpy as np
    import pandas as pd
    import pyogrio
    import scipy.special
    import sklearn
    import threadpoolctl

    return {
        "matplotlib": dict(matplotlib.rcParams),
        "backend": matplotlib.get_backend(auto_select=False),
        "figures": matplotlib.pyplot.get_fignums(),
        "warnings": list(warnings.filters),
        "showwarning": warnings.showwarning,
        "numpy errors": np.geterr(),
        "numpy printing": np.get_printoptions(),
        "numpy random": repr(np.random.get_state()),  # noqa: NPY002
        "random": random.getstate(),
        "pandas": repr(pd._config.config._global_config),
        "geopandas": {name: getattr(geopandas.options, name) for name in dir(geopandas.options)},
        "gdal": {name: pyogrio.get_gdal_config_option(name) for name in GDAL},
        "sklearn": sklearn.get_config(),
        "scipy": scipy.special.geterr(),
        "threads of libraries": [
            (one["prefix"], one["num_threads"]) for one in threadpoolctl.threadpool_info()
        ],
        "decimal": repr(decimal.getcontext()),
        "locale": locale.setlocale(locale.LC_ALL),
        "logging": [logging.root.level, list(logging.root.handlers), logging.root.manager.disable],
        "loggers": {
            name: (one.level, list(one.handlers), one.propagate, one.disabled)
            for name, one in logging.root.manager.loggerDict.items()
            if isinstance(one, logging.Logger)
            and (one.level or one.handlers or one.disabled or not one.propagate)
        },
        "umask": _umask(),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "path": list(sys.path),
        "streams": [sys.stdin, sys.stdout, sys.stderr],
        "hooks": [sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook],
        "limits": [sys.getrecursionlimit(), sys.getswitchinterval(), gc.get_threshold()],
        "signals": {one: signal.getsignal(one) for one in signal.valid_signals()},
        "temporary": tempfile.tempdir,
        "csv": [csv.field_size_limit(), csv.list_dialects()],
        "sockets": socket.getdefaulttimeout(),
        "xml": dict(ElementTree._namespace_map),  # type: ignore[attr-defined]
        "processes": multiprocessing.get_start_method(allow_none=True),
        "folium": [folium.Map.default_js, folium.Map.default_css],
        "running": sorted(one.name for one in threading.enumerate()),
        "open files": sorted(
            path
            for path in map(_link, Path("/proc/self/fd").glob("*"))
            if path.startswith("/") and ".venv" not in path and "/dev/" not in path
        ),
    }


GDAL = ("OGR_CURRENT_DATE", "SHAPE_ENCODING", "GDAL_NUM_THREADS", "CPL_DEBUG", "OGR_SQLITE_CACHE")


def _link(path: Path) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def changed(before: dict[str, object], after: dict[str, object]) -> dict[str, str]:
    return {
        name: f"{str(before[name])[:300]} -> {str(after[name])[:300]}"
        for name in before
        if before[name] != after[name]
    }


# ---------------------------------------------------------------- a desk that is set up


def _style() -> None:
    import matplotlib.pyplot as plt

    plt.style.use("dark_background")
    plt.rcParams.update({"font.size": 30, "svg.fonttype": "none", "figure.dpi": 20})
    plt.rcParams.update({"axes.grid": True, "image.cmap": "jet", "font.family": "serif"})
    plt.figure()


def _pandas() -> None:
    import pandas as pd

    for name, value in {
        "display.precision": 1, "display.max_rows": 2, "display.max_columns": 1,
        "display.max_colwidth": 3, "display.float_format": "{:.0f}".format,
        "display.date_dayfirst": True, "mode.sim_interactive": True, "mode.string_storage": "python",
        "io.excel.xlsx.writer": "openpyxl", "io.excel.xlsx.reader": "openpyxl",
        "styler.format.precision": 0, "styler.format.decimal": "#",
        "compute.use_bottleneck": False, "compute.use_numexpr": False,
    }.items():  # fmt: skip
        pd.set_option(name, value)


def _numpy() -> None:
    import numpy as np

    np.seterr(all="raise")
    np.set_printoptions(precision=1, suppress=True, threshold=3, legacy="1.13")
    np.random.seed(99)  # noqa: NPY002
    random.seed(99)


def _scipy() -> None:
    import scipy.special

    scipy.special.seterr(all="raise")


def _sklearn() -> None:
    import sklearn

    sklearn.set_config(transform_output="pandas", enable_metadata_routing=True, working_memory=1)


def _decimal() -> None:
    for context in (decimal.getcontext(), decimal.DefaultContext):
        context.prec, context.rounding = 3, decimal.ROUND_DOWN
        context.traps[decimal.Inexact] = context.traps[decimal.FloatOperation] = True


def _warnings() -> None:
    warnings.simplefilter("error")


def _geo() -> None:
    import geopandas
    import pyogrio

    geopandas.options.io_engine = "fiona"
    geopandas.options.display_precision = 0
    pyogrio.set_gdal_config_options(
        {"OGR_CURRENT_DATE": "1999-12-31T00:00:00.000Z", "SHAPE_ENCODING": "UTF-8"}
    )


def _process() -> None:
    os.umask(0o077)
    csv.field_size_limit(200)
    logging.basicConfig(level=logging.WARNING)
    multiprocessing.set_start_method("spawn", force=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.environ["TZ"] = "Pacific/Kiritimati"
    locale.setlocale(locale.LC_ALL, "C")
    tempfile.tempdir = os.getcwd()
    ElementTree.register_namespace("drawing", "http://www.w3.org/2000/svg")
    __import__("time").tzset()


def _threads() -> None:
    import threadpoolctl
    from highspy import Highs

    threadpoolctl.threadpool_limits(2)
    model = Highs()
    model.setOptionValue("threads", 4)
    model.setOptionValue("output_flag", False)
    model.addVar(0, 1)
    model.run()


SET_UP = {
    "style": _style, "pandas": _pandas, "numpy": _numpy, "scipy": _scipy, "sklearn": _sklearn,
    "decimal": _decimal, "geo": _geo, "process": _process, "threads": _threads, "warnings": _warnings,
}  # fmt: skip
"""Warnings come last: what the settings say themselves is theirs."""


# ---------------------------------------------------------------- calls


def prepared(folder: Path) -> dict[str, Any]:
    """What the calls are asked about, without the settings: where these fail it would not come."""
    import needs_analysis as na
    from needs_analysis.services import create_key, write_invented

    create_key(folder / "key")  # one for all: pseudonyms are by it
    write_invented(folder / "services", as_csv=True)
    return {
        "area": na.territory.select("ambito:Carate Brianza"),
        "indicators": na.indicators.compute(na.panel.build()),
    }


def calls(
    folder: Path, given: dict[str, Any], all_of_them: bool
) -> Iterator[tuple[str, Callable[[], object]]]:
    """The main public calls, in the order of a study; each gives values or a text."""
    import numpy as np
    import pandas as pd

    import needs_analysis as na
    from needs_analysis.composite import Spec, build, sensitivity, uncertainty
    from needs_analysis.patterns import local_moran, max_p, skater, typology
    from needs_analysis.reports.chapters import codebook
    from needs_analysis.reports.charts.choropleth import choropleth
    from needs_analysis.services import Period
    from needs_analysis.services.files.inputs import ServiceFiles
    from needs_analysis.services.measures.monitoring import monitor
    from needs_analysis.services.siting import sites as siting
    from needs_analysis.words import Voice

    made: dict[str, Any] = {}
    ours, key = folder.parent / "services", folder.parent / "key"

    def keep(name: str, call: Callable[[], Any]) -> tuple[str, Callable[[], Any]]:
        return name, lambda: made.setdefault(name, call())

    area, indicators = given["area"], given["indicators"]
    index = Spec.read(Path(__file__).parents[1] / "docs" / "indice_0_1_0.toml")
    few = indicators.data.reindex(area.index)[["rent_to_income_ratio", "low_income_share"]]
    rent, ones = few["rent_to_income_ratio"], pd.Series(1.0, few.index)
    places = np.arange(len(few))
    away = pd.DataFrame(abs(np.subtract.outer(places, places)) + 0.5, few.index, few.index)

    yield "area", lambda: na.territory.select("ambito:Carate Brianza").drop(columns="geometry")
    yield "panel", lambda: na.panel.build(area)
    yield "indicators", lambda: na.indicators.compute(na.panel.build(area))
    yield "index", lambda: build(indicators, index).scores
    yield "uncertainty", lambda: uncertainty(indicators, index, draws=40, seed=1)
    yield "sensitivity", lambda: sensitivity(indicators, index, points=4, seed=1)
    yield "moran", lambda: local_moran(rent, area, permutations=99)
    yield "k-means", lambda: typology(few, method="kmeans", groups=3)
    yield "mixture", lambda: typology(few, method="gaussian_mixture", groups=2)
    yield "ward", lambda: typology(few, method="ward", groups=3)
    yield "skater", lambda: skater(few, area, 3, 2, ones)
    yield "max-p", lambda: max_p(few, area, 3, ones)
    yield "siting", lambda: siting.p_median(ones, away, 2)
    yield "numbers", lambda: [Voice(one).number(1234567.891, 2) for one in ("it", "en")]
    yield "map", lambda: na.reports.area_map(few, area=area).get_root().render()
    yield (
        "chart",
        lambda: choropleth(area.geometry, rent, ones * 0, name=rent.name, unit="ratio"),
    )
    yield "codebook", lambda: codebook.write_workbook(folder / "codebook.xlsx")
    yield keep("register", lambda: na.services.read_register(ours))
    yield keep("stays", lambda: na.services.read_stays(ours, key))
    yield "monitor", lambda: monitor(made["register"], made["stays"], Period.year(2025))
    if all_of_them:
        files = ServiceFiles({"register": ours, "stays": ours}, key, Period.year(2025))
        study = na.study.Study(("108041", "108033"), services=files)
        yield "brief", lambda: len(na.study.run(study, folder / "brief"))


def desk(folder: Path, setting: str, given: dict[str, Any], all_of_them: bool) -> None:
    """Set a desk up, call, and write what came of it."""
    (own := folder / setting).mkdir()
    found: dict[str, object] = {}
    left = {}
    waiting = calls(own, given, all_of_them)
    first = next(waiting)
    for name, set_up in SET_UP.items():
        if setting in ("all", name):
            set_up()
    for name, call in itertools.chain([first], waiting):
        before = states()
        try:
            found[name] = call()
        except Exception as error:
            found[name] = traceback.format_exception(error)
        left[name] = changed(before, states())
    with (folder / f"{setting}.pickle").open("wb") as file:
        pickle.dump((found, left), file)


def main(folder: Path, settings: list[str], all_of_them: bool) -> None:
    """Import everything once; each desk is a process forked from there."""
    import_theirs()
    before = states()
    package = importlib.import_module("needs_analysis")
    for one in pkgutil.walk_packages(package.__path__, "needs_analysis."):
        importlib.import_module(one.name)
    left = changed(before, states())
    (folder / "import.pickle").write_bytes(pickle.dumps(({}, {"import": left})))
    given = prepared(folder)
    desks = multiprocessing.get_context("fork")
    running = [
        desks.Process(target=desk, args=(folder, one, given, all_of_them)) for one in settings
    ]
    for one in running:
        one.start()
    for one in running:
        one.join()
    sys.exit(any(one.exitcode for one in running))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].split(","), sys.argv[3] == "all")
