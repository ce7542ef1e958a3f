"""A small finished run, made by hand: two languages, two templates, codes that look like numbers, a hostile name, secret values."""

from __future__ import annotations

import datetime
import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import report_samples as samples

from evalkit.model.run import Task, TaskRecord
from evalkit.report import ReportRenderer, render_portfolio, write_assets
from evalkit.runs import Ledger, Manifest, RunFolder, gather_findings, write_findings, write_manifest
from evalkit.runs.files import replace_folder, write_atomic
from evalkit.runs.findings import write_task_findings

HIDDEN = "43.219876"
"""A value under secrecy: it stands in what is private, and in no export."""
NAMES = {"01004": "Ambérieu-en-Bugey", "2A004": samples.FORMULA_NAME, "QP034005": "Mosson"}
FAILED = "QP066001"
TEMPLATES = ("territory_portrait", "anru_outcomes")
FINISHED = "2026-03-01T10:30:00+00:00"

PLAN = """\
evaluation: petit
title: {fr: "Petite évaluation", en: "Small evaluation"}
publisher: {fr: Essais, en: Tests}
users: {fr: Les essais, en: The tests}
programme: {kind: anru, id: petit, start: 2004, end: 2018, name: {fr: Programme, en: Programme}}
territories: {level: qpv, geography: demo, codes: ["01004", "2A004", QP034005, QP066001]}
languages: [fr, en]
disclosure: by_producer
seed: 1
judgement: {fixed_on: 2026-03-01, before_results: true}
data: {sources: [{dataset: evalkit_demo}]}
comparators:
  - {id: all, kind: level, level: qpv, label: {fr: tous, en: all}}
questions:
  - id: Q1
    criterion: effectiveness
    text: {fr: "La pauvreté est-elle contenue ?", en: "Is poverty contained?"}
    criteria:
      - id: C1.1
        text: {fr: "Moins de 60 %.", en: "Less than 60%."}
        indicator: in_tp60
        design: {method: level, to: 2019}
        met_if: "upper < 60"
        not_met_if: "lower > 60"
indicators:
  - {id: in_tp60, role: primary}
templates:
  - {name: territory_portrait}
  - {name: anru_outcomes}
"""


def notebook(code: str, template: str, lang: str) -> nbformat.NotebookNode:
    """An executed notebook of one territory: a judged finding, a published value, a secret one, a table and a chart."""
    own = {"territory": code, "template": template, "lang": lang}
    said = samples.context_payload(name=NAMES[code], title="Petite évaluation", **own)
    secret = {
        "value": None,
        "status": "secret",
        "indicator": "in_med",
        "unit": "euro",
        "limits": "",
        "note": "EVK-DATA-007",
    }
    hidden = samples.finding_payload(**own)
    hidden["private"] = HIDDEN  # what the notebook knows and no page says
    return samples.notebook(
        samples.text("# Portrait de territoire" if template == TEMPLATES[0] else "# Effets", lang),
        samples.cell("ev.record(level)", samples.display("finding", samples.observation_payload(**own))),
        samples.cell(
            "ev.record(median)", samples.display("finding", samples.observation_payload(**own, **secret, key=False))
        ),
        samples.text("## {{ question:Q1 }}", lang),
        samples.cell("ev.record(change, criterion='C1.1')", samples.display("finding", hidden)),
        samples.cell("ev.figure(chart)", samples.display("figure", samples.chart_payload()), _printed()),
        samples.cell("ev.figure(table)", samples.display("figure", samples.table_payload())),
        context=said,
    )


def _printed() -> nbformat.NotebookNode:
    """What an analyst prints while working: it stays in the notebook."""
    return nbformat.v4.new_output("stream", name="stdout", text=f"{HIDDEN}\n")


