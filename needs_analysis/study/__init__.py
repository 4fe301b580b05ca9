"""A study: what was asked, and the stages that lead to the folder that is handed out."""

from needs_analysis.process import public
from needs_analysis.study.declaration import Study, read_index
from needs_analysis.study.finding import find
from needs_analysis.study.many import FAILED, run_many, write_index
from needs_analysis.study.mapped import area_map
from needs_analysis.study.stages import OUTPUTS, draw, run, stage_count

__all__ = [
    "FAILED",
    "OUTPUTS",
    "Study",
    "area_map",
    "draw",
    "find",
    "read_index",
    "run",
    "run_many",
    "stage_count",
    "write_index",
]
__dir__ = public(__all__)
