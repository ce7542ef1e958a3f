"""What changed between two runs of an evaluation: each finding of the one set beside that of the other, with a class that can be proved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evalkit.runs import Manifest, RunFolder, read_findings, read_manifest
from evalkit.text import Message, msg

if TYPE_CHECKING:
    import pandas as pd

CLASSES: Mapping[str, Message] = {
    "unchanged": msg("unchanged"),
    "revised": msg("revised: the data changed"),
    "method": msg("method: the template, the plan, evalkit or its packages changed"),
    "revised_and_method": msg("both the data and the method changed"),
    "status": msg("status: the verdict, the evidence or the publication changed, not the value"),
    "new": msg("new"),
    "dropped": msg("dropped"),
    "unexplained": msg("unexplained: the value changed, and neither the data nor the method did"),
}
KEY = ("territory", "template", "lang", "indicator", "breakdown", "criterion", "kind", "comparator", "period")
"""What makes two findings the same one; the order of a notebook tells findings apart that share it."""
_VALUES = ("value", "lower", "upper", "comparator_value", "n")
_STATUS = ("status", "verdict", "grade", "data_quality")
_TOLERANCE = 1e-9
_Rows = dict[tuple[tuple[str, ...], int], Mapping[str, Any]]


@dataclass(frozen=True)
class Making:
    """What the findings of a run were made with: hashes of templates, plan, evalkit, git commit, packages; hashes of files by data set."""

    templates: Mapping[str, str] = field(default_factory=dict)
    plan_sha256: str = ""
    evalkit: str = ""
    git_commit: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def method(self, template: str) -> tuple[Any, ...]:
        """Return all but the data that the findings of a template were made with."""
        return self.templates.get(template), self.plan_sha256, self.evalkit, self.git_commit, self.packages

    def data(self, dataset: object) -> set[str]:
        """Return the hashes of the files of a data set; a finding that names no data set may come from any."""
        return {sha256 for name, files in self.files.items() if not dataset or name == dataset for sha256 in files}


@dataclass(frozen=True)
class Difference:
    """One finding in two runs: its key, its class, and its row in both, None where it is not."""

    key: Mapping[str, Any]
    kind: str
    earlier: Mapping[str, Any] | None
    later: Mapping[str, Any] | None

    @property
    def before(self) -> float | None:
        """Return the value in the earlier run."""
        return None if self.earlier is None else number_in(self.earlier["value"])

    @property
    def after(self) -> float | None:
        """Return the value in the later run."""
        return None if self.later is None else number_in(self.later["value"])


def made_with(manifest: Manifest | None) -> Making:
    """Return what a manifest says of the making of its run."""
    if manifest is None:
        return Making()
    files: dict[str, list[str]] = {}
    for row in manifest.data:
        if row.get("current", True):
            files.setdefault(str(row.get("dataset")), []).extend(str(file[1]) for file in row.get("files", []))
    return Making(
        templates=manifest.templates,
        plan_sha256=manifest.plan_sha256,
        evalkit=manifest.evalkit,
        git_commit=manifest.git_commit,
        packages=manifest.packages,
        files={name: sorted(found) for name, found in sorted(files.items())},
    )


def compare_runs(first: RunFolder, second: RunFolder) -> list[Difference]:
    """Return the difference of every finding of two runs, sorted by its key."""
    for run in (first, second):
        run.fetch_gathered()
    made = made_with(read_manifest(first)), made_with(read_manifest(second))
    return compare_findings(_rows(read_findings(first)), _rows(read_findings(second)), *made)


def compare_findings(
    earlier: Iterable[Mapping[str, Any]], later: Iterable[Mapping[str, Any]], before: Making, now: Making
) -> list[Difference]:
    """Return the difference of every finding of two sets, sorted by its key.

    Whether the data changed is told by the hashes of the files of the finding's data set on both sides and by the vintage; whether
    the method changed, by the method, the template, the plan, evalkit and the packages. What neither explains is called unexplained.
    """
    first, second = _numbered(earlier), _numbered(later)
    _pair_withheld(first, second)
    found = []
    for place in sorted({*first, *second}):
        one, two = first.get(place), second.get(place)
        key = {name: value or None for name, value in zip(KEY, place[0], strict=True)}
        found.append(Difference(key, _class(one, two, before, now), one, two))
    return found


def counts(differences: Iterable[Difference]) -> dict[str, int]:
    """Return how many findings are in each class that occurs, in the order of the classes."""
    found = Counter(item.kind for item in differences)
    return {kind: found[kind] for kind in CLASSES if found[kind]}


def moved_numbers(one: Mapping[str, Any], two: Mapping[str, Any]) -> list[str]:
    """Return which numbers of a finding differ: the value, its interval, what it is compared with, what it rests on."""
    return [name for name in _VALUES if _moved(one[name], two[name])]


def _rows(frame: pd.DataFrame) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = frame.to_dict("records")  # type: ignore[assignment] # columns are texts
    return rows


def _numbered(rows: Iterable[Mapping[str, Any]]) -> _Rows:
    """Return findings by key and by their number among those of the same key: a finding may be recorded twice."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = {}
    for row in rows:
        key = tuple(_text(row[name]) for name in KEY)
        found[key, seen[key]] = row
        seen[key] += 1
    return found


def _pair_withheld(first: _Rows, second: _Rows) -> None:
    """Give a finding without a value the place of the same finding with one: what is withheld is compared with nothing."""
    at = KEY.index("comparator")

    def alone(rows: _Rows, others: _Rows, *, valued: bool) -> dict[tuple[Any, ...], list[Any]]:
        found: dict[tuple[Any, ...], list[Any]] = {}
        for place in sorted(rows.keys() - others.keys()):
            key, number = place
            if (number_in(rows[place]["value"]) is not None) == valued and (valued or not key[at]):
                found.setdefault((*key[:at], *key[at + 1 :], number), []).append(place)
        return found

    for rows, others in ((second, first), (first, second)):
        valued = alone(others, rows, valued=True)
        for key, [place, *_] in alone(rows, others, valued=False).items():
            if len(valued.get(key, ())) == 1:
                rows[valued[key][0]] = rows.pop(place)


def _class(one: Mapping[str, Any] | None, two: Mapping[str, Any] | None, before: Making, now: Making) -> str:
    if one is None or two is None:
        return "new" if one is None else "dropped"
    if moved_numbers(one, two):
        vintages, template = {_text(one["vintage"]), _text(two["vintage"])}, str(two["template"])
        data = len(vintages) > 1 or before.data(_text(one["source"])) != now.data(_text(two["source"]))
        both = number_in(one["value"]) is not None and number_in(two["value"]) is not None
        ways = {_text(one["method"]), _text(two["method"])} if both else set()  # no value has no method of its own
        method = len(ways) > 1 or before.method(template) != now.method(template)
        kinds = {(True, False): "revised", (False, True): "method", (True, True): "revised_and_method"}
        return kinds.get((data, method), "unexplained")
    return "status" if any(_text(one[name]) != _text(two[name]) for name in _STATUS) else "unchanged"


def _moved(before: object, after: object) -> bool:
    one, two = number_in(before), number_in(after)
    if one is None or two is None:
        return one is not two
    return abs(one - two) > _TOLERANCE * max(1.0, abs(one), abs(two))


def number_in(value: Any) -> float | None:
    """Return a number of a finding; what a table writes as NaN is none."""
    return None if value is None or value != value else float(value)


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
