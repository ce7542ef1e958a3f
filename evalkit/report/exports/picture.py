"""A published figure as a PNG for office documents: the shapes of its SVG, drawn again with matplotlib. No browser is needed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NUMBER = re.compile(r"-?\d*\.?\d+(?:[eE][-+]?\d+)?")
_MOVE = re.compile(r"translate\(\s*(-?[\d.]+)[\s,]+(-?[\d.]+)\s*\)")
_TURN = re.compile(r"rotate\(\s*(-?[\d.]+)")
_SILENT = frozenset({"title", "desc", "style"})
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "C": 6, "Z": 0}
_STEPS, _CLOSE = {"M": 1, "L": 2, "H": 2, "V": 2, "Q": 3, "C": 4}, 79  # those of matplotlib
_ANCHORS = {"start": "left", "middle": "center", "end": "right"}
_CAPS = {"round": "round", "square": "projecting"}
_DPI = 200
_DOT = 0.5  # a line of no length is a round dot in SVG, nothing in matplotlib
_NONE = (None, "none", "")

Style = Mapping[str, str]


class NotDrawableError(ValueError):
    """The picture holds a shape that the charts of the house do not draw."""


@dataclass(frozen=True)
class Bitmap:
    """A PNG with its size in the picture's own units."""

    content: bytes
    width: float
    height: float


