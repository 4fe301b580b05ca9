"""Whole-process seconds of a million stays read and monitored, and of a search for places. By hand:

    python benchmarks/services.py

A register of 300 services and 20,000 places and 1,000,000 stays of ten years are invented once
(seeded; no figure in them is real) and written to the temporary folder, as Parquet and as the CSV files
of the templates. What is timed are processes of their own:

- read: import, `read_register` and `read_stays` of the CSV files;
- monitor: import, read the Parquet tables, `monitor` three years; the limits are 10 s and 1.5 GB;
- capacity: import, `places_needed` of two groups, apart and together, 400 replications of 10 years.

CPU seconds tell a slow program from a busy machine.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from listed import Row, hand

STAYS = 1_000_000
GUESTS = 600_000
SERVICES = 300
PLACES = 20_000
RUNS = 3
LIMITS = {"monitor": "10 s, 1.5 GB"}
PARTS = ("read", "monitor", "capacity")
FOLDER = Path(tempfile.gettempdir()) / "needs-analysis-bench"
KEY, CSV = FOLDER / "INVENTED_key", FOLDER / "INVENTED_csv"
TABLES = ("services", "dwellings", "places", "stays", "activities", "absences")


def path(table: str) -> Path:
    return FOLDER / f"INVENTED_{table}.parquet"


def write() -> None:
    """Invent the tables."""
    import numpy as np
    import pandas as pd

    from needs_analysis import services as templates
    from needs_analysis import territory
    from needs_analysis.services.files import schema

    draw = np.random.default_rng(20250101)

    def chosen(codes, size: int, blank: float = 0.0) -> pd.Series:
        names = pd.Series(list(codes), dtype="str")
        code = draw.integers(0, len(names), size)
        return pd.Series(names.array.take(code)).mask(draw.random(size) < blank)

    def dates(days) -> pd.Series:
        return pd.Series(np.asarray(days, dtype="int64").astype("datetime64[D]")).astype(
            "datetime64[ns]"
        )

    def named(prefix: str, numbers) -> pd.Series:
        return pd.Series(numbers).astype("str").str.zfill(7).radd(prefix)

    services = schema.empty("services").reindex(named("S", range(SERVICES)))
    services.index.name = "service_code"
    ambito, rule = (
        chosen([f"Ambito {i}" for i in range(90)], SERVICES),
        chosen(schema.DAY_RULES, SERVICES),
    )
    services["body_name"] = services["service_name"] = schema.INVENTED
    services["service_kind"] = chosen(schema.KINDS, SERVICES).to_numpy()
    services["ambito_name"], services["day_rule"] = ambito.to_numpy(), rule.to_numpy()
    services["absence_rule"] = chosen(schema.ABSENCE_RULES, SERVICES).to_numpy()
    services["daily_fee_eur"] = draw.integers(2000, 9000, SERVICES) / 100
    services["max_stay_days"], services["educators"] = 540.0, 5.0
    services["zero_fee"] = pd.array(draw.random(SERVICES) < 0.1, dtype="boolean")
    services["protected"] = False
    dwellings = schema.empty("dwellings").reindex(named("D", range(PLACES // 4)))
    dwellings.index.name = "dwelling_code"
    dwellings["service_code"] = services.index[np.arange(PLACES // 4) % SERVICES]
    places = schema.empty("places").reindex(named("P", range(PLACES)))
    places.index.name = "place_code"
    home = np.arange(PLACES) % (PLACES // 4)
    places["dwelling_code"], places["state"] = dwellings.index[home], "ready"
    start = np.datetime64("2016-01-01").astype("int64")
    place = draw.integers(0, PLACES, STAYS)
    entry = start + draw.integers(0, 3650, STAYS)
    length = draw.integers(1, 620, STAYS)
    frame = pd.DataFrame({"guest": named("g", draw.integers(0, GUESTS, STAYS))})
    frame["household"] = frame["guest"]
    frame["service_code"] = services.index[home[place] % SERVICES]
    frame["place_code"] = places.index[place]
    frame["target_group"] = chosen(schema.GROUPS, STAYS, 0.02)
    town = home[place] % SERVICES + draw.integers(0, 10, STAYS)  # each service works with ten
    codes = territory.municipalities().index.to_numpy(dtype=object)
    frame["sending_municipality_code"] = pd.Series(codes[town], dtype="str")
    frame["referral_date"] = dates(entry - draw.integers(5, 90, STAYS))
    frame["answer"] = chosen(["accepted"] * 3 + ["refused"], STAYS)
    refused = (frame["answer"] == "refused").to_numpy()
    frame["refusal_reason"] = chosen(schema.REFUSALS, STAYS).where(refused)
    frame["answer_date"] = dates(entry)
    frame["entry_date"] = dates(entry).mask(refused)
    gone = (entry + length) < start + 3650
    frame["exit_date"] = dates(entry + length).where(gone & ~refused)
    frame["destination"] = chosen(schema.DESTINATIONS, STAYS, 0.05).where(gone)
    frame["goals_set"], frame["goals_reached"] = 4.0, draw.integers(0, 5, STAYS) * 1.0
    frame["plan_review_date"] = dates(entry + 180)
    for moment in ("entry", "exit", "6", "12"):
        frame[f"scale_{moment}"] = draw.integers(1, 6, STAYS) * 1.0
    frame["follow_up_6"] = chosen(schema.FOLLOW_UPS, STAYS, 0.1).where(gone)
    frame["follow_up_12"] = chosen(schema.FOLLOW_UPS, STAYS, 0.1).where(gone)
    frame["credit_counselling"] = pd.array(draw.random(STAYS) < 0.2, dtype="boolean")
    frame.index = pd.Index(named("A", range(STAYS)), name="stay_id")
    stays = schema.empty("stays").reindex(frame.index).assign(**frame)
    some = np.sort(draw.integers(0, STAYS, STAYS // 5))
    activities = pd.DataFrame({"stay_id": stays.index[some], "date": dates(entry[some] + 10)})
    activities["area"] = chosen(schema.AREAS, len(some))
    activities["hours"] = draw.integers(1, 9, len(some)) / 2
    activities["volunteer"] = pd.array(draw.random(len(some)) < 0.3, dtype="boolean")
    absences = pd.DataFrame({"stay_id": stays.index[some], "from_date": dates(entry[some] + 5)})
    absences["to_date"] = dates(entry[some] + 8)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    made = (services, dwellings, places, stays, activities, absences)
    tables = dict(zip(TABLES, made, strict=True))
    templates.create_key(KEY)
    templates.write_filled(CSV, tables, title=schema.INVENTED, as_csv=True)
    for table, one in tables.items():
        one.to_parquet(path(table))


def peak() -> float:
    """Return the most resident memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def read() -> None:
    """Read the CSV files of the templates; print the seconds of each part and the peak."""
    started = time.perf_counter()
    from needs_analysis import services

    imported = time.perf_counter()
    (folder,) = CSV.iterdir()
    services.read_register(folder)
    stays = services.read_stays(folder, KEY)
    ended = time.perf_counter()
    print(imported - started, ended - imported, 0, peak(), len(stays.stays))


