"""Executed notebooks to pages for readers: reports, portfolio, the files of figures, and the check that a page is the right one."""

from evalkit.report.assets import asset_names, write_assets
from evalkit.report.context import RenderedReport, ReportContext, Verification
from evalkit.report.identity import canonical_hash, check_identity
from evalkit.report.portfolio import render_portfolio
from evalkit.report.portfolio_model import PortfolioColumn, PortfolioModel, PortfolioPart, PortfolioTask
from evalkit.report.portfolio_parts import PARTS_FOLDER, portfolio_pages
from evalkit.report.renderer import ReportRenderer

__all__ = [
    "PARTS_FOLDER",
    "PortfolioColumn",
    "PortfolioModel",
    "PortfolioPart",
    "PortfolioTask",
    "RenderedReport",
    "ReportContext",
    "ReportRenderer",
    "Verification",
    "asset_names",
    "canonical_hash",
    "check_identity",
    "portfolio_pages",
    "render_portfolio",
    "write_assets",
]
