"""The kinds of programme in words."""

from __future__ import annotations

from evalkit.model.plan import EvaluationPlan
from evalkit.text import Message, msg

KINDS: dict[str, Message] = {
    "anru": msg("Urban renewal"),
    "ess": msg("Social and solidarity economy"),
    "contrat_de_ville": msg("City contract"),
    "erdf": msg("ERDF"),
    "esf": msg("ESF+"),
    "other": msg("Programme"),
}


def kind_words(plan: EvaluationPlan, lang: str) -> str:
    """Return the kind of the plan's programme."""
    return KINDS.get(plan.programme.kind, KINDS["other"]).render(lang)


def programme_words(plan: EvaluationPlan, lang: str) -> str:
    """Return the name of the plan's programme, else its kind."""
    return plan.programme.name.render(lang) or kind_words(plan, lang)
