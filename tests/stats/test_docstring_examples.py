"""The examples of the docstrings run and say what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import evalkit.stats

MODULES = sorted(
    info.name for info in pkgutil.walk_packages(evalkit.stats.__path__, "evalkit.stats.") if not info.ispkg
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run(name):
    module = importlib.import_module(name)
    found = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.failed == 0


def test_every_public_function_says_what_an_evaluator_needs():
    short = {}
    for name in evalkit.stats.__all__:
        text = getattr(evalkit.stats, name).__doc__ or ""
        wanted = ("When not to use it", "Assumption", "Formula", "Source", "Example:")
        lacking = [heading for heading in wanted if heading not in text]
        if lacking:
            short[name] = lacking
    assert short == {}
