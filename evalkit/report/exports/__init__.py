"""Exports of a run: tables, notes, PDF, archives, research objects; each from the same findings as the pages."""

from evalkit.report.exports.browser import find_browser
from evalkit.report.exports.choice import Asked
from evalkit.report.exports.exporting import FORMATS, Exported, Format, export_run

__all__ = ["FORMATS", "Asked", "Exported", "Format", "export_run", "find_browser"]
