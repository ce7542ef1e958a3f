"""What an executed notebook holds for a report: its context, texts, figures, findings and summary, in the notebook's order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from evalkit.errors import RunError
from evalkit.model.figure import DataTable, Figure
from evalkit.model.finding import Finding
from evalkit.notebook.recording import CONTEXT, FIGURE, FINDING, SUMMARY
from evalkit.report.codes import BAD_PAYLOAD, NEWER_PAYLOAD, NO_CONTEXT, NO_SUMMARY, TWICE

if TYPE_CHECKING:
    from nbformat import NotebookNode

SCHEMA = 1
_INJECTED = "injected-parameters"


@dataclass(frozen=True)
class RecordedFinding:
    """One finding with the words that go with it; a check is (True passed, False failed, None not told; its sentence).

    `headline` is the short form of the sentence, `grade_reason` why the evidence has its grade, `reading` where the value stands.
    `show` is False for a finding that a figure already shows: it is not repeated in the body.
    """

    finding: Finding
    sentence: str
    uncertainty: str
    key: bool
    anchor: str
    rule_text: str | None
    checks: tuple[tuple[bool | None, str], ...]
    headline: str = ""
    grade_reason: str = ""
    reading: str = ""
    show: bool = True


@dataclass(frozen=True)
class Text:
    """A markdown cell in the language of the report."""

    source: str


@dataclass(frozen=True)
class Recorded:
    """An executed notebook, read: `items` are texts, figures and findings in the order of the notebook, `code` its cells."""

    context: Mapping[str, Any]
    items: tuple[Text | Figure | RecordedFinding, ...]
    summary: Mapping[str, Any]
    code: tuple[str, ...]

    @property
    def findings(self) -> tuple[RecordedFinding, ...]:
        """Return the findings, in the order in which they were recorded."""
        return tuple(item for item in self.items if isinstance(item, RecordedFinding))


def outputs(notebook: NotebookNode, kind: str) -> list[Mapping[str, Any]]:
    """Return every output of one kind (a MIME type), in the order of the notebook."""
    return [data[kind] for cell in notebook.cells for data in _data(cell) if kind in data]


def read_context(notebook: NotebookNode) -> Mapping[str, Any]:
    """Return the one context of the notebook; raises `RunError` when there is none, or two."""
    found = outputs(notebook, CONTEXT)
    if not found:
        raise RunError.of(NO_CONTEXT)
    if len(found) > 1:
        raise RunError.of(TWICE, n=len(found), kind=CONTEXT)
    if (schema := found[0].get("schema", SCHEMA)) > SCHEMA:
        raise RunError.of(NEWER_PAYLOAD, found=schema, known=SCHEMA)
    _require(CONTEXT, found[0], ("territory", "name", "template", "lang", "evaluation", "title", "plan_sha256"))
    return found[0]


def read_notebook(notebook: NotebookNode, lang: str) -> Recorded:
    """Read an executed notebook for a report in `lang`; raises `RunError` when its context or its summary is missing."""
    context = read_context(notebook)
    summaries = outputs(notebook, SUMMARY)
    if not summaries:
        raise RunError.of(NO_SUMMARY)
    if len(summaries) > 1:
        raise RunError.of(TWICE, n=len(summaries), kind=SUMMARY)
    code = tuple(
        str(cell.source).strip() for cell in notebook.cells if cell.cell_type == "code" and _INJECTED not in _tags(cell)
    )
    return Recorded(context, tuple(_items(notebook, lang)), summaries[0], tuple(text for text in code if text))


def _items(notebook: NotebookNode, lang: str) -> Iterator[Text | Figure | RecordedFinding]:
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and lang in _tags(cell):
            yield Text(str(cell.source))
        for data in _data(cell):
            if FINDING in data:
                yield _finding(data[FINDING])
            if FIGURE in data:
                yield _figure(data[FIGURE])


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _data(cell: NotebookNode) -> Iterator[Mapping[str, Any]]:
    for output in cell.get("outputs", []):
        if output.get("output_type") in ("display_data", "execute_result"):
            yield output.get("data", {})


def _require(kind: str, payload: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name not in payload:
            raise RunError.of(BAD_PAYLOAD, kind=kind, name=name)


def _finding(payload: Mapping[str, Any]) -> RecordedFinding:
    _require(FINDING, payload, ("finding", "sentence"))
    names = tuple(field.name for field in fields(Finding))
    _require(FINDING, payload["finding"], names)
    return RecordedFinding(
        finding=Finding(**{name: payload["finding"][name] for name in names}),
        sentence=str(payload["sentence"]),
        uncertainty=str(payload.get("uncertainty") or ""),
        key=bool(payload.get("key")),
        anchor=str(payload.get("anchor") or ""),
        rule_text=payload.get("rule_text") or None,
        checks=tuple((check["passed"], str(check["sentence"])) for check in payload.get("checks", ())),
        headline=str(payload.get("headline") or ""),
        grade_reason=str(payload.get("grade_reason") or ""),
        reading=str(payload.get("reading") or ""),
        show=bool(payload.get("show", True)),
    )


def _figure(payload: Mapping[str, Any]) -> Figure:
    _require(FIGURE, payload, ("id", "kind", "title", "subtitle", "data"))
    data = payload["data"]
    _require(FIGURE, data, ("caption", "columns", "rows"))
    table = DataTable(
        caption=data["caption"],
        columns=tuple(data["columns"]),
        rows=tuple(tuple(row) for row in data["rows"]),
        numeric=tuple(data.get("numeric") or ()),
        raw=tuple(dict(record) for record in data.get("raw") or ()),
    )
    texts = {name: payload.get(name) or "" for name in ("alt", "svg", "html", "lecture", "champ", "source", "note")}
    return Figure(
        id=payload["id"],
        kind=payload["kind"],
        title=payload["title"],
        subtitle=payload["subtitle"],
        data=table,
        indicators=tuple(payload.get("indicators") or ()),
        **texts,
    )
