"""The run as a citable research object: RO-Crate 1.1, with the run as a process (Process Run Crate) and where its numbers come from."""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evalkit.errors import Problem
from evalkit.report.exports.choice import Choice
from evalkit.report.exports.codes import LEFT_OUT
from evalkit.report.exports.crateparts import Entity, data_entities, file_entity, organisation, places, software
from evalkit.report.exports.site import site_files
from evalkit.report.exports.writing import Content, read
from evalkit.text import msg

METADATA = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_PLAN = "plan/evaluation.yaml"
_SECRET = re.compile(
    r"(?i)(pass(word|wd|phrase)|mot[_ ]de[_ ]passe|secret[_-]?(access[_-]?)?key|access[_-]?key(_id)?|api[_-]?key|\btoken)\b"
    r"[\"']?\s*[:=]\s*[\"']?[^\s\"',}\])]|://[^/\s:@\"']+:[^/\s@\"']+@|\bAKIA[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY"
)


@dataclass(frozen=True)
class Crate:
    """The files of a crate by name, and what was left out of it."""

    files: Mapping[str, Content]
    problems: tuple[Problem, ...]


def build_crate(choice: Choice) -> Crate:
    """Return the crate of a choice: its published files, the plan and the templates as they were, and the metadata.

    A plan or a template that may hold a secret, or a template that holds results, is left out with a warning.
    """
    files, problems = dict(site_files(choice)), []
    for name, content in _inputs(choice):
        if line := risky_line(name, content):
            problems.append(Problem(LEFT_OUT, {"name": name, "line": str(line)}))
        else:
            files[name] = content
    metadata = json.dumps(_metadata(choice, files), ensure_ascii=False, indent=2, sort_keys=True)
    return Crate({**files, METADATA: metadata.encode() + b"\n"}, tuple(problems))


def _inputs(choice: Choice) -> Iterator[tuple[str, bytes]]:
    plan = choice.folder.plan_copy("evaluation.yaml")
    yield _PLAN, plan.read_bytes()
    for name in sorted({record.template for record in choice.records}):
        copy = choice.folder.plan_copy(f"templates/{name}.ipynb")
        if copy.is_file():
            yield f"templates/{name}.ipynb", copy.read_bytes()


def risky_line(name: str, content: bytes) -> int | None:
    """Return the first line that looks like a password, a key or a token, or like the result of a cell; None when there is none."""
    is_notebook = name.endswith(".ipynb")
    for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), 1):
        if _SECRET.search(line.replace('\\"', '"')) or (is_notebook and '"output_type"' in line):
            return number
    return None


def _metadata(choice: Choice, files: Mapping[str, Content]) -> dict[str, Any]:
    packed = [*_packed(choice, files)]
    data = data_entities(choice)
    tools = software(choice)
    publisher = organisation(choice)
    graph: list[Entity] = [
        {"@id": METADATA, "@type": "CreativeWork", "conformsTo": {"@id": SPECIFICATION}, "about": {"@id": "./"}},
        _root(choice, packed),
        _action(choice, packed, data),
        *packed,
        *data,
        *tools,
        *places(choice),
        publisher,
        {
            "@id": "#licence",
            "@type": "CreativeWork",
            "name": _licence(choice),
        },
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
    ]
    return {"@context": f"{SPECIFICATION}/context", "@graph": graph}


def _licence(choice: Choice) -> str:
    lang = choice.languages[0]
    data = ", ".join(sorted({str(row["licence"]) for row in choice.manifest.data}))
    return msg("Reports: the publisher states their licence. Data: {licences}.", licences=data).render(lang)


def _root(choice: Choice, packed: list[Entity]) -> Entity:
    plan, lang = choice.plan, choice.languages[0]
    title = plan.title.render(lang)
    text = msg("Findings of the run {run}", run=choice.manifest.run).render(lang)
    if choice.manifest.synthetic:
        text += ". " + msg("Fictitious data: they describe no real place.").render(lang)
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": text,
        "identifier": choice.manifest.run,
        "datePublished": choice.finished.isoformat(),
        "inLanguage": list(choice.languages),
        "license": {"@id": "#licence"},
        "publisher": {"@id": "#publisher"},
        "author": {"@id": "#publisher"},
        "conformsTo": {"@id": PROFILE},
        "hasPart": [{"@id": entity["@id"]} for entity in packed],
        "mentions": {"@id": "#run"},
        "spatialCoverage": [{"@id": f"#territory-{code}"} for code in choice.territories],
    }


def _action(choice: Choice, packed: list[Entity], data: list[Entity]) -> Entity:
    """Describe the run: which program, with what, gave what, when."""
    inputs = [e["@id"] for e in packed if str(e["@id"]).startswith(("plan/", "templates/"))]
    results = [e["@id"] for e in packed if e["@id"] not in inputs and not str(e["@id"]).startswith("assets/")]
    manifest = choice.manifest
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": msg(
            "Run {run} of the evaluation {evaluation}", run=manifest.run, evaluation=manifest.evaluation
        ).render(choice.languages[0]),
        "instrument": {"@id": "#evalkit"},
        "agent": {"@id": "#publisher"},
        "startTime": manifest.started,
        "endTime": manifest.finished,
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
        "object": [{"@id": name} for name in [*inputs, *(e["@id"] for e in data)]],
        "result": [{"@id": name} for name in results],
    }


def _packed(choice: Choice, files: Mapping[str, Content]) -> Iterator[Entity]:
    """Describe the files of the crate: each one, but for the folders of figures and of assets, which are one entity each."""
    folders = sorted({name.rpartition("/")[0] for name in files if _in_folder(name)})
    for folder in folders:
        yield {"@id": f"{folder}/", "@type": "Dataset", "name": folder.rpartition("/")[2]}
    reports = {choice.folder.report(r).relative_to(choice.folder.root).as_posix(): r for r in choice.records}
    for name, content in sorted(files.items()):
        if _in_folder(name):
            continue
        body = read(content)
        entity = file_entity(name, len(body), hashlib.sha256(body).hexdigest(), _kind(name))
        if record := reports.get(name):
            entity |= {
                "name": f"{record.territory}, {record.template}",
                "inLanguage": record.lang,
                "about": {"@id": f"#territory-{record.territory}"},
            }
        yield entity


def _in_folder(name: str) -> bool:
    return name.startswith("assets/") or (name.startswith("reports/") and name.count("/") > 3)


def _kind(name: str) -> str:
    own = {"ipynb": "application/x-ipynb+json", "parquet": "application/vnd.apache.parquet", "yaml": "application/yaml"}
    return own.get(name.rpartition(".")[2]) or mimetypes.guess_type(name)[0] or "application/octet-stream"
