"""Imports run one way: no module comes back to itself, not even inside a function."""

import ast
from pathlib import Path

import networkx as nx
import pytest

import needs_analysis

PACKAGE = Path(needs_analysis.__file__).parent


def modules(package: Path) -> dict[str, Path]:
    """Return the modules of a package by dotted name, itself among them."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = (package.name, *path.relative_to(package).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, known: dict[str, Path]) -> dict[str, int]:
    """Return the modules that one imports, at its head, in a function or for types, with the line.

    What :func:`importlib.import_module` brings in when it is asked for is no statement and not here.
    """
    found: dict[str, int] = {}
    package = name if known[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(known[name].read_text("utf-8"))):
        wanted: list[str] = []
        if isinstance(node, ast.Import):
            wanted = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            wanted = [f"{base}.{one.name}" for one in node.names]
            wanted = [one if one in known else base for one in wanted]
        found |= {one: node.lineno for one in wanted if one in known and one != name}
    return found


def cycles(package: Path) -> list[str]:
    """Return a line for each knot of modules that import each other: one way around it."""
    known = modules(package)
    lines = {name: imported(name, known) for name in known}
    graph = nx.DiGraph((name, other) for name in known for other in lines[name])
    knots = [one for one in nx.strongly_connected_components(graph) if len(one) > 1]
    return sorted(
        "; ".join(
            f"{one}:{lines[one][other]} -> {other}"
            for one, other in nx.find_cycle(graph.subgraph(knot))
        )
        for knot in knots
    )


@pytest.mark.slow
def test_no_import_comes_back():
    assert cycles(PACKAGE) == []


@pytest.mark.parametrize("later", ["import house.a", "from house import a", "from . import a"])
def test_an_import_inside_a_function_closes_a_cycle(tmp_path, later):
    house = tmp_path / "house"
    house.mkdir()
    (house / "__init__.py").write_text("")
    (house / "a.py").write_text("from house.b import f\n")
    (house / "b.py").write_text(f"def f():\n    {later}\n")
    (said,) = cycles(house)
    assert "house.b:2 -> house.a" in said
    assert "house.a:1 -> house.b" in said
