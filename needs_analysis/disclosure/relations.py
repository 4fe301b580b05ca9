"""Every linear relation between the cells of linked tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from needs_analysis.disclosure.counts import Cell, CountTable, Rules
from needs_analysis.disclosure.problems import problem
from needs_analysis.errors import OutputError, Refused

# Above this the programmes take minutes: fewer dimensions must be crossed.
ATOMS_MAX = 60_000
_Leaves = frozenset[int]
_Row = list[tuple[int, float]]


@dataclass(frozen=True)
class Relations:
    """Columns and rows of a linear system that all tables of one measure fulfil.

    The columns are the cells that some table holds and the finest combinations behind them, which
    no table may hold. Every row adds up to zero.

    Attributes
    ----------
    cells : list of Cell or None
        The cell of each column, None for a combination that no table holds.
    column : dict
        The column of each cell.
    rows : list
        Columns and coefficients.
    maybe_zero : frozenset of int
        Columns that may be hidden though they are zero.
    """

    cells: list[Cell | None]
    column: dict[Cell, int]
    rows: list[_Row]
    maybe_zero: frozenset[int]


def relate(tables: Sequence[CountTable], rules: Rules) -> Relations:
    """Lay out the cells of tables of one measure and the relations between them.

    Tables that cross different dimensions are joined through the finest combinations of each clique
    of their dimensions, made chordal: equal margins of neighbouring cliques are then all that joins
    them (junction tree), and nothing that follows from the tables together is lost.
    """
    cells = list(dict.fromkeys(cell for table in tables for cell in table.cells))
    scales = {
        name: _Scale(name, tables) for name in sorted({d for t in tables for d in t.dimensions})
    }
    blocks, joints = _blocks([table.dimensions for table in tables])
    size = sum(_size(block, scales) for block in blocks)
    if size > ATOMS_MAX:
        crossed = tuple(table.name for table in tables)
        raise OutputError(problem("too_many", tables=crossed, size=size, most=ATOMS_MAX))
    column = {cell: at for at, cell in enumerate(cells)}
    names: list[Cell | None] = [*cells]
    atoms = [_atoms(block, scales, column, names) for block in blocks]
    rows: list[_Row] = []
    for cell in cells:
        home = next(at for at, block in enumerate(blocks) if {d for d, _ in cell} <= set(block))
        row = _definition(cell, blocks[home], scales, column, atoms[home])
        if row is not None:
            rows.append(row)
    for first, second in joints:
        rows += _joint(blocks, atoms, scales, first, second)
    maybe_zero = frozenset(
        at for cell, at in column.items() if _covers_sensitive(cell, scales, rules)
    )
    return Relations(names, column, rows, maybe_zero)


class _Scale:
    """The values of one dimension over its finest leaves, numbered."""

    def __init__(self, name: str, tables: Iterable[CountTable]) -> None:
        trees = _trees(name, [table.hierarchies.get(name, {}) for table in tables])
        seen = {v: None for t in tables for cell in t.cells for d, v in cell if d == name}
        children = {child: None for tree in trees for child in tree}
        above = {parent for tree in trees for parent in tree.values()}
        bottom = [v for v in {**seen, **children} if v not in above]
        # Leaves that no table tells apart are one.
        signatures: dict[frozenset[str], int] = {}
        self.leaves: dict[str, set[int]] = {value: set() for value in seen}
        for value in bottom:
            shown = [one for one in line(value, trees) if one in seen]
            leaf = signatures.setdefault(frozenset(shown), len(signatures))
            for one in shown:
                self.leaves[one].add(leaf)
        self.all = frozenset(range(max(1, len(signatures))))
        self.of = {value: frozenset(found) for value, found in self.leaves.items()}
        self.leaf_value = {next(iter(s)): v for v, s in self.of.items() if len(s) == 1}
        # The lowest value of a leaf names it.
        for value in self.of:
            if value in bottom and len(self.of[value]) == 1:
                self.leaf_value[next(iter(self.of[value]))] = value
        self.parts = {value: self._parts(own) for value, own in self.of.items()}
        self.parts[None] = self._parts(self.all)

    of: dict[str, _Leaves]
    parts: dict[str | None, list[str]]

    def _parts(self, whole: _Leaves) -> list[str]:
        """Return the largest values that together make up a value, or none."""
        below = sorted(
            (v for v, own in self.of.items() if own < whole), key=lambda v: -len(self.of[v])
        )
        chosen: list[str] = []
        covered: set[int] = set()
        for value in below:
            if not self.of[value] & covered:
                chosen.append(value)
                covered |= self.of[value]
        return chosen if covered == whole else []


def _trees(name: str, hierarchies: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the hierarchies of one dimension, those of several tables that agree made one.

    Two may stand over the same values (services by ambito and by kind), if nothing is above in both
    and each has all the values: else what adds up to what would not be known.
    """
    trees: list[dict[str, str]] = []
    for own in hierarchies:
        for tree in trees:
            apart = [one for one in own if tree.get(one, own[one]) != own[one]]
            if not apart:
                tree.update(own)
                break
            if set(tree.values()) & set(own.values()):
                both = {"first": tree[apart[0]], "second": own[apart[0]]}
                raise Refused(problem("two_parents", dimension=name, value=apart[0], **both))
        else:
            trees.append(dict(own))
    bottoms = [tree.keys() - set(tree.values()) for tree in trees]
    for one in bottoms[1:]:
        if part := sorted(one ^ bottoms[0]):
            raise Refused(problem("half_above", dimension=name, value=part[0]))
    return trees


