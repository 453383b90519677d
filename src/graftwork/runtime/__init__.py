"""Where work runs, by which seeds, within which budget. Knows nothing of models."""

from graftwork.runtime.budget import Budget
from graftwork.runtime.devices import usable_device
from graftwork.runtime.executor import Executor, Reach
from graftwork.runtime.inline import InlineExecutor
from graftwork.runtime.limits import Limited, Limits, bytes_of, limited, limits_of
from graftwork.runtime.make import make_executor, used_executor
from graftwork.runtime.memory import is_out_of_memory
from graftwork.runtime.processes import ProcessExecutor
from graftwork.runtime.registry import executor_names, named_executor
from graftwork.runtime.seeds import generator, integer_seed, seed_sequence, torch_generator
from graftwork.runtime.threads import one_thread

__all__ = [
    "Budget",
    "Executor",
    "InlineExecutor",
    "Limited",
    "Limits",
    "ProcessExecutor",
    "Reach",
    "bytes_of",
    "executor_names",
    "generator",
    "integer_seed",
    "is_out_of_memory",
    "limited",
    "limits_of",
    "make_executor",
    "named_executor",
    "one_thread",
    "seed_sequence",
    "torch_generator",
    "usable_device",
    "used_executor",
]
