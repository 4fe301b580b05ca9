"""Where what a study hands out comes from: ``provenance.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import needs_analysis
from needs_analysis import parameters, store
from needs_analysis.errors import Messages, StudyError
from needs_analysis.provenance import Rows, checksum
from needs_analysis.study.declaration import Study
from needs_analysis.words import N_

if TYPE_CHECKING:
    from needs_analysis.needs.intervals import Interval
    from needs_analysis.reports.findings import Findings
    from needs_analysis.told.needs import ToldNeed
    from needs_analysis.told.plans import ToldPlan
    from needs_analysis.told.policies import ToldPolicies


NAME = "provenance.json"

problem = Messages(
    "origins",
    {
        "another": N_("la cartella {folder} tiene già lo studio di {area}"),
        "a_plan": N_("la cartella {folder} tiene già un piano ({period}) di {area}"),
        "other_folder": N_("Indicare un'altra cartella, o togliere quella."),
    },
)


def read(folder: Path) -> dict[str, Any]:
    """Return what a folder's ``provenance.json`` says.

    Raises
    ------
    OSError, ValueError
        There is none, or it is no JSON.
    """
    given: dict[str, Any] = json.loads(folder.joinpath(NAME).read_text("utf-8"))
    return given


def refuse_another(folder: Path, codes: Sequence[str], plan: str = "", name: str = "") -> None:
    """Refuse a folder that holds something else than what is to be written: it would be half of each.

    Parameters
    ----------
    folder : Path
        Where it is to be written; one without a ``provenance.json`` holds nothing of ours.
    codes : sequence of str
        The municipalities; none where whatever is there is something else.
    plan : str
        The kind and the years of a plan ("annual 2027"); a briefing when empty.
    name : str
        What the study calls its list of municipalities.

    Raises
    ------
    StudyError
        Another area, a list under another name, or another plan.
    """
    try:
        given = read(folder)
        area, held = given["area"], given.get("plan")
        label, period = str(area["label"]), str(held["period"]) if held else ""
        found = f"{held['kind']} {period}" if held else ""
        there = sorted(area["municipalities"]), str(area.get("name", ""))
    except (OSError, ValueError, KeyError, TypeError):  # none, or one that is none of ours
        return
    if (there, found) != ((sorted(codes), name), plan):
        words = {"folder": str(folder), "area": label}
        wrong = problem("a_plan", **words, period=period) if found else problem("another", **words)
        raise StudyError(wrong, cure=problem("other_folder"))


@contextmanager
def renewed(folder: Path) -> Iterator[None]:
    """Remove at the end what a folder's ``provenance.json`` named before and does not name any more.

    A file that somebody changed since, or that lies elsewhere, stays.
    """
    old = _outputs(folder)
    yield
    new = _outputs(folder)
    for name in sorted({*old} - {*new}):
        file = folder / name
        inside = file.resolve().is_relative_to(folder.resolve())
        with suppress(OSError):
            if new and inside and f"sha256:{checksum(file)}" == old[name]:
                file.unlink()
                file.parent.rmdir()  # where nothing else is in it


def _outputs(folder: Path) -> dict[str, Any]:
    try:
        return dict(read(folder)["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write(
    study: Study, found: Findings, folder: Path, outputs: Sequence[str], *, tested: bool
) -> None:
    """Write ``provenance.json``: figures, parameters, definitions and checksums of what is handed out.

    Parameters
    ----------
    study : Study
        As it was pinned.
    found : reports.findings.Findings
        What its outputs say.
    folder : Path
        Where they are.
    outputs : sequence of str
        Their names.
    tested : bool
        Whether an index was put to the test.
    """
    from needs_analysis.reports.findings import POOLED

    rows: dict[str, Rows] = {}
    cited = store.cited()
    beside = found.services.beside if found.services else ()
    in_force = parameters.values(study.parameters)
    document = {
        "software": {"name": "needs-analysis", "version": needs_analysis.__version__},
        "area": {"key": found.area.attrs["key"], "label": found.label,
                 "codes_on": f"{found.day:%Y-%m-%d}",
                 "municipalities": found.codes,
                 "certainty": found.area.attrs["certainty"],
                 "listed_on": found.area.attrs["listed_on"],
                 **({"name": study.name} if study.name else {})},
        "sources": {key: cited[key].as_dict() for key in sorted(_ids(found))},
        "parameters": {
            row.name: {"value": in_force[row.name], "unit": row.unit, "source": row.source,
                       "overridden": row.name in study.parameters}
            for row in parameters.table()
        },
        "indicators": {
            name: {
                "id": one.id, "definition": one.definition_in(study.voice), "inputs": list(one.inputs),
                "parameters": list(one.parameters),
                "sources": list(found.indicators.sources[name]),
                "best_quality": one.quality.name.lower(),
            }
            for name, one in found.declared.items()
        },
        "figures": {
            name: found.trace(name).as_dict(rows)
            for name in (*found.declared, *POOLED) if found.has(name)
        },
        **({"index": _index(found, tested=tested)} if found.index else {}),
        **({"services": found.services.files} if found.services else {}),
        **({"need": _of_need(found.need)} if found.need else {}),
        **({"policies": _of_policies(study, found.policies)} if found.policies else {}),
        **({"plan": _of_plan(found.plan)} if found.plan else {}),
        **({"deliveries": [f"sha256:{one}" for one in beside]} if beside else {}),
        "outputs": {name: f"sha256:{checksum(folder / name)}" for name in outputs},
    }  # fmt: skip
    text = json.dumps(document, ensure_ascii=False, indent=1, default=str)
    if rows:
        opened = text.removesuffix("\n}")
        text = f'{opened},\n "rows": {_listed(rows)}\n}}'
    folder.joinpath(NAME).write_text(f"{text}\n", "utf-8")


def _of_need(told: ToldNeed) -> dict[str, object]:
    """Return the households in need of the area as they are told; null where no number is."""
    import pandas as pd

    from needs_analysis.figures import Quality
    from needs_analysis.needs.result import DISTINCT
    from needs_analysis.told.need_tables import AREA

    groups = told.table(AREA).assign(key=lambda rows: rows["group"])
    rows = pd.concat([told.table(AREA, "distinct").assign(key=DISTINCT), groups])
    named = ["low", "central", "high", "band", "known", "quality", "vintage", "reserved"]
    said = rows.assign(quality=[Quality(int(one)).name.lower() for one in rows["quality"]])
    said = said[named].astype(object)
    values = said.where(said.notna(), None).to_dict("records")
    return {"profile": told.profile, "held": list(told.held),
            "households": dict(zip(rows["key"], values, strict=True))}  # fmt: skip


def _of_policies(study: Study, told: ToldPolicies) -> dict[str, object]:
    """Return what was asked of policies, from what each was written, and what its numbers rest on."""
    catalogue = told.matches.catalogue
    rests: dict[str, tuple[str, ...]] = {}
    exits: dict[str, Interval] = {}
    for one in told.bought:
        rests |= one.rows
        exits |= one.exits
    return {
        "asked": {} if study.policies is None else study.policies.as_mapping(),
        "policies": {
            key: {"certainty": one.certainty, "last_verified": f"{one.last_verified:%Y-%m-%d}",
                  "legal_basis": one.rests_on(), "standing": catalogue.standing(key).kind,
                  "parameters": list(rests.get(key, ())),
                  **({"register_exits_share": exits[key]._asdict()} if key in exits else {})}
            for key, one in catalogue.policies.items()
        },
    }  # fmt: skip


def _of_plan(told: ToldPlan) -> dict[str, object]:
    """Return what plan it is and on which rules it rests: of the input no name and no checksum."""
    from needs_analysis.plans import RULES

    return {
        "kind": told.kind, "period": told.period, "input": bool(told.tables),
        "previous": told.before or None,
        "rules": {key: {"article": one.article, "version": one.version, "parameter": one.parameter}
                  for key, one in RULES.items()},
    }  # fmt: skip


def _index(found: Findings, *, tested: bool) -> dict[str, object]:
    """Return what the index is, what it is compared with and how it was put to the test."""
    index = found.declared_index
    return {
        "name": index.spec.name,
        "reference": index.reference.as_mapping(),
        "components": {
            one.name: list(index.spec.leaves(one.name)) for one in index.spec.components
        },
        "treatment": dict(index.treatment),
        "declaration": index.spec.as_mapping(),
        "tested": _tested(found) if tested else None,
        "external_check": _confronted(found),
    }


def _tested(found: Findings) -> Mapping[str, object] | None:
    """Return how the index was put to the test; None if it could not be."""
    from needs_analysis.reports.findings import trials

    choices = trials.choices(found.declared_index)
    if choices is None or found.uncertainty is None:
        return None
    return {
        "draws": trials.DRAWS, "sensitivity_base": trials.BASE, "seed": trials.SEED,
        "weights": choices.weights, "drop": choices.drop,
        "normalise": [one.as_mapping() for one in choices.normalise],
        "aggregate": [one.as_mapping() for one in choices.aggregate],
    }  # fmt: skip


def _confronted(found: Findings) -> list[dict[str, object]]:
    """Return how the index follows the evictions of provinces; null where it cannot be said."""
    rows = found.confronted.reset_index().astype(object)
    return [
        {str(name): value for name, value in row.items()}
        for row in rows.where(rows.notna(), None).to_dict("records")
    ]


def _listed(rows: Mapping[str, Rows]) -> str:
    """Return the rows behind each column as JSON, a row a line: indented, they would fill pages."""
    lists = []
    for name, one in rows.items():
        about = json.dumps(one.about())
        lines = ",\n   ".join(json.dumps(row, ensure_ascii=False) for row in one.listed())
        lists.append(f'  {json.dumps(name)}: {about[:-1]}, "rows": [\n   {lines}\n  ]}}')
    return "{\n" + ",\n".join(lists) + "\n }"


def _ids(found: Findings) -> Iterable[str]:
    return {*found.used_sources(), store.source_of("evictions_series").id}
