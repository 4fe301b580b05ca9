"""Measures are declared whole: rule, words, tally and how they may be told; the pages say the same."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import needs_analysis
from needs_analysis.services import Period
from needs_analysis.services.files import invented
from needs_analysis.services.files.schema import TABLES
from needs_analysis.services.measures.declaration import (
    MEASURES,
    RULES,
    TALLIES,
    Count,
    Measure,
    Open,
    Rests,
    Rule,
    Share,
    Untold,
    declare,
    rule,
)
from needs_analysis.services.measures.window import Window, one, part, window_of
from needs_analysis.told import publish
from needs_analysis.told.publication import Publication
from needs_analysis.words import Voice

PACKAGE = Path(needs_analysis.__file__).parent
METHODS = Path(__file__).parents[3] / "docs" / "methods.md"
YEAR = Period.year(2025)
# What is no list of all measures of a kind: the sums and states that the audit knows the rules of,
# the columns of the statement, and what stands on a page.
CHOSEN = {"_USABLE", "_SUMS", "_MAIN", "_SAID", "_HEADS_OF_OFFER"}


@pytest.fixture(scope="module")
def published() -> Publication:
    data = invented.network()
    return publish(data.register, data.stays, YEAR)


@pytest.mark.parametrize("name", RULES)
def test_the_methods_quote_each_rule(name: str) -> None:
    rule, english = RULES[name], Voice("en")
    words = " ".join(METHODS.read_text(encoding="utf-8").split())
    assert f"- `{name}` ({rule.version}): {english.say(rule.text)}" in words


def test_every_rule_yields_its_measures_in_the_order_of_print(published: Publication) -> None:
    window = window_of(published.run.records, YEAR)
    for name, counted in TALLIES.items():
        own = [one.name for one in MEASURES.values() if one.rule == name]
        yielded = [tally.measure for tally in counted(window)]
        # The test between groups is of no rows of its own.
        assert yielded == [one for one in own if one != "stay_logrank_by_group"], name
    assert set(RULES) - set(TALLIES) == {"local_measures"}
    assert list(published.run.measures["measure"].unique()) == list(MEASURES)


def test_without_a_way_of_telling_the_import_fails() -> None:
    with pytest.raises(TypeError, match="told"):
        Measure("quiet_share", "share", "Quota")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="quiet_share"):
        declare(Rule("quiet", 1, "Una quota."), Measure("quiet_share", "share", "Quota", None))  # type: ignore[arg-type]
    assert "quiet_share" not in MEASURES
    assert "quiet" not in RULES


@pytest.mark.parametrize(
    ("own", "measures"),
    [
        (Rule("exits", 2, "Due volte."), []),
        (Rule("other", 1, ""), []),
        (Rule("other", 1, "Una regola."), [Measure("exits", "stays", "Uscite", Open())]),
        (Rule("other", 1, "Una regola."), [Measure("one", "stays", "Uno", Open())] * 2),
        (Rule("other", 1, "Una regola."), [Measure("one", "stays", "", Open())]),
        (Rule("other", 1, "Una regola."), [Measure("one", "", "Uno", Open())]),
    ],
)
def test_a_declaration_that_is_not_whole_fails(own: Rule, measures: list[Measure]) -> None:
    before = list(MEASURES), list(RULES)
    with pytest.raises(TypeError, match=own.name):
        declare(own, *measures)
    assert (list(MEASURES), list(RULES)) == before


@pytest.mark.parametrize("name", MEASURES)
def test_every_telling_names_a_table_and_values_of_it(published: Publication, name: str) -> None:
    told = MEASURES[name].told
    if isinstance(told, Untold):
        assert told.why
    if not isinstance(told, (Count, Share, Rests)):
        return
    table = published.counts[told.table].internal
    values = (*told.over, told.under) if isinstance(told, Share) else (told.value,)
    known = set(table.frame[table.dimensions[-1]])
    assert {one for one in values if one} <= known
    assert (f"{told.table}_by_group" in published.counts) == (
        told.table == "outcomes" or told.table.startswith("with_")
    )


def test_what_a_rule_reads_beside_a_row_are_fields_of_the_templates() -> None:
    for declared in RULES.values():
        for table, fields in declared.reads.items():
            assert set(fields) <= {field.name for field in TABLES[table].fields}


def test_a_rule_is_a_function_of_stays_and_a_period() -> None:
    @rule(Rule("long", 1, "Soste."), Measure("long_share", "share", "Soste", Untold("a trial")))
    def long(window: Window, days: int = 100):  # type: ignore[no-untyped-def]
        """Stays of the period that last long."""
        rows = window.leavers
        lasted = window.records.leaving[rows] - window.records.entry[rows]
        yield one("long_share", "share", part(rows, lasted > days))

    try:
        data = invented.network()
        assert long.__doc__ == "Stays of the period that last long."
        few, all_of_them = long(data.stays, YEAR), long(data.stays, YEAR, days=-1)
        assert list(few.index) == ["long_share"]
        assert 0 < few["value"].iloc[0] < all_of_them["value"].iloc[0] == 1
        assert np.isfinite(few["low"].iloc[0])
    finally:
        del MEASURES["long_share"], RULES["long"], TALLIES["long"]


def _lists(tree: ast.Module) -> dict[str, set[str]]:
    """Return the measures that each constant of a file names."""
    found = {}
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            words = {
                one.value
                for one in ast.walk(node.value)
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
            found[ast.unparse(target)] = words & set(MEASURES)
    return found


@pytest.mark.parametrize("folder", ["told", "reports", "cli"])
def test_no_other_list_names_measures(folder: str) -> None:
    for file in sorted((PACKAGE / folder).rglob("*.py")):
        named = _lists(ast.parse(file.read_text("utf-8")))
        several = {name for name, own in named.items() if len(own) > 1}
        assert several <= CHOSEN, file.name
