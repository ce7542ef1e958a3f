"""Markdown of a template to safe HTML: raw HTML is shown as text, placeholders are filled, headings keep their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape
from mistune import HTMLRenderer, create_markdown

from evalkit.errors import RunError
from evalkit.report.codes import IMAGE_IN_TEXT, UNKNOWN_PLACEHOLDER

if TYPE_CHECKING:
    from re import Match

    from mistune import InlineParser, InlineState, Markdown

_PLACEHOLDER = r"\{\{[ \t]*(?P<placeholder_name>[^{}\n]*?)[ \t]*\}\}"
_FIRST, _LAST = 2, 6


class _Renderer(HTMLRenderer):
    """HTML of one report's texts. The page has the h1: a text's first `#` names the report, headings never skip a level."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(escape=True)
        self.values = values
        self.level = _FIRST
        self.contents: list[tuple[str, Markup]] = []
        self.title: Markup | None = None

    def placeholder(self, text: str) -> str:
        """Fill one placeholder, escaped; an unknown one refuses the report."""
        if text not in self.values:
            raise RunError.of(UNKNOWN_PLACEHOLDER, name=text, known=sorted(self.values))
        return str(escape(self.values[text]))

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """Write a heading at most one level below the one before, with an id when it opens a section."""
        if level == 1 and self.title is None:
            self.title = Markup(text)  # noqa: S704 # made by this renderer
            return ""
        self.level = max(_FIRST, min(level, self.level + 1, _LAST))
        if self.level > _FIRST:
            return super().heading(text, self.level)
        anchor = f"section-{len(self.contents) + 1}"
        self.contents.append((anchor, Markup(text)))  # noqa: S704 # made by this renderer
        return super().heading(text, self.level, id=anchor)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Refuse an image: pictures come in through the one door that asks for a text alternative."""
        raise RunError.of(IMAGE_IN_TEXT, url=url)

    def table(self, text: str) -> str:
        """Write a table inside a box that scrolls on a narrow screen."""
        return f'<div class="scroll" tabindex="0"><table>\n{text}</table></div>\n'

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:  # noqa: FBT001 # mistune's signature
        """Write a cell; alignment is a class, for the page forbids inline styles."""
        mark = ' class="num"' if align == "right" else ""
        return f'  <th scope="col"{mark}>{text}</th>\n' if head else f"  <td{mark}>{text}</td>\n"


def _parse(inline: InlineParser, match: Match[str], state: InlineState) -> int:
    state.append_token({"type": "placeholder", "raw": match.group("placeholder_name")})
    return match.end()


def _placeholders(md: Markdown) -> None:
    md.inline.register("placeholder", _PLACEHOLDER, _parse, before="link")


class TextRenderer:
    """The texts of one report: call `html` on each cell in order, then read `title` (the first `#` heading, if any)."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._renderer = _Renderer(values)
        self._markdown = create_markdown(
            escape=True, renderer=self._renderer, plugins=["table", "strikethrough", _placeholders]
        )

    @property
    def title(self) -> Markup | None:
        """Return what the template calls itself."""
        return self._renderer.title

    @property
    def contents(self) -> list[tuple[str, Markup]]:
        """Return the sections so far: the id and the words of each."""
        return self._renderer.contents

    def after_figure(self) -> None:
        """Say that a figure, whose title is a third-level heading, stands before the next text."""
        self._renderer.level = 3

    def html(self, source: str) -> Markup:
        """Return the safe HTML of one markdown text."""
        return Markup(self._markdown(source))  # noqa: S704 # raw HTML is escaped, protocols are checked
