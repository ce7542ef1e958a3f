"""Where the official files lie, and how a test reads them: through the registry, as the warehouse does."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pandas as pd

from evalkit.data.delivery import Delivery, source_files
from evalkit.data.registry import registry

FILES: dict[str, tuple[str, ...]] = {
    "insee_qpv_income": ("insee_qpv_revenus_2012_2021/qpv_revenus_panel.csv",),
    "insee_qpv_list": ("insee_qpv_revenus_2012_2021/qpv_liste_2015.csv",),
    "insee_qpv_census_2010": ("insee_qpv_demographie_rp2010/demographie_2010_qpv.xls",),
    "hackaviz_qpv_2021": (
        "hackaviz2021_qpv_occitanie/qp.csv",
        "hackaviz2021_qpv_occitanie/qp.geojson",
        "hackaviz2021_qpv_occitanie/communes.geojson",
    ),
    "dvf_qpv_aggregated": ("hackaviz2021_qpv_occitanie/dvf_qpv_agrege.csv",),
    "sdes_rpls_qpv": ("sdes_rpls_2022/rpls_qpv.csv",),
    "sdes_rpls_iris": ("sdes_rpls_2022/rpls_iris_languedoc_roussillon.csv",),
    "insee_filosofi_commune": ("insee_filosofi_communes_epci/filosofi_communes.csv",),
    "insee_filosofi_epci": ("insee_filosofi_communes_epci/filosofi_epci.csv",),
    "insee_filosofi_median_commune": ("insee_filosofi_communes_epci/filosofi_revenu_2019.csv",),
    "rna_associations_commune": ("insee_filosofi_communes_epci/associations_communes.csv",),
    "insee_bpe_commune": ("insee_filosofi_communes_epci/bpe_communes.csv",),
    "insee_itdd": ("insee_itdd_2016/itdd_long.csv",),
    "anct_posts": (
        "anct_postes_politique_ville/postes_par_contrat_de_ville.csv",
        "anct_postes_politique_ville/contrats_de_ville_centroides.geojson",
        "anct_postes_politique_ville/postes_languedoc_roussillon_detail.csv",
    ),
    "cget_zonings": tuple(
        f"cget_zonages_2020/{name}" for name in ("zonages_liste.csv", "cv.topojson", "zfu.topojson", "acv.topojson")
    ),
    "ign_contours": tuple(
        f"ign_contours/{name}"
        for name in (
            "communes-34-herault.geojson",
            "communes-48-lozere.geojson",
            "departements-version-simplifiee.geojson",
            "epci_2025.topojson",
            "metropole-version-simplifiee.geojson",
        )
    ),
    "eu_common_indicators": ("eu_common_indicators_2021_2027/common_indicators.csv",),
}
FORMER_REGION = ("QP011", "QP030", "QP034", "QP048", "QP066")

Read = Callable[..., Delivery]
Write = Callable[[str, str | bytes], Path]


def read_files(dataset: str, *paths: Path) -> Delivery:
    """Read files as a data set."""
    entry = registry()[dataset]
    module, name = entry.adapter.split(":")
    delivery: Delivery = getattr(import_module(module), name)(source_files(paths), entry)
    return delivery


def one(delivery: Delivery, territory: str, indicator: str, period: str, breakdown: str = "none") -> pd.Series:
    """Return the one observation of a key."""
    rows = delivery.observations
    found = rows[
        (rows["territory"] == territory)
        & (rows["indicator"] == indicator)
        & (rows["period"] == period)
        & (rows["breakdown"] == breakdown)
    ]
    assert len(found) == 1, found
    return found.iloc[0]
