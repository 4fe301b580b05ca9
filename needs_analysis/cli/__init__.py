"""The command line, ``needs-analysis``."""

from needs_analysis.cli.main import app, main

__all__ = ["app", "main"]
