"""What may be wrong with a policy, a budget or a floor."""

from __future__ import annotations

from needs_analysis.errors import Messages, Refused
from needs_analysis.words import N_


class PoliciesError(Refused):
    """Policies, budgets or floors that cannot be as they are given."""


problem = Messages(
    "policies",
    {
        "unknown": N_("la misura «{policy}» non è nel catalogo; quelle che ci sono: {known}"),
        "out": N_("la misura {policy} quel giorno qui non si può usare: {why}; per guardarla lo "
                  "stesso va scritta in «include»"),
        # amounts
        "below_zero": N_("{name} è {found}: non può essere sotto zero"),
        "within": N_("dentro una fascia non si paga «{found}»: i modi che ci sono: {known}"),
        "side": N_("lato «{found}»: quelli che ci sono: {known}"),
        "no_number": N_("{policy}: manca un parametro, «{slot}»"),
        "months": N_("i mesi pagati sono {found}: devono stare fra 0 e 12"),
        "amount": N_("«{name}» è {found}: deve essere un importo in euro, da 0 a mille miliardi"),
        "share": N_("«{name}» è {found}: deve essere una quota fra 0 e 1, 1 escluso"),
        "among": N_("«{name}»: {found} non è fra {known}"),
        "why": N_("{words}"),
        # what a budget is to buy
        "no_cells": N_("non c'è nessuna famiglia in bisogno stimata: manca da chi cominciare"),
        "outcome_or_weights": N_("si dice un esito o i pesi degli esiti, non tutti e due"),
        "outcomes": N_(
            "le misure hanno esiti diversi ({found}), che non si sommano: sceglierne uno o dare i pesi"
        ),
        "weight": N_("il peso di {outcome} è {found}: deve essere un numero sopra zero"),
        "no_effect": N_("nessuna delle misure {policies} ha un effetto noto su {outcomes}"),
        "costed_only": N_("non se ne conosce l'effetto, se ne calcola solo il costo"),
        "uncounted": N_("manca il conteggio delle famiglie a cui risponde: chiederlo agli uffici"),
        "nobody_here": N_("qui non raggiunge nessuna famiglia"),
        "cost_unknown": N_("qui non se ne conosce il costo"),
        "free": N_("qui non costa nulla: si può fare senza che il bilancio la scelga"),
        "free_in_part": N_(
            "dove aiutare una famiglia non costa nulla non è contata: lì il bilancio non la decide"
        ),
        "other_outcome": N_("altro esito ({outcome}), che non si somma"),
        "nothing_known": N_(
            "nessuna delle misure che si possono usare ha un effetto noto su qualcuno qui: non c'è "
            "niente da scegliere"
        ),
        "no_total": N_("manca il bilancio: darlo con --budget o con «budget_eur»"),
        "euros": N_("il bilancio «{found}» non si capisce: si scrive senza punti, 200000 o 200000,50"),
        "of_a_study": N_(
            "«{key}» qui non si usa: sta in uno studio, nella tabella [policies]; togliere la riga "
            "(le misure dell'ufficio si guardano con «policies list --measures»)"
        ),
        "no_budget": N_("nessuna misura ha un bilancio: darne uno in euro o in famiglie"),
        "eur_or_households": N_("{policy}: il bilancio è in euro o in famiglie, uno solo dei due"),
        "households": N_("«{name}» è {found}: deve essere un numero di famiglie, da 0 in su"),
        "draws": N_("le prove sono {found}: deve essere un numero da 0 in su"),
        # what a budget does not do
        "nobody_left": N_("non resta nessuna famiglia da aiutare"),
        "fixed_over": N_("aprirla costa {fixed} euro e il bilancio è di {budget}: non aiuta nessuno"),
        "too_little": N_("il bilancio non basta per una famiglia"),
        "under_scale": N_("il bilancio non basta per la misura più piccola che si può fare ({least})"),
        "left_over": N_("avanzano {euro} euro: le famiglie che può raggiungere sono finite"),
        "dear": N_(
            "ogni famiglia che esce dal bisogno costa più di {ratio} volte quella della misura che qui "
            "rende di più. Anche lasciare dei soldi è una risposta: con un bilancio più piccolo la "
            "scelta si ferma prima"
        ),
        "no_cost": N_("il costo qui non si calcola"),
        "no_cost_of": N_("«{policy}» non ha una regola di costo: non si può mettere a bilancio"),
        "no_count_of": N_("«{policy}»: manca il conteggio di {groups}: chiederlo agli uffici"),
        # floors
        "floor": N_("il minimo per {floor} è {found}: deve essere un numero di famiglie, da 0 in su"),
        "floor_unknown": N_("il minimo per {floor}: non è un comune dell'area né un gruppo"),
        "no_count": N_("manca il conteggio di {group}: chiederlo agli uffici"),
        "floor_beyond": N_(
            "il minimo per {floor} è di {least} famiglie, le misure ne raggiungono al massimo {most}"
        ),
        "floor_of_others": N_(
            "il minimo per {floor} lo raggiungono le misure con un altro scopo ({outcomes}): chiedere "
            "quello in «outcome», o i pesi di più scopi in «weights»"
        ),
        "unmet": N_("scopo «{outcome}», senza risposta: {why}"),
        "floor_dear": N_(
            "il minimo per {floor} ({least} famiglie) costa almeno {cost} euro e il bilancio è di "
            "{budget}: mancano {lacking} euro"
        ),
        "floors_dear": N_(
            "i minimi per {floors} costano insieme almeno {cost} euro e il bilancio è di {budget}: "
            "mancano {lacking} euro"
        ),
        "floors_never": N_(
            "i minimi per {floors} non si raggiungono coi bilanci dati alle singole misure"
        ),
        # the catalogue itself
        "predicate": N_(
            "{policy}, «eligibility»: la condizione {number} deve dire una cosa sola fra {known}, con "
            "quello che le serve"
        ),
        "no_row": N_("{policy}, «{field}»: parameters.csv non ha la riga «{row}»"),
        "no_entry": N_("{policy}, «incompatible_with»: {other} non è nel catalogo"),
        "one_way": N_("{policy}, «incompatible_with»: {other} non dice lo stesso di {policy}"),
        "funding_days": N_("{policy}, «funding»: i periodi non sono in fila, o uno finisce prima di "
                           "cominciare"),
        "valid_days": N_("{policy}: «valid_to» viene prima di «valid_from»"),
        # what exists
        "no_measures": N_("non è una tabella di misure locali: mancano le colonne {columns}"),
        # where and when
        "no_component": N_("la componente «{found}» non c'è; quelle che ci sono: {known}"),
        "no_group": N_("il gruppo «{found}» non c'è; quelli che ci sono: {known}"),
        "region": N_("la regione «{region}» non c'è; quelle che ci sono: {known}"),
        "region_near": N_("la regione «{region}» non c'è: forse «{near}»"),
    },
    amounts=True,
)  # fmt: skip
