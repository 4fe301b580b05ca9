"""Every notebook runs from top to bottom on the figures that ship, and is committed without outputs."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
PSEUDONYM = re.compile(r"(?<![0-9A-Za-z])[A-Za-z][0-9a-f]{20}(?![0-9A-Za-z])")
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Name a kernel of this interpreter, whatever kernels the machine has."""
    spec = tmp_path / "kernels" / "this"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    text = f'{{"argv": {argv!r}, "display_name": "this", "language": "python"}}'.replace("'", '"')
    spec.joinpath("kernel.json").write_text(text, "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    # IPython keeps its history in the home; a build machine may have none that can be written.
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return "this"


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, kernel):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=300, kernel_name=kernel, resources={"metadata": {"path": str(FOLDER)}}
    ).execute()
    printed = [o for cell in notebook.cells for o in cell.get("outputs", ())]
    warned = [o.text for o in printed if o.output_type == "stream" and o.name == "stderr"]
    assert warned == []
    # A pseudonym is still a person's: none is printed, of invented guests either.
    assert PSEUDONYM.search(str(printed)) is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_valid_and_carries_no_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
