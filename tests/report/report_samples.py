"""Executed notebooks made by hand, as the facade leaves them, for the tests of reports and portfolios."""

from __future__ import annotations

import datetime
from dataclasses import asdict, replace
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from evalkit.model.finding import Finding
from evalkit.model.run import Task, TaskRecord
from evalkit.report import PortfolioColumn, PortfolioModel, PortfolioTask, ReportContext, asset_names

SCRIPT_NAME = '"><script>alert(1)</script>'
FORMULA_NAME = '=HYPERLINK("http://x")'
PLAN = "7f3a91" + "0" * 58
_WORDS = ("sentence", "uncertainty", "key", "anchor", "checks", "headline", "reading", "grade_reason", "rule_text")
KINDS = {name: f"application/vnd.evalkit.{name}+json" for name in ("context", "finding", "figure", "summary")}


def context_payload(**changes: Any) -> dict[str, Any]:
    criterion = {
        "id": "C1.1",
        "text": "Entre 2012 et 2015, le taux de pauvreté baisse davantage que dans les quartiers comparables.",
        "rule_text": "Fixée le 12 janvier 2026 : atteinte si l’intervalle de l’écart est entièrement négatif.",
        "indicator": "in_tp60",
    }
    question = {
        "id": "Q1",
        "text": "La concentration de la pauvreté diminue-t-elle ?",
        "dac": "effectiveness",
        "criteria": [criterion],
    }
    return {
        "schema": 1,
        "territory": "QP034005",
        "name": "Mosson",
        "level": "qpv",
        "geography": "2015",
        "template": "territory_portrait",
        "lang": "fr",
        "evaluation": "lr-contrats",
        "plan_sha256": PLAN,
        "title": "Contrats de ville de Languedoc-Roussillon",
        "programme": {"kind": "contrat_de_ville", "name": "Contrat de ville", "start": 2015, "end": 2023},
        "synthetic": False,
        "facts": [["Commune", "Montpellier"], ["Population", "21\u202f652 (2013)"], ["Contrat de ville", "2015-2023"]],
        "questions": [question],
        "data_as_of": "2026-03-01",
        "publisher": "Observatoire des quartiers",
        **changes,
    }


def finding_row(**changes: Any) -> dict[str, Any]:
    finding = Finding(
        run="lr-2026-03",
        origin_run="lr-2026-03",
        template="territory_portrait",
        lang="fr",
        territory="QP034005",
        level="qpv",
        geography="2015",
        indicator="in_tp60",
        breakdown="none",
        question="Q1",
        criterion="C1.1",
        role="primary",
        kind="estimate",
        period="2012/2015",
        value=-1.9,
        se=None,
        lower=-5.2,
        upper=1.4,
        confidence=0.95,
        unit="point",
        n=59,
        method="before_after",
        comparator="region",
        comparator_value=1.2,
        verdict="cannot_tell",
        grade=2,
        data_quality="B",
        status="published",
        limits="Les ménages qui vivent là en 2015 ne sont pas ceux de 2012.",
        source="insee_qpv_income",
        vintage="2012-2015",
        note="",
    )
    return asdict(replace(finding, **changes))


def finding_payload(**changes: Any) -> dict[str, Any]:
    own = {key: changes.pop(key) for key in _WORDS if key in changes}
    checks = [
        {"name": "coverage", "passed": True, "sentence": "59 des 59 quartiers comparés sont publiés les deux années."},
        {"name": "placebo", "passed": False, "sentence": "L’écart existait déjà avant le programme."},
        {"name": "balance", "passed": None, "sentence": "L’équilibre avec les témoins n’a pu être établi."},
    ]
    return {
        "finding": finding_row(**changes),
        "sentence": "La pauvreté baisse de 1,9 point de plus qu’ailleurs. L’intervalle contient zéro.",
        "uncertainty": "Intervalle à 95 % : de −5,2 à +1,4 point.",
        "key": True,
        "anchor": "finding-C1.1",
        "rule_text": None,
        "checks": checks,
        **own,
    }


