"""Small areas, neighbours and segregation against published results."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.stats import moran, segregation, small_area


def test_milk_expenditure_of_small_areas(shared_reference):
    rows = pd.read_csv(shared_reference / "milk" / "expenditure_on_milk.csv", dtype={"major_area": str})
    found = small_area(rows, estimate="direct_est", se="std_error", covariates=["major_area"])
    assert found.value == pytest.approx(0.01855022, abs=5e-7)
    beta = found.table[found.table["kind"] == "coefficient"]
    assert beta["value"].tolist() == pytest.approx([0.9681890, 0.1327801, 0.2269462, -0.2413011], abs=5e-7)
    assert beta["se"].tolist() == pytest.approx([0.06936208, 0.10300072, 0.09232981, 0.08161707], abs=5e-7)
    areas = found.table[found.table["kind"] == "territory"]
    combined = [1.0219703, 1.0476018, 1.0679513, 0.7608170, 0.8461574, 0.9743727]
    assert areas["value"].head(6).tolist() == pytest.approx(combined, abs=1e-6)
    assert areas["value"].iloc[-1] == pytest.approx(0.6810870, abs=1e-6)
    errors = [0.013460220, 0.005372876, 0.005701990, 0.008541740, 0.009579594, 0.011670632]
    assert (areas["se"].head(6) ** 2).tolist() == pytest.approx(errors, abs=5e-8)
    assert areas["se"].iloc[-1] ** 2 == pytest.approx(0.009903626, abs=5e-8)


@pytest.fixture(scope="module")
def columbus(shared_reference):
    rows = pd.read_csv(shared_reference / "columbus" / "columbus.csv")
    lines = (shared_reference / "columbus" / "columbus.gal").read_text(encoding="ascii").split("\n")[1:]
    weights = np.zeros((49, 49))
    for head, neighbours in zip(lines[::2], lines[1::2], strict=False):
        if head.strip():
            weights[int(head.split()[0]) - 1, [int(j) - 1 for j in neighbours.split()]] = 1
    return rows, weights


def test_moran_and_geary_of_columbus(columbus):
    rows, weights = columbus
    found = moran(rows["CRIME"], weights)
    assert found.value == pytest.approx(0.485770914, abs=1e-9)
    assert found.details["variance"] == pytest.approx(0.008991121, abs=1e-9)
    assert found.details["z"] == pytest.approx(5.3427, abs=5e-5)
    assert found.p_value / 2 == pytest.approx(4.58e-08, rel=1e-3)
    assert found.details["geary"] == pytest.approx(0.547803377, abs=1e-9)
    normal = moran(rows["CRIME"], weights, inference="normal")
    assert normal.details["variance"] == pytest.approx(0.008860962, abs=1e-9)
    assert normal.details["z"] == pytest.approx(5.3818, abs=5e-5)
    assert moran(rows["CRIME"], weights, standardise=False).value == pytest.approx(0.482272307, abs=1e-9)


def test_residual_moran_of_columbus(columbus):
    rows, weights = columbus
    design = np.column_stack([np.ones(49), rows["HOVAL"], rows["INC"]])
    rest = rows["CRIME"] - design @ np.linalg.lstsq(design, rows["CRIME"], rcond=None)[0]
    assert moran(rest, weights).value == pytest.approx(0.212374153, abs=1e-9)


def test_school_segregation(shared_reference):
    rows = pd.read_csv(shared_reference / "segregation" / "schools00.csv")
    names = {"unit": "school", "group": "race", "count": "n"}
    mutual = segregation(rows, "mutual_information", **names, within="state")
    theil = segregation(rows, "theil", **names, within="state")
    assert mutual.value == pytest.approx(0.42553897588, abs=1e-10)
    assert theil.value == pytest.approx(0.41880831464, abs=1e-10)
    parts = mutual.table.set_index("term")["value"]
    assert parts["between"] == pytest.approx(0.09924370, abs=1e-8)
    assert theil.table.set_index("term")["value"]["between"] == pytest.approx(0.09767398, abs=1e-8)
    assert (parts["within"], theil.table["value"].iloc[1]) == pytest.approx((0.326, 0.321), abs=5e-4)
    share = rows.groupby("race")["n"].sum() / rows["n"].sum()
    assert (parts[share.index] * share).sum() == pytest.approx(mutual.value)
    pair = rows[rows["race"].isin(["black", "white"])]
    assert segregation(pair, **names).value == pytest.approx(0.728387885, abs=1e-9)
    assert segregation(pair, "isolation", **names, focus="black").value == pytest.approx(0.684144353, abs=1e-9)
