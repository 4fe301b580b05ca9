"""A study: what was asked, and the stages that lead to the folder that is handed out."""

from needs_analysis.study.declaration import Study, read_index
from needs_analysis.study.stages import OUTPUTS, STAGES, area_map, draw, find, run

__all__ = ["OUTPUTS", "STAGES", "Study", "area_map", "draw", "find", "read_index", "run"]
