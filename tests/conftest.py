"""What many tests share: one panel, its indicators, the commands, and a folder of its own to keep."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from made_up import made_up  # noqa: F401 - a fixture of many tests

ROOT = Path(__file__).parents[1]

# No time limit an example: a loaded machine is slow, the program is not.
settings.register_profile("tests", deadline=None)
settings.register_profile("soak", deadline=None, max_examples=500)

# The workers share the cores; what the tests start inherits it.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

FEW_DRAWS, FEW_BASE = 200, 16
LONG = ("slow", "whole", "browser")


def pytest_addoption(parser):
    parser.addoption("--soak", action="store_true", help="large sizes where a test has two")


def pytest_configure(config):
    """Draw as many examples as are asked for: a test that takes long draws a share of them."""
    settings.load_profile("soak" if config.getoption("--soak") else "tests")


def pytest_collection_modifyitems(items):
    """Run the files that take long first: at the end no worker waits for the other's."""
    long = {item.path for item in items if any(map(item.get_closest_marker, LONG))}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def computed_folder(tmp_path_factory):
    """Return the folder of what was computed of national figures, the same for all workers."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    (shared := folder / "computed").mkdir(exist_ok=True)
    return shared


@pytest.fixture(scope="session", autouse=True)
def kept_folder(tmp_path_factory, computed_folder):
    """Keep what is computed once in a folder of this session: nothing of the user's is touched.

    The processes that a test starts find there what any worker has computed.
    """
    folder = tmp_path_factory.mktemp("kept")
    (folder / "computed").symlink_to(computed_folder, target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEEDS_ANALYSIS_DATA", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def computed_once(computed_folder):
    """Compute what depends on national figures and does not ship once for all workers and folders.

    A result stands under the name that the store gives it: of figures and parameters, so that a test
    with others has its own. Returns what a test that is about the store itself puts back.
    """
    from needs_analysis import store
    from needs_analysis.store import shipped
    from needs_analysis.writing.files import written_file

    module, made = sys.modules["needs_analysis.store.computed"], store.computed
    national = shipped.folder() / "national"
    (locks := computed_folder.with_name("locks")).mkdir(exist_ok=True)

    def computed(name, key, make, method=None):
        file = computed_folder / f"{name}-{module._digest(name, key, method)}.parquet"
        if module._MAKING.get() or (national / file.name).exists():
            return made(name, key, make, method)
        with (locks / file.name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # who comes second waits, and reads
            found = module._read(file)
            if found is None:
                found = made(name, key, make, method)
            if not file.exists():  # it was kept in a folder of the test's own, or in none
                with written_file(file) as beside:
                    found.to_parquet(beside)
            os.utime(file)  # a process that a test starts drops what was used longest ago
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "computed", computed)
        patch.setattr(module, "FILES_MAX", 1_000)
        yield made


@pytest.fixture(scope="session")
def soak(pytestconfig) -> bool:
    """Tell whether the large sizes are asked for."""
    return pytestconfig.getoption("--soak")


@pytest.fixture
def small_files(monkeypatch):
    """Let files of a dozen municipalities stand for all Italy: how much they cover is not looked at."""
    from needs_analysis.store import extent

    monkeypatch.setattr(extent, "WHOLE_SHARE", 0.0)


@pytest.fixture(scope="module")
def few_draws(soak):
    """Put an index to the test in fewer draws: what is looked at is words, forms and bytes."""
    from needs_analysis.reports.findings import trials

    with pytest.MonkeyPatch.context() as patch:
        if not soak:
            patch.setattr(trials, "DRAWS", FEW_DRAWS)
            patch.setattr(trials, "BASE", FEW_BASE)
        yield


@pytest.fixture(scope="module")
def few_points(soak):
    """Let figures that do not ship be modelled on few points: that commands answer is looked at.

    The key of what is kept has how many they were.
    """
    from needs_analysis.households import burden, italy

    runs, moved = partial(italy.runs, count=64), partial(italy.moved, count=16)
    with pytest.MonkeyPatch.context() as patch:
        if not soak:
            patch.setattr(burden, "POINTS", 64)
            patch.setattr(italy, "TORNADO_POINTS", 16)
            patch.setattr(italy, "runs", runs)
            patch.setattr(italy, "moved", moved)
        yield


@pytest.fixture(scope="session")
def national():
    from needs_analysis import panel

    return panel.build()


@pytest.fixture(scope="session")
def computed(national):
    from needs_analysis import households, indicators

    return indicators.compute(households.with_model(national))


@pytest.fixture(scope="session")
def index(computed):
    from indices import DISTRESS

    from needs_analysis.composite import build

    return build(computed, DISTRESS)


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command line in this process; returns what a process of its own would have given."""
    from needs_analysis import cli

    def run(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["needs-analysis", *map(str, words)])
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, ended.value.code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def own_process(soak):
    """Run the command line in a process of its own, in few draws; returns the completed process."""
    few = "" if soak else f"trials.DRAWS, trials.BASE = {FEW_DRAWS}, {FEW_BASE}"
    code = (
        f"from needs_analysis.reports.findings import trials; {few}\n"
        "from needs_analysis.cli import main; main()"
    )

    def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
            env=os.environ | {"PYTHONUTF8": "1"},
        )

    return run
