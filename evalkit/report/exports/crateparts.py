"""What a crate says of data, programs, places and people: entities of schema.org as RO-Crate uses them."""

from __future__ import annotations

from typing import Any

from evalkit.report.exports.choice import Choice
from evalkit.report.exports.recorded import territory_name

Entity = dict[str, Any]


def file_entity(name: str, size: int, sha256: str, kind: str) -> Entity:
    """Describe one file of the crate."""
    entity: Entity = {
        "@id": name,
        "@type": "File",
        "name": name,
        "contentSize": str(size),
        "encodingFormat": kind,
        "sha256": sha256,
    }
    if name.startswith("templates/"):
        entity["@type"] = ["File", "SoftwareSourceCode"]
        entity["programmingLanguage"] = "Python"
    return entity


def data_entities(choice: Choice) -> list[Entity]:
    """Describe each delivery of data that the run could read, with the hashes of its files; and the seed of its random draws."""
    lang = choice.languages[0]
    found: list[Entity] = []
    for row in sorted(choice.manifest.data, key=lambda row: (str(row["dataset"]), str(row.get("id")))):
        files = [f"{name} sha256:{sha}" for name, sha in row.get("files", ())]
        entity: Entity = {
            "@id": f"#data-{row['dataset']}-{row.get('id')}",
            "@type": "Dataset",
            "name": str(row.get(f"title_{lang}") or row["dataset"]),
            "alternateName": str(row["dataset"]),
            "version": str(row.get("vintage") or ""),
            "license": str(row.get("licence") or ""),
            "creditText": str(row.get("attribution") or row.get("producer") or ""),
            "identifier": files,
        }
        if row.get("landing_page"):
            entity["url"] = str(row["landing_page"])
        found.append({key: value for key, value in entity.items() if value not in ("", [])})
    seed = {"@id": "#seed", "@type": "PropertyValue", "name": "seed", "value": choice.manifest.seed}
    return [*found, seed]


def software(choice: Choice) -> list[Entity]:
    """Describe evalkit and the packages that it computed with, in their versions."""
    packages = sorted(choice.manifest.packages.items())
    evalkit: Entity = {
        "@id": "#evalkit",
        "@type": "SoftwareApplication",
        "name": "evalkit",
        "softwareVersion": choice.manifest.evalkit,
        "softwareRequirements": [{"@id": f"#package-{name}"} for name, _ in packages],
    }
    if choice.manifest.git_commit:
        evalkit["description"] = f"plan at commit {choice.manifest.git_commit}"
    return [
        evalkit,
        *(
            {"@id": f"#package-{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}
            for name, version in packages
        ),
    ]


def places(choice: Choice) -> list[Entity]:
    """Describe the territories by code and name."""
    names = {record.territory: territory_name(choice.folder, record) for record in choice.records}
    level = choice.plan.territories
    return [
        {
            "@id": f"#territory-{code}",
            "@type": "Place",
            "name": names[code] or code,
            "identifier": code,
            "description": f"{level.level}, {level.geography}",
        }
        for code in choice.territories
    ]


def organisation(choice: Choice) -> Entity:
    """Describe who publishes, and whom to write to when the plan says it; nobody else is named."""
    lang = choice.languages[0]
    entity: Entity = {
        "@id": "#publisher",
        "@type": "Organization",
        "name": choice.plan.publisher.render(lang) or choice.manifest.evaluation,
    }
    if choice.plan.contact:
        entity["contactPoint"] = choice.plan.contact
    return entity
