"""The page of a diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from graftwork.architecture import Architecture
from graftwork.diagnosis import Diagnosis
from graftwork.report._html import write_html
from graftwork.report.conflicts import conflicts_section
from graftwork.report.findings import findings_section
from graftwork.report.need import need_section
from graftwork.report.parts import parts_section
from graftwork.report.provenance import provenance_section
from graftwork.report.redundancy import redundancy_section


def write_diagnosis(
    path: Path, architecture: Architecture, diagnosis: Diagnosis, facts: Mapping[str, str]
) -> None:
    """Write one self-contained HTML page about how good each part of a model is for each output.

    Args:
        path: The file; what it held is replaced.
        architecture: Of the model.
        diagnosis: Of the same model.
        facts: What was diagnosed, by name.

    Raises:
        InputError: It cannot be written there.
    """
    sections = [
        findings_section(diagnosis),
        need_section(architecture, diagnosis),
        redundancy_section(diagnosis),
        conflicts_section(diagnosis),
        parts_section(diagnosis),
        provenance_section(facts),
    ]
    lead = "How good each part of the model is, for each output."
    write_html(path, title="Graftwork: diagnosis", lead=lead, sections=sections)
