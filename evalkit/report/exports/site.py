"""The published pages of a choice as files: what a reader opens from a folder, a server or an archive, nothing of `private/`."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evalkit.catalogue import load_catalogue
from evalkit.model.observation import WITH_VALUE
from evalkit.notebook.recommending import recommendations
from evalkit.report.assets import SCRIPT, STYLESHEET, asset_names, build_assets
from evalkit.report.exports.choice import Choice
from evalkit.report.exports.findings import finding_rows
from evalkit.report.exports.recorded import read_recorded, report_kind, territory_name
from evalkit.report.exports.writing import Content
from evalkit.report.page import programme_period
from evalkit.report.payloads import Recorded
from evalkit.report.portfolio import render_portfolio
from evalkit.report.portfolio_model import FINDINGS_USED, PortfolioColumn, PortfolioModel, PortfolioTask
from evalkit.runs import RunFolder, read_findings, write_findings
from evalkit.text import UNITS, Message, msg

_COLUMNS = 2
_ENOUGH = 12  # territories: among fewer, the middle half and the median say nothing of where one stands


def site_files(choice: Choice) -> dict[str, Content]:
    """Return the files of the chosen reports by name: pages, data of figures, assets, tables, and a portfolio.

    The portfolio of a whole run is the published one. That of a part is made again from what the run says of the chosen
    territories: it has no map, for the run folder does not keep where they lie.
    """
    root = choice.folder.root
    if choice.is_whole:
        return _public(choice)
    files: dict[str, Content] = {f"assets/{path.name}": path for path in _inside(choice.folder.assets)}
    for record in choice.records:
        figures = choice.folder.figures(record)
        for path in (choice.folder.report(record), *_inside(figures)):
            files[path.relative_to(root).as_posix()] = path
    files |= {path.name: path for path in _inside(root) if path.suffix == ".html" and not path.name.startswith("index")}
    return files | {"manifest.json": choice.folder.manifest} | _tables(choice) | _portfolios(choice)


def _public(choice: Choice) -> dict[str, Content]:
    """Return all that a run publishes: every file outside `private/`, of reports those that the ledger calls published."""
    folder = choice.folder
    published = {path for record in choice.records for path in (folder.report(record), folder.figures(record))}
    files: dict[str, Content] = {}
    for path in sorted(folder.root.rglob("*")):
        place = path.relative_to(folder.root)
        hidden = place.parts[0] == folder.private.name or any(part.startswith(".") for part in place.parts)
        linked = any(parent.is_symlink() for parent in (path, *path.parents[: len(place.parts) - 1]))
        report = place.parts[0] == "reports" and path not in published and path.parent not in published
        if path.is_file() and not (hidden or linked or report):
            files[place.as_posix()] = path
    return files


def _inside(folder: Path) -> Iterator[Path]:
    """Give the files of a folder: no draft, and no link, which may lead elsewhere."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path


def _tables(choice: Choice) -> dict[str, Content]:
    """Return the findings of the choice in the two files that a run has."""
    with tempfile.TemporaryDirectory() as folder:
        write_findings(RunFolder(Path(folder)), finding_rows(choice))
        return {path.name: path.read_bytes() for path in _inside(Path(folder))}


def _portfolios(choice: Choice) -> dict[str, Content]:
    """Return the portfolio page of each language, and the assets it needs when the run has those of another version."""
    first, home = choice.languages[0], choice.folder.index("", "").name
    names = {lang: choice.folder.index(lang, choice.plan.languages[0]).name for lang in choice.languages}
    pages: dict[str, Content] = {
        names[lang]: render_portfolio(_model(choice, lang, names)).encode() for lang in choice.languages
    }
    pages.setdefault(home, pages[names[first]])
    return pages | {f"assets/{hashed}": content for hashed, content in build_assets().values()}