def draw_png(svg: str) -> Bitmap:
    """Return the PNG of a chart of the house, on white; equal pictures give equal bytes.

    Raises `NotDrawableError` for a picture of another make: shapes, text and groups are drawn, nothing else.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from evalkit.charts.svg import house_style

    root = ElementTree.fromstring(svg)  # noqa: S314 # checked when it was published
    try:
        _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
    except (KeyError, ValueError) as error:
        raise NotDrawableError("viewBox") from error
    with house_style():
        figure = Figure(figsize=(width / 72, height / 72), dpi=_DPI, facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        for number, (node, style) in enumerate(_leaves(root, {})):
            _draw(axes, node, style, number)
        content = io.BytesIO()
        FigureCanvasAgg(figure)
        figure.savefig(content, format="png", dpi=_DPI, metadata={"Software": None})
    return Bitmap(content.getvalue(), width, height)


def _leaves(node: ElementTree.Element, inherited: Style) -> Iterator[tuple[ElementTree.Element, Style]]:
    """Give every shape with the style that it inherits from its groups."""
    for child in node:
        name = child.tag.rpartition("}")[2]
        if name == "g" and not {"transform", "clip-path", "mask", "filter"} & set(child.attrib):
            yield from _leaves(child, {**inherited, **child.attrib})
        elif name in _SHAPES:
            yield child, {**inherited, **child.attrib}
        elif name not in _SILENT:
            raise NotDrawableError(name)


def _draw(axes: Axes, node: ElementTree.Element, style: Style, order: int) -> None:
    _SHAPES[node.tag.rpartition("}")[2]](axes, node, style, order)


def _number(style: Style, name: str, default: float = 0.0) -> float:
    text = style.get(name)
    return default if text is None else float(text.removesuffix("px"))


def _paint(style: Style, order: int) -> dict[str, Any]:
    """Return how matplotlib paints a shape: SVG fills black where nothing is said."""
    fill, stroke, width = style.get("fill", "#000000"), style.get("stroke"), _number(style, "stroke-width", 1.0)
    dashes = [float(part) for part in re.split(r"[\s,]+", style.get("stroke-dasharray", "")) if part not in _NONE]
    opacity = _number(style, "opacity", 1.0)
    return {
        "facecolor": "none" if fill in _NONE else fill,
        "edgecolor": "none" if stroke in _NONE else stroke,
        "linewidth": width if stroke not in _NONE else 0.0,
        "linestyle": (0, [length / width for length in dashes]) if dashes and width else "-",
        "alpha": opacity if opacity < 1 else None,
        "capstyle": _CAPS.get(style.get("stroke-linecap", ""), "butt"),
        "joinstyle": "round",
        "zorder": order,
    }


def _path(axes: Axes, node: ElementTree.Element, style: Style, order: int) -> None:
    moved = _MOVE.search(style.get("transform", ""))
    if "transform" in node.attrib and moved is None:
        raise NotDrawableError("transform")
    across, down = (float(moved[1]), float(moved[2])) if moved else (0.0, 0.0)
    points, steps = _outline(node.attrib["d"])
    _patch(axes, [(x + across, y + down) for x, y in points], steps, style, order)


def _patch(axes: Axes, points: list[tuple[float, float]], steps: list[int], style: Style, order: int) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    axes.add_patch(PathPatch(Path(points, steps), **_paint(style, order)))


def _outline(text: str) -> tuple[list[tuple[float, float]], list[int]]:
    """Read the `d` of a path: lines and curves, absolute or relative."""
    points: list[tuple[float, float]] = []
    steps: list[int] = []
    first = (0.0, 0.0)
    for command, numbers in _commands(text):
        kind, here = command.upper(), points[-1] if points else (0.0, 0.0)
        if kind == "Z":
            points.append(first)
            steps.append(_CLOSE)
            continue
        pairs = _pairs(kind, numbers, here, relative=command != kind)
        if kind == "M":
            first = pairs[0]
        elif pairs == [here]:
            pairs = [(here[0] + _DOT, here[1])]
        points += pairs
        steps += [_STEPS[kind], *[_STEPS["L" if kind == "M" else kind]] * (len(pairs) - 1)]
    return points, steps


def _commands(text: str) -> Iterator[tuple[str, list[float]]]:
    """Give each command with the numbers of one step; a command that is not repeated goes on."""
    for found in re.finditer(r"([A-DF-Za-df-z])([^A-DF-Za-df-z]*)", text):
        command, numbers = found[1], [float(part) for part in _NUMBER.findall(found[2])]
        size = _ARITY.get(command.upper())
        if size is None or bool(size) != bool(numbers) or (size and len(numbers) % size):
            raise NotDrawableError(command)
        yield from [(command, numbers[i : i + size]) for i in range(0, len(numbers), size)] if size else [(command, [])]


def _pairs(kind: str, numbers: list[float], here: tuple[float, float], *, relative: bool) -> list[tuple[float, float]]:
    """Return the points of one step, from where the pen stands."""
    across, down = here if relative else (0.0, 0.0)
    if kind == "H":
        return [(numbers[0] + across, here[1])]
    if kind == "V":
        return [(here[0], numbers[0] + down)]
    return [(x + across, y + down) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _corners(axes: Axes, node: ElementTree.Element, style: Style, order: int) -> None:
    numbers = [float(part) for part in re.split(r"[\s,]+", node.attrib["points"].strip())]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    steps = [1] + [2] * (len(points) - 1)
    if node.tag.endswith("polygon"):
        points, steps = [*points, points[0]], [*steps, _CLOSE]
    _patch(axes, points, steps, style, order)


def _line(axes: Axes, node: ElementTree.Element, style: Style, order: int) -> None:
    ends = [(_number(style, f"x{end}"), _number(style, f"y{end}")) for end in (1, 2)]
    _patch(axes, ends, [1, 2], style, order)


def _circle(axes: Axes, node: ElementTree.Element, style: Style, order: int) -> None:
    from matplotlib.patches import Circle

    centre = (_number(style, "cx"), _number(style, "cy"))
    axes.add_patch(Circle(centre, _number(style, "r"), **_paint(style, order)))


def _rect(axes: Axes, node: ElementTree.Element, style: Style, order: int) -> None:
    from matplotlib.patches import Rectangle

    if "%" in node.attrib.get("width", ""):
        return  # the white ground
    corner = (_number(style, "x"), _number(style, "y"))
    axes.add_patch(Rectangle(corner, _number(style, "width"), _number(style, "height"), **_paint(style, order)))


def _text(axes: Axes, node: ElementTree.Element, style: Style, order: int) -> None:
    from matplotlib.patheffects import withStroke

    if len(node):
        raise NotDrawableError("tspan")
    turned = _TURN.search(node.attrib.get("transform", ""))
    halo = style.get("stroke") not in _NONE
    axes.text(
        _number(style, "x"),
        _number(style, "y"),
        node.text or "",
        color=style.get("fill", "#000000"),
        fontsize=_number(style, "font-size", 12.5),
        fontweight="bold" if style.get("font-weight") in ("bold", "600", "700") else "normal",
        horizontalalignment=_ANCHORS[style.get("text-anchor", "start")],
        verticalalignment="baseline",
        rotation=-float(turned[1]) if turned else 0,
        rotation_mode="anchor",
        path_effects=[withStroke(linewidth=_number(style, "stroke-width"), foreground=style["stroke"])]
        if halo
        else None,
        zorder=order,
    )


_SHAPES = {
    "path": _path,
    "polyline": _corners,
    "polygon": _corners,
    "line": _line,
    "circle": _circle,
    "rect": _rect,
    "text": _text,
}
