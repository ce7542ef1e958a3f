"""A portfolio of as many territories as asked, drawn at random from a fixed seed: the size of pages and the pages of departments."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import report_samples as samples

from evalkit.model.run import TaskRecord
from evalkit.report import PortfolioColumn, PortfolioModel, PortfolioTask

_WORDS = (
    "Les", "Quartiers", "Cité", "Haut", "Bas", "Val", "Mont", "Saint", "Sainte", "Bois", "Pré", "Champ", "Croix",
    "Tour", "Ville", "Neuve", "Grand", "Petit", "Moulin", "Fontaine", "Rive", "Plaine", "Coteau",
)  # fmt: skip
_TEMPLATES = {
    "territory_portrait": "Portrait du territoire",
    "anru_outcomes": "Renouvellement urbain",
    "ess_programme": "Économie sociale",
}


def large_portfolio(territories: int, **changes: Any) -> PortfolioModel:
    """Return the model: three templates, two indicators, nine years, two criteria, a few refusals."""
    draw = random.Random(7)  # noqa: S311 - not a secret
    codes = [f"QP{number:06d}" for number in range(territories)]
    tasks = tuple(task for code in codes for task in _tasks(draw, code))
    poverty = {code: round(draw.uniform(20, 70), 1) for code in codes}
    return samples.portfolio_model(
        **{
            "tasks": tasks,
            "columns": (
                PortfolioColumn(
                    id="in_tp60",
                    label="Pauvreté",
                    title="Taux de pauvreté",
                    period="2021",
                    unit="percent",
                    sign=-1,
                    values=poverty,
                    decimals=1,
                    series={c: tuple(v + draw.gauss(0, 2) for _ in range(9)) for c, v in poverty.items()},
                    series_label="2012-2021",
                ),
                PortfolioColumn(
                    id="in_med",
                    label="Revenu médian",
                    title="Revenu médian disponible",
                    period="2021",
                    unit="euro_per_year",
                    sign=1,
                    values={code: draw.uniform(8000, 17000) for code in codes},
                    decimals=0,
                ),
            ),
            "findings": pd.DataFrame([row for code in codes for row in _findings(draw, code)]),
            **changes,
        }
    )


def _tasks(draw: random.Random, code: str) -> list[PortfolioTask]:
    department = draw.randint(1, 95)
    name = " ".join(draw.sample(_WORDS, draw.randint(1, 4)))
    place = {
        "commune": "-".join(draw.sample(_WORDS, 3)),
        "department": f"Département {department}",
        "population": float(draw.randint(900, 16000)),
        "longitude": draw.uniform(-4, 8),
        "latitude": draw.uniform(43, 50),
    }
    tasks = []
    for template, label in _TEMPLATES.items():
        published = draw.random() < 0.97
        record = TaskRecord(
            template=template,
            territory=code,
            lang="fr",
            state="ok" if published else "refused",
            reason="" if published else "Aucune opération",
        )
        href = f"reports/fr/{template}/{code}.html" if published else None
        tasks.append(PortfolioTask(record=record, name=name, template_label=label, href=href, **place))
    return tasks


def _findings(draw: random.Random, code: str) -> list[dict[str, Any]]:
    return [
        {
            "lang": "fr",
            "territory": code,
            "criterion": criterion,
            "verdict": draw.choice(["met", "not_met", "cannot_tell"]),
            "grade": draw.choice([1, 2, 3]),
            "status": "published",
        }
        for criterion in ("C1", "C2")
    ]
