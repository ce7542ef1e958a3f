"""INSEE, demographic estimates of the priority districts, census 2010: the workbook itself, or tables copied from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from evalkit.data.adapters.observe import FEMALE, FOREIGN, FRENCH, MALE, Measure, Observed, Setting, observe, ordered
from evalkit.data.adapters.places import QPV, regions_before, territory_frame
from evalkit.data.adapters.qpv_zones import COUNTRY_ZONE, LEVEL, country_zone, region_zone, zone_code
from evalkit.data.adapters.tables import Opened, add_counts, joined, left_aside, open_table
from evalkit.data.codes import OVER_HOUSEHOLDS, SECRET_OR_NO_DATA
from evalkit.data.delivery import Delivery, SourceFile
from evalkit.data.reading import Given, Table, check_codes, check_unique, codes_as_text, from_rows, read_sheet
from evalkit.data.registry import Dataset
from evalkit.text import msg

PERIOD = "2010"
LABELS = ("NOM_QP", "qp", "listcom", "reg", "niv", "", "Unnamed: 0")


def _measures() -> Iterator[Measure]:
    blank = SECRET_OR_NO_DATA
    for stem, indicator in (
        ("empl", "em_emploi"),
        ("eprec", "em_prec"),
        ("infbac", "ed_dipl"),
        ("scol", "ed_scol"),
    ):
        yield Measure(f"tx_tot_{stem}", indicator, PERIOD, percent=True, blank_note=blank)
        yield Measure(f"tx_f_{stem}", indicator, PERIOD, FEMALE, percent=True, blank_note=blank)
        yield Measure(f"tx_et_{stem}", indicator, PERIOD, FOREIGN, percent=True, blank_note=blank)
    yield Measure("tx_tot_fam_mono", "de_mono", PERIOD, percent=True, blank_note=blank, note=OVER_HOUSEHOLDS)
    yield Measure("tx_tot_et", "ig_etr", PERIOD, percent=True, blank_note=blank)
    yield Measure("tx_f_et", "ig_etr", PERIOD, FEMALE, percent=True, blank_note=blank)
    yield Measure("tx_l_vacant", "ho_vac", PERIOD, percent=True, blank_note=blank)
    yield Measure("l_nbpers", "ho_pers", PERIOD, blank_note=blank)
    for column, breakdown in (
        ("ind_jeune", "none"),
        ("h_ind_jeune", MALE),
        ("f_ind_jeune", FEMALE),
        ("fr_ind_jeune", FRENCH),
        ("et_ind_jeune", FOREIGN),
    ):
        yield Measure(column, "de_jeune", PERIOD, breakdown, blank_note=blank)


MEASURES = tuple(_measures())


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read districts, and apart from them the rows for all the districts of a region and of the country."""
    opened = Opened(files, dataset)
    districts = opened.tables("workbook", "districts")
    groups = [_groups(item, dataset) for item in opened.role("workbook", "regions")]
    vintage = dataset.vintage or PERIOD
    observed = [
        *(_observe_districts(table, dataset, vintage) for table in districts),
        *(_observe_groups(table, dataset, vintage) for table in groups),
    ]
    zones = [region_zone(code) for code in regions_before()] + [country_zone()]
    named = {zone for table in groups for zone in table.frame["zone"]}
    tables = [*districts, *groups]
    used = [*LABELS, "zone", *(measure.column for measure in MEASURES)]
    return Delivery(
        vintage,
        ordered(joined([part.rows for part in observed])),
        territory_frame([zone for zone in zones if zone.code in named], dataset, vintage, tables[0].file),
        problems=(
            *opened.problems(),
            *(problem for table in tables for problem in table.problems),
            *(problem for part in observed for problem in part.problems),
        ),
        skipped=add_counts(*(left_aside(table, used) for table in districts)),
    )


def _observe_districts(table: Table, dataset: Dataset, vintage: str) -> Observed:
    check_unique(table, ["qp"])
    return observe(table, MEASURES, Setting(table.frame["qp"], "qpv", QPV, dataset, vintage))


def _observe_groups(table: Table, dataset: Dataset, vintage: str) -> Observed:
    return observe(table, MEASURES, Setting(table.frame["zone"], LEVEL, QPV, dataset, vintage))


def _groups(given: Given, dataset: Dataset) -> Table:
    """Return the table of the regions, with the code of the group of districts that each row stands for."""
    if given.spec.kind == "xls":
        spec = given.spec
        table = from_rows(read_sheet(given.file, "Regions"), spec.header_row, spec.data_row, given.file)
    else:
        table = open_table(replace(given, spec=replace(given.spec, key="")), dataset)
    region = codes_as_text(table.frame["reg"])
    first = table.frame.columns[0]
    total = (region == "") & table.frame[first].str.casefold().str.startswith("ensemble")
    kept = table.where((region != "") | total)
    kept.frame["reg"] = codes_as_text(kept.frame["reg"]).mask(kept.frame["reg"] == "", "M")
    check_codes(kept, "reg", r"\d\d|M", msg("a code like {example}", example="91"))
    check_unique(kept, ["reg"])
    kept.frame["zone"] = kept.frame["reg"].map(_zone).astype("str")
    return kept


def _zone(region: str) -> str:
    return COUNTRY_ZONE if region == "M" else zone_code(region)
