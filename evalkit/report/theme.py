"""An organisation's own look: colours, a style sheet, a header and a footer in a folder, checked before a page uses them."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from evalkit.charts.style import TOKENS
from evalkit.errors import Problem, RunError
from evalkit.report import codes_theme as codes
from evalkit.runs.files import write_atomic
from evalkit.text import LANGUAGES
from evalkit.text.yamlines import Located, YamlProblem, dotted, read_yaml

THEME_FILE = "theme.yaml"
FILES = "{{ files }}"
"""What a header or a footer writes before the name of one of the theme's files."""

_KEYS = ("name", "tokens", "stylesheet", "header", "footer", "files")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\.(svg|png|jpg|webp|woff2)")
_URL = re.compile(r"url\(\s*['\"]?([^'\")]*)['\"]?\s*\)|@import")
_TEXT_TOKENS = ("ink", "quiet", "mine", "ref", "better", "worse", "same", "none", "warn")
_GROUNDS = ("paper", "wash")
_LEAST_CONTRAST = 4.5
_MOST_BYTES = 400_000
_FORBIDDEN = frozenset({"script", "style", "iframe", "object", "embed", "link", "meta", "base", "form", "h1", "main"})


@dataclass(frozen=True)
class PageTheme:
    """What one page shows of a theme: the style sheet's path below the assets, and the fragments, `{{ files }}` not yet filled."""

    stylesheet: str
    folder: str
    header: str = ""
    footer: str = ""

    def filled(self, fragment: str, assets: str) -> str:
        """Return a fragment with the way to the theme's files."""
        return fragment.replace(FILES, f"{assets}{self.folder}")


@dataclass(frozen=True)
class Theme:
    """A theme that was read and found sound. `tokens` replace those of the house, (light, dark) by name."""

    name: str
    tokens: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stylesheet: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    footers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def sha256(self) -> str:
        """Return a hash of all that a page may show of the theme."""
        digest = hashlib.sha256(self.css.encode())
        for texts in (self.headers, self.footers):
            digest.update(repr(sorted(texts.items())).encode())
        for name, content in sorted(self.files.items()):
            digest.update(name.encode() + hashlib.sha256(content).digest())
        return digest.hexdigest()

    @property
    def css(self) -> str:
        """Return the style sheet: the tokens, in light and dark (print is always light), then the theme's own rules."""
        light = "".join(f"--{name}:{pair[0]};" for name, pair in sorted(self.tokens.items()))
        dark = "".join(f"--{name}:{pair[1]};" for name, pair in sorted(self.tokens.items()))
        rules = f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n" if light else ""
        return rules + self.stylesheet

    @property
    def folder(self) -> str:
        """Return the name of the theme's folder among the assets."""
        return f"theme.{self.sha256[:8]}"

    def page(self, lang: str) -> PageTheme:
        """Return what the pages of a language show."""
        return PageTheme(
            f"{self.folder}/theme.css", self.folder, self.headers.get(lang, ""), self.footers.get(lang, "")
        )

    def write(self, assets: Path) -> None:
        """Write the theme's files below a folder of assets."""
        write_atomic(assets / self.folder / "theme.css", self.css.encode())
        for name, content in sorted(self.files.items()):
            write_atomic(assets / self.folder / name, content)


def load_theme(folder: Path) -> Theme:
    """Read the theme of a folder; raises `RunError` with every problem: a name not known, a colour too pale, markup that acts."""
    file = folder / THEME_FILE
    try:
        read = read_yaml(file)
    except YamlProblem as error:
        raise RunError(
            [Problem(codes.BAD_THEME, {"what": f.message}, file=str(file), line=f.line) for f in error.faults]
        ) from error
    reader = _Reader(folder, read)
    theme = reader.theme()
    if reader.problems:
        raise RunError(sorted(reader.problems, key=lambda problem: (problem.line or 0, problem.code.id)))
    return theme