def observation_payload(**changes: Any) -> dict[str, Any]:
    return finding_payload(
        **{
            "criterion": None,
            "question": None,
            "verdict": None,
            "grade": None,
            "kind": "observation",
            "method": "",
            "sentence": "Plus d’une personne sur deux est pauvre. Le taux est de 57,8 % en 2020.",
            "uncertainty": "valeur publiée sans intervalle",
            "anchor": "ind-in_tp60",
            "checks": [],
            "limits": "",
            "value": 57.8,
            "unit": "percent",
            "period": "2020",
            **changes,
        }
    )


def chart_payload(figure_id: str = "trend-in_tp60", **changes: Any) -> dict[str, Any]:
    years = range(2012, 2022)
    values = [57.4, 58.4, 58.5, 59.5, 59.9, 59.8, 61.1, 59.0, 57.8, 62.0]
    points = " ".join(f"{56 + 57 * i},{480 - 6.5 * value:.1f}" for i, value in enumerate(values))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 330" class="chart" role="img"'
        f' aria-labelledby="{figure_id}-title" font-family="system-ui, sans-serif">'
        f'<title id="{figure_id}-title">Courbe du taux de pauvreté de 2012 à 2021.</title>'
        f'<path d="M56 296L570 296" stroke="#d8dee7" class="c-rule-line" stroke-width="1"/>'
        f'<polyline points="{points}" fill="none" stroke="#174a8b" stroke-width="2.6" class="c-mine-line"/>'
        '<text x="578" y="82" font-size="12.5" fill="#174a8b" class="c-mine-fill">Mosson 62 %</text></svg>'
    )
    raw = [
        {"territory": "QP034005", "period": str(year), "value": value, "change": -1.5, "status": "published"}
        for year, value in zip(years, values, strict=True)
    ]
    raw[0] |= {"value": None, "status": "secret"}
    rows = [[str(year), f"{value} %".replace(".", ","), "–"] for year, value in zip(years, values, strict=True)]
    return {
        "id": figure_id,
        "kind": "chart",
        "title": "La pauvreté est plus forte à la Mosson que dans les trois quarts des quartiers",
        "subtitle": "Taux de pauvreté au seuil de 60 %, 2012-2021",
        "alt": "Courbe du taux de pauvreté de 2012 à 2021 : 57,4 % en 2012, 62,0 % en 2021.",
        "svg": svg,
        "html": "",
        "lecture": "en 2021, 62,0 % des personnes des ménages fiscaux vivent sous le seuil de pauvreté.",
        "champ": "quartiers prioritaires de 2015 ; en 2021, 52 des 60 quartiers sont publiés.",
        "source": "Insee-DGFiP-Cnaf-Cnav-CCMSA, Filosofi.",
        "note": "Les traits pointillés marquent quatre ruptures de série.",
        "indicators": ["in_tp60"],
        "data": {
            "caption": "Taux de pauvreté par année",
            "columns": ["Année", "Mosson", "Médiane"],
            "rows": rows,
            "numeric": [False, True, True],
            "raw": raw,
        },
        **changes,
    }


def table_payload(**changes: Any) -> dict[str, Any]:
    html = (
        '<table class="indicators"><caption>Les indicateurs</caption><thead><tr><th scope="col">Indicateur</th>'
        '<th scope="col" class="num">Mosson</th></tr></thead><tbody><tr id="ind-in_tp60"><th scope="row">'
        '<a href="#def-in_tp60">Taux de pauvreté</a></th><td class="num">57,8 %</td></tr></tbody></table>'
    )
    return chart_payload(
        **{
            "figure_id": "indicators",
            "kind": "table",
            "svg": "",
            "html": html,
            "title": "Douze indicateurs, comparés aux 60 quartiers",
            **changes,
        }
    )


