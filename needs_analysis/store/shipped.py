"""The figures that ship: compiled tables, typed by their schema, each with its source."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from needs_analysis.provenance import Source


def folder(name: str = "datasets") -> Path:
    """Return a folder that ships: beside the package in a checkout, inside it where it is installed.

    It is never asked of the import system: a second checkout run with the environment of the first
    would be given the first one's.

    Parameters
    ----------
    name : str
        "datasets" or "maps".

    Examples
    --------
    >>> folder("maps").joinpath("distress.toml").exists()
    True
    """
    package = Path(str(resources.files("needs_analysis")))
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


@cache
def package() -> dict[str, dict[str, object]]:
    """Return the resources of the shipped ``datapackage.json`` by name."""
    text = folder().joinpath("datapackage.json").read_text("utf-8")
    return {resource["name"]: resource for resource in json.loads(text)["resources"]}


def table(name: str) -> pd.DataFrame:
    """Read a shipped table, typed by its schema; codes are text, blank numbers NaN.

    Parameters
    ----------
    name : str
        A resource of ``datasets/datapackage.json`` ("incomes").

    Returns
    -------
    DataFrame
        The rows in file order, with the columns of the schema.

    Examples
    --------
    >>> table("evictions").set_index("province_abbreviation").loc["MB", "orders"].item()
    710.0
    """
    fields: list[dict[str, str]] = package()[name]["schema"]["fields"]  # type: ignore[index]
    types = {field["name"]: field["type"] for field in fields}
    frame = pd.read_csv(
        folder() / f"{name}.csv",
        dtype={
            k: "str" if t in {"string", "date"} else "float64" if t == "number" else "int64"
            for k, t in types.items()
            if t != "boolean"
        },
        keep_default_na=False,
        na_values={k: [""] for k, t in types.items() if t == "number"},
        true_values=["true"],
        false_values=["false"],
    )
    for column in (name for name, kind in types.items() if kind == "date"):
        frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d").astype("datetime64[s]")
    return frame


def source_of(name: str) -> Source:
    """Return the source of a shipped table, with the date and checksum of what was read."""
    given: dict[str, Any] = package()[name]["sources"][0]  # type: ignore[index]
    fields = {key: value for key, value in given.items() if key != "path"}
    return Source(**fields, retrieval=given["path"])