def _model(choice: Choice, lang: str, names: dict[str, str]) -> PortfolioModel:
    plan, manifest = choice.plan, choice.manifest
    reports = {(r.template, r.territory): read_recorded(choice.folder, r) for r in choice.records if r.lang == lang}
    kinds = {template: report_kind(recorded) or template for (template, _), recorded in reports.items()}
    findings = read_findings(choice.folder, (*FINDINGS_USED, "template"))
    kept = zip(findings["lang"], findings["template"], findings["territory"], strict=True)
    wanted = {(record.lang, record.template, record.territory) for record in choice.records}
    programme = next(iter(reports.values())).context.get("programme") or {}
    period = programme_period(programme)
    return PortfolioModel(
        lang=lang,
        title=plan.title.render(lang),
        programme=str(programme.get("name") or ""),
        period=period.render(lang) if isinstance(period, Message) else period,
        publisher=plan.publisher.render(lang),
        level=plan.territories.level,
        tasks=tuple(_tasks(choice, lang, reports, kinds)),
        findings=findings[[row in wanted for row in kept]],
        recommendations=tuple(recommendations(plan, lang)),
        columns=tuple(_columns(choice, lang)),
        languages=names,
        synthetic=manifest.synthetic,
        plan_sha256=manifest.plan_sha256,
        run=manifest.run,
        generated=choice.finished,
        stylesheet=asset_names()[STYLESHEET],
        script=asset_names()[SCRIPT],
        data_as_of=plan.data_as_of,
    )


def _tasks(
    choice: Choice, lang: str, reports: dict[tuple[str, str], Recorded], kinds: dict[str, str]
) -> Iterator[PortfolioTask]:
    """Give the tasks of the chosen territories as readers see them, those without a report with their reason."""
    codes = {*choice.territories, *choice.absent}
    names = {record.territory: territory_name(choice.folder, record) for record in choice.records}
    for record in choice.known:
        templates = choice.asked.templates or (record.template,)
        if record.lang != lang or record.territory not in codes or record.template not in templates:
            continue
        recorded = reports.get((record.template, record.territory))
        page = choice.folder.report(record).relative_to(choice.folder.root).as_posix()
        facts = dict(recorded.context.get("facts", ())) if recorded else {}
        yield PortfolioTask(
            record=record,
            name=names.get(record.territory) or record.territory,
            template_label=kinds.get(record.template, record.template),
            href=page if recorded else None,
            commune=str(facts.get(msg("Commune").render(lang), "")),
        )


def _columns(choice: Choice, lang: str) -> Iterator[PortfolioColumn]:
    """Give the first primary indicators that the chosen reports hold, at their most frequent period; none for a few territories."""
    if len(choice.territories) < _ENOUGH:
        return
    level = choice.plan.territories.level
    rows = [
        row
        for row in finding_rows(choice)
        if (row["lang"], row["kind"], row["role"], row["level"]) == (lang, "observation", "primary", level)
        and row["criterion"] is None
    ]
    known = [(row["indicator"], row["breakdown"]) for row in rows if row["status"] in WITH_VALUE]
    for indicator, breakdown in list(dict.fromkeys(known))[:_COLUMNS]:
        yield _column([r for r in rows if (r["indicator"], r["breakdown"]) == (indicator, breakdown)], indicator, lang)


def _column(rows: Sequence[dict[str, Any]], id: str, lang: str) -> PortfolioColumn:
    indicator = load_catalogue()[id]
    period = Counter(row["period"] for row in rows).most_common(1)[0][0]
    here = [row for row in rows if row["period"] == period]
    return PortfolioColumn(
        id=id,
        label=indicator.short_label.render(lang),
        title=indicator.label.render(lang),
        period=period,
        unit=indicator.unit,
        sign=indicator.sign,
        values={row["territory"]: float(row["value"]) for row in here if row["status"] in WITH_VALUE},
        statuses={row["territory"]: row["status"] for row in here},
        decimals=indicator.decimals if not UNITS[indicator.unit].is_money else 0,
    )
