"""Files as they come: each way in which one can be wrong ends in a problem that names the file, the line and the way out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.data.adapters.insee_qpv_income import read
from evalkit.data.delivery import Delivery, source_files
from evalkit.data.reading import Table, read_content, read_csv, read_numbers, recognise
from evalkit.data.registry import registry
from evalkit.errors import DataError, Problem

LAMBERT_93 = "[[[770000, 6280000], [770001, 6280000], [770001, 6280001], [770000, 6280000]]]"
HEADER = "code_qp,annee,revenu_median,taux_pauvrete,gini,s80s20"
GOOD = f"{HEADER}\nQP034005,2020,12650,57.8,0.251,3.1\nQP034005,2021,,,,\n"


def income(tmp_path: Path, content: str | bytes, name: str = "qpv_revenus_panel.csv") -> Delivery:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(source_files([path]), registry()["insee_qpv_income"])


def refused(tmp_path: Path, content: str | bytes, name: str = "qpv_revenus_panel.csv") -> tuple[Problem, ...]:
    with pytest.raises(DataError) as caught:
        income(tmp_path, content, name)
    for problem in caught.value.problems:
        assert problem.file == name
        assert "{" not in problem.render("fr") + problem.render("en")
    return caught.value.problems


def value(delivery: Delivery, indicator: str, period: str = "2020", territory: str = "QP034005") -> float | None:
    rows = delivery.observations.set_index(["territory", "indicator", "period"])
    return float(rows.loc[(territory, indicator, period), "value"])


class TestAccepted:
    @pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "utf-16"])
    def test_encodings_with_a_mark(self, tmp_path: Path, encode: str) -> None:
        delivery = income(tmp_path, GOOD.encode(encode))
        assert value(delivery, "in_tp60") == 57.8
        assert delivery.problems == ()

    def test_latin_1_is_read_with_a_warning(self, tmp_path: Path) -> None:
        delivery = income(
            tmp_path,
            GOOD.replace(HEADER, f"{HEADER},libellé")
            .replace("3.1", "3.1,Béziers")
            .replace(",,,,", ",,,,,")
            .encode("latin-1"),
        )
        assert [problem.code.id for problem in delivery.problems] == ["EVK-DATA-033"]
        assert delivery.skipped == {"libellé": 1}

    @pytest.mark.parametrize("separator", [";", "\t", "|"])
    def test_other_separators_with_decimal_commas(self, tmp_path: Path, separator: str) -> None:
        delivery = income(tmp_path, GOOD.replace(",", separator).replace("57.8", "57,8"))
        assert value(delivery, "in_tp60") == 57.8

    def test_windows_line_ends_and_upper_case_header(self, tmp_path: Path) -> None:
        assert value(income(tmp_path, GOOD.replace(HEADER, HEADER.upper()).replace("\n", "\r\n")), "in_med") == 12650

    @pytest.mark.parametrize("text", ["12 650", "12\u00a0650", "12\u202f650", "12650,0", "12650 ", "1.265e4"])
    def test_numbers_with_thin_spaces_and_commas(self, tmp_path: Path, text: str) -> None:
        assert value(income(tmp_path, GOOD.replace("12650", f'"{text}"')), "in_med") == 12650

    def test_a_percent_sign(self, tmp_path: Path) -> None:
        assert value(income(tmp_path, GOOD.replace("57.8", '"57,80%"')), "in_tp60") == 57.8

    @pytest.mark.parametrize(
        ("mark", "status", "note"),
        [
            ("s", "secret", None),
            ("c", "secret", None),
            ("nd", "missing", None),
            ("N/A", "missing", None),
            ("-", "missing", None),
            ("ns", "missing", "EVK-DATA-010"),
        ],
    )
    def test_marks_are_statuses_never_zero(self, tmp_path: Path, mark: str, status: str, note: str | None) -> None:
        more = GOOD + "QP034006,2020,13000,50.1,0.251,3.1\n"
        rows = income(tmp_path, more.replace("12650", mark)).observations.set_index(
            ["territory", "indicator", "period"]
        )
        row = rows.loc[("QP034005", "in_med", "2020")]
        assert row["status"] == status
        assert row["value"] != row["value"]
        assert (row["note"] if isinstance(row["note"], str) else None) == note

    def test_a_row_for_all_districts_is_set_apart(self, tmp_path: Path) -> None:
        delivery = income(tmp_path, GOOD + "Ensemble des QP,2020,13800,42.0,0.231,3.2\n")
        assert set(delivery.observations["territory"]) == {"QP034005"}
        assert [problem.code.id for problem in delivery.problems] == ["EVK-DATA-036"]

    def test_an_unmapped_column_is_counted(self, tmp_path: Path) -> None:
        delivery = income(tmp_path, f"{HEADER},extra\nQP034005,2020,12650,57.8,0.251,3.1,7\n")
        assert delivery.skipped == {"extra": 1}

    def test_no_last_line_break_is_told(self, tmp_path: Path) -> None:
        delivery = income(tmp_path, GOOD.removesuffix("\n"))
        (problem,) = delivery.problems
        assert (problem.code.id, problem.line) == ("EVK-DATA-034", 3)


class TestRefused:
    def test_a_cut_last_line(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, GOOD + "QP034006,2020,126")
        assert (problem.code.id, problem.line) == ("EVK-DATA-023", 4)

    def test_a_quote_that_never_closes(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, GOOD + '"QP034006,2020,126')
        assert (problem.code.id, problem.line) == ("EVK-DATA-025", 4)

    def test_lines_with_too_few_or_too_many_fields_all_at_once(self, tmp_path: Path) -> None:
        text = f"{HEADER}\nQP034005,2020,1\nQP034006,2020,1,2,3,4,5\nQP034007,2020,12650,57.8,0.251,3.1\n"
        assert [(problem.code.id, problem.line) for problem in refused(tmp_path, text)] == [
            ("EVK-DATA-024", 2),
            ("EVK-DATA-024", 3),
        ]

    def test_a_duplicated_key_names_both_lines(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, GOOD + "QP034005,2020,1,2,0.251,3.1\n")
        assert (problem.code.id, problem.line, problem.values["first"]) == ("EVK-DATA-029", 4, 2)

    @pytest.mark.parametrize("code", ["QP34005", "34005", "QN03405M", "qp034005", "QP099001X", '"=1+1"', '"><script>"'])
    def test_an_ill_formed_district(self, tmp_path: Path, code: str) -> None:
        problems = refused(tmp_path, GOOD + f"{code},2020,1,2,0.251,3.1\n")
        assert [(problem.code.id, problem.line) for problem in problems] == [("EVK-DATA-030", 4)]

    def test_a_text_that_is_no_number(self, tmp_path: Path) -> None:
        for text in ("douze", "1 2 3", "1,234.5", "inf", "0x10", "12 6500"):
            (problem,) = refused(tmp_path, GOOD.replace("12650", f'"{text}"'))
            assert (problem.code.id, problem.line) == ("EVK-DATA-031", 2), text

    def test_a_number_below_zero(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, GOOD.replace("12650", "-12650"))
        assert (problem.code.id, problem.line) == ("EVK-DATA-048", 2)

    def test_a_year_that_is_none(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, GOOD.replace(",2021", ",21"))
        assert (problem.code.id, problem.line) == ("EVK-DATA-043", 3)

    def test_fractions_where_percentages_are_expected(self, tmp_path: Path) -> None:
        text = f"{HEADER}\nQP034005,2020,12650,0.578,0.251,3.1\nQP034006,2020,12650,0.412,0.251,3.1\n"
        (problem,) = refused(tmp_path, text)
        assert problem.code.id == "EVK-DATA-032"
        assert "0,578" in problem.render("fr")

    def test_many_problems_are_cut_and_counted(self, tmp_path: Path) -> None:
        rows = "".join(f"X{number},2020,1,2,0.251,3.1\n" for number in range(100))
        problems = refused(tmp_path, GOOD + rows)
        assert len(problems) == 21
        assert problems[-1].values["count"] == 80

    def test_missing_columns_name_the_nearest(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, GOOD.replace("revenu_median", "revenus_medians"))
        assert problem.code.id == "EVK-DATA-026"
        assert problem.values["missing"] == ["revenu_median"]
        assert problem.values["nearest"] == ["revenus_medians"]

    def test_the_file_of_another_data_set(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, "CodGeo,Note,nbLsPls,txVac,txVac3m,txRot,moyLoy\nQP001001,0,1,2,3,4,5\n")
        assert problem.code.id == "EVK-DATA-027"
        assert problem.values["found"] == "sdes_rpls_qpv"

    def test_a_header_that_nobody_knows(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, "un,deux\n1,2\n")
        assert problem.code.id == "EVK-DATA-039"

    def test_an_empty_file(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, " \n")
        assert problem.code.id == "EVK-DATA-022"

    def test_a_header_without_rows(self, tmp_path: Path) -> None:
        for text in (f"{HEADER}\n", f"{HEADER}\nEnsemble,2020,1,2,3,4\n"):
            (problem,) = refused(tmp_path, text)
            assert problem.code.id == "EVK-DATA-022"

    def test_a_column_that_stands_twice(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, f"{HEADER},gini\nQP034005,2020,12650,57.8,0.251,3.1,1\n")
        assert (problem.code.id, problem.line) == ("EVK-DATA-018", 1)

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (b"<!DOCTYPE html><html><body>403</body></html>", "page web"),
            (b"\xef\xbb\xbf  <html></html>", "page web"),
            (b'{"error": "not found"}', "JSON"),
            (b"{broken", "JSON"),
            (b"\x1f\x8b\x08rest", "compress"),
            (b"%PDF-1.7 rest", "PDF"),
            (b"PAR1rest", "Parquet"),
            (b"\x00\x01\x02", "binaire"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "Excel"),
        ],
    )
    def test_another_container(self, tmp_path: Path, content: bytes, word: str) -> None:
        (problem,) = refused(tmp_path, content)
        assert problem.code.id == "EVK-DATA-021"
        assert word in problem.render("fr")
        assert "https://www.insee.fr" in problem.render("fr")

    def test_a_zip_archive(self, tmp_path: Path) -> None:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("panel.csv", GOOD)
        (problem,) = refused(tmp_path, data.getvalue())
        assert problem.code.id == "EVK-DATA-021"
        assert "zip" in problem.render("en")

    def test_a_workbook_that_is_a_web_page(self, tmp_path: Path) -> None:
        from evalkit.data.adapters.insee_qpv_census_2010 import read as read_census

        path = tmp_path / "demographie_2010_qpv.xls"
        path.write_text("<html><body>Acc\u00e8s refus\u00e9</body></html>", encoding="utf-8")
        with pytest.raises(DataError) as caught:
            read_census(source_files([path]), registry()["insee_qpv_census_2010"])
        (problem,) = caught.value.problems
        assert problem.code.id == "EVK-DATA-021"
        assert "un classeur Excel" in problem.render("fr")

    def test_a_damaged_workbook(self, tmp_path: Path) -> None:
        from evalkit.data.adapters.insee_qpv_census_2010 import read as read_census

        path = tmp_path / "demographie_2010_qpv.xls"
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
        with pytest.raises(DataError, match="EVK-DATA-020"):
            read_census(source_files([path]), registry()["insee_qpv_census_2010"])

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(DataError) as caught:
            source_files([tmp_path / "b.csv", tmp_path / "a.csv"])
        assert [problem.code.id for problem in caught.value.problems] == ["EVK-DATA-020"] * 2

    def test_codes_of_another_level_under_the_same_header(self, tmp_path: Path) -> None:
        from evalkit.data.adapters.insee_filosofi import read_commune

        header = "codgeo,revenu_median,taux_pauvrete,rapport_interdecile,decile1,decile9,nb_menages,nb_personnes,part_minima_sociaux"
        path = tmp_path / "filosofi.csv"
        path.write_text(f"{header}\n200066355.0,1,2,3,4,5,6,7,8\n", encoding="utf-8")
        assert [found.dataset for found in recognise(path)] == ["insee_filosofi_epci"]
        with pytest.raises(DataError, match="insee_filosofi_epci"):
            read_commune(source_files([path]), registry()["insee_filosofi_commune"])

    def test_another_year_in_the_name(self, tmp_path: Path) -> None:
        from evalkit.data.adapters.sdes_rpls import read_qpv

        path = tmp_path / "rpls_qpv_2023.csv"
        path.write_text("CodGeo,nbLsPls,txVac,txVac3m,txRot,moyLoy\nQP001001,1,2,3,4,5\n", encoding="utf-8")
        with pytest.raises(DataError, match="EVK-DATA-017"):
            read_qpv(source_files([path]), registry()["sdes_rpls_qpv"])


class TestMaps:
    SQUARE = "[[[0, 0], [1, 0], [1, 1], [0, 0]]]"

    def refused(self, tmp_path: Path, feature: str, kind: str = "geojson") -> tuple[Problem, ...]:
        from evalkit.data.adapters.hackaviz_qpv_2021 import read as read_hackaviz

        path = tmp_path / f"qp.{kind}"
        path.write_text(feature, encoding="utf-8")
        with pytest.raises(DataError) as caught:
            read_hackaviz(source_files([path]), registry()["hackaviz_qpv_2021"])
        return caught.value.problems

    def map(self, code: str, coordinates: str) -> str:
        properties = f'{{"code_qp": "{code}", "nom_qp": "x", "code_commune": "34172", "nom_commune": "x"}}'
        geometry = f'{{"type": "Polygon", "coordinates": {coordinates}}}'
        feature = f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'
        return f'{{"type": "FeatureCollection", "features": [{feature}]}}'

    def test_an_ill_formed_code(self, tmp_path: Path) -> None:
        (problem,) = self.refused(tmp_path, self.map("34005", self.SQUARE))
        assert problem.code.id == "EVK-DATA-030"

    @pytest.mark.parametrize(
        "coordinates",
        [
            "[]",
            "[[[0, 0], [1, 0]]]",
            LAMBERT_93,
            '"x"',
        ],
    )
    def test_a_contour_that_is_none(self, tmp_path: Path, coordinates: str) -> None:
        (problem,) = self.refused(tmp_path, self.map("QP034005", coordinates))
        assert problem.code.id == "EVK-DATA-042"
        assert "QP034005" in problem.render("fr")

    def test_a_collection_without_features(self, tmp_path: Path) -> None:
        (problem,) = self.refused(tmp_path, '{"type": "FeatureCollection"}')
        assert problem.code.id == "EVK-DATA-019"

    def test_a_crossing_ring_is_repaired(self, tmp_path: Path) -> None:
        from evalkit.data.adapters.hackaviz_qpv_2021 import read as read_hackaviz

        path = tmp_path / "qp.geojson"
        path.write_text(self.map("QP034005", "[[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]"), encoding="utf-8")
        delivery = read_hackaviz(source_files([path]), registry()["hackaviz_qpv_2021"])
        assert [problem.code.id for problem in delivery.problems] == ["EVK-DATA-041"]
        assert len(delivery.territories) == 1


def test_codes_that_a_spreadsheet_made_numbers_are_codes_again(tmp_path: Path) -> None:
    from evalkit.data.adapters.insee_filosofi import read_epci

    header = "codgeo,revenu_median,taux_pauvrete,rapport_interdecile,decile1,decile9,nb_menages,nb_personnes,part_minima_sociaux"
    path = tmp_path / "filosofi_epci.csv"
    path.write_text(f"{header}\n200066355.0,20000,12.5,3,9000,27000,5000,12000,2.5\n", encoding="utf-8")
    delivery = read_epci(source_files([path]), registry()["insee_filosofi_epci"])
    assert set(delivery.observations["territory"]) == {"200066355"}


def _column(values: list[str]) -> Table:
    import pandas as pd

    from evalkit.data.delivery import SourceFile

    frame = pd.DataFrame({"x": values}, dtype="str")
    return Table(SourceFile(Path("x.csv"), ""), frame, pd.Series(range(2, len(values) + 2), dtype="int64"))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_a_written_number_is_read_as_it_was(numbers: list[float]) -> None:
    read_back = read_numbers(_column([repr(number) for number in numbers]), "x")
    assert list(read_back["value"]) == numbers
    assert set(read_back["mark"]) == {""}


@given(st.text(max_size=12))
def test_any_text_is_a_number_a_mark_or_a_refusal(text: str) -> None:
    refusals: list[str] = []
    try:
        row = read_numbers(_column([text]), "x").iloc[0]
    except DataError as error:
        refusals = [problem.code.id for problem in error.problems]
    else:
        assert (row["mark"] == "") == (row["value"] == row["value"])
    assert set(refusals) <= {"EVK-DATA-031"}


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), min_size=1, max_size=8))
def test_quoted_fields_keep_their_line(rows: list[tuple[str, str]]) -> None:
    import csv

    from evalkit.data.delivery import SourceFile
    from evalkit.data.reading import Content

    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["a", "b"])
    writer.writerows(rows)
    content = Content("csv", text.getvalue())
    table = read_csv(content, SourceFile(Path("x.csv"), ""), "")
    kept = [(left.strip(), right.strip()) for left, right in rows if left.strip() or right.strip()]
    assert list(table.frame.itertuples(index=False, name=None)) == kept


def test_content_is_told_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    (file,) = source_files([path])
    assert read_content(file, "").kind == "geojson"
