"""How a notebook is run; each has a file of its own here, so that the workers share them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
PSEUDONYM = re.compile(r"(?<![0-9A-Za-z])[A-Za-z][0-9a-f]{20}(?![0-9A-Za-z])")


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


@pytest.fixture
def runs(kernel):
    """Run a notebook from top to bottom on the figures that ship."""

    def run(name: str) -> None:
        notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
        NotebookClient(
            notebook,
            timeout=300,
            kernel_name=kernel,
            resources={"metadata": {"path": str(FOLDER)}},
        ).execute()
        printed = [o for cell in notebook.cells for o in cell.get("outputs", ())]
        warned = [o.text for o in printed if o.output_type == "stream" and o.name == "stderr"]
        assert warned == []
        # A pseudonym is still a person's: none is printed, of invented guests either.
        assert PSEUDONYM.search(str(printed)) is None

    return run
