"""Spot values and traps of the data sets about priority districts, against the real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from official_files import FORMER_REGION, Read, one, read_files


class TestIncome:
    def test_spot_values(self, official: Read) -> None:
        delivery = official("insee_qpv_income")
        assert one(delivery, "QP034005", "in_tp60", "2020")["value"] == 57.8
        assert one(delivery, "QP034005", "in_med", "2020")["value"] == 12650
        assert delivery.vintage == "2012-2021"
        assert one(delivery, "QP034005", "in_med", "2020")["vintage"] == "2020"

    def test_in_2021_52_of_the_60_districts_of_the_former_region_are_published(self, official: Read) -> None:
        rows = official("insee_qpv_income").observations
        mine = rows[
            rows["territory"].str.startswith(FORMER_REGION)
            & (rows["indicator"] == "in_med")
            & (rows["period"] == "2021")
        ]
        assert mine["status"].value_counts().to_dict() == {"published": 52, "secret": 8}

    def test_1008_of_1296_are_published_in_2021(self, official: Read) -> None:
        rows = official("insee_qpv_income").observations
        last = rows[(rows["indicator"] == "in_tp60") & (rows["period"] == "2021")]
        assert last["status"].value_counts().to_dict() == {"published": 1008, "secret": 288}

    def test_2012_has_no_gini_and_lacks_two_districts_neither_is_secret(self, official: Read) -> None:
        delivery = official("insee_qpv_income")
        rows = delivery.observations
        first = rows[(rows["indicator"] == "in_gini") & (rows["period"] == "2012")]
        assert set(first["status"]) == {"missing"}
        assert set(first["note"]) == {"EVK-DATA-003"}
        absent = rows[(rows["indicator"] == "in_med") & (rows["period"] == "2012") & (rows["status"] == "missing")]
        assert list(absent["territory"]) == ["QP02A003", "QP033023"]
        assert set(absent["note"]) == {"EVK-DATA-004"}

    def test_gini_of_2013_to_2015_carries_the_note_of_one_decimal(self, official: Read) -> None:
        rows = official("insee_qpv_income").observations
        noted = rows[(rows["indicator"] == "in_gini") & (rows["note"] == "EVK-DATA-005")]
        assert sorted(noted["period"].unique()) == ["2013", "2014", "2015"]
        assert set(noted["status"]) == {"published"}

    def test_a_poverty_rate_may_be_secret_where_the_median_is_published(self, official: Read) -> None:
        delivery = official("insee_qpv_income")
        assert one(delivery, "QP025002", "in_med", "2020")["value"] == 20570
        assert one(delivery, "QP025002", "in_tp60", "2020")["status"] == "secret"


class TestList:
    def test_population_is_of_whole_persons(self, official: Read) -> None:
        rows = official("insee_qpv_list").observations
        assert (rows["value"] % 1 == 0).all()
        assert one(official("insee_qpv_list"), "QP001001", "de_pop", "2018")["value"] == 6490

    @pytest.mark.parametrize(
        ("code", "department", "before", "since"),
        [
            ("QP034005", "34", "91", "76"),
            ("QP02A003", "2A", "94", "94"),
            ("QP974001", "974", "04", "04"),
            ("QP001001", "01", "82", "84"),
        ],
    )
    def test_parents(self, official: Read, code: str, department: str, before: str, since: str) -> None:
        rows = official("insee_qpv_list").territories
        parents = json.loads(rows.loc[rows["code"] == code, "parents"].iloc[0])
        found = {(item["level"], item["geography"]): (item["code"], item["share"]) for item in parents}
        assert found["department", "2016"] == (department, 1.0)
        assert found["region", "2015"] == (before, 1.0)
        assert found["region", "2016"] == (since, 1.0)
        assert found["zone", "2015"] == (f"QPV-R{before}", 1.0)
        assert found["commune", "2025"][1] is None, "the file names the first of several communes"
        assert len(found["urban_unit", "2020"][0]) == 5

    def test_60_districts_lie_in_languedoc_roussillon_and_22_regions_existed_before_2016(self, official: Read) -> None:
        rows = official("insee_qpv_list").territories
        districts = rows[rows["level"] == "qpv"]
        assert len(districts) == 1436
        inside = districts["parents"].map(
            lambda text: {"level": "region", "code": "91", "geography": "2015", "share": 1.0} in json.loads(text)
        )
        assert inside.sum() == 60
        former = rows[(rows["level"] == "region") & (rows["geography"] == "2015")]
        assert len(former) == 22 + 5
        assert former.set_index("code")["name"]["91"] == "Languedoc-Roussillon"


class TestCensus2010:
    def test_the_region_in_the_workbook_is_the_one_derived_from_the_code(
        self, official: Read, shared_data: Path
    ) -> None:
        import pandas as pd

        table = pd.read_csv(shared_data / "insee_qpv_demographie_rp2010/demographie_2010_qpv.csv", dtype="str")
        rows = official("insee_qpv_list").territories.set_index("code")["parents"]
        for code, region in zip(table["qp"], table["reg"], strict=True):
            parents = json.loads(rows[code])
            assert any(
                p["level"] == "region" and p["geography"] == "2015" and p["code"] == region.split(".")[0]
                for p in parents
            )

    def test_spot_values_in_percent(self, official: Read) -> None:
        delivery = official("insee_qpv_census_2010")
        assert one(delivery, "QP001002", "em_emploi", "2010")["value"] == 45.1
        assert one(delivery, "QP001002", "em_emploi", "2010", "sex=female")["value"] == 34.8
        assert one(delivery, "QP001002", "em_emploi", "2010", "nationality=foreign")["value"] == 30.9
        assert one(delivery, "QP001002", "de_jeune", "2010")["value"] == 1.4

    def test_a_blank_is_secret_or_without_data(self, official: Read) -> None:
        row = one(official("insee_qpv_census_2010"), "QP001002", "ed_scol", "2010", "nationality=foreign")
        assert (row["status"], row["note"]) == ("secret", "EVK-DATA-002")

    def test_half_of_the_vacancy_rates_are_blank(self, official: Read) -> None:
        rows = official("insee_qpv_census_2010").observations
        mine = rows[(rows["indicator"] == "ho_vac") & (rows["level"] == "qpv")]
        assert mine["status"].value_counts().to_dict() == {"published": 652, "secret": 640}

    def test_groups_of_districts_stand_apart(self, official: Read) -> None:
        delivery = official("insee_qpv_census_2010")
        assert delivery.observations.groupby("level")["territory"].nunique().to_dict() == {"qpv": 1292, "zone": 23}
        assert set(delivery.territories["level"]) == {"zone"}
        assert {"QPV-M", "QPV-R91", "QPV-R11"} <= set(delivery.territories["code"])
        assert one(delivery, "QPV-M", "de_jeune", "2010")["value"] == 2.1

    def test_lone_parents_are_not_comparable_with_later_years(self, official: Read) -> None:
        assert one(official("insee_qpv_census_2010"), "QP001002", "de_mono", "2010")["note"] == "EVK-DATA-013"

    def test_gaps_between_a_part_and_the_whole_are_not_computed(self, official: Read) -> None:
        for dataset in ("insee_qpv_census_2010", "hackaviz_qpv_2021"):
            assert not {"em_emploi_f", "ig_gap"} & set(official(dataset).observations["indicator"])

    def test_the_csv_copies_give_the_same_values(self, official: Read, shared_data: Path) -> None:
        folder = shared_data / "insee_qpv_demographie_rp2010"
        copy = read_files(
            "insee_qpv_census_2010", folder / "demographie_2010_qpv.csv", folder / "demographie_2010_regions.csv"
        )
        columns = ["territory", "level", "indicator", "breakdown", "value", "status", "note"]
        assert copy.observations[columns].equals(official("insee_qpv_census_2010").observations[columns])


class TestHackaviz:
    def test_incomes_called_2017_are_those_of_2015(self, official: Read) -> None:
        reference = official("insee_qpv_income").observations
        found = official("hackaviz_qpv_2021").observations
        for indicator in ("in_med", "in_tp60"):
            mine = found[found["indicator"] == indicator].set_index("territory")
            theirs = reference[(reference["indicator"] == indicator) & (reference["period"] == "2015")].set_index(
                "territory"
            )
            assert set(mine["period"]) == {"2015"}
            assert set(mine["note"]) == {"EVK-DATA-006"}
            assert len(mine) == 105
            assert (mine["value"] == theirs["value"].reindex(mine.index)).all()

    def test_population_is_that_of_2013(self, official: Read) -> None:
        listed = official("insee_qpv_list").observations
        theirs = listed[listed["period"] == "2013"].set_index("territory")["value"]
        found = official("hackaviz_qpv_2021").observations
        mine = found[found["indicator"] == "de_pop"].set_index("territory")
        assert set(mine["period"]) == {"2013"}
        assert (mine["value"] == theirs.reindex(mine.index)).all()

    def test_zeros_that_are_no_zeros(self, official: Read) -> None:
        rows = official("hackaviz_qpv_2021").observations
        impossible = rows[rows["note"] == "EVK-DATA-007"]
        found = impossible.groupby("indicator")["territory"].agg(list).to_dict()
        assert found["em_de_abcde"] == ["QP011005", "QP034016", "QP066009", "QP082002"]
        assert found["ec_etab_n"] == found["ec_etab"] == ["QP011006", "QP030017", "QP065004"]
        assert set(impossible["status"]) == {"missing"}
        assert "QP034005" not in set(impossible["territory"])

    def test_establishments_for_a_thousand_inhabitants(self, official: Read) -> None:
        row = one(official("hackaviz_qpv_2021"), "QP009001", "ec_etab", "2019")
        assert (row["numerator"], row["denominator"], row["note"]) == (303, 1177, "EVK-DATA-012")
        assert row["value"] == pytest.approx(257.434, abs=0.001)

    def test_a_jobseeker_count_is_not_the_rate_of_the_catalogue(self, official: Read) -> None:
        rows = official("hackaviz_qpv_2021").observations
        assert "em_defm" not in set(rows["indicator"])
        assert set(rows.loc[rows["indicator"] == "em_de_abcde", "period"]) == {"2020"}

    def test_contours_are_valid_wgs84(self, official: Read) -> None:
        rows = official("hackaviz_qpv_2021").territories
        shapes = rows["geometry"].map(shapely.from_wkb)
        assert shapes.map(lambda shape: shape.is_valid).all()
        districts = rows[rows["level"] == "qpv"]
        assert len(districts) == 105
        assert districts["longitude"].between(-0.4, 4.9).all()
        assert districts["latitude"].between(42.3, 45.1).all()

    def test_a_district_over_two_communes_has_no_known_share(self, official: Read) -> None:
        rows = official("hackaviz_qpv_2021").territories.set_index(["level", "code"])["parents"]
        shares = {
            code: next(p["share"] for p in json.loads(rows["qpv", code]) if p["level"] == "commune")
            for code in ("QP065003", "QP034005")
        }
        assert shares == {"QP065003": None, "QP034005": 1.0}

    def test_declared_first_decile_zero_is_genuine_and_counted_as_unused(self, official: Read) -> None:
        assert official("hackaviz_qpv_2021").skipped["decuc_d1"] == 105


class TestSales:
    def test_spot_values_with_the_interval_of_the_file(self, official: Read) -> None:
        found = [
            row
            for _, row in official("dvf_qpv_aggregated").observations.iterrows()
            if row["period"] == "2016" and row["n"] == 282
        ]
        (row,) = found
        assert (row["value"], row["lower"], row["upper"], row["confidence"]) == (816, 761, 874, 0.95)
        assert row["breakdown"] == "dwelling=flat"
        assert row["territory"].startswith("QP034")

    def test_under_eleven_sales_is_missing_not_secret(self, official: Read) -> None:
        rows = official("dvf_qpv_aggregated").observations
        few = rows[rows["n"] < 11]
        assert len(few) == 474
        assert set(few["status"]) == {"missing"}
        assert set(few["note"]) == {"EVK-DATA-008"}
        assert few[["value", "lower", "upper", "confidence"]].isna().all(axis=None)
        assert set(rows.loc[rows["n"] >= 11, "status"]) == {"published"}

    def test_breakdowns_are_flats_and_houses(self, official: Read) -> None:
        assert set(official("dvf_qpv_aggregated").observations["breakdown"]) == {"dwelling=flat", "dwelling=house"}


class TestSocialDwellings:
    def test_28_of_60_vacancy_rates_are_published(self, official: Read) -> None:
        rows = official("sdes_rpls_qpv").observations
        mine = rows[rows["territory"].str.startswith(FORMER_REGION) & (rows["indicator"] == "ho_rpls_vac")]
        assert len(mine) == 60
        assert (mine["status"] == "published").sum() == 28
        assert set(mine.loc[mine["status"] == "secret", "note"]) == {"EVK-DATA-001"}

    def test_spot_values(self, official: Read) -> None:
        delivery = official("sdes_rpls_qpv")
        row = one(delivery, "QP001001", "ho_rpls_vac3", "2022")
        assert (row["value"], row["n"]) == (3.6, 2493)
        assert one(delivery, "QP001001", "ho_loyer", "2022")["value"] == 5.57

    def test_iris_codes_and_parents_are_text(self, official: Read) -> None:
        rows = official("sdes_rpls_iris").territories
        iris = rows[rows["level"] == "iris"]
        assert len(iris) == 614
        parents = json.loads(iris.loc[iris["code"] == "110690101", "parents"].iloc[0])
        assert {"level": "epci", "code": "200035715", "geography": "2025", "share": 1.0} in parents
        assert {"level": "commune", "code": "11069", "geography": "2025", "share": 1.0} in parents
        assert rows.set_index(["level", "code"])["name"]["commune", "11069"] == "Carcassonne"
