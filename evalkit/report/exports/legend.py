"""The sheets that explain a workbook: what its columns mean, and its codes."""

from __future__ import annotations

from evalkit.report.exports.columns import COLUMNS, KINDS, LABEL, NAME, ROLES, SHORTHAND, STATUSES, FindingColumn
from evalkit.report.exports.sheets import Sheet, SheetColumn, Value
from evalkit.report.labels import VERDICT_LABELS
from evalkit.text import msg


def shown_columns() -> list[FindingColumn]:
    """Return the columns of the sheet: places and indicators with their names, who computed it at the end."""
    last = ("template", "lang", "run", "origin_run")
    first = [
        "territory",
        "territory_name",
        "indicator",
        "indicator_label",
        "breakdown",
        "period",
        "value",
        "unit",
        "status",
    ]
    extra = {"territory_name": NAME, "indicator_label": LABEL}
    middle = [name for name in COLUMNS if name not in (*first, *last)]
    return [extra.get(name) or COLUMNS[name] for name in (*first, *middle, *last)]


def columns_sheet(lang: str) -> Sheet:
    """Say what each column of the findings means, and its name in the table of the run."""
    heads = (
        SheetColumn(msg("Column").render(lang)),
        SheetColumn(msg("Name in findings.csv").render(lang), "code"),
        SheetColumn(msg("Meaning").render(lang), "long"),
    )
    rows = tuple(
        (column.head.render(lang), column.name if column.name in COLUMNS else None, column.meaning.render(lang))
        for column in shown_columns()
    )
    return Sheet(msg("Columns").render(lang), heads, rows)


def codes_sheet(lang: str) -> Sheet:
    """Say what the symbols and words of statuses, roles, kinds and judgements mean."""
    heads = (
        SheetColumn(msg("Column").render(lang)),
        SheetColumn(msg("Symbol").render(lang), "code"),
        SheetColumn(msg("Code in findings.csv").render(lang), "code"),
        SheetColumn(msg("Word").render(lang)),
        SheetColumn(msg("Meaning").render(lang), "long"),
    )
    rows: list[tuple[Value, ...]] = []
    for name, words in (("status", STATUSES), ("role", ROLES), ("kind", KINDS)):
        for code, (word, meaning) in words.items():
            head = COLUMNS[name].head.render(lang)
            rows.append((head, SHORTHAND.get(code), code, word.render(lang), meaning.render(lang)))
    for code, label in VERDICT_LABELS.items():
        rows.append(
            (
                COLUMNS["verdict"].head.render(lang),
                label.symbol,
                code,
                label.word.render(lang),
                _VERDICTS[code].render(lang),
            )
        )
    return Sheet(msg("Codes").render(lang), heads, tuple(rows))


_VERDICTS = {
    "met": msg("the whole interval is on the good side of the line"),
    "partly": msg("the rule of the plan for “partly” holds"),
    "not_met": msg("the whole interval is on the other side of the line"),
    "cannot_tell": msg("the interval crosses the line, or there is no value"),
}
