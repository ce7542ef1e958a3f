"""Spot values and traps of the data sets about communes, departments, contracts and contours, against the real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from official_files import Read, Write, one, read_files


class TestFilosofi:
    def test_spot_values(self, official: Read) -> None:
        delivery = official("insee_filosofi_commune")
        assert one(delivery, "34032", "in_med", "2021")["value"] == 16830
        assert one(delivery, "34032", "in_tp60", "2021")["value"] == 36
        assert one(delivery, "34032", "in_tp60", "2021")["n"] == one(delivery, "34032", "in_menages", "2021")["value"]

    def test_codes_keep_their_zeros_and_letters(self, official: Read) -> None:
        codes = set(official("insee_filosofi_commune").observations["territory"])
        assert {"01001", "01004", "2A004", "97411"} <= codes
        assert {len(code) for code in codes} == {5}

    def test_the_rule_of_publication_has_no_exception(self, official: Read) -> None:
        delivery = official("insee_filosofi_commune")
        assert "EVK-DATA-009" not in set(delivery.observations["note"].dropna())
        assert set(delivery.observations["status"]) == {"published", "secret"}

    def test_948_more_poverty_rates_are_secret(self, official: Read) -> None:
        rows = official("insee_filosofi_commune").observations
        published = rows[rows["status"] == "published"].groupby("indicator").size()
        assert published["in_d9d1"] - published["in_tp60"] == 948

    def test_a_blank_above_the_threshold_is_missing(self, write: Write) -> None:
        header = "codgeo,revenu_median,taux_pauvrete,rapport_interdecile,decile1,decile9,nb_menages,nb_personnes,part_minima_sociaux"
        path = write("filosofi_communes.csv", f"{header}\n01004,20000,15.0,,,,5000,12000,\n01005,,,,,,30,60,\n")
        delivery = read_files("insee_filosofi_commune", path)
        assert one(delivery, "01004", "in_d9d1", "2021")["status"] == "missing"
        assert one(delivery, "01004", "in_d9d1", "2021")["note"] == "EVK-DATA-009"
        assert one(delivery, "01005", "in_med", "2021")["status"] == "secret"

    def test_a_poverty_rate_above_the_threshold_may_be_secret(self, write: Write) -> None:
        header = "codgeo,revenu_median,taux_pauvrete,rapport_interdecile,decile1,decile9,nb_menages,nb_personnes,part_minima_sociaux"
        path = write("filosofi_communes.csv", f"{header}\n01004,20000,,3.1,11000,34100,5000,12000,2.0\n")
        assert one(read_files("insee_filosofi_commune", path), "01004", "in_tp60", "2021")["status"] == "secret"

    def test_groups_of_communes(self, official: Read) -> None:
        row = one(official("insee_filosofi_epci"), "200000172", "in_minima", "2021")
        assert row["value"] == 1.0
        assert row["level"] == "epci"

    def test_the_year_of_the_medians_stands_in_the_column(self, official: Read) -> None:
        delivery = official("insee_filosofi_median_commune")
        row = one(delivery, "01001", "in_med", "2019")
        assert (row["value"], row["geography"], delivery.vintage) == (23970, "2020", "2019")
        assert not delivery.observations["territory"].str.startswith(("751", "132")).any()

    def test_the_communes_of_the_districts_are_communes_of_2025(self, official: Read) -> None:
        known = set(official("insee_filosofi_commune").territories["code"])
        listed = official("insee_qpv_list").territories
        communes = set(listed.loc[listed["level"] == "commune", "code"])
        assert {code[:3] for code in communes - known} == {"971", "973", "976"}, "Filosofi does not cover them"


class TestCounts:
    def test_associations_are_a_rate_with_its_parts(self, official: Read) -> None:
        row = official("rna_associations_commune").observations.set_index("territory").loc["11001"]
        assert (row["numerator"], row["denominator"], row["note"]) == (20, 543, "EVK-DATA-014")
        assert row["value"] == pytest.approx(36.83, abs=0.005)

    def test_facilities_are_multiples_of_three(self, official: Read) -> None:
        delivery = official("insee_bpe_commune")
        assert set(delivery.observations["indicator"]) == {"lv_equip_n"}
        assert "EVK-DATA-038" in {problem.code.id for problem in delivery.problems}
        assert delivery.observations.set_index("territory")["value"]["11001"] == 54


class TestSustainableDevelopment:
    @pytest.mark.parametrize(
        ("code", "level", "before", "after"),
        [
            ("48", "department", 27.4, 27.9),
            ("34", "department", 11.4, 11.2),
            ("F", "country", 9.9, 10.5),
            ("76", "region", 11.8, 12.1),
        ],
    )
    def test_share_of_the_social_economy(
        self, official: Read, code: str, level: str, before: float, after: float
    ) -> None:
        rows = official("insee_itdd").observations
        mine = rows[(rows["indicator"] == "ess_part") & (rows["territory"] == code) & (rows["level"] == level)]
        assert mine.set_index("period")["value"].round(1).to_dict() == {"2008": before, "2014": after}

    def test_france_stands_once(self, official: Read) -> None:
        rows = official("insee_itdd").observations
        assert set(rows.loc[rows["level"] == "country", "territory"]) == {"F", "M", "P"}
        assert "EVK-DATA-044" in {problem.code.id for problem in official("insee_itdd").problems}

    def test_the_workbook_gives_the_same_values(self, official: Read, shared_data: Path) -> None:
        workbook = read_files("insee_itdd", shared_data / "insee_itdd_2016/ITDD-DonneesDetaillees_modif.xls")
        columns = ["level", "territory", "indicator", "period", "value"]
        mine, theirs = (
            delivery.observations[delivery.observations["status"] == "published"][columns].reset_index(drop=True)
            for delivery in (workbook, official("insee_itdd"))
        )
        assert mine.round(9).equals(theirs.round(9))
        assert (workbook.observations["status"] == "missing").sum() == 36, (
            "nd in the workbook, left out of the long table"
        )

    def test_a_department_and_a_region_share_a_code_and_are_not_mixed(self, official: Read) -> None:
        rows = official("insee_itdd").territories.set_index(["level", "code"])["name"]
        assert rows["region", "11"] == "Île-de-France"
        assert rows["department", "11"] == "Aude"


class TestPosts:
    def test_rate_with_its_parts(self, official: Read) -> None:
        rows = official("anct_posts").observations
        assert set(rows["indicator"]) == {"em_relais"}
        known = rows[rows["status"] == "published"]
        assert (known["value"] - 10_000 * known["numerator"] / known["denominator"]).abs().max() < 1e-9

    def test_a_code_of_two_contracts_keeps_its_count_and_has_no_rate(self, official: Read) -> None:
        delivery = official("anct_posts")
        rows = delivery.observations[delivery.observations["territory"] == "CV380CV384"]
        assert set(rows["status"]) == {"missing"}
        assert set(rows["note"]) == {"EVK-DATA-011"}
        assert rows["numerator"].gt(0).all()

    def test_rows_without_a_contract_are_told(self, official: Read) -> None:
        shown = [
            problem.message("en") for problem in official("anct_posts").problems if problem.code.id == "EVK-DATA-036"
        ]
        assert shown[0] == "44 rows left out: they name no contract"

    def test_a_contract_in_two_departments_is_one(self, official: Read) -> None:
        delivery = official("anct_posts")
        assert delivery.territories["code"].is_unique
        rows = delivery.observations
        assert set(rows.loc[rows["territory"] == "CV043", "denominator"]) == {21147.0 + 1916.0}

    def test_operations(self, official: Read) -> None:
        rows = official("anct_posts").operations
        assert len(rows) == 1287
        assert rows["id"].is_unique
        row = rows.set_index("id").loc["2020-adulte-relais-01106RT01805"]
        assert (row["territory"], row["cost_planned"], row["committed"]) == ("CV037", 19875.06, 1)

    def test_posts_alone_keep_counts_and_say_what_is_missing(self, shared_data: Path) -> None:
        delivery = read_files("anct_posts", shared_data / "anct_postes_politique_ville/postes_par_contrat_de_ville.csv")
        assert set(delivery.observations["status"]) == {"missing"}
        assert delivery.observations["numerator"].notna().all()
        assert "EVK-DATA-037" in {problem.code.id for problem in delivery.problems}


class TestMaps:
    def test_zonings(self, official: Read) -> None:
        rows = official("cget_zonings").territories.set_index(["level", "code"])
        contract = rows.loc["contract", "CV001"]
        assert contract["name"] == "CC de la Plaine de l'Ain"
        assert json.loads(contract["tags"]) == ["contrat_de_ville"]
        assert json.loads(contract["parents"])[0]["code"] == "240100883"
        assert shapely.from_wkb(contract["geometry"]).contains(shapely.Point(5.26, 45.90))
        assert rows.loc["contract", "geometry"].notna().sum() == 431

    def test_repeated_lines_of_the_list_are_one_territory(self, official: Read) -> None:
        assert "EVK-DATA-044" in {problem.code.id for problem in official("cget_zonings").problems}

    def test_contours(self, official: Read) -> None:
        rows = official("ign_contours").territories.set_index(["level", "code"])
        herault = shapely.from_wkb(rows.loc["department", "34"]["geometry"])
        beziers = rows.loc["commune", "34032"]
        assert herault.contains(shapely.Point(beziers["longitude"], beziers["latitude"]))
        assert herault.contains(shapely.from_wkb(rows.loc["epci", "243400017"]["geometry"]).representative_point())
        assert rows.loc["epci", "243400017"]["name"] == "Montpellier Méditerranée Métropole"
        assert rows.loc["country", "M"]["name"] == "France métropolitaine"

    def test_the_groups_of_communes_are_those_of_filosofi(self, official: Read) -> None:
        drawn = official("ign_contours").territories
        here = set(drawn.loc[drawn["level"] == "epci", "code"])
        there = set(official("insee_filosofi_epci").territories["code"])
        assert here - there == set()
        assert len(there - here) == 8, "Martinique and La Réunion are not on the map"

    def test_references(self, official: Read) -> None:
        rows = official("eu_common_indicators").references.set_index("code")
        assert len(rows) == 73
        assert json.loads(rows.loc["RCO113", "details"])["fund"] == "ERDF"


def test_a_hostile_name_is_kept_as_it_is(write: Write) -> None:
    name = '"><script>alert(1)</script>'
    quoted = name.replace('"', '""')
    rows = f'id,lib,perimetre,info1,layer\nCV001,"{quoted}",epci,,cv\nCV002,"=HYPERLINK(""x"")",epci,,cv\n'
    delivery = read_files("cget_zonings", write("zonages_liste.csv", rows))
    assert list(delivery.territories["name"]) == [name, '=HYPERLINK("x")']
