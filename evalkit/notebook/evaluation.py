"""The evaluation of one territory, as a template sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from evalkit.errors import RefusedTerritoryError, TemplateError
from evalkit.model.figure import Figure
from evalkit.model.plan import Criterion, EvaluationPlan, Question
from evalkit.model.territory import Territory
from evalkit.notebook import assessing, closing, codes, delivering, describing
from evalkit.notebook import structures as ess
from evalkit.notebook.causal import Causal
from evalkit.notebook.charting import Alternatives, Charts
from evalkit.notebook.comparing import comparisons
from evalkit.notebook.estimating import is_unplanned
from evalkit.notebook.locating import has_place
from evalkit.notebook.quality import letter_of
from evalkit.notebook.reading import Reader
from evalkit.notebook.recording import (
    REFUSAL,
    SUMMARY,
    Identity,
    emit,
    emit_figure,
    emit_finding,
    emit_reads,
    finding_of,
)
from evalkit.notebook.results import Result
from evalkit.notebook.since import tracked


class Evaluation:
    """What `open_evaluation` returns: asks the warehouse, the statistics and the charts for one territory, records what it finds.

    Attributes:
        plan: the evaluation plan.
        territory: the territory.
        language: language of the report.
        charts: the charts that can be drawn here; each returns a figure.
        alt: for each chart, its text alternative, composed from its data.
    """

    def __init__(self, reader: Reader, identity: Identity, reference_period: str | None = None) -> None:
        self._reader = reader
        self._identity = identity
        self._assessed: list[Result] = []
        self._values: dict[tuple[str, str, str | None, str | None], Result] = {}
        self._structures: dict[bool, ess.Structures] = {}
        self._causal = Causal(reader, identity.lang)
        self._closed = False
        self.reference_period = reference_period
        self.plan: EvaluationPlan = reader.plan
        self.territory: Territory = reader.territory
        self.language = identity.lang
        self.charts = Charts(self, reader)
        self.alt = Alternatives(self.charts)

    def __repr__(self) -> str:
        return f"Evaluation({self.plan.evaluation!r}, {self.territory.code!r}, {self.language!r})"

    # -- what the plan asks ------------------------------------------------------------------------------------

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return the evaluation questions of the plan."""
        return self.plan.questions

    def criteria(self, *methods: str) -> tuple[Criterion, ...]:
        """Return the judgement criteria whose design uses one of the methods (all when none is named)."""
        return tuple(c for q in self.plan.questions for c in q.criteria if not methods or c.design.method in methods)

    def indicators(self, *roles: str) -> tuple[tuple[str, str], ...]:
        """Return (indicator, breakdown) of the plan that exist for this territory or a parent of it, in the plan's order.

        Roles, when named, keep only the indicators of those roles.
        """
        used = [item for item in self.plan.indicators if not roles or item.role in roles]
        pairs = [(item.id, breakdown) for item in used for breakdown in item.breakdowns]
        shown = tuple(pair for pair in pairs if describing.is_shown(self._reader, *pair))
        self._reader.asked.update(pair for pair in pairs if pair not in shown)  # what is lacking weighs on the quality
        return shown

    def with_history(self, *roles: str, at_least: int = 3) -> tuple[tuple[str, str], ...]:
        """Return (indicator, breakdown) of the plan that have at least so many published periods here."""
        pairs = []
        for indicator, breakdown in self.indicators(*roles):
            series = self._reader.series(indicator, breakdown, describing.shown_level(self._reader, indicator))
            if sum(1 for row in series.rows if row.value is not None) >= at_least:
                pairs.append((indicator, breakdown))
        return tuple(pairs)

    def is_published(self, indicator: str, breakdown: str = "none") -> bool:
        """Say whether at least one value of an indicator is published here (or for the parent that it is shown for)."""
        series = self._reader.series(indicator, breakdown, describing.shown_level(self._reader, indicator))
        return any(row.value is not None for row in series.rows)

    @property
    def has_place(self) -> bool:
        """Say whether the territory can be put on a map."""
        return has_place(self._reader)

    @property
    def has_comparisons(self) -> bool:
        """Say whether an indicator of the plan is published both here and for a larger place."""
        return bool(comparisons(self, self._reader))

    @property
    def has_targets(self) -> bool:
        """Say whether the plan gives both a baseline and a target to an indicator that is shown here."""
        return any(item.target and item.baseline for item in tracked(self, self._reader))

    @property
    def has_baselines(self) -> bool:
        """Say whether the plan gives a baseline or a target to an indicator that is shown here."""
        return bool(tracked(self, self._reader))

    @property
    def has_structures(self) -> bool:
        """Say whether supported structures are known here."""
        return len(self.structures().supported) > 0

    @property
    def has_structures_anywhere(self) -> bool:
        """Say whether supported structures are known anywhere in the programme."""
        return len(self.structures(everywhere=True).supported) > 0

    @property
    def main_comparator(self) -> str | None:
        """Return the comparator that values are set against: the first set of territories of the plan."""
        sets = [c.id for c in self.plan.comparators if c.kind in ("territories", "level", "plan")]
        return sets[0] if sets else None

    # -- what can be asked -------------------------------------------------------------------------------------

    def value(
        self, indicator: str, breakdown: str = "none", comparator: str | None = None, period: str | int | None = None
    ) -> Result:
        """Return the latest value of an indicator up to `period` (the reference period), set against a comparator."""
        until = self.reference_period if period is None else str(period)
        key = (indicator, breakdown, comparator or self.main_comparator, until)
        if key not in self._values:
            self._values[key] = describing.describe(self._reader, self.language, *key)
        return self._values[key]

    def values(self, *roles: str) -> Iterator[Result]:
        """Yield the latest value of each indicator of the plan."""
        for indicator, breakdown in self.indicators(*roles):
            yield self.value(indicator, breakdown)

    def change(
        self,
        indicator: str,
        start: str | int,
        end: str | int,
        comparator: str,
        breakdown: str = "none",
        across_breaks: str | None = None,
    ) -> Result:
        """Set the change of an indicator between two periods against the changes of a comparator's members."""
        result = assessing.change(
            self._reader, self.language, indicator, str(start), str(end), comparator, across_breaks, breakdown
        )
        self._assessed.append(result)
        return result

    def delivery(self, family: str, indicator: str = "ur_demol") -> Result:
        """Return how much of a family of operations is delivered, against the convention."""
        return delivering.delivery(self._reader, self.language, family, indicator)

    def families(self) -> list[delivering.Family]:
        """Return the families of operations of the territory."""
        return delivering.families(self._reader)

    def structures(self, *, everywhere: bool = False) -> ess.Structures:
        """Return the ESS structures of the territory, or of the whole programme."""
        if everywhere not in self._structures:
            self._structures[everywhere] = ess.structures(self._reader, everywhere=everywhere)
        return self._structures[everywhere]

    def survival(self, years: int = 3, *, everywhere: bool = False) -> Result:
        """Set the survival of supported structures against that of structures that were not supported."""
        return ess.survival_gap(self.structures(everywhere=everywhere), self.language, f"ess_survie{years}", years)

    def supported(self) -> Result:
        """Return how many structures are supported here, and their jobs."""
        return ess.counts(self.structures(), self.language, "ess_structures_n")

    def exits(self) -> Result:
        """Return the share of positive exits from insertion."""
        return ess.share_of_exits(self.structures(), self.language, "ess_siae_sortie")

    def cost_per_job(self) -> Result:
        """Return the grants for each job of the supported structures."""
        return ess.cost_per_job(self.structures(), self.language, "ess_cost_job")

    # -- effects of the programme --------------------------------------------------------------------------------

    def stage(self, name: str) -> Mapping[str, Any]:
        """Return what a stage of the run holds: work common to all territories, computed once."""
        return self._causal.stage(name)

    @property
    def has_effects(self) -> bool:
        """Say whether the plan asks for an estimate of the effect of the programme."""
        return bool(self._causal.asked)

    def effects(self, scope: str | None = None) -> tuple[Result, ...]:
        """Return the estimates of the effect of the programme: `programme` for its mean, `territory` for that here, None for all.

        Those that a criterion of the plan asks for are judged by its rule; the others, of primary indicators, are exploratory.
        """
        return self._causal.effects(scope)

    def ladder(self, indicator: str, breakdown: str = "none", comparator: str | None = None) -> Figure | None:
        """Return the evidence ladder of an indicator as a table: which designs its data allow here, and why not the others.

        None where the programme is not known here, or no comparator of the plan is a set of territories.
        """
        return self._causal.ladder(indicator, breakdown, comparator)

    def with_ladder(self) -> tuple[tuple[str, str], ...]:
        """Return (indicator, breakdown) of the primary indicators that have an evidence ladder."""
        return self._causal.with_ladder()

    def assess(self, criterion: str | Criterion) -> Result:
        """Carry out the design of a criterion of the plan and judge the result by its rule."""
        asked = criterion if isinstance(criterion, Criterion) else self._criterion(criterion)[1]
        design = asked.design
        if design.method == "before_after":
            result = self._change_of(asked)
        elif design.method == "delivery":
            result = self.delivery(design.family or "demolition", asked.indicator)
        elif design.method == "survival":
            years = 5 if asked.indicator.endswith("5") else 3
            result = ess.survival_gap(self.structures(), self.language, asked.indicator, years)
        elif (estimated := self._causal.assessed(asked)) is not None:
            return estimated
        elif design.method in ("level", "gap", "target"):
            result = assessing.at_level(self._reader, self.language, asked)
        else:
            raise TemplateError.of(codes.NOT_ASSESSABLE, criterion=asked.id, method=design.method)
        return assessing.judged(self._reader, asked, result)

    def _change_of(self, criterion: Criterion) -> Result:
        design = criterion.design
        comparator = design.comparator or self.main_comparator
        if design.start is None or design.end is None or comparator is None:
            raise TemplateError.of(codes.NOT_ASSESSABLE, criterion=criterion.id, method=design.method)
        return self.change(
            criterion.indicator, design.start, design.end, comparator, criterion.breakdown, design.across_breaks
        )

    def _criterion(self, id: str) -> tuple[Question, Criterion]:
        found = self.plan.criterion(id)
        if found is None:
            raise TemplateError.of(codes.UNKNOWN_NAME, kind="criterion", name=id, known=[c.id for c in self.criteria()])
        return found

    # -- what is left for the report ---------------------------------------------------------------------------

    def record(
        self, result: Result | Figure, criterion: str | None = None, *, key: bool | None = None, show: bool = True
    ) -> Result:
        """Record a result as a finding; with a criterion it is judged by the plan's rule.

        Its `data_quality` is that of its own indicator's data here, None where no series is behind it.
        `key` makes it a candidate for the key messages: by default a change or a verdict that the plan asks for, and the value of a
        primary indicator. `show=False` keeps it out of the body of the report, for values that a figure already shows.
        """
        self._require_open()
        if not isinstance(result, Result):
            raise TemplateError.of(codes.NOT_RECORDABLE, found=type(result).__name__)
        if criterion is not None and result.criterion != criterion:
            asked = self._criterion(criterion)[1]
            if not assessing.fits(asked, result):
                raise TemplateError.of(codes.NOT_THE_CRITERION, criterion=criterion)
            result = assessing.judged(self._reader, asked, result)
        planned = self.plan.indicator(result.indicator)
        stated = "exploratory" if result.criterion is None else "secondary"
        role = stated if planned is None or is_unplanned(result) else planned.role
        question, rule = self._rule_of(result)
        if result.kind != "statement" and result.indicator in self._reader.catalogue:
            self._reader.asked.add((result.indicator, result.breakdown))
        letter = letter_of(self._reader, result)
        finding = finding_of(result, self._identity, role=role, question=question, quality=letter)
        leads = result.value is not None and (_leads(result, role) if key is None else key)
        anchor = f"crit-{result.criterion}" if result.criterion else f"ind-{result.indicator}"
        emit_finding(finding, result, key=leads, show=show, rule_text=rule, anchor=anchor)
        return result

    def _rule_of(self, result: Result) -> tuple[str | None, str | None]:
        if result.criterion is None:
            return None, None
        question, criterion = self._criterion(result.criterion)
        return question.id, assessing.rule_words(self._reader, criterion).render(self.language)

    def statement(
        self, fr: str, en: str, *, n: int, selection_fr: str, selection_en: str, indicator: str = ""
    ) -> Result:
        """Return a qualitative statement (constat): what was observed, with how many persons or cases, and how they were chosen."""
        text, chosen = (fr, selection_fr) if self.language == "fr" else (en, selection_en)
        return describing.stated(text, chosen, n, indicator, self.language, self.territory.level)

    def figure(self, figure: Figure, *, alt: str) -> None:
        """Put a figure into the report; `alt` is what it says to those who do not see it."""
        self._require_open()
        if not alt.strip():
            raise TemplateError.of(codes.NO_ALT, figure=figure.id)
        emit_figure(replace(figure, alt=alt))

    def refuse(self, fr: str, en: str) -> NoReturn:
        """Declare that this template cannot treat this territory, and why; the run lists it and goes on."""
        sentence = fr if self.language == "fr" else en
        emit(REFUSAL, {"sentence": sentence}, "", sentence)
        self._leave_reads()
        raise RefusedTerritoryError.of(codes.REFUSED, territory=self.territory.code, sentence=en)

    def conclude(self) -> None:
        """End the report: data quality, the three sentences that keep it honest, recommendations, sources, definitions, versions.

        Quality and definitions are those of the indicators that the report used, whatever the order of its cells.
        """
        self._require_open()
        payload = closing.summary(
            self._reader, self.language, self._assessed, self.main_comparator, self._causal.stages.read
        )
        self._closed = True
        emit(SUMMARY, payload, "", "\n".join(payload["honesty"]))
        self._leave_reads()

    def _leave_reads(self) -> None:
        emit_reads(self._reader.log)

    def _require_open(self) -> None:
        if self._closed:
            raise TemplateError.of(codes.NOT_LATER)


def _leads(result: Result, role: str) -> bool:
    """Say whether a finding is worth a key message: a comparison that could not be judged at all is not."""
    if result.criterion is not None:
        return result.verdict != "cannot_tell" or result.lower is not None
    return role == "primary" and result.breakdown == "none"
