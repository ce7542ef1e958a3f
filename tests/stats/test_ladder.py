"""The evidence ladder: what each design needs, why the others are not possible, and the statement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_differences import COLUMNS, panel

from evalkit.errors import StatsError
from evalkit.stats import did, synthetic_control
from evalkit.stats.ladder import evidence_ladder
from evalkit.text import msg

ORDER = ["before_after", "gap", "matched", "did", "synthetic_control", "regression_discontinuity"]


def admissible(frame, **more):
    return [rung.design for rung in evidence_ladder(frame, **COLUMNS, **more).rungs if rung.admissible]


def test_the_rungs_stand_in_order():
    ladder = evidence_ladder(panel([2003] * 4 + [None] * 20), **COLUMNS)
    assert [rung.design for rung in ladder.rungs] == ORDER
    assert ladder.strongest.design == "did"
    assert ladder.strongest.ceiling == 3
    assert "parallel trends before" in ladder.strongest.checks
    assert ladder.rung("gap").admissible


@pytest.mark.parametrize(
    ("frame", "more", "expected"),
    [
        (panel([2006] + [None] * 25, periods=9), {"territory": "q00"}, ["before_after", "gap", "synthetic_control"]),
        (panel([2006] + [None] * 18, periods=9), {"territory": "q00"}, ["before_after"]),
        (
            panel([2006] * 2 + [None] * 19, periods=9),
            {},
            ["before_after", "gap", "matched", "did", "synthetic_control"],
        ),
        (panel([2003] * 8), {}, ["before_after"]),
        (panel([2003] * 4 + [2004] * 4), {}, ["before_after", "did"]),
        (panel([2001] * 4 + [None] * 20), {}, ["before_after", "gap", "matched"]),
        (panel([2000] * 4 + [None] * 20), {}, []),
        (panel([2003] * 2 + [None] * 3), {}, ["before_after", "gap"]),
    ],
)
def test_what_the_data_allow(frame, more, expected):
    assert admissible(frame, **more) == expected


def test_secret_values_close_what_compares_but_not_the_territory():
    frame = panel([2006] + [None] * 25, periods=9)
    frame["s"] = np.where((frame["u"] > "q15") & (frame["t"] % 2 == 0), "secret", "published")
    ladder = evidence_ladder(frame, **COLUMNS, territory="q00", status="s")
    assert [rung.design for rung in ladder.rungs if rung.admissible] == ["before_after"]
    assert "secret" in ladder.rung("gap").sentence.render("en")
    own = frame.assign(s=np.where((frame["u"] == "q00") & (frame["t"] < 2006), "secret", "published"))
    closed = evidence_ladder(own, **COLUMNS, territory="q00", status="s")
    assert closed.strongest is None
    assert "no design at all" in closed.statement.render("en")
    assert "aucun" in closed.statement.render("fr")


def test_a_threshold_that_decides():
    random = np.random.default_rng(1)
    income = random.uniform(8000, 14000, 120)
    frame = panel([2003 if value < 11000 else None for value in income])
    frame["income"] = frame["u"].map({f"q{i:02d}": value for i, value in enumerate(income)})
    arguments = {"running": "income", "cutoff": 11000}
    assert "regression_discontinuity" in admissible(frame, **arguments)
    other = frame.assign(income=frame["u"].map({f"q{i:02d}": v for i, v in enumerate(random.permutation(income))}))
    rung = evidence_ladder(other, **COLUMNS, running="income", cutoff=9000).rung("regression_discontinuity")
    assert not rung.admissible
    assert (
        not evidence_ladder(frame, **COLUMNS, running="income", cutoff=8100).rung("regression_discontinuity").admissible
    )


def test_clusters_are_what_counts():
    frame = panel([2003] * 8 + [None] * 20)
    frame["c"] = np.where(frame["u"] < "q08", "one", "other")
    rung = evidence_ladder(frame, **COLUMNS, cluster="c").rung("did")
    assert not rung.admissible
    assert "1 treated cluster" in rung.sentence.render("en")


def test_a_treatment_that_ends_is_said():
    frame = panel([None] * 24)
    frame["d"] = ((frame["u"] < "q05") & frame["t"].between(2002, 2003)).astype(int)
    ladder = evidence_ladder(frame, outcome="y", unit="u", time="t", treated="d")
    assert ladder.rung("did").admissible
    assert "ends within the period" in ladder.rung("did").sentence.render("en")
    assert not ladder.rung("synthetic_control").admissible


def test_the_statement_in_two_languages():
    ladder = evidence_ladder(
        panel([2003] * 3 + [None] * 20), **COLUMNS, label=msg("parallel trends before"), territory="q01"
    )
    assert ladder.statement.render("en") == (
        "parallel trends before, q01: the data allow up to gap to comparators (20 comparators), which proves at most 2 out of 5. "
        "Discontinuity at a threshold is not possible: no threshold is known that decides who gets the programme. "
        "Synthetic control is not possible: 3 periods before, 5 are needed. "
        "Difference in differences is not possible: 1 treated cluster, 2 are needed. "
        "Matched comparison is not possible: one treated territory: a matched comparison would have no error"
    )
    assert ladder.statement.render("fr") == (
        "tendances parallèles avant, q01\xa0: les données permettent au mieux\xa0: écart aux territoires de comparaison "
        "(20 territoires de comparaison), preuve de niveau 2 sur 5 au plus. "
        "Discontinuité à un seuil\xa0: impossible (aucun seuil connu ne décide qui bénéficie du programme). "
        "Contrôle synthétique\xa0: impossible (3 périodes avant, il en faut 5). "
        "Différence de différences\xa0: impossible (1 grappe traitée, il en faut 2). "
        "Comparaison appariée\xa0: impossible "
        "(un seul territoire traité\xa0: une comparaison appariée n’aurait pas de marge d’erreur)"
    )
    for lang in ("fr", "en"):
        table = ladder.table(lang)
        assert table["design"].tolist() == ORDER
        assert (table["reasons"] != "").all()


def test_what_is_admissible_can_be_computed():
    """The ladder promises nothing that the functions then refuse."""
    frame = panel([2006] * 2 + [None] * 19, periods=9)
    assert {"did", "synthetic_control"} <= set(admissible(frame))
    assert did(frame, **COLUMNS).lower is not None
    flagged = frame.assign(d=frame["g"].notna().astype(int))
    assert synthetic_control(flagged, outcome="y", unit="u", time="t", treated="d", start=2006).lower is not None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"territory": "q20"}, "EVK-STAT-009"),
        ({"running": "y"}, "EVK-STAT-013"),
        ({"treated": "d"}, "EVK-STAT-013"),
        ({"status": "s"}, "EVK-STAT-001"),
    ],
)
def test_refusals(more, code):
    frame = panel([2003] * 3 + [None] * 20).assign(d=0)
    with pytest.raises(StatsError, match=code):
        evidence_ladder(frame, **COLUMNS, **more)
    with pytest.raises(StatsError, match="EVK-STAT-012"):
        evidence_ladder(pd.concat([frame, frame.head(1)]), **COLUMNS)
    with pytest.raises(StatsError, match="EVK-STAT-007"):
        evidence_ladder(frame.assign(g=np.nan), **COLUMNS)
