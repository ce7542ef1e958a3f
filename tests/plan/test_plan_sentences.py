"""Rules in plain words, French and English."""

from __future__ import annotations

import pytest
from test_plan_judging import DELIVERY, FALLS, criterion

from evalkit.plan import rule_sentence

NBSP = "\u00a0"


def said(rule, lang="fr", unit=None):
    return rule_sentence(rule, unit).render(lang).replace(NBSP, " ")


def test_a_fall():
    assert said(FALLS) == (
        "atteint si l’intervalle est entièrement négatif ; "
        "non atteint si l’intervalle est entièrement positif ; sinon, on ne peut conclure"
    )
    assert said(FALLS, "en") == (
        "met if the interval is entirely negative; not met if the interval is entirely positive; otherwise one cannot tell"
    )


def test_a_delivery():
    assert said(DELIVERY) == (
        "atteint si la quantité livrée atteint au moins la quantité prévue ; "
        "partiellement atteint si la valeur atteint au moins 75 et la quantité livrée est au-dessous de la quantité prévue ; "
        "non atteint si la valeur est au-dessous de 75 ; sinon, on ne peut conclure"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("upper <= target", "atteint si aucun point de l’intervalle ne dépasse la cible ; sinon, on ne peut conclure"),
        ("lower > 2.5", "atteint si tout l’intervalle est au-dessus de 2,5 pt ; sinon, on ne peut conclure"),
        ("value < -1000", "atteint si l’écart est au-dessous de −1 000 pt ; sinon, on ne peut conclure"),
        ("lower < 0", "atteint si la borne basse est au-dessous de 0 pt ; sinon, on ne peut conclure"),
    ],
)
def test_bounds_with_their_unit(text, expected):
    assert said(criterion(text), unit="point").replace("\u202f", " ") == expected


def test_partly_without_not_met():
    sentence = said(criterion("lower > 10", partly="lower > 0"), "en")
    assert sentence == (
        "met if the whole interval is above 10; partly met if the interval is entirely positive; otherwise one cannot tell"
    )
