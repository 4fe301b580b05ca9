"""The interactive map of an area's findings: what it draws, and what it knows beyond the area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from needs_analysis.errors import wanted

if TYPE_CHECKING:
    from needs_analysis.reports.findings import Findings
    from needs_analysis.reports.maps.content import Entry
    from needs_analysis.reports.maps.page import AreaMap
    from needs_analysis.reports.maps.setting import Setting


def area_map(found: Findings, theme: str = "distress", page: str = "") -> AreaMap:
    """Draw the interactive map of an area's findings.

    Parameters
    ----------
    found : reports.findings.Findings
        The area.
    theme : str
        A theme of ``maps/``.
    page : str
        The address of the page beside the map, to which it links; none when empty.

    Returns
    -------
    folium.Map
        Its ``save(path)`` writes one offline HTML file.
    """
    from needs_analysis.reports import findings
    from needs_analysis.reports.chapters import need_map
    from needs_analysis.reports.chapters import services as services_chapters
    from needs_analysis.reports.chapters.patterns_map import map_layers
    from needs_analysis.reports.chapters.services_map import ready_layer
    from needs_analysis.reports.maps import area as maps
    from needs_analysis.reports.maps.content import Entry
    from needs_analysis.reports.model import plain

    wanted(found, findings.Findings)
    voice = found.voice
    codes, layers = map_layers(found)
    ready = ready_layer(found)
    if ready:
        codes, layers = codes.beside(ready[0]), (*layers, ready[1])
    need = need_map.map_layers(found)
    if need:
        codes, layers = codes.beside(need[0]), (*layers, *need[1])
    entries = [
        *_index_entries(found),
        *(
            Entry(
                name, one.label_in(voice), one.definition_in(voice), one.component, one.polarity,
            )
            for name, one in found.declared.items()
        ),
        *layers,
    ]  # fmt: skip
    single = len(found.codes) == 1
    beside = found.voice.say(" e la sua provincia") if single else ""
    figures = found.indicators.beside(codes)
    return maps.area_map(
        figures,
        area=found.shown,
        theme=theme,
        voice=found.voice,
        area_name=found.label + beside + found.of_day,
        focus=found.codes[0] if single else "",
        national=found.rankable,
        entries=maps.of_theme(theme, entries, figures.data.columns),
        marks=found.mark_words,
        overrides=found.overrides,
        warning=services_chapters.warning(found),
        notices=tuple(map(plain, found.editions)),
        setting=_setting(found, page),
    )


def _setting(found: Findings, page: str) -> Setting:
    """Return what the map of an area says of Italy, of the neighbours and of the ambiti."""
    from needs_analysis.reports.findings import ITALY, OWN
    from needs_analysis.reports.maps.setting import Setting, around
    from needs_analysis.territory import ambiti, boundaries

    part = ITALY in found.groups
    day = found.day
    return Setting(
        italy=found.national if part else None,
        whole=not part,
        means=found.compared.data.astype(float).T[ITALY if part else OWN],
        around=around(found.shown, boundaries.coverage(codes_on=day)) if part else None,
        ambiti=ambiti(day)["ambito_name"],
        page=page,
    )


def _index_entries(found: Findings) -> list[Entry]:
    """Return what the map says of the index, where the study declares one."""
    from needs_analysis.reports.chapters import index_words
    from needs_analysis.reports.chapters.labels import part_labels
    from needs_analysis.reports.maps.content import Entry

    if found.index is None:
        return []
    spec, voice = found.index.spec, found.voice
    said = index_words.definition(spec, part_labels(found), voice)
    compared = index_words.compared(found.index, voice)
    label = index_words.label(spec, voice)
    return [Entry(spec.name, label, f"{said} {compared}", printed_as=found.score_unit)]
