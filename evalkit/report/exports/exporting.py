"""One export: choose, make, write; nothing is left half written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from evalkit.errors import Problem, RunError
from evalkit.report.exports import codes
from evalkit.report.exports.choice import Asked, Choice, choose
from evalkit.report.exports.writing import (
    Content,
    guarded,
    new_folder,
    require_free,
    write_archive,
    write_file,
    write_tree,
)
from evalkit.runs import RunFolder

Format = Literal["csv", "xlsx", "ods", "docx", "odt", "pdf", "zip", "ro-crate"]
FORMATS: tuple[Format, ...] = get_args(Format)
_DOCUMENTS = ("docx", "odt", "pdf")


@dataclass(frozen=True)
class Exported:
    """What was written: where, how many files at that place, and what readers should know."""

    out: Path
    files: int
    problems: tuple[Problem, ...] = ()


def export_run(folder: RunFolder, format: Format, out: Path, asked: Asked | None = None) -> Exported:
    """Write the chosen reports of a run in a format.

    Args:
        folder: the run.
        format: `csv`, `xlsx`, `ods` (findings), `docx`, `odt` (a note a territory), `pdf` (the reports of a territory), `zip`
            (the pages) or `ro-crate` (the pages with their provenance).
        out: the file, or the folder for several documents; it must not exist.
        asked: territories, templates and languages; all of them when not given. Formats other than `zip` and `ro-crate` are
            made in the first language of the plan unless languages are asked for.

    Returns:
        What was written, with a warning for what is not in it.

    Raises:
        RunError: the run, a territory, a template or a language is unknown, nothing is left to export, or `out` cannot be written.
    """
    choice = choose(folder, asked or Asked())
    require_free(out, folder)
    problems = _absent(choice)
    if format in ("zip", "ro-crate"):
        done = _export_site(choice, format, out)
    elif format in _DOCUMENTS:
        done = _export_documents(choice.first_language(), format, out)
    else:
        done = _export_table(choice.first_language(), format, out)
    return Exported(done.out, done.files, (*problems, *done.problems))


def _absent(choice: Choice) -> tuple[Problem, ...]:
    if not choice.absent:
        return ()
    return (Problem(codes.NO_REPORT_OF, {"codes": ", ".join(choice.absent)}),)


def _export_table(choice: Choice, format: Format, out: Path) -> Exported:
    if format == "csv":
        return _export_csv(choice, out)
    from evalkit.report.exports.book import build_book
    from evalkit.report.exports.ods import ods_bytes
    from evalkit.report.exports.xlsx import xlsx_bytes

    make = xlsx_bytes if format == "xlsx" else ods_bytes
    write_file(out, make(build_book(choice)))
    return Exported(out, 1)


def _export_csv(choice: Choice, out: Path) -> Exported:
    """Write the findings as one file, or, into a folder, with what their columns mean."""
    from evalkit.report.exports.findings import columns_csv, findings_csv

    if out.suffix == ".csv":
        write_file(out, findings_csv(choice))
        return Exported(out, 1)
    files = {"findings.csv": findings_csv(choice), "columns.csv": columns_csv(choice.languages[0])}
    with new_folder(out) as draft:
        write_tree(draft, files)
    return Exported(out, len(files))


def _export_documents(choice: Choice, format: Format, out: Path) -> Exported:
    wanted = len(choice.by_territory())
    if out.suffix != f".{format}":
        with new_folder(out) as draft:
            for lang, code, content in _documents(choice, format):
                write_tree(draft, {f"{code}.{lang}.{format}": content})
        return Exported(out, wanted)
    if wanted > 1:
        raise RunError.of(codes.MANY_DOCUMENTS, out=str(out), n=str(wanted), ending=format)
    for _, _, content in _documents(choice, format):
        write_file(out, content)
    return Exported(out, 1)


def _documents(choice: Choice, format: Format) -> Iterator[tuple[str, str, bytes]]:
    """Give (language, territory, content) of each document."""
    if format == "pdf":
        from evalkit.report.exports.pdf import pdf_documents

        yield from pdf_documents(choice)
        return
    from evalkit.report.exports.docx import docx_bytes
    from evalkit.report.exports.note import build_note
    from evalkit.report.exports.odt import odt_bytes
    from evalkit.report.exports.recorded import read_recorded

    make = docx_bytes if format == "docx" else odt_bytes
    for (lang, code), records in choice.by_territory().items():
        note = build_note(choice, [read_recorded(choice.folder, record) for record in records])
        yield lang, code, make(note)


def _export_site(choice: Choice, format: Format, out: Path) -> Exported:
    if format == "zip":
        from evalkit.report.exports.site import site_files

        files: Mapping[str, Content] = site_files(choice)
        problems: tuple[Problem, ...] = ()
    else:
        from evalkit.report.exports.crate import build_crate

        crate = build_crate(choice)
        files, problems = crate.files, crate.problems
    if format == "zip" or out.suffix == ".zip":
        with guarded(out):
            write_archive(out, files, choice.finished)
    else:
        with new_folder(out) as draft:
            write_tree(draft, files)
    return Exported(out, 1 if out.is_file() else len(files), problems)
