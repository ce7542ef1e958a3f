"""The run folder and its ledger: the one place that knows their layout, reader and writer."""

from evalkit.runs.findings import each_finding, gather_findings, read_findings, write_findings
from evalkit.runs.folder import RunFolder, list_runs
from evalkit.runs.ledger import Ledger
from evalkit.runs.manifest import Manifest, read_manifest, write_manifest
from evalkit.runs.remote import open_run

__all__ = [
    "Ledger",
    "Manifest",
    "RunFolder",
    "each_finding",
    "gather_findings",
    "list_runs",
    "open_run",
    "read_findings",
    "read_manifest",
    "write_findings",
    "write_manifest",
]