def capacity() -> None:
    """Search the places two groups need; print the seconds of each part and the peak."""
    started = time.perf_counter()
    from needs_analysis.services import Arrivals, StayLength, places_needed

    imported = time.perf_counter()
    asked = [Arrivals("violence", 9), Arrivals("eviction_order", 12)]
    found = places_needed(asked, StayLength.uniform(183, 548))
    ended = time.perf_counter()
    print(imported - started, 0, ended - imported, peak(), len(found.tried))


def monitor() -> None:
    """Read the tables and monitor three years; print the seconds of each part and the peak."""
    started = time.perf_counter()
    import pandas as pd

    from needs_analysis.services.files.schema import Period, Register, Stays
    from needs_analysis.services.measures import monitoring

    imported = time.perf_counter()
    tables = [pd.read_parquet(path(table)) for table in TABLES]
    register, stays = Register(*tables[:3]), Stays(*tables[3:])
    read = time.perf_counter()
    found = monitoring.monitor(register, stays, Period("2022-01-01", "2024-12-31"))
    ended = time.perf_counter()
    print(imported - started, read - imported, ended - read, peak(), len(found.measures))


def measure(part: str) -> list[float]:
    """Return whole and CPU seconds of a process, then what it printed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, part], stdout=subprocess.PIPE, text=True, check=True
    )
    whole, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [whole, cpu, *map(float, done.stdout.split())]


def main() -> None:
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores,")
    if not CSV.exists() or not all(path(table).exists() for table in TABLES):
        write()
    print(f"{RUNS} runs; load at the start {os.getloadavg()[0]:.1f}\n")
    heads = ["part", "median s", "min s", "max s", "CPU s", "import s", "read s", "compute s"]
    heads += ["peak MB", "made"]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    rows = []
    for part in PARTS:
        whole, *parts = zip(*(measure(part) for _ in range(RUNS)), strict=True)
        cpu, imported, read, computed, most, made = parts
        seconds = [statistics.median(whole), min(whole), max(whole)]
        seconds += [statistics.median(one) for one in (cpu, imported, read, computed)]
        cells = [part, *(f"{one:.2f}" for one in seconds), f"{max(most):.0f}", f"{made[0]:,.0f}"]
        print(f"| {' | '.join(cells)} |", flush=True)
        said = f"{statistics.median(cpu):.1f} CPU s, {max(most):.0f} MB"
        rows.append(Row(f"a million stays: {part}", said, limit=LIMITS.get(part, "")))
    hand(__file__, rows)
    print("\nMade: stays read, figures of three years, numbers of places simulated.")


if __name__ == "__main__":
    if sys.argv[1:]:
        {"read": read, "monitor": monitor, "capacity": capacity}[sys.argv[1]]()
    else:
        main()