def make_run(root: Path, renderer: ReportRenderer, *, run: str = "essai") -> RunFolder:
    """Write the run as a batch would leave it; one territory has failed."""
    folder = RunFolder(root / run)
    assets = write_assets(folder.assets)
    write_atomic(folder.plan_copy("evaluation.yaml"), PLAN.encode())
    for template in TEMPLATES:
        write_atomic(folder.plan_copy(f"templates/{template}.ipynb"), _template())
    records = [
        _publish(folder, renderer, assets, lang, t, code) for lang in ("fr", "en") for t in TEMPLATES for code in NAMES
    ]
    failed = [
        TaskRecord(TEMPLATES[0], FAILED, lang, "failed_cell", reason="Un calcul a échoué.") for lang in ("fr", "en")
    ]
    with Ledger(folder.ledger) as ledger:
        ledger.plan([Task(r.template, r.territory, r.lang, "k") for r in (*records, *failed)])
        for record in (*records, *failed):
            ledger.finish(record)
        counts = ledger.counts()
    write_findings(folder, gather_findings(folder, records))
    for lang, name in (("fr", "index.html"), ("en", "index.en.html")):
        write_atomic(folder.root / name, render_portfolio(samples.portfolio_model(lang=lang)).encode())
    for name in ("accessibility.html", "accessibility.en.html"):
        write_atomic(folder.root / name, b"<!doctype html><title>Accessibility</title>")
    write_atomic(folder.log(failed[0]), f"ValueError: {HIDDEN}".encode())
    write_manifest(folder, _manifest(folder.run_id, counts))
    return folder


def _template() -> bytes:
    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("ev = 1", id="one")])).encode()


def _publish(
    folder: RunFolder, renderer: ReportRenderer, assets: dict[str, str], lang: str, template: str, code: str
) -> TaskRecord:
    record = TaskRecord(template, code, lang, "ok")
    executed = notebook(code, template, lang)
    context = samples.report_context(
        run=folder.run_id, evaluation="petit", template=template, lang=lang, territory=code, stylesheet=assets["evalkit.css"],
        languages={"fr": f"../../fr/{template}/{code}.html", "en": f"../../en/{template}/{code}.html"},
    )  # fmt: skip
    page = renderer.render(executed, context)
    write_atomic(folder.notebook(record), nbformat.writes(executed).encode())
    findings = [
        o["data"][samples.KINDS["finding"]]
        for c in executed.cells
        for o in c.get("outputs", [])
        if samples.KINDS["finding"] in o.get("data", {})
    ]
    write_task_findings(
        folder.findings_of(record), [payload["finding"] | {"run": folder.run_id} for payload in findings]
    )
    replace_folder(folder.figures(record), page.figure_files)
    write_atomic(folder.report(record), page.html.encode())
    return replace(record, outputs={"page": hashlib.sha256(page.html.encode()).hexdigest()})


def _manifest(run: str, counts: dict[str, int]) -> Manifest:
    data = {
        "dataset": "insee_qpv_income", "id": "a1", "title_fr": "Revenus", "title_en": "Income", "licence": "Licence Ouverte 2.0",
        "producer": "Insee", "attribution": "Insee", "vintage": "2020", "landing_page": "https://example.org/income",
        "files": [["qpv-2020.csv", "ab12" * 16]], "synthetic": False,
    }  # fmt: skip
    return Manifest(
        run=run, evaluation="petit", plan_sha256=samples.PLAN, seed=1, started="2026-03-01T10:12:00+00:00", finished=FINISHED,
        evalkit="0.1.0", git_commit=None, git_dirty=None, packages={"pandas": "3.1.1", "numpy": "2.4.6"}, templates={}, data=[data],
        counts=counts, synthetic=False,
    )  # fmt: skip


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of an archive by name, archives inside opened too."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def every_byte(path: Path) -> bytes:
    """All that a reader finds in an export: every file, unpacked where it is an archive."""
    files = [path] if path.is_file() else [p for p in sorted(path.rglob("*")) if p.is_file()]
    found: list[bytes] = []
    for file in files:
        content = file.read_bytes()
        found += [content, *(unpacked(content).values() if zipfile.is_zipfile(file) else ())]
    return b"\n".join(found)


def when() -> datetime.datetime:
    """The end of the run."""
    return datetime.datetime.fromisoformat(FINISHED)
