"""The operators, one file each."""

from graftwork.variation.operators.add_connection import AddConnection
from graftwork.variation.operators.bypass_network import BypassNetwork
from graftwork.variation.operators.clone_network import CloneNetwork
from graftwork.variation.operators.continue_training import ContinueTraining
from graftwork.variation.operators.delete_connection import DeleteConnection
from graftwork.variation.operators.divide_connection import DivideConnection
from graftwork.variation.operators.reinitialise_network import ReinitialiseNetwork

__all__ = [
    "AddConnection",
    "BypassNetwork",
    "CloneNetwork",
    "ContinueTraining",
    "DeleteConnection",
    "DivideConnection",
    "ReinitialiseNetwork",
]
