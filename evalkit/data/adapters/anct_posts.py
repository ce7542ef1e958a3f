"""ANCT, adulte-relais and Fonjep posts of the politique de la ville by contract, 2020 to 2023, and the list of contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from evalkit.data.adapters.observe import Setting, ordered, rows_of
from evalkit.data.adapters.places import Place, parents_of_department, territory_frame
from evalkit.data.adapters.tables import Opened, add_counts, drawn, joined, left_aside, left_out, noted
from evalkit.data.codes import COMPOSITE_CONTRACT, NO_DENOMINATOR, PARTS_JOINED
from evalkit.data.delivery import OPERATION_COLUMNS, TERRITORY_COLUMNS, Delivery, SourceFile, frame
from evalkit.data.reading import Table, check_unique, read_numbers, read_years
from evalkit.data.registry import Dataset
from evalkit.errors import Problem
from evalkit.model.territory import Parent
from evalkit.text import Quantity, msg

LEVEL, GEOGRAPHY = "contract", "2015"
RELAIS = "adulte-relais"
FUNDERS = {RELAIS: "ANCT", "fonjep": "ANCT (Fonjep)"}
COMPOSITE = r"(?:CV\d{3}){2,}"


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the posts by contract (a rate), the contracts with their population (territories), the single posts (operations)."""
    opened = Opened(files, dataset)
    population, places, problems = _contracts(opened)
    tables = opened.tables("posts")
    vintage = dataset.vintage or ""
    observed = [_rates(table, population, dataset, vintage) for table in tables]
    details = opened.tables("detail")
    operations = [_operations(table, dataset, vintage) for table in details]
    consequence = msg("the rate for 10,000 inhabitants is missing")
    used = ["dispositif", "annee", "insee_reg", "insee_dep", "code_cv", "nb_postes"]
    composites = {code: _composite(code) for table in tables for code in table.frame["code_cv"] if len(code) > 5}
    places = [*places, *(composites[code] for code in sorted(composites))]
    file = opened.given[0].file
    return Delivery(
        vintage,
        ordered(joined([part[0] for part in observed])) if observed else Delivery(vintage).observations,
        territory_frame(places, dataset, vintage, file) if places else frame(TERRITORY_COLUMNS),
        joined([part[0] for part in operations]) if operations else frame(OPERATION_COLUMNS),
        problems=(
            *opened.problems(),
            *problems,
            *(opened.not_given("contracts", consequence) if tables else ()),
            *(problem for part in (*observed, *operations) for problem in part[1]),
        ),
        skipped=add_counts(
            *(left_aside(table, used) for table in tables), *(_other_schemes(table) for table in tables)
        ),
    )


def _contracts(opened: Opened) -> tuple[dict[str, float], list[Place], tuple[Problem, ...]]:
    """Return the population in priority districts of each contract; a contract over two departments is one, its parts are added."""
    population: dict[str, float] = {}
    places: dict[str, Place] = {}
    again: list[str] = []
    for given in opened.role("contracts"):
        for feature, code in zip(*drawn(given, opened.dataset), strict=True):
            population[code] = population.get(code, 0.0) + float(feature.properties.get("pop") or 0.0)
            place = _contract(code, feature.properties, feature.geometry)
            if code in places:
                again.append(code)
                place = _both(places[code], place)
            places[code] = place
    return population, list(places.values()), _shared(again, opened)


def _shared(codes: Sequence[str], opened: Opened) -> tuple[Problem, ...]:
    if not codes:
        return ()
    values = {"count": Quantity(len(codes), "count"), "codes": sorted(codes)}
    return (Problem(PARTS_JOINED, values, opened.role("contracts")[0].file.name),)


def _contract(code: str, properties: Mapping[str, Any], geometry: Mapping[str, Any] | None) -> Place:
    holder = str(properties.get("codgeo") or "")
    level = "commune" if len(holder) == 5 else "epci"
    own = (Parent(level, holder, GEOGRAPHY, None),) if holder else ()
    parents = (*own, *parents_of_department(str(properties.get("insee_dep") or "")))
    point = None
    if geometry is not None and geometry.get("type") == "Point":
        longitude, latitude = geometry["coordinates"][:2]
        point = (round(float(longitude), 6), round(float(latitude), 6))
    return Place(code, LEVEL, GEOGRAPHY, properties.get("lib_cv"), parents, ("contrat_de_ville",), point=point)


