"""What is drawn with matplotlib but not laid out by it: a board without axes, and letters that the reader's page measures.

Import this module where something is drawn, not at the top of another: it loads matplotlib.
"""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Affine2D


class Board(Figure):
    """A figure whose artists stand in units of 1/72 inch from the top left."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__(figsize=(width / 72, height / 72), dpi=72)
        self._place = Affine2D().scale(1, -1).translate(0, height)

    def put(self, artist: Artist) -> None:
        """Draw an artist."""
        artist.set_transform(self._place)
        self.add_artist(artist)


class Label(Text):
    """One line of text at its baseline: its place is known, so that its size is not measured."""

    def draw(self, renderer: Any) -> None:
        """Write the text at its place, anchored there."""
        text = self.get_text()
        if not text:
            return
        x, y = self.get_transform().transform(self.get_unitless_position())
        _, height = renderer.get_canvas_width_height()
        context = renderer.new_gc()
        context.set_foreground(self.get_color())
        renderer.open_group("text", self.get_gid())
        renderer.draw_text(
            context, x, height - y if renderer.flipy() else y, text, self.get_fontproperties(), 0.0, mtext=self
        )
        renderer.close_group("text")
        context.restore()
        self.stale = False