def summary_payload(**changes: Any) -> dict[str, Any]:
    return {
        "sources": [
            {
                "dataset": "insee_qpv_income",
                "title": "Revenus et pauvreté des QPV",
                "producer": "Insee",
                "licence": "Licence Ouverte 2.0",
                "attribution": "Insee-DGFiP-Cnaf-Cnav-CCMSA",
                "vintages": ["2012", "2020"],
                "files": [{"name": "qpv-2020.csv", "sha256": "ab12" * 16}],
            }
        ],
        "quality": {
            "letter": "B",
            "counts": {"published": 118, "secret": 8, "missing": 2},
            "sentences": ["8 valeurs sont sous secret statistique."],
        },
        "honesty": [
            "Ce rapport décrit un lieu, non un groupe de personnes : des ménages sont partis, d’autres sont arrivés.",
            "Sauf mention contraire, l’écart mesuré n’est pas l’effet du programme.",
            "Données Insee 2012-2021 ; 10 valeurs sur 128 sont secrètes ou absentes, jamais remplacées par zéro.",
        ],
        "definitions": [
            {
                "indicator": "in_tp60",
                "label": "Taux de pauvreté à 60 %",
                "definition": "Part des personnes dont le niveau de vie est inférieur à 60 % de la médiane.",
                "unit": "percent",
                "polarity": "down",
                "source": "Insee, Filosofi",
                "breaks": ["2016 : nouvelle méthode"],
                "caveats": ["Personnes des ménages fiscaux, non habitants."],
            }
        ],
        "versions": {"pandas": "3.1", "numpy": "2.4"},
        "seed": 20260301,
        **changes,
    }


def recommendation_payload(name: str = "R1", **changes: Any) -> dict[str, Any]:
    def said(text: str, lang: str = "fr") -> dict[str, str]:
        return {"text": text, "lang": lang}

    criterion = said("Entre 2012 et 2015, le taux de pauvreté baisse davantage que dans les quartiers comparables.")
    return {
        "id": name,
        "text": said("Suivre les ménages qui quittent le quartier"),
        "criteria": [{"id": "C1.1", "text": criterion}, {"id": "C9", "text": said("The rate falls.", "en")}],
        "to": said("la métropole de Montpellier"),
        "response": "partly",
        "reason": said("les fichiers ne permettent pas de suivre tous les ménages"),
        "action": said("une enquête auprès des bailleurs"),
        "owner": said("Housing department", "en"),
        "due": "2027-06-30",
        "status": "under_way",
        "territories": [],
        **changes,
    }


def unanswered_payload(name: str = "R2", **changes: Any) -> dict[str, Any]:
    none = dict.fromkeys(("response", "reason", "action", "owner", "due", "status"))
    return recommendation_payload(name, **{**none, **changes})


def display(kind: str, payload: dict[str, Any]) -> nbformat.NotebookNode:
    return new_output("display_data", data={KINDS[kind]: payload, "text/plain": "<script>alert(9)</script>"})


