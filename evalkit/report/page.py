"""From what a notebook recorded to what a page shows: blocks in order, key messages, appendices. No HTML here but rendered markdown."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from evalkit.errors import RunError
from evalkit.model.figure import Figure
from evalkit.report.changes import Change, linked_changes
from evalkit.report.codes import SAME_FIGURE_ID
from evalkit.report.context import ReportContext
from evalkit.report.figurefiles import figure_doors
from evalkit.report.labels import CHECK_LABELS, VERDICT_LABELS, VerdictLabel, method_label
from evalkit.report.markup import TextRenderer
from evalkit.report.payloads import Recorded, RecordedFinding, Text
from evalkit.report.pictures import check_figure
from evalkit.report.recommendations import report_recommendations
from evalkit.text import Message, msg

LOCATOR = "locator"
"""The figure of this name stands beside the key messages instead of in the body."""
_READING_CSS = {"better": "better", "worse": "worse", "neutral": "none"}
_HEADING = re.compile(r"<h[2-6][^>]*>[^\n]*</h[2-6]>\n?")
_HTML_ID = re.compile(r'\sid="([^"]+)"')


@dataclass(frozen=True)
class TextBlock:
    """A text of the template, rendered."""

    html: Markup
    kind: str = "text"


@dataclass(frozen=True)
class FigureBlock:
    """A figure with the links to its files."""

    figure: Figure
    picture: Markup
    doors: tuple[tuple[str, str], ...]
    kind: str = "figure"


@dataclass(frozen=True)
class FindingBlock:
    """A finding with its place in the page (`id`), its evidence (`link`, empty when nothing more is shown) and the words of its judgement.

    `question` is the text of its evaluation question, on the first finding of each question only: it becomes a heading.
    """

    recorded: RecordedFinding
    id: str
    link: str
    criterion: str
    rule: str
    verdict: VerdictLabel | None
    css: str
    evidence: Message | str
    checks: tuple[tuple[VerdictLabel, str], ...]
    failed_checks: int
    question: str = ""
    kind: str = "finding"


@dataclass(frozen=True)
class GroupBlock:
    """Findings without a judgement that stand one after the other; many of them are folded away."""

    findings: tuple[FindingBlock, ...]
    kind: str = "group"


Block = TextBlock | FigureBlock | FindingBlock | GroupBlock


@dataclass(frozen=True)
class Page:
    """All that the page template shows, in words and numbers."""

    context: ReportContext
    name: str
    evaluation: str
    period: Message | str
    kind: Markup | None
    synthetic: bool
    facts: tuple[tuple[str, str], ...]
    data_as_of: str | None
    publisher: str
    keys: tuple[FindingBlock, ...]
    locator: FigureBlock | None
    blocks: tuple[Block, ...]
    summary: Mapping[str, Any]
    code: tuple[str, ...]
    contents: tuple[tuple[str, Markup], ...] = ()
    changes: tuple[tuple[Change, str], ...] = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Page:
        """Return the page itself, which nobody changes: nbconvert copies whatever it hands to its template."""
        return self


def programme_period(programme: Mapping[str, Any]) -> Message | str:
    """Return the years of a programme: `2015-2023`, or since when it runs."""
    start, end = programme.get("start"), programme.get("end")
    if start is None:
        return ""
    return msg("since {start}", start=str(start)) if end is None else f"{start}-{end}"


def build_page(recorded: Recorded, context: ReportContext) -> Page:
    """Build the page of a report; raises `RunError` for figures, texts or names that a report does not allow."""
    said = recorded.context
    figures = [item for item in recorded.items if isinstance(item, Figure)]
    _check_figures(figures)
    texts = TextRenderer(_placeholders(said))
    findings = _finding_blocks(recorded.findings, said, figures)
    blocks = list(_blocks(recorded, context, texts, findings))
    locator = _take_locator(blocks)
    programme = said.get("programme") or {}
    return Page(
        context=context,
        name=str(said["name"]),
        evaluation=str(said["title"]),
        period=programme_period(programme),
        kind=texts.title,
        synthetic=bool(said.get("synthetic")),
        facts=tuple((str(label), str(value)) for label, value in said.get("facts", ())),
        data_as_of=said.get("data_as_of"),
        publisher=str(said.get("publisher") or ""),
        keys=tuple(block for block in findings.values() if block.recorded.key),
        locator=locator,
        blocks=tuple(_grouped(blocks)),
        summary=_summary(recorded.summary, tuple(findings.values())),
        code=recorded.code,
        contents=tuple(texts.contents),
        changes=linked_changes(context.changes, [block.link for block in findings.values()]),
    )


def _placeholders(said: Mapping[str, Any]) -> dict[str, str]:
    programme = (said.get("programme") or {}).get("name") or ""
    questions = {f"question:{question['id']}": str(question["text"]) for question in said.get("questions", ())}
    return {
        "territory": str(said["name"]),
        "programme": str(programme),
        "evaluation": str(said["title"]),
        **questions,
    }


def _check_figures(figures: Iterable[Figure]) -> None:
    seen: set[str] = set()
    for figure in figures:
        check_figure(figure)
        if figure.id.casefold() in seen:
            raise RunError.of(SAME_FIGURE_ID, figure=figure.id)
        seen.add(figure.id.casefold())


def _blocks(
    recorded: Recorded, context: ReportContext, texts: TextRenderer, findings: Mapping[int, FindingBlock]
) -> Iterable[Block]:
    for item in recorded.items:
        if isinstance(item, Text):
            yield TextBlock(texts.html(item.source))
        elif isinstance(item, Figure):
            if item.id != LOCATOR:
                texts.after_figure()
            yield _figure_block(item, context.territory)
        elif item.show:
            yield findings[id(item)]


def _take_locator(blocks: list[Block]) -> FigureBlock | None:
    """Take the locator out of the body, with the heading that would be left with nothing below it."""
    for place, block in enumerate(blocks):
        if isinstance(block, FigureBlock) and block.figure.id == LOCATOR:
            before = blocks[place - 1] if place else None
            only_heading = isinstance(before, TextBlock) and _HEADING.fullmatch(before.html)
            del blocks[place - 1 if only_heading else place : place + 1]
            return block
    return None


def _grouped(blocks: Iterable[Block]) -> Iterable[Block]:
    for is_statement, members in itertools.groupby(blocks, lambda b: isinstance(b, FindingBlock) and b.verdict is None):
        if is_statement:
            yield GroupBlock(tuple(b for b in members if isinstance(b, FindingBlock)))
        else:
            yield from members


def _figure_block(figure: Figure, territory: str) -> FigureBlock:
    return FigureBlock(figure, Markup(figure.svg or figure.html), figure_doors(figure, quote(territory)))  # noqa: S704 # checked by check_figure


def _finding_blocks(
    findings: Iterable[RecordedFinding], said: Mapping[str, Any], figures: Iterable[Figure]
) -> dict[int, FindingBlock]:
    """Give every finding its place: a row of a figure keeps its id, so a finding that points there gets one of its own."""
    in_figures = {found for f in figures for found in (f.id, *_HTML_ID.findall(f.svg), *_HTML_ID.findall(f.html))}
    criteria = {c["id"]: c for question in said.get("questions", ()) for c in question.get("criteria", ())}
    questions = {question["id"]: str(question["text"]) for question in said.get("questions", ())}
    taken = set(in_figures)
    blocks: dict[int, FindingBlock] = {}
    for number, recorded in enumerate(findings, 1):
        anchor = re.sub(r"[^A-Za-z0-9_.-]+", "-", recorded.anchor)
        own = f"finding-{number}" if not anchor or anchor in taken else anchor
        taken.add(own)
        link = anchor if anchor in in_figures else own if recorded.show else ""
        block = _finding_block(recorded, own, link, criteria.get(recorded.finding.criterion) or {})
        question = recorded.finding.question if recorded.show and block.verdict else None
        if question in questions:
            block = replace(block, question=questions.pop(question))
        blocks[id(recorded)] = block
    return blocks


def _finding_block(recorded: RecordedFinding, own: str, link: str, criterion: Mapping[str, Any]) -> FindingBlock:
    finding = recorded.finding
    return FindingBlock(
        recorded=recorded,
        id=own,
        link=link,
        criterion=str(criterion.get("text") or ""),
        rule=recorded.rule_text or str(criterion.get("rule_text") or ""),
        verdict=VERDICT_LABELS[finding.verdict] if finding.verdict else None,
        css=VERDICT_LABELS[finding.verdict].css if finding.verdict else _READING_CSS.get(recorded.reading, ""),
        evidence=recorded.grade_reason or method_label(finding.method, finding.comparator),
        checks=tuple((CHECK_LABELS[passed], sentence) for passed, sentence in recorded.checks),
        failed_checks=sum(passed is False for passed, _ in recorded.checks),
    )


def _summary(summary: Mapping[str, Any], findings: Sequence[FindingBlock]) -> dict[str, Any]:
    quality = summary.get("quality") or {}
    return {
        "sources": list(summary.get("sources", ())),
        "letter": quality.get("letter") or "",
        "counts": dict(quality.get("counts") or {}),
        "sentences": list(quality.get("sentences", ())),
        "honesty": list(summary.get("honesty", ())),
        "recommendations": report_recommendations(summary.get("recommendations", ()), findings),
        "definitions": list(summary.get("definitions", ())),
        "versions": dict(sorted((summary.get("versions") or {}).items())),
        "seed": summary.get("seed"),
    }
