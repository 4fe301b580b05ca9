"""What the user can cure is raised as `Refused` with its problems, nowhere as a bare error."""

from __future__ import annotations

import ast
from pathlib import Path

import needs_analysis

PACKAGE = Path(needs_analysis.__file__).parent


def bare(path: Path) -> list[str]:
    """Return the places of a file that raise ValueError or KeyError."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id in ("ValueError", "KeyError"):
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    return found


def test_no_bare_error_is_raised():
    assert [place for path in sorted(PACKAGE.rglob("*.py")) for place in bare(path)] == []
