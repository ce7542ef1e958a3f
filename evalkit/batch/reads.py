"""What a task read: from the notebook that noted it, as the ledger keeps it.

In the ledger the reads of a task are texts: `@` and the fingerprint of the warehouse for which they hold, then for each question
the hash of its answer, a space and the question in canonical words. `?` and the hash of the plan say that not all is known. On the
way there, `=` and a name give the codes of a long list, which the ledger keeps once for all tasks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from evalkit.batch.past import CODES
from evalkit.model.run import TaskRecord
from evalkit.notebook.recording import CONTEXT, READS

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from evalkit.runs import Ledger


@dataclass(frozen=True)
class Reads:
    """The reads of a task: the warehouse for which they hold, the hash of the answer to each question.

    `only_under` is the hash of the plan under which it ran, when not all its reads are known.
    """

    fingerprint: str
    answers: dict[str, str]
    only_under: str | None = None


def reads_in(notebook: NotebookNode | None, fingerprint: str, plan_sha256: str) -> tuple[str, ...]:
    """Return what a notebook noted of its reads, in the order of the questions."""
    found = list(_payloads(notebook, READS))
    answers = {words: digest for payload in found for words, digest in payload["reads"]}
    lists = {name: codes for payload in found for name, codes in payload["lists"].items()}
    opened = sum(1 for _ in _payloads(notebook, CONTEXT))
    complete = bool(opened) and len({payload["log"] for payload in found}) == opened
    return (
        f"@{fingerprint}",
        *([] if complete else [f"?{plan_sha256}"]),
        *(f"={name} {json.dumps(codes, ensure_ascii=False)}" for name, codes in sorted(lists.items())),
        *(f"{digest} {words}" for words, digest in sorted(answers.items())),
    )


def _payloads(notebook: NotebookNode | None, mime: str) -> Iterator[Any]:
    for cell in [] if notebook is None else notebook.cells:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                yield output["data"][mime]


def parse_reads(texts: tuple[str, ...]) -> Reads:
    """Return the reads of a task of the ledger; a task of an older ledger has none that are known."""
    fingerprint = next((text[1:] for text in texts if text.startswith("@")), "")
    answers = {words: digest for digest, _, words in (text.partition(" ") for text in texts if text[:1] not in "@?=")}
    return Reads(fingerprint, answers, next((text[1:] for text in texts if text.startswith("?")), None))


def keep_lists(ledger: Ledger, record: TaskRecord) -> TaskRecord:
    """Move the lists of codes of a task into the ledger, once for all tasks, and return the record without them."""
    lists = [text for text in record.reads if text.startswith("=")]
    for text in lists:
        name, _, codes = text[1:].partition(" ")
        if ledger.meta(CODES + name) is None:
            ledger.set_meta(CODES + name, codes)
    return replace(record, reads=tuple(text for text in record.reads if not text.startswith("="))) if lists else record
