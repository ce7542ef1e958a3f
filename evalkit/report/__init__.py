"""Executed notebooks to pages for readers: reports, portfolio, the files of figures, and the check that a page is the right one."""

from evalkit.report.assets import asset_names, write_assets
from evalkit.report.changes import Change, Changes
from evalkit.report.context import RenderedReport, ReportContext, Verification
from evalkit.report.figurefiles import FIGURES_FOLDER, figure_files
from evalkit.report.identity import canonical_hash, check_identity
from evalkit.report.labels import method_label
from evalkit.report.portfolio import accessibility_name, render_accessibility, render_portfolio
from evalkit.report.portfolio_model import FINDINGS_USED, PortfolioColumn, PortfolioModel, PortfolioPart, PortfolioTask
from evalkit.report.portfolio_parts import PARTS_FOLDER, portfolio_pages
from evalkit.report.renderer import ReportRenderer
from evalkit.report.theme import PageTheme, Theme, load_theme

__all__ = [
    "FIGURES_FOLDER",
    "FINDINGS_USED",
    "PARTS_FOLDER",
    "Change",
    "Changes",
    "PageTheme",
    "PortfolioColumn",
    "PortfolioModel",
    "PortfolioPart",
    "PortfolioTask",
    "RenderedReport",
    "ReportContext",
    "ReportRenderer",
    "Theme",
    "Verification",
    "accessibility_name",
    "asset_names",
    "canonical_hash",
    "check_identity",
    "figure_files",
    "load_theme",
    "method_label",
    "portfolio_pages",
    "render_accessibility",
    "render_portfolio",
    "write_assets",
]