def cell(source: str, *outputs: nbformat.NotebookNode, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def text(source: str, lang: str = "fr") -> nbformat.NotebookNode:
    return new_markdown_cell(source, metadata={"tags": [lang]})


def notebook(
    *cells: nbformat.NotebookNode,
    context: dict[str, Any] | None = None,
    summary: dict[str, Any] | None = None,
) -> nbformat.NotebookNode:
    """A whole executed notebook around the given cells."""
    first = cell("ev = open_evaluation(plan, territory, language)", display("context", context or context_payload()))
    last = cell("ev.conclude()", display("summary", summary or summary_payload()))
    injected = cell('plan = "/private/plan.yaml"', tags=("injected-parameters",))
    return new_notebook(cells=[injected, first, *cells, last])


def full_notebook(
    *, figures: int = 1, recommendations: tuple[dict[str, Any], ...] = (), **context: Any
) -> nbformat.NotebookNode:
    """A report as a template would leave it: texts in two languages, a judgement, an observation, a table and charts."""
    said = context_payload(**context)
    changes = {name: said[name] for name in ("territory", "template", "lang")}
    charts = [chart_payload(f"trend-{number}") for number in range(1, figures + 1)]
    return notebook(
        text("# Portrait de territoire", said["lang"]),
        text("# Portrait (autre langue)", "en" if said["lang"] == "fr" else "fr"),
        text("## Les indicateurs\n\nDouze indicateurs pour **{{ territory }}**.", said["lang"]),
        cell("ev.figure(table)", display("figure", table_payload())),
        cell("ev.record(level)", display("finding", observation_payload(**changes))),
        text("## {{ question:Q1 }}", said["lang"]),
        cell("ev.record(change, criterion='C1.1')", display("finding", finding_payload(**changes))),
        *(cell(f"ev.figure(chart_{payload['id']})", display("figure", payload)) for payload in charts),
        context=said,
        summary=summary_payload(recommendations=list(recommendations)),
    )


def report_context(**changes: Any) -> ReportContext:
    values: dict[str, Any] = {
        "run": "lr-2026-03",
        "evaluation": "lr-contrats",
        "plan_sha256": PLAN,
        "template": "territory_portrait",
        "lang": "fr",
        "territory": "QP034005",
        "stylesheet": asset_names()["evalkit.css"],
        "generated": datetime.datetime(2026, 3, 1, 10, 12, tzinfo=datetime.UTC),
        "languages": {"fr": "QP034005.html", "en": "../../en/territory_portrait/QP034005.html"},
    }
    return ReportContext(**{**values, **changes})


def task(**changes: str) -> Task:
    values = {"template": "territory_portrait", "territory": "QP034005", "lang": "fr", "key": "k"}
    return Task(**{**values, **changes})


NAMES = {
    "QP034005": ("Mosson", "Montpellier", 21652.0, 3.82, 43.62),
    "QP034001": ("Centre Ville", "Béziers", 19054.0, 3.21, 43.34),
    "QP030001": ("Près Saint Jean", "Alès", 14621.0, 4.08, 44.12),
    "QP011002": ("La Conte – Ozanam", "Carcassonne", 2060.0, 2.35, 43.21),
    "QP066001": (SCRIPT_NAME, FORMULA_NAME, 1050.0, 2.89, 42.69),
}


def portfolio_tasks(*, templates: tuple[str, ...] = ("territory_portrait",)) -> tuple[PortfolioTask, ...]:
    states = {"QP030001": ("refused", "Le territoire n’a pas d’opération dans la convention.")}
    states["QP011002"] = ("failed_cell", "Un calcul du gabarit a échoué.")
    tasks = []
    for code, (name, commune, population, longitude, latitude) in NAMES.items():
        for template in templates:
            state, reason = states.get(code, ("ok", ""))
            record: Any = TaskRecord(template=template, territory=code, lang="fr", state=state, reason=reason)
            tasks.append(
                PortfolioTask(
                    record=record,
                    name=name,
                    template_label={"territory_portrait": "Portrait", "anru_outcomes": "Effets"}.get(
                        template, template
                    ),
                    href=f"reports/fr/{template}/{code}.html" if state == "ok" else None,
                    commune=commune,
                    department=code[3:5],
                    population=population,
                    longitude=longitude,
                    latitude=latitude,
                )
            )
    return tuple(tasks)


def portfolio_model(**changes: Any) -> PortfolioModel:
    import pandas as pd

    rows = [
        finding_row(territory="QP034005", verdict="cannot_tell", grade=2),
        finding_row(territory="QP034001", verdict="met", grade=3),
        finding_row(territory="QP066001", verdict="not_met", grade=1, status="secret", value=None),
    ]
    poverty = PortfolioColumn(
        id="in_tp60",
        label="Pauvreté",
        title="Taux de pauvreté à 60 %",
        period="2020",
        unit="percent",
        sign=-1,
        values={"QP034005": 57.8, "QP034001": 54.8, "QP030001": 45.7, "QP066001": 31.2},
        statuses={"QP011002": "secret"},
        series={"QP034005": (57.4, 58.4, None, 57.8), "QP034001": (54.0, 54.4, 54.1, 54.8)},
        series_label="2012-2020",
        noise=2.0,
    )
    values: dict[str, Any] = {
        "lang": "fr",
        "title": "Contrats de ville de Languedoc-Roussillon",
        "programme": "Contrat de ville",
        "period": "2015-2023",
        "publisher": "Observatoire des quartiers",
        "level": "qpv",
        "tasks": portfolio_tasks(),
        "findings": pd.DataFrame(rows),
        "columns": (poverty,),
        "languages": {"fr": "index.html", "en": "index.en.html"},
        "synthetic": False,
        "plan_sha256": PLAN,
        "run": "lr-2026-03",
        "generated": datetime.datetime(2026, 3, 1, 10, 12, tzinfo=datetime.UTC),
        "stylesheet": asset_names()["evalkit.css"],
        "script": asset_names()["portfolio.js"],
        "data_as_of": datetime.date(2026, 3, 1),
        "outlines": (((2.2, 42.5), (3.0, 42.4), (3.3, 43.2), (4.2, 43.5), (4.4, 44.3), (3.0, 44.5), (2.0, 43.4)),),
    }
    return PortfolioModel(**{**values, **changes})
