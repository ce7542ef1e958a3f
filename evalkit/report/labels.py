"""The words and symbols of verdicts, readings, grades, statuses and task states: one place, so that every page says them alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.model.run import DONE, is_failure
from evalkit.text import Message, msg


@dataclass(frozen=True)
class VerdictLabel:
    """How a verdict or a reading shows itself: a symbol, a word, and the CSS class that colours both."""

    symbol: str
    word: Message
    css: str


VERDICT_LABELS: Mapping[str, VerdictLabel] = {
    "met": VerdictLabel("▲", msg("criterion met"), "better"),
    "partly": VerdictLabel("◐", msg("criterion partly met"), "partly"),
    "not_met": VerdictLabel("▼", msg("criterion not met"), "worse"),
    "cannot_tell": VerdictLabel("◆", msg("cannot be concluded"), "none"),
}
"""The four verdicts of a criterion, in the order in which they are listed."""

READING_LABELS: Mapping[str, VerdictLabel] = {
    "better": VerdictLabel("▲", msg("more favourable"), "better"),
    "same": VerdictLabel("●", msg("close to the median"), "same"),
    "worse": VerdictLabel("▼", msg("less favourable"), "worse"),
    "neutral": VerdictLabel("◆", msg("no judgement"), "none"),
    "unknown": VerdictLabel("○", msg("no published value"), "secret"),
}
"""Where a territory stands beside the middle half of the others; neutral indicators are never judged."""

CHECK_LABELS: Mapping[bool | None, VerdictLabel] = {
    True: VerdictLabel("✓", msg("check passed"), "better"),
    False: VerdictLabel("✗", msg("check failed"), "worse"),
    None: VerdictLabel("?", msg("check that could not be told"), "same"),
}

RESPONSE_LABELS: Mapping[str | None, VerdictLabel] = {
    "accepted": VerdictLabel("✓", msg("accepted"), "better"),
    "partly": VerdictLabel("◐", msg("accepted in part"), "partly"),
    "rejected": VerdictLabel("✗", msg("rejected"), "worse"),
    None: VerdictLabel("○", msg("not yet answered"), "secret"),
}
"""What was answered to a recommendation, in the order in which answers are listed."""

ACTION_LABELS: Mapping[str, Message] = {
    "planned": msg("action planned"),
    "under_way": msg("action under way"),
    "done": msg("action done"),
    "dropped": msg("action dropped"),
}

METHOD_LABELS: Mapping[str, Message] = {
    "level": msg("level at one date"),
    "target": msg("distance to the target"),
    "gap": msg("gap to the comparator"),
    "before_after": msg("before and after"),
    "before_after_comparator": msg("before and after, beside a comparator"),
    "delivery": msg("delivery against what was planned"),
    "survival": msg("survival over time"),
    "did": msg("difference in differences"),
    "synthetic_control": msg("synthetic control"),
    "synthetic_did": msg("synthetic difference in differences"),
    "kaplan_meier": msg("survival over time"),
}

STATUS_LABELS: Mapping[str, Message] = {
    "published": msg("published values"),
    "estimated": msg("estimated values"),
    "secret": msg("values under statistical secrecy"),
    "missing": msg("missing values"),
    "not_applicable": msg("values that do not apply"),
}

POLARITY_LABELS: Mapping[str, Message] = {
    "up": msg("the higher, the better"),
    "down": msg("the lower, the better"),
    "neutral": msg("neither direction is good or bad"),
    "target": msg("read against its target"),
    "delivery": msg("read against what was planned"),
}

STATE_LABELS: Mapping[str, Message] = {
    "planned": msg("task not started"),
    "running": msg("task under way"),
    "ok": msg("report published"),
    "reused": msg("report published (unchanged)"),
    "refused": msg("territory refused by the template"),
    "cancelled": msg("task cancelled"),
    "failed_cell": msg("a calculation of the template failed"),
    "failed_timeout": msg("the time limit was passed"),
    "failed_memory": msg("the memory limit was passed"),
    "failed_kernel": msg("the calculation stopped without an answer"),
    "failed_worker": msg("a worker process was lost"),
    "failed_storage": msg("the results could not be written"),
    "failed_render": msg("the page could not be made"),
    "failed_identity": msg("the page was withheld: it did not name the right territory"),
}

LANGUAGE_NAMES: Mapping[str, str] = {"fr": "Français", "en": "English"}

_TERRITORIES: Mapping[str, tuple[Message, Message]] = {
    "qpv": (msg("Neighbourhood"), msg("The neighbourhoods")),
    "commune": (msg("Municipality"), msg("The municipalities")),
    "project": (msg("Project"), msg("The projects")),
    "structure": (msg("Structure"), msg("The structures")),
}


def territory_words(level: str) -> tuple[Message, Message]:
    """Return the head of a column of territories of this level, and the title of their list."""
    return _TERRITORIES.get(level, (msg("Territory"), msg("The territories")))


def method_label(method: str, comparator: str | None) -> Message | str:
    """Return the words of a method; an empty text for one that has none."""
    beside = f"{method}_comparator" if comparator else method
    return METHOD_LABELS.get(beside) or METHOD_LABELS.get(method) or ""


def state_css(state: str) -> str:
    """Return the CSS class of a task state: a failure, a thing to know, or nothing to say."""
    if is_failure(state):
        return "failed"
    return "" if state in DONE else "warn"
