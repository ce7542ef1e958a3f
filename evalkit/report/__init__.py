"""Executed notebooks to pages for readers: reports, portfolio, the files of figures, and the check that a page is the right one."""

from evalkit.report.assets import asset_names, write_assets
from evalkit.report.context import RenderedReport, ReportContext, Verification
from evalkit.report.identity import canonical_hash, check_identity
from evalkit.report.portfolio import render_portfolio
from evalkit.report.portfolio_model import PortfolioColumn, PortfolioModel, PortfolioTask
from evalkit.report.renderer import ReportRenderer

__all__ = [
    "PortfolioColumn",
    "PortfolioModel",
    "PortfolioTask",
    "RenderedReport",
    "ReportContext",
    "ReportRenderer",
    "Verification",
    "asset_names",
    "canonical_hash",
    "check_identity",
    "render_portfolio",
    "write_assets",
]