class _Reader:
    """Turns the file of a theme into a theme, noting every problem on the way."""

    def __init__(self, folder: Path, read: Located) -> None:
        self.folder = folder
        self.read = read
        self.problems: list[Problem] = []
        self.data: Mapping[str, Any] = read.data if isinstance(read.data, dict) else {}

    def note(self, code: Any, *path: str | int, **values: Any) -> None:
        """Note a problem with the line of the key it is about."""
        self.problems.append(
            Problem(code, values, file=str(self.folder / THEME_FILE), line=self.read.line_of(path), path=dotted(path))
        )

    def theme(self) -> Theme:
        """Return the theme, as far as it could be read."""
        for key in self.data:
            if key not in _KEYS:
                near = (difflib.get_close_matches(key, _KEYS, n=1) or [", ".join(_KEYS)])[0]
                self.note(codes.UNKNOWN_THEME_KEY, key, key=key, near=near)
        files = self._files()
        theme = Theme(
            name=str(self.data.get("name") or self.folder.name),
            tokens=self._tokens(),
            stylesheet=self._stylesheet(files),
            headers=self._fragments("header", files),
            footers=self._fragments("footer", files),
            files=files,
        )
        self._require_contrast(theme)
        return theme

    def _section(self, key: str, kind: type) -> Any:
        found = self.data.get(key)
        if found is not None and not isinstance(found, kind):
            self.note(codes.BAD_THEME, key, what=key)
        return found if isinstance(found, kind) else kind()

    def _tokens(self) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for name, pair in self._section("tokens", dict).items():
            sides = [pair.get("light"), pair.get("dark")] if isinstance(pair, dict) else [None]
            if name not in TOKENS:
                near = (difflib.get_close_matches(str(name), list(TOKENS), n=1) or [", ".join(TOKENS)])[0]
                self.note(codes.UNKNOWN_TOKEN, "tokens", name, token=str(name), near=near)
            elif not all(isinstance(side, str) and _COLOUR.fullmatch(side) for side in sides):
                self.note(codes.BAD_COLOUR, "tokens", name, token=name)
            else:
                found[name] = (str(sides[0]), str(sides[1]))
        return found

    def _require_contrast(self, theme: Theme) -> None:
        """Text must be read on both grounds, in light and in dark: 4.5 to 1 (WCAG 1.4.3)."""
        colours = {**{name: tuple(token) for name, token in TOKENS.items()}, **theme.tokens}
        for side, mode in enumerate(("light", "dark")):
            for text in _TEXT_TOKENS:
                for ground in _GROUNDS:
                    ratio = contrast(colours[text][side], colours[ground][side])
                    if ratio < _LEAST_CONTRAST and (text in theme.tokens or ground in theme.tokens):
                        name = text if text in theme.tokens else ground
                        self.note(
                            codes.LOW_CONTRAST,
                            "tokens",
                            name,
                            text=text,
                            ground=ground,
                            mode=mode,
                            ratio=f"{ratio:.1f}",
                        )

    def _files(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for number, name in enumerate(self._section("files", list)):
            content = self._content(str(name), "files", number) if _FILE_NAME.fullmatch(str(name)) else None
            if content is None:
                if not _FILE_NAME.fullmatch(str(name)):
                    self.note(codes.BAD_THEME_FILE, "files", number, file=str(name))
            elif str(name).endswith(".svg") and (offence := _offence(content.decode(errors="replace"), {})):
                self.note(codes.ACTIVE_THEME, "files", number, file=str(name), what=offence)
            else:
                found[str(name)] = content
        size = sum(map(len, found.values()))
        if size > _MOST_BYTES:
            self.note(codes.HEAVY_THEME, "files", size=str(size // 1000), most=str(_MOST_BYTES // 1000))
        return found

    def _content(self, name: str, *path: str | int) -> bytes | None:
        try:
            if Path(name).name != name:
                raise FileNotFoundError(2, name)
            return (self.folder / name).read_bytes()
        except OSError:
            self.note(codes.THEME_FILE_MISSING, *path, file=name)
            return None

    def _stylesheet(self, files: Mapping[str, bytes]) -> str:
        name = self.data.get("stylesheet")
        content = None if name is None else self._content(str(name), "stylesheet")
        text = "" if content is None else content.decode("utf-8", errors="replace")
        for match in _URL.finditer(text):
            if match[1] is None or match[1] not in files:
                self.note(codes.ACTIVE_THEME, "stylesheet", file=str(name), what=match[0])
        return text

    def _fragments(self, key: str, files: Mapping[str, bytes]) -> dict[str, str]:
        found: dict[str, str] = {}
        for lang, name in self._section(key, dict).items():
            if lang not in LANGUAGES:
                self.note(codes.UNKNOWN_THEME_KEY, key, lang, key=lang, near=", ".join(LANGUAGES))
                continue
            content = self._content(str(name), key, lang)
            if content is not None:
                text = content.decode("utf-8", errors="replace")
                if offence := _offence(text, files):
                    self.note(codes.ACTIVE_THEME, key, lang, file=str(name), what=offence)
                found[lang] = text
        return found


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours `#rrggbb`, 1 to 21 (WCAG 2.1, relative luminance)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _offence(text: str, files: Mapping[str, bytes]) -> str | None:
    watcher = _Watcher(files)
    watcher.feed(text)
    watcher.close()
    return next(watcher.offences(), None)


class _Watcher(HTMLParser):
    """Notes what a header or a footer may not hold: what acts, what loads from elsewhere, what the page says itself, a picture without words."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self._files = files
        self._found: list[str] = []

    def offences(self) -> Iterator[str]:
        """Yield what was found, in order."""
        yield from self._found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        given = {name: value or "" for name, value in attrs}
        if tag in _FORBIDDEN:
            self._found.append(f"<{tag}>")
        if tag == "img" and not given.get("alt", "").strip():
            self._found.append("<img> alt")
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self._found.append(f"{name}=…")
            elif name in ("src", "srcset", "poster", "background", "data"):
                if value.removeprefix(f"{FILES}/") not in self._files:
                    self._found.append(f"{name}={value}")
            elif name in ("href", "xlink:href", "action") and not re.match(r"(https://|mailto:|#)", value):
                self._found.append(f"{name}={value}")
