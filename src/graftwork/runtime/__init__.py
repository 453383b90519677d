"""Where work runs, by which seeds, within which budget. Knows nothing of models."""

from graftwork.runtime.budget import Budget
from graftwork.runtime.devices import usable_device
from graftwork.runtime.executor import Executor
from graftwork.runtime.inline import InlineExecutor
from graftwork.runtime.make import make_executor
from graftwork.runtime.processes import ProcessExecutor
from graftwork.runtime.seeds import generator, integer_seed, seed_sequence, torch_generator
from graftwork.runtime.threads import one_thread

__all__ = [
    "Budget",
    "Executor",
    "InlineExecutor",
    "ProcessExecutor",
    "generator",
    "integer_seed",
    "make_executor",
    "one_thread",
    "seed_sequence",
    "torch_generator",
    "usable_device",
]
