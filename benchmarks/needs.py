"""Who is in need: seconds from nothing, of an ambito after the panel, and of all Italy. By hand."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable

from listed import Row, hand

AREAS = ("ambito:Carate Brianza", "provincia:MI", "regione:Lombardia", "Italia")


def timed(name: str, make: Callable[[], object]) -> Row:
    """Run once and print seconds of clock and of processor, and the peak of memory so far."""
    clock, processor = time.perf_counter(), time.process_time()
    make()
    seconds = time.perf_counter() - clock, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"| {name} | {seconds[0]:.2f} | {seconds[1]:.2f} | {peak:.0f} |")
    limit = "1 s" if name.startswith("need, ambito") else ""
    return Row(name, f"{seconds[1]:.2f} CPU s, {peak:.0f} MB", limit=limit)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NEEDS_ANALYSIS_DATA"] = folder  # nothing was computed before
        import needs_analysis as na

        rows = [
            timed("panel of Italy", lambda: na.panel.build(national=True)),
            timed("model and estimate of 7,904 municipalities", na.households.national),
        ]
        for area in AREAS:
            where = na.territory.select(area)
            panel = na.panel.build(where)
            for again in ("", ", again"):
                name = f"need, {area}{again}"
                rows.append(timed(name, lambda panel=panel: na.needs.estimate(panel)))
    hand(__file__, rows)


if __name__ == "__main__":
    main()
