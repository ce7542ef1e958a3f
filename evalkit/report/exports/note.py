"""The two-page note on a territory for those who decide: what to remember, one figure, what was asked and answered, limits, sources."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.model.figure import Figure
from evalkit.report.exports.choice import Choice
from evalkit.report.exports.picture import Bitmap, NotDrawableError, draw_png
from evalkit.report.labels import VERDICT_LABELS, method_label
from evalkit.report.page import LOCATOR, programme_period
from evalkit.report.payloads import Recorded, RecordedFinding
from evalkit.report.recommendations import Recommended, read_recommendation
from evalkit.report.templating import sentence
from evalkit.text import Day, Message, msg, nmsg

MOST_KEYS = 5
_MOST_LIMITS = 5


@dataclass(frozen=True)
class KeyMessage:
    """A finding in words: its short form, the rest of its sentence, then its judgement, its evidence and its doubt."""

    lead: str
    rest: str
    doubt: str


@dataclass(frozen=True)
class Answer:
    """A criterion of the plan: the question, what was to be seen, the rule fixed beforehand, the judgement with its sign."""

    question: str
    criterion: str
    rule: str
    judgement: str
    css: str


@dataclass(frozen=True)
class NotePicture:
    """The figure of the note with its text alternative and the lines under it."""

    bitmap: Bitmap
    title: str
    subtitle: str
    alt: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Note:
    """All that the note says, in the language of the reports it is made of; `made` is the end of the run."""

    lang: str
    territory: str
    name: str
    evaluation: str
    caution: str
    publisher: str
    facts: tuple[tuple[str, str], ...]
    keys: tuple[KeyMessage, ...]
    more: str
    picture: NotePicture | None
    answers: tuple[Answer, ...]
    recommendations: tuple[str, ...]
    limits: tuple[str, ...]
    sources: tuple[str, ...]
    origin: str
    run: str
    made: datetime.datetime

    @property
    def title(self) -> str:
        """Return the title of the document."""
        return f"{self.name} ({self.territory})"


def build_note(choice: Choice, reports: Sequence[Recorded]) -> Note:
    """Return the note on one territory from its reports in one language, in the order of the plan's templates."""
    said = reports[0].context
    lang = str(said["lang"])
    findings = [finding for report in reports for finding in report.findings]
    keys = _keys(findings, _criteria(reports))
    period = programme_period(said.get("programme") or {})
    shown = period.render(lang) if isinstance(period, Message) else period
    title = str(said["title"])
    return Note(
        lang=lang,
        territory=str(said["territory"]),
        name=str(said["name"]),
        evaluation=title if not shown or shown in title else f"{title}, {shown}",
        caution=msg("Fictitious data: they describe no real place.").render(lang) if said.get("synthetic") else "",
        publisher=str(said.get("publisher") or ""),
        facts=_facts(said, lang),
        keys=tuple(_key(finding, lang) for finding in keys[:MOST_KEYS]),
        more=_more(len({finding.sentence for finding in findings}) - len(keys[:MOST_KEYS]), lang),
        picture=_picture(reports, keys, lang),
        answers=tuple(_answers(reports, findings, lang)),
        recommendations=_recommendations(reports, lang),
        limits=_limits(reports, keys[:MOST_KEYS]),
        sources=_sources(reports),
        origin=_origin(choice, said, lang),
        run=choice.manifest.run,
        made=choice.finished,
    )


def _criteria(reports: Iterable[Recorded]) -> list[str]:
    questions = (question for report in reports for question in report.context.get("questions", ()))
    return list(dict.fromkeys(c["id"] for question in questions for c in question.get("criteria", ())))


def _keys(findings: Iterable[RecordedFinding], criteria: Sequence[str]) -> list[RecordedFinding]:
    """Return the key findings, those that judge a criterion first; a value is not said twice because two templates read it."""
    found = [finding for finding in findings if finding.key]
    place = {criterion: number for number, criterion in enumerate(criteria)}
    found.sort(key=lambda f: place.get(f.finding.criterion or "", len(place)) if f.finding.verdict else len(place))
    kept: dict[tuple[str, str, str], RecordedFinding] = {}
    for item in found:
        kept.setdefault((item.finding.indicator, item.finding.breakdown, item.finding.period), item)
    return list(kept.values())


def _facts(said: Any, lang: str) -> tuple[tuple[str, str], ...]:
    facts = [(str(label), str(value)) for label, value in said.get("facts", ())]
    if said.get("data_as_of"):
        day = Day(datetime.date.fromisoformat(said["data_as_of"])).render(lang)
        facts.append((msg("Data as of").render(lang), day))
    return tuple(facts)


def _key(item: RecordedFinding, lang: str) -> KeyMessage:
    finding, whole = item.finding, sentence(item.sentence)
    lead, rest = sentence(item.headline or item.sentence), "" if item.headline in ("", item.sentence) else whole
    if item.headline and item.sentence.startswith(item.headline):
        lead, rest = whole[: len(item.headline)], whole[len(item.headline) :]
    parts = []
    if finding.verdict:
        label = VERDICT_LABELS[finding.verdict]
        parts.append(f"{label.symbol} {label.word.render(lang)}")
    if finding.grade:
        reason = item.grade_reason or _said(method_label(finding.method, finding.comparator), lang)
        grade = msg("evidence {n} out of 5", n=str(finding.grade)).render(lang)
        parts.append(f"{grade} ({reason})" if reason else grade)
    if item.uncertainty:
        parts.append(item.uncertainty.rstrip("."))
    return KeyMessage(lead, rest, sentence(" – ".join(parts)))


