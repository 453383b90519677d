"""Training by compiled code: engine.cpp, and what makes a program of a model for it."""

from graftwork.training.engines.native.engine import NativeEngine
from graftwork.training.engines.native.library import compiled_engine
from graftwork.training.engines.native.program import uncovered

__all__ = ["NativeEngine", "compiled_engine", "uncovered"]
