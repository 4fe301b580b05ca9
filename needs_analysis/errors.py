"""The errors a user can cause and cure; their text is Italian and says how."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class NeedsAnalysisError(Exception):
    """A problem the user can cure; the command line prints it in one line and exits with 2."""


class AreaError(NeedsAnalysisError):
    """A territory that does not exist, is empty or is ambiguous."""


class ParameterError(NeedsAnalysisError):
    """A parameter that does not exist, is not in force or has an impossible value."""


class StudyError(NeedsAnalysisError):
    """A study that cannot be run again as it was written."""


class OutputError(NeedsAnalysisError):
    """A folder or file that cannot be written."""


class SourceError(NeedsAnalysisError):
    """An official file that cannot be read as published.

    Parameters
    ----------
    path : Path or str
        The file; only its name is printed, never its folder.
    problems : sequence of str
        Every problem found, each naming the row where it can, in plain Italian.
    cure : str
        What the user can do about it.

    Examples
    --------
    >>> print(SourceError("redditi.csv", ["riga 3: 'abc' non è un numero"], "Scaricare di nuovo."))
    redditi.csv: riga 3: 'abc' non è un numero. Scaricare di nuovo.
    """

    SHOWN = 5

    def __init__(self, path: Path | str, problems: Sequence[str], cure: str) -> None:
        self.path = Path(path)
        self.problems = list(problems)
        self.cure = cure
        shown = "; ".join(self.problems[: self.SHOWN])
        if len(self.problems) > self.SHOWN:
            shown += f"; e altri {len(self.problems) - self.SHOWN} problemi"
        super().__init__(f"{self.path.name}: {shown}. {cure}")
