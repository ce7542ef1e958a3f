"""Recommendations as pages show them: what they rest on, whom they are addressed to, what was answered and what comes of it."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from evalkit.report.labels import ACTION_LABELS, RESPONSE_LABELS, VERDICT_LABELS, VerdictLabel
from evalkit.text import Message

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.report.page import FindingBlock
    from evalkit.report.portfolio_model import PortfolioModel

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """A text with the language that it is in."""

    text: str
    lang: str


@dataclass(frozen=True)
class Ground:
    """A criterion that a recommendation rests on, with its verdicts (each with how often it was given) and the link to where it is judged."""

    id: str
    text: Said | None
    verdicts: tuple[tuple[VerdictLabel, int], ...] = ()
    link: str = ""


@dataclass(frozen=True)
class Recommended:
    """A recommendation, ready to be shown; `territories` are the only ones that it concerns, none when it concerns all."""

    id: str
    anchor: str
    text: Said | None
    grounds: tuple[Ground, ...]
    to: Said | None
    response: VerdictLabel
    reason: Said | None
    action: Said | None
    owner: Said | None
    due: datetime.date | None
    status: Message | None
    territories: tuple[str, ...]


@dataclass(frozen=True)
class RegisterRow:
    """A recommendation in the register of a run, with how many of its territories it concerns."""

    item: Recommended
    territories: int


def read_recommendation(payload: Payload, ground: Callable[[str, Said | None], Ground] = Ground) -> Recommended:
    """Return a recommendation from what a notebook or a plan says of it; `ground` adds what is known of a criterion."""
    due, name = payload.get("due"), str(payload["id"])
    status = payload.get("status")
    return Recommended(
        id=name,
        anchor=f"recommendation-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}",
        text=_said(payload.get("text")),
        grounds=tuple(ground(str(c["id"]), _said(c.get("text"))) for c in payload.get("criteria", ())),
        to=_said(payload.get("to")),
        response=RESPONSE_LABELS[payload.get("response")],
        reason=_said(payload.get("reason")),
        action=_said(payload.get("action")),
        owner=_said(payload.get("owner")),
        due=datetime.date.fromisoformat(due) if due else None,
        status=ACTION_LABELS[status] if status else None,
        territories=tuple(str(code) for code in payload.get("territories", ())),
    )


def _said(text: Mapping[str, str] | None) -> Said | None:
    return Said(str(text["text"]), str(text["lang"])) if text else None


def report_recommendations(payloads: Iterable[Payload], findings: Sequence[FindingBlock]) -> tuple[Recommended, ...]:
    """Return the recommendations of a report, each criterion with the verdict that the same page gives and the link to it."""

    def ground(name: str, text: Said | None) -> Ground:
        judged = [block for block in findings if block.verdict and block.recorded.finding.criterion == name]
        counts = Counter(str(block.recorded.finding.verdict) for block in judged)
        return Ground(name, text, _counted(counts), next((block.link for block in judged if block.link), ""))

    return tuple(read_recommendation(payload, ground) for payload in payloads)


def build_register(model: PortfolioModel) -> tuple[RegisterRow, ...]:
    """Return the recommendations that concern a territory of the page, each criterion with how many territories got which verdict."""
    if not model.recommendations:
        return ()
    here, judged = {task.record.territory for task in model.tasks}, _judged(model)
    rows = []
    for payload in model.recommendations:
        concerned = here & set(payload["territories"]) if payload["territories"] else here
        if concerned:
            item = read_recommendation(payload, partial(_ground, _verdicts(judged, concerned)))
            rows.append(RegisterRow(item, len(concerned)))
    return tuple(rows)


def response_counts(rows: Iterable[RegisterRow]) -> tuple[tuple[VerdictLabel, int], ...]:
    """Return how many recommendations got each response, those not yet answered last."""
    total = Counter(row.item.response.symbol for row in rows)
    return tuple((label, total[label.symbol]) for label in RESPONSE_LABELS.values() if total[label.symbol])


def _ground(verdicts: Mapping[str, Counter[str]], name: str, text: Said | None) -> Ground:
    return Ground(name, text, _counted(verdicts.get(name, {})))


def _counted(verdicts: Mapping[str, int]) -> tuple[tuple[VerdictLabel, int], ...]:
    return tuple((label, verdicts[key]) for key, label in VERDICT_LABELS.items() if verdicts.get(key))


def _judged(model: PortfolioModel) -> pd.DataFrame:
    """Return each verdict on a criterion in a territory; two templates that say the same count once."""
    frame, columns = model.findings, ["territory", "criterion", "verdict"]
    if not len(frame):
        return frame.reindex(columns=columns)
    return frame.loc[frame["lang"] == model.lang, columns].dropna().drop_duplicates()


def _verdicts(judged: pd.DataFrame, territories: set[str]) -> dict[str, Counter[str]]:
    """Return for each criterion how many of the territories got which verdict."""
    found: dict[str, Counter[str]] = {}
    kept = judged[judged["territory"].isin(territories)]
    for criterion, verdict in zip(kept["criterion"], kept["verdict"], strict=True):
        found.setdefault(str(criterion), Counter())[str(verdict)] += 1
    return found
