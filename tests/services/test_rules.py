"""The rules of the measures and the pages that explain them say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from needs_analysis.services.measures.rules import MEASURES, RULES
from needs_analysis.words import Voice

METHODS = Path(__file__).parents[2] / "docs" / "methods.md"


@pytest.mark.parametrize("name", RULES)
def test_the_methods_quote_each_rule(name: str) -> None:
    rule, english = RULES[name], Voice("en")
    words = " ".join(METHODS.read_text(encoding="utf-8").split())
    assert f"- `{name}` ({rule.version}): {english.say(rule.text)}" in words


def test_every_measure_has_a_rule() -> None:
    assert {one.rule for one in MEASURES.values()} <= set(RULES)
