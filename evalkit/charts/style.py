"""The house style of charts: one set of colour tokens for light and dark pages, and the style sheet that carries them."""

from __future__ import annotations

from typing import NamedTuple

FONT_FAMILY = "system-ui, sans-serif"
TEXT_SIZE = 12.5
SMALL_SIZE = 11.0


class Token(NamedTuple):
    """A colour of the house, on a light page and on a dark one."""

    light: str
    dark: str


TOKENS: dict[str, Token] = {
    "paper": Token("#ffffff", "#14181e"),
    "wash": Token("#f5f7fa", "#1b2129"),
    "ink": Token("#1a2029", "#e8ecf2"),
    "quiet": Token("#566070", "#a5b0bf"),
    "rule": Token("#d8dee7", "#333c48"),
    "mine": Token("#174a8b", "#8ab8f5"),
    "ref": Token("#8a5a00", "#e0b062"),
    "band": Token("#e6ebf2", "#27303b"),
    "half": Token("#c3cddb", "#44505f"),
    "better": Token("#006b5f", "#5ccdbd"),
    "worse": Token("#a8321a", "#ff9a80"),
    "same": Token("#566071", "#a5b0bf"),
    "none": Token("#4b3f8f", "#b9aef5"),
    "warn": Token("#7a4b00", "#e0b063"),
    "step1": Token("#dce7f5", "#22344d"),
    "step2": Token("#aac5e6", "#31527f"),
    "step3": Token("#719dd0", "#4a7bb8"),
    "step4": Token("#3a70b1", "#7ea9de"),
    "step5": Token("#123e79", "#c3dcf8"),
}
TOKEN_OF: dict[str, str] = {token.light: name for name, token in TOKENS.items()}


def light(token: str) -> str:
    """Return the colour of a token on a light page, which is also the one of a picture saved on its own."""
    return TOKENS[token].light


def _declarations(side: int) -> str:
    return "".join(f"--{name}:{token[side]};" for name, token in TOKENS.items())


def _classes() -> str:
    return "".join(
        f".c-{name}-fill{{fill:var(--{name},{token.light})}}.c-{name}-line{{stroke:var(--{name},{token.light})}}"
        for name, token in TOKENS.items()
    )


def _text_colours() -> str:
    return "".join(f".reading.{name}{{color:var(--{name})}}" for name in ("better", "worse", "same", "none"))


TOKEN_CSS = (
    f":root{{color-scheme:light dark;{_declarations(0)}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{_declarations(1)}}}}}"
    f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{_declarations(1)}}}}}"
    ":root[data-theme=light]{color-scheme:light}"
)
"""The tokens, in light and dark (print is always light); a page without a `data-theme` follows the reader's system."""

_CHART_RULES = (
    "svg.chart,svg.spine,svg.spark{display:block;max-width:100%;height:auto}svg.chart{width:100%;overflow:visible}svg.chart.map{max-width:24rem}"
    f"svg.chart text{{font-family:{FONT_FAMILY};font-variant-numeric:tabular-nums}}"
    ".chart-box{overflow-x:auto}@media screen and (max-width:44rem){.chart-box svg.chart:not(.map){min-width:38rem}}"
)
_TABLE_RULES = (
    "table.indicators{border-collapse:collapse;width:100%;font-size:.95rem;font-variant-numeric:tabular-nums}"
    "table.indicators caption{text-align:left;font-weight:600;padding:.2rem 0 .6rem}"
    "table.indicators th,table.indicators td{padding:.5rem .7rem .5rem 0;text-align:left;vertical-align:middle;"
    "border-bottom:1px solid var(--rule)}"
    "table.indicators thead th{font-size:.83rem;color:var(--quiet);font-weight:600;vertical-align:bottom;"
    "border-bottom:2px solid var(--rule)}"
    "table.indicators tbody th{font-weight:500;min-width:11rem}table.indicators tr.group th{padding-top:1.1rem;"
    "font-size:.83rem;color:var(--quiet);font-weight:600}"
    "table.indicators tbody th a{color:inherit;text-decoration-color:var(--rule);text-underline-offset:.15em}"
    "table.indicators .sub{display:block;font-size:.82rem;color:var(--quiet);font-weight:400}"
    "table.indicators .num{text-align:right;white-space:nowrap;padding-right:1rem}"
    "table.indicators thead th.num{white-space:normal}table.indicators td.position{width:12rem}"
    "table.indicators td.position svg{min-width:10rem}table.indicators tr:target>*{background:var(--wash)}"
    "table.indicators .ends{display:flex;justify-content:space-between;gap:.3rem;font-weight:400;font-size:.76rem;width:190px;white-space:nowrap}"
    ".reading{white-space:nowrap;font-size:.9rem;color:var(--quiet)}.table-box{overflow-x:auto}"
)
CHART_CSS = TOKEN_CSS + _CHART_RULES + _classes() + _TABLE_RULES + _text_colours()
"""Everything that charts and the indicator table need from the page's style sheet."""