def line(value: str, trees: Sequence[Mapping[str, str]]) -> list[str]:
    """Return a value and all above it, in every hierarchy."""
    found = [value]
    for tree in trees:
        at = value
        while at in tree:
            at = tree[at]
            found.append(at)
    return found


def _blocks(
    dimensions: Sequence[tuple[str, ...]],
) -> tuple[list[tuple[str, ...]], list[tuple[int, int]]]:
    """Return the cliques of dimensions and the pairs that a junction tree joins."""
    import networkx as nx

    graph = nx.Graph()
    for crossed in dimensions:
        graph.add_nodes_from(crossed)
        graph.add_edges_from(combinations(crossed, 2))
    if not graph:
        return [()], []
    chordal, _ = nx.complete_to_chordal_graph(graph)
    blocks = sorted(tuple(sorted(clique)) for clique in nx.chordal_graph_cliques(chordal))
    weights = nx.Graph()
    weights.add_nodes_from(range(len(blocks)))
    for one, other in combinations(range(len(blocks)), 2):
        weights.add_edge(one, other, weight=len(set(blocks[one]) & set(blocks[other])))
    tree = nx.maximum_spanning_tree(weights)
    return blocks, sorted((min(pair), max(pair)) for pair in tree.edges)


def _size(block: tuple[str, ...], scales: Mapping[str, _Scale]) -> int:
    size = 1
    for name in block:
        size *= len(scales[name].all)
    return size


def _atoms(
    block: tuple[str, ...],
    scales: Mapping[str, _Scale],
    column: dict[Cell, int],
    names: list[Cell | None],
) -> dict[tuple[int, ...], int]:
    """Return the column of each finest combination, new where no table holds it."""
    found = {}
    for leaves in product(*(sorted(scales[name].all) for name in block)):
        values = [scales[n].leaf_value.get(leaf) for n, leaf in zip(block, leaves, strict=True)]
        cell = tuple((n, v) for n, v in zip(block, values, strict=True) if v is not None)
        at = column.get(cell) if None not in values else None
        if at is None:
            at = len(names)
            names.append(None)
        found[leaves] = at
    return found


def _definition(
    cell: Cell,
    block: tuple[str, ...],
    scales: Mapping[str, _Scale],
    column: Mapping[Cell, int],
    atoms: Mapping[tuple[int, ...], int],
) -> _Row | None:
    """Write a cell as a sum: of the fewest cells it splits into, or else of combinations."""
    own = column[cell]
    value = dict(cell)
    best: list[int] | None = None
    for name in block:
        parts = scales[name].parts[value.get(name)]
        split = [column.get(tuple(sorted((value | {name: part}).items()))) for part in parts]
        known = [at for at in split if at is not None]
        if parts and len(known) == len(split) and (best is None or len(known) < len(best)):
            best = known
    if best is None:
        within = [sorted(scales[n].of[value[n]] if n in value else scales[n].all) for n in block]
        best = [atoms[leaves] for leaves in product(*within)]
    if best == [own]:
        return None
    return [(own, -1.0)] + [(at, 1.0) for at in best]


def _joint(
    blocks: Sequence[tuple[str, ...]],
    atoms: Sequence[Mapping[tuple[int, ...], int]],
    scales: Mapping[str, _Scale],
    first: int,
    second: int,
) -> list[_Row]:
    """Let two cliques agree on the dimensions they share."""
    common = sorted(set(blocks[first]) & set(blocks[second]))
    rows: dict[tuple[int, ...], _Row] = {
        leaves: [] for leaves in product(*(sorted(scales[n].all) for n in common))
    }
    for block, sign in ((first, 1.0), (second, -1.0)):
        places = [blocks[block].index(name) for name in common]
        for leaves, at in atoms[block].items():
            rows[tuple(leaves[place] for place in places)].append((at, sign))
    return list(rows.values())


def _covers_sensitive(cell: Cell, scales: Mapping[str, _Scale], rules: Rules) -> bool:
    """Say whether a zero of this cell would tell a zero of a sensitive one."""
    value = dict(cell)
    for name, scale in scales.items():
        own = scale.of[value[name]] if name in value else scale.all
        for sensitive in rules.sensitive.get(name, ()):
            if sensitive in scale.of and scale.of[sensitive] & own:
                return True
    return False
