"""Sales of flats and houses in priority districts (DVF), aggregated: median price per square metre with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.data.adapters.observe import Measure, Setting, observe, ordered
from evalkit.data.adapters.places import QPV
from evalkit.data.adapters.tables import Opened, left_aside, left_out
from evalkit.data.codes import FEW_SALES
from evalkit.data.delivery import Delivery, SourceFile
from evalkit.data.reading import check_unique, read_numbers, read_years
from evalkit.data.registry import Dataset
from evalkit.text import msg

KEY = ("code_qp", "annee_mutation", "type_local")
DWELLINGS = {"Appartement": "dwelling=flat", "Maison": "dwelling=house"}
SMALLEST = 11
PRICE = Measure("prix_m2_median", "ho_prix", blank="missing", blank_note=FEW_SALES, n="n_ventes")


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the medians; under 11 sales there is none, which is too few cases and not a secret."""
    opened = Opened(files, dataset)
    (table,) = opened.tables("table")
    check_unique(table, KEY)
    known = table.frame["type_local"].isin(list(DWELLINGS))
    kept = table.where(known)
    years = read_years(kept, "annee_mutation")
    vintage = f"{years.min()}-{years.max()}"
    setting = Setting(kept.frame["code_qp"], "qpv", QPV, dataset, vintage, years)
    observed = observe(kept, (PRICE,), setting)
    others = left_out(table, int((~known).sum()), msg("they are neither flats nor houses"), "$.type_local")
    few = read_numbers(kept, "n_ventes")["value"] < SMALLEST
    interval = {
        name: read_numbers(kept, column)["value"] for name, column in (("lower", "ic95_bas"), ("upper", "ic95_haut"))
    }
    rows = observed.rows.assign(
        breakdown=kept.frame["type_local"].map(DWELLINGS).astype("str"),
        value=observed.rows["value"].mask(few),
        status=observed.rows["status"].mask(few, "missing"),
        note=observed.rows["note"].mask(few, FEW_SALES.id),
        **{name: bound.mask(few) for name, bound in interval.items()},
    )
    rows["confidence"] = rows["lower"].notna().map({True: 0.95, False: None}).astype("float64")
    used = [*KEY, "prix_m2_median", "n_ventes", "ic95_bas", "ic95_haut", "secret"]
    return Delivery(
        vintage,
        ordered(rows),
        problems=(*table.problems, *observed.problems, *others),
        skipped=left_aside(table, used),
    )
