"""The command line."""

from graftwork.cli._main import main

__all__ = ["main"]
