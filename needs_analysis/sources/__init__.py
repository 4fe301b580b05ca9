"""Official files as typed, tidy frames: one module per source, which reads, types and renames.

Each module has ``SOURCE`` (who published what), ``recognises(path)`` (by content, never by name)
and ``read(path)``. Nothing here joins, recodes or derives; that is the work of the floors above.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from needs_analysis.sources import (
    anpr_archive,
    interno_evictions,
    interno_series,
    istat_8milacensus,
    istat_accommodation,
    istat_boundaries,
    istat_boundary_zip,
    istat_census_areas,
    istat_classification,
    istat_dimensions,
    istat_population,
    istat_posas,
    istat_sections,
    istat_situas,
    istat_units,
    istat_units_2011,
    istat_units_list,
    istat_units_past,
    istat_variations,
    mef_incomes,
    omi_perimeters,
    omi_values,
    omi_zones,
)

READERS: tuple[ModuleType, ...] = (
    istat_units,
    istat_units_2011,
    istat_units_past,
    istat_population,
    istat_posas,
    istat_boundaries,
    istat_boundary_zip,
    istat_classification,
    istat_dimensions,
    istat_census_areas,
    istat_sections,
    istat_accommodation,
    istat_8milacensus,
    istat_variations,
    istat_situas,
    istat_units_list,
    anpr_archive,
    mef_incomes,
    omi_perimeters,
    omi_values,
    omi_zones,
    interno_evictions,
    interno_series,
)
"""Every source, in the order in which a file is offered to them."""

__all__ = ["READERS", "readers_of"]


def readers_of(path: Path) -> tuple[ModuleType, ...]:
    """Return the sources that recognise a file by its content.

    Parameters
    ----------
    path : Path
        Any file; a file that cannot be opened is recognised by none.

    Returns
    -------
    tuple of modules
        Empty if unknown; two for the workbook of the Ministry of the Interior, which holds the
        provinces and the national series.

    Examples
    --------
    >>> readers_of(Path("no-such-file.csv"))
    ()
    """
    return tuple(reader for reader in READERS if reader.recognises(path))
