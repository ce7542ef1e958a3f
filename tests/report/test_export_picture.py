"""From the SVG of a chart to a PNG: shapes stand where they stood, another make is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from evalkit.charts.canvas import drawing
from evalkit.report.exports.picture import NotDrawableError, draw_png


def svg(body: str, box: str = "0 0 100 50") -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'


def pixels(text: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(draw_png(text).content)).convert("RGB"))


def colour(image: np.ndarray, x: float, y: float) -> tuple[int, ...]:
    """The colour at a place of a picture of 100 by 50."""
    height, width, _ = image.shape
    return tuple(int(part) for part in image[int(y * height / 50), int(x * width / 100)])


RED, WHITE, BLUE = (255, 0, 0), (255, 255, 255), (0, 0, 255)


@pytest.mark.parametrize(
    "shape",
    [
        '<rect x="20" y="10" width="20" height="20" fill="#ff0000"/>',
        '<circle cx="30" cy="20" r="10" fill="#ff0000"/>',
        '<path d="M20 10L40 10L40 30L20 30z" fill="#ff0000"/>',
        '<path d="M20 10h20v20h-20z" fill="#ff0000"/>',
        '<path d="M20 10H40V30H20Z" fill="#ff0000"/>',
        '<path d="m20 10l20 0l0 20l-20 0z" fill="#ff0000"/>',
        '<path d="M0 0L20 0L20 20L0 20z" transform="translate(20 10)" fill="#ff0000"/>',
        '<path d="M20 20C20 5 40 5 40 20Q40 33 30 33Q20 33 20 20z" fill="#ff0000"/>',
        '<polygon points="20,10 40,10 40,30 20,30" fill="#ff0000"/>',
        '<g fill="#ff0000"><g><path d="M20 10L40 10L40 30L20 30z"/></g></g>',
        '<line x1="20" y1="20" x2="40" y2="20" stroke="#ff0000" stroke-width="8"/>',
        '<polyline points="20,20 40,20" fill="none" stroke="#ff0000" stroke-width="8"/>',
        '<path d="M30 20h0" stroke="#ff0000" stroke-width="12" stroke-linecap="round" fill="none"/>',
    ],
)
def test_a_shape_stands_in_its_place(shape):
    image = pixels(svg(shape))
    assert colour(image, 30, 20) == RED
    assert colour(image, 10, 20) == WHITE
    assert colour(image, 30, 45) == WHITE


def test_what_comes_later_lies_above():
    image = pixels(svg('<rect width="50" height="50" fill="#ff0000"/><rect width="20" height="50" fill="#0000ff"/>'))
    assert colour(image, 10, 25) == BLUE
    assert colour(image, 30, 25) == RED


def test_text_is_drawn_on_its_side_of_the_anchor():
    image = pixels(svg('<text x="50" y="30" font-size="12" text-anchor="end" fill="#000000">Mosson</text>'))
    dark = np.argwhere(image.sum(axis=2) < 200)[:, 1] * 100 / image.shape[1]
    assert dark.size > 50
    assert dark.max() < 51
    assert dark.min() > 3


@pytest.mark.parametrize(
    "body",
    ["<image/>", "<mask/>", '<g transform="scale(2)"/>', '<path d="M0 0A1 1 0 0 0 5 5"/>', '<path d="M0"/>',
     '<path d="M0 0L1 1" transform="scale(2)"/>', "<text><tspan>x</tspan></text>"],
)  # fmt: skip
def test_another_make_is_refused_not_drawn_wrong(body):
    with pytest.raises(NotDrawableError):
        draw_png(svg(body))


def test_a_picture_without_size_is_refused():
    with pytest.raises(NotDrawableError):
        draw_png('<svg xmlns="http://www.w3.org/2000/svg"/>')


def test_a_chart_of_the_house_is_drawn_and_equal_pictures_give_equal_bytes():
    with drawing(100) as canvas:
        canvas.line([10, 200], [20, 60], "mine", 2, dash=(4, 2))
        canvas.mark(50, 50, "better", shape="D", fill="paper")
        canvas.mark(90, 50, "better")
        canvas.box(20, 20, 40, 10, "band", edge="ink")
        canvas.text(100, 80, "Mosson 57,8 %", "mine", bold=True, halo=True)
        canvas.ribbon([10, 200], [20, 60], [30, 70], "band", opacity=0.4)
        text = canvas.svg("essai", "Un essai.")
    first = draw_png(text)
    assert (first.width, first.height) == (720, 100)
    assert first.content == draw_png(text).content
    assert len(np.unique(np.asarray(Image.open(io.BytesIO(first.content)).convert("RGB")).reshape(-1, 3), axis=0)) > 10
