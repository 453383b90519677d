"""A model as files that answer without Graftwork: ONNX, or a program of PyTorch."""

from graftwork.export._check import CHECKED_ROWS
from graftwork.export._files import ENDINGS, Format, named_format
from graftwork.export._ports import Port, feed, input_port
from graftwork.export.export import TOLERANCE, Exported, export_model

__all__ = [
    "CHECKED_ROWS",
    "ENDINGS",
    "TOLERANCE",
    "Exported",
    "Format",
    "Port",
    "export_model",
    "feed",
    "input_port",
    "named_format",
]
