"""What pydantic refuses, said as problems of the plan: which code, in plain words, at which line."""

from __future__ import annotations

import inspect
import re
import typing
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from evalkit.errors import CODES, Problem
from evalkit.plan import codes
from evalkit.plan.nearest import hint, shorten
from evalkit.plan.schema import PlanDocument
from evalkit.text import Message, msg
from evalkit.text.yamlines import Located, Path, dotted

_QUOTED = re.compile(r"'([^']*)'")
_EXPECTED: dict[str, Message] = {
    "string": msg("a text"),
    "int": msg("a whole number"),
    "float": msg("a number"),
    "finite": msg("a number"),
    "bool": msg("true or false"),
    "list": msg("a list"),
    "dict": msg("a group of keys"),
    "model": msg("a group of keys"),
    "date": msg("a date (2026-03-01)"),
}
_BOUNDS = {"greater_than_equal": ("ge", msg("small")), "less_than_equal": ("le", msg("large"))}


def place_of(error: ErrorDetails) -> Path:
    """Return the path of a pydantic error in the file: without pydantic's own marks, and down to the key to correct."""
    path = tuple(step for step in error["loc"] if step != "[key]")
    return (*path, "end") if error["type"] == codes.ENDS_BEFORE_START.id else path


def to_problem(error: ErrorDetails, path: Path, located: Located, file: str) -> Problem:
    """Return the problem of the plan that a pydantic error stands for."""
    code, values = _translate(error, path, located)
    if code is codes.MISSING_KEY and path[-1] == "met_if":
        code, values = codes.NO_RULE, {"criterion": shorten(error["input"].get("id", "?"))}
    return Problem(code, values, file, located.line_of(path), dotted(path))


def found_kind(value: object) -> Message:
    """Return what a value is, in the words of someone who writes YAML by hand."""
    if value is None:
        return msg("nothing")
    if isinstance(value, bool):
        return msg("a yes or no")
    if isinstance(value, int | float):
        return msg("a number")
    if isinstance(value, str):
        return msg("a text")
    if isinstance(value, list):
        return msg("a list")
    return msg("a group of keys") if isinstance(value, dict) else msg("a date")


def _translate(error: ErrorDetails, path: Path, located: Located) -> tuple[Any, dict[str, Any]]:
    kind, key, context = error["type"], str(path[-1]) if path else "$", error.get("ctx", {})
    if kind in CODES:
        return CODES[kind], {"key": key, **context}
    if kind == "missing":
        return codes.MISSING_KEY, {"key": key}
    if kind == "extra_forbidden":
        return codes.UNKNOWN_KEY, {"key": shorten(key), "hint": hint(key, keys_at(path[:-1]))}
    if kind == "literal_error" and isinstance(error["input"], str):
        known = _QUOTED.findall(str(context["expected"]))
        named = key if isinstance(path[-1], str) else str(path[-2])
        return codes.NOT_A_CHOICE, {
            "value": shorten(error["input"]),
            "key": named,
            "hint": hint(error["input"], known),
        }
    if kind == "too_short":
        return codes.EMPTY, {"key": key}
    if kind in _BOUNDS:
        bound, side = _BOUNDS[kind]
        return codes.OUT_OF_RANGE, {"value": error["input"], "side": side, "key": key, "limit": context[bound]}
    return codes.WRONG_TYPE, _wrong_type(error, path, located)


def _wrong_type(error: ErrorDetails, path: Path, located: Located) -> dict[str, Any]:
    expected = _EXPECTED.get(error["type"].split("_")[0], msg("another value"))
    raw = located.raw_of(path)
    found = found_kind(error["input"])
    if raw and not isinstance(error["input"], str):
        found = msg("{raw}, {kind},", raw=shorten(raw), kind=found)
    wants_text = error["type"] in ("string_type", "literal_error")
    advice: Message | str = msg(': write "{raw}"', raw=shorten(raw)) if raw and wants_text else ""
    if isinstance(error["input"], str) and expected is _EXPECTED["list"]:
        advice = msg(': write ["{raw}"]', raw=shorten(error["input"]))
    return {"found": found, "expected": _EXPECTED["string"] if wants_text else expected, "hint": advice}


def keys_at(path: Path) -> tuple[str, ...]:
    """Return the keys that a plan may have at a path, empty where any key goes."""
    known: Any = PlanDocument
    for step in (step for step in path if isinstance(step, str)):
        model = model_in(known)
        fields = {} if model is None else {f.alias or name: f.annotation for name, f in model.model_fields.items()}
        known = fields.get(step)
    model = model_in(known)
    return () if model is None else tuple(sorted(f.alias or name for name, f in model.model_fields.items()))


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the pydantic model inside `list[Model]`, `Model | None` or `Annotated[Model, ...]`."""
    if inspect.isclass(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    inner = (model_in(argument) for argument in typing.get_args(annotation))
    return next((model for model in inner if model is not None), None)
