"""What the site has beside the pages that stand here: tables made of the program's own declarations."""

from __future__ import annotations

import inspect
import re

from mkdocs.structure.files import File, Files

import needs_analysis as na
from needs_analysis import parameters
from needs_analysis.reports.chapters import codebook
from needs_analysis.words import ITALIAN

_WIDE = "---\nhide: [toc]\n---\n"
"""Above a page that is one table."""


def on_files(files: Files, config) -> Files:
    """Add the pages that are made: indicators, parameters, public names."""
    made = {
        "indicatori.md": _WIDE + codebook.markdown(ITALIAN),
        "parametri.md": _WIDE + parameters_page(),
        "api.md": public_names(),
    }
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Leave the words of a link that leads out of the docs: the site holds the docs alone."""
    return re.sub(r"\[([^\]]+)\]\(\.\./[^)]*\)", r"\1", markdown)


def parameters_page() -> str:
    """Return the parameters in force, with the range that a study may put in their place."""
    rows = [
        "# Parametri",
        "",
        "Soglie, prezzi e numeri di legge che il programma usa oggi. Uno studio ne mette altri, dentro",
        "i limiti scritti, in `[parameters]` del suo `study.toml`.",
        "",
        "| nome | valore | che cosa è | fonte |",
        "| --- | --- | --- | --- |",
    ]
    for name, one in sorted(parameters.in_force().items()):
        ends = [_number(end) for end in (one.low, one.high) if end is not None]
        value = f"{_number(one.value)} {one.unit}" + (f" ({'-'.join(ends)})" if ends else "")
        said = (f"`{name}`", value, one.note, one.source)
        rows.append("| " + " | ".join(word.replace("|", "\\|") for word in said) + " |")
    return "\n".join(rows) + "\n"


def _number(value: float) -> str:
    return f"{value:.6g}".replace(".", ",")


def public_names() -> str:
    """Return the page of what a notebook reaches: each floor, and under it each public name."""
    parts = [
        "# Public names",
        "",
        "`import needs_analysis as na`; every name is documented where it is.",
    ]
    for floor in sorted(set(na.__all__) - {"__version__"}):
        module = getattr(na, floor)
        if not inspect.ismodule(module):
            continue
        parts += ["", f"## na.{floor}", "", (module.__doc__ or "").partition("\n\n")[0]]
        for name in sorted(getattr(module, "__all__", ())):
            found = getattr(module, name)
            if inspect.isfunction(found) or inspect.isclass(found):
                parts += ["", f"::: {found.__module__}.{found.__qualname__}"]
    return "\n".join(parts) + "\n"
