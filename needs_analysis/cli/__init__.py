"""The command line, ``needs-analysis``."""

from needs_analysis.cli.main import app as app
from needs_analysis.cli.main import main

__all__ = ["main"]
