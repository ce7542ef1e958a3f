"""The marks of territories in the drawings of a portfolio: the shape says the reading too, not the colour alone. Plain SVG, no style inside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from markupsafe import Markup

from evalkit.report.labels import READING_LABELS

MOST_NAMED = 400
"""Up to so many territories every mark carries its name; beyond, those of one reading are drawn as one path."""

_SHAPES = {
    "better": "m0-{r}l{r} {d}h-{w}z",
    "worse": "m0 {r}l{r}-{d}h-{w}z",
    "neutral": "m0-{r}l{r} {r}-{r} {r}-{r}-{r}z",
    "same": "m-{c} 0a{c} {c} 0 1 0 {w} 0a{c} {c} 0 1 0-{w} 0",
    "unknown": "m-{c} 0a{c} {c} 0 1 0 {w} 0a{c} {c} 0 1 0-{w} 0",
}
_DRAWN_FIRST = ("unknown", "same")


def draw_marks(places: Iterable[tuple[float, float, str, str, str]], radius: int) -> Markup:
    """Draw marks of (x, y, reading, code, name), those outside the middle half on top."""
    order = sorted(places, key=lambda item: (item[2] not in _DRAWN_FIRST, item[2]))
    if len(order) <= MOST_NAMED:
        return Markup("").join(
            Markup('<path class="mark-{}" data-code="{}" d="{}"><title>{}</title></path>').format(
                READING_LABELS[reading].css, code, _mark(x, y, reading, radius), name
            )
            for x, y, reading, code, name in order
        )
    grouped: dict[str, list[str]] = defaultdict(list)
    for x, y, reading, _, _ in order:
        grouped[reading].append(_mark(x, y, reading, radius))
    return Markup("").join(
        Markup('<path class="mark-{}" d="{}"/>').format(READING_LABELS[reading].css, "".join(marks))
        for reading, marks in grouped.items()
    )


def _mark(x: float, y: float, reading: str, radius: int) -> str:
    r = round(radius * 1.3)
    sides = {"better": 2 * r, "worse": 2 * r, "neutral": 2 * r}
    shape = _SHAPES[reading].format(r=r, d=round(r * 1.75), c=radius, w=sides.get(reading, 2 * radius))
    return f"M{x:.0f} {y:.0f}{shape}"


def svg(
    css: str, width: float, height: float, label: str, parts: Iterable[Markup], size: Markup | None = None
) -> Markup:
    """Return a drawing with its text alternative."""
    return Markup('<svg class="{}" viewBox="0 0 {:.0f} {:.0f}"{} role="img" aria-label="{}">{}</svg>').format(
        css, width, height, size or Markup(""), label, Markup("").join(parts)
    )


def rings_path(rings: Iterable[Iterable[tuple[float, float]]]) -> str:
    """Return closed rings as the data of one path, on whole units; what falls on the same point is left out."""
    drawn = []
    for ring in rings:
        points = [(round(x), round(y)) for x, y in ring]
        kept = [point for before, point in zip([None, *points], points, strict=False) if point != before]
        if len(kept) > 2:
            drawn.append("M" + " ".join(f"{x} {y}" for x, y in kept) + "z")
    return "".join(drawn)
