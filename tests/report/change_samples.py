"""What changed since an earlier run, as the batch tells a report."""

from __future__ import annotations

import datetime

from evalkit.report import Change, Changes
from evalkit.report.labels import VERDICT_LABELS
from evalkit.text import Quantity, msg, nmsg

REVISED = Change(
    label="Taux de pauvreté à 60 %",
    where=("2020", msg("level at one date")),
    reason=msg("revised: the data changed"),
    finding=0,
    before=Quantity(57.8, "percent", 1),
    after=Quantity(59.25, "percent", 1),
)
JUDGED = Change(
    label="Évolution de la pauvreté",
    where=("2012-2015",),
    reason=msg("both the data and the method changed"),
    finding=1,
    before=Quantity(-1.9, "point", 1, signed=True),
    after=Quantity(0.4, "point", 1, signed=True),
    verdict_before=VERDICT_LABELS["met"],
    verdict_after=VERDICT_LABELS["cannot_tell"],
)
WITHHELD = Change(
    label="Revenu médian",
    where=("2020",),
    reason=msg("revised: the data changed"),
    finding=0,
    note=msg("the value is withheld today (statistical confidentiality)"),
)
GONE = Change(label="Part des diplômés", where=("2019",), reason=msg("dropped"))
SINCE = Changes(
    run="lr-2025-03",
    day=datetime.date(2025, 3, 1),
    sentence=nmsg("{n} finding compared: {parts}.", "{n} findings compared: {parts}.", 57, parts=["53", "4"]),
    shown=(JUDGED, REVISED, WITHHELD, GONE),
)
