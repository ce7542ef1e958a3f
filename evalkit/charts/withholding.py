"""What a waterfall must not tell: a secret step that could be had back by subtraction."""

from __future__ import annotations

from dataclasses import replace

from evalkit.charts.place_inputs import WaterfallData, WaterfallStep


def shown(data: WaterfallData) -> list[WaterfallStep]:
    """Return the steps as readers may see them: none that is secret can be had back from the others.

    A total after exactly one secret change is withheld, and so is every total after a hidden one; the last change before a secret total
    is withheld where all of them are known.
    """
    found: list[WaterfallStep] = []
    hidden, is_closed = 0, False
    for step in data.steps:
        if step.kind == "change":
            hidden += step.status == "secret"
            found.append(step)
            continue
        if step.status == "secret" and not hidden and not is_closed and found and found[-1].kind == "change":
            found[-1] = _withheld(found[-1])
        is_closed = is_closed or step.status == "secret" or hidden == 1
        hidden = 0
        found.append(_withheld(step) if is_closed else step)
    return found


def _withheld(step: WaterfallStep) -> WaterfallStep:
    return step if step.value is None else replace(step, value=None, status="secret")