def _both(first: Place, second: Place) -> Place:
    """Return one contract out of its parts in two departments; how much lies in each is not known."""
    shared = set(first.parents) & set(second.parents)
    parents = [
        Parent(p.level, p.code, p.geography, p.share if p in shared else None)
        for p in dict.fromkeys((*first.parents, *second.parents))
    ]
    return Place(first.code, LEVEL, GEOGRAPHY, first.name, tuple(parents), first.tags, point=first.point)


def _composite(code: str) -> Place:
    return Place(code, LEVEL, GEOGRAPHY, None, (), ("composite", "contrat_de_ville"))


def _rates(
    table: Table, population: Mapping[str, float], dataset: Dataset, vintage: str
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Return adulte-relais posts for 10,000 inhabitants of priority districts."""
    check_unique(table, ["dispositif", "annee", "insee_dep", "code_cv"])
    without = table.frame["code_cv"] == ""
    mine = table.where(~without & (table.frame["dispositif"] == RELAIS))
    posts = read_numbers(mine, "nb_postes")["value"]
    sums = posts.groupby([mine.frame["code_cv"], read_years(mine, "annee")]).sum()
    contracts = Table(table.file, sums.index.to_frame(index=False), pd.Series(dtype="int64"))
    count = pd.Series(sums.to_numpy(), dtype="float64")
    code = contracts.frame["code_cv"]
    people = code.map(population).astype("float64")
    known = people > 0
    composite = code.str.fullmatch(COMPOSITE)
    note = pd.Series(None, index=code.index, dtype="object").mask(~known, NO_DENOMINATOR.id)
    note = note.mask(composite, COMPOSITE_CONTRACT.id)
    status = known.map({True: "published", False: "missing"})
    setting = Setting(code, LEVEL, GEOGRAPHY, dataset, vintage, contracts.frame["annee"])
    rows = rows_of(contracts, setting, "em_relais", "none", (10_000 * count / people).where(known), status, note)
    rows = rows.assign(numerator=count, denominator=people.where(known))
    return rows, (
        *table.problems,
        *left_out(table, int(without.sum()), msg("they name no contract"), "$.code_cv"),
        *noted(COMPOSITE_CONTRACT, ["code_cv"], int(composite.sum()), table),
        *noted(NO_DENOMINATOR, ["code_cv"], int((~known & ~composite).sum()), table),
    )


def _other_schemes(table: Table) -> dict[str, int]:
    """Return how many rows belong to schemes that no indicator measures."""
    other = table.frame.loc[table.frame["dispositif"] != RELAIS, "dispositif"]
    return {f"dispositif={name}": int(count) for name, count in other.value_counts().items()}


def _operations(table: Table, dataset: Dataset, vintage: str) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Return one operation for each post and year: an active convention, at its theoretical yearly cost."""
    check_unique(table, ["dispositif", "annee", "id_poste"])
    kept = table.where(table.frame["code_cv"] != "")
    columns = kept.frame
    scheme = columns["dispositif"]
    data = {
        "id": read_years(kept, "annee") + "-" + scheme + "-" + columns["id_poste"],
        "territory": columns["code_cv"],
        "level": LEVEL,
        "geography": GEOGRAPHY,
        "programme": "politique_de_la_ville",
        "family": scheme.str.replace("-", "_"),
        "label": columns["raison_sociale"],
        "unit": "jobs",
        "committed": 1.0,
        "cost_planned": read_numbers(kept, "montant")["value"],
        "funder": scheme.map(FUNDERS).fillna("ANCT"),
        "source": dataset.id,
        "vintage": vintage,
        "file_sha256": table.file.sha256,
    }
    rows = frame(OPERATION_COLUMNS, pd.DataFrame(data, index=columns.index))
    without = left_out(table, len(table.frame) - len(columns), msg("they name no contract"), "$.code_cv")
    return rows.sort_values("id", kind="stable").reset_index(drop=True), (*table.problems, *without)
