"""Structures of the social and solidarity economy: how many, of which family, how long they live, at what cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import NOTHING, Result
from evalkit.text import Interval, Message, Quantity, msg, nmsg

if TYPE_CHECKING:
    import pandas as pd

_DAYS = 365.25
LEAST_STRUCTURES = 3  # Insee, business statistics: a cell must not rest on fewer than 3 units
SUPPORTED, NOT_SUPPORTED = (
    "supported",
    "without_support",
)  # in this order: the difference is supported minus not supported


@dataclass(frozen=True)
class Structures:
    """The structures of a territory (or of the whole programme): one row each, with years of life observed."""

    frame: pd.DataFrame
    level: str

    @property
    def is_hidden(self) -> bool:
        """Say whether the disclosure rule hides what the supported structures employ and receive: they are too few."""
        return 0 < len(self.supported) < LEAST_STRUCTURES

    @property
    def supported(self) -> pd.DataFrame:
        """Return the supported structures."""
        return self.frame[self.frame["supported"].astype(bool)]

    @property
    def others(self) -> pd.DataFrame:
        """Return the structures that were not supported."""
        return self.frame[~self.frame["supported"].astype(bool)]


def structures(reader: Reader, *, everywhere: bool = False) -> Structures:
    """Return the structures of the territory, or of the whole programme."""
    import pandas as pd

    place = reader.territory
    frame = reader.warehouse.structures(
        territory=None if everywhere else place.code, level=place.level, geography=place.geography
    ).copy()
    if not frame.empty:
        reader.used.setdefault(str(frame["source"].iloc[0]), set()).add(str(frame["vintage"].iloc[0]))
    last = pd.to_datetime(frame["ended"].fillna(frame["observed_until"]))
    frame["years"] = (last - pd.to_datetime(frame["created"])).dt.days / _DAYS
    frame["closed"] = frame["ended"].notna().astype(int)
    frame["group"] = frame["supported"].map({True: SUPPORTED, False: NOT_SUPPORTED})
    return Structures(frame, "programme" if everywhere else reader.territory.level)


def survival_gap(group: Structures, lang: str, indicator: str, years: int) -> Result:
    """Set the survival of supported structures at some years against that of structures that were not supported."""
    from evalkit.stats import survival

    label = msg("Survival at {years} years", years=Quantity(years))
    try:
        estimate = survival(group.frame, duration="years", event="closed", group="group", at=(years,), confidence=0.95)
    except StatsError as error:
        return _absent(label, lang, indicator, group, error)
    gap = _in_points(estimate)
    if gap.lower is None or gap.upper is None:
        return _absent(label, lang, indicator, group, None)
    supported, others = (float(gap.details[name] or 0.0) for name in (SUPPORTED, NOT_SUPPORTED))
    return Result(
        kind="estimate",
        lang=lang,
        indicator=indicator,
        breakdown="none",
        label=label,
        period=f"+{years}",
        unit="point",
        status="published",
        headline=msg(
            "In the whole programme, {rate} of supported structures are alive after {years} years",
            rate=Quantity(100 * supported, "percent", 0),
            years=Quantity(years),
        )
        if group.level == "programme"
        else msg(
            "{rate} of supported structures are alive after {years} years",
            rate=Quantity(100 * supported, "percent", 0),
            years=Quantity(years),
        ),
        sentence=msg(
            "In the whole programme, after {years} years {supported} of supported structures are alive, against {others} of the others",
            years=Quantity(years),
            supported=Quantity(100 * supported, "percent", 0),
            others=Quantity(100 * others, "percent", 0),
        )
        if group.level == "programme"
        else msg(
            "After {years} years {supported} of the supported structures are alive, against {others} of those that were not supported",
            years=Quantity(years),
            supported=Quantity(100 * supported, "percent", 0),
            others=Quantity(100 * others, "percent", 0),
        ),
        uncertainty=msg(
            "gap {gap}, 95% interval {bounds}, {n} structures",
            gap=Quantity(gap.value, "point", 1, signed=True),
            bounds=Interval(gap.lower, gap.upper, "point", 1, signed=True),
            n=Quantity(gap.n or 0),
        ),
        limits=(msg("The structures that were supported were chosen: the gap is not the effect of the support"),),
        value=gap.value,
        se=gap.se,
        lower=gap.lower,
        upper=gap.upper,
        confidence=0.95,
        n=gap.n,
        method="kaplan_meier",
        level=group.level,
        comparator="not_supported",
        comparator_label=msg("structures not supported").render(lang),
        comparator_value=100 * others,
        source=str(group.frame["source"].iloc[0]),
        vintage=str(group.frame["vintage"].iloc[0]),
        estimate=gap,
        checks=estimate.checks,
        grade=1,
        grade_reason=msg("supported and not supported structures differ in more than the support"),
    )


def _in_points(estimate: Estimate) -> Estimate:
    """Return the difference of the two shares in points, with the shares themselves as details."""
    table = estimate.table
    assert table is not None
    stated = table[table["kind"] == "stated"].set_index("group")["value"]
    shares = {name: float(stated[name]) for name in (SUPPORTED, NOT_SUPPORTED)}
    return replace(
        estimate,
        value=100 * estimate.value,
        unit="point",
        se=None if estimate.se is None else 100 * estimate.se,
        lower=None if estimate.lower is None else 100 * estimate.lower,
        upper=None if estimate.upper is None else 100 * estimate.upper,
        details={**estimate.details, **shares},
    )


def _absent(label: Message, lang: str, indicator: str, group: Structures, error: StatsError | None) -> Result:
    doubt = NOTHING if error is None else Message(error.problems[0].code.message, error.problems[0].values)
    sentence = msg("{label}: it cannot be told here", label=label)
    return Result(
        kind="estimate",
        lang=lang,
        indicator=indicator,
        breakdown="none",
        label=label,
        period="",
        unit="point",
        status="missing",
        sentence=sentence,
        headline=sentence,
        uncertainty=doubt,
        method="kaplan_meier",
        level=group.level,
        grade=1,
        grade_reason=msg("too few structures"),
        reading="untested",
    )


def share_of_exits(group: Structures, lang: str, indicator: str) -> Result:
    """Return the share of positive exits among the exits from insertion of supported structures."""
    from evalkit.stats import proportion_interval

    label = msg("Positive exits from insertion")
    part = group.supported.dropna(subset=["insertion_exits", "insertion_exits_positive"])
    exits, positive = int(part["insertion_exits"].sum()), int(part["insertion_exits_positive"].sum())
    if exits == 0:
        sentence = msg("{label}: no exit is recorded here", label=label)
        return _observed(label, lang, indicator, group, sentence, unit="percent")
    if group.is_hidden:
        return _hidden(label, lang, indicator, group, "percent")
    estimate = proportion_interval(positive, exits)
    lower, upper = 100 * (estimate.lower or 0.0), 100 * (estimate.upper or 0.0)
    sentence = msg(
        "{positive} of the {exits} persons who left insertion had a positive exit, {rate}",
        positive=Quantity(positive),
        exits=Quantity(exits),
        rate=Quantity(100 * estimate.value, "percent", 0),
    )
    doubt = msg("95% interval {bounds}", bounds=Interval(lower, upper, "percent", 0))
    return _observed(
        label, lang, indicator, group, sentence,
        value=100 * estimate.value, lower=lower, upper=upper, unit="percent", n=exits, doubt=doubt,
    )  # fmt: skip


def cost_per_job(group: Structures, lang: str, indicator: str) -> Result:
    """Return the grants paid for each job that the supported structures have at the end: a ratio, not a cost of creation."""
    part, label = group.supported, msg("Grants per job")
    jobs, grants = float(part["jobs_end"].sum()), float(part["grant"].sum())
    if part.empty or part[["grant", "jobs_end"]].isna().any(axis=None) or jobs <= 0:
        sentence = msg("{label}: it cannot be told here", label=label)
        return _observed(label, lang, indicator, group, sentence, unit="euro", n=len(part))
    if group.is_hidden:
        return _hidden(label, lang, indicator, group, "euro")
    sentence = msg(
        "{grants} of grants for {jobs} jobs in the supported structures, {cost} per job",
        grants=Quantity(grants, "euro"),
        jobs=Quantity(jobs),
        cost=Quantity(grants / jobs, "euro"),
    )
    doubt = msg(
        "The jobs of a supported structure would in part exist without the grant: this is not the cost of a created job"
    )
    return _observed(
        label, lang, indicator, group, sentence, value=grants / jobs, unit="euro", n=len(part), doubt=doubt
    )


def counts(group: Structures, lang: str, indicator: str) -> Result:
    """Return how many structures are supported, and their jobs where the disclosure rule lets them be shown."""
    label, part = msg("Supported structures"), group.supported
    if group.frame.empty:
        return _observed(
            label, lang, indicator, group, msg("{label}: no file of structures is known here", label=label)
        )
    alive = part[part["closed"] == 0]
    number = len(part)
    if group.is_hidden or alive["jobs_end"].isna().any():
        sentence = nmsg(
            "{n} supported structure, {alive} still active; their jobs cannot be shown",
            "{n} supported structures, {alive} still active; their jobs cannot be shown",
            number,
            alive=Quantity(len(alive)),
        )
    else:
        sentence = nmsg(
            "{n} supported structure, {alive} still active, {jobs} jobs",
            "{n} supported structures, {alive} still active, {jobs} jobs",
            number,
            alive=Quantity(len(alive)),
            jobs=Quantity(float(alive["jobs_end"].sum())),
        )
    return _observed(label, lang, indicator, group, sentence, value=float(number), n=number)


def _hidden(label: Message, lang: str, indicator: str, group: Structures, unit: str) -> Result:
    """Return the result that the disclosure rule hides: too few structures stand behind it."""
    sentence = msg("{label}: secret, fewer than {least} structures", label=label, least=Quantity(LEAST_STRUCTURES))
    return _observed(label, lang, indicator, group, sentence, unit=unit, status="secret")


def _observed(
    label: Message,
    lang: str,
    indicator: str,
    group: Structures,
    sentence: Message,
    *,
    value: float | None = None,
    lower: float | None = None,
    upper: float | None = None,
    unit: str = "count",
    n: int | None = None,
    doubt: Message = NOTHING,
    status: str = "missing",
) -> Result:
    """Return an observation on structures; `status` says why there is no value."""
    first = None if group.frame.empty else group.frame.iloc[0]
    return Result(
        kind="observation",
        lang=lang,
        indicator=indicator,
        breakdown="none",
        label=label,
        period="" if first is None else str(first["observed_until"])[:4],
        unit=unit,
        status="published" if value is not None else status,
        sentence=sentence,
        headline=sentence,
        uncertainty=doubt,
        value=value,
        lower=lower,
        upper=upper,
        confidence=None if lower is None else 0.95,
        n=n if status != "secret" else None,
        method="count" if lower is None else "wilson",
        level=group.level,
        source="" if first is None else str(first["source"]),
        vintage="" if first is None else str(first["vintage"]),
    )
