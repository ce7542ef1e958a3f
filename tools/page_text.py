"""How a text of the code becomes Markdown that shows it as it is."""

from __future__ import annotations

import re


def prose(text: str) -> str:
    """Return a text that Markdown shows as it is; what stands between backquotes already does."""
    parts = text.replace("{{", "{").replace("}}", "}").split("`")
    parts[::2] = [re.sub(r"([\\<*_\[])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def cell(text: str) -> str:
    """Return a text for one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
