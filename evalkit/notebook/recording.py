"""The two doors from a notebook to a report: findings and figures, as display data of their own MIME types."""

from __future__ import annotations

import html
import itertools
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from evalkit.model.figure import Figure
from evalkit.model.finding import Finding
from evalkit.notebook.results import Result
from evalkit.text import Message

if TYPE_CHECKING:
    from evalkit.data.warehouse.recorder import ReadLog

FINDING = "application/vnd.evalkit.finding+json"
FIGURE = "application/vnd.evalkit.figure+json"
CONTEXT = "application/vnd.evalkit.context+json"
SUMMARY = "application/vnd.evalkit.summary+json"
REFUSAL = "application/vnd.evalkit.refusal+json"
READS = "application/vnd.evalkit.reads+json"


@dataclass(frozen=True)
class Identity:
    """Who speaks: the parts of a finding that are the same for the whole notebook."""

    run: str
    template: str
    lang: str
    territory: str
    level: str
    geography: str


def emit(mime: str, payload: dict[str, Any], shown: str = "", plain: str = "") -> None:
    """Display a payload; `shown` is what JupyterLab displays in its place, `plain` its text."""
    from IPython.display import display

    bundle: dict[str, Any] = {mime: payload, "text/plain": plain or mime}
    if shown:
        bundle["text/html"] = shown
    display(bundle, raw=True)


_LOGS = itertools.count(1)


def emit_reads(log: ReadLog) -> None:
    """Leave what was read of the warehouse; what is read afterwards is left as it comes."""
    number = next(_LOGS)
    lists = {name: list(codes) for name, codes in sorted(log.lists.items())}
    _emit_reads(number, sorted(log.entries.items()), lists)
    log.listener = lambda words, found: _emit_reads(
        number, [(words, found)], {k: list(v) for k, v in log.lists.items()}
    )


def _emit_reads(number: int, entries: list[tuple[str, str]], lists: dict[str, list[str]]) -> None:
    payload = {"schema": 1, "log": number, "lists": lists, "reads": [list(entry) for entry in entries]}
    emit(READS, payload, "", f"{len(entries)} reads")


def finding_of(result: Result, who: Identity, *, role: str, question: str | None, quality: str | None) -> Finding:
    """Return the finding of a result, as the contract's columns."""
    return Finding(
        run=who.run,
        origin_run=who.run,
        template=who.template,
        lang=who.lang,
        territory=who.territory,
        level=result.level or who.level,
        geography=who.geography,
        indicator=result.indicator,
        breakdown=result.breakdown,
        question=question,
        criterion=result.criterion,
        role=role,
        kind=result.kind,
        period=result.period,
        value=result.value,
        se=result.se,
        lower=result.lower,
        upper=result.upper,
        confidence=result.confidence,
        unit=result.unit,
        n=result.n,
        method=result.method,
        comparator=result.comparator,
        comparator_value=result.comparator_value,
        verdict=result.verdict,
        grade=result.grade,
        data_quality=quality,
        status=result.status,
        limits=" ".join(f"{limit.render(who.lang).rstrip('.')}." for limit in result.limits),
        source=result.source,
        vintage=result.vintage,
        note=result.note,
    )


def emit_finding(
    finding: Finding, result: Result, *, key: bool, show: bool, rule_text: str | None, anchor: str
) -> None:
    """Record a finding with the words that go with it."""
    lang = finding.lang

    def say(message: Message | None) -> str:
        return "" if message is None else message.render(lang)

    payload: dict[str, Any] = {
        "finding": asdict(finding),
        "headline": say(result.headline),
        "sentence": say(result.sentence),
        "uncertainty": say(result.uncertainty),
        "reading": result.reading,
        "grade_reason": say(result.grade_reason),
        "key": key,
        "show": show,
        "anchor": anchor,
        "rule_text": rule_text,
        "checks": [{"name": c.name, "passed": c.passed, "sentence": say(c.sentence)} for c in result.checks],
    }
    emit(FINDING, payload, f"<p>✔ {html.escape(payload['sentence'])}</p>", payload["sentence"])


def emit_figure(figure: Figure) -> None:
    """Record a figure; JupyterLab shows its title and table, then its picture as an image (inline SVG would be sanitised away)."""
    from IPython.display import display

    caption = f"<h3>{html.escape(figure.title)}</h3><p>{html.escape(figure.subtitle)}</p>{figure.html}"
    emit(FIGURE, asdict(figure), caption, figure.alt)
    if figure.svg:
        display({"image/svg+xml": figure.svg, "text/plain": figure.alt}, raw=True)
