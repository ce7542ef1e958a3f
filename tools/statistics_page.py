"""The reference of `evalkit.stats`: one section per public name, from its docstring, the published cases and the simulations."""

from __future__ import annotations

import ast
import doctest
import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import docstrings
from page_text import cell, prose
from simulations.measure import Measured, alarm_verdict, coverage_verdict
from simulations.page import excerpt

import evalkit.stats
from evalkit.verify import cases

TABLE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "simulations.json"
WIDTH = 110
HEAD = """# Statistics

Written by `make docs`; do not edit by hand.

Every function of `evalkit.stats` takes a frame or numbers and returns an `Estimate`: `value`, its interval `lower` and `upper` (None where the
method gives none, never NaN), `p_value`, `table`, `checks` and `sentence`; what is missing is said by a `StatsError` with its
[code](errors.md). No function reads a file or changes the frame it is given.

Two kinds of proof stand under each function. *Published cases* are results of the literature that `evalkit verify` computes again. *Simulations*
are designs whose truth is known, drawn many times: they tell where an interval covers less often than stated (`▼`), and the section
says so. How to read them, and all their figures: [Simulations](simulations.md)."""


def statistics_page() -> str:
    """Return the page."""
    rows: list[Measured] = json.loads(TABLE.read_text(encoding="utf-8"))
    names = sorted(evalkit.stats.__all__)
    own = {name: [row for row in rows if row["function"] == name] for name in names}
    return "\n\n".join([HEAD, _index(names, own), *(_section(name, own[name]) for name in names)]) + "\n"


def _index(names: list[str], own: dict[str, list[Measured]]) -> str:
    lines = ["| function | what it answers | simulated designs |", "|---|---|---|"]
    for name in names:
        answer = cell(prose(docstrings.read(getattr(evalkit.stats, name)).answer))
        lines.append(f"| [`{name}`](#{name}) | {answer} | {_tally(own[name])} |")
    return "\n".join(lines)


def _tally(rows: list[Measured]) -> str:
    short = sum(_falls_short(row) for row in rows)
    return "" if not rows else f"{len(rows)} ({short} `▼`)" if short else str(len(rows))


def _falls_short(row: Measured) -> bool:
    return "▼" in (coverage_verdict(row).symbol, alarm_verdict(row).symbol)


def _section(name: str, rows: list[Measured]) -> str:
    thing = getattr(evalkit.stats, name)
    doc = docstrings.read(thing)
    parts = [f"## {name}", prose(doc.answer), f"```python\n{signature(name, thing)}\n```"]
    parts += [_arguments(thing, doc)] if doc.arguments else []
    for block, label in (("Returns", "Returns"), ("Raises", "Refuses")):
        if block in doc.blocks:
            text = " ".join(doc.blocks[block].split()).removeprefix("StatsError: ")
            parts.append(f"**{label}:** {prose(text)}")
    parts += [prose(note) for note in doc.notes]
    parts += [f"**{label}:** {prose(text)}" for label, text in doc.sentences.items()]
    parts.append(f"**Example:**\n\n```python\n{example(doc)}\n```")
    published = [_case(case) for case in cases() if name in used(case.compute)]
    if published:
        parts.append("**Published cases:**\n\n" + "\n".join(published))
    if rows:
        parts.append(_simulated(rows))
    return "\n\n".join(parts)


def signature(name: str, thing: Callable[..., Any]) -> str:
    """Return how the function is called, with its types."""
    known = inspect.signature(thing)
    lines: list[str] = []
    for parameter in known.parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in lines:
            lines.append("*")
        lines.append(_parameter(parameter))
    result = "" if known.return_annotation is inspect.Signature.empty else f" -> {known.return_annotation}"
    whole = f"{name}({', '.join(lines)}){result}"
    return whole if len(whole) <= WIDTH else f"{name}(\n    " + ",\n    ".join(lines) + f",\n){result}"


def _parameter(parameter: inspect.Parameter) -> str:
    stars = "**" if parameter.kind is inspect.Parameter.VAR_KEYWORD else ""
    typed = "" if parameter.annotation is inspect.Parameter.empty else f": {parameter.annotation}"
    return f"{stars}{parameter.name}{typed}{'' if _required(parameter) else f' = {_literal(parameter.default)}'}"


def _required(parameter: inspect.Parameter) -> bool:
    return parameter.default is inspect.Parameter.empty


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _arguments(thing: Callable[..., Any], doc: docstrings.Docstring) -> str:
    known = inspect.signature(thing).parameters
    lines = ["| argument | meaning | default |", "|---|---|---|"]
    for names, text in doc.arguments.items():
        parameter = known.get(names)
        given = parameter is None or parameter.kind is inspect.Parameter.VAR_KEYWORD
        shown = (
            ""
            if given or parameter is None
            else "required"
            if _required(parameter)
            else f"`{_literal(parameter.default)}`"
        )
        lines.append(f"| `{names}` | {cell(prose(text))} | {shown} |")
    return "\n".join(lines)


def example(doc: docstrings.Docstring) -> str:
    """Return the example as it is written in a file, with its imports; a line of answer becomes a remark."""
    lines: list[str] = []
    for part in doctest.DocTestParser().get_examples(doc.blocks["Example"]):
        lines += part.source.rstrip("\n").splitlines()
        lines += [f"# {line}" for line in part.want.splitlines()]
    text = "\n".join(lines)
    words = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    needed = [word for word in sorted(words & set(evalkit.stats.__all__)) if f"import {word}" not in text]
    head = [f"from evalkit.stats import {', '.join(needed)}"] if needed else []
    if "Estimate" in words and "import Estimate" not in text:
        head.insert(0, "from evalkit.model.estimate import Estimate")
    return "\n".join([*head, text])


def used(compute: Callable[..., Any], seen: frozenset[str] = frozenset()) -> set[str]:
    """Return the public statistics that a function calls, itself or through its neighbours in the same file."""
    function = inspect.unwrap(getattr(compute, "func", compute))
    if not isinstance(function, FunctionType) or function.__qualname__ in seen:
        return set()
    found: set[str] = set()
    for word in _words(function.__code__):
        value = function.__globals__.get(word)
        module = getattr(value, "__module__", None) or ""
        if word in evalkit.stats.__all__ and module.startswith("evalkit.stats"):
            found.add(word)
        elif module == function.__module__ and callable(value):
            found |= used(value, seen | {function.__qualname__})
    return found


def _words(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _words(constant)


def _case(case: Any) -> str:
    kept = "" if not case.needs else " (with the reference folder)"
    return f"- `{case.id}`: {prose(case.title.render('en'))}. {prose(case.source)}{kept}"


def _simulated(rows: list[Measured]) -> str:
    with_intervals = [row for row in rows if row["intervals"]]
    short = [row for row in rows if _falls_short(row)]
    text = f"**Simulations:** {len(rows)} designs, {len(with_intervals)} with intervals"
    text += ": all cover as stated or more." if not short else f"; {len(short)} of them not as stated:"
    reasons = [f"- *{row['estimator']}*, {row['design']}" + (f": {row['why']}" if row["why"] else "") for row in short]
    return "\n\n".join([text, *(["\n".join(reasons)] if reasons else []), excerpt(rows)])
