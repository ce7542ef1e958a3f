"""Opening the evaluation of one territory: the first call of every template."""

from __future__ import annotations

import hashlib
import html
import os
import random
from pathlib import Path
from typing import Any

from evalkit.catalogue import load_catalogue
from evalkit.errors import TemplateError
from evalkit.model.plan import EvaluationPlan
from evalkit.model.territory import Territory
from evalkit.notebook import assessing, codes
from evalkit.notebook.common import held_for, held_plan
from evalkit.notebook.evaluation import Evaluation
from evalkit.notebook.programmes import kind_words, programme_words
from evalkit.notebook.reading import Reader
from evalkit.notebook.recording import CONTEXT, Identity, emit
from evalkit.plan import load_plan
from evalkit.text import LANGUAGES, Quantity, msg


def open_evaluation(
    plan: str | Path,
    territory: str,
    language: str = "fr",
    *,
    warehouse: str | Path | None = None,
    reference_period: str | int | None = None,
) -> Evaluation:
    """Open the evaluation of one territory.

    Args:
        plan: the evaluation plan (a path, from the working directory).
        territory: the territory's code, a text.
        language: language of the report, `fr` or `en`.
        warehouse: folder of the data; by default the one of the run, else the one the plan names, else `EVALKIT_WAREHOUSE`, else `data/warehouse`.
        reference_period: the last period that values may be of; by default the latest.

    Returns:
        The evaluation, from which a template asks values, changes and charts, and into which it records findings.

    Raises:
        PlanError: the plan is refused.
        DataError: there is no warehouse.
        TemplateError: the territory or the language is not known.
    """
    from evalkit.data.location import locate_warehouse
    from evalkit.data.warehouse.recorder import RecordingWarehouse

    if language not in LANGUAGES:
        raise TemplateError.of(codes.UNKNOWN_NAME, kind="language", name=language, known=list(LANGUAGES))
    accepted = held_plan(Path(plan)) or load_plan(Path(plan))
    expected = os.environ.get("EVALKIT_PLAN_SHA256", accepted.sha256)
    if accepted.sha256 != expected:
        raise TemplateError.of(codes.PLAN_CHANGED, file=str(plan))
    told = os.environ.get("EVALKIT_WAREHOUSE") if "EVALKIT_RUN" in os.environ else None
    store = RecordingWarehouse.open(locate_warehouse(warehouse or told, accepted.warehouse))
    store.knowing(accepted.territories.selection)
    common = held_for(accepted, store)
    if common is not None:
        store.remembering(common.answers)
    place = store.territory(accepted.territories.level, territory, accepted.territories.geography)
    if place is None:
        raise TemplateError.of(
            codes.UNKNOWN_TERRITORY,
            territory=territory,
            level=accepted.territories.level,
            geography=accepted.territories.geography,
        )
    _seed(accepted.seed, territory)
    reader = Reader(accepted, store, place, load_catalogue(), None if common is None else common.slices)
    identity = Identity(
        run=os.environ.get("EVALKIT_RUN", "preview"),
        template=os.environ.get("EVALKIT_TEMPLATE", "preview"),
        lang=language,
        territory=territory,
        level=place.level,
        geography=place.geography,
    )
    evaluation = Evaluation(reader, identity, None if reference_period is None else str(reference_period))
    context = _context(accepted, place, identity, reader)
    emit(
        CONTEXT,
        context,
        f"<p><b>{html.escape(place.name)}</b> {html.escape(territory)}</p>",
        f"{place.name} ({territory})",
    )
    return evaluation


def _seed(seed: int, territory: str) -> None:
    """Seed `random` and numpy's legacy generator from the run's seed and the territory."""
    import numpy as np

    number = int.from_bytes(hashlib.sha256(f"{seed}/{territory}".encode()).digest()[:4])
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002 - templates may use code that knows only the legacy generator


def _context(plan: EvaluationPlan, place: Territory, identity: Identity, reader: Reader) -> dict[str, Any]:
    lang = identity.lang
    programme = plan.programme
    return {
        "schema": 1,
        "territory": place.code,
        "name": place.name,
        "level": place.level,
        "geography": place.geography,
        "template": identity.template,
        "lang": lang,
        "evaluation": plan.evaluation,
        "plan_sha256": plan.sha256,
        "title": plan.title.render(lang),
        "programme": {
            "kind": programme.kind,
            "name": programme_words(plan, lang),
            "start": programme.start,
            "end": programme.end,
        },
        "synthetic": place.synthetic,
        "facts": _facts(plan, place, reader, lang),
        "questions": [
            {
                "id": question.id,
                "text": question.text.render(lang),
                "dac": question.dac_criterion,
                "criteria": [
                    {
                        "id": criterion.id,
                        "text": criterion.text.render(lang),
                        "rule_text": assessing.rule_words(reader, criterion).render(lang),
                        "indicator": criterion.indicator,
                    }
                    for criterion in question.criteria
                ],
            }
            for question in plan.questions
        ],
        "data_as_of": None if plan.data_as_of is None else plan.data_as_of.isoformat(),
        "publisher": plan.publisher.render(lang),
    }


def _facts(plan: EvaluationPlan, place: Territory, reader: Reader, lang: str) -> list[list[str]]:
    """Return what stands under the title: commune, population, programme and its years."""
    facts: list[list[str]] = []
    for level, word in (("commune", msg("Commune")), ("department", msg("Department"))):
        names = [reader.warehouse.name(p.level, p.code, p.geography) for p in place.parents_at(level)]
        if names:
            facts.append([word.render(lang), ", ".join(dict.fromkeys(names))])
            break
    population = reader.own("de_pop").latest()
    if population is not None and population.value is not None:
        reader.asked.add(("de_pop", population.breakdown))
        number = Quantity(population.value).render(lang)
        facts.append([msg("Population").render(lang), f"{number} ({population.period})"])
    end = f"-{plan.programme.end}" if plan.programme.end else ""
    facts.append([kind_words(plan, lang), f"{plan.programme.start}{end}"])
    return facts
