"""Command lines that a help shows: they can be copied, and every option in them is one there is."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "brief": (
        'brief "ambito:Carate Brianza" --out carate',
        "brief comune:Catania --codes-on 2026-01-01",
    ),
    "sheet": ('sheet "ambito:Carate Brianza" --out schede',),
    "site": ('site "ambito:Carate Brianza" --out sito',),
    "run": ("run carate/study.toml --out di-nuovo",),
    "atlas": ("atlas regione:Lombardia --by ambito --jobs 2 --out atlante",),
    "map": (
        "map provincia:MB --out monza.html",
        "map comune:Milano --theme clusters",
    ),
    "tables": (
        "tables provincia:MB --out monza.xlsx",
        "tables comune:Rho --names --out nomi.csv",
        "tables comune:Rho --template mio.xlsx --study rho/study.toml --out rho.xlsx",
    ),
    "index": ("index provincia:MB --spec docs/indice_0_1_0.toml",),
    "patterns": ("patterns regione:Sardegna --of rent_to_income_ratio --out canoni.xlsx",),
    "indicators": (
        "indicators provincia:MB --out monza.csv",
        "indicators 108033,108012 --csv plain",
    ),
    "areas": ("areas carate",),
    "codebook": ("codebook --format xlsx --out codebook.xlsx",),
    "trace": ("trace comune:Monza rent_to_income_ratio",),
    "data status": ("data status",),
    "data add": ("data add scaricati",),
    "data remove": ("data remove rents 2025/2",),
    "data fetch": ("data fetch mef_incomes --year 2022 --dry-run",),
    "data query": ("data query famiglie.toml --out famiglie.csv",),
    "data compile": ("data compile --national",),
    "needs estimate": (
        "needs estimate comune:Rho",
        'needs estimate "ambito:Carate Brianza" --own modello_conteggi.xlsx --out bisogno.xlsx',
    ),
    "needs template": ("needs template --out modelli",),
    "needs compare": ("needs compare comune:Rho comune:Pero",),
    "plan template": ('plan template "ambito:Carate Brianza" --kind annual --out piano.xlsx',),
    "plan draft": (
        'plan draft "ambito:Carate Brianza" --kind annual --year 2027 --input piano.xlsx',
        "plan draft comune:Catania --kind zone --out zona",
    ),
    "policies list": (
        'policies list "ambito:Carate Brianza"',
        "policies list --region Puglia",
    ),
    "policies simulate": ('policies simulate "ambito:Carate Brianza" --policies p.toml',),
    "policies optimise": ('policies optimise "ambito:Carate Brianza" --budget 200000',),
    "services template": ("services template --out modelli",),
    "services key": ("services key chiave/servizi.key",),
    "services example": ("services example --out prova",),
    "services check": ("services check prova --key chiave/servizi.key",),
    "services monitor": (
        "services monitor prova --key chiave/servizi.key --period 2025 --out servizi.xlsx",
    ),
    "services diff": (
        "services diff vecchi nuovi --key chiave/servizi.key --period 2025 --out cambi.xlsx",
    ),
    "services deliveries": ("services deliveries --key chiave/servizi.key",),
    "services hmis": ("services hmis esportati --key chiave/servizi.key --out convertiti",),
    "services capacity": ("services capacity --requests 40 --stay-days 300",),
    "services siting": ("services siting ambito:Monza --new 2",),
}
"""By the words of a command: what is written behind the program's name."""
