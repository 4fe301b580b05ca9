"""What many tests share: one panel, its indicators, one briefing, and a folder of its own to keep."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def kept_folder(tmp_path_factory):
    """Keep what is computed once in a folder of this session: nothing of the user's is touched."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEEDS_ANALYSIS_DATA", str(folder))
        yield folder


@pytest.fixture(scope="session")
def national():
    from needs_analysis import panel

    return panel.build()


@pytest.fixture(scope="session")
def computed(national):
    from needs_analysis import indicators

    return indicators.compute(national)


@pytest.fixture(scope="session")
def index(computed):
    from needs_analysis.composite import DISTRESS, build

    return build(computed, DISTRESS)


@pytest.fixture(scope="session")
def command():
    """Run the command line as a user does; returns the completed process."""

    def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from needs_analysis.cli import main; main()", *words],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=os.environ | {"PYTHONUTF8": "1"},
        )

    return run


@pytest.fixture(scope="session")
def brief(command, tmp_path_factory):
    """The folder of `needs-analysis brief comune:Sovico`, written once."""
    folder = tmp_path_factory.mktemp("brief")
    done = command("brief", "comune:Sovico", "--out", "sovico", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "sovico"
