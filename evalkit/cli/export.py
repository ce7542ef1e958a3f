"""`evalkit export`: a run as tables, notes, PDF files, an archive or a research object."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.speaking import UiLang, say, show
from evalkit.runs import RunFolder
from evalkit.text import msg, nmsg


class ExportFormat(StrEnum):
    """The formats of an export, as they are written on the command line."""

    csv = "csv"
    xlsx = "xlsx"
    ods = "ods"
    docx = "docx"
    odt = "odt"
    pdf = "pdf"
    zip = "zip"
    ro_crate = "ro-crate"


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.")],
    ui_lang: UiLang,
    format: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="csv, xlsx, ods: the findings; docx, odt: a two-page note for each territory; pdf: its reports; "
            "zip: the pages; ro-crate: the pages with their provenance.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="PATH", help="The file, or the folder for several documents; it must not exist."),
    ],
    territory: Annotated[
        list[str] | None, typer.Option("--territory", metavar="CODE", help="Only this territory (repeat).")
    ] = None,
    template: Annotated[
        list[str] | None, typer.Option("--template", metavar="NAME", help="Only reports of this template (repeat).")
    ] = None,
    lang: Annotated[
        list[str] | None,
        typer.Option(
            "--lang",
            help="Only this language of the reports (repeat); by default the plan's first, all for zip and ro-crate.",
        ),
    ] = None,
    drafts: Annotated[
        bool,
        typer.Option(
            "--drafts",
            help="Also reports that reviewers have not accepted. Without a review nothing waits: all are exported.",
        ),
    ] = False,
) -> None:
    """Export the published reports of a run.

    Example: evalkit export runs/demo --format pdf --territory DX002016 --out DX002016.pdf
    """
    from evalkit.report.exports import Asked, export_run

    asked = Asked(tuple(territory or ()), tuple(template or ()), tuple(lang or ()))
    done = export_run(RunFolder(run), format.value, out, asked)
    show(done.problems, ui_lang, error=True)
    if drafts:
        say(
            msg("No review of this run: --drafts changes nothing, every published report is exported"),
            ui_lang,
            error=True,
        )
    say(nmsg("{n} file written: {out}", "{n} files written: {out}", done.files, out=str(done.out)), ui_lang)
