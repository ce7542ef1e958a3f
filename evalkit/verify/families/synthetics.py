"""Synthetic control and synthetic differences: Proposition 99, the Basque Country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.stats import did, synthetic_control, synthetic_did
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.answers import lines, told
from evalkit.verify.case import Answers, Case, Column, Gap, filed, printed, series

if TYPE_CHECKING:
    from evalkit.verify.reading import Reference

SMOKING, PLACEBOS, BASQUE = (
    "prop99/california_prop99.csv",
    "prop99/R_synthdid_placebo_estimates.csv",
    "basque/basque.csv",
)
CALIFORNIA: dict[str, Any] = {
    "outcome": "PacksPerCapita",
    "unit": "State",
    "time": "Year",
    "treated": "treated",
    "start": 1989,
}
HOME, DONORS = "Basque Country (Pais Vasco)", {"Cataluna": "Catalonia", "Madrid (Comunidad De)": "Madrid"}


def _differences(reference: Reference) -> Answers:
    rows = reference.table(SMOKING, sep=";")
    found = synthetic_did(rows, **CALIFORNIA)
    assert found.table is not None
    placebos = found.table[found.table["kind"] == "placebo"]["value"].to_numpy()
    published = reference.table(PLACEBOS)["placebo"].to_numpy()
    first = rows.assign(first=rows["State"].map({"California": 1989.0}))
    plain = did(first, outcome="PacksPerCapita", unit="State", time="Year", first_treated="first", method="twfe")
    return {
        "SDID": told(found),
        "DID": told(plain),
        "R_synthdid_placebo_estimates": {"placebos": Column(published, placebos)},
        **lines(found.table, kind="unit_weight"),
        **lines(found.table, kind="time_weight"),
    }


def _control(reference: Reference) -> Answers:
    found = synthetic_control(reference.table(SMOKING, sep=";"), **CALIFORNIA)
    weights = {name: {"weight": row["value"]} for name, row in lines(found.table, kind="weight").items()}
    gaps = lines(found.table, kind="gap")
    return {"SC": told(found), "2000": {"gap": gaps["2000"]["value"]}, **weights}


def _basque(reference: Reference) -> Answers:
    """Fit the two published donors on the published years, 1960 to 1969: the outcome alone then gives the published weights."""
    rows = reference.table(BASQUE)
    rows = rows[(rows["year"] >= 1960) & rows["regionname"].isin([HOME, *DONORS])]
    found = synthetic_control(rows, outcome="gdpcap", unit="regionname", time="year", treated=HOME, start=1970)
    weights = {DONORS[name]: {"weight": row["value"]} for name, row in lines(found.table, kind="weight").items()}
    gaps = {int(year): row["value"] for year, row in lines(found.table, kind="gap").items()}
    level = rows[rows["regionname"] == HOME].set_index("year")["gdpcap"]
    shares = [100 * gap / (level[year] - gap) for year, gap in gaps.items() if 1980 <= year <= 1990]
    late = [gap for year, gap in gaps.items() if 1975 <= year <= 1997]
    return {
        **weights,
        "1975-1997": {"gap": sum(late) / len(late)},
        "1980-1990": {"gap_percent": sum(shares) / len(shares)},
    }


CASES = (
    Case(
        "prop99_sdid",
        "synthetic",
        msg("Proposition 99 and cigarettes (synthetic differences)"),
        "Arkhangelsky et al. (2021) AER, Table 1; R synthdid, source run for the digits beyond the first",
        _differences,
        (
            *printed("SDID", value="-15.6038278727", se="9.4968"),
            *printed("DID", value="-27.3491110836"),
            filed("R_synthdid_placebo_estimates", "placebos", 1e-6, words.README),
            *series(
                "Nevada|New Hampshire|Connecticut|Delaware|Colorado|1986|1987|1988",
                value="0.124489 0.105048 0.078287 0.070368 0.057513 0.366471 0.206453 0.427076",
            ),
        ),
        (
            Gap("SDID, SC, DID", "se", "8.4, 9.9, 17.7", words.RANDOM_DRAWS),
            Gap("MC, DIFP", "value", "-20.2 (11.5), -11.1 (9.5)", words.NOT_OFFERED),
            Gap("1989-2000", "gap", "-4.845 … -24.485", words.NOT_REPORTED),
        ),
        needs=(SMOKING, PLACEBOS),
    ),
    Case(
        "prop99_sc",
        "synthetic",
        msg("Proposition 99 and cigarettes (synthetic control)"),
        "Arkhangelsky et al. (2021) AER, Table 1; convex programme solved by cvxpy",
        _control,
        (
            *printed("SC", value="-19.6", within=0.15, because=words.README),
            *printed("SC", value="-19.5136297684", rank="3"),
            *printed("2000", gap="-26.5966"),
            *series(
                "Utah|Montana|Nevada|Connecticut|New Hampshire|Colorado",
                weight="0.3939 0.2318 0.2049 0.1091 0.0454 0.0148",
            ),
        ),
        (
            Gap(
                "Abadie, Diamond & Hainmueller (2010)",
                "weight",
                "0.334 0.234 0.199 0.164 0.069; gap in 2000 -26",
                words.NO_COVARIATES,
            ),
        ),
        needs=(SMOKING,),
    ),
    Case(
        "basque",
        "synthetic",
        msg("Terrorism and the Basque economy (synthetic control of the two published donors)"),
        "Abadie & Gardeazabal (2003) AER; pysyncon, examples/basque.ipynb",
        _basque,
        (
            *series("Catalonia|Madrid", weight="0.8508 0.1492"),
            *printed("1975-1997", gap="-0.69956", within=1e-3, because=words.README),
            *printed("1980-1990", gap_percent="-10.04"),
        ),
        (Gap("16 donors", "weight", "0.851 0.149 (ATT se 0.07078)", words.PREDICTOR_WEIGHTS),),
        needs=(BASQUE,),
    ),
)
