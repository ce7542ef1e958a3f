"""From a matplotlib figure to inline SVG that is small, deterministic, safe and recoloured by the page."""

from __future__ import annotations

import io
import itertools
import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from evalkit.charts.shortpath import shorten
from evalkit.charts.style import FONT_FAMILY, TOKEN_OF

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_NUMBER = re.compile(r"-?\d*\.\d+(?:e[-+]?\d+)?")
_KEPT = (
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "opacity",
    "font-size",
    "font-weight",
    "text-anchor",
)
_ROUND_MARKER_CURVES = 8
LEAST_GROUP = 3
HALO = "halo"
_GEOMETRY = {"d", "cx", "cy", "r", "x", "y", "transform"}
_HALO_STYLE = {"stroke": "#ffffff", "stroke-width": "3", "paint-order": "stroke"}


def clean(text: str) -> str:
    """Return a text on one line without control or direction-changing characters, which XML and readers do not survive."""
    kept = (
        " " if character in "\t\n\r\u2028\u2029" else character
        for character in text
        if character in "\t\n\r" or unicodedata.category(character)[0] != "C"
    )
    return "".join(kept).strip().replace(" %", "\u00a0%")


def safe_id(text: str) -> str:
    """Return a text that can be an id in a page."""
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")
    return slug if slug[:1].isalpha() else f"f-{slug}" if slug else "f"


@contextmanager
def house_style(salt: str = "evalkit") -> Iterator[None]:
    """Draw with matplotlib's own defaults and the house's settings, whatever the user's settings are; restored on leaving."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # only measured; the browser has the glyph
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": salt,
                "text.parse_math": False,
                "text.usetex": False,
                "font.family": ["DejaVu Sans"],
                "path.simplify": False,
            }
        )
        yield


def to_svg(fig: Drawing, figure_id: str, *, alt: str, kind: str = "chart") -> str:
    """Return the figure as inline SVG: `viewBox` only, no style, no id but the title's, colours as classes of the page.

    Each colour of the house keeps its light value as a presentation attribute, so that the picture also stands alone.
    """
    with house_style(figure_id):
        return styled_svg(fig, figure_id, alt=alt, kind=kind)


def styled_svg(fig: Drawing, figure_id: str, *, alt: str, kind: str = "chart") -> str:
    """Return a figure as `to_svg` does, inside of `house_style`."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.BytesIO()
    FigureCanvasSVG(fig)
    fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    source = ElementTree.fromstring(buffer.getvalue())  # noqa: S314 our own drawing, made the line before
    return wrap(source.attrib["viewBox"], figure_id, alt, _shapes(source), kind)


def wrap(view_box: str, figure_id: str, alt: str, shapes: list[ElementTree.Element], kind: str) -> str:
    """Return the SVG text of shapes under a title that is the text alternative."""
    title_id = f"{safe_id(figure_id)}-title"
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": _round(view_box),
            "class": "chart" if kind == "chart" else f"chart {kind}",
            "role": "img",
            "aria-labelledby": title_id,
            "font-family": FONT_FAMILY,
            "stroke-linejoin": "round",
        },
    )
    title = ElementTree.SubElement(root, "title", {"id": title_id})
    title.text = clean(alt)
    root.extend(_grouped(shapes))
    return ElementTree.tostring(root, encoding="unicode")


def _shapes(source: ElementTree.Element) -> list[ElementTree.Element]:
    markers = {
        node.attrib["id"]: node.attrib["d"] for node in source.iter() if _name(node) == "path" and "id" in node.attrib
    }
    shapes = [shape for node in source.iter() if (shape := _shape(node, markers)) is not None]
    haloed = [node for group in source.iter() if group.get("id") == HALO for node in group if _name(node) == "text"]
    texts = [node for node in source.iter() if _name(node) == "text"]
    for node, shape in zip(texts, (shape for shape in shapes if shape.tag == "text"), strict=True):
        if node in haloed:
            shape.attrib.update({**_HALO_STYLE, "class": f"{shape.get('class', '')} c-paper-line".strip()})
    return shapes


def _grouped(shapes: list[ElementTree.Element]) -> list[ElementTree.Element]:
    """Write the style that neighbours share once, on a group around them."""
    found = []
    for _, members in itertools.groupby(shapes, key=lambda shape: (shape.tag, _looks(shape))):
        alike = list(members)
        if len(alike) < LEAST_GROUP:
            found += alike
            continue
        group = ElementTree.Element("g", dict(_looks(alike[0])))
        for shape in alike:
            shape.attrib = {key: value for key, value in shape.attrib.items() if key in _GEOMETRY}
            group.append(shape)
        found.append(group)
    return found


def _looks(shape: ElementTree.Element) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in shape.attrib.items() if key not in _GEOMETRY)


def _shape(node: ElementTree.Element, markers: dict[str, str]) -> ElementTree.Element | None:
    style = _style(node.attrib.get("style", ""))
    name = _name(node)
    is_drawn = "id" not in node.attrib and (style.get("fill") != "none" or "stroke" in style)
    if name == "path" and is_drawn:
        return ElementTree.Element("path", {"d": _path(node.attrib["d"]), **style})
    if name == "use":
        return _marker(node, markers, style)
    if name == "text":
        return _text(node, style)
    return None


def _marker(node: ElementTree.Element, markers: dict[str, str], style: dict[str, str]) -> ElementTree.Element:
    reference = next(value for key, value in node.attrib.items() if key.endswith("href"))
    outline = markers[reference.removeprefix("#")]
    x, y = _round(node.attrib.get("x", "0")), _round(node.attrib.get("y", "0"))
    if outline.count("C") == _ROUND_MARKER_CURVES:
        return ElementTree.Element("circle", {"cx": x, "cy": y, "r": _round(outline.split()[2]), **style})
    return ElementTree.Element("path", {"d": _path(outline), "transform": f"translate({x} {y})", **style})


def _text(node: ElementTree.Element, style: dict[str, str]) -> ElementTree.Element:
    place: dict[str, str] = {key: _round(node.attrib[key]) for key in ("x", "y") if key in node.attrib}
    turn = _round(node.attrib.get("transform", ""))
    if turn and not turn.startswith("rotate(-0 "):
        place["transform"] = turn
    shape = ElementTree.Element("text", {**place, **style})
    shape.text = node.text
    return shape


def _style(text: str) -> dict[str, str]:
    declared = dict(part.split(":", 1) for part in text.split(";") if ":" in part)
    found = {key.strip(): value.strip() for key, value in declared.items()}
    kept = {key: _round(found[key].removesuffix("px")) for key in _KEPT if key in found}
    classes = [
        f"c-{TOKEN_OF[kept[key]]}-{suffix}"
        for key, suffix in (("fill", "fill"), ("stroke", "line"))
        if kept.get(key) in TOKEN_OF
    ]
    return {**kept, "class": " ".join(classes)} if classes else kept


def _name(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _path(outline: str) -> str:
    drawn = re.sub(r"\s*([A-Za-z])\s*", r"\1", _round(" ".join(outline.split())))
    return shorten(drawn)


def _round(text: str) -> str:
    return _NUMBER.sub(lambda match: _short(float(match[0])), text)


def _short(value: float) -> str:
    text = f"{value:.1f}"
    return text.removesuffix(".0").replace("-0", "0") if text in {"-0.0", "0.0"} else text.removesuffix(".0")
