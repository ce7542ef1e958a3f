"""Direct labels at the end of lines, instead of a legend: set apart where they would cover one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.charts.axes import Frame
from evalkit.charts.canvas import Canvas
from evalkit.charts.layout import spread_apart, text_width, wrap_text
from evalkit.charts.style import TEXT_SIZE

LINE = 15.0
MARGIN = 14.0
WIDEST = 190.0


@dataclass(frozen=True)
class EndLabel:
    """The name and last value of a line, where the line ends, and its colour."""

    name: str
    value: str
    period: str
    place: float
    token: str
    bold: bool = False

    def lines(self) -> list[str]:
        """Return the label on one line where it fits, else the name on up to two lines and the value below."""
        whole = f"{self.name} {self.value}"
        if text_width(whole, TEXT_SIZE, bold=self.bold) <= WIDEST:
            return [whole]
        return [*wrap_text(self.name, WIDEST, TEXT_SIZE, bold=self.bold), self.value]


def labels_width(labels: Sequence[EndLabel]) -> float:
    """Return the room that labels need at the right of the chart."""
    widths = [text_width(line, TEXT_SIZE, bold=label.bold) for label in labels for line in label.lines()]
    return max(widths, default=0.0) + MARGIN + 4


def draw_end_labels(board: Canvas, frame: Frame, labels: Sequence[EndLabel]) -> None:
    """Write each label beside the end of its line; a thin leader shows the way where the line ends earlier."""
    blocks = [label.lines() for label in labels]
    heights = [LINE * len(block) + 2 for block in blocks]
    wanted = [frame.y(label.place) for label in labels]
    centres = spread_apart(wanted, heights, frame.top - 10, frame.bottom + 8)
    for label, block, centre, y in zip(labels, blocks, centres, wanted, strict=True):
        _draw_leader(board, frame, label, centre, y)
        for place, line in enumerate(block):
            baseline = centre + 4.2 + LINE * (place - (len(block) - 1) / 2)
            board.text(frame.right + MARGIN - 6, baseline, line, label.token, bold=label.bold)


def _draw_leader(board: Canvas, frame: Frame, label: EndLabel, centre: float, y: float) -> None:
    end = frame.x(label.period)
    edge = frame.x(frame.periods[-1])
    if end < edge - 1:
        board.line([end + 6, edge, frame.right + 4], [y, y, centre], "half", 1)
    elif abs(centre - y) > LINE * 0.7:
        board.line([edge + 5, frame.right + 5], [y, centre], "half", 1)
