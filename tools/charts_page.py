"""Write `docs/reference/charts.md` and its pictures: every house chart, drawn from made-up data, with what it is drawn from."""

from __future__ import annotations

import html
import inspect
import sys
from pathlib import Path

from page_text import prose

from evalkit import charts
from evalkit.model.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "charts.md"
PICTURES = ROOT / "docs" / "images" / "charts"
GROUPS = {
    "One territory over time": ("trend", "before_after", "outcomes", "locator"),
    "What a design finds": ("event_study", "gap", "discontinuity", "forest"),
    "Many territories": ("funnel", "strip", "choropleth"),
    "A programme": ("waterfall", "delivery", "families", "survival"),
}
SAMPLES = {
    "trend": "trend", "before_after": "change", "outcomes": "outcomes", "locator": "map", "event_study": "event", "gap": "gap",
    "discontinuity": "discontinuity", "forest": "forest", "funnel": "funnel", "strip": "strip", "choropleth": "choropleth",
    "waterfall": "waterfall", "delivery": "delivery", "families": "shares", "survival": "survival",
}  # fmt: skip
HEAD = """# Charts

Written by `python tools/charts_page.py`; do not edit by hand. The places and numbers in the pictures are made up.

A chart is a function of `evalkit.charts`: plain data in, a `Figure` out. It reads no file and knows no plan; templates call the same charts
through `ev.charts` ([Analyst's guide](../guides/analyst.md)). Every call is `chart(figure_id, data, captions, lang="fr")`; the
text alternative alone is `alt.<chart>(data, "fr")` (`alt.change` for `before_after`, `alt.shares` for `families`).

## What all charts keep

- `Captions` carries the title (what the figure shows), the subtitle (what it measures), and the lines *Lecture*, *Champ*, *Source*, *Note*.
- The territory is blue, the median of the others ochre, the rest grey. Marks also differ by shape, dash or filling, so that a grey print
  and a reader who sees few colours lose nothing.
- Green and red (with ▲ and ▼) stand for a reading, never for high and low. An indicator without a favourable direction is violet, with a
  diamond, and no side of its axis is named.
- A value that is secret, missing or not applicable has no mark but its word; in the data it is empty with its status. A waterfall withholds the
  totals from which a secret step could be computed.
- `figure.alt` says in sentences what is drawn: range, latest value, direction, gap, interval, what is missing. `figure.data` is the table under
  the figure, `figure.data.raw` the records of its CSV and JSON.
- The picture is inline SVG of 3 to 12 KB, 30 KB for a map of 1,600 territories: the same bytes each time, no style and no link inside,
  texts escaped, colours as classes that the page maps to light, dark and print.
- No chart ranks territories: rows stay in the order they are given."""


def main() -> int:
    """Write the page and its pictures."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def pages() -> dict[Path, str]:
    """Return the text of the page and of each picture, drawn from the samples of the tests."""
    sys.path.insert(0, str(ROOT / "tests" / "charts"))
    from chart_samples import drawn

    figures = {figure.id.removeprefix("f-"): figure for figure in drawn("en")}
    parts, found = [HEAD], {}
    for title, names in GROUPS.items():
        parts.append(f"## {title}")
        for name in names:
            figure = figures[SAMPLES[name]]
            found[PICTURES / f"{name}.svg"] = _standing_alone(figure)
            parts.append(_section(name, figure))
    found[PAGE] = "\n\n".join([*parts, _small_pictures()]) + "\n"
    return found


def _section(name: str, figure: Figure) -> str:
    chart = getattr(charts, name)
    answer, _, rest = inspect.cleandoc(chart.__doc__ or "").partition("\n")
    record = next(
        one for one in inspect.signature(chart, eval_str=True).parameters.values() if one.name == "data"
    ).annotation
    picture = f"![{html.escape(figure.alt, quote=False)}](../images/charts/{name}.svg)"
    lines = [f"### `{name}`", prose(answer), picture, prose(rest.strip())]
    lines.append(f"Data: `{record.__name__}`. {prose(inspect.getdoc(record) or '')}")
    fields = ", ".join(f"`{field}`" for field in record.__dataclass_fields__)
    lines.append(f"Fields: {fields}.")
    if hasattr(record, "of"):
        lines.append(f"`{record.__name__}.of(...)`: {prose((inspect.getdoc(record.of) or '').partition(chr(10))[0])}")
    return "\n\n".join(line for line in lines if line.strip())


def _small_pictures() -> str:
    names = ("indicator_table", "spine_cell", "sparkline_cell")
    told = [f"### `{name}`\n\n{prose(inspect.getdoc(getattr(charts, name)) or '')}" for name in names]
    return "\n\n".join(["## Inside the rows of a table", *told])


def _standing_alone(figure: Figure) -> str:
    """Return the picture on a white sheet: outside a page of ours nothing says what lies behind it."""
    end = figure.svg.index(">") + 1
    return f'{figure.svg[:end]}<rect width="100%" height="100%" fill="#ffffff"/>{figure.svg[end:]}\n'


if __name__ == "__main__":
    sys.exit(main())