def _said(text: Message | str, lang: str) -> str:
    return text.render(lang) if isinstance(text, Message) else text


def _more(n: int, lang: str) -> str:
    if n < 1:
        return ""
    return nmsg("The reports hold {n} more finding.", "The reports hold {n} more findings.", n).render(lang)


def _picture(reports: Sequence[Recorded], keys: Sequence[RecordedFinding], lang: str) -> NotePicture | None:
    """Return the first chart of what was judged, else of a key finding, else any; None when none can be drawn."""
    charts = [
        item
        for report in reports
        for item in report.items
        if isinstance(item, Figure) and item.kind == "chart" and item.svg and item.id != LOCATOR
    ]
    wanted = [key.finding.indicator for key in sorted(keys, key=lambda key: key.finding.verdict is None)]
    ranked = sorted(
        charts, key=lambda chart: min((wanted.index(i) for i in chart.indicators if i in wanted), default=len(wanted))
    )
    for chart in ranked:
        try:
            return _drawn(chart, lang)
        except NotDrawableError:
            continue
    return None


def _drawn(chart: Figure, lang: str) -> NotePicture:
    lines = (
        (msg("How to read it:"), chart.lecture),
        (msg("Scope:"), chart.champ),
        (msg("Note:"), chart.note),
        (msg("Source:"), chart.source),
    )
    said = tuple((label.render(lang), text) for label, text in lines if text)
    return NotePicture(draw_png(chart.svg), chart.title, chart.subtitle, chart.alt, said)


def _answers(reports: Sequence[Recorded], findings: Sequence[RecordedFinding], lang: str) -> Iterable[Answer]:
    """Give every criterion of the plan with each judgement it got, or that these reports do not judge it."""
    seen: set[str] = set()
    for question in (question for report in reports for question in report.context.get("questions", ())):
        for criterion in question.get("criteria", ()):
            if criterion["id"] in seen:
                continue
            seen.add(criterion["id"])
            judged = [f for f in findings if f.finding.criterion == criterion["id"] and f.finding.verdict]
            verdicts = list(dict.fromkeys(f.finding.verdict for f in judged if f.finding.verdict))
            labels = [VERDICT_LABELS[verdict] for verdict in verdicts]
            words = [f"{label.symbol} {label.word.render(lang)}" for label in labels]
            rule = next((f.rule_text for f in judged if f.rule_text), None) or criterion.get("rule_text") or ""
            yield Answer(
                question=str(question["text"]),
                criterion=sentence(str(criterion["text"])),
                rule=sentence(str(rule)),
                judgement=" ; ".join(words) or msg("not judged in these reports").render(lang),
                css=labels[0].css if len(labels) == 1 else "none",
            )


def _recommendations(reports: Sequence[Recorded], lang: str) -> tuple[str, ...]:
    """Return each recommendation once: what is asked of whom, the response, what is done about it."""
    found = {
        item.id: item
        for report in reports
        for item in map(read_recommendation, report.summary.get("recommendations", ()))
    }
    return tuple(_recommendation(item, lang) for item in found.values())


def _recommendation(item: Recommended, lang: str) -> str:
    response = f"{item.response.symbol} {item.response.word.render(lang)}"
    if item.reason:
        response = msg("{response}: {reason}", response=response, reason=item.reason.text.rstrip(".")).render(lang)
    parts = [
        "" if item.to is None else msg("addressed to {who}", who=item.to.text).render(lang),
        response,
        "" if item.action is None else item.action.text.rstrip("."),
        "" if item.due is None else msg("due on {day}", day=Day(item.due)).render(lang),
        "" if item.status is None else item.status.render(lang),
    ]
    asked = sentence(item.text.text if item.text else item.id)
    return f"{asked} {sentence(' – '.join(part for part in parts if part))}"


def _limits(reports: Sequence[Recorded], keys: Iterable[RecordedFinding]) -> tuple[str, ...]:
    """Return the sentences that keep the report honest, then the limits of the key findings."""
    honest = [str(text) for text in reports[0].summary.get("honesty", ())]
    own = [key.finding.limits for key in keys if key.finding.limits]
    return tuple(dict.fromkeys(sentence(text) for text in [*honest, *own]))[:_MOST_LIMITS]


def _sources(reports: Iterable[Recorded]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for item in (item for report in reports for item in report.summary.get("sources", ())):
        who = item.get("attribution") or item["producer"]
        parts = [who, item["title"], ", ".join(item.get("vintages", ())), item["licence"]]
        found.setdefault(item["dataset"], sentence(", ".join(part for part in parts if part)))
    return tuple(found[dataset] for dataset in sorted(found))


def _origin(choice: Choice, said: Any, lang: str) -> str:
    return msg(
        "Made from the reports of the run {run}, ended on {day}; evaluation plan {plan}.",
        run=choice.manifest.run,
        day=Day(choice.finished.date()),
        plan=str(said["plan_sha256"])[:12],
    ).render(lang)
