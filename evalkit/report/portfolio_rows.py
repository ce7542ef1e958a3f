"""The rows of a portfolio: one per territory, with its reports, values, reading, verdicts and state; and what is not there."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.model.finding import VERDICTS
from evalkit.model.run import DONE, TaskRecord, is_failure
from evalkit.report.labels import READING_LABELS, STATE_LABELS, VERDICT_LABELS, VerdictLabel, state_css
from evalkit.report.portfolio_model import PortfolioColumn, PortfolioModel, PortfolioTask
from evalkit.report.templating import fold
from evalkit.text import Message, msg

ROW_STATES: Mapping[str, Message] = {
    "ok": msg("complete"),
    "partial": msg("partial data"),
    "refused": msg("refused"),
    "failed": msg("incomplete"),
}
_GAPS = ("secret", "missing")
_FEWEST_FOR_QUARTERS = 4


@dataclass(frozen=True)
class Row:
    """One territory of the portfolio, ready to be shown."""

    task: PortfolioTask
    reports: tuple[PortfolioTask, ...]
    reading: str | None
    verdicts: tuple[tuple[VerdictLabel, int], ...]
    verdict_keys: tuple[str, ...]
    grades: tuple[int, ...]
    state: str

    @property
    def code(self) -> str:
        """Return the territory's code."""
        return self.task.record.territory

    @property
    def href(self) -> str | None:
        """Return the link to the first report there is."""
        return next((report.href for report in self.reports if report.href), None)

    @property
    def others(self) -> tuple[PortfolioTask, ...]:
        """Return the reports that the name does not lead to."""
        return tuple(report for report in self.reports if report.href is None or report.href != self.href)


@dataclass(frozen=True)
class Cause:
    """Reports that are not there for one and the same reason."""

    state: Message
    css: str
    reason: str
    tasks: tuple[PortfolioTask, ...]


def readings(column: PortfolioColumn, codes: Sequence[str]) -> dict[str, str]:
    """Say for each territory whether it stands above, inside or below the middle half of the others, in the sense of the indicator."""
    values = [column.values[code] for code in codes if code in column.values]
    if column.sign == 0:
        return {code: "neutral" if code in column.values else "unknown" for code in codes}
    if len(values) < _FEWEST_FOR_QUARTERS:
        return {code: "same" if code in column.values else "unknown" for code in codes}
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return {code: _reading(column.values.get(code), low, high, column.sign) for code in codes}


def _reading(value: float | None, low: float, high: float, sign: int) -> str:
    if value is None:
        return "unknown"
    if low <= value <= high:
        return "same"
    return "better" if (value > high) == (sign > 0) else "worse"


def build_rows(model: PortfolioModel) -> tuple[Row, ...]:
    """Return one row per territory, by name; a territory without any report has its row too."""
    by_territory: dict[str, list[PortfolioTask]] = defaultdict(list)
    for task in model.tasks:
        by_territory[task.record.territory].append(task)
    said = readings(model.columns[0], list(by_territory)) if model.columns else {}
    known = _findings_by_territory(model)
    rows = [_row(tasks, said.get(code), known.get(code, _NOTHING)) for code, tasks in by_territory.items()]
    return tuple(sorted(rows, key=lambda row: (fold(row.task.name), row.code)))


@dataclass
class _Found:
    """What the findings of a territory come to: how many got each verdict, the grades of these, whether a value is not there."""

    verdicts: dict[str, int] = field(default_factory=dict)
    grades: set[int] = field(default_factory=set)
    has_gaps: bool = False


_NOTHING = _Found()


def _findings_by_territory(model: PortfolioModel) -> dict[str, _Found]:
    """Count the findings in the model's language column by column: there may be a million of them."""
    found: dict[str, _Found] = defaultdict(_Found)
    frame = model.findings
    if not len(frame):
        return found
    kept = frame.loc[frame["lang"] == model.lang, ["territory", "verdict", "grade", "status"]]
    judged = kept[kept["verdict"].notna() & (kept["verdict"] != "")]
    for (territory, verdict), n in Counter(zip(judged["territory"], judged["verdict"], strict=True)).items():
        found[str(territory)].verdicts[str(verdict)] = n
    graded = judged[["territory", "grade"]].dropna().drop_duplicates()
    for territory, grade in graded[graded["grade"] != 0].itertuples(index=False, name=None):
        found[str(territory)].grades.add(int(grade))
    for territory in kept.loc[kept["status"].isin(_GAPS), "territory"].unique():
        found[str(territory)].has_gaps = True
    return found


def _row(tasks: Sequence[PortfolioTask], reading: str | None, found: _Found) -> Row:
    kept = [verdict for verdict in VERDICTS if found.verdicts.get(verdict)]
    absent = [task.record for task in tasks if task.record.state not in DONE]
    return Row(
        task=tasks[0],
        reports=tuple(tasks),
        reading=reading,
        verdicts=tuple((VERDICT_LABELS[verdict], found.verdicts[verdict]) for verdict in kept),
        verdict_keys=tuple(kept),
        grades=tuple(sorted(found.grades)),
        state=_state(absent, found),
    )


def _state(absent: Sequence[TaskRecord], found: _Found) -> str:
    if any(record.state != "refused" for record in absent):
        return "failed"
    if absent:
        return "refused"
    return "partial" if found.has_gaps else "ok"


def build_causes(model: PortfolioModel) -> tuple[Cause, ...]:
    """Return every report that is not there, grouped by cause: failures first, then refusals."""
    groups: dict[tuple[str, str], list[PortfolioTask]] = defaultdict(list)
    for task in model.tasks:
        if task.record.state not in DONE:
            groups[task.record.state, task.record.reason].append(task)
    order = sorted(groups, key=lambda key: (not is_failure(key[0]), key))
    return tuple(
        Cause(
            STATE_LABELS[state],
            state_css(state),
            reason,
            tuple(sorted(groups[state, reason], key=lambda t: (fold(t.name), t.record.territory, t.template_label))),
        )
        for state, reason in order
    )


def verdict_counts(rows: Sequence[Row]) -> tuple[tuple[VerdictLabel, int], ...]:
    """Return how many criteria got each verdict, over all territories."""
    total: Counter[str] = Counter()
    for row in rows:
        for label, n in row.verdicts:
            total[label.symbol] += n
    return tuple((label, total[label.symbol]) for label in VERDICT_LABELS.values() if total[label.symbol])


def counted(said: Iterable[str]) -> tuple[tuple[str, VerdictLabel, int], ...]:
    """Return how many territories have each reading."""
    total = Counter(said)
    return tuple((key, label, total[key]) for key, label in READING_LABELS.items() if total[key])
