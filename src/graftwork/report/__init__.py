"""Reports: one self-contained HTML file, made of sections."""

from graftwork.report._html import render_html, write_html
from graftwork.report.best import best_section
from graftwork.report.comparison import comparison_section
from graftwork.report.effects import effects_section
from graftwork.report.front import front_section
from graftwork.report.gather import write_demo_report, write_report
from graftwork.report.guidelines import guidelines_section
from graftwork.report.progress import progress_section
from graftwork.report.provenance import provenance_section
from graftwork.report.relevance import relevance_section
from graftwork.report.samples import samples_section
from graftwork.report.section import Section
from graftwork.report.skill import skill_section

__all__ = [
    "Section",
    "best_section",
    "comparison_section",
    "effects_section",
    "front_section",
    "guidelines_section",
    "progress_section",
    "provenance_section",
    "relevance_section",
    "render_html",
    "samples_section",
    "skill_section",
    "write_demo_report",
    "write_html",
    "write_report",
]
