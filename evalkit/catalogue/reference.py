"""The reference pages of the catalogue: `python -m evalkit.catalogue.reference` writes them again.

They stand in `docs/reference/`: `indicators.md` in English, `indicateurs.md` in French.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from evalkit.catalogue import words
from evalkit.catalogue.loader import load_catalogue
from evalkit.model.indicator import Break, Indicator
from evalkit.model.texts import LocalText
from evalkit.text.messages import Message, msg, nmsg
from evalkit.text.numbers import Quantity
from evalkit.text.units import UNITS

PAGES = {"en": "indicators.md", "fr": "indicateurs.md"}
FOLDER = Path("docs/reference")
COMMAND = "python -m evalkit.catalogue.reference"


def indicator_reference(lang: str) -> str:
    """Return the reference page of all indicators, in Markdown."""
    catalogue = load_catalogue()
    core = len(catalogue.core)
    parts = [
        f"# {msg('Indicators').render(lang)}\n",
        msg("This page is generated from the definitions: correct them, then run `{command}`.", command=COMMAND).render(
            lang
        )
        + "\n",
        msg(
            "{core} indicators of the reference list and {more} supporting ones.",
            core=Quantity(core),
            more=Quantity(len(catalogue) - core),
        ).render(lang)
        + "\n",
        *_summary(lang),
    ]
    for theme, indicators in catalogue.by_theme().items():
        parts.append(f"\n## {catalogue.themes[theme].render(lang)}\n")
        parts += ["\n".join(_entry(indicator, lang)) for indicator in indicators]
    return "\n".join(parts).rstrip() + "\n"


def _summary(lang: str) -> Iterator[str]:
    catalogue = load_catalogue()
    heads = (msg("Theme"), msg("Indicators"))
    yield "| " + " | ".join(head.render(lang) for head in heads) + " |\n|---|---|"
    for theme, indicators in catalogue.by_theme().items():
        links = ", ".join(f"[{indicator.id}](#{indicator.id})" for indicator in indicators)
        yield f"| {catalogue.themes[theme].render(lang)} | {links} |"


def _entry(indicator: Indicator, lang: str) -> Iterator[str]:
    yield f'<a id="{indicator.id}"></a>\n'
    yield f"### {indicator.label.render(lang)} (`{indicator.id}`)\n"
    yield f"{indicator.definition.render(lang)}\n"
    for head, text in _facts(indicator, lang):
        if text:
            yield f"- **{head.render(lang)}**: {text}" if lang == "en" else f"- **{head.render(lang)}**\u00a0: {text}"
    yield from _list(msg("Breaks"), [_break(item, lang) for item in indicator.breaks], lang)
    yield from _list(msg("To be known before it is read"), [c.render(lang) for c in indicator.caveats], lang)
    yield ""


def _facts(indicator: Indicator, lang: str) -> Iterator[tuple[Message, str]]:
    def word(table: dict[str, Message], *keys: str) -> str:
        return ", ".join(table[key].render(lang) for key in keys)

    def text(value: LocalText) -> str:
        return value.render(lang)

    yield msg("Short label"), text(indicator.short_label)
    yield msg("Question"), text(indicator.question)
    yield msg("Why"), text(indicator.rationale)
    yield msg("Numerator"), text(indicator.numerator)
    yield msg("Denominator"), text(indicator.denominator)
    yield msg("Population covered"), text(indicator.population)
    yield msg("Unit"), UNITS[indicator.unit].name[lang]
    yield msg("Direction"), word(words.POLARITIES, indicator.polarity)
    yield msg("Kind"), word(words.KINDS, indicator.kind)
    yield msg("DAC criterion"), word(words.DAC_CRITERIA, indicator.dac_criterion)
    yield msg("Levels"), word(words.LEVELS, *indicator.levels)
    yield msg("Breakdowns"), word(words.BREAKDOWNS, *indicator.breakdowns)
    yield msg("Interval"), word(words.INTERVAL_METHODS, indicator.interval_method)
    yield msg("Disclosure rule"), word(words.DISCLOSURE_RULES, indicator.disclosure)
    yield msg("Source"), text(indicator.source_label)
    yield msg("Data sets"), ", ".join(f"`{source}`" for source in indicator.sources)
    yield msg("Frequency"), _frequency(indicator, lang)
    yield msg("Over territories"), _additivity(indicator).render(lang)


def _frequency(indicator: Indicator, lang: str) -> str:
    text = words.FREQUENCIES[indicator.frequency].render(lang)
    if indicator.lag_months is None:
        return text
    lag = nmsg("published about {n} month later", "published about {n} months later", indicator.lag_months)
    return f"{text}, {lag.render(lang)}"


def _additivity(indicator: Indicator) -> Message:
    if indicator.additive:
        return msg("numerators and denominators may be added up or subtracted")
    return msg("can neither be added up nor subtracted")


def _break(item: Break, lang: str) -> str:
    colon = "\u00a0: " if lang == "fr" else ": "
    source = f" ({item.source})" if item.source else ""
    return f"{item.period}{colon}{item.reason.render(lang)}{source}"


def _list(head: Message, items: list[str], lang: str) -> Iterator[str]:
    if items:
        yield f"- **{head.render(lang)}**"
        yield from (f"    - {item}" for item in items)


def main(folder: Path = FOLDER) -> None:
    """Write the reference pages of every language into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for lang, name in PAGES.items():
        (folder / name).write_text(indicator_reference(lang), encoding="utf-8")
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main()
