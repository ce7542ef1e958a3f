"""The shipped catalogue: complete, consistent with the field's reference list, and honest where the field is known to go wrong."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path

import pytest

from evalkit.catalogue import Catalogue, load_catalogue, nearest, read_catalogue
from evalkit.catalogue import loader as loader_module
from evalkit.catalogue.consistency import MULTIPLIERS
from evalkit.model.indicator import Indicator
from evalkit.model.texts import LocalText
from evalkit.text.units import UNITS

TABLE = Path(__file__).parent / "core_indicators.csv"
REFERENCE = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
DATA_SETS = {
    "anct_posts", "cget_zonings", "dvf_qpv_aggregated", "dvf_sales", "hackaviz_qpv_2021", "insee_bpe_commune",
    "insee_filosofi_commune", "insee_filosofi_epci", "insee_filosofi_median_commune", "insee_itdd",
    "insee_qpv_census_2010", "insee_qpv_income", "insee_qpv_list", "rna_associations_commune", "sdes_rpls_iris",
    "sdes_rpls_qpv",
}  # fmt: skip
SUPPORTING = {
    "ec_etab_n", "em_de_abcde", "em_de_abcde_f", "ess_cost_job", "ess_jobs_n", "ess_structures_n", "ess_survie5",
    "ho_ls", "ho_rpls_vac", "in_d1", "in_d9", "in_med_decl", "in_menages", "in_personnes", "lv_equip_n", "ur_d1_share",
}  # fmt: skip
FILOSOFI_BREAKS = ["2016", "2018", "2019", "2020", "2021"]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def texts(indicator: Indicator) -> list[LocalText]:
    named = [getattr(indicator, name) for name in ("label", "short_label", "definition", "numerator", "denominator")]
    named += [getattr(indicator, name) for name in ("population", "rationale", "question", "source_label")]
    return [text for text in [*named, *indicator.caveats, *(b.reason for b in indicator.breaks)] if text]


def test_the_reference_list_is_complete(catalogue: Catalogue) -> None:
    assert sorted(catalogue.core) == sorted(row["id"] for row in REFERENCE)
    assert len(catalogue.core) == 80
    assert set(catalogue) - set(catalogue.core) == SUPPORTING


@pytest.mark.parametrize("row", REFERENCE, ids=[row["id"] for row in REFERENCE])
def test_an_indicator_agrees_with_the_reference_list(row: dict[str, str], catalogue: Catalogue) -> None:
    indicator = catalogue[row["id"]]
    assert indicator.unit == row["unit"]
    assert indicator.polarity == row["polarity"]
    assert indicator.interval_method == row["interval"]
    assert set(row["levels"].split()) <= set(indicator.levels)


def test_the_reference_list_is_still_the_one_of_the_field(shared_data: Path) -> None:
    path = shared_data.parent / "domain" / "indicators.csv"
    with path.open(encoding="utf-8") as handle:
        published = {row["id"]: row["direction"] for row in csv.DictReader(handle)}
    ours = {row["id"]: row["polarity"].replace("delivery", "up (delivery)") for row in REFERENCE}
    assert ours == published


def test_every_text_is_written_in_both_languages(catalogue: Catalogue) -> None:
    for indicator in catalogue.values():
        for text in texts(indicator):
            assert text.fr, indicator.id
            assert text.en, indicator.id


def test_french_texts_follow_french_typography(catalogue: Catalogue) -> None:
    wrong = re.compile(r"[^\u00a0 ][:;!?](?=\s|$)| [:;!?»%€]|« |'|\s\s|\.\.")
    for indicator in catalogue.values():
        for text in texts(indicator):
            assert not wrong.search(text.fr or ""), f"{indicator.id}: {text.fr}"


def test_english_texts_carry_no_french_punctuation(catalogue: Catalogue) -> None:
    wrong = re.compile(r"\s[:;!?%]|[«»]|\s\s")
    for indicator in catalogue.values():
        for text in texts(indicator):
            assert not wrong.search(text.en or ""), f"{indicator.id}: {text.en}"


def test_labels_are_labels_and_definitions_are_sentences(catalogue: Catalogue) -> None:
    for indicator in catalogue.values():
        for lang in ("fr", "en"):
            assert not indicator.label.render(lang).endswith("."), indicator.id
            assert len(indicator.short_label.render(lang)) <= 45, indicator.id
            assert indicator.definition.render(lang).endswith("."), indicator.id
            assert indicator.question.render(lang).endswith("?"), indicator.id
            assert len(indicator.definition.render(lang)) > 50, indicator.id


def test_labels_tell_indicators_apart(catalogue: Catalogue) -> None:
    for lang in ("fr", "en"):
        labels = [indicator.label.render(lang) for indicator in catalogue.values()]
        shorts = [indicator.short_label.render(lang) for indicator in catalogue.values()]
        assert len(set(labels)) == len(labels)
        assert len(set(shorts)) == len(shorts)


def test_units_multipliers_and_sources_are_known(catalogue: Catalogue) -> None:
    for indicator in catalogue.values():
        assert indicator.unit in UNITS
        assert indicator.multiplier == MULTIPLIERS.get(indicator.unit, 1.0)
        assert set(indicator.sources) <= DATA_SETS, indicator.id
        assert indicator.caveats, indicator.id


def test_filosofi_indicators_declare_the_breaks_of_the_source(catalogue: Catalogue) -> None:
    incomes = [i for i in catalogue.values() if i.theme == "income" and i.id not in ("in_menages", "in_personnes")]
    assert len(incomes) == 11
    for indicator in incomes:
        assert [item.period for item in indicator.breaks] == FILOSOFI_BREAKS, indicator.id
    for name in ("in_gini", "in_s80s20"):
        assert "une seule décimale avant 2016" in (catalogue[name].breaks[0].reason.fr or "")


@pytest.mark.parametrize(
    ("id", "period"),
    [
        ("em_defm", "2025"),
        ("em_ld", "2025"),
        ("ess_part", "2017"),
        ("ess_evol", "2023"),
        ("de_mono", "2011"),
        ("em_defm", "2024"),
    ],
)
def test_known_breaks_are_declared(id: str, period: str, catalogue: Catalogue) -> None:
    assert period in [item.period for item in catalogue[id].breaks]


def test_indicators_seen_by_district_only_break_when_districts_are_redrawn(catalogue: Catalogue) -> None:
    surveys = {"sa_renoncement", "tr_sentiment", "di_discrim"}
    for indicator in catalogue.values():
        if indicator.levels == ("qpv",) and indicator.theme != "income" and indicator.id not in surveys:
            assert "2024" in [item.period for item in indicator.breaks], indicator.id


def test_incomes_are_those_of_persons_of_tax_households(catalogue: Catalogue) -> None:
    for indicator in catalogue.values():
        if "Filosofi" in indicator.source_label.render("fr"):
            assert "énages fiscaux" in indicator.population.render("fr"), indicator.id
            assert "habitants" not in indicator.population.render("fr"), indicator.id


def test_census_intervals_are_labelled_as_approximations(catalogue: Catalogue) -> None:
    census = [i for i in catalogue.values() if i.interval_method in ("wilson_census", "newcombe")]
    assert len(census) >= 12
    for indicator in census:
        assert any("approximation" in caveat.render("fr") for caveat in indicator.caveats), indicator.id


def test_neutral_indicators_say_so(catalogue: Catalogue) -> None:
    silent = {"in_d9d1", "in_minima", "in_gini", "in_s80s20", "em_de_abcde", "em_de_abcde_f"}
    for indicator in catalogue.values():
        if indicator.polarity == "neutral":
            assert indicator.sign == 0
            told = any("sans sens favorable" in caveat.render("fr") for caveat in indicator.caveats)
            assert told or indicator.id in silent, indicator.id


def test_what_cannot_be_subtracted_is_not_additive(catalogue: Catalogue) -> None:
    for name in ("in_med", "in_med_decl", "in_d1", "in_d9", "in_d9d1", "in_gini", "in_s80s20", "in_gap", "ho_prix"):
        assert not catalogue[name].additive, name
    for name in ("in_tp60", "em_emploi", "de_pop", "ho_ls"):
        assert catalogue[name].additive, name


def test_register_counts_have_no_interval(catalogue: Catalogue) -> None:
    for name in ("em_defm", "em_de_abcde", "em_de_abcde_f"):
        assert catalogue[name].interval_method == "none"


def test_gaps_set_disjoint_groups_against_each_other(catalogue: Catalogue) -> None:
    for name in ("em_emploi_f", "ig_gap"):
        assert "disjoints" in " ".join(caveat.render("fr") for caveat in catalogue[name].caveats)
        assert catalogue[name].unit == "point"


def test_themes_hold_every_indicator_once(catalogue: Catalogue) -> None:
    themes = catalogue.by_theme()
    assert [i.id for group in themes.values() for i in group] == list(catalogue)
    assert all(catalogue.themes[theme].render("fr") for theme in themes)
    assert all(themes.values())


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("in_tp_60", "in_tp60"), ("IN_MED", "in_med"), ("ess_survie", "ess_survie3"), ("", None), ("zzzzzz", None)],
)
def test_the_nearest_id_of_a_wrong_one(wrong: str, right: str | None) -> None:
    assert nearest(wrong) == right


def test_the_catalogue_is_read_once_and_fast() -> None:
    assert load_catalogue() is load_catalogue()
    best = min(_seconds() for _ in range(3))
    assert best < 1.0  # about 0.1 s on an idle machine; the bound only refuses a change of order


def _seconds() -> float:
    start = time.perf_counter()
    read_catalogue(loader_module.FOLDER)
    return time.perf_counter() - start
