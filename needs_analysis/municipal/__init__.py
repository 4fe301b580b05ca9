"""Every source brought to the municipalities of one day, with quality and vintage."""

from needs_analysis.municipal import panel

__all__ = ["panel"]
