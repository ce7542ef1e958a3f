"""YAML files read with the line of every key and the text as it was written, so that a refusal can point at its cause.

Only plain data is read: no Python object is ever built, a key given twice is refused, every key is kept as the text that
was written (`2015:` is the key `"2015"`, `no:` is the key `"no"`). Merge keys (`<<`) are not expanded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, cast

import yaml

from evalkit.text.messages import Message, msg

Path = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "timestamp"))
_DEPTH = 100
_NODES = 500_000
_SHALLOW = 1000
_TOO_DEEP = msg("too deep or too large: aliases inside aliases, or brackets inside brackets")
_SYNTAX: tuple[tuple[str, Message], ...] = (
    ("cannot start any token", msg("a text may not start with this character: put the text between quotes")),
    (
        "mapping values are not allowed",
        msg("a colon stands where YAML wants none: check the indentation, or put the text between quotes"),
    ),
    ("could not find expected ':'", msg("a key without its colon")),
    ("expected a single document", msg("a second document starts here: a file holds one document only")),
    ("undefined alias", msg("an alias (*name) without its anchor (&name)")),
    ("end of stream", msg("the file ends inside a quoted text or an open bracket")),
    ("expected ',' or", msg("a bracket or a brace is not closed, or a comma is missing")),
    ("did not find expected key", msg("the indentation does not fit the lines above")),
    ("did not find expected '-'", msg("the indentation does not fit the lines above")),
    ("expected <block end>", msg("the indentation does not fit the lines above")),
)


@dataclass(frozen=True)
class YamlFault:
    """One thing that is wrong in a YAML file: what, on which line (from 1), at which path."""

    message: Message
    line: int | None = None
    path: Path = ()


class YamlProblem(Exception):  # noqa: N818 - the house word for what is wrong in a file
    """A YAML file that cannot be read; `faults` holds every cause, `line` and `message` are those of the first."""

    def __init__(self, *faults: YamlFault) -> None:
        self.faults = faults
        self.line, self.message = faults[0].line, faults[0].message
        super().__init__("; ".join(f"line {fault.line}: {fault.message}" for fault in faults))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.faults


@dataclass(frozen=True)
class _Place:
    line: int
    raw: str | None
    plain: bool


@dataclass(frozen=True)
class Located:
    """What a YAML file says (`data`: dict, list, str, int, float, bool, date, None) and where it says it."""

    data: Any
    _places: dict[Path, _Place] = field(repr=False)

    @classmethod
    def nothing(cls) -> Located:
        """Return what an empty file says."""
        return cls(None, {(): _Place(1, None, False)})

    def line_of(self, path: Path) -> int:
        """Return the line of a key or of a list item; that of the nearest parent when the path does not exist."""
        return self._nearest(path).line

    def raw_of(self, path: Path) -> str | None:
        """Return a scalar as it was written (`011`, `no`, `2015-01-01`), None for a mapping, a list or an unknown path."""
        place = self._places.get(path)
        return place.raw if place else None

    def is_plain(self, path: Path) -> bool:
        """Say whether a scalar was written without quotes: only then can YAML have turned a text into something else."""
        place = self._places.get(path)
        return place.plain if place else False

    def _nearest(self, path: Path) -> _Place:
        while path not in self._places:
            path = path[:-1]
        return self._places[path]


def dotted(path: Path) -> str:
    """Write a path as messages do: `dotted(("questions", 0, "text"))` gives `$.questions[0].text`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def read_yaml(path: FilePath) -> Located:
    """Read a YAML file, UTF-8 with or without a byte order mark.

    Raises `YamlProblem` when the file cannot be opened, is not UTF-8, is not YAML, names a key twice, or asks for
    anything but plain data.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise YamlProblem(YamlFault(msg("the file does not exist"))) from None
    except OSError as error:
        raise YamlProblem(YamlFault(msg("the file cannot be opened ({reason})", reason=error.strerror))) from error
    return parse_yaml(content)


def parse_yaml(content: bytes) -> Located:
    """Read the content of a YAML file; see `read_yaml`."""
    text = _decode(content)
    reader = _Reader()
    node = _compose(text)
    if node is None:
        return Located.nothing()
    data = reader.read(node, (), node.start_mark.line + 1, 0)
    if reader.faults:
        raise YamlProblem(*sorted(reader.faults, key=lambda fault: fault.line or 0))
    return Located(data, reader.places)


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"0x{content[error.start]:02X}"
        fault = msg("the file is not UTF-8 text (byte {byte}): save it again as UTF-8", byte=byte)
        raise YamlProblem(YamlFault(fault, line)) from error


def _compose(text: str) -> Any:
    try:
        if text.count("[") + text.count("{") > _SHALLOW or max(map(len, text.split("\n"))) > _SHALLOW:
            _refuse_depth(text)
        return yaml.compose(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        raise YamlProblem(_unreadable(text, error)) from error
    except yaml.MarkedYAMLError as error:
        raise YamlProblem(_syntax(text, error)) from error


def _refuse_depth(text: str) -> None:
    """Walk the events first: composing is recursive in C, and thousands of open brackets would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            line = cast(Any, event.start_mark).line + 1
            raise YamlProblem(YamlFault(_TOO_DEEP, line))


