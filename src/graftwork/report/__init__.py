"""Reports: one self-contained HTML file, made of sections."""

from graftwork.report._html import render_html, write_html
from graftwork.report.best import best_section
from graftwork.report.comparison import comparison_section
from graftwork.report.conflicts import conflicts_section
from graftwork.report.diagnosis import write_diagnosis
from graftwork.report.effects import effects_section
from graftwork.report.findings import findings_section
from graftwork.report.front import front_section
from graftwork.report.gather import write_demo_report, write_report
from graftwork.report.guidelines import guidelines_section
from graftwork.report.metrics import metrics_section
from graftwork.report.need import need_section
from graftwork.report.parts import parts_section
from graftwork.report.progress import progress_section
from graftwork.report.provenance import provenance_section
from graftwork.report.redundancy import redundancy_section
from graftwork.report.relevance import relevance_section
from graftwork.report.samples import samples_section
from graftwork.report.section import Section
from graftwork.report.skill import skill_section

__all__ = [
    "Section",
    "best_section",
    "comparison_section",
    "conflicts_section",
    "effects_section",
    "findings_section",
    "front_section",
    "guidelines_section",
    "metrics_section",
    "need_section",
    "parts_section",
    "progress_section",
    "provenance_section",
    "redundancy_section",
    "relevance_section",
    "render_html",
    "samples_section",
    "skill_section",
    "write_demo_report",
    "write_diagnosis",
    "write_html",
    "write_report",
]
