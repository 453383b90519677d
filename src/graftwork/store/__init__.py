"""Where runs are kept: rows in a database, weights in files named by their content.

Knows nothing of models: a run is a kind, a spec, and entries with a key, a payload and weights.
"""

from graftwork.store._collect import Collected, collect
from graftwork.store._entry import Brief, Details, Entry, Evaluation, Figure, Milestone, Place, RecordEntry
from graftwork.store._store import Store
from graftwork.store._tensors import load_tensors, save_tensors
from graftwork.store._upgrade import upgrade

__all__ = [
    "Brief",
    "Collected",
    "Details",
    "Entry",
    "Evaluation",
    "Figure",
    "Milestone",
    "Place",
    "RecordEntry",
    "Store",
    "collect",
    "load_tensors",
    "save_tensors",
    "upgrade",
]
