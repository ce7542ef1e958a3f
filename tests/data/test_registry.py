"""The registry: every entry is complete in two languages, recognises its own files and has an adapter."""

from __future__ import annotations

import re
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from evalkit.data.reading import recognise
from evalkit.data.reference import PAGE, page
from evalkit.data.registry import refused_files, registry
from evalkit.data.registry_schema import load_dataset
from evalkit.errors import DataError

OFFICIAL = {
    "anct_posts", "cget_zonings", "dvf_qpv_aggregated", "eu_common_indicators", "hackaviz_qpv_2021", "ign_contours",
    "insee_bpe_commune", "insee_filosofi_commune", "insee_filosofi_epci", "insee_filosofi_median_commune", "insee_itdd",
    "insee_qpv_census_2010", "insee_qpv_income", "insee_qpv_list", "rna_associations_commune", "sdes_rpls_iris",
    "sdes_rpls_qpv",
}  # fmt: skip


def test_the_registry_holds_the_data_sets() -> None:
    assert {item.id for item in registry().values() if not item.synthetic} == OFFICIAL
    assert list(registry()) == sorted(registry())


@pytest.mark.parametrize("dataset", sorted(OFFICIAL))
def test_an_entry_is_complete(dataset: str) -> None:
    item = registry()[dataset]
    for text in (item.title, item.publisher_label, *item.caveats, *(spec.help for spec in item.files)):
        assert text.fr
        assert text.en
        assert not re.search(r" [:;!?%»]", text.fr), "a French sign stands behind a space that does not break"
    module, name = item.adapter.split(":")
    assert list(signature(getattr(import_module(module), name)).parameters) == ["files", "dataset"]
    for spec in item.files:
        assert not spec.key_pattern or re.fullmatch(spec.key_pattern, spec.key_example)
        assert not spec.key or spec.key in spec.columns


def test_the_official_panel_is_preferred_to_the_compilation() -> None:
    assert registry()["insee_qpv_income"].priority < registry()["hackaviz_qpv_2021"].priority


def test_one_list_of_districts() -> None:
    lists = [
        (key, item.reference_lists) for key, item in registry().items() if item.reference_lists and not item.synthetic
    ]
    assert lists == [("insee_qpv_list", (("qpv", "2015"),))]


def test_every_real_file_is_recognised_as_its_own_data_set(shared_data: Path) -> None:
    found = {
        path.name: recognise(path)[0].dataset
        for path in sorted(shared_data.glob("*/*.*"))
        if path.suffix in {".csv", ".xls", ".geojson", ".topojson"} and recognise(path)
    }
    assert found["qpv_revenus_panel.csv"] == "insee_qpv_income"
    assert found["qpv_liste_2015.csv"] == "insee_qpv_list"
    assert found["demographie_2010_qpv.xls"] == found["demographie_2010_regions.csv"] == "insee_qpv_census_2010"
    assert found["qp.csv"] == found["qp.geojson"] == "hackaviz_qpv_2021"
    assert found["rpls_qpv.csv"] == "sdes_rpls_qpv"
    assert found["rpls_iris_languedoc_roussillon.csv"] == "sdes_rpls_iris"
    assert found["filosofi_communes.csv"] == "insee_filosofi_commune"
    assert found["filosofi_epci.csv"] == "insee_filosofi_epci"
    assert found["ITDD-DonneesDetaillees_modif.xls"] == found["itdd_long.csv"] == "insee_itdd"
    assert found["epci_2025.topojson"] == found["communes-34-herault.geojson"] == "ign_contours"
    assert found["cv.topojson"] == "cget_zonings"
    assert "dictionnaire_qpv.csv" not in found
    assert "04_ess_flag_insee.csv" not in found


def test_a_derived_table_is_known_and_refused(shared_data: Path) -> None:
    path = shared_data / "insee_qpv_revenus_2012_2021" / "tendance_moyenne_qpv_vs_controle.csv"
    (found,) = recognise(path)
    assert "statistique officielle" in (found.refused.fr or "")
    assert found.dataset not in registry()
    assert [item.id for item in refused_files()] == [found.dataset]


def test_adding_the_derived_table_says_why_not(shared_data: Path) -> None:
    from evalkit.data.adapters.insee_qpv_income import read
    from evalkit.data.delivery import source_files

    path = shared_data / "insee_qpv_revenus_2012_2021" / "tendance_moyenne_qpv_vs_controle.csv"
    with pytest.raises(DataError, match="EVK-DATA-028"):
        read(source_files([path]), registry()["insee_qpv_income"])


def test_a_bad_entry_is_refused_with_all_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("id: bad\ntitle: {fr: a}\nunknown: 1\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_dataset(path)
    paths = {problem.path for problem in caught.value.problems}
    assert {"$.title.en", "$.unknown", "$.producer"} <= paths


def test_the_reference_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m evalkit.data.reference`"
