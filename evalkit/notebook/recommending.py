"""The recommendations of a plan in one language, as plain data: for the report of a territory, and for the register of all."""

from __future__ import annotations

from typing import Any

from evalkit.model.plan import EvaluationPlan
from evalkit.model.recommendation import Recommendation
from evalkit.model.texts import LocalText


def recommendations(plan: EvaluationPlan, lang: str, territory: str | None = None) -> list[dict[str, Any]]:
    """Return the recommendations in the order of the plan; with a territory, those that concern it."""
    return [_said(plan, item, lang) for item in plan.recommendations if territory is None or item.concerns(territory)]


def _said(plan: EvaluationPlan, item: Recommendation, lang: str) -> dict[str, Any]:
    return {
        "id": item.id,
        "text": _text(item.text, lang),
        "criteria": [_criterion(plan, name, lang) for name in dict.fromkeys(item.criteria)],
        "to": _text(item.to, lang),
        "response": item.response,
        "reason": _text(item.reason, lang),
        "action": _text(item.action, lang),
        "owner": _text(item.owner, lang),
        "due": None if item.due is None else item.due.isoformat(),
        "status": item.status,
        "territories": list(item.territories),
    }


def _text(text: LocalText, lang: str) -> dict[str, str] | None:
    """Return a text with the language that it is in, which is another one when the plan gives no other."""
    return {"text": text.render(lang), "lang": text.spoken(lang)} if text else None


def _criterion(plan: EvaluationPlan, name: str, lang: str) -> dict[str, Any]:
    found = plan.criterion(name)
    return {"id": name, "text": None if found is None else _text(found[1].text, lang)}
