"""Executed notebook in, report out: one nbconvert exporter with our own template, kept for all reports of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.model.figure import Figure
from evalkit.report.context import RenderedReport, ReportContext
from evalkit.report.figurefiles import figure_files
from evalkit.report.page import build_page
from evalkit.report.payloads import read_notebook
from evalkit.report.templating import TEMPLATE_NAME, TEMPLATES, prepare

if TYPE_CHECKING:
    from nbformat import NotebookNode


def _make_exporter() -> Any:
    """Build the exporter. `TemplateExporter` and not `HTMLExporter`: the latter parses and rewrites the finished page."""
    from jinja2 import Environment
    from nbconvert.exporters import TemplateExporter

    class ReportExporter(TemplateExporter):
        """nbconvert's exporter over the template `evalkit`, with every value escaped."""

        file_extension = ".html"
        output_mimetype = "text/html"

        def _create_environment(self) -> Environment:
            return prepare(super()._create_environment())  # type: ignore[no-untyped-call] # nbconvert is untyped here

    make: Any = ReportExporter
    return make(
        template_name=TEMPLATE_NAME,
        extra_template_basedirs=[str(TEMPLATES)],
        default_preprocessors=[],
    )


def _empty() -> NotebookNode:
    """The notebook that the exporter gets: the template reads the page alone, and copying and checking outputs takes long."""
    from nbformat.v4 import new_notebook

    empty: NotebookNode = new_notebook()
    return empty


class ReportRenderer:
    """Renders reports; make one per process and use it for every report."""

    def __init__(self) -> None:
        self._exporter = _make_exporter()

    def render(self, notebook: NotebookNode, context: ReportContext) -> RenderedReport:
        """Return the page and the figure files of an executed notebook.

        The bytes depend on the notebook and the context alone; the run and the time stand in one line marked `data-volatile`.
        Raises `RunError` when the notebook lacks its context or summary, a figure lacks its text alternative, a text holds an
        unknown placeholder, or anything in it could act or call out.
        """
        recorded = read_notebook(notebook, context.lang)
        page = build_page(recorded, context)
        html, _ = self._exporter.from_notebook_node(_empty(), resources={"page": page, "lang": context.lang})
        figures = [item for item in recorded.items if isinstance(item, Figure)]
        return RenderedReport(html.strip() + "\n", figure_files(figures, context.territory))
