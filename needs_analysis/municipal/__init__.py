"""Every source brought to the municipalities of one day, with quality and vintage."""

from needs_analysis.municipal import panel
from needs_analysis.process import public

__all__ = ["panel"]
__dir__ = public(__all__)
