"""What HiGHS, and any compiled library, writes past us: file descriptor 1 holds our lines only.

Run under the version of the lock here, under others by `make solvers`.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# Our own lines go through sys.stdout: with that elsewhere, nothing may be left.
OURS_ASIDE = "import sys; sys.stdout = sys.stderr; from needs_analysis.cli import main; main()"
SOLVED = """
import pandas as pd
from needs_analysis.composite.benefit import benefit_of_doubt
from needs_analysis.services.siting import set_cover
line = pd.DataFrame([[0, 1, 4], [1, 0, 3], [4, 3, 0]], index=list("abc"), columns=list("abc"))
print(benefit_of_doubt(line + 1).scores.max())
print(set_cover(pd.Series(1, index=list("abc")), line, reach=1).objective)
"""


def descriptor_1(*words, cwd):
    done = subprocess.run(
        [sys.executable, "-c", *words],
        cwd=cwd, capture_output=True, check=False, timeout=120,
        env=os.environ | {"PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.slow
def test_a_call_that_solves_prints_what_it_was_told(tmp_path):
    assert descriptor_1(SOLVED, cwd=tmp_path) == b"1.0\n2.0\n"


@pytest.mark.slow
def test_protected_measures_print_nothing_of_their_own(tmp_path):
    for words in (
        "services key key",
        "services example --out files",
        "services monitor files --key key --period 2025 --quiet",
    ):
        assert descriptor_1(OURS_ASIDE, *words.split(), cwd=tmp_path) == b"", words


@pytest.mark.slow
def test_siting_prints_nothing_of_its_own(tmp_path):
    words = "services siting ambito:Desio --new 1 --quiet"
    assert descriptor_1(OURS_ASIDE, *words.split(), cwd=tmp_path) == b""
