"""The workbook of a choice: one table a sheet, no merged cell, a head on every column, a word for every code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evalkit.report.exports.choice import Choice
from evalkit.report.exports.columns import KINDS, NUMBERS, ROLES, SHORTHAND, STATUSES
from evalkit.report.exports.findings import finding_rows
from evalkit.report.exports.legend import codes_sheet, columns_sheet, shown_columns
from evalkit.report.exports.recorded import read_recorded
from evalkit.report.exports.sheets import Book, Kind, Number, Sheet, SheetColumn, Value
from evalkit.report.labels import VERDICT_LABELS
from evalkit.text import UNITS, Day, Message, Quantity, msg, nmsg


def build_book(choice: Choice) -> Book:
    """Return the workbook of the chosen reports, in the first of their languages."""
    lang = choice.languages[0]
    known = _Known(choice)
    findings = _findings(finding_rows(choice), known, lang)
    sheets = (
        findings,
        _definitions(known, lang),
        columns_sheet(lang),
        codes_sheet(lang),
        _sources(choice, known, lang),
    )
    title = choice.plan.title.render(lang)
    return Book(
        title=title,
        subject=msg("Findings of the run {run}", run=choice.manifest.run).render(lang),
        author=choice.plan.publisher.render(lang),
        lang=lang,
        made=choice.finished,
        sheets=(_cover(choice, title, len(findings.rows), sheets, lang), *sheets),
    )


class _Known:
    """What the chosen reports say of places, indicators and sources; the first report that says it is believed."""

    def __init__(self, choice: Choice) -> None:
        self.names: dict[str, str] = {}
        self.definitions: dict[str, Mapping[str, Any]] = {}
        self.sources: dict[str, Mapping[str, Any]] = {}
        self.files: dict[str, dict[str, str]] = {}
        self.synthetic = choice.manifest.synthetic
        for record in choice.records:
            recorded = read_recorded(choice.folder, record)
            self.names.setdefault(record.territory, str(recorded.context["name"]))
            for item in recorded.summary.get("definitions", ()):
                self.definitions.setdefault(item["indicator"], item)
            for item in recorded.summary.get("sources", ()):
                self.sources.setdefault(item["dataset"], item)
                held = self.files.setdefault(item["dataset"], {})
                held.update({file["sha256"]: file["name"] for file in item.get("files", ())})


def _cover(choice: Choice, title: str, n: int, sheets: Iterable[Sheet], lang: str) -> Sheet:
    """Say what the workbook is: title, run, dates, licence, and what each sheet holds."""
    plan, manifest = choice.plan, choice.manifest
    lines: list[tuple[Message, Any]] = [(msg("Title"), title)]
    if manifest.synthetic:
        lines.append((msg("Caution"), msg("Fictitious data: they describe no real place.")))
    lines += [
        (msg("Programme"), plan.programme.name.render(lang) or plan.programme.kind),
        (msg("Published by"), plan.publisher.render(lang)),
        (msg("Contact"), plan.contact or ""),
        (msg("Run"), manifest.run),
        (msg("Run ended on"), Day(choice.finished.date())),
        (msg("Data as of"), Day(plan.data_as_of) if plan.data_as_of else ""),
        (msg("Plan (SHA-256)"), manifest.plan_sha256),
        (msg("Territories"), Quantity(len(choice.territories))),
        (msg("Findings"), Quantity(n)),
        (msg("Licence of the data"), ", ".join(sorted({str(row["licence"]) for row in _data(choice)}))),
        (
            msg("How to read a cell"),
            msg(
                "A symbol between brackets stands where there is no value: see the sheet of codes. An empty cell has nothing to say."
            ),
        ),
    ]
    texts = [(_say(label, lang), _say(value, lang)) for label, value in lines]
    for number, sheet in enumerate(sheets, 2):
        rows = nmsg("{n} row", "{n} rows", len(sheet.rows)).render(lang)
        texts.append((msg("Sheet {number}", number=number).render(lang), f"{sheet.name} ({rows})"))
    heads = (SheetColumn(msg("About").render(lang)), SheetColumn(msg("Content").render(lang), "long"))
    return Sheet(msg("Cover").render(lang), heads, tuple((label, text) for label, text in texts if text))


def _findings(rows: Iterable[Mapping[str, Any]], known: _Known, lang: str) -> Sheet:
    heads = tuple(SheetColumn(column.head.render(lang), _kind(column.name)) for column in shown_columns())
    cells = tuple(tuple(_cell(row, column.name, known, lang) for column in shown_columns()) for row in rows)
    return Sheet(msg("Findings").render(lang), heads, cells)


def _kind(name: str) -> Kind:
    if name in NUMBERS or name == "n" or name == "grade":
        return "number"
    if name in ("territory", "period", "indicator", "geography", "vintage"):
        return "code"
    return "long" if name == "limits" else "text"


def _cell(row: Mapping[str, Any], name: str, known: _Known, lang: str) -> Value:
    value = row.get(name)
    if name == "territory_name":
        return known.names.get(row["territory"], "")
    if name == "indicator_label":
        return str(known.definitions.get(row["indicator"], {}).get("label", ""))
    if name == "value" and value is None:
        return SHORTHAND.get(row["status"], SHORTHAND["not_applicable"])
    if value is None or value == "":
        return None
    if name in NUMBERS:
        decimals = UNITS[row["unit"]].decimals if row["unit"] in UNITS else 2
        return Number(float(value), 2 if name in ("confidence", "se") else decimals)
    return _word(name, value, lang)


def _word(name: str, value: Any, lang: str) -> Value:
    """Return the word of a code, the value itself where it has none."""
    if name == "unit":
        return UNITS[value].name[lang] if value in UNITS else str(value)
    if name == "verdict":
        return f"{VERDICT_LABELS[value].symbol} {VERDICT_LABELS[value].word.render(lang)}"
    words = {"status": STATUSES, "role": ROLES, "kind": KINDS}.get(name, {})
    return words[value][0].render(lang) if value in words else value if isinstance(value, int) else str(value)


def _definitions(known: _Known, lang: str) -> Sheet:
    heads = (
        SheetColumn(msg("Indicator (code)").render(lang), "code"),
        SheetColumn(msg("Indicator").render(lang)),
        SheetColumn(msg("Definition").render(lang), "long"),
        SheetColumn(msg("Unit").render(lang)),
        SheetColumn(msg("Direction").render(lang)),
        SheetColumn(msg("Source of the indicator").render(lang)),
        SheetColumn(msg("Breaks in the series").render(lang), "long"),
        SheetColumn(msg("Caution").render(lang), "long"),
    )
    rows = []
    for code, item in sorted(known.definitions.items()):
        texts = (str(item.get(name) or "") for name in ("label", "definition", "unit", "polarity", "source"))
        lists = (" ".join(map(str, item.get(name, ()))) for name in ("breaks", "caveats"))
        rows.append((code, *texts, *lists))
    return Sheet(msg("Definitions").render(lang), heads, tuple(rows))


def _data(choice: Choice) -> list[dict[str, Any]]:
    """Return the deliveries of the manifest, in the order of their names."""
    return sorted(choice.manifest.data, key=lambda row: (str(row.get("dataset")), str(row.get("id"))))


def _sources(choice: Choice, known: _Known, lang: str) -> Sheet:
    """List the files that the chosen reports used, one a row, with what the manifest says of their delivery."""
    heads = (
        SheetColumn(msg("Data set").render(lang), "code"),
        SheetColumn(msg("Title").render(lang)),
        SheetColumn(msg("Publisher").render(lang)),
        SheetColumn(msg("Vintage").render(lang), "code"),
        SheetColumn(msg("Licence").render(lang)),
        SheetColumn(msg("Attribution").render(lang)),
        SheetColumn(msg("File").render(lang)),
        SheetColumn(msg("SHA-256 of the file").render(lang), "code"),
        SheetColumn(msg("Page of the data set").render(lang)),
    )
    delivered = {str(sha): row for row in _data(choice) for _, sha in row.get("files", ())}
    rows: list[tuple[Value, ...]] = []
    for dataset, item in sorted(known.sources.items()):
        for sha, name in sorted(known.files[dataset].items(), key=lambda pair: (pair[1], pair[0])):
            row = delivered.get(sha, {})
            vintage = str(row.get("vintage") or ", ".join(item.get("vintages", ())))
            texts = (item["title"], item["producer"], vintage, item["licence"], item["attribution"] or "")
            rows.append((dataset, *map(str, texts), name, sha, str(row.get("landing_page") or "")))
    return Sheet(msg("Sources").render(lang), heads, tuple(rows))


def _say(value: Any, lang: str) -> str:
    return value.render(lang) if hasattr(value, "render") else str(value)
