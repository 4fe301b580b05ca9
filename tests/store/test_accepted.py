"""What `data add` accepts breaks nothing later: every command of every area answers."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from needs_analysis import panel, store
from needs_analysis.reports.findings import trials

from . import accepted_files
from .accepted_files import FAULTS, KINDS, as_it_is

pytestmark = pytest.mark.usefixtures("few_points")

AREAS = ("comune:Rho", "ambito:Desio", "provincia:Como", "comune:Vernazza", "provincia:Aosta")


@pytest.fixture(scope="module")
def geometry(tmp_path_factory):
    """One folder of what is computed once: the coverage of the boundaries stays in it."""
    folder = tmp_path_factory.mktemp("geometry")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEEDS_ANALYSIS_DATA", str(folder))
        patch.setattr(trials, "DRAWS", 50)
        patch.setattr(trials, "BASE", 8)
        yield folder


def answered(command, folder, area, asked):
    """Check that commands end with 0, or say which edition to take out and what stands there then."""
    for one in asked:
        out = folder / f"{one}-{len(list(folder.iterdir()))}"
        out = out if one == "brief" else out.with_suffix(".csv" if one[0] == "i" else ".html")
        done = command(one, area, "--out", out, *QUIET.get(one, ()), cwd=folder)
        code, said = done.returncode, done.stderr
        assert code == 0 or (code == 2 and TAKE_OUT.search(said)), (one, area, code, said)


QUIET = {"brief": ("--quiet",), "map": ("--quiet",)}
TAKE_OUT = re.compile(
    r"in «\w+» è in uso l'edizione aggiunta \S+, senza la quale si usa quella [^:]+: "
    r"per toglierla, needs-analysis data remove \w+ \S+"
)


def accepted(draw, folder, count):
    """Add files of different sources, each behind its own table; one that is refused is drawn again."""
    sources = set()
    while len(sources) < count:
        kind, fault = KINDS[draw.integers(len(KINDS))], FAULTS[draw.integers(len(FAULTS))]
        if kind not in sources:
            more = {"unknown": bool(draw.random() < 0.5)} if kind is accepted_files.incomes else {}
            sources |= {kind} if store.add([kind(folder, draw, fault, **more)]).kept else set()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_whatever_files_are_accepted_every_command_answers(seed, geometry, tmp_path, command, soak):
    """A file of each source a time; one a time and twenty-eight in large."""
    draw = np.random.default_rng(seed)
    asked = ("indicators", "brief", "map") if soak or not seed else ("indicators", "map")
    for count in [1] * 14 if soak else [len(KINDS)]:
        shutil.rmtree(geometry / "figures", ignore_errors=True)
        accepted(draw, tmp_path, count)
        answered(command, tmp_path, AREAS[draw.integers(len(AREAS))], asked)


@pytest.mark.slow
def test_a_file_without_the_row_of_unknown_places_is_read_and_used(geometry, tmp_path, command):
    shutil.rmtree(geometry / "figures", ignore_errors=True)
    path = accepted_files.incomes(tmp_path, np.random.default_rng(1), as_it_is, unknown=False)
    assert store.add([path]).refused == ()
    answered(command, tmp_path, "comune:Rho", ["indicators"])
    built = panel.build()
    assert built.vintage.loc["015182", "taxable_income_eur"] == "2022"


@pytest.mark.slow
def test_figures_that_cannot_be_computed_name_the_edition_and_how_to_take_it_out(
    geometry, tmp_path, command
):
    """Incomes that are all alike leave the index nothing to compare."""
    shutil.rmtree(geometry / "figures", ignore_errors=True)

    def flat(frame, _):
        numbers = [name for name in frame if "ontribuenti" in name or "Frequenza" in name]
        numbers += [name for name in frame if "Ammontare" in name]
        return frame.assign(**dict.fromkeys(numbers, "100"))

    path = accepted_files.incomes(tmp_path, np.random.default_rng(1), flat)
    assert store.add([path]).refused == ()
    done = command("map", "comune:Rho", "--quiet", "--out", "m.html", cwd=tmp_path)
    assert done.returncode == 2
    assert (
        "in «incomes» è in uso l'edizione aggiunta 2022, senza la quale si usa quella 2021"
        in done.stderr
    )
    assert "needs-analysis data remove mef_incomes 2022" in done.stderr
    done = command("data", "remove", "mef_incomes", "2022", cwd=tmp_path)
    assert done.returncode == 0 and store.source_of("incomes").reference_date == "2021"


def test_an_error_of_the_program_is_told_as_one():
    """Nothing on the way takes it for a fault of the user's files."""
    code = (
        "import sys; from needs_analysis import cli, panel\n"
        "def broken(*_): raise RuntimeError('an error of ours')\n"
        "panel._national = panel._local = broken\n"
        "sys.argv[1:] = ['indicators', 'comune:Rho']; cli.main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Traceback") and "RuntimeError: an error of ours" in ended.stderr
