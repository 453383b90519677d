"""A model as files that answer without Graftwork: ONNX, or a program of PyTorch."""

from graftwork.export._check import CHECKED_ROWS
from graftwork.export._files import ENDINGS, check_format
from graftwork.export._ports import Port, feed, input_port
from graftwork.export.export import TOLERANCE, Exported, export_model

__all__ = [
    "CHECKED_ROWS",
    "ENDINGS",
    "TOLERANCE",
    "Exported",
    "Port",
    "check_format",
    "export_model",
    "feed",
    "input_port",
]