def _unreadable(text: str, error: yaml.reader.ReaderError) -> YamlFault:
    line = text.count("\n", 0, error.position) + 1
    return YamlFault(msg("a control character that YAML does not allow"), line)


def _syntax(text: str, error: yaml.MarkedYAMLError) -> YamlFault:
    said = " ".join(part for part in (error.context, error.problem) if part)
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return YamlFault(msg("this is not YAML ({said})", said=said))
    line = mark.line + 1
    if "\t" in "".join(text.split("\n")[mark.line : line])[: mark.column + 1]:
        return YamlFault(msg("a tab stands where YAML wants spaces: indent with spaces only"), line)
    for sign, message in _SYNTAX:
        if sign in said:
            return YamlFault(message, line)
    return YamlFault(msg("this is not YAML ({said})", said=said), line)


class _Reader:
    """Turns composed nodes into plain data and keeps the place of each."""

    def __init__(self) -> None:
        self.places: dict[Path, _Place] = {}
        self.faults: list[YamlFault] = []
        self._constructor = yaml.constructor.SafeConstructor()
        self._resolver: Any = yaml.resolver.Resolver()

    def read(self, node: Any, path: Path, line: int, depth: int) -> Any:
        if depth > _DEPTH or len(self.places) > _NODES:
            raise YamlProblem(YamlFault(_TOO_DEEP, line))
        if isinstance(node, yaml.ScalarNode):
            self.places[path] = _Place(line, node.value, not node.style)
            return node.value if node.tag == "tag:yaml.org,2002:str" else self._scalar(node, path, line)
        self.places[path] = _Place(line, None, False)
        if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._refuse_tag(node, path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        return [
            self.read(item, (*path, index), item.start_mark.line + 1, depth + 1)
            for index, item in enumerate(node.value)
        ]

    def _mapping(self, node: Any, path: Path, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.faults.append(YamlFault(msg("a key must be a word, not a list or a mapping"), line, path))
                continue
            name = key.value
            if name in found:
                message = msg("key '{key}' is given twice, first on line {first}", key=name, first=lines[name])
                self.faults.append(YamlFault(message, line, (*path, name)))
                continue
            lines[name] = line
            found[name] = self.read(value, (*path, name), line, depth + 1)
        return found

    def _scalar(self, node: Any, path: Path, line: int) -> Any:
        written = self._resolver.resolve(yaml.ScalarNode, node.value, (True, False))
        if node.style or node.tag != written or node.tag not in _SCALARS:
            self._refuse_tag(node, path, line)
            return None
        try:
            return self._constructor.construct_object(node)
        except (ValueError, OverflowError):
            message = msg("'{text}' cannot be read as a number or a date: put it between quotes", text=node.value)
            self.faults.append(YamlFault(message, line, path))
            return None

    def _refuse_tag(self, node: Any, path: Path, line: int) -> None:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        self.faults.append(YamlFault(msg("the tag {tag} is not allowed: plain data only", tag=tag), line, path))
