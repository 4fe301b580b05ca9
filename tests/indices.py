"""An index that a study may declare: the one that the program computed up to version 0.2.0."""

from pathlib import Path

from needs_analysis.composite import Spec

DECLARATION = Path(__file__).parents[1] / "docs" / "indice_0_1_0.toml"
DISTRESS = Spec.read(DECLARATION)
