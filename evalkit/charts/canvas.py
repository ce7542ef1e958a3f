"""The drawing board of every chart: matplotlib, in the picture's own units, with the house's colours and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from evalkit.charts.style import TEXT_SIZE, light
from evalkit.charts.svg import HALO, clean, house_style, styled_svg

WIDTH = 720.0


class Canvas:
    """A board `width` by `height`, the origin at the top left, as in SVG. Colours are token names of `style.TOKENS`."""

    def __init__(self, width: float, height: float) -> None:
        from evalkit.charts.artists import Board

        self.width, self.height = width, height
        self._board = Board(width, height)
        self._drawn = 0

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        token: str,
        width: float = 1.0,
        *,
        dash: Sequence[float] | None = None,
    ) -> None:
        """Draw a line through points; `dash` is given in picture units."""
        style: Any = (0, tuple(length / width for length in dash)) if dash else "-"
        self._add_line(xs, ys, color=light(token), linewidth=width, linestyle=style)

    def area(self, xs: Sequence[float], ys: Sequence[float], token: str, *, opacity: float | None = None) -> None:
        """Fill a polygon."""
        from matplotlib.patches import Polygon

        corners = list(zip(xs, ys, strict=True))
        self._board.put(
            Polygon(corners, closed=True, facecolor=light(token), edgecolor="none", alpha=opacity, zorder=self._order())
        )

    def ribbon(
        self,
        xs: Sequence[float],
        lower: Sequence[float],
        upper: Sequence[float],
        token: str,
        *,
        opacity: float | None = None,
    ) -> None:
        """Fill between two lines."""
        self.area([*xs, *reversed(xs)], [*lower, *reversed(upper)], token, opacity=opacity)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str | None, *, edge: str | None = None
    ) -> None:
        """Draw a rectangle, filled, outlined or both."""
        from matplotlib.patches import Rectangle

        face, line = light(fill) if fill else "none", light(edge) if edge else "none"
        self._board.put(
            Rectangle((x, y), width, height, facecolor=face, edgecolor=line, linewidth=1.2, zorder=self._order())
        )

    def segments(self, ends: Sequence[tuple[float, float, float, float]], token: str, width: float) -> None:
        """Draw many separate lines `(x1, y1, x2, y2)` of one look as one shape."""
        self.strokes([[(x1, y1), (x2, y2)] for x1, y1, x2, y2 in ends], token, width)

    def strokes(self, lines: Sequence[Sequence[tuple[float, float]]], token: str, width: float) -> None:
        """Draw many broken lines of one look as one shape."""
        self._add_path(lines, token, width, "butt")

    def dots(self, places: Sequence[tuple[float, float]], token: str, size: float) -> None:
        """Draw many round dots of one look as one shape, a few bytes each."""
        self._add_path([[place, place] for place in places], token, size, "round")

    def triangles(self, places: Sequence[tuple[float, float]], token: str, size: float, *, up: bool) -> None:
        """Draw many triangles of one look as one shape, pointing up or down."""
        half, tip = size / 2, -size / 2 if up else size / 2
        rings = [[(x - half, y - tip), (x, y + tip), (x + half, y - tip)] for x, y in places]
        if rings:
            self.outline(rings, token, token, 0.8)

    def mark(
        self, x: float, y: float, token: str, *, shape: str = "o", size: float = 6, fill: str | None = None
    ) -> None:
        """Draw a mark (`o` round, `D` diamond, `s` square, `^v<>` triangles); `fill` another token makes it hollow."""
        face = light(fill or token)
        self._add_line(
            [x],
            [y],
            marker=shape,
            markersize=size,
            markerfacecolor=face,
            markeredgecolor=light(token),
            markeredgewidth=1.5,
            linestyle="",
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        token: str = "quiet",  # noqa: S107 a colour token, not a secret
        *,
        size: float = TEXT_SIZE,
        anchor: str = "start",
        bold: bool = False,
        halo: bool = False,
    ) -> None:
        """Write one line of text; `y` is its baseline, `anchor` is start, middle or end; `halo` keeps lines off the letters."""
        from evalkit.charts.artists import Label

        sides: dict[str, Literal["left", "center", "right"]] = {"start": "left", "middle": "center", "end": "right"}
        self._board.put(
            Label(
                x,
                y,
                clean(text),
                color=light(token),
                fontsize=size,
                horizontalalignment=sides[anchor],
                verticalalignment="baseline",
                fontweight="bold" if bold else "normal",
                zorder=self._order(),
                gid=HALO if halo else None,
            )
        )

    def outline(
        self, parts: Sequence[Sequence[tuple[float, float]]], fill: str | None, edge: str, width: float
    ) -> None:
        """Draw closed rings (a territory with its holes) as one shape."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        path = Path.make_compound_path(*[Path([*ring, ring[0]], closed=True) for ring in parts])
        face = light(fill) if fill else "none"
        self._board.put(PathPatch(path, facecolor=face, edgecolor=light(edge), linewidth=width, zorder=self._order()))

    def svg(self, figure_id: str, alt: str, *, kind: str = "chart") -> str:
        """Return the board as inline SVG under its text alternative; `kind` is `chart` or `map`."""
        return styled_svg(self._board, figure_id, alt=alt, kind=kind)

    def _add_path(
        self, lines: Sequence[Sequence[tuple[float, float]]], token: str, width: float, cap: Literal["butt", "round"]
    ) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        if not lines:
            return
        moves = [Path.LINETO if place else Path.MOVETO for line in lines for place in range(len(line))]
        path = Path([place for line in lines for place in line], moves)
        look: Any = {"facecolor": "none", "edgecolor": light(token), "linewidth": width, "capstyle": cap}
        self._board.put(PathPatch(path, zorder=self._order(), **look))

    def _add_line(self, xs: Sequence[float], ys: Sequence[float], **settings: Any) -> None:
        from matplotlib.lines import Line2D

        self._board.put(Line2D(list(xs), list(ys), solid_capstyle="butt", zorder=self._order(), **settings))

    def _order(self) -> int:
        self._drawn += 1
        return self._drawn


@contextmanager
def drawing(height: float, width: float = WIDTH) -> Iterator[Canvas]:
    """Open a board; everything is drawn with the house's settings, whatever the user's are."""
    with house_style():
        yield Canvas(width, height)
