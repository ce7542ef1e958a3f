"""The effects of the programme as a template asks for them: stages of the run, estimates judged by the plan, the evidence ladder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evalkit.errors import TemplateError
from evalkit.model.figure import Figure
from evalkit.model.plan import Criterion
from evalkit.notebook import assessing, codes, estimating, evidence
from evalkit.notebook.designs import Asked, asked, asked_by, compared_with, primary, treated_since
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import Result
from evalkit.notebook.saying import heard
from evalkit.notebook.stages import TREATED, Stages
from evalkit.text import Message


class Causal:
    """What is estimated of the programme for one territory, each estimate made once.

    Attributes:
        stages: the stages of the run, with those that were read.
        asked: the estimates that the plan asks for.
    """

    def __init__(self, reader: Reader, lang: str) -> None:
        self._reader, self._lang = reader, lang
        self._effects: dict[Asked, Result] = {}
        self._ladders: dict[tuple[str, str, str | None], Figure | None] = {}
        self.asked: tuple[Asked, ...] = asked(reader.plan, reader.catalogue)
        self.stages = Stages(reader.plan, reader.warehouse, reader.catalogue)

    def stage(self, name: str) -> Mapping[str, Any]:
        """Return what a stage holds; raises `TemplateError` for one that the plan does not need."""
        found = self.stages.get(name)
        if found is None:
            known = [one.name for one in self.asked]
            raise TemplateError.of(codes.UNKNOWN_NAME, kind="stage", name=name, known=known)
        return found

    def effects(self, scope: str | None) -> tuple[Result, ...]:
        """Return the estimates of one scope, or all."""
        return tuple(self.effect(one) for one in self.asked if scope in (None, one.scope))

    def effect(self, one: Asked) -> Result:
        """Return one estimate, judged by the rule of the criterion that asks for it."""
        if one not in self._effects:
            payload = self.stage(one.name)
            make = estimating.programme_effect if one.scope == "programme" else estimating.territory_effect
            result = make(self._reader, self._lang, one, payload)
            criterion = self._criterion(one)
            self._effects[one] = result if criterion is None else assessing.judged(self._reader, criterion, result)
        return self._effects[one]

    def assessed(self, criterion: Criterion) -> Result | None:
        """Return the estimate that a criterion asks for, judged by its own rule; None when its design is no causal one."""
        one = asked_by(criterion)
        return None if one is None else assessing.judged(self._reader, criterion, self.effect(one))

    def _criterion(self, one: Asked) -> Criterion | None:
        return next((c for q in self._reader.plan.questions for c in q.criteria if asked_by(c) == one), None)

    def ladder(self, indicator: str, breakdown: str, comparator: str | None) -> Figure | None:
        """Return the evidence ladder of an indicator, made once; None where there is nothing to stand it on."""
        key = (indicator, breakdown, comparator)
        if key not in self._ladders:
            self._ladders[key] = self._ladder(*key)
        return self._ladders[key]

    def _ladder(self, indicator: str, breakdown: str, comparator: str | None) -> Figure | None:
        against = comparator or compared_with(self._reader.plan)
        if against is None or self._reader.territory.level not in self._reader.indicator(indicator).levels:
            return None
        found = evidence.ladder_of(self._reader, indicator, breakdown, against, self._treated())
        if found is None:
            return None
        whole = self._whole(indicator, breakdown)
        return evidence.ladder_figure(self._reader, found, indicator, breakdown, self._lang, whole)

    def _whole(self, indicator: str, breakdown: str) -> Message | None:
        """Return what the data allow for the whole programme, where the plan asks for its mean effect on the indicator."""
        for one in self.asked:
            if (one.scope, one.indicator, one.breakdown) == ("programme", indicator, breakdown):
                ladder = self.stage(one.name).get("ladder")
                return None if ladder is None else heard(ladder["statement"])
        return None

    def with_ladder(self) -> tuple[tuple[str, str], ...]:
        """Return (indicator, breakdown) of the primary indicators that have an evidence ladder."""
        pairs = primary(self._reader.plan, self._reader.catalogue)
        return tuple(pair for pair in pairs if self.ladder(*pair, None) is not None)

    def _treated(self) -> Mapping[str, int]:
        payload = self.stages.get(TREATED)
        if payload is None:
            return treated_since(self._reader.plan, self._reader.warehouse)
        since: Mapping[str, int] = payload["since"]
        return since
